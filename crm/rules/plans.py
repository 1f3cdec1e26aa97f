"""How an amount becomes instalments: in equal parts or by percentages, one every so many months; the parts sum to it exactly."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from crm import money
from crm.errors import CrmError
from crm.vocabulary import N_

MOST = 120
"""Parts of one plan: ten years, month by month."""


class PartsUnclear(CrmError):
    """Neither a number of parts nor percentages."""

    message = N_("“{value}” is neither a number of parts (up to {most}) nor percentages such as 30 60 10.")


class PercentagesDoNotSum(CrmError):
    """The parts make the whole."""

    message = N_("The percentages sum to {sum}, not to 100.")


class AmountTooSmall(CrmError):
    """Each instalment asks for money."""

    message = N_("{amount} can't be split into so many parts.")


def weights(text: str) -> list[Decimal]:
    """What a person wrote as parts: "3" is three equal ones, "30 60 10" or "30/60/10 %" are percentages."""
    said = [part for part in re.split(r"[\s,，、/;+%％]+", text) if part]
    try:
        numbers = [Decimal(part) for part in said]
    except InvalidOperation:
        raise PartsUnclear(value=text[:40], most=MOST) from None
    if not numbers or len(numbers) > MOST or not all(number.is_finite() and number > 0 for number in numbers):
        raise PartsUnclear(value=text[:40], most=MOST)
    if len(numbers) == 1:
        (count,) = numbers
        if count > MOST or count != int(count):
            raise PartsUnclear(value=text[:40], most=MOST)
        return [Decimal(1)] * int(count)
    if sum(numbers) != 100:
        raise PercentagesDoNotSum(sum=sum(numbers))
    return numbers


def split(amount: Decimal, parts: Sequence[Decimal], first: date, months: int) -> list[tuple[date, Decimal]]:
    """Due date and amount of each part, the first on `first`; a month that is too short is due on its last day."""
    amounts = money.apportion(amount, parts)
    if not all(amounts):
        raise AmountTooSmall(amount=amount)
    return [(later(first, number * months), part) for number, part in enumerate(amounts)]


def later(day: date, months: int) -> date:
    """The same day so many months later, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
