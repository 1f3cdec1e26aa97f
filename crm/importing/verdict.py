"""The verdict on a file before anything is written: what becomes of each row, what will be created besides, what was noticed.

It reads one consistent state of the database and holds no lock. What it found is bound to that state: `writing` refuses to write
where what it rests on has changed meanwhile.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import clock
from crm.errors import CrmError, NotAllowed
from crm.importing.besides import Company, may_create
from crm.importing.directory import Besides, Directory
from crm.importing.fields import FieldType, Named, RecordKind
from crm.importing.judged import Context, Judged, Outcome, Progress, outcomes, silent
from crm.importing.layouts import Layout
from crm.importing.problems import Notice
from crm.importing.reading import Limits, Sheet
from crm.importing.records import RECORDS
from crm.importing.records.base import Records, fields_with_names
from crm.importing.rows import parse, settle_dates, unused_columns
from crm.models import CompanySettings, ImportRun, Product, Stage, User
from crm.scope import Actor
from crm.services import months
from crm.vocabulary import N_, ImportStatus, Permission

TOLD_EVERY = 2_000
"""Rows after which progress is told."""


class ImportedBefore(Notice):
    """The very same file."""

    message = N_("This very file was imported before, on {day} by {by}.")


class RowImportedBefore(CrmError):
    """A row of the very same file, by which nothing tells one record from another."""

    message = N_("This row was imported before, with the same file.")


class CompanyNotFounded(CrmError):
    """A database without settings and stages."""

    message = N_("The company has not been set up yet: there are no stages to follow an opportunity through.")


@dataclass(frozen=True, slots=True)
class Source:
    """The file as the person knows it, and what tells it from every other."""

    name: str
    sha256: str

    @classmethod
    def of(cls, path: Path, name: str = "") -> "Source":
        with path.open("rb") as stream:
            return cls(name or path.name, hashlib.file_digest(stream, "sha256").hexdigest())


@dataclass
class Verdict:
    """What an import would do. `records` knows how to write the rows."""

    source: Source
    sheet: Sheet
    layout: Layout
    rows: list[Judged]
    records: Records
    company: Company
    notices: list[CrmError]

    @property
    def kind(self) -> RecordKind:
        """What the file holds."""
        return self.layout.kind

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many rows there are of each outcome."""
        return outcomes(self.rows)

    def rows_of(self, *wanted: Outcome) -> list[Judged]:
        """The rows of these outcomes."""
        return [row for row in self.rows if row.outcome in wanted]

    def taken(self, *, duplicates: bool = False) -> list[Judged]:
        """The rows that an import takes: new ones and changes; duplicates where the person says so."""
        also = tuple(row for row in self.rows if row.outcome is Outcome.DUPLICATE and row.standing is None) if duplicates else ()
        taken = self.rows_of(Outcome.GOOD, Outcome.CHANGES)
        return sorted([*taken, *also], key=lambda row: row.number) if also else taken

    def besides(self, *, duplicates: bool = False) -> list[Besides]:
        """What is created on the way."""
        self.learn(self.taken(duplicates=duplicates))
        return self.records.names.besides

    def learn(self, rows: Iterable[Judged]) -> None:
        """Let the records that come along learn from these rows and no others."""
        self.records.names.forget()
        for row in rows:
            self.records.learn(row)


def may_import(actor: Actor, kind: RecordKind) -> bool:
    """Whether this person may import records of this kind."""
    return actor.may(Permission.IMPORT, RECORDS[kind].asks)


def limits_of(session: Session) -> Limits:
    """How large a file may be, as the company decided."""
    decided = session.scalar(select(CompanySettings))
    return Limits(megabytes=decided.upload_max_mb, rows=decided.upload_max_rows) if decided else Limits()


