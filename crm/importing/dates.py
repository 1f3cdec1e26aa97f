"""Days as files write them: 2026-03-05, 2026/3/5, 20260305, 2026年3月5日, 3/5/2026 or 5/3/2026, and a spreadsheet's serial numbers.

A year in front, or 年月日, needs no order. Day and month in front of the year do: the order is the layout's, or that of the whole
column if one of its dates settles it (`sniff_date_order`), and otherwise a question to a person; it is never guessed. Of a moment
the day is taken as it is written, whatever its time and zone.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from unicodedata import normalize

from crm.importing.cells import Cell, DateOrder
from crm.importing.faults import DateOrderUnknown, DayOutOfRange, NoSuchDay, NotADate, YearOfTwoDigits

FIRST, LAST = date(1950, 1, 1), date(2199, 12, 31)
"""What lies outside is no business date but a slip of the keyboard or a number that is no date."""

EPOCH = date(1899, 12, 30)
TIME = r"(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?)?"
YEAR_FIRST = re.compile(rf"(\d{{4}})(?:\s*[-/.]\s*|\s*年\s*)(\d{{1,2}})(?:\s*[-/.]\s*|\s*月\s*)(\d{{1,2}})\s*日?{TIME}", re.IGNORECASE)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
YEAR_LAST = re.compile(rf"(\d{{1,2}})\s*[-/.]\s*(\d{{1,2}})\s*[-/.]\s*(\d{{4}}){TIME}", re.IGNORECASE)
SHORT_YEAR = re.compile(rf"\d{{1,2}}\s*[-/.年]\s*\d{{1,2}}\s*[-/.月]\s*\d{{1,2}}\s*日?{TIME}", re.IGNORECASE)


def day(cell: Cell, order: DateOrder | None) -> date:
    """The day that `cell` names. Raises a `ValueFault`."""
    if isinstance(cell, datetime):
        return _within(cell.date())
    if isinstance(cell, date):
        return _within(cell)
    if isinstance(cell, str):
        return day_of_text(cell, order)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial(cell)
    raise NotADate()


@lru_cache(maxsize=20_000)
def day_of_text(text: str, order: DateOrder | None) -> date:
    """The day written in `text`; `order` is needed only where the year stands last."""
    plain = normalize("NFKC", text).strip()
    if found := YEAR_FIRST.fullmatch(plain) or COMPACT.fullmatch(plain):
        return _made(int(found[1]), int(found[2]), int(found[3]))
    if found := YEAR_LAST.fullmatch(plain):
        return _year_last(int(found[1]), int(found[2]), int(found[3]), order)
    raise YearOfTwoDigits() if SHORT_YEAR.fullmatch(plain) else NotADate()


def month_of_text(text: str) -> date:
    """The first day of the month written in `text`: 2026-03, 2026/3, 2026年3月, 202603, or any day of it with the year in front."""
    plain = normalize("NFKC", text).strip()
    if found := re.fullmatch(r"(\d{4})(?:\s*[-/.]\s*|\s*年\s*)(\d{1,2})\s*月?|(\d{4})(\d{2})", plain):
        return _made(int(found[1] or found[3]), int(found[2] or found[4]), 1)
    return day_of_text(plain, None).replace(day=1)


def month(cell: Cell, order: DateOrder | None) -> date:
    """The first day of the month that `cell` names. Raises a `ValueFault`."""
    if isinstance(cell, str) and not YEAR_LAST.fullmatch(cell.strip()):
        return month_of_text(cell)
    if isinstance(cell, int | float) and 190_001 <= cell <= 219_912 and float(cell).is_integer():
        return month_of_text(str(int(cell)))
    return day(cell, order).replace(day=1)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a column says: `order` is None where no date needs one, or where `ambiguous`, an example, can be read both ways."""

    order: DateOrder | None
    ambiguous: str = ""


def sniff_date_order(values: Iterable[Cell]) -> Sniffed:
    """The order in which a column writes day and month: a number above 12 settles it; two that contradict each other leave it ambiguous."""
    orders: set[DateOrder] = set()
    example = ""
    for value in values:
        found = YEAR_LAST.fullmatch(normalize("NFKC", value).strip()) if isinstance(value, str) else None
        if not found:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            orders.add(DateOrder.DMY)
        elif second > 12 >= first:
            orders.add(DateOrder.MDY)
        example = example or found[0]
        if len(orders) > 1:
            return Sniffed(None, found[0])
    if orders:
        return Sniffed(orders.pop())
    return Sniffed(None, example)


def _year_last(first: int, second: int, year: int, order: DateOrder | None) -> date:
    if order is DateOrder.MDY:
        return _made(year, first, second)
    if order is DateOrder.DMY:
        return _made(year, second, first)
    raise DateOrderUnknown()


def _made(year: int, month: int, day_: int) -> date:
    try:
        return _within(date(year, month, day_))
    except ValueError:
        raise NoSuchDay() from None


def _serial(number: float) -> date:
    """A spreadsheet's count of days; eight digits are a date written as a number."""
    if not number == number or abs(number) == float("inf"):
        raise NotADate()
    if 19_000_101 <= number <= 21_991_231:
        return day_of_text(str(int(number)), None)
    if not 1 <= number < 200_000:
        raise NotADate()
    return _within(EPOCH + timedelta(days=int(number)))


def _within(value: date) -> date:
    if not FIRST <= value <= LAST:
        raise DayOutOfRange(first=FIRST, last=LAST)
    return value
