"""Everything that the operational database holds, laid in the catalog at once.

DuckDB's own scanners read the SQLite file or the PostgreSQL server, within one transaction and so as one consistent state. They come
as packages, in DuckDB's very version; where they can't be loaded, the rows pass through Python, more slowly.

A scanner works in a process of its own. DuckDB's SQLite and Python's are two libraries that do not know of each other's locks: of
one file open in both within one process, closing it in one gives up the locks of the other, and a checkpoint overwrites what the
other reads.
"""

import logging
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.resources import as_file, files
from pathlib import Path

import duckdb
from sqlalchemy import Engine, make_url, text

from etl import operational
from etl.operational import CATALOG, SOURCES
from etl.store import connect, quoted

log = logging.getLogger(__name__)

SCANNERS = {"sqlite": "sqlite_scanner", "postgresql": "postgres_scanner"}
ATTACHED_AS = {"sqlite": "sqlite", "postgresql": "postgres"}

SMALL = 32_000_000
"""Bytes of a database that is read through Python before another process has started."""

Told = Callable[[str], None]


def lay(con: duckdb.DuckDBPyConnection, beside: Path, engine: Engine, scanning: bool | None, memory: str, told: Told) -> None:
    """Attach the file `beside` as the catalog, with every table as they stood at one moment.

    `scanning`: by the scanner or not; None: whatever is quicker.
    """
    if scanning is None:
        scanning = _size(engine) > SMALL
    scanned = scanning and _scanned(beside, engine, memory, told)
    con.execute(f"attach {quoted(str(beside))} as {CATALOG}")
    if not scanned:
        operational.create(con)
        with engine.connect() as connection:
            for name in SOURCES:
                told(name)
                operational.read(connection, con, name)
    operational.set_name_keys(con, SOURCES)


def _size(engine: Engine) -> int:
    """Bytes that the database takes."""
    if engine.dialect.name == "sqlite":
        return Path(engine.url.database or "").stat().st_size
    with engine.connect() as connection:
        return int(connection.scalar(text("select pg_database_size(current_database())")) or 0)


def _scanned(beside: Path, engine: Engine, memory: str, told: Told) -> bool:
    """Have the scanner fill the file `beside`. False where it can't be loaded."""
    told("scanning")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        address = engine.url.render_as_string(hide_password=False)
        fault = process.submit(scan, str(beside), address, memory).result()
    if fault:
        log.warning("%s: reading through Python, which takes longer", fault)
    return not fault


def scan(beside: str, address: str, memory: str) -> str:
    """Fill the file `beside` from the database at `address`. Returns why not, where the scanner can't be loaded."""
    url = make_url(address)
    dialect = url.get_backend_name()
    con = connect(Path(beside), 2, memory)
    try:
        if fault := load_scanner(con, dialect):
            return fault
        operational.create(con, "main")
        source = str(url.database) if dialect == "sqlite" else url.set(drivername="postgresql").render_as_string(hide_password=False)
        con.execute(f"attach {quoted(source)} as source (type {ATTACHED_AS[dialect]}, read_only)")
        con.begin()
        for name in SOURCES:
            columns = ", ".join(operational.typed(column) for column in operational.columns_of(name))
            con.execute(f"insert into {name} by name select {columns} from source.{name}")
        con.execute("commit")
        return ""
    finally:
        con.close()


def load_scanner(con: duckdb.DuckDBPyConnection, dialect: str) -> str:
    """Load the scanner for a kind of database. Returns why not, if it can't be."""
    name = SCANNERS[dialect]
    try:
        with as_file(files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension") as path:
            con.load_extension(str(path))
    except (ImportError, OSError, duckdb.Error) as error:
        return f"DuckDB's {name} can't be loaded ({error})"
    return ""
