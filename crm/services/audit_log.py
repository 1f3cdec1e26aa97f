"""The audit log 操作日志 as it is read: filtered, paged, and of each line what was before and after only where the record is in reach.

Who reads the log sees that something changed; the values show only to those whose scope holds the record (permissions).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.models import (
    AuditEntry,
    AuditSeal,
    Base,
    Campaign,
    CompanySettings,
    Competitor,
    Contact,
    Customer,
    Lead,
    LeadSource,
    SalesTarget,
    User,
)
from crm.rules.erasing import ERASED
from crm.scope import HELD, PART_OF, Actor
from crm.services import audit_words
from crm.services.audit_words import MODELS
from crm.services.list_terms import Filter, Sort, a_day, among, reference
from crm.services.lists import RecordList
from crm.services.reach import require
from crm.vocabulary import AuditAct, Kind, Permission


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


def subjects(session: Session) -> list[str]:
    """The kinds of record that the log tells of, by their tables."""
    # one step a kind, from each to the next in the index; all lines are never read
    known = select(func.min(AuditEntry.subject).label("subject")).cte("known", recursive=True)
    following = select(func.min(AuditEntry.subject)).where(AuditEntry.subject > known.c.subject).scalar_subquery()
    known = known.union_all(select(following).where(known.c.subject.is_not(None)))
    return [subject for subject in session.scalars(select(known.c.subject)) if subject]


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
def _told(session: Session, actor: Actor, rows: Sequence[AuditEntry]) -> list[Line]:
    known = {_who(row) for row in rows}
    people = dict(session.execute(select(User.id, User.name).where(User.id.in_(known))).all())
    seen = _within_reach(session, actor, rows)
    values = [(_read(row.before), _read(row.after)) if _is_told(row, seen) else (None, None) for row in rows]
    known_names = audit_words.names(session, [(row.subject, one) for row, both in zip(rows, values, strict=True) for one in both])
    return [
        Line(
            row.id, row.at, people.get(_who(row), ""), row.act, row.subject, row.subject_id,
            audit_words.spoken(row.subject, before, known_names), audit_words.spoken(row.subject, after, known_names), row.address,
        )
        for row, (before, after) in zip(rows, values, strict=True)
    ]  # fmt: skip


def _is_told(row: AuditEntry, seen: set[tuple[str, int | None]]) -> bool:
    """Whether the line's values are this person's to read: of a record within reach, or of what was carried away, which is no record's."""
    return (row.subject, row.subject_id) in seen or (row.act is AuditAct.EXPORTED and row.subject_id is None)


def _who(row: AuditEntry) -> int:
    """Who acted: nobody is signed in yet when they sign in."""
    return row.by_id or (row.subject_id if row.act is AuditAct.SIGNED_IN and row.subject_id else 0)


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
    model = MODELS.get(subject)
    if model is None:
        return ids if actor.may(Permission.READ, Kind.MASTER) else set()
    if model not in HELD and model not in PART_OF:
        return ids if actor.may(Permission.READ, KINDS.get(model, Kind.MASTER)) else set()
    key: Any = model.__table__.c.id
    known = [id for id in ids if id is not None]
    return set(session.scalars(actor.scope.narrow(select(key), model).where(key.in_(known), *_not_erased(model))))


def _not_erased(model: type[Base]) -> list[ColumnElement[bool]]:
    """What was erased on request stays erased: nobody reads it in the log."""
    if model is Lead:
        return [Lead.contact_name != ERASED]
    return [model.erased_at.is_(None)] if model in (Contact, Customer) else []


KINDS: Mapping[type[Base], Kind] = {
    Competitor: Kind.COMPETITOR,
    LeadSource: Kind.SOURCE,
    Campaign: Kind.SOURCE,
    SalesTarget: Kind.TARGET,
}
"""Tables that nobody holds: whose permission to read shows their values; the rest is the administrator's."""


def _rows(session: Session, actor: Actor, ids: Sequence[int]) -> list[Line]:
    return _told(session, actor, session.scalars(select(AuditEntry).where(AuditEntry.id.in_(ids))).all())


def _since(session: Session, days: Sequence[int], _along: bool) -> ColumnElement[bool]:
    """The lines of the last so many days, today among them."""
    return AuditEntry.at >= _begins(session, clock.today(_zone(session)) - timedelta(days=max(days) - 1))


def _from(session: Session, days: Sequence[date], _along: bool) -> ColumnElement[bool]:
    return AuditEntry.at >= _begins(session, min(days))


def _to(session: Session, days: Sequence[date], _along: bool) -> ColumnElement[bool]:
    """Up to the end of that day."""
    return AuditEntry.at < _begins(session, max(days) + timedelta(days=1))


def _begins(session: Session, day: date) -> datetime:
    """When a day of the company begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(_zone(session)))


def _zone(session: Session) -> str:
    return session.scalar(select(CompanySettings.zone)) or "UTC"


AUDIT: RecordList[Line] = RecordList(
    "audit",
    AuditEntry,
    sorts={"at": Sort(AuditEntry.id)},
    filters={
        "by": among(AuditEntry.by_id, common=True, paired=("at",)),
        "act": among(AuditEntry.act, AuditAct, common=True, paired=("at",)),
        "subject": among(AuditEntry.subject, lambda value: str(value)[:40], common=True, paired=("at",)),
        "days": Filter(reference, _since, common=True),
        "from": Filter(a_day, _from, common=True),
        "to": Filter(a_day, _to, common=True),
    },
    rows=lambda _session, _ids: (),
    rows_for=_rows,
)
"""The log as a list, in the order in which it was written."""
