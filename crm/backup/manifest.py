"""What a backup is made of and says of itself; where backups lie."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from crm.backup.disk import sync, sync_file
from crm.config import Settings
from crm.errors import CrmError
from crm.vocabulary import N_

MANIFEST, DATABASE, TABLES, FILES, SECRET = "backup.json", "saleslens.db", "saleslens.tables", "files", "secret.key"

STORED_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What a stored file can be called: a name of the application's own, never a way elsewhere."""


class NoBackup(CrmError):
    """The folder holds none."""

    message = N_("“{folder}” holds no backup.")


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


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write what a backup says of itself: the last thing that comes into its folder."""
    path = folder / MANIFEST
    path.write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
    sync_file(path)
    sync(folder)


def database_of(dialect: str) -> str:
    """What the copy of the database is called."""
    return DATABASE if dialect == "sqlite" else TABLES
