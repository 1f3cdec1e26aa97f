"""The operational database: engine, and the one place where anything is committed.

SQLite runs in WAL with full durability, foreign keys on and a patient lock; a write transaction takes the writer's lock at its
start (BEGIN IMMEDIATE), so that two people never deadlock half way. PostgreSQL runs at repeatable read.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from crm.errors import DatabaseBusy, DatabaseGone

BUSY_MS = 15_000
"""How long a writer waits for another before the person is told."""

KEPT = 16
"""Connections kept open between requests. As many more are made as threads ask for at once: who has one never waits for a second."""


def make_engine(url: str) -> Engine:
    """An engine for `url` (SQLite or PostgreSQL), set up so that nothing committed is ever lost."""
    if url.startswith("sqlite"):
        local = {"check_same_thread": False, "timeout": BUSY_MS / 1000}
        engine = create_engine(url, connect_args=local, pool_size=KEPT, max_overflow=-1)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(url, isolation_level="REPEATABLE READ", pool_pre_ping=True, pool_size=KEPT, max_overflow=-1)


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}", "cache_size=-65536"):
        connection.execute(f"pragma {pragma}")


def _sqlite_begin(connection: Any) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("begin immediate" if writing else "begin")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One whole act of a person: committed at the end, or nothing of it. Errors of the database become sentences."""
    try:
        with Session(engine.execution_options(writing=True), expire_on_commit=False) as session:
            yield session
            session.commit()
    except OperationalError as error:
        raise (DatabaseBusy() if _is_lock(error) else DatabaseGone()) from error
    except DBAPIError as error:
        if _is_conflict(error):
            raise DatabaseBusy() from error
        raise


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads, over one consistent snapshot; whatever it would write is thrown away."""
    try:
        with Session(engine, expire_on_commit=False) as session:
            yield session
    except OperationalError as error:
        raise (DatabaseBusy() if _is_lock(error) else DatabaseGone()) from error


class Commits:
    """Tells one committed state of the database from the next, in microseconds: what was read can be kept until anybody commits.

    Ask for the mark before reading what is kept under it: a commit in between then only costs a second reading.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        # SQLite counts the commits of all other connections for the one that asks, so that one never writes
        self._own = engine.connect() if engine.dialect.name == "sqlite" else None

    def mark(self) -> Hashable:
        """The same value as long as nobody commits; another one afterwards."""
        try:
            if self._own is not None:
                with self._lock:
                    return self._own.connection.cursor().execute("pragma data_version").fetchone()[0]  # type: ignore[no-any-return]
            with self._engine.connect() as connection:
                return str(connection.exec_driver_sql("select pg_current_snapshot()::text").scalar_one())
        except OperationalError as error:
            raise DatabaseGone() from error

    def close(self) -> None:
        """Give the connection back."""
        if self._own is not None:
            self._own.close()


def _is_lock(error: DBAPIError) -> bool:
    return "locked" in str(error.orig) or _is_conflict(error)


def _is_conflict(error: DBAPIError) -> bool:
    """Whether PostgreSQL asks to try again: serialization failure, deadlock, lock not available, and a unique value that is taken.

    A verb looks before it writes, so a value that is there nevertheless was written by somebody else at the same moment; who tries
    again is told by the verb. SQLite has one writer at a time and no such moment.
    """
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "55P03", "23505"}
