"""Money that comes in for a contract: receipts 收款记录, refunds, and the cancelling of what was mistyped. What goes out is in `costs`."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.errors import CrmError
from crm.models import Contract, Receipt, ReceiptInstalment
from crm.money import ZERO
from crm.rules import contracts as rules
from crm.rules.receivables import outstanding
from crm.scope import Actor
from crm.services import months, notices
from crm.services.contracts import AlreadyCancelled, CancelEntry, ContractIsClosed, check_not_voided, dated, touch
from crm.services.input_faults import NotAChoice
from crm.services.input_types import Day, OptionalReason, Position, PositiveAmount, Reason
from crm.services.inputs import Control, Faults, Input, field
from crm.services.payment_plans import MOST_INSTALMENTS, NoSuchInstalment, current_plan
from crm.services.reach import find_to
from crm.vocabulary import N_, ContractStatus, Kind, PaymentMethod, Permission


class GivenBack(CrmError):
    """More was refunded than would be left without the receipt."""

    message = N_("This money was refunded, at least in part; cancel the refund first.")


class Receive(Input):
    """Money that came in, and the instalments it is meant for."""

    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    received_on: Annotated[Day, field(N_("Received on"), Control.DAY)]
    method: Annotated[PaymentMethod, field(N_("Payment method"), Control.CHOICE)] = PaymentMethod.TRANSFER
    instalments: Annotated[
        Annotated[tuple[Position, ...], Field(max_length=MOST_INSTALMENTS)], field(N_("Instalments"), Control.CHOICES, offers="instalments")
    ] = ()
    is_prepayment: Annotated[bool, field(N_("Confirmed as a prepayment"), Control.CHECK, hint=N_("For more than what is outstanding."))] = (
        False
    )
    note: Annotated[OptionalReason, field(N_("Note"), Control.AREA)] = ""


class Refund(Input):
    """Money that was given back, and why."""

    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    refunded_on: Annotated[Day, field(N_("Refunded on"), Control.DAY)]
    method: Annotated[PaymentMethod, field(N_("Payment method"), Control.CHOICE)] = PaymentMethod.TRANSFER
    instalments: Annotated[
        Annotated[tuple[Position, ...], Field(max_length=MOST_INSTALMENTS)], field(N_("Instalments"), Control.CHOICES, offers="instalments")
    ] = ()
    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]


def receive(session: Session, actor: Actor, contract_id: int, values: Receive, *, today: date) -> Receipt:
    """Keep money that came in. More than the outstanding sum must be confirmed as a prepayment."""
    contract = find_to(session, actor, Permission.CREATE, Kind.RECEIPT, Contract, contract_id)
    check_not_voided(contract)
    faults = dated(session, "received_on", values.received_on, today)
    with faults.against("amount"):
        rules.check_receipt(values.amount, contract.amount, received(session, contract.id), is_prepayment=values.is_prepayment)
    _check_named(session, contract, values.instalments, faults)
    faults.raise_any()
    receipt = Receipt(
        contract_id=contract.id, received_on=values.received_on, recorded_on=today, amount=values.amount, method=values.method,
        note=values.note, is_prepayment=values.is_prepayment, created_at=clock.now(), created_by_id=actor.user_id,
        named=[ReceiptInstalment(no=no, contract_id=contract.id) for no in sorted(values.instalments)],
    )  # fmt: skip
    return _keep(session, actor, contract, receipt)


def refund(session: Session, actor: Actor, contract_id: int, values: Refund, *, today: date) -> Receipt:
    """Keep money that was given back, as a receipt below zero; never more than was received."""
    contract = find_to(session, actor, Permission.CREATE, Kind.RECEIPT, Contract, contract_id)
    check_not_voided(contract)
    faults = dated(session, "refunded_on", values.refunded_on, today)
    with faults.against("amount"):
        so_far = received(session, contract.id)
        rules.check_receipt(-values.amount, contract.amount, so_far, is_prepayment=False)
        _check_stays_complete(contract, so_far - values.amount)
    _check_named(session, contract, values.instalments, faults)
    faults.raise_any()
    receipt = Receipt(
        contract_id=contract.id, received_on=values.refunded_on, recorded_on=today, amount=-values.amount, method=values.method,
        note=values.reason, created_at=clock.now(), created_by_id=actor.user_id,
        named=[ReceiptInstalment(no=no, contract_id=contract.id) for no in sorted(values.instalments)],
    )  # fmt: skip
    return _keep(session, actor, contract, receipt)


def cancel(session: Session, actor: Actor, receipt_id: int, values: CancelEntry, *, today: date) -> Receipt:
    """Let a mistyped receipt count no longer, from today on. It stays, with the reason."""
    receipt = find_to(session, actor, Permission.CANCEL, Kind.RECEIPT, Receipt, receipt_id)
    if receipt.cancelled_on:
        raise AlreadyCancelled()
    contract = session.get_one(Contract, receipt.contract_id)
    check_not_voided(contract)
    months.check_open(session, receipt.received_on)
    left = received(session, contract.id) - receipt.amount
    if left < 0:
        raise GivenBack()
    _check_stays_complete(contract, left)
    with audit.changing(session, actor, receipt):
        receipt.cancelled_on, receipt.cancelled_by_id, receipt.cancel_reason = today, actor.user_id, values.reason
    touch(session, contract)
    return receipt


def received(session: Session, contract_id: int) -> Decimal:
    """What has come in for a contract, refunds taken off, cancelled receipts left out."""
    counted = select(func.sum(Receipt.amount)).where(Receipt.contract_id == contract_id, Receipt.cancelled_on.is_(None))
    return session.scalar(counted) or ZERO


def _check_named(session: Session, contract: Contract, numbers: Sequence[int], faults: Faults) -> None:
    plan = current_plan(session, contract.id)
    known = {instalment.no for instalment in plan.instalments} if plan else set()
    for no in numbers:
        if no not in known:
            faults.add("instalments", NoSuchInstalment(no=no))
    if len(set(numbers)) != len(numbers):
        faults.add("instalments", NotAChoice())


def _check_stays_complete(contract: Contract, left: Decimal) -> None:
    """A completed contract is one of which nothing is outstanding; it stays so."""
    if contract.status is ContractStatus.COMPLETED and outstanding(contract.amount, left):
        raise ContractIsClosed(status=contract.status)


def _keep(session: Session, actor: Actor, contract: Contract, receipt: Receipt) -> Receipt:
    session.add(receipt)
    audit.created(session, actor, receipt, "named")
    touch(session, contract)
    message = (
        N_("{by} recorded a receipt for the contract {number}.")
        if receipt.amount > 0
        else N_("{by} recorded a refund for the contract {number}.")
    )
    notices.tell(session, contract.owner_id, message, contract, contract.id, by=actor, number=contract.number)
    return receipt