def judge(session: Session, actor: Actor, source: Source, sheet: Sheet, layout: Layout, progress: Progress = silent) -> Verdict:
    """Judge every row of the sheet. Raises `NotAllowed`, and what is wrong with file or layout as a whole."""
    if not may_import(actor, layout.kind):
        raise NotAllowed()
    layout = settle_dates(sheet, layout)
    rows = _parsed(sheet, layout, progress)
    names = Directory(layout, may_create(actor.may))
    names.load(session, _names(layout, rows))
    records = RECORDS[layout.kind](_context(session, actor, layout, names))
    progress("compared", 0, len(rows))
    records.load(session, rows)
    for done, row in enumerate(rows, start=1):
        records.judge(row)
        if done % TOLD_EVERY == 0:
            progress("judged", done, len(rows))
    verdict = Verdict(source, sheet, layout, rows, records, _company(session), [*sheet.notices])
    before = _before(session, source)
    verdict.notices += [notice for notice in (unused_columns(sheet, layout), before) if notice]
    if before:
        _refuse_doubles(verdict)
    return verdict


def _refuse_doubles(verdict: Verdict) -> None:
    """Rows of a file that was imported before are duplicates where nothing else would recognise them."""
    for row in verdict.rows_of(Outcome.GOOD):
        if not verdict.records.is_recognised(row):
            row.outcome, row.note = Outcome.DUPLICATE, RowImportedBefore()


def _parsed(sheet: Sheet, layout: Layout, progress: Progress) -> list[Judged]:
    """The rows, typed, without the cells that they were read from: there may be a million."""
    rows = []
    for parsed in parse(sheet, layout):
        rows.append(Judged(parsed.number, parsed.values, parsed.supplied, parsed.faults))
        if len(rows) % TOLD_EVERY == 0:
            progress("read", len(rows), 0)
    return rows


def _names(layout: Layout, rows: list[Judged]) -> dict[Named, dict[str, None]]:
    """Every name that the rows and the layout mention, by what it names."""
    asked: dict[Named, dict[str, None]] = {}
    for f in fields_with_names(layout.kind):
        assert f.names is not None
        names = asked.setdefault(f.names, {})
        several = f.type is FieldType.NAMES
        for row in rows:
            value = row.values.get(f.key)
            if value is not None:
                names.update(dict.fromkeys(value) if several else {value: None})
        action, other = layout.on_unknown(f.key)
        if action == "map":
            names[other] = None
    if layout.kind is RecordKind.PEOPLE or layout.kind is RecordKind.TEAMS:
        asked.setdefault(Named.PERSON, {})
        asked.setdefault(Named.TEAM, {})
    return asked


def _context(session: Session, actor: Actor, layout: Layout, names: Directory) -> Context:
    decided = session.scalar(select(CompanySettings))
    if layout.kind in NEED_STAGES and not session.scalar(select(func.count()).select_from(Stage)):
        raise CompanyNotFounded()
    zone = decided.zone if decided else "Asia/Shanghai"
    columns: dict[str, str] = {}
    for column, keys in layout.columns.items():
        for key in keys:
            columns[key] = f"{columns[key]}, {column}" if key in columns else column
    return Context(
        actor=actor, layout=layout, names=names, today=clock.today(zone), zone=zone, now=clock.now(),
        closed_months=months.closed(session), columns=columns,
    )  # fmt: skip


NEED_STAGES = frozenset({RecordKind.OPPORTUNITIES})
"""What can't be without a stage."""


def _company(session: Session) -> Company:
    last = session.scalar(select(func.max(Stage.position))) or 0
    return Company(last, session.scalars(select(Product.code)))


def _before(session: Session, source: Source) -> ImportedBefore | None:
    """Whether the very same file was imported before, and that import still stands."""
    rows = select(ImportRun.at, User.name).join(User, User.id == ImportRun.by_id, isouter=True)
    rows = rows.where(ImportRun.sha256 == source.sha256, ImportRun.status == ImportStatus.DONE).order_by(ImportRun.id.desc())
    found = session.execute(rows.limit(1)).first()
    return ImportedBefore(day=found.at.date(), by=found.name or "") if found else None
