"""The days of the demo company: which are worked, when business is brisk, and the hours of an act.

A day is its number since 1970-01-01, an instant the seconds since then in UTC. The company works from nine to six in Shanghai,
which is one to ten in UTC: business date and UTC date of an act agree.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from crm.bulk import DAY_SECONDS
from crm.demo.dice import Floats, Generator, Ints

NEVER = -1
FAR = 60_000
"""A day beyond every other (in the year 2134): for what has not ended."""

YEARS = 6
GROWTH = 1.22
"""From one year to the next."""

SEASON = (0.92, 0.62, 1.15, 1.10, 1.05, 1.08, 0.90, 0.88, 1.10, 0.98, 1.10, 1.02)
WEEK = (1.10, 1.15, 1.10, 1.05, 0.95, 0.12, 0.06)
SPRING_FESTIVAL = (
    "2015-02-19", "2016-02-08", "2017-01-28", "2018-02-16", "2019-02-05", "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22",
    "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2031-01-23", "2032-02-11",
    "2033-01-31", "2034-02-19", "2035-02-08", "2036-01-28", "2037-02-15", "2038-02-04", "2039-01-24", "2040-02-12",
)  # fmt: skip
FESTIVAL_DIP = {
    -9: 0.7,
    -8: 0.6,
    -7: 0.5,
    -6: 0.4,
    -5: 0.3,
    -4: 0.2,
    -3: 0.15,
    **dict.fromkeys(range(-2, 8), 0.04),
    8: 0.3,
    9: 0.5,
    10: 0.7,
}

OPENING = 3600
"""Nine o'clock in Shanghai, in seconds of the UTC day."""


def number(day: date) -> int:
    """The day's number."""
    return (day - date(1970, 1, 1)).days


def day(number: int) -> date:
    """The day of a number."""
    return date(1970, 1, 1) + timedelta(days=int(number))


def weekday(days: Ints) -> Ints:
    """Monday is 0."""
    return (days + 3) % 7


@dataclass(frozen=True)
class Calendar:
    """The days from `first` to `today`, both inclusive."""

    first: int
    today: int

    @classmethod
    def until(cls, today: date) -> "Calendar":
        """The six years that end today."""
        first = today.replace(year=today.year - YEARS, day=min(today.day, 28))
        return cls(number(first), number(today))

    @property
    def days(self) -> Ints:
        return np.arange(self.first, self.today + 1)

    def brisk(self) -> Floats:
        """How much business each day brings: growth, season, week, holidays."""
        days = self.days
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        growth = np.exp(np.log(GROWTH) * (days - self.first) / 365.25)
        weights: Floats = growth * np.array(SEASON)[months % 12] * np.array(WEEK)[weekday(days)]
        for festival in SPRING_FESTIVAL:
            for offset, dip in FESTIVAL_DIP.items():
                weights[days == number(date.fromisoformat(festival)) + offset] *= dip
        in_month = days - months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        golden = ((months % 12 == 9) & (in_month < 7)) | ((months % 12 == 4) & (in_month < 3))
        weights[golden] *= 0.1
        return weights

    def month_starts(self) -> Ints:
        """The first days of all months touched, and of the one after."""
        span = np.arange(day(self.first).strftime("%Y-%m"), day(self.today).strftime("%Y-%m"), dtype="datetime64[M]")
        starts: Ints = np.r_[span, span[-1] + 1, span[-1] + 2].astype("datetime64[D]").astype(np.int64)
        return starts

    def month_of(self, days: Ints) -> Ints:
        """The position of each day's month in `month_starts`."""
        return np.searchsorted(self.month_starts(), days, side="right") - 1


def workday(days: Ints) -> Ints:
    """The day itself, or the Monday after where it falls on a weekend."""
    ahead = 7 - weekday(days)
    return np.where(ahead <= 2, days + ahead, days)


def quarter_end(days: Ints) -> Ints:
    """The last day of each day's quarter."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    following = (months // 3 + 1) * 3
    return following.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1


def instants(days: Ints, order: Ints, salt: Ints) -> Ints:
    """An instant within the working hours of each day; on one day a higher `order` (up to 30) comes later for the same `salt`."""
    morning = (salt * 7919 + days * 104_729) % 14_400
    return np.where(days < 0, NEVER, days * DAY_SECONDS + OPENING + morning + order * 480 + (salt * 31 + order * 17 + days) % 480)


def hours(rng: Generator, days: Ints) -> Ints:
    """Any instant within the working hours of each day; none for a day that never was."""
    return np.where(days < 0, NEVER, days * DAY_SECONDS + OPENING + rng.integers(0, 32_400, len(days)))
