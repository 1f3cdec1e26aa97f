"""Targets out of a file: of the company, a team or a rep, by month. One that differs is a new version from today on."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.importing.batch import Batch
from crm.importing.fields import RecordKind
from crm.importing.judged import Judged
from crm.importing.records.base import Columns, Records
from crm.models import SalesTarget
from crm.services.targets import NobodysTeam
from crm.vocabulary import Kind, TargetUnit


class Targets(Records):
    """A target is the same by its month and whose it is."""

    kind, model, asks, day = RecordKind.TARGETS, SalesTarget, Kind.MASTER, "month"

    def load(self, session: Session, rows: list[Judged]) -> None:
        """The versions that hold now."""
        table: Any = SalesTarget.__table__
        for row in session.execute(select(table).where(table.c.valid_to.is_(None))):
            team = row.team_id if row.unit is TargetUnit.TEAM else None
            self.standing[(row.month, row.unit, team, row.user_id)] = row

    def identity(self, row: Judged) -> Any:
        """The month and whose it is."""
        values, unit = row.values, _unit(row)
        team = values.get("team") if unit is TargetUnit.TEAM else None
        return values["month"].replace(day=1), unit, team, values.get("rep")

    def check(self, row: Judged) -> None:
        """A rep's target counts for their team."""
        if "rep" in row.values and self.team_of(row.values["rep"], row) is None:
            self.context.refuse(row, "rep", NobodysTeam(person=self.called(row.values["rep"])))

    def differing(self, row: Judged) -> Columns:
        """The amount."""
        return {} if row.standing.amount == row.values["amount"] else {"amount": row.values["amount"]}

    def columns_of(self, key: str) -> tuple[str, ...]:
        """The amount is all that can differ."""
        return ("amount",) if key == "amount" else ()

    def add(self, row: Judged, batch: Batch) -> None:
        """A target that holds since its month began, or from today on for one that is yet to come."""
        month = row.values["month"].replace(day=1)
        self._add(row, batch, min(month, self.context.today))

    def _add(self, row: Judged, batch: Batch, since: Any) -> None:
        unit, person = _unit(row), row.values.get("rep")
        team = None if unit is TargetUnit.COMPANY else self.team_of(person, row)
        new = batch.add(
            SalesTarget, month=row.values["month"].replace(day=1), unit=unit, team_id=team, user_id=person,
            amount=row.values["amount"], valid_from=since,
        )  # fmt: skip
        batch.track(SalesTarget, new)
        batch.created += 1

    def change(self, row: Judged, batch: Batch) -> None:
        """The version that held until today ends, and another begins; one of today is changed itself."""
        if row.standing.valid_from >= self.context.today:
            super().change(row, batch)
            return
        self.update(row, batch, {"valid_to": self.context.today})
        self._add(row, batch, self.context.today)


def _unit(row: Judged) -> TargetUnit:
    return TargetUnit.REP if "rep" in row.values else TargetUnit.TEAM if "team" in row.values else TargetUnit.COMPANY
