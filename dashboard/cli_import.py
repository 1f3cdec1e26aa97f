"""`saleslens import`: the verdict on a file, and its import, by the same code as the page.

Without `--as` the first administrator imports. Exit codes: 0 all is well, 1 the file has faulty rows or can't be imported, 2 the command
was not understood. With `--format json` standard output is one object (docs/import.md says which).
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import clock
from crm.db import reading, transaction
from crm.errors import CrmError
from crm.importing import faulty, runs, undo
from crm.importing.cells import DateOrder
from crm.importing.directory import NAMED_LABELS, Besides
from crm.importing.faults import WHERE
from crm.importing.fields import KIND_LABELS, RecordKind
from crm.importing.judged import OUTCOME_LABELS, Judged, Outcome
from crm.importing.layouts import Layout
from crm.importing.reading import open_sheet
from crm.importing.runs import UnknownLayout
from crm.importing.verdict import Source, Verdict, judge, limits_of
from crm.importing.writing import FaultyRowsRefused, NothingToImport, import_file
from crm.models import CompanySettings, ImportRun, User
from crm.scope import Actor
from crm.services import people
from dashboard.i18n import N_, _, explain, word

Opener = Callable[[Any], AbstractContextManager[Engine]]
"""Opens the operational database from what the command line was started with."""

SHOWN = 20
"""Faulty rows that the terminal lists; the file of faulty rows has them all."""


class UnknownPerson(CrmError):
    """Nobody who works here has that login."""

    message = N_("Nobody who can sign in is called “{login}”.")


class NotAnImport(CrmError):
    """`import undo` without a number."""

    message = N_("“{number}” is not the number of an import.")


UNDERSTOOD_NOT = (UnknownLayout, UnknownPerson, NotAnImport)


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed."""

    layout: str | None = None
    sheet: str | None = None
    dry_run: bool = False
    good_only: bool = False
    duplicates: bool = False
    defaults: tuple[str, ...] = ()
    date_order: str | None = None
    faulty: Path | None = None
    login: str | None = None
    format: str = "table"


def command(opener: Opener) -> click.Command:
    """The command `import`, working on the database that `opener` opens."""

    @click.pass_context
    def imports(context: click.Context, /, kind: str | None, file: str | None, list_layouts: bool, list_runs: bool, **given: Any) -> None:
        options = Options(**given)
        try:
            with opener(context.obj) as engine:
                if list_layouts:
                    _list_layouts(engine, options)
                elif list_runs:
                    _list_runs(engine, options)
                elif kind == "undo":
                    _undo(engine, file or "", options)
                else:
                    context.exit(_import(engine, _kind(kind), _file(file), options))
        except CrmError as error:
            click.echo(explain(error), err=True)
            context.exit(2 if isinstance(error, UNDERSTOOD_NOT) else 1)

    return click.Command("import", callback=imports, params=_parameters(), help=str(__doc__).partition("\n\n")[0])


def _parameters() -> list[click.Parameter]:
    return [
        click.Argument(["kind"], required=False, metavar="KIND|undo"),
        click.Argument(["file"], required=False, metavar="FILE|NUMBER"),
        click.Option(["--list-layouts"], is_flag=True, help="The layouts that are known."),
        click.Option(["--list", "list_runs"], is_flag=True, help="The imports that were made, with their numbers."),
        click.Option(["--layout"], metavar="NAME|FILE", help="Else the one that the file's header finds."),
        click.Option(["--sheet"], metavar="NAME", help="Which sheet of a workbook."),
        click.Option(["--dry-run"], is_flag=True, help="The verdict alone; nothing is written."),
        click.Option(["--good-only"], is_flag=True, help="Import the good rows though others are faulty."),
        click.Option(["--with-duplicates", "duplicates"], is_flag=True, help="Import also what looks like a record that is there."),
        click.Option(["--default", "defaults"], metavar="FIELD=VALUE", multiple=True, help="Where a row leaves the field empty."),
        click.Option(["--date-order"], type=click.Choice([order.value for order in DateOrder]), help="How the file writes dates."),
        click.Option(
            ["--faulty"], type=click.Path(dir_okay=False, path_type=Path), help="Write the rows that were not taken, XLSX or CSV."
        ),
        click.Option(["--as", "login"], metavar="LOGIN", help="Who imports; else the first administrator."),
        click.Option(["--format"], type=click.Choice(["table", "json"]), default="table", show_default=True),
    ]


def _kind(word: str | None) -> RecordKind:
    try:
        return RecordKind((word or "").replace("-", "_"))
    except ValueError:
        raise click.UsageError(f"KIND is one of: {', '.join(RecordKind)}, undo.") from None


def _file(name: str | None) -> Path:
    if not name:
        raise click.UsageError("Missing argument 'FILE'.")
    path = Path(name)
    if not path.is_file():
        raise click.UsageError(f"There is no file “{name}”.")
    return path


