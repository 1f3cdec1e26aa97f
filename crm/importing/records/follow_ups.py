"""Follow-ups out of a file: what was said with customers before this system."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch
from crm.importing.directory import in_lots
from crm.importing.fields import RecordKind
from crm.importing.judged import Judged
from crm.importing.records.base import Columns, Records, as_json
from crm.models import FollowUp, Opportunity
from crm.services.follow_ups import ProblemMissing
from crm.vocabulary import N_, Kind


class SaidAlready(CrmError):
    """The same words on the same day."""

    message = N_("This follow-up stands on the opportunity already.")


class FollowUps(Records):
    """A follow-up is the same by its id in the old system; the same words of one day on one opportunity are a duplicate."""

    kind, model, asks, day = RecordKind.FOLLOW_UPS, FollowUp, Kind.OPPORTUNITY, "day"
    past = ("day",)
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "opportunity": "opportunity_id", "writer": "by_id", "method": "method_id", "content": "content", "feedback": "feedback",
        "problem": "problem", "department": "department_id", "next_step": "next_step", "next_step_on": "next_step_on",
    }  # fmt: skip

    def load(self, session: Session, rows: list[Judged]) -> None:
        """What was said on the opportunities that the rows name."""
        super().load(session, rows)
        ids = set()
        for row in rows:
            name = row.values.get("opportunity")
            if isinstance(name, str):
                try:
                    found = self.names.find(self.fields["opportunity"], name)
                except CrmError:
                    continue  # told when the row is judged
                if isinstance(found, int):
                    ids.add(found)
        table: Any = Opportunity.__table__
        self._opportunities = {row.id: row for row in in_lots(session, select(table), table.c.id, ids)}
        known = select(FollowUp.opportunity_id, FollowUp.day, FollowUp.content)
        self._said = {tuple(row) for row in in_lots(session, known, FollowUp.opportunity_id, ids)}
        self._latest: dict[int, Judged] = {}

    def check(self, row: Judged) -> None:
        """A department is told of a problem."""
        if "department" in row.values and "problem" not in row.values:
            self.context.refuse(row, "department", ProblemMissing())

    def is_recognised(self, row: Judged) -> bool:
        """By its words at the least."""
        return True

    def duplicate(self, row: Judged) -> CrmError | None:
        """The same words on the same day."""
        key = row.values["opportunity"], row.values["day"], row.values["content"]
        if key in self._said:
            return SaidAlready()
        self._said.add(key)
        return None

    def stated_columns(self, row: Judged) -> Columns:
        """The day, and noon of it."""
        columns = super().stated_columns(row)
        day = row.stated("day")
        if day is not None and (row.standing is None or row.standing.day != day):
            columns |= {"day": day, "recorded_on": day, "at": self.context.moment(day)}
        return columns

    def columns_of(self, key: str) -> tuple[str, ...]:
        """The day too."""
        return ("day",) if key == "day" else super().columns_of(key)

    def add(self, row: Judged, batch: Batch) -> None:
        """A follow-up of its writer and their team."""
        day: date = row.values["day"]
        columns = self.filled_columns(row) | {"day": day, "recorded_on": day, "at": self.context.moment(day)}
        new = batch.add(FollowUp, team_id=self.team_of(row.values["writer"], row), **columns, **self.outside(row))
        batch.track(FollowUp, new)
        batch.created += 1
        of = row.values["opportunity"]
        latest = self._latest.get(of)
        if latest is None or latest.values["day"] <= day:
            self._latest[of] = row

    def finish(self, batch: Batch) -> None:
        """The opportunity shows its latest follow-up and the next step of that."""
        for of, row in self._latest.items():
            standing, day = self._opportunities[of], row.values["day"]
            if standing.last_followed_up_on and standing.last_followed_up_on > day:
                continue
            columns = {"last_followed_up_on": day}
            if "next_step" in row.values or "next_step_on" in row.values:
                columns |= {"next_step": row.values.get("next_step", ""), "next_step_on": row.values.get("next_step_on")}
            batch.put(Opportunity, of, **columns)
            batch.track(Opportunity, of, 0, as_json({"columns": {name: getattr(standing, name) for name in columns}}))
