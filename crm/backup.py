"""Backups: a consistent copy of everything that is not derived, brought back, and proved.

A backup is a folder: the database (SQLite's own online copy, or every table of one PostgreSQL snapshot), the uploaded files, the secret
key, and `backup.json`, which says how many rows each table has, what each column of money sums to, and the digest of every file. It is
taken while people work, holds what was committed when it began, and gets its name only once it is whole. The warehouse is not in it:
it is made anew.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text
from sqlalchemy.orm import Session

from crm import audit, clock, schema
from crm import backup_tables as tables
from crm.config import Settings
from crm.db import make_engine
from crm.errors import CrmError
from crm.models import Base, File
from crm.models.base import Money
from crm.vocabulary import N_

MANIFEST, DATABASE, TABLES, FILES, SECRET = "backup.json", "saleslens.db", "saleslens.tables", "files", "secret.key"

STORED_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What a stored file can be called: a name of the application's own, never a way elsewhere."""


class NoBackup(CrmError):
    """The folder holds none."""

    message = N_("“{folder}” holds no backup.")


class HomeInUse(CrmError):
    """A restore never overwrites."""

    message = N_("There is data at {place} already. A backup is brought back into an empty place only; nothing was changed.")


class BackupBroken(CrmError):
    """The backup is not what it says it is."""

    message = N_("The backup does not hold: {fault}. Nothing was changed.")


class OtherDatabase(CrmError):
    """A copy of one kind of database does not go into another."""

    message = N_("This is a backup of {found}; the settings name {named}.")


@dataclass(frozen=True, slots=True)
class Kept:
    """An uploaded file in a backup: its size in bytes and digest."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `sums` are cents by table and column; `missing` are files whose row is there and they are not."""

    made_at: str
    revision: str
    dialect: str
    database_sha256: str
    counts: Mapping[str, int]
    sums: Mapping[str, int]
    files: Mapping[str, Kept]
    missing: tuple[str, ...]

    @property
    def rows(self) -> int:
        """How many rows it holds in all."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, as a sentence with its values. `known`: the backup itself says so, and is whole without it."""

    message: str
    values: Mapping[str, Any]
    known: bool = False

    def __str__(self) -> str:
        return self.message.format(**self.values)


# ── making one ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def backup(settings: Settings, into: Path) -> tuple[Path, Manifest]:
    """Make a backup in a new folder within `into`; its path and what it says of itself. What was begun and not ended has no such name."""
    name = f"saleslens-{clock.now().astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
    into.mkdir(parents=True, exist_ok=True)
    building, made = into / f".{name}.part", into / name
    building.mkdir(mode=0o700)
    try:
        manifest = _fill(settings, building)
        _write_manifest(building, manifest)
        building.rename(made)
        _sync(into)
        settings.home.mkdir(parents=True, exist_ok=True)
        (settings.home / LAST).write_text(json.dumps({"made_at": manifest.made_at, "folder": str(made)}), encoding="utf-8")
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return made, manifest


def _fill(settings: Settings, folder: Path) -> Manifest:
    engine = make_engine(settings.url)
    try:
        counts, sums, names, revision = _copy_sqlite(engine, folder) if _is_sqlite(engine) else _copy_postgresql(engine, folder)
        dialect = engine.dialect.name
    finally:
        engine.dispose()
    files, missing = _copy_files(settings.files_path, folder / FILES, names)
    if settings.secret_path.exists():
        _copy(settings.secret_path, folder / SECRET)
    made_at = clock.now().astimezone(UTC).isoformat(timespec="seconds")
    return Manifest(made_at, revision, dialect, _digest(folder / _database_of(dialect)), counts, sums, files, missing)


Told = tuple[dict[str, int], dict[str, int], list[str], str]
"""Counts, sums, the stored names of files, and the revision of a database."""


def _copy_sqlite(engine: Engine, folder: Path) -> Told:
    """SQLite's online copy: a consistent state, whoever writes meanwhile."""
    target = folder / DATABASE
    with engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
        source: Any = connection.connection.driver_connection
        source.backup(copy)
        copy.execute("pragma journal_mode=delete")
    _sync_file(target)
    with _opened(f"sqlite:///{target}") as copied:
        return _told(copied)


def _copy_postgresql(engine: Engine, folder: Path) -> Told:
    """Every table of one snapshot, in PostgreSQL's own text form (crm/backup_tables.py)."""
    with engine.connect() as connection:
        told = _told(connection)
        tables.write(connection, [*told[0]], folder / TABLES)
    _sync_file(folder / TABLES)
    return told