# ── what is done ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _import(engine: Engine, kind: RecordKind, path: Path, options: Options) -> int:
    verdict = verdict_on(engine, kind, path, options)
    if options.faulty:
        faulty.write(verdict, options.faulty, explain, _)
    run: ImportRun | None = None
    refused: CrmError | None = None
    if not options.dry_run:
        try:
            run = import_file(engine, verdict, good_only=options.good_only, duplicates=options.duplicates, progress=Told())
        except (FaultyRowsRefused, NothingToImport) as error:
            refused = error
    described = describe(verdict, run, refused, options)
    if options.format == "json":
        click.echo(orjson.dumps(described, option=orjson.OPT_INDENT_2))
    else:
        click.echo(told(verdict, described))
    if isinstance(refused, FaultyRowsRefused):
        click.echo(explain(refused), err=True)
    left = verdict.counts[Outcome.FAULTY] and not (run and options.good_only)
    return 1 if left else 0


def verdict_on(engine: Engine, kind: RecordKind | None, path: Path, options: Options) -> Verdict:
    """The verdict on a file as it was asked for."""
    with reading(engine) as session:
        actor = actor_of(session, options.login)
        sheet = open_sheet(path, path.name, limits_of(session), options.sheet)
        layout = runs.layout_for(session, sheet, kind, options.layout)
        if options.date_order:
            layout = layout.model_copy(update={"date_order": DateOrder(options.date_order)})
        return judge(session, actor, Source.of(path), sheet, _with_defaults(layout, options.defaults), Told())


def _with_defaults(layout: Layout, defaults: tuple[str, ...]) -> Layout:
    pairs = {}
    for given in defaults:
        field, equals, value = given.partition("=")
        if not equals:
            raise click.UsageError(f"--default is FIELD=VALUE, not “{given}”.")
        pairs[field.strip()] = value
    return layout.with_defaults(pairs) if pairs else layout


def actor_of(session: Session, login: str | None) -> Actor:
    """Who imports: the person of the login, else who administers."""
    settings = session.scalar(select(CompanySettings))
    today = clock.today(settings.zone if settings else "Asia/Shanghai")
    if login is None:
        return people.actor_of(session, runs.administrator(session), today)
    user_id = session.scalar(select(User.id).where(User.login == login.strip().lower(), User.active))
    if user_id is None:
        raise UnknownPerson(login=login)
    return people.actor_of(session, user_id, today)


def _undo(engine: Engine, number: str, options: Options) -> None:
    if not number.isdecimal() or len(number) > 9:
        raise NotAnImport(number=number)
    with transaction(engine) as session:
        done = undo.undo(session, actor_of(session, options.login), int(number))
    spared = [{"subject": one.subject, "id": one.id, "name": one.name, "changed": one.changed} for one in done.spared]
    if options.format == "json":
        click.echo(orjson.dumps({"removed": done.removed, "restored": done.restored, "spared": spared}, option=orjson.OPT_INDENT_2))
        return
    click.echo(
        _(
            "{removed} records removed, {restored} restored, {spared} spared.",
            removed=done.removed,
            restored=done.restored,
            spared=len(spared),
        )
    )
    for one in done.spared:
        why = _("changed since") if one.changed else _("other records stand on it")
        click.echo(f"  {one.subject} {one.id}  {one.name}  ({why})")


def _list_layouts(engine: Engine, options: Options) -> None:
    with reading(engine) as session:
        known = runs.known_layouts(session)
    if options.format == "json":
        listed = [{"name": one.name, "kind": one.kind.value, "columns": list(one.used_columns())} for one in known]
        click.echo(orjson.dumps(listed, option=orjson.OPT_INDENT_2))
        return
    for one in known:
        click.echo(f"{one.name}  ({_(KIND_LABELS[one.kind])})\n    {', '.join(one.used_columns())}")


def _list_runs(engine: Engine, options: Options) -> None:
    with reading(engine) as session:
        made = runs.past(session, actor_of(session, options.login))
    if options.format == "json":
        click.echo(orjson.dumps([
            {"number": one.id, "kind": one.kind.value, "file": one.file, "at": one.at, "by": one.by, "created": one.created,
             "changed": one.changed, "faulty": one.faulty, "status": one.status.value} for one in made
        ], option=orjson.OPT_INDENT_2))  # fmt: skip
        return
    for one in made:
        line = _(
            "no. {number}: {file}, {created} new, {changed} changed", number=one.id, file=one.file, created=one.created, changed=one.changed
        )
        click.echo(f"{line}  ({_(KIND_LABELS[one.kind])}, {one.at:%Y-%m-%d %H:%M} UTC, {one.by}, {word(one.status)})")


