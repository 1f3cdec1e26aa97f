"""Exact money: amounts are `Decimal` with two places, and sums of parts equal the whole to the cent.

Rounding is half-up, away from zero, as on paper. Inside, everything is computed in whole cents or whole fractions, so that no
intermediate result is ever rounded. Operational databases store cents as integers.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import lcm

from crm.errors import CrmError
from crm.vocabulary import N_

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
LARGEST = Decimal("9999999999999.99")
"""No single amount is larger, in either direction: a million of them still sum within the databases' columns."""

RATE_PLACES = 6


class NotAnAmount(CrmError):
    """Text that is no number, or NaN, or infinite."""

    message = N_("“{value}” is not an amount.")


class AmountTooLarge(CrmError):
    """Beyond `LARGEST`, exponents such as 1e99 included."""

    message = N_("The amount {value} is too large; the most is {largest}.")


class AmountTooFine(CrmError):
    """A person wrote fractions of a cent; rounding them silently would change what was written."""

    message = N_("The amount {value} is finer than one cent.")


def _finite(value: Decimal | int | str) -> Decimal:
    """`value` as a number that can be computed with, or the error that says why not."""
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError):
        raise NotAnAmount(value=_short(value)) from None
    if not amount.is_finite():
        raise NotAnAmount(value=_short(value))
    if amount and (amount.adjusted() > LARGEST.adjusted() or abs(amount) > LARGEST):
        raise AmountTooLarge(value=_short(value), largest=LARGEST)
    return amount


def _short(value: Decimal | int | str) -> str:
    """`value` for a sentence: an amount of 100 kB would be a page of digits."""
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def money(value: Decimal | int | str) -> Decimal:
    """`value` as an amount with exactly two places, half-up. For computed values; `exact_money` is for what a person wrote."""
    return _finite(value).quantize(CENT, ROUND_HALF_UP) or ZERO


def exact_money(value: Decimal | int | str) -> Decimal:
    """`value` as an amount with exactly two places, refused (`AmountTooFine`) if that would change it."""
    amount = money(value)
    if amount != Decimal(value):
        raise AmountTooFine(value=_short(value))
    return amount


def cents(amount: Decimal) -> int:
    """`amount` in whole cents; `AmountTooFine` if it has fractions of one."""
    whole = int(amount * 100)
    if whole != amount * 100:
        raise AmountTooFine(value=_short(amount))
    return whole


def from_cents(whole: int) -> Decimal:
    """The amount of `whole` cents, with two places."""
    return Decimal(whole).scaleb(-2)


def half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to `numerator` / `denominator`, halves away from zero; `denominator` is positive."""
    nearest = (2 * abs(numerator) + denominator) // (2 * denominator)
    return nearest if numerator >= 0 else -nearest


def apportion(total: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """`total` in parts proportional to `weights`, in their order; the parts sum to `total` exactly.

    Largest remainder: each part is rounded down to the cent, and the cents left go to the largest remainders, the earlier
    first. Weights are not negative; if all are zero, they count as equal. No weights, no parts.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    if not weights:
        return []
    shares = _integers(weights) if any(weights) else [1] * len(weights)
    whole, sign = abs(cents(total)), -1 if total < 0 else 1
    quotients = [divmod(whole * share, sum(shares)) for share in shares]
    parts = [quotient for quotient, _ in quotients]
    by_remainder = sorted(range(len(parts)), key=lambda i: -quotients[i][1])
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return [from_cents(sign * part) for part in parts]


def _integers(weights: Sequence[Decimal | int]) -> list[int]:
    """Whole numbers in the same proportion as `weights`."""
    fractions = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(denominator for _, denominator in fractions))
    return [numerator * (common // denominator) for numerator, denominator in fractions]


def split_evenly(total: Decimal, n: int) -> list[Decimal]:
    """`total` in `n` parts that differ by a cent at most, the larger first; they sum to `total` exactly."""
    return apportion(total, [1] * n)


def percent_of(amount: Decimal, percent: Decimal | int) -> Decimal:
    """`percent` % of `amount`, half-up to the cent: 30 means thirty hundredths."""
    numerator, denominator = percent.as_integer_ratio()
    return from_cents(half_up(cents(amount) * numerator, 100 * denominator))


def prorate(amount: Decimal, days: int, of_days: int) -> Decimal:
    """The share of `amount` that falls on `days` of its `of_days` days, half-up to the cent."""
    return from_cents(half_up(cents(amount) * days, of_days))


def ratio(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """`part` / `whole` with six places, half-up; None where `whole` is zero."""
    if whole == 0:
        return None
    if whole < 0:
        part, whole = -part, -whole
    # Exact: of sums of a million amounts, each up to LARGEST, no step has more digits than Decimal carries.
    millionths = (abs(part) * (2 * 10**RATE_PLACES) + whole) // (2 * whole)
    return Decimal(-millionths if part < 0 else millionths).scaleb(-RATE_PLACES)
