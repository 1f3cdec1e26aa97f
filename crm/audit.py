"""The audit log 操作日志: who did what to which record, before and after; every line in a sealed chain.

A change is written as two JSON objects of the fields that differ, amounts as exact decimals in text. Passwords and keys never
get there. Lines are sealed in blocks (`seal`, called each second by the server): each seal is the hash of its lines and of the seal
before, so that a line that was changed or is missing shows (`broken`). A writer never waits for a seal.

The log only grows, but for one thing: what lines say of a person can be emptied on request (`empty`). The line stays, and the new hash
of its block is written into the log, where a later seal covers it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from crm import clock
from crm.errors import NotAllowed
from crm.models import AuditEntry, AuditSeal, Base
from crm.scope import Actor
from crm.vocabulary import AuditAct

SECRET = frozenset({"password_hash", "session_epoch"})
"""Columns that no line shows."""

WRITING = 7_150_115
"""The key of PostgreSQL's advisory lock that writers share and a seal needs alone."""

EMPTIED = {"erased": True}
"""What a line says whose content was erased; the database lets no other change of a line through."""

State = dict[str, Any]


def state(record: Base, *parts: str) -> State:
    """The record's columns as JSON holds them; `parts` names relationships whose rows belong to it (already loaded)."""
    columns = {attribute.key: _plain(getattr(record, attribute.key)) for attribute in inspect(type(record)).column_attrs}
    lists = {part: [_row(row) for row in getattr(record, part)] for part in parts}
    return {key: value for key, value in columns.items() if key not in SECRET} | lists


def _row(record: Base) -> State:
    """A part of a record: what it says, without its keys."""
    return {key: value for key, value in state(record).items() if key not in ("id", "since_seq") and value is not None}


def _plain(value: Any) -> Any:
    """`value` as JSON has it, exactly: amounts and dates as text."""
    match value:
        case StrEnum():
            return value.value
        case Decimal():
            return str(value)
        case date() | datetime():
            return value.isoformat()
        case _:
            return value


@contextmanager
def changing(session: Session, actor: Actor | None, record: Base, *parts: str) -> Iterator[None]:
    """Around a change of `record`: one line of what differs afterwards; none if nothing does."""
    before = state(record, *parts)
    yield
    session.flush()
    after = state(record, *parts)
    differing = {key for key in after if after[key] != before.get(key)}
    if differing:
        write(
            session, actor, AuditAct.CHANGED, record.__tablename__, _id(record),
            before={key: before[key] for key in sorted(differing)}, after={key: after[key] for key in sorted(differing)},
        )  # fmt: skip


def created(session: Session, actor: Actor | None, record: Base, *parts: str) -> None:
    """One line for a new record (flushed here) with what it says."""
    session.flush()
    stated = {key: value for key, value in state(record, *parts).items() if value not in (None, "", [])}
    write(session, actor, AuditAct.CREATED, record.__tablename__, _id(record), after=stated)


def write(
    session: Session,
    actor: Actor | None,
    act: AuditAct,
    subject: str,
    subject_id: int | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    address: str = "",
) -> None:
    """One line. `actor` is None where nobody is signed in: the program itself, a refused sign-in."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock_shared(:key)"), {"key": WRITING})
    session.add(
        AuditEntry(
            at=clock.now(), by_id=actor.user_id if actor else None, act=act, subject=subject, subject_id=subject_id,
            before=_json(before), after=_json(after), address=address,
        )
    )  # fmt: skip


def refused(session: Session, actor: Actor, refusal: NotAllowed, address: str = "") -> None:
    """One line for an act that was refused. Wants a transaction of its own, since the act left nothing of its own."""
    said = refusal.values
    wanted: dict[str, Any] = {key: said[key] for key in ("act", "kind") if key in said}
    write(session, actor, AuditAct.REFUSED, said.get("subject", ""), said.get("subject_id"), after=wanted, address=address)


def _json(value: Mapping[str, Any] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _id(record: Base) -> int | None:
    (key, *_) = inspect(record).identity or (None,)
    return key if isinstance(key, int) else None


def seal(session: Session) -> AuditSeal | None:
    """Seal the lines written since the last seal; None where there are none, or where somebody is writing just now.

    Wants a transaction of its own. A line that a running transaction will commit has a number already, below those that we can
    see; so PostgreSQL must say that no writer is under way before the lines are read. SQLite has one writer at a time.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "READ COMMITTED"})
        hold_seals(session)
        if not session.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": WRITING}):
            return None
    last = session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))
    lines = list(session.scalars(select(AuditEntry).where(AuditEntry.id > (last.last_id if last else 0)).order_by(AuditEntry.id)))
    if not lines:
        return None
    made = AuditSeal(first_id=lines[0].id, last_id=lines[-1].id, sealed_at=clock.now(), sha256=_hash(last.sha256 if last else "", lines))
    session.add(made)
    session.flush()
    return made


