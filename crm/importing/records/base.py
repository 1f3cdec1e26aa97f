"""What the kinds of record have in common: finding what stands already, telling what a row changes, learning of what comes along.

A kind judges rows against what it loaded in bulk (`load`, `judge`: no question per row), and later turns the rows that are taken
into rows of tables (`add`, `change`), without the database.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch, New, Ref
from crm.importing.directory import Besides, Directory, in_lots
from crm.importing.fields import FIELDS, Field, FieldType, Named, RecordKind, titles
from crm.importing.judged import Context, Judged, Outcome
from crm.models import Base
from crm.rules import contracts as contract_rules
from crm.services.input_faults import DayAhead
from crm.vocabulary import N_, Kind, Message, Role


class SameIdInFile(CrmError):
    """The file has the record twice."""

    message = N_("The same as row {row}.")


class ChangesFields(CrmError):
    """What a row changes on the record that stands already."""

    message = N_("Changes {fields}.")


class OwnerHasLeft(CrmError):
    """What is open needs somebody who is still there."""

    message = N_("{person} is no longer active; what is open needs an active owner.")


class TeamMissing(CrmError):
    """An owner belongs to a team, and neither the file nor the directory of people names it."""

    message = N_("{person} is in no team, and the row names none.")


Columns = dict[str, Any]

ROLE_OF_FIELD: Mapping[str, Role] = {"team_lead": Role.TEAM_LEAD, "leader": Role.TEAM_LEAD}
"""What somebody is who is created because a field names them; all others sell."""


class Records:
    """One kind of record. `day` names the field that dates what comes along with a row."""

    kind: ClassVar[RecordKind]
    model: ClassVar[type[Base]]
    asks: ClassVar[Kind]
    """Whose import the person must be allowed."""
    day: ClassVar[str] = ""
    past: ClassVar[tuple[str, ...]] = ()
    """Fields with days of what has happened."""
    money_days: ClassVar[tuple[str, ...]] = ()
    """Fields with days that no closed month may hold."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.names: Directory = context.names
        self.fields: dict[str, Field] = context.fields
        self.standing: dict[Any, Any] = {}
        self._seen: dict[Any, int] = {}

    # ---- judging

    def load(self, session: Session, rows: list[Judged]) -> None:
        """Ask the database, in bulk, for what stands already."""
        if "external_id" in self.fields and self.context.system:
            outside = [row.values["external_id"] for row in rows if "external_id" in row.values]
            self.standing = self.by_outside_id(session, outside)

    def by_outside_id(self, session: Session, ids: Iterable[str]) -> dict[Any, Any]:
        """The records of the old system with these ids, as rows of their table."""
        table: Any = self.model.__table__
        rows = select(table).where(table.c.external_system == self.context.system)
        return {row.external_id: row for row in in_lots(session, rows, table.c.external_id, dict.fromkeys(ids))}

    def judge(self, row: Judged) -> Judged:
        """Say what becomes of the row."""
        self._resolve(row)
        self._check_days(row)
        if not row.faults:
            self._place(row)
        if row.faults:
            row.outcome = Outcome.FAULTY
        return row

    def _place(self, row: Judged) -> None:
        """Tell new, changing, unchanged and doubled rows apart."""
        key = self.identity(row)
        if key is not None:
            first = self._seen.setdefault(key, row.number)
            if first != row.number:
                row.outcome, row.note = Outcome.DUPLICATE, SameIdInFile(row=first)
                return
        row.standing = self.standing.get(key) if key is not None else None
        self.check(row)
        if row.faults:
            return
        if row.standing is None:
            row.note = self.duplicate(row)
            row.outcome = Outcome.DUPLICATE if row.note else Outcome.GOOD
            return
        changed = self.changed_fields(row)
        row.outcome = Outcome.CHANGES if changed else Outcome.UNCHANGED
        row.note = ChangesFields(fields=titles(self.fields[key] for key in changed)) if changed else None

    def identity(self, row: Judged) -> Any:
        """By what the record is known to be the same; None where nothing tells."""
        return row.values.get("external_id") if self.context.system else None

    def is_recognised(self, row: Judged) -> bool:
        """Whether the same row would be known again; of one that would not, the same file must not be taken twice."""
        return self.identity(row) is not None

    def check(self, row: Judged) -> None:
        """Hold against the row what the rules of its kind forbid."""

    def duplicate(self, row: Judged) -> CrmError | None:
        """Of what a new row is a duplicate."""
        return None

    def changed_fields(self, row: Judged) -> list[str]:
        """The fields in which the row differs from the record that stands."""
        differing = self.differing(row)
        return [key for key in row.values if any(column in differing for column in self.columns_of(key))]

    def columns_of(self, key: str) -> tuple[str, ...]:
        """The columns that a field fills."""
        return (self.COLUMNS.get(key, ""),)

    COLUMNS: ClassVar[Mapping[str, str]] = {}
    """Field → column of the record's own table."""

    def differing(self, row: Judged) -> Columns:
        """Column → new value, of what the row states otherwise than the record that stands."""
        stated = self.stated_columns(row)
        return {column: value for column, value in stated.items() if getattr(row.standing, column) != value}

    def stated_columns(self, row: Judged) -> Columns:
        """The columns of the record that the row itself fills."""
        columns = {}
        for key, column in self.COLUMNS.items():
            value = row.stated(key)
            if value is not None:
                columns[column] = value
        return columns

    def filled_columns(self, row: Judged) -> Columns:
        """The columns that the row fills, supplied values included: for a new record."""
        return {column: row.values[key] for key, column in self.COLUMNS.items() if key in row.values}

    def _resolve(self, row: Judged) -> None:
        """Replace names by the records that they mean."""
        values = row.values
        for key, f in self.fields.items():
            name = values.get(key)
            if f.names is None or name is None:
                continue
            try:
                if f.type is FieldType.NAMES:
                    values[key] = tuple(dict.fromkeys(self.names.find(f, one) for one in name))
                else:
                    values[key] = self.names.find(f, name, self.meaning(row, key))
            except CrmError as reason:
                self.context.refuse(row, key, reason)
                values.pop(key)

    def meaning(self, row: Judged, key: str) -> str:
        """What tells equal names of a field apart."""
        return ""

    def _check_days(self, row: Judged) -> None:
        for key in self.past:
            day = row.values.get(key)
            if day is not None and day > self.context.today:
                self.context.refuse(row, key, DayAhead(day=day))
        for key in self.money_days:
            day = row.values.get(key)
            if day is not None and self.context.closed_months:
                try:
                    contract_rules.check_month_open(day, self.context.closed_months)
                except CrmError as reason:
                    self.context.refuse(row, key, reason)

    def team_of(self, person: Ref | None, row: Judged) -> Ref | None:
        """The team that a deed of the row counts for: the row's, else the person's."""
        if "team" in row.values:
            team: Ref = row.values["team"]
            return team
        if isinstance(person, int):
            return self.names.team_of.get(person)
        return person.learned.team if isinstance(person, Besides) else getattr(person, "team", None)

    def check_owner(self, row: Judged, key: str, *, is_open: bool) -> None:
        """Refuse an owner without a team, and one who has left for something that is open."""
        person = row.values.get(key)
        if person is None:
            return
        if isinstance(person, Besides) and "team" in row.values and person.learned.team is None:
            person.learned.team = row.values["team"]
        if self.team_of(person, row) is None:
            self.context.refuse(row, key, TeamMissing(person=self.called(person)))
        if is_open and person in self.names.inactive and not row.standing:
            self.context.refuse(row, key, OwnerHasLeft(person=self.called(person)))

    def called(self, person: Ref) -> str:
        """How a sentence calls somebody."""
        return person.name if isinstance(person, Besides) else Message(N_("This person"))

    # ---- learning of what comes along

    def learn(self, row: Judged) -> None:
        """Note what a row that is taken tells of the records that are created on the way."""
        for key, value in row.values.items():
            for ref in value if isinstance(value, tuple) else (value,):
                if isinstance(ref, Besides):
                    self._learn(row, key, ref)

    def _learn(self, row: Judged, key: str, ref: Besides) -> None:
        ref.count += 1
        ref.spellings[ref.name] += 1
        learned = ref.learned
        learned.see(row.values.get(self.day))
        if ref.named is Named.PERSON:
            learned.roles.add(ROLE_OF_FIELD.get(key, Role.REP))
            learned.team = learned.team or row.values.get("team")
        elif ref.named is Named.CAMPAIGN:
            learned.source = learned.source or row.values.get("source")
        elif ref.named is Named.CUSTOMER:
            learned.supplied &= key in row.supplied
            learned.holders.add(self.holder(row))

    def holder(self, row: Judged) -> tuple[Ref | None, Ref | None]:
        """Who looks after the customer that a row names: owner and team."""
        return None, None

    # ---- writing

    def add(self, row: Judged, batch: Batch) -> None:
        """Turn a new row into rows of tables."""
        raise NotImplementedError

    def change(self, row: Judged, batch: Batch) -> None:
        """Turn a row that changes a record into an update, which can be undone."""
        self.update(row, batch, self.differing(row))

    def finish(self, batch: Batch) -> None:
        """Write what several rows make together."""

    def recheck(self, session: Session) -> None:
        """Within the transaction: raise `ChangedSinceVerdict` where something came in that no constraint would refuse."""

    def update(self, row: Judged, batch: Batch, values: Columns, **kept: Any) -> None:
        """Change the record that stands; what stood there before is kept with the import, `kept` besides."""
        standing = row.standing
        version = getattr(standing, "version", 0)
        before = {column: getattr(standing, column) for column in values}
        batch.update(self.model, standing.id, version, values)
        batch.track(self.model, standing.id, version + 1 if version else 0, as_json({"columns": before, **kept}))
        batch.changed += 1

    def outside(self, row: Judged) -> Columns:
        """Where a new record comes from."""
        if "external_id" not in row.values or not self.context.system:
            return {}
        return {"external_system": self.context.system, "external_id": row.values["external_id"]}


def as_json(content: Mapping[str, Any]) -> str:
    """What stood before, for the undo: exact amounts, days as text."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case New():
            return value.id
    raise TypeError(f"{value!r} is no value of a record")


def fields_with_names(kind: RecordKind) -> list[Field]:
    """The fields that name other records."""
    return [f for f in FIELDS[kind] if f.names is not None]
