"""The audit log 操作日志 as it is read: filtered, paged, and of each line what was before and after only where the record is in reach.

Who reads the log sees that something changed; the values show only to those whose scope holds the record (permissions).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crm import audit
from crm.errors import CrmError
from crm.models import AuditEntry, AuditSeal, Base, Campaign, CompanySettings, Competitor, LeadSource, SalesTarget, User
from crm.scope import HELD, PART_OF, Actor
from crm.services.inputs import NotAChoice, a_day
from crm.services.reach import require
from crm.vocabulary import N_, AuditAct, Kind, Permission

PAGE, LONGEST_PAGE = 100, 500
MOST = 10_000
"""So many lines are counted and shown at once; a longer answer says that it goes on, and filters reach the rest."""

LONGEST_EXPORT = 200_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: a person, an act, a kind of record, one record, days (both inclusive); empty asks for all."""

    by_id: int | None = None
    act: AuditAct | None = None
    subject: str = ""
    subject_id: int | None = None
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, wished: Mapping[str, Any]) -> "Asked":
        """What an address or a page asks for: `NotAChoice` for a value that nobody offered."""
        try:
            return cls(
                by_id=_number(wished.get("by")),
                act=AuditAct(wished["act"]) if wished.get("act") else None,
                subject=str(wished.get("subject") or "")[:40],
                subject_id=_number(wished.get("id")),
                first=a_day(wished["from"]) if wished.get("from") else None,
                last=a_day(wished["until"]) if wished.get("until") else None,
            )
        except ValueError:
            raise NotAChoice() from None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: when, who, what, of which record; before and after, None where they are not this person's to see."""

    id: int
    at: datetime
    by: str
    act: AuditAct
    subject: str
    subject_id: int | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    address: str


def page(session: Session, actor: Actor, asked: Asked, start: int = 0, count: int = PAGE) -> list[Line]:
    """The lines from place `start` on, the newest first."""
    require(actor, Permission.READ, Kind.AUDIT)
    start, count = max(start, 0), min(max(count, 0), LONGEST_PAGE)
    rows = session.scalars(_found(session, asked).order_by(AuditEntry.id.desc()).offset(start).limit(max(min(count, MOST - start), 0)))
    return _told(session, actor, rows.all())


def counted(session: Session, actor: Actor, asked: Asked) -> int:
    """How many there are, exactly up to `MOST`; `MOST` + 1 means more."""
    require(actor, Permission.READ, Kind.AUDIT)
    found = _found(session, asked).with_only_columns(AuditEntry.id).limit(MOST + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def everything(session: Session, actor: Actor, asked: Asked) -> list[Line]:
    """All lines that were asked for, the newest first, for an export."""
    require(actor, Permission.EXPORT, Kind.AUDIT)
    rows = session.scalars(_found(session, asked).order_by(AuditEntry.id.desc()).limit(LONGEST_EXPORT + 1)).all()
    if len(rows) > LONGEST_EXPORT:
        raise TooManyLines(most=LONGEST_EXPORT)
    return _told(session, actor, rows)


class TooManyLines(CrmError):
    """More lines than a table takes."""

    message = N_("More than {most} lines; choose fewer days.")


def subjects(session: Session) -> list[str]:
    """The kinds of record that the log tells of, by their tables."""
    return sorted(subject for subject in session.scalars(select(AuditEntry.subject).distinct()) if subject)


@dataclass(frozen=True, slots=True)
class Seals:
    """Whether the log is whole: how many lines are sealed, since when, and whether a seal is broken (the whole log is read)."""

    sealed: int
    last: datetime | None
    broken: bool


def seals(session: Session, actor: Actor) -> Seals:
    """The state of the seals, for who exports the log."""
    require(actor, Permission.EXPORT, Kind.AUDIT)
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    return Seals(last.last_id if last else 0, last.sealed_at if last else None, audit.broken(session) is not None)


# ── what is told ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _found(session: Session, asked: Asked) -> Select[AuditEntry]:
    lines = select(AuditEntry)
    if asked.by_id is not None:
        lines = lines.where(AuditEntry.by_id == asked.by_id)
    if asked.act is not None:
        lines = lines.where(AuditEntry.act == asked.act)
    if asked.subject:
        lines = lines.where(AuditEntry.subject == asked.subject)
    if asked.subject_id is not None:
        lines = lines.where(AuditEntry.subject_id == asked.subject_id)
    zone = ZoneInfo(session.scalar(select(CompanySettings.zone)) or "UTC")
    if asked.first:
        lines = lines.where(AuditEntry.at >= _midnight(asked.first, zone))
    if asked.last:
        lines = lines.where(AuditEntry.at < _midnight(asked.last + timedelta(days=1), zone))
    return lines


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _told(session: Session, actor: Actor, rows: Sequence[AuditEntry]) -> list[Line]:
    people = dict(session.execute(select(User.id, User.name).where(User.id.in_({row.by_id for row in rows if row.by_id}))).all())
    seen = _within_reach(session, actor, rows)
    return [
        Line(
            row.id, row.at, people.get(row.by_id or 0, ""), row.act, row.subject, row.subject_id,
            *((_read(row.before), _read(row.after)) if (row.subject, row.subject_id) in seen else (None, None)), row.address,
        )
        for row in rows
    ]  # fmt: skip


def _read(text: str) -> Mapping[str, Any] | None:
    said: dict[str, Any] = json.loads(text) if text else {}
    said.pop("version", None)
    return said


def _within_reach(session: Session, actor: Actor, rows: Sequence[AuditEntry]) -> set[tuple[str, int | None]]:
    """The records of these lines that the person may see."""
    by_subject: dict[str, set[int | None]] = {}
    for row in rows:
        by_subject.setdefault(row.subject, set()).add(row.subject_id)
    return {(subject, id) for subject, ids in by_subject.items() for id in _seen(session, actor, subject, ids)}


def _seen(session: Session, actor: Actor, subject: str, ids: set[int | None]) -> set[int | None]:
    """Which of these records of one table the person may see."""
    model = _MODELS.get(subject)
    if model is None:
        return ids if actor.may(Permission.READ, Kind.MASTER) else set()
    if model not in HELD and model not in PART_OF:
        return ids if actor.may(Permission.READ, KINDS.get(model, Kind.MASTER)) else set()
    key: Any = model.__table__.c.id
    known = [id for id in ids if id is not None]
    return set(session.scalars(actor.scope.narrow(select(key), model).where(key.in_(known))))


_MODELS: Mapping[str, type[Base]] = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
"""Every table's class."""

KINDS: Mapping[type[Base], Kind] = {
    Competitor: Kind.COMPETITOR,
    LeadSource: Kind.SOURCE,
    Campaign: Kind.SOURCE,
    SalesTarget: Kind.TARGET,
}
"""Tables that nobody holds: whose permission to read shows their values; the rest is the administrator's."""


def _number(value: Any) -> int | None:
    """An id as an address says it; `ValueError` for what can be none."""
    if value in (None, ""):
        return None
    number = int(str(value)[:20])
    if not 0 < number < 2**31:
        raise ValueError(value)
    return number
