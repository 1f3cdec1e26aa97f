"""Proving a backup, or the home that people work with: nothing is trusted, all is counted, summed and read again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from crm import audit
from crm.backup import tables
from crm.backup.contents import money_columns, opened, told
from crm.backup.disk import digest
from crm.backup.manifest import FILES, STORED_NAME, Kept, Manifest, database_of, read_manifest
from crm.config import Settings
from crm.db import make_engine
from crm.models import File
from crm.vocabulary import N_


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that does not hold, as a sentence with its values. `known`: the backup itself says so, and is whole without it."""

    message: str
    values: Mapping[str, Any]
    known: bool = False

    def __str__(self) -> str:
        return self.message.format(**self.values)


def verify(folder: Path) -> tuple[Manifest, list[Fault]]:
    """What a backup says of itself, and all that does not hold of it: nothing is trusted, rows are counted and money is summed again."""
    manifest = read_manifest(folder)
    database = folder / database_of(manifest.dialect)
    if not database.is_file() or digest(database) != manifest.database_sha256:
        return manifest, [Fault(N_("the copy of the database was changed or is missing"), {}), *_file_faults(folder / FILES, manifest)]
    if manifest.dialect == "sqlite":
        with opened(f"sqlite:///file:{database}?mode=ro&immutable=1&uri=true") as connection:
            counts, sums, _names, _revision = told(connection)
            faults = [*_database_faults(connection), *differences(counts, sums, manifest)]
    else:
        faults = differences(*tables.told(database, money_columns()), manifest)
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
    for name, size, sha256 in rows:
        faults += _file_fault(settings.files_path, name, Kept(size, sha256))
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


def differences(counts: Mapping[str, int], sums: Mapping[str, int], manifest: Manifest) -> list[Fault]:
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
    if path.stat().st_size != kept.size or digest(path) != kept.sha256:
        return [Fault(N_("the file {name} was changed"), {"name": name})]
    return []
