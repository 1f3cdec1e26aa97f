"""What is owed: outstanding and prepaid sums of a contract, and of its instalments what is due, late and how old.

Sums are generic over whole cents and `Decimal`: what goes in comes out. *Due* is on or before a day, *overdue* before it.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from crm.vocabulary import InstalmentPhase

Amount = TypeVar("Amount", int, Decimal)


class Ageing(StrEnum):
    """Overdue money by days past due; the values are the measures' keys."""

    UP_TO_30 = "ageing_1_30"
    UP_TO_60 = "ageing_31_60"
    UP_TO_90 = "ageing_61_90"
    OVER_90 = "ageing_over_90"


LAST_DAY: Mapping[Ageing, int] = {Ageing.UP_TO_30: 30, Ageing.UP_TO_60: 60, Ageing.UP_TO_90: 90}
"""The last day past due that belongs to each bucket; what is older is over 90."""


def outstanding(amount: Amount, received: Amount) -> Amount:
    """What of a contract's amount is still to come, not below zero."""
    return amount - received if received < amount else amount - amount


def prepaid(amount: Amount, received: Amount) -> Amount:
    """What was received beyond the contract's amount, not below zero."""
    return outstanding(received, amount)


def bucket(days_past_due: int) -> Ageing | None:
    """The ageing bucket of money so many days past due; None while it is not overdue."""
    if days_past_due < 1:
        return None
    return next((ageing for ageing, last in LAST_DAY.items() if days_past_due <= last), Ageing.OVER_90)


def aged(open_parts: Iterable[tuple[date, Amount]], day: date, zero: Amount) -> dict[Ageing, Amount]:
    """Unpaid parts of instalments (due date, amount) by age at the end of `day`; together they are what is overdue."""
    sums = dict.fromkeys(Ageing, zero)
    for due_on, amount in open_parts:
        age = bucket((day - due_on).days)
        if age is not None:
            sums[age] += amount
    return sums


def days_late(due_on: date, met_on: date | None, day: date) -> int:
    """Days from the due date to the day the instalment was fully met, or else to `day`; 0 if not late."""
    settled = met_on if met_on is not None and met_on <= day else day
    return max((settled - due_on).days, 0)


def phase(due_on: date, amount: Amount, met: Amount, day: date) -> InstalmentPhase:
    """How an instalment of `amount`, met so far by `met`, stands at the end of `day`."""
    if met >= amount:
        return InstalmentPhase.PAID
    if due_on < day:
        return InstalmentPhase.OVERDUE
    if due_on == day:
        return InstalmentPhase.DUE
    return InstalmentPhase.PARTLY if met > 0 else InstalmentPhase.FUTURE
