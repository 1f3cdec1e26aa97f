"""How a database would answer what it is asked: what it reads whole, what it puts in order itself.

The tables of a test are so short that PostgreSQL would read any of them whole, and be right. So it is told that this is dear: whatever it
still reads row by row, or sorts, there is no index for.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

Asked = tuple[str, Any]
"""A statement and its values."""

SMALL = {"settings", "stages", "users", "teams", "lead_sources", "campaigns", "products", "competitors", "departments", "user_roles"}
"""Tables of a few hundred rows, which may be read whole."""

DEAR = ("enable_seqscan", "enable_bitmapscan", "enable_sort", "enable_incremental_sort")
"""What PostgreSQL does where no index leads to the rows, or holds them in order (a bitmap leads to rows, in none)."""


@contextmanager
def listening(engine: Engine) -> Iterator[list[Asked]]:
    """The statements that the database is asked meanwhile."""
    asked: list[Asked] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    yield asked
    event.remove(engine, "before_cursor_execute", hear)


def read_whole(engine: Engine, statements: Sequence[Asked]) -> list[str]:
    """What reads a whole table of records, row by row."""
    found = []
    with engine.connect() as connection:
        for statement, values in _questions(statements):
            plan = _plan(connection, statement, values, but=("enable_bitmapscan",))
            tables = _rows_in_sqlite(plan, statement) if _is_sqlite(connection) else re.findall(r"Seq Scan on (\w+)", "\n".join(plan))
            found += [f"{table}: {statement}" for table in tables if table not in SMALL]
    return found


def _rows_in_sqlite(plan: Sequence[str], statement: str) -> list[str]:
    """The tables that are read without an index; in the order of its ids a table lies itself."""
    scans = [match[1] for step in plan if (match := re.fullmatch(r"SCAN (?!anon_)(\w+)", step))]
    return [table for table in scans if not (re.search(rf"ORDER BY {table}\.id (ASC|DESC)", statement) and "LIMIT" in statement)]


def sorted_by_hand(engine: Engine, statements: Sequence[Asked], table: str) -> list[str]:
    """The statements that gather ids of the listed table before they put them in order."""
    found = []
    with engine.connect() as connection:
        for statement, values in _questions(statements):
            if statement.startswith(f"SELECT {table}.id \nFROM {table}"):
                plan = _plan(connection, statement, values)
                nothing = any("One-Time Filter: false" in step for step in plan)
                by_hand = any("TEMP B-TREE" in step or re.match(r"\W*(Incremental )?Sort ", step) for step in plan)
                found += [statement] if by_hand and not nothing else []
    return found


def _questions(statements: Sequence[Asked]) -> Iterator[Asked]:
    return (asked for asked in statements if asked[0].lstrip().lower().startswith("select"))


def _plan(connection: Connection, statement: str, values: Any, but: Sequence[str] = ()) -> list[str]:
    """The steps of a statement's plan, in the database's words; `but`: what is not dear."""
    if _is_sqlite(connection):
        return [row[3] for row in connection.exec_driver_sql(f"explain query plan {statement}", values)]
    for name in DEAR:
        connection.exec_driver_sql(f"set {name} = {'on' if name in but else 'off'}")
    return [row[0] for row in connection.exec_driver_sql(f"explain {statement}", values)]


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
