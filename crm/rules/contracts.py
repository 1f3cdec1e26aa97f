"""Contracts: their states, and what must hold before one is completed or voided, a plan kept, money entered, or a month touched."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from crm.errors import CrmError
from crm.money import ZERO
from crm.rules.receivables import outstanding
from crm.vocabulary import N_, ContractStatus

MOVES: Mapping[ContractStatus, frozenset[ContractStatus]] = {
    ContractStatus.IN_PROGRESS: frozenset({ContractStatus.COMPLETED, ContractStatus.VOIDED}),
    ContractStatus.COMPLETED: frozenset(),
    ContractStatus.VOIDED: frozenset(),
}


class ContractCannotMove(CrmError):
    """The table has no such move (`status`, `to`: ContractStatus)."""

    message = N_("A contract that is “{status}” can't become “{to}”.")


class SomethingOutstanding(CrmError):
    """A contract is completed only when everything has been received."""

    message = N_("{outstanding} of this contract is still outstanding; it can't be completed.")


class MoneyReceived(CrmError):
    """A contract is voided only when nothing of its money is with us."""

    message = N_("{received} has been received for this contract; refund it before voiding.")


class PlanDoesNotSum(CrmError):
    """The instalments must sum to the contract's amount; `difference` is what they lack (negative: have too much)."""

    message = N_("The instalments sum to {planned}, the contract's amount is {amount}: the difference is {difference}.")


class InstalmentNotPositive(CrmError):
    """An instalment asks for money; one of zero or less has no meaning."""

    message = N_("Instalment {no} must have an amount above zero.")


class InstalmentNamedTwice(CrmError):
    """Numbers name instalments across the versions of a plan."""

    message = N_("There are two instalments with the number {no}.")


class MoreThanOutstanding(CrmError):
    """A receipt above the outstanding sum counts only when finance confirms it as a prepayment."""

    message = N_("{amount} is more than the {outstanding} outstanding; finance must confirm the rest as a prepayment.")


class RefundMoreThanReceived(CrmError):
    """Nobody gives back what has not come in."""

    message = N_("A refund of {amount} is more than the {received} received.")


class NothingReceived(CrmError):
    """A receipt of zero is a mistake in typing."""

    message = N_("A receipt or refund can't be zero.")


class MonthIsClosed(CrmError):
    """Finance has closed the month of this day."""

    message = N_("The month of {day} has been closed by finance; nothing dated in it can change.")


def check_move(status: ContractStatus, to: ContractStatus) -> None:
    """Refuse a move that the table does not have."""
    if to not in MOVES[status]:
        raise ContractCannotMove(status=status, to=to)


def check_complete(status: ContractStatus, amount: Decimal, received: Decimal) -> None:
    """Refuse to complete a contract with something outstanding."""
    check_move(status, ContractStatus.COMPLETED)
    if outstanding(amount, received):
        raise SomethingOutstanding(outstanding=outstanding(amount, received))


def check_void(status: ContractStatus, received: Decimal) -> None:
    """Refuse to void a contract whose net receipts are not zero."""
    check_move(status, ContractStatus.VOIDED)
    if received:
        raise MoneyReceived(received=received)


def check_plan(instalments: Sequence[tuple[int, Decimal]], amount: Decimal) -> None:
    """Refuse a plan (number and amount of each instalment) that does not sum to the contract's amount."""
    numbers: set[int] = set()
    for no, part in instalments:
        if part <= 0:
            raise InstalmentNotPositive(no=no)
        if no in numbers:
            raise InstalmentNamedTwice(no=no)
        numbers.add(no)
    planned = sum((part for _, part in instalments), ZERO)
    if planned != amount:
        raise PlanDoesNotSum(planned=planned, amount=amount, difference=amount - planned)


def check_receipt(receipt: Decimal, amount: Decimal, received: Decimal, *, is_prepayment: bool) -> None:
    """Refuse a receipt (or refund, negative) that the contract of `amount`, with `received` so far, can't take."""
    if not receipt:
        raise NothingReceived()
    if receipt < 0 and -receipt > received:
        raise RefundMoreThanReceived(amount=-receipt, received=received)
    if receipt > outstanding(amount, received) and not is_prepayment:
        raise MoreThanOutstanding(amount=receipt, outstanding=outstanding(amount, received))


def check_month_open(day: date, closed_months: Collection[date]) -> None:
    """Refuse a change dated in a month that finance has closed (`closed_months`: their first days)."""
    if day.replace(day=1) in closed_months:
        raise MonthIsClosed(day=day)
