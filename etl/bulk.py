"""Everything that the operational database holds, laid in the catalog at once.

DuckDB's own scanners read the SQLite file or the PostgreSQL server, within one transaction and so as one consistent state. They come
as packages, in DuckDB's very version; where they can't be loaded, the rows pass through Python, more slowly.

A scanner works in a process of its own. DuckDB's SQLite and Python's are two libraries that do not know of each other's locks: of
one file open in both within one process, closing it in one gives up the locks of the other, and a checkpoint overwrites what the
other reads. Of a SQLite file two processes read a part each, since each reads on one core; they begin while nobody can write, and so
see the same moment.
"""

import logging
import multiprocessing
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import duckdb
from sqlalchemy import Engine, make_url, text

from crm.db import transaction
from etl import operational
from etl.operational import CATALOG, SOURCES
from etl.store import connect, quoted

log = logging.getLogger(__name__)

SCANNERS = {"sqlite": "sqlite_scanner", "postgresql": "postgres_scanner"}
ATTACHED_AS = {"sqlite": "sqlite", "postgresql": "postgres"}

SMALL = 32_000_000
"""Bytes of a database that is read through Python before another process has started."""

APART = ("leads", "opportunities", "receipts")
"""Tables of a SQLite file that the second process reads: about half of the work."""

PATIENCE = 60.0
"""Seconds that the processes wait for each other to start before the rows are read through Python instead."""

MOMENT = 10.0
"""Seconds at most that the begin of their reading may take, while nobody can write."""

Told = Callable[[str], None]


def lay(con: duckdb.DuckDBPyConnection, beside: Path, engine: Engine, scanning: bool | None, memory: str, told: Told) -> None:
    """Attach the file `beside` as the catalog, with every table as they stood at one moment.

    `scanning`: by the scanner or not; None: whatever is quicker.
    """
    if scanning is None:
        scanning = _size(engine) > SMALL
    parts = _parts(beside, engine)
    scanned = scanning and _scanned(parts, engine, memory, told)
    con.execute(f"attach {quoted(str(beside))} as {CATALOG}")
    if not scanned:
        operational.create(con)
        with engine.connect() as connection:
            for name in SOURCES:
                told(name)
                operational.read(connection, con, name)
    else:
        _joined(con, parts)
    operational.set_name_keys(con, SOURCES)


Parts = dict[Path, Collection[str]]
"""The file that each process fills, and its tables; the first is the catalog."""


def _parts(beside: Path, engine: Engine) -> Parts:
    if engine.dialect.name != "sqlite":
        return {beside: tuple(SOURCES)}  # this scanner reads on several cores by itself
    return {beside: [name for name in SOURCES if name not in APART], apart(beside): APART}


def apart(beside: Path) -> Path:
    """The file that lies beside the catalog's while a warehouse is built."""
    return beside.with_suffix(f"{beside.suffix}-apart")


def _joined(con: duckdb.DuckDBPyConnection, parts: Parts) -> None:
    """Let the catalog's tables that lie in another file be read as its own."""
    for number, (path, names) in enumerate(list(parts.items())[1:]):
        con.execute(f"attach {quoted(str(path))} as apart_{number}")
        for name in names:
            con.execute(f"drop table {CATALOG}.{name}")
            con.execute(f"create view {CATALOG}.{name} as from apart_{number}.main.{name}")


def _size(engine: Engine) -> int:
    """Bytes that the database takes."""
    if engine.dialect.name == "sqlite":
        return Path(engine.url.database or "").stat().st_size
    with engine.connect() as connection:
        return int(connection.scalar(text("select pg_database_size(current_database())")) or 0)


def _scanned(parts: Parts, engine: Engine, memory: str, told: Told) -> bool:
    """Have the scanner fill the files. False where it can't be loaded."""
    told("scanning")
    spawn = multiprocessing.get_context("spawn")
    together = spawn.Barrier(len(parts) + 1)
    address = engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(len(parts), spawn, initializer=_meet, initargs=(together,)) as pool:
        scans = [pool.submit(scan, str(path), tuple(names), address, memory) for path, names in parts.items()]
        try:
            together.wait(PATIENCE)  # everybody is ready
            with _nobody_writes(engine):
                together.wait(MOMENT)  # everybody may begin
                together.wait(MOMENT)  # everybody has begun
        except BrokenBarrierError:
            log.warning("the scanners did not begin together")
        faults = [fault for each in scans if (fault := each.result())]
    if faults:
        log.warning("%s: reading through Python, which takes longer", faults[0])
    return not faults


@contextmanager
def _nobody_writes(engine: Engine) -> Iterator[None]:
    """Keep others from writing, for some milliseconds: they wait."""
    with transaction(engine) as session:
        session.connection()
        yield


_met: list[Any] = []
"""In a scanning process: where it meets the others."""


def _meet(together: Barrier) -> None:
    _met[:] = [together]


def scan(beside: str, names: Collection[str], address: str, memory: str) -> str:
    """Fill the tables `names` of the file `beside` from the database at `address`. Returns why not, where that can't be."""
    url, together = make_url(address), _met[0]
    dialect = url.get_backend_name()
    con = connect(Path(beside), 2, memory)
    try:
        if fault := load_scanner(con, dialect):
            together.abort()
            return fault
        operational.create(con, "main")
        source = str(url.database) if dialect == "sqlite" else url.set(drivername="postgresql").render_as_string(hide_password=False)
        con.execute(f"attach {quoted(source)} as source (type {ATTACHED_AS[dialect]}, read_only)")
        together.wait(PATIENCE)
        together.wait(MOMENT)
        con.begin()
        con.execute("select zone from source.settings").fetchall()  # a transaction sees what stands at its first reading
        together.wait(MOMENT)
        for name in names:
            columns = ", ".join(operational.typed(column) for column in operational.columns_of(name))
            con.execute(f"insert into {name} by name select {columns} from source.{name}")
        con.execute("commit")
        return ""
    except BrokenBarrierError:
        return "the scanners did not begin together"
    except BaseException:
        together.abort()
        raise
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
