"""Sales targets by month: each rep's by what they can do, their team's a little above, the company's of all; some corrected in summer."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from crm.demo.calendar import FAR, GROWTH, NEVER, Calendar, day, number
from crm.demo.contracts import Contracts
from crm.demo.dice import Dice, Floats, Ints, quota, sums
from crm.demo.people import WANG, ZHAO, People

COMPANY, TEAM, REP = range(3)
"""Codes of the units, in the order of `TargetUnit`."""
SEASON = (0.75, 0.45, 1.2, 0.9, 0.95, 1.25, 0.85, 0.85, 1.2, 0.9, 1.0, 1.5)
GRAIN = 1_000_000
"""Targets are round: so many cents."""
ASKED = 1.08
"""A little more than what may be expected."""


@dataclass(frozen=True)
class Targets:
    """One row per target; `until`: the day from which another one holds, `NEVER` for none."""

    month: Ints
    unit: Ints
    team: Ints
    rep: Ints
    amount: Ints
    since: Ints
    until: Ints

    def __len__(self) -> int:
        return len(self.month)


def make(dice: Dice, calendar: Calendar, people: People, contracts: Contracts) -> Targets:
    """The targets from the first month to December of this year."""
    rng = dice.of("targets")
    months, year = _months(calendar)
    month, rep = (grid.ravel() for grid in np.meshgrid(np.arange(len(months) - 1), people.reps, indexing="ij"))
    there = (people.joins[rep] <= months[month]) & (people.leaves[rep] >= months[month + 1]) | (
        (people.leaves[rep] == FAR) & (months[month] > calendar.today)
    )
    able = (people.leaves[people.reps] == FAR) & ~np.isin(people.reps, [WANG, ZHAO])
    without = people.reps[quota(rng, able, 0.004, 1)]
    kept = np.flatnonzero(there & ~np.isin(rep, without))
    month, rep = month[kept], rep[kept]
    team = people.team_at(rep, months[month])
    amount = _rounded(_expected(calendar, people, contracts, months, month, rep) * ASKED * rng.uniform(0.85, 1.2, len(rep)), GRAIN)
    of_team = sums(month * (len(people.team_names) + 1) + team, amount, (len(months) - 1) * (len(people.team_names) + 1))
    slot = np.flatnonzero(of_team)
    team_month, team_id = np.divmod(slot, len(people.team_names) + 1)
    team_amount = _rounded(of_team[slot] * 1.05, 5 * GRAIN)
    of_company = sums(team_month, team_amount, len(months) - 1)
    company_month = np.flatnonzero(of_company)[6:]
    # the last team and the company's first months have no figure of their own: the parts' sum stands in
    own = np.flatnonzero(team_id != len(people.team_names))
    parts = [
        (company_month, COMPANY, 0 * company_month, 0 * company_month, _rounded(of_company[company_month] * 0.98, 10 * GRAIN)),
        (team_month[own], TEAM, team_id[own], 0 * own, team_amount[own]),
        (month, REP, team, rep, amount),
    ]
    columns = [np.concatenate([part[i] for part in parts]) for i in (0, 2, 3, 4)]
    unit = np.repeat([COMPANY, TEAM, REP], [len(part[0]) for part in parts])
    since = np.array([number(date(y - 1, 12, 20)) for y in year])[columns[0]]
    planned = Targets(months[columns[0]], unit, columns[1], columns[2], columns[3], since, np.full(len(unit), NEVER))
    return _corrected(dice, calendar, planned)


def _months(calendar: Calendar) -> tuple[Ints, list[int]]:
    """The first days of all months of the company's years, and of the one after; and their years."""
    first, last = day(calendar.first), day(calendar.today)
    span = np.arange(first.strftime("%Y-%m"), f"{last.year + 1}-02", dtype="datetime64[M]")
    return span.astype("datetime64[D]").astype(np.int64), [1970 + int(month) // 12 for month in span.astype(np.int64)]


def _expected(calendar: Calendar, people: People, contracts: Contracts, months: Ints, month: Ints, rep: Ints) -> Floats:
    """What a rep may sign in a month: partly by what they signed, partly by what all do, with growth and season."""
    signed = sums(contracts.signer, contracts.amount, len(people.names)).astype(np.float64)
    since, until = np.maximum(people.joins, calendar.first), np.minimum(people.leaves, calendar.today)
    lasted = np.maximum((until - since) / 30.4, 6.0)
    own, usual = signed / lasted, signed[people.reps].sum() / lasted[people.reps].sum()
    middle = (since + until) / 2
    growth = GROWTH ** ((months[month] - middle[rep]) / 365.25)
    calendar_month = months[month].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    expected: Floats = (0.55 * own[rep] + 0.45 * usual) * growth * np.array(SEASON)[calendar_month]
    return expected


def _rounded(amount: Floats, grain: int) -> Ints:
    return np.maximum(np.rint(amount / grain), 1).astype(np.int64) * grain


def _corrected(dice: Dice, calendar: Calendar, targets: Targets) -> Targets:
    """In July some reps' targets for the rest of the year are lowered: the old ones stay, as they held until then."""
    rng = dice.of("corrections")
    this_year = day(calendar.today).year
    july = number(date(this_year if day(calendar.today) >= date(this_year, 7, 10) else this_year - 1, 7, 5))
    reps = np.unique(targets.rep[(targets.month > july) & (targets.unit == REP)])
    chosen = reps[quota(rng, np.ones(len(reps), dtype=np.bool_), 0.08, 2)]
    rest = (targets.month > july) & (targets.since <= july) & np.isin(targets.rep, chosen) & (targets.unit == REP)
    rest &= targets.month < number(date(day(july).year + 1, 1, 1))
    lowered = _rounded(targets.amount[rest] * 0.85, GRAIN)
    until = np.where(rest, july, targets.until)
    count = int(rest.sum())
    columns = (
        (targets.month, targets.month[rest]), (targets.unit, targets.unit[rest]), (targets.team, targets.team[rest]),
        (targets.rep, targets.rep[rest]), (targets.amount, lowered), (targets.since, np.full(count, july)), (until, np.full(count, NEVER)),
    )  # fmt: skip
    return Targets(*(np.concatenate(pair) for pair in columns))
