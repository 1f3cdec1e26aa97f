"""Rows by the million: columns straight into a table, past the ORM, inside a transaction that the caller owns.

Every constraint of the database still holds. What is saved is the change log's line per row (`silenced`, which leaves one line that
says *everything changed* instead), the upkeep of indexes while rows pour in (`without_indexes`), and on SQLite the checks row by row,
which are made once for each table at the end (`checked_at_the_end`).

A column is a numpy array or a constant with the meaning of its values: `whole`, `days`, `moments`, `flags`, `chosen`, `same`, `given`,
`made`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import CheckConstraint, Connection, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.schema import ScalarElementColumnDefault

CHUNK = 20_000
DAY_SECONDS = 86_400

Column = Callable[[int, int], Sequence[Any]]
"""The database's values of rows `start` to `stop`."""

Progress = Callable[[int], None]
"""Told how many rows of a table are written."""


class CheckFailed(Exception):
    """A fault of the program: it wrote what a check constraint forbids."""


def same(value: Any) -> Column:
    """One value in every row."""
    stored = value.value if isinstance(value, StrEnum) else value
    return lambda start, stop: [stored] * (stop - start)


def given(values: Sequence[Any]) -> Column:
    """Python values as they are."""
    return lambda start, stop: values[start:stop]


def made(make: Callable[[slice], NDArray[np.object_]]) -> Column:
    """Values that are composed only when their rows are written."""
    return lambda start, stop: make(slice(start, stop)).tolist()


def whole(values: NDArray[np.int64], missing: int | None = None) -> Column:
    """Whole numbers; `missing` stands for an empty value."""

    def column(start: int, stop: int) -> Sequence[Any]:
        part = values[start:stop]
        return part.tolist() if missing is None else _emptied(part.astype(object), part == missing)

    return column


def flags(values: NDArray[np.bool_]) -> Column:
    """Yes and no."""
    return lambda start, stop: values[start:stop].tolist()


def chosen(choices: Sequence[Any], codes: NDArray[np.int64]) -> Column:
    """The choice that each code counts to (from 0); a code below 0 is an empty value."""
    table = np.empty(len(choices) + 1, dtype=object)
    table[: len(choices)] = [choice.value if isinstance(choice, StrEnum) else choice for choice in choices]
    return lambda start, stop: table[np.maximum(codes[start:stop], -1)].tolist()


def days(values: NDArray[np.int64]) -> Column:
    """Business dates, as days since 1970; below 0 is an empty value."""
    known = _dates(int(values.max(initial=0)))
    return lambda start, stop: known[np.maximum(values[start:stop], -1)].tolist()


def moments(values: NDArray[np.int64]) -> Column:
    """Instants, as seconds since 1970 in UTC; below 0 is an empty value."""
    known = _dates(int(values.max(initial=0)) // DAY_SECONDS)

    def column(start: int, stop: int) -> Sequence[Any]:
        part = values[start:stop]
        day, second = np.divmod(np.maximum(part, 0), DAY_SECONDS)
        written = known[day] + _CLOCK[second]
        return _emptied(written, part < 0)

    return column


def _emptied(values: NDArray[np.object_], missing: NDArray[np.bool_]) -> Sequence[Any]:
    values[missing] = None
    emptied: Sequence[Any] = values.tolist()
    return emptied


@cache
def _dates(latest: int) -> NDArray[np.object_]:
    """The text of every day up to the latest, and an empty value at the end."""
    table = np.empty(latest + 2, dtype=object)
    table[:-1] = np.datetime_as_string(np.arange(latest + 1).astype("datetime64[D]"))
    return table


_CLOCK = np.array([f" {h:02d}:{m:02d}:{s:02d}.000000" for h in range(24) for m in range(60) for s in range(60)], dtype=object)
"""The time of day as both databases read it, by its second; the same text that the models' instants are stored as."""


def insert(connection: Connection, table: Table, rows: int, columns: Mapping[str, Column], progress: Progress | None = None) -> None:
    """Write `rows` rows. Columns that are left out get the model's default, or are empty where they may be."""
    filled = dict(columns)
    for column in table.columns:
        if column.name not in filled:
            filled[column.name] = same(column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None)
    write = _copy if connection.dialect.name == "postgresql" else _execute
    try:
        write(connection, table, filled, rows, progress or (lambda done: None))
    except _errors(connection) as error:
        raise DBAPIError.instance(f"bulk insert into {table.name}", None, error, _errors(connection)) from error


def _errors(connection: Connection) -> type[Exception]:
    """What the driver raises; the caller sees it as SQLAlchemy's, like any other error of the database."""
    driver: Any = connection.dialect.loaded_dbapi
    errors: type[Exception] = driver.Error
    return errors


def _parts(columns: Mapping[str, Column], rows: int, progress: Progress) -> Iterator[Iterator[tuple[Any, ...]]]:
    for start in range(0, rows, CHUNK):
        stop = min(start + CHUNK, rows)
        yield zip(*(column(start, stop) for column in columns.values()), strict=True)
        progress(stop)


def _execute(connection: Connection, table: Table, columns: Mapping[str, Column], rows: int, progress: Progress) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    statement = f"insert into {table.name} ({names}) values ({', '.join('?' * len(columns))})"
    cursor = connection.connection.cursor()
    for part in _parts(columns, rows, progress):
        cursor.executemany(statement, part)  # type: ignore[arg-type]
    cursor.close()


def _copy(connection: Connection, table: Table, columns: Mapping[str, Column], rows: int, progress: Progress) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"copy {table.name} ({names}) from stdin") as copy:
        for part in _parts(columns, rows, progress):
            for row in part:
                copy.write_row(row)
    cursor.close()
    _count_on(connection, table)


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL's sequence of ids go on behind the largest id that was written."""
    key = table.primary_key.columns
    if len(key) != 1 or not connection.scalar(text("select pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": key[0].name}):
        return
    last = f"greatest((select max({key[0].name}) from {table.name}), 1)"
    connection.execute(text(f"select setval(pg_get_serial_sequence(:t, :c), {last})"), {"t": table.name, "c": key[0].name})