def _copy_files(source: Path, target: Path, names: list[str]) -> tuple[dict[str, Kept], tuple[str, ...]]:
    """The files of which the copied database knows. A file is on the disk before its row is committed, so it is there now."""
    target.mkdir(mode=0o700)
    kept: dict[str, Kept] = {}
    missing = []
    for name in names:
        if not STORED_NAME.fullmatch(name) or not (source / name).is_file():
            missing.append(name)
            continue
        _copy(source / name, target / name)
        kept[name] = Kept((target / name).stat().st_size, _digest(target / name))
    return kept, tuple(missing)


# ── proving one ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
def verify(folder: Path) -> tuple[Manifest, list[Fault]]:
    """What a backup says of itself, and all that does not hold of it: nothing is trusted, rows are counted and money is summed again."""
    manifest = read_manifest(folder)
    database = folder / _database_of(manifest.dialect)
    if not database.is_file() or _digest(database) != manifest.database_sha256:
        return manifest, [Fault(N_("the copy of the database was changed or is missing"), {}), *_file_faults(folder / FILES, manifest)]
    if manifest.dialect == "sqlite":
        with _opened(f"sqlite:///file:{database}?mode=ro&immutable=1&uri=true") as connection:
            counts, sums, _names, _revision = _told(connection)
            faults = [*_database_faults(connection), *_differences(counts, sums, manifest)]
    else:
        faults = _differences(*tables.told(database, _money()), manifest)
    return manifest, faults + _file_faults(folder / FILES, manifest)


def verify_home(settings: Settings) -> list[Fault]:
    """All that does not hold of the data people work with: the database within itself, the seals of the audit log, the uploaded files."""
    engine = make_engine(settings.url)
    try:
        with engine.connect() as connection:
            faults = _database_faults(connection)
            rows = connection.execute(select(File.stored_name, File.size, File.sha256)).all()
    finally:
        engine.dispose()
    for name, size, digest in rows:
        faults += _file_fault(settings.files_path, name, Kept(size, digest))
    return faults


def _database_faults(connection: Connection) -> list[Fault]:
    """Pages, references and constraints of the database, and the seals of its audit log."""
    faults: list[Fault] = []
    if connection.dialect.name == "sqlite":
        said = [row[0] for row in connection.exec_driver_sql("pragma integrity_check(10)")]
        faults += [Fault(N_("the database is damaged: {said}"), {"said": line}) for line in said if line != "ok"]
        broken = connection.exec_driver_sql("pragma foreign_key_check").fetchmany(10)
        faults += [Fault(N_("a row of {table} refers to one that is missing"), {"table": row[0]}) for row in broken]
    with Session(bind=connection) as session:
        seal = audit.broken(session)
    if seal is not None:
        message = N_("the audit log was changed between lines {first} and {last}")
        faults.append(Fault(message, {"first": seal.first_id, "last": seal.last_id}))
    return faults


def _differences(counts: Mapping[str, int], sums: Mapping[str, int], manifest: Manifest) -> list[Fault]:
    """Where rows and money are not those that were backed up."""
    message = N_("{what} is {found}, and was {kept} when it was backed up")
    pairs = [*_pairs(counts, manifest.counts), *_pairs(sums, manifest.sums)]
    return [Fault(message, {"what": what, "found": found, "kept": kept}) for what, found, kept in pairs if found != kept]


def _pairs(found: Mapping[str, int], kept: Mapping[str, int]) -> Iterator[tuple[str, int | None, int | None]]:
    return ((what, found.get(what), kept.get(what)) for what in sorted({*found, *kept}))


def _file_faults(folder: Path, manifest: Manifest) -> list[Fault]:
    faults = [fault for name, kept in manifest.files.items() for fault in _file_fault(folder, name, kept)]
    message = N_("the file {name} was missing when it was backed up")
    return faults + [Fault(message, {"name": name}, known=True) for name in manifest.missing]


def _file_fault(folder: Path, name: str, kept: Kept) -> list[Fault]:
    path = folder / name
    if not STORED_NAME.fullmatch(name) or not path.is_file():
        return [Fault(N_("the file {name} is missing"), {"name": name})]
    if path.stat().st_size != kept.size or _digest(path) != kept.sha256:
        return [Fault(N_("the file {name} was changed"), {"name": name})]
    return []


# ── bringing one back ────────────────────────────────────────────────────────────────────────────────────────────────────────
def restore(settings: Settings, folder: Path) -> Manifest:
    """Bring a backup back into an empty home and database; it is proved before, and what came of it after. The warehouse is made anew."""
    manifest, faults = verify(folder)
    unknown = [fault for fault in faults if not fault.known]
    if unknown:
        raise BackupBroken(fault=str(unknown[0]))
    schema.refuse_unknown(manifest.revision)
    _check_empty(settings, manifest)
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.files_path.mkdir(mode=0o700, exist_ok=True)
    for name in manifest.files:
        _copy(folder / FILES / name, settings.files_path / name)
    if (folder / SECRET).exists():
        _copy(folder / SECRET, settings.secret_path)
    _bring_back(settings, folder, manifest)  # last, so that a home whose files are not all there yet has no database
    return manifest


