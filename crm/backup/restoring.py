"""Bringing a backup back, into an empty home and database only."""

from pathlib import Path

from sqlalchemy import inspect

from crm import schema
from crm.backup import tables
from crm.backup.contents import opened, told
from crm.backup.disk import copy, sync
from crm.backup.manifest import DATABASE, FILES, SECRET, TABLES, Manifest
from crm.backup.proving import differences, verify
from crm.config import Settings
from crm.db import make_engine
from crm.errors import CrmError
from crm.vocabulary import N_


class HomeInUse(CrmError):
    """A restore never overwrites."""

    message = N_("There is data at {place} already. A backup is brought back into an empty place only; nothing was changed.")


class BackupBroken(CrmError):
    """The backup is not what it says it is."""

    message = N_("The backup does not hold: {fault}. Nothing was changed.")


class OtherDatabase(CrmError):
    """A copy of one kind of database does not go into another."""

    message = N_("This is a backup of {found}; the settings name {named}.")


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
        copy(folder / FILES / name, settings.files_path / name)
    if (folder / SECRET).exists():
        copy(folder / SECRET, settings.secret_path)
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
        with opened(settings.url) as connection:
            if inspect(connection).get_table_names():
                raise HomeInUse(place=connection.engine.url.render_as_string(hide_password=True))


def _bring_back(settings: Settings, folder: Path, manifest: Manifest) -> None:
    if manifest.dialect == "sqlite":
        target = Path(make_engine(settings.url).url.database or "")
        target.parent.mkdir(parents=True, exist_ok=True)
        coming = target.with_suffix(".restoring")
        copy(folder / DATABASE, coming)
        coming.replace(target)
        sync(target.parent)
    else:
        _fill_postgresql(settings, folder, manifest)
    with opened(settings.url) as connection:
        counts, sums, _names, _revision = told(connection)
    differing = differences(counts, sums, manifest)
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
