"""`saleslens real`: every table in a folder that a layout knows, imported by the product's own import into a company of its own.

It founds the company where there is none, imports file by file in the order in which they build on each other, and says what was taken
and what was not, and why. A second run finds everything there already and changes nothing.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Engine, func, select

from crm.db import reading, transaction
from crm.errors import CrmError
from crm.importing import faulty, runs
from crm.importing.fields import KIND_LABELS, RecordKind
from crm.importing.judged import Outcome
from crm.importing.problems import FileProblem, LayoutProblem
from crm.importing.reading import Limits, open_sheet
from crm.importing.writing import NothingToImport, import_file
from crm.models import User
from crm.services import founding
from crm.vocabulary import Role
from dashboard.cli_import import Options, describe, told, verdict_on
from dashboard.i18n import N_, _, explain

ORDER = (
    RecordKind.TEAMS, RecordKind.PEOPLE, RecordKind.PRODUCTS, RecordKind.COMPETITORS, RecordKind.CUSTOMERS, RecordKind.LEADS,
    RecordKind.OPPORTUNITIES, RecordKind.CONTRACTS, RecordKind.INSTALMENTS, RecordKind.RECEIPTS, RecordKind.COSTS,
    RecordKind.FOLLOW_UPS, RecordKind.TARGETS,
)  # fmt: skip
"""What others build on comes first."""

SUFFIXES = (".csv", ".xlsx", ".xls", ".ods")

ACCOUNTS = (("admin", N_("Administrator"), Role.ADMINISTRATOR), ("executive", N_("Executive"), Role.EXECUTIVE))


class NothingThere(CrmError):
    """The folder does not exist or holds no table."""

    message = N_("There are no tables in “{folder}”. The public files are not part of the project; name their folder.")


@dataclass(frozen=True, slots=True)
class Known:
    """A file and what it holds."""

    path: Path
    kind: RecordKind


def run(engine: Engine, folder: Path, build: Callable[[], int]) -> bool:
    """Import the folder, telling about each file. Returns whether everything that a layout knows was taken.

    `build` makes the warehouse and says of how many rows.
    """
    known, strange = _look(engine, folder)
    if not known:
        raise NothingThere(folder=folder)
    _found(engine)
    taken = [_import(engine, one.path) for one in known]
    for path, error in strange:
        click.echo(_("{file}: not taken. {reason}", file=path.name, reason=explain(error)))
    click.echo(_("The warehouse holds {rows} rows.", rows=build()))
    return all(taken)


def _look(engine: Engine, folder: Path) -> tuple[list[Known], list[tuple[Path, CrmError]]]:
    """The files of the folder, sorted into what is known and what is not, and why."""
    known, strange = [], []
    with reading(engine) as session:
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
            try:
                layout = runs.layout_for(session, open_sheet(path, path.name, Limits()), None)
                known.append(Known(path, layout.kind))
            except (FileProblem, LayoutProblem) as error:
                strange.append((path, error))
    return sorted(known, key=lambda one: ORDER.index(one.kind)), strange


def _found(engine: Engine) -> None:
    """A company, and one account for each of the roles that look at it; their passwords are told once."""
    with transaction(engine) as session:
        if not founding.is_founded(session):
            founding.found(session, "")
        if session.scalar(select(func.count()).select_from(User)):
            return
        for login, name, role in ACCOUNTS:
            password = secrets.token_urlsafe(9)
            founding.first_account(session, login, _(name), password, [role])
            click.echo(_("Account {login} ({role}), first password {password}", login=login, role=_(name), password=password))


def _import(engine: Engine, path: Path) -> bool:
    """Import one file and tell about it."""
    verdict = verdict_on(engine, None, path, Options())
    done, refused = None, None
    try:
        done = import_file(engine, verdict, good_only=True)
    except NothingToImport as error:
        refused = error
    click.echo(told(verdict, describe(verdict, done, refused, Options())))
    left = verdict.counts[Outcome.FAULTY] + verdict.counts[Outcome.DUPLICATE]
    if left:
        reasons = sorted({faulty.reason_of(row, explain) for row in verdict.rows_of(Outcome.FAULTY, Outcome.DUPLICATE)})
        click.echo(_("{count} rows of {kind} were not taken:", count=left, kind=_(KIND_LABELS[verdict.kind])))
        for reason in reasons:
            click.echo(f"  {reason}")
    return not left
