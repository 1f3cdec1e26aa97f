"""Periods of business days: the presets, the state day, what a period is compared with, and its months.

People read and write both ends as inclusive; inside, a period is half-open. Quarters and years follow the fiscal year's first
month. A preset means its whole calendar unit, the days to come included: it is the state day that says how far it has come.
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, auto
from typing import NamedTuple, Self

from crm.errors import CrmError
from crm.vocabulary import N_

EARLIEST = date(1900, 1, 1)
LATEST = date(2199, 12, 31)
"""The last business day that a period may reach."""

ONE_DAY = timedelta(days=1)


class PeriodEndsBeforeItBegins(CrmError):
    """The two ends of a period are the wrong way round."""

    message = N_("The period ends ({last}) before it begins ({first}).")


class DayOutOfRange(CrmError):
    """A day that no business of ours can have: a typing mistake, such as the year 20225."""

    message = N_("{day} is not a possible day: it must lie between {earliest} and {latest}.")


class Preset(StrEnum):
    """The periods that have a name."""

    TODAY = auto()
    THIS_WEEK = auto()
    THIS_MONTH = auto()
    LAST_MONTH = auto()
    THIS_QUARTER = auto()
    LAST_QUARTER = auto()
    THIS_YEAR = auto()
    LAST_YEAR = auto()
    LAST_12_MONTHS = "last_12_months"
    ALL = auto()
    CUSTOM = auto()


class Compare(StrEnum):
    """What a period is held against."""

    PREVIOUS = auto()
    YEAR = auto()


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The business days from `start` until before `end`; never empty."""

    start: date
    end: date

    @classmethod
    def of(cls, first: date, last: date) -> Self:
        """The period of both ends inclusive."""
        for day in (first, last):
            if not EARLIEST <= day <= LATEST:
                raise DayOutOfRange(day=day, earliest=EARLIEST, latest=LATEST)
        return cls(first, last + ONE_DAY)

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise PeriodEndsBeforeItBegins(first=self.start, last=self.last)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - ONE_DAY

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end


class Window(NamedTuple):
    """What a report is compared with: deeds of the days of `period`, states at the end of `state_day`."""

    period: Period
    state_day: date


class MonthShare(NamedTuple):
    """How many of a month's days lie in a period; `month` is its first day."""

    month: date
    days: int
    of_days: int


class _Unit(NamedTuple):
    """A calendar unit: so many months or so many days."""

    months: int = 0
    days: int = 0


_UNITS: Mapping[Preset, _Unit] = {
    Preset.TODAY: _Unit(days=1),
    Preset.THIS_WEEK: _Unit(days=7),
    Preset.THIS_MONTH: _Unit(months=1),
    Preset.LAST_MONTH: _Unit(months=1),
    Preset.THIS_QUARTER: _Unit(months=3),
    Preset.LAST_QUARTER: _Unit(months=3),
    Preset.THIS_YEAR: _Unit(months=12),
    Preset.LAST_YEAR: _Unit(months=12),
    Preset.LAST_12_MONTHS: _Unit(months=12),
}
_BEFORE_THIS = {Preset.LAST_MONTH, Preset.LAST_QUARTER, Preset.LAST_YEAR}


def period_of(preset: Preset, today: date, first_month: int = 1) -> Period:
    """The period that `preset` names on `today`; the fiscal year begins with `first_month`.

    The last 12 months are whole calendar months, the present one included. A custom period has its ends instead (`Period.of`).
    """
    if preset is Preset.CUSTOM:
        raise ValueError("a custom period is named by its ends")
    if preset is Preset.ALL:
        return Period(EARLIEST, LATEST + ONE_DAY)
    unit = _UNITS[preset]
    if unit.days:
        start = today - timedelta(days=today.weekday()) if preset is Preset.THIS_WEEK else today
    elif preset is Preset.LAST_12_MONTHS:
        start = _shift(today.replace(day=1), _Unit(months=1 - unit.months))
    else:
        into_unit = (today.month - first_month) % unit.months
        start = _shift(today.replace(day=1), _Unit(months=-into_unit))
    if preset in _BEFORE_THIS:
        start = _shift(start, _back(unit))
    return Period.of(start, _shift(start, unit) - ONE_DAY)


def state_day(period: Period, as_of: date | None, today: date) -> date:
    """The day at whose end states are shown and up to which deeds count: `as_of` if set, else the earlier of last day and today."""
    return as_of or min(period.last, today)


def compared(preset: Preset, period: Period, mode: Compare, at: date) -> Window | None:
    """What `period`, seen at state day `at`, is compared with; None if it has nothing to be compared with.

    *Previous*: of a calendar preset the unit before, of an unfinished one up to the same day of it, clamped to its last day; of a
    custom period as many days just before it as it has had by `at`. *Year*: the same dates a year earlier, 29 February being
    the 28th. All time has none, nor has a period that has not begun, nor one whose counterpart lies before all business days.
    A state day after the period's end (an as-of day) moves by the same step, so that both are seen equally long afterwards.
    """
    if preset is Preset.ALL or at < period.start:
        return None
    seen = period if at >= period.last else Period.of(period.start, at)
    step = _Unit(months=-12) if mode is Compare.YEAR else _back(_unit(preset, seen))
    start, last = _shift(period.start, step), _shift(seen.last, step)
    if mode is Compare.PREVIOUS and seen == period:
        last = period.start - ONE_DAY
    if start < EARLIEST:
        return None
    return Window(Period.of(start, last), max(last, _shift(at, step)) if at > seen.last else last)


def last_periods(preset: Preset, period: Period, count: int = 12) -> list[Period]:
    """`period` and the ones before it, `count` in all and in order of time; each ends the day before the next begins.

    A calendar preset goes back by its unit, a custom period by its days. All time is one period; periods before all business
    days are left out.
    """
    if preset is Preset.ALL:
        return [period]
    periods = [period]
    while len(periods) < count:
        end = periods[0].start
        start = _shift(end, _back(_unit(preset, period)))
        if start < EARLIEST:
            break
        periods.insert(0, Period(start, end))
    return periods


def months_of(period: Period) -> list[MonthShare]:
    """The months that `period` touches, with the number of their days in it."""
    shares = []
    month = period.start.replace(day=1)
    while month < period.end:
        following = _shift(month, _Unit(months=1))
        days = (min(period.end, following) - max(period.start, month)).days
        shares.append(MonthShare(month, days, (following - month).days))
        month = following
    return shares


def _unit(preset: Preset, period: Period) -> _Unit:
    """The step from a period to the one before: the preset's calendar unit, else its number of days."""
    return _UNITS.get(preset) or _Unit(days=period.days)


def _back(unit: _Unit) -> _Unit:
    return _Unit(-unit.months, -unit.days)


def _shift(day: date, by: _Unit) -> date:
    """`day` moved by so many months (clamped to the last day of the month) or days."""
    if by.days:
        return date.fromordinal(max(1, day.toordinal() + by.days))
    year, month = divmod(day.year * 12 + day.month - 1 + by.months, 12)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