@dataclass(frozen=True, slots=True)
class _Block:
    """A seal, the hash of the one before, and the last line that that one covers."""

    seal: AuditSeal
    before: str
    after: int

    def present(self, session: Session) -> str:
        """The hash of the lines as they stand now, with those that nobody sealed into the block."""
        within = (AuditEntry.id > self.after, AuditEntry.id <= self.seal.last_id)
        return _hash(self.before, session.scalars(select(AuditEntry).where(*within).order_by(AuditEntry.id)))

    def holds(self, session: Session, attested: Mapping[int, str]) -> bool:
        """Whether all is as it was sealed, or as the last erasure left it."""
        return self.present(session) in (self.seal.sha256, attested.get(self.seal.id))


def broken(session: Session) -> AuditSeal | None:
    """The first seal that its lines no longer fit: one of them was changed, removed or slipped in. None: all is whole."""
    attested = _attested(session)
    return next((block.seal for block in _blocks(session) if not block.holds(session, attested)), None)


def hold_seals(session: Session) -> None:
    """Let nobody else seal before this transaction ends. The first thing to do in one that empties lines: it must see every seal there is.

    Always before `WRITING`, so that two who want both never wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("lock table audit_seals in share row exclusive mode"))


def empty(session: Session, actor: Actor, lines: Iterable[AuditEntry]) -> None:
    """Take out of these lines what they say: that something happened stays. Blocks that were whole get a line with their new hash."""
    going, attested = list(lines), _attested(session)
    touched = [block for block in _blocks(session) if any(block.after < line.id <= block.seal.last_id for line in going)]
    whole = [block for block in touched if block.holds(session, attested)]
    for line in going:
        line.before, line.after = "", _json(EMPTIED)
    session.flush()
    for block in whole:
        said = EMPTIED | {"sha256": block.present(session)}
        write(session, actor, AuditAct.CHANGED, AuditSeal.__tablename__, block.seal.id, after=said)


def _blocks(session: Session) -> Iterator[_Block]:
    before, last_id = "", 0
    for sealed in session.scalars(select(AuditSeal).order_by(AuditSeal.id)):
        yield _Block(sealed, before, last_id)
        before, last_id = sealed.sha256, sealed.last_id


def _attested(session: Session) -> dict[int, str]:
    """The hash of each block in which an erasure emptied lines, as the latest one left it."""
    said = select(AuditEntry).where(AuditEntry.subject == AuditSeal.__tablename__).order_by(AuditEntry.id)
    return {line.subject_id or 0: json.loads(line.after)["sha256"] for line in session.scalars(said)}


def unsealed(session: Session) -> int:
    """How many lines wait for a seal."""
    sealed = select(func.coalesce(func.max(AuditSeal.last_id), 0)).scalar_subquery()
    return session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.id > sealed)) or 0


def _hash(before: str, lines: Iterable[AuditEntry]) -> str:
    digest = hashlib.sha256(before.encode())
    for line in lines:
        fields = (line.id, line.at.isoformat(), line.by_id, line.act, line.subject, line.subject_id, line.before, line.after, line.address)
        digest.update(json.dumps(fields, ensure_ascii=False).encode() + b"\n")
    return digest.hexdigest()
