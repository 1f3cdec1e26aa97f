"""The warehouse as files and as something to read from: numbered versions in a folder, and the one that is current.

A version is built beside the others and published by replacing the pointer `current`, so that a reader has either the old one
whole or the new one whole. One process may have a version open for writing; within it any number of cursors read, each a
consistent state (MVCC) while the follower writes the next.
"""

import contextlib
import fcntl
import logging
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from weakref import WeakSet

import duckdb

from etl import operational
from etl.relations import MART, TABLES, schema_revision, take_steps

log = logging.getLogger(__name__)

POINTER = "current"
SUFFIX = ".duckdb"
BUILDING = ".building"
RESERVED = ".reserved"


class WarehouseUnusable(Exception):
    """The warehouse can't be read: missing, damaged, locked by another process, or made by another version of the program."""


class WarehouseTaken(WarehouseUnusable):
    """Another process has this version open."""


ROWS_TOGETHER = 16_384
"""Of so many rows of a table the least and the greatest value of each column are known, by which they are read or passed over. A file keeps
no such number: where it is opened with another one, a checkpoint joins its rows anew."""


def connect(path: Path, threads: int, memory: str, own: bool = True) -> duckdb.DuckDBPyConnection:
    """A connection to the file at `path`, made if it is missing; not its `own`: to nothing but memory, with room beside that file for what
    does not fit. Nothing is fetched from anywhere."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": str(path.with_suffix(".tmp")),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # the keys of a page of rows (a hundred) are looked for while a table is read, and not in each of its rows afterwards
        "dynamic_or_filter_threshold": 1000,
        # rows are laid beside a handful of periods by comparing them, rather than sorted first
        "nested_loop_join_threshold": 100,
    }
    con = duckdb.connect(path if own else ":memory:", config=config)
    con.execute("set enable_progress_bar = false")
    return con


def connect_mart(path: Path, threads: int, memory: str) -> duckdb.DuckDBPyConnection:
    """A connection in which the warehouse at `path`, made if it is missing, is the catalog `mart`."""
    con = connect(path, threads, memory, own=False)
    try:
        con.execute(f"attach {quoted(str(path))} as {MART} (row_group_size {ROWS_TOGETHER})")
    except duckdb.Error:
        con.close()
        raise
    return con


def quoted(value: str) -> str:
    """A text as SQL has it where no parameter can stand."""
    return "'" + value.replace("'", "''") + "'"


def create(con: duckdb.DuckDBPyConnection) -> None:
    """The empty tables of `etl/tables.sql`, in the catalog `mart`."""
    con.execute(TABLES.read_text(encoding="utf-8"))


class Store:
    """One version of the warehouse, open. Beside its tables lies the catalog `operational`, in memory, where the follower works."""

    def __init__(self, path: Path, threads: int = 2, memory: str = "4GB") -> None:
        if not path.exists():
            raise WarehouseUnusable(f"{path.name} is missing")
        _ours.add(path)
        try:
            self._connection = connect_mart(path, threads, memory)
            self._check(path)
            self._prepare()
        except duckdb.Error as error:
            _ours.discard(path)
            fault = WarehouseTaken if "Could not set lock" in str(error) else WarehouseUnusable
            raise fault(f"{path.name} can't be opened: {str(error).splitlines()[0]}") from error
        self.path = path
        self.left: dict[str, int] = dict.fromkeys(set(operational.SOURCES) - {"products"}, 0)
        """How many rows of what the last step left in the catalog, as far as anybody knows."""
        self._readers: WeakSet[Any] = WeakSet()

    def _check(self, path: Path) -> None:
        """Refuse what another version of the program made, or what was never finished."""
        try:
            row = self._connection.execute("select schema_revision from mart.state").fetchone()
        except duckdb.CatalogException:
            row = None
        if row is None or row[0] != schema_revision():
            self._connection.close()
            _ours.discard(path)
            raise WarehouseUnusable(f"{path.name} was made by another version of the program")

    def _prepare(self) -> None:
        """Attach the catalog in which the follower works; it knows the products from the start, since every mask needs them."""
        self._connection.execute(f"attach ':memory:' as {operational.CATALOG}")
        operational.create(self._connection)
        columns = "product_id as id, code, name, name_key, category, active"
        self._connection.execute(f"insert into {operational.CATALOG}.products by name select {columns} from mart.product")
        take_steps(self._connection, frozenset({"product"}))

    def worker(self) -> duckdb.DuckDBPyConnection:
        """A cursor for work in the catalog, outside of what readers see."""
        return self._connection.cursor()

    def opportunities_of(self, contract_ids: Collection[int]) -> set[int]:
        """The opportunities that contracts belong to, as far as the warehouse knows."""
        if not contract_ids:
            return set()
        ids = ", ".join(map(str, contract_ids))
        cursor = self._connection.cursor()
        try:
            found = cursor.execute(f"select opportunity_id from mart.contract_record where contract_id in ({ids})").fetchall()
        finally:
            cursor.close()
        return {row[0] for row in found if row[0] is not None}

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for one reader, usable from the thread that asked for it."""
        reader = self._connection.cursor()
        self._readers.add(reader)
        return reader

    @contextlib.contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose changes become visible together at the end, or not at all."""
        writer = self._connection.cursor()
        try:
            writer.begin()
            yield writer
            writer.execute("commit")
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                writer.rollback()
            raise
        finally:
            writer.close()

    def state(self) -> tuple[int, str]:
        """Up to where of the change log everything is in, and the mark of the database it came from."""
        cursor = self._connection.cursor()
        try:
            position, mark = cursor.execute("select position, mark from mart.state").fetchone()  # type: ignore[misc]
            return int(position), mark
        finally:
            cursor.close()

    def position(self) -> int:
        """Up to where of the change log everything is in."""
        return self.state()[0]

    @property
    def in_use(self) -> bool:
        """Whether somebody may still read from it."""
        return len(self._readers) > 0

    def close(self) -> None:
        """Let go of the file; only when nobody reads from it (`in_use`)."""
        self._connection.close()
        _ours.discard(self.path)


class Versions:
    """The folder of a warehouse: its numbered versions and the pointer to the current one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def current(self) -> Path | None:
        """The version that the pointer names, if there is one."""
        try:
            return self.folder / (self.folder / POINTER).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def begin(self) -> Path:
        """A free path for the next version, reserved for whoever asked."""
        number = 1 + max((int(path.stem) for path in self.folder.iterdir() if path.stem.isdigit()), default=0)
        while True:
            path = self.folder / f"{number}{BUILDING}"
            with contextlib.suppress(FileExistsError):
                (self.folder / f"{number}{RESERVED}").touch(exist_ok=False)
                _ours.add(path)
                return path
            number += 1

    def finish(self, building: Path) -> Path:
        """Give a version that was built its name; it is not current yet."""
        path = building.with_suffix(SUFFIX)
        building.rename(path)
        _ours.discard(building)
        building.with_suffix(RESERVED).unlink(missing_ok=True)
        return path

    def give_up(self, building: Path) -> None:
        """Leave a version unfinished, for `clean` to remove."""
        _ours.discard(building)

    def publish(self, path: Path) -> None:
        """Make `path` the current version, at once for everybody."""
        beside = path.with_suffix(f".{POINTER}")  # named by its version, so that what a killed process leaves goes with it
        beside.write_text(path.name, encoding="utf-8")
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(self.folder / POINTER)

    def clean(self) -> None:
        """Remove what is neither current nor open, in this process or another: old versions, and what unfinished builds left."""
        current = self.current()
        kept = {_number(path) for path in _ours if path.parent == self.folder} | {_number(current) if current else ""}
        left = {_number(path) for path in self.folder.iterdir() if _number(path).isdigit()} - kept
        for number in left:
            files = list(self.folder.glob(f"{number}.*"))
            if not any(_locked(path) for path in files if path.is_file()):
                for path in files:
                    path.unlink() if path.is_file() else shutil.rmtree(path)
                log.info("removed version %s of the warehouse", number)


_ours: set[Path] = set()
"""The files that this process has open: asking the system about their locks would give the locks up."""


def _number(path: Path) -> str:
    """The version that a file in the folder belongs to."""
    return path.name.split(".")[0]


def _locked(path: Path) -> bool:
    """Whether another process holds the file, as DuckDB does while it has it open. Never to be asked about a file of our own."""
    try:
        with path.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.lockf(file, fcntl.LOCK_UN)
    except OSError:
        return True
    return False