@contextmanager
def silenced(connection: Connection) -> Iterator[None]:
    """Writes without a line each in the change log; at the end one line says that everything changed.

    Whoever follows the log builds anew from there. On SQLite the triggers, those of the search too, are read back from the schema,
    dropped and made again in the same transaction; the lock is held by this one writer anyway.
    """
    postgresql = connection.dialect.name == "postgresql"
    with _triggers_off_postgresql(connection) if postgresql else _triggers_off_sqlite(connection):
        yield
    xid = "pg_current_xact_id()::text::bigint" if postgresql else "null"
    connection.execute(text(f"insert into change_log (subject, subject_id, xid) values ('everything', 0, {xid})"))
    if postgresql:
        connection.execute(text("select pg_notify('saleslens_change', '')"))


@contextmanager
def _triggers_off_sqlite(connection: Connection) -> Iterator[None]:
    ours = "type = 'trigger' and (name like 'log\\_%' escape '\\' or name like 'search\\_%' escape '\\')"
    found = connection.execute(text(f"select name, sql from sqlite_master where {ours}")).all()
    for name, _ in found:
        connection.exec_driver_sql(f"drop trigger {name}")
    yield
    _index_what_is_searched(connection)
    for _, definition in found:
        connection.exec_driver_sql(definition)


def _index_what_is_searched(connection: Connection) -> None:
    """Fill SQLite's tables of what is searched anew: each has a view of what belongs into it."""
    views = connection.execute(text("select name from sqlite_master where type = 'view' and name like 'search\\_%\\_rows' escape '\\'"))
    for view in views.scalars().all():
        table = view.removesuffix("_rows")
        connection.exec_driver_sql(f"insert into {table} ({table}) values ('delete-all')")
        connection.exec_driver_sql(f"insert into {table} (rowid, grams) select id, grams from {view}")


@contextmanager
def _triggers_off_postgresql(connection: Connection) -> Iterator[None]:
    logging = "select distinct tgrelid::regclass::text from pg_trigger where not tgisinternal and tgname like 'log\\_%'"
    tables = connection.execute(text(logging)).scalars().all()
    for table in tables:
        connection.exec_driver_sql(f"alter table {table} disable trigger user")
    yield
    # what waits on deferred constraints stands in the way of altering a table
    connection.exec_driver_sql("set constraints all immediate")
    for table in tables:
        connection.exec_driver_sql(f"alter table {table} enable trigger user")


@contextmanager
def without_indexes(connection: Connection, told: Callable[[int, int], None] | None = None) -> Iterator[None]:
    """Rows pour in without the upkeep of indexes, which are made again at the end (`told`: so many done of so many).

    Keys and unique constraints of the tables themselves stay. For a database that is nearly empty before.
    """
    if connection.dialect.name == "postgresql":
        standing = (
            "select indexname, indexdef from pg_indexes where schemaname = current_schema() and not exists"
            " (select from pg_constraint where conname = indexname) order by indexname"
        )
    else:
        standing = "select name, sql from sqlite_master where type = 'index' and sql is not null order by name"
    found = connection.execute(text(standing)).all()
    for name, _ in found:
        connection.exec_driver_sql(f"drop index {name}")
    yield
    for number, (_, definition) in enumerate(found, 1):
        connection.exec_driver_sql(definition)
        if told:
            told(number, len(found))


@contextmanager
def checked_at_the_end(connection: Connection, tables: Iterable[Table]) -> Iterator[None]:
    """The tables' check constraints hold at the end, and are not asked for each row; `CheckFailed` names what does not.

    On SQLite only: there a list of words is read anew for every row, which takes longer than writing it. On PostgreSQL nothing changes.
    """
    if connection.dialect.name == "postgresql":
        yield
        return
    connection.exec_driver_sql("pragma ignore_check_constraints = on")
    try:
        yield
    finally:
        connection.exec_driver_sql("pragma ignore_check_constraints = off")
    for table in tables:
        checks = " and ".join(f"({_sql(connection, check)})" for check in table.constraints if isinstance(check, CheckConstraint))
        if checks and connection.scalar(text(f"select 1 from {table.name} where not ({checks}) limit 1")):
            raise CheckFailed(f"rows of {table.name} break one of its check constraints")


def _sql(connection: Connection, check: CheckConstraint) -> str:
    return str(check.sqltext.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
