"""Everything that the operational database holds, laid in the catalog at once.

DuckDB's own scanners read the SQLite file or the PostgreSQL server, within one transaction and so as one consistent state. They come
as packages, in DuckDB's very version; where they can't be loaded, the rows pass through Python, more slowly.
"""

import logging
from collections.abc import Callable
from importlib.resources import as_file, files

import duckdb
from sqlalchemy import Engine

from etl import operational
from etl.operational import CATALOG, SOURCES

log = logging.getLogger(__name__)

SCANNERS = {"sqlite": "sqlite_scanner", "postgresql": "postgres_scanner"}


def lay(con: duckdb.DuckDBPyConnection, engine: Engine, scanning: bool, told: Callable[[str], None]) -> None:
    """Fill the catalog with every table, as they stood at one moment; `scanning`: by the scanner (see `scanner`)."""
    operational.create(con)
    if scanning:
        _scan(con, engine, told)
    else:
        with engine.connect() as connection:
            for name in SOURCES:
                told(name)
                operational.read(connection, con, name)
    operational.set_name_keys(con, SOURCES)


def scanner(con: duckdb.DuckDBPyConnection, engine: Engine) -> bool:
    """Load the scanner for the engine's database. False where it can't be."""
    name = SCANNERS[engine.dialect.name]
    try:
        with as_file(files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension") as path:
            con.load_extension(str(path))
    except (ImportError, OSError, duckdb.Error) as error:
        log.warning("DuckDB's %s can't be loaded (%s): reading through Python, which takes longer", name, error)
        return False
    return True


def _scan(con: duckdb.DuckDBPyConnection, engine: Engine, told: Callable[[str], None]) -> None:
    con.execute(f"attach {_quoted(_address(engine))} as source (type {engine.dialect.name.removesuffix('ql')}, read_only)")
    try:
        con.begin()
        for name in SOURCES:
            told(name)
            columns = ", ".join(operational.typed(column) for column in operational.columns_of(name))
            con.execute(f"insert into {CATALOG}.{name} by name select {columns} from source.{name}")
        con.execute("commit")
    finally:
        con.execute("detach source")


def _address(engine: Engine) -> str:
    """Where the scanner finds the database."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
