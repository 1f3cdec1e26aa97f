"""The whole warehouse from the operational database: bulk read, steps, relations, state; built beside, then published."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlalchemy import Engine

from crm import clock
from crm.config import Settings
from etl import bulk, changes, receivables, relations
from etl.relations import CONTRACT, DEAL, RELATIONS, SETTLED, schema_revision
from etl.store import Versions, connect_mart, create

MEMORY = "2GB"
"""What DuckDB may hold while it builds, beside a server that reads; the rest goes to disk."""

Progress = Callable[[str], None]
"""Is told what is being worked on."""


@dataclass(frozen=True)
class Built:
    """A finished version: where it lies, up to where of the change log it goes, how long it took, and its rows by relation."""

    path: Path
    position: int
    seconds: float
    rows: dict[str, int]


def build(
    engine: Engine, settings: Settings, progress: Progress = lambda what: None, *, publish: bool = True, scanning: bool | None = None
) -> Built:
    """Build a version of the warehouse from everything committed, and make it the current one.

    `scanning`: read by DuckDB's scanner, or through Python; None: whatever is quicker. Fails without a trace on what is current.
    """
    started = time.monotonic()
    versions = Versions(settings.warehouse_path)
    building = versions.begin()
    try:
        position, rows = _build(engine, settings, building, progress, scanning)
    except BaseException:
        versions.give_up(building)
        raise
    path = versions.finish(building)
    if publish:
        versions.publish(path)
    return Built(path, position, time.monotonic() - started, rows)


def _build(engine: Engine, settings: Settings, path: Path, progress: Progress, scanning: bool | None) -> tuple[int, dict[str, int]]:
    """Make the file at `path`. What only the building needs lies in a file or two beside, that are removed."""
    beside = path.with_suffix(".source")
    con = connect_mart(path, settings.warehouse_threads, MEMORY)
    try:
        create(con)
        position, mark = _seen(engine)
        bulk.lay(con, beside, engine, scanning, MEMORY, progress)
        rows = _fill(con, progress)
        _sign(con, position, mark)
    finally:
        con.close()
        for path in (beside, bulk.apart(beside)):
            path.unlink(missing_ok=True)
    return position, rows


def _fill(con: duckdb.DuckDBPyConnection, progress: Progress) -> dict[str, int]:
    """Make the steps and the relations; the matching rule, which works in Python, beside those that do not need it. Rows by relation."""
    rows = {}
    with ThreadPoolExecutor(1) as beside, closing(con.cursor()) as cursor:
        relations.take_plain_steps(con, CONTRACT | {"product"}, progress)
        progress("instalments")
        settled = beside.submit(receivables.run, cursor)
        relations.take_plain_steps(con, DEAL, progress)
        for relation in RELATIONS:
            progress(relation.name)
            if relation.name in SETTLED:
                settled.result()
            rows[relation.name] = con.execute(relations.inserting(relation)).fetchall()[0][0]
    return rows


def _seen(engine: Engine) -> tuple[int, str]:
    """The position of the change log before anything is read: what is committed meanwhile will be applied once more, to no harm."""
    changes.identify(engine)
    with engine.connect() as connection:
        position = changes.position(connection)
        return position, changes.mark(connection, position)


def _sign(con: duckdb.DuckDBPyConnection, position: int, mark: str) -> None:
    """Write what the warehouse knows of itself."""
    now = clock.now().replace(tzinfo=None)
    con.execute("insert into mart.state values (?, ?, ?, ?, ?)", [position, mark, now, now, schema_revision()])
    con.executemany("insert into mart.version values (?, ?, ?)", [[relation.name, position, position] for relation in RELATIONS])
    con.execute(f"checkpoint {relations.MART}")