# ── what is said ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def describe(verdict: Verdict, run: ImportRun | None, refused: CrmError | None, options: Options) -> dict[str, Any]:
    """The verdict and what came of it, as one object."""
    return {
        "file": verdict.source.name,
        "sheet": verdict.sheet.name,
        "kind": verdict.kind.value,
        "layout": verdict.layout.name,
        "rows": len(verdict.rows),
        "counts": {outcome.value: count for outcome, count in verdict.counts.items()},
        "besides": [
            {"what": one.named.value, "name": one.spelled, "rows": one.count} for one in verdict.besides(duplicates=options.duplicates)
        ],
        "supplied": supplied(verdict),
        "notices": [explain(notice) for notice in verdict.notices],
        "faulty": [_faulty(row) for row in verdict.rows_of(Outcome.FAULTY)],
        "duplicates": [{"row": row.number, "of": explain(row.note)} for row in verdict.rows_of(Outcome.DUPLICATE) if row.note],
        "changes": [{"row": row.number, "changes": explain(row.note)} for row in verdict.rows_of(Outcome.CHANGES) if row.note],
        "import": {"number": run.id, "created": run.created_count, "changed": run.changed_count} if run else None,
        "refused": explain(refused) if refused else None,
    }


def _faulty(row: Judged) -> dict[str, Any]:
    return {
        "row": row.number,
        "reasons": [
            {"field": fault.field, "column": fault.column, "value": fault.value, "reason": explain(fault.reason)} for fault in row.faults
        ],
    }


def supplied(verdict: Verdict) -> dict[str, int]:
    """Field → how many rows leave it empty, so that the layout supplied it."""
    counts: dict[str, int] = {}
    for row in verdict.rows:
        for key in row.supplied:
            counts[key] = counts.get(key, 0) + 1
    return counts


def told(verdict: Verdict, described: Mapping[str, Any]) -> str:
    """The same for a person at a terminal."""
    title = _("{file}: {rows} rows of {kind} by the layout “{layout}”", file=described["file"], rows=described["rows"],
              kind=_(KIND_LABELS[verdict.kind]), layout=described["layout"])  # fmt: skip
    lines = [title]
    lines += [f"  {_(OUTCOME_LABELS[outcome])}: {count}" for outcome, count in verdict.counts.items() if count]
    lines += [f"  {_('Created besides')}: {text}" for text in [besides_in_words(verdict.records.names.besides)] if text]
    lines += [
        "  "
        + _("“{field}” is empty in {count} rows and was supplied by the layout.", field=_(verdict.layout.fields[key].label), count=count)
        for key, count in described["supplied"].items()
    ]
    lines += [f"  {sentence}" for sentence in described["notices"]]
    lines += _reasons(verdict)
    done = described["import"]
    if done:
        lines.append("  " + _("Imported as no. {number}: {created} records created, {changed} changed.", **done))
    elif described["refused"] and not verdict.counts[Outcome.FAULTY]:
        lines.append(f"  {described['refused']}")
    return "\n".join(lines)


def besides_in_words(besides: list[Besides]) -> str:
    """How many records of which kind come along, the first ones by name."""
    by_kind: dict[Any, list[str]] = {}
    for one in besides:
        by_kind.setdefault(one.named, []).append(one.spelled)
    return "; ".join(
        f"{_(NAMED_LABELS[named])} {len(names)} ({', '.join(names[:5])}{' …' if len(names) > 5 else ''})"
        for named, names in by_kind.items()
    )


def _reasons(verdict: Verdict) -> list[str]:
    lines = []
    faulty_rows = verdict.rows_of(Outcome.FAULTY)
    for row in faulty_rows[:SHOWN]:
        lines += [
            "  " + _(WHERE, row=row.number, column=fault.column, value=fault.value, reason=explain(fault.reason)) for fault in row.faults
        ]
    if len(faulty_rows) > SHOWN:
        lines.append("  " + _("… and {count} more faulty rows; --faulty FILE writes them all.", count=len(faulty_rows) - SHOWN))
    for row in verdict.rows_of(Outcome.DUPLICATE)[:SHOWN]:
        lines.append("  " + _("Row {row}: {reason}", row=row.number, reason=explain(row.note) if row.note else ""))
    return lines


class Told:
    """Progress on a terminal; nothing where nobody looks."""

    def __init__(self) -> None:
        self._shown = ""

    def __call__(self, what: str, done: int, of: int) -> None:
        if not sys.stderr.isatty():
            return
        text = f"{_(PROGRESS[what])} {done:,}" + (f" / {of:,}" if of else "")
        click.echo(f"\r{text:<60}\r", nl=False, err=True)


PROGRESS: Mapping[str, str] = {
    "read": N_("Rows read"),
    "compared": N_("Comparing with the company's data"),
    "judged": N_("Rows checked"),
    "prepared": N_("Rows prepared"),
    "written": N_("Rows written"),
}
"""What is being done, for people."""
