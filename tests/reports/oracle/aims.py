"""The target of a cell, for who asks and what they chose: the figure of that unit, never of one that is not asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Kind, Reach
from tests.reports.oracle.facts import Fact
from tests.reports.oracle.sight import sees
from tests.reports.oracle.targets import Targets, add

Place = Mapping[str, Any]


@dataclass
class Aims:
    """Targets, narrowed to a person's scope and filters."""

    targets: Targets
    scope: Scope
    chosen: Mapping[str, tuple[int, ...]]

    def of(self, cell: Place) -> Decimal:
        """The target of a cell (team, rep, month, or none of them); zero where none was stated."""
        months = [cell["month"]] if "month" in cell else self.targets.months
        return add([self._of_month(month, cell) for month in months]) or Decimal("0.00")

    def cells(self, by: tuple[str, ...]) -> set[tuple[Any, ...]]:
        """The cells that could have a target."""
        reps = [{"team": team, "rep": rep, "month": month} for month, of in self.targets.reps.items() for team, rep in of]
        teams = [{"team": team, "month": month} for team, month in self.targets.teams] + reps
        known = reps if "rep" in by else teams if "team" in by else [{"month": month} for month in self.targets.months]
        return {tuple(place[name] for name in by) for place in known}

    def _of_month(self, month: date, cell: Place) -> Decimal | None:
        reach = self.scope.over(Kind.TARGET)
        if "rep" in cell or "rep" in self.chosen or reach is Reach.OWN:
            return self.targets.of_reps(month, lambda team, rep: self._asked(cell, team, rep) and self._sees(team, rep))
        if reach is Reach.TEAMS:
            of_teams = self.targets.of_teams(month, lambda team: self._asked(cell, team) and team in self.scope.team_ids)
            return add([of_teams, self.targets.of_reps(month, lambda team, rep: self._asked(cell, team) and self._elsewhere(team, rep))])
        if "team" in cell or "team" in self.chosen:
            return self.targets.of_teams(month, lambda team: self._asked(cell, team))
        return self.targets.of_company(month)

    def _asked(self, cell: Place, team: int, rep: int | None = None) -> bool:
        """Whether a unit lies in the cell and is let through by the filters."""
        unit = {"team": team} if rep is None else {"team": team, "rep": rep}
        return all(cell.get(name, id) == id and id in self.chosen.get(name, (id,)) for name, id in unit.items())

    def _elsewhere(self, team: int, rep: int) -> bool:
        """What who leads a team has as a rep of another one."""
        return self.scope.own_too and rep == self.scope.user_id and team not in self.scope.team_ids

    def _sees(self, team: int, rep: int) -> bool:
        return sees(self.scope, Fact(Kind.TARGET, {"team": team, "rep": rep}, {}))
