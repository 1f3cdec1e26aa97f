"""The same questions on PostgreSQL: the warehouse's tables laid into it with sensible indexes, and each report's statements asked there.

The tables are the very ones of the warehouse, so that PostgreSQL is spared the way from the operational rows, and nothing else is at
work on it. Its rows are held to DuckDB's: only the same answers are compared.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from duckdb import DuckDBPyConnection

from scripts.bench.bars import Bars, median
from scripts.bench.dialect import translated
from scripts.postgres import Postgres

TYPES = {"UTINYINT": "smallint", "VARCHAR": "text"}
"""What PostgreSQL calls a type where it has another name for it."""

AS_USUAL = {"work_mem": "'256MB'", "max_parallel_workers_per_gather": "2", "jit": "off", "random_page_cost": "1.1"}
"""How a PostgreSQL for reports is set up on such a machine."""

INDEXED = (("valid_to", "valid_from"), ("day",), ("due_on",), ("customer_id",), ("contract_id",), ("opportunity_id",))
"""The columns by which a report finds its rows; each table has an index on those that it has."""

OF_ITSELF = re.compile(r"mart\.(state|version|touched)\b")
"""What the warehouse knows of itself, which is no part of a report."""

RUNS = 3

Sent = list[tuple[str, dict[str, object]]]
"""Statements, each with the values that it names."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report's page sent, and how long its callback and its statements alone took in DuckDB, in milliseconds."""

    report: str
    sent: Sent
    callback: float
    bare: float


def measure(warehouse: DuckDBPyConnection, asked: list[Asked], bars: Bars) -> None:
    """Lay the tables into a PostgreSQL of their own, ask it the same, and compare."""
    with _filled(warehouse) as there:
        bare, callback = [], []
        for one in asked:
            seconds = _asked_there(warehouse, there, one)
            bare.append(seconds / one.bare)
            callback.append(seconds / one.callback)
            bars.at_least(f"PostgreSQL / DuckDB, bare: {one.report}", bare[-1], 1, "x")
        bars.at_least("PostgreSQL / DuckDB, bare, median of the reports", median(bare), 7, "x")
        bars.at_least("PostgreSQL bare / our whole callback, median of the reports", median(callback), 4, "x")


def _asked_there(warehouse: DuckDBPyConnection, there: psycopg.Connection[Any], one: Asked) -> float:
    """Milliseconds of a report's statements in PostgreSQL, whose answers are DuckDB's."""
    statements = [(sql, values, translated(sql, values)) for sql, values in one.sent if not OF_ITSELF.search(sql)]
    for sql, values, theirs in statements:
        here = warehouse.execute(sql, values)
        assert _told(here, here.fetchall()) == _told(cursor := there.execute(theirs), cursor.fetchall()), (one.report, theirs)
    return median([_timed(lambda: [there.execute(theirs).fetchall() for _, _, theirs in statements]) for _ in range(RUNS)])


def _told(cursor: Any, rows: list[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """The rows by the names of their columns, numbers rounded to what both databases keep, in one order."""
    order = sorted(range(len(cursor.description)), key=lambda at: cursor.description[at][0])
    return sorted(tuple(_plain(row[at]) for at in order) for row in rows)


def _plain(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    return f"{value:.2f}"


def _timed(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


@contextmanager
def _filled(warehouse: DuckDBPyConnection) -> Iterator[psycopg.Connection[Any]]:
    """A PostgreSQL with the warehouse's tables in it, gone afterwards."""
    server = Postgres()
    try:
        with psycopg.connect(server.url("postgres"), autocommit=True) as there, TemporaryDirectory() as folder:
            there.execute("create schema mart")
            for (table,) in warehouse.execute("select table_name from duckdb_tables() where database_name = 'mart'").fetchall():
                _lay(warehouse, there, table, Path(folder) / f"{table}.csv")
            there.execute("create view mart.open_then as select * from mart.open_past union all select * from mart.open_now")
            there.execute("vacuum analyze")
            for name, value in AS_USUAL.items():
                there.execute(f"set {name} = {value}")
            yield there
    finally:
        server.stop()


def _lay(warehouse: DuckDBPyConnection, there: psycopg.Connection[Any], table: str, file: Path) -> None:
    """One table with its indexes, by way of a file. Lists and masks of products, which no report asks for unfiltered, stay behind."""
    described = warehouse.execute(f"describe mart.{table}").fetchall()
    columns = [(name, kind) for name, kind, *_ in described if not kind.endswith("[]") and kind != "UBIGINT"]
    warehouse.execute(f"copy (select {', '.join(name for name, _ in columns)} from mart.{table}) to '{file}' (format csv, header false)")
    there.execute(f"create table mart.{table} ({', '.join(f'{name} {TYPES.get(kind, kind)}' for name, kind in columns)})")
    with file.open("rb") as lines, there.cursor().copy(f"copy mart.{table} from stdin (format csv)") as copy:
        for block in iter(partial(lines.read, 1 << 20), b""):
            copy.write(block)
    file.unlink()
    for indexed in INDEXED:
        if {name for name, _ in columns} >= set(indexed):
            there.execute(f"create index on mart.{table} ({', '.join(indexed)})")
