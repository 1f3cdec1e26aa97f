"""What should have been signed: the target of a unit, from the target rows that were in force."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from crm.vocabulary import TargetUnit
from tests.reports.oracle.books import Books
from tests.reports.oracle.standing import half_up
from tests.reports.oracle.windows import Window, end_of_month, months_between

Figure = Decimal | None
"""An amount, or none where nobody stated a target."""


def add(amounts: list[Figure]) -> Figure:
    """The sum of those that were stated."""
    stated = [amount for amount in amounts if amount is not None]
    return sum(stated, Decimal("0.00")) if stated else None


@dataclass
class Targets:
    """Amounts for the days of the period: of the company, each team and each rep in a team, by month."""

    company: dict[date, Decimal] = field(default_factory=dict)
    teams: dict[tuple[int, date], Decimal] = field(default_factory=dict)
    reps: dict[date, dict[tuple[int, int], Decimal]] = field(default_factory=lambda: defaultdict(dict))
    months: list[date] = field(default_factory=list)

    def of_reps(self, month: date, wanted: Callable[[int, int], bool]) -> Figure:
        """Σ over reps (team, rep) that are wanted."""
        return add([amount for (team, rep), amount in self.reps[month].items() if wanted(team, rep)])

    def of_team(self, month: date, team: int) -> Figure:
        """A team's own figure, else the sum of its reps'."""
        own = self.teams.get((team, month))
        return own if own is not None else self.of_reps(month, lambda of, rep: of == team)

    def of_teams(self, month: date, wanted: Callable[[int], bool]) -> Figure:
        """Σ over teams that are wanted."""
        known = {team for team, at in self.teams if at == month} | {team for team, rep in self.reps[month]}
        return add([self.of_team(month, team) for team in known if wanted(team)])

    def of_company(self, month: date) -> Figure:
        """The company's own figure, else the sum of its teams'."""
        own = self.company.get(month)
        return own if own is not None else self.of_teams(month, lambda team: True)


def targets(books: Books, at: Window, today: date) -> Targets:
    """The targets in force (today's, or those of a past day), by the days of each month that lie in the period."""
    known = at.state if at.past else today
    in_force = [row for row in books.targets if row.valid_from <= known and (row.valid_to is None or row.valid_to > known)]
    months = [row.month for row in in_force] or [at.last]
    first, last = max(at.first, min(months)), min(at.last, end_of_month(max(months)))
    inside = {month: (days, of) for month, days, of in months_between(first, last) if days > 0}
    found = Targets(months=list(inside))
    for row in in_force:
        if row.month not in inside:
            continue
        days, of = inside[row.month]
        amount = half_up(row.amount * days / of)
        if row.unit is TargetUnit.COMPANY:
            found.company[row.month] = amount
        elif row.unit is TargetUnit.TEAM:
            found.teams[row.team_id, row.month] = amount
        else:
            found.reps[row.month][row.team_id, row.user_id] = amount
    return found
