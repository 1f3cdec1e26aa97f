"""The days that a filter state means, and those it is compared with, from the words of the definitions.

Periods here are two inclusive days.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from crm.rules.periods import Compare, Preset

DAY = timedelta(days=1)
ALL = (date(1900, 1, 1), date(2199, 12, 31))


@dataclass(frozen=True)
class Window:
    """A period with the day whose end is looked at. `past`: only what was recorded by then is known."""

    first: date
    last: date
    state: date
    past: bool

    def holds(self, day: date) -> bool:
        """Whether a deed of that day counts."""
        return self.first <= day <= self.last and day <= self.state

    def sees(self, day: date, recorded_on: date) -> bool:
        """Whether a fact of that day is there at the end of the state day."""
        return (max(day, recorded_on) if self.past else day) <= self.state


def window(preset: Preset, custom: tuple[date, date] | None, as_of: date | None, today: date) -> Window:
    """The period of a preset, at its state day; the fiscal year is the calendar's."""
    first, last = custom or _unit(preset, today)
    return Window(first, last, as_of or min(last, today), as_of is not None)


def compared(preset: Preset, now: Window, mode: Compare) -> Window | None:
    """The window that a comparison reads; all time has none, and a day before the period has nothing to compare.

    States are those of its last day; where a past day after the period's end is looked at, of a day that is as much later.
    """
    if preset is Preset.ALL or now.state < now.first:
        return None
    reached = min(now.state, now.last)
    if mode is Compare.YEAR:
        first, last, state = (_year_before(day) for day in (now.first, reached, now.state))
    elif preset is Preset.CUSTOM:
        days = ((reached - now.first).days + 1) * DAY
        first, last, state = now.first - days, now.first - DAY, now.state - days
    else:
        first, last = _unit_before(preset, now.first)
        state = _same_day_of_it(first, now.first, now.state)
        last = min(last, state) if reached < now.last else last
    return Window(first, last, max(last, state) if now.state > now.last else last, now.past)


def _same_day_of_it(first: date, began: date, day: date) -> date:
    """As many months and days into a unit as `day` is into the one that began at `began`, clamped to the month's last day."""
    if (day - began).days < 7:
        return first + (day - began)
    month = _months(first.replace(day=1), (day.year - began.year) * 12 + day.month - began.month)
    return min(month.replace(day=1) + (day.day - 1) * DAY, end_of_month(month))


def _unit(preset: Preset, today: date) -> tuple[date, date]:
    month = today.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    match preset:
        case Preset.TODAY:
            return today, today
        case Preset.THIS_WEEK:
            monday = today - today.weekday() * DAY
            return monday, monday + 6 * DAY
        case Preset.THIS_MONTH:
            return month, _months(month, 1) - DAY
        case Preset.LAST_MONTH:
            return _months(month, -1), month - DAY
        case Preset.THIS_QUARTER:
            return quarter, _months(quarter, 3) - DAY
        case Preset.LAST_QUARTER:
            return _months(quarter, -3), quarter - DAY
        case Preset.THIS_YEAR:
            return date(today.year, 1, 1), date(today.year, 12, 31)
        case Preset.LAST_YEAR:
            return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
        case Preset.LAST_12_MONTHS:
            return _months(month, -11), _months(month, 1) - DAY
        case Preset.ALL:
            return ALL
        case _:
            raise AssertionError(preset)


def _unit_before(preset: Preset, first: date) -> tuple[date, date]:
    length = {Preset.TODAY: 1, Preset.THIS_WEEK: 7}.get(preset)
    if length:
        return first - length * DAY, first - DAY
    months = {Preset.THIS_MONTH: 1, Preset.LAST_MONTH: 1, Preset.THIS_QUARTER: 3, Preset.LAST_QUARTER: 3}.get(preset, 12)
    return _months(first, -months), first - DAY


def _months(first: date, by: int) -> date:
    """The first of the month `by` months later."""
    number = first.year * 12 + first.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))


def end_of_month(month: date) -> date:
    """The last day of the month that begins with that day."""
    return _months(month, 1) - DAY


def months_between(first: date, last: date) -> list[tuple[date, int, int]]:
    """The months of a period: first of the month, its days inside, its days in all."""
    found, month = [], first.replace(day=1)
    while month <= last:
        following = _months(month, 1)
        inside = (min(last, following - DAY) - max(first, month)).days + 1
        found.append((month, inside, (following - month).days))
        month = following
    return found
