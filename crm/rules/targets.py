"""Sales targets: which target records a unit's figure is made of, and what of them falls on a period.

A unit without an own figure for a month has the sum of its parts for that month: a team its reps', the company its teams' (each with
its own figure or the sum of its reps'). A rep's target keeps the team that it was set in.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from crm.money import ZERO, prorate
from crm.rules.periods import Period, months_of
from crm.vocabulary import TargetUnit


class Target(NamedTuple):
    """A target record: the amount set for a month (its first day) and the company, a team, or a rep within a team."""

    month: date
    unit: TargetUnit
    team_id: int | None
    rep_id: int | None
    amount: Decimal


Unit = tuple[TargetUnit, int | None]
"""The company (without an id), a team or a rep, by id."""

Counted = dict[tuple[date, Unit], list[Target]]
"""For each month and unit, the records that its figure is the sum of."""

_COMPANY: Unit = (TargetUnit.COMPANY, None)


def counted(targets: Iterable[Target]) -> Counted:
    """For each month and unit that has a figure, the records it is made of: its own, else those of its parts."""
    own: Counted = defaultdict(list)
    of_reps: Counted = defaultdict(list)
    for target in targets:
        own[target.month, _unit(target)].append(target)
        if target.unit is TargetUnit.REP:
            of_reps[target.month, (TargetUnit.TEAM, target.team_id)].append(target)
    of_teams: Counted = defaultdict(list)
    for (month, unit), records in (of_reps | own).items():
        if unit[0] is TargetUnit.TEAM:
            of_teams[month, _COMPANY] += records
    return of_teams | of_reps | own


def target_amounts(targets: Iterable[Target], period: Period) -> dict[Unit, Decimal]:
    """Each unit's target for `period`: of each record amount × days in the period / days in the month, half-up, then summed.

    Units without any record for the period's months are left out.
    """
    shares = {share.month: share for share in months_of(period)}
    sums: dict[Unit, Decimal] = {}
    for (month, unit), records in counted(targets).items():
        if month in shares:
            _, days, of_days = shares[month]
            parts = (prorate(target.amount, days, of_days) for target in records)
            sums[unit] = sum(parts, sums.get(unit, ZERO))
    return sums


def _unit(target: Target) -> Unit:
    """Whose target the record is."""
    ids = {TargetUnit.COMPANY: None, TargetUnit.TEAM: target.team_id, TargetUnit.REP: target.rep_id}
    return target.unit, ids[target.unit]
