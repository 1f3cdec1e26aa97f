"""What was committed since a position of the change log.

A *position* says up to where everything is known. On SQLite writers follow one another, so it is the number of the log's line. On
PostgreSQL lines become visible out of order; there a position is the id of a transaction, and everything up to it means: the lines
of all transactions that are older than every one still running, so that nothing older can appear later.
"""

import secrets
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, delete, func, select, text

from crm.db import transaction
from crm.models import Change

EVERYTHING = "everything"
"""The subject of a line that stands for more changes than are worth listing."""

MARGIN = 100_000
"""Lines that stay behind the warehouse, for a server that follows more slowly."""


RECORD = "record"
"""The part of a record that nothing but its own row tells."""


@dataclass(frozen=True)
class Changes:
    """The records that were touched after one position, up to another; `parts` of them: subject, and table or `RECORD` or unknown."""

    position: int
    subjects: Mapping[str, set[int]] = field(default_factory=dict)
    parts: Set[tuple[str, str | None]] = frozenset()

    @property
    def count(self) -> int:
        """How many records."""
        return sum(len(ids) for ids in self.subjects.values())


def position(connection: Connection) -> int:
    """The newest position up to which everything is visible in the connection's snapshot."""
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")) or 0)
    return connection.scalar(select(func.max(Change.position))) or 0


def latest(engine: Engine) -> int:
    """The position that, once reached, holds everything committed up to now; a wait for it also waits for who is still writing."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            return int(connection.scalar(text("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1")) or 0)
        return position(connection)


def since(connection: Connection, known: int) -> Changes:
    """What was touched after position `known`, as of the connection's snapshot."""
    now = position(connection)
    at = Change.xid if connection.dialect.name == "postgresql" else Change.position
    lines = select(Change.subject, Change.subject_id, Change.part).where(at > known, at <= now).distinct()
    subjects: dict[str, set[int]] = {}
    parts = set()
    for subject, subject_id, part in connection.execute(lines):
        subjects.setdefault(subject, set()).add(subject_id)
        parts.add((subject, part))
    return Changes(now, subjects, parts)


def identify(engine: Engine) -> None:
    """Give a SQLite file a number of its own, unless it has one: another file in its place has another. A copy keeps it."""
    if engine.dialect.name == "sqlite":
        with transaction(engine) as session:
            connection = session.connection()
            if not connection.exec_driver_sql("pragma user_version").scalar():
                connection.exec_driver_sql(f"pragma user_version = {secrets.randbelow(2**31 - 1) + 1}")


def mark(connection: Connection, known: int) -> str:
    """What tells this database, at this position, from another: a restored or exchanged one has another past."""
    if connection.dialect.name == "postgresql":
        return str(
            connection.scalar(text("select oid || ':' || 'change_log'::regclass::oid from pg_database where datname = current_database()"))
        )
    number = connection.exec_driver_sql("pragma user_version").scalar()
    line = connection.execute(select(Change.subject, Change.subject_id).where(Change.position == known)).one_or_none()
    return f"{number}:{line.subject}:{line.subject_id}" if line else str(number)


def reaches(connection: Connection, known: int, known_mark: str) -> bool:
    """Whether the log still has everything after position `known`, and is the log that the mark was taken from."""
    if position(connection) < known or mark(connection, known) != known_mark:
        return False
    at = Change.xid if connection.dialect.name == "postgresql" else Change.position
    oldest = connection.scalar(select(func.min(at)))
    return oldest is None or oldest <= known + 1


def prune(engine: Engine, known: int, margin: int = MARGIN) -> int:
    """Remove the lines that a warehouse at position `known` no longer needs, but for the newest `margin`. Returns how many."""
    with transaction(engine) as session:
        newest = session.scalar(select(func.max(Change.position))) or 0
        if engine.dialect.name == "postgresql":
            # by transaction, so that whatever is left is complete from its oldest transaction on
            still = session.scalar(select(func.min(Change.xid)).where(Change.position > newest - margin))
            old = delete(Change).where(Change.xid < (still or 0), Change.xid <= known)
        else:
            old = delete(Change).where(Change.position <= newest - margin, Change.position < known)
        return int(session.connection().execute(old).rowcount)
