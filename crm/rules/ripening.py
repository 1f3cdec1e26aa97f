"""When a cohort of leads can be judged: until then some of those that will convert have not had the time.

It is ripe on its last day of arrival plus the days within which 90 % of past conversions came, counted from each lead's arrival.
"""

from collections.abc import Mapping
from datetime import date, timedelta

RIPE = 90
"""Percent of the past conversions that would have happened."""


def within(conversions: Mapping[int, int], percent: int = RIPE) -> int | None:
    """The fewest days within which at least so many percent of the conversions came, by nearest rank; None without any.

    `conversions`: how many came after so many days.
    """
    rank, reached = -(-sum(conversions.values()) * percent // 100), 0
    for days in sorted(conversions):
        reached += conversions[days]
        if reached >= rank > 0:
            return days
    return None


def ripe_on(month: date, last: date, days: int) -> date:
    """The day on which the leads that arrived in `month`, none of them after `last`, can be judged."""
    following = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return min(following - timedelta(days=1), last) + timedelta(days=days)
