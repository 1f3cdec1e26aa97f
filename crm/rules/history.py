"""An opportunity's history as intervals of days in which it stood open, so that *open as of a day* is a filter.

Changes are applied in the order in which they were made (`seq`). One that takes effect on a day replaces whatever earlier ones
said from that day on, also when it is dated back (a contract signed with an earlier date); of one day the last word counts.
So a change survives if no later one takes effect on its day or before, and it holds until the first day on which a later one
does: in SQL, `min(on) over (partition by opportunity order by seq rows between 1 following and unbounded following)`.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from crm.vocabulary import OpportunityStatus


class Change(NamedTuple):
    """How an opportunity stood after one change, which takes effect on day `on`; the amount in whole cents, None if unknown."""

    seq: int
    on: date
    status: OpportunityStatus
    stage_id: int
    owner_id: int | None
    team_id: int | None
    amount: int | None
    expected_close_on: date | None


class OpenInterval(NamedTuple):
    """An opportunity was *following*, as `change` left it, at the end of each day from `valid_from` until before `valid_to`."""

    valid_from: date
    valid_to: date | None
    change: Change


def standing(changes: Iterable[Change]) -> list[tuple[date, date | None, Change]]:
    """The changes that survive, in order of time, each with its first day and the day on which the next takes over (None: none)."""
    survivors: list[tuple[date, date | None, Change]] = []
    horizon: date | None = None
    for change in sorted(changes, reverse=True):
        if horizon is None or change.on < horizon:
            survivors.append((change.on, horizon, change))
            horizon = change.on
    return survivors[::-1]


def open_intervals(changes: Iterable[Change]) -> list[OpenInterval]:
    """The intervals in which the opportunity stood open, in order of time: one for each surviving change, also where two agree."""
    return [OpenInterval(*span) for span in standing(changes) if span[2].status is OpportunityStatus.FOLLOWING]
