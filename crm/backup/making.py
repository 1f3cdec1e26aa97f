"""Making a backup: a consistent copy of database, files and secret key, taken while people work."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from crm import clock
from crm.backup import tables
from crm.backup.contents import Told, opened, told
from crm.backup.disk import copy, digest, sync, sync_file
from crm.backup.manifest import DATABASE, FILES, LAST, SECRET, STORED_NAME, TABLES, Kept, Manifest, database_of, write_manifest
from crm.config import Settings
from crm.db import make_engine


def backup(settings: Settings, into: Path) -> tuple[Path, Manifest]:
    """Make a backup in a new folder within `into`; its path and what it says of itself. What was begun and not ended has no such name."""
    name = f"saleslens-{clock.now().astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
    into.mkdir(parents=True, exist_ok=True)
    building, made = into / f".{name}.part", into / name
    building.mkdir(mode=0o700)
    try:
        manifest = _fill(settings, building)
        write_manifest(building, manifest)
        building.rename(made)
        sync(into)
        settings.home.mkdir(parents=True, exist_ok=True)
        (settings.home / LAST).write_text(json.dumps({"made_at": manifest.made_at, "folder": str(made)}), encoding="utf-8")
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    return made, manifest


def _fill(settings: Settings, folder: Path) -> Manifest:
    engine = make_engine(settings.url)
    try:
        dialect = engine.dialect.name
        counts, sums, names, revision = (_copy_sqlite if dialect == "sqlite" else _copy_postgresql)(engine, folder)
    finally:
        engine.dispose()
    files, missing = _copy_files(settings.files_path, folder / FILES, names)
    if settings.secret_path.exists():
        copy(settings.secret_path, folder / SECRET)
    made_at = clock.now().astimezone(UTC).isoformat(timespec="seconds")
    return Manifest(made_at, revision, dialect, digest(folder / database_of(dialect)), counts, sums, files, missing)


def _copy_sqlite(engine: Engine, folder: Path) -> Told:
    """SQLite's online copy: a consistent state, whoever writes meanwhile."""
    target = folder / DATABASE
    with engine.connect() as connection, closing(sqlite3.connect(target)) as online:
        source: Any = connection.connection.driver_connection
        source.backup(online)
        online.execute("pragma journal_mode=delete")
    sync_file(target)
    with opened(f"sqlite:///{target}") as copied:
        return told(copied)


def _copy_postgresql(engine: Engine, folder: Path) -> Told:
    """Every table of one snapshot, in PostgreSQL's own text form (`tables`)."""
    with engine.connect() as connection:
        found = told(connection)
        tables.write(connection, [*found[0]], folder / TABLES)
    sync_file(folder / TABLES)
    return found


def _copy_files(source: Path, target: Path, names: list[str]) -> tuple[dict[str, Kept], tuple[str, ...]]:
    """The files of which the copied database knows. A file is on the disk before its row is committed, so it is there now."""
    target.mkdir(mode=0o700)
    kept: dict[str, Kept] = {}
    missing = []
    for name in names:
        if not STORED_NAME.fullmatch(name) or not (source / name).is_file():
            missing.append(name)
            continue
        copy(source / name, target / name)
        kept[name] = Kept((target / name).stat().st_size, digest(target / name))
    return kept, tuple(missing)