def _check_empty(settings: Settings, manifest: Manifest) -> None:
    named = "sqlite" if settings.url.startswith("sqlite") else "postgresql"
    if named != manifest.dialect:
        raise OtherDatabase(found=manifest.dialect, named=named)
    if settings.files_path.exists() and any(settings.files_path.iterdir()):
        raise HomeInUse(place=settings.files_path)
    if named == "sqlite":
        path = Path(make_engine(settings.url).url.database or "")
        if path.exists():
            raise HomeInUse(place=path)
    else:
        with _opened(settings.url) as connection:
            if inspect(connection).get_table_names():
                raise HomeInUse(place=connection.engine.url.render_as_string(hide_password=True))


def _bring_back(settings: Settings, folder: Path, manifest: Manifest) -> None:
    if manifest.dialect == "sqlite":
        target = Path(make_engine(settings.url).url.database or "")
        target.parent.mkdir(parents=True, exist_ok=True)
        coming = target.with_suffix(".restoring")
        _copy(folder / DATABASE, coming)
        coming.replace(target)
        _sync(target.parent)
    else:
        _fill_postgresql(settings, folder, manifest)
    with _opened(settings.url) as connection:
        counts, sums, _names, _revision = _told(connection)
    differing = _differences(counts, sums, manifest)
    if differing:
        raise BackupBroken(fault=str(differing[0]))


def _fill_postgresql(settings: Settings, folder: Path, manifest: Manifest) -> None:
    """The schema as it was, and every row, in one transaction."""
    engine = make_engine(settings.url)
    try:
        with engine.begin() as connection:
            schema.migrate(connection, manifest.revision)
            tables.read(connection, folder / TABLES)
    finally:
        engine.dispose()


# ── what a database holds ────────────────────────────────────────────────────────────────────────────────────────────────────
def _told(connection: Connection) -> Told:
    """The rows of each table that both the program and the database know, the sums of its money, its files and its revision."""
    known = set(inspect(connection).get_table_names())
    counts, sums = {}, {}
    for table in Base.metadata.sorted_tables:
        if table.name not in known:
            continue
        counts[table.name] = connection.scalar(select(func.count()).select_from(table)) or 0
        standing = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in _money().get(table.name, frozenset()) & standing:
            summed = text(f'select coalesce(sum("{column}"), 0) from "{table.name}"')
            sums[f"{table.name}.{column}"] = int(connection.scalar(summed) or 0)
    names = list(connection.scalars(select(File.stored_name).order_by(File.id)))
    return counts, sums, names, schema.revision_of(connection) or ""


def _money() -> dict[str, frozenset[str]]:
    """The columns that hold money, by table."""
    found = {table.name: frozenset(c.name for c in table.columns if isinstance(c.type, Money)) for table in Base.metadata.sorted_tables}
    return {table: columns for table, columns in found.items() if columns}


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    """A connection for reading."""
    engine = make_engine(url) if "immutable" not in url else _immutable(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _immutable(url: str) -> Engine:
    """An engine that leaves the file as it is, byte for byte: no journal beside it, no lock."""
    return create_engine(url)


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def read_manifest(folder: Path) -> Manifest:
    """What the backup in a folder says of itself; `NoBackup` where there is none."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {name: Kept(**kept) for name, kept in said.pop("files").items()}
        return Manifest(files=files, missing=tuple(said.pop("missing")), **said)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise NoBackup(folder=folder) from None


def newest(folder: Path) -> tuple[Path, datetime] | None:
    """The newest whole backup within a folder, and when it was made; None where there is none."""
    found = sorted(path for path in folder.glob("saleslens-*") if (path / MANIFEST).is_file()) if folder.is_dir() else []
    return (found[-1], datetime.fromisoformat(read_manifest(found[-1]).made_at)) if found else None


LAST = "last-backup.json"
"""The file in the home that says when the last backup was made, and where."""


def last_of(settings: Settings) -> datetime | None:
    """When the last backup of this home was made; None if none was."""
    try:
        return datetime.fromisoformat(json.loads((settings.home / LAST).read_text(encoding="utf-8"))["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    _sync_file(path)
    _sync(folder)


def _database_of(dialect: str) -> str:
    return DATABASE if dialect == "sqlite" else TABLES


def _is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _copy(source: Path, target: Path) -> None:
    """A copy that is on the disk when this returns, and for nobody else to read."""
    with source.open("rb") as read, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as written:
        shutil.copyfileobj(read, written, 1 << 20)
        written.flush()
        os.fsync(written.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_file(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

