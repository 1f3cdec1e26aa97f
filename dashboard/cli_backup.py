"""`saleslens backup`, `restore` and `verify`: a copy of everything while people work, brought back, and proved."""

import sys
from pathlib import Path

import click

from crm.backup import making, proving, restoring
from crm.config import Settings
from dashboard.i18n import _


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def make(settings: Settings, folder: Path) -> None:
    """Make a backup in a new folder within FOLDER, while people work."""
    made, manifest = making.backup(settings, folder)
    click.echo(str(made))
    click.echo(_("{rows} rows and {files} files.", rows=f"{manifest.rows:,}", files=f"{len(manifest.files):,}"), err=True)
    for name in manifest.missing:
        click.echo(_("the file {name} is missing", name=name), err=True)
    if manifest.missing:
        sys.exit(1)


@click.command("restore")
@click.argument("folder", type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.pass_obj
def bring_back(settings: Settings, folder: Path) -> None:
    """Bring the backup FOLDER back into an empty home (and, with PostgreSQL, an empty database)."""
    manifest = restoring.restore(settings, folder)
    click.echo(_("Brought back as of {time}: {rows} rows.", time=manifest.made_at, rows=f"{manifest.rows:,}"))
    click.echo(_("The reports' warehouse is made anew when the server starts."))


@click.command("verify")
@click.argument("folder", required=False, type=click.Path(file_okay=False, exists=True, path_type=Path))
@click.pass_obj
def prove(settings: Settings, folder: Path | None) -> None:
    """Prove the backup FOLDER, or without one the data that people work with; what does not hold is listed, and the exit code is 1."""
    faults = proving.verify(folder)[1] if folder else proving.verify_home(settings)
    for fault in faults:
        click.echo(_(fault.message, **fault.values), err=True)
    if faults:
        sys.exit(1)
    click.echo(_("Everything holds."))
