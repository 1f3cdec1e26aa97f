"""`saleslens report`: the same reports from the command line, with the same scope and the same numbers as a person's page.

Without `--as` it is the whole company's: who can run it, holds the data. Names are looked up among what that person may choose; what is
unknown is one sentence on standard error, exit code 2, and nothing on standard output. Where the data lies is not known here: whoever
makes the command gives it a function that opens it.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click
import orjson
from sqlalchemy import Engine, select

from crm import clock
from crm.db import reading
from crm.errors import CrmError, NotFound
from crm.models import User
from crm.rules.periods import Compare, Preset
from crm.scope import Actor, Scope
from crm.services import people
from crm.vocabulary import Kind, Reach
from dashboard import cli_answer, sheets
from dashboard.exports import machine
from dashboard.i18n import LANGUAGES, N_, explain, language, use_language
from dashboard.queries import REPORTS
from dashboard.queries.answers import Answers
from dashboard.queries.choices import meant
from dashboard.queries.filters import CHOICES, Filters, UnknownFilter, UnknownValue
from dashboard.queries.measure import Measure
from dashboard.queries.report import Listing, Report, UnknownTable, View
from dashboard.sheets import Asked

COMPANY = Scope(0, reach=dict.fromkeys(Kind, Reach.COMPANY))
"""The scope of who holds the data: everything."""

FORMATS = ("table", "json", "csv", "xlsx")

HELP = {"product": "CODE", "rep": "LOGIN"}
"""What names a value of a filter, where it is not its name."""


class UnknownReport(CrmError):
    """No report has that key, or none that this person may open: the two look alike."""

    message = N_("There is no report “{key}”. The reports are: {reports}.")


class UnknownMeasure(CrmError):
    """The report shows no such number, or one that has no records of its own: a rate has those of its parts."""

    message = N_("This report has no records behind “{measure}”. There are some behind: {measures}.")


class UnknownCell(CrmError):
    """`--cell` names no row of the table."""

    message = N_("The table “{table}” has no row with {dimension} “{value}”.")


class SeveralRows(CrmError):
    """`--cell` names more than one record by the same name."""

    message = N_("In the table “{table}” several rows are called {dimension} “{value}”; name another column too.")


class UnknownPerson(CrmError):
    """Nobody who works here has that login."""

    message = N_("Nobody who can sign in is called “{login}”.")


UNKNOWN = (UnknownReport, UnknownTable, UnknownMeasure, UnknownCell, SeveralRows, UnknownPerson, UnknownFilter, UnknownValue)
"""What was typed and is not there: exit code 2. Any other sentence: 1."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the command reads: answers from the warehouse, and the operational database for who a login is."""

    answers: Answers
    engine: Engine


Opener = Callable[[Any], AbstractContextManager[Source]]
"""Opens the source from what the command line was started with (`click.Context.obj`)."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed."""

    key: str | None
    listing: bool
    login: str | None
    days: Mapping[str, str]
    chosen: Mapping[str, tuple[str, ...]]
    table: str | None
    records: str | None
    cells: tuple[str, ...]
    format: str
    output: Path | None


def command(opener: Opener) -> click.Command:
    """The command `report`, reading from what `opener` opens."""

    @click.pass_context
    def report(context: click.Context, /, **given: Any) -> None:
        options = _options(given)
        with use_language(given["language"] or language()):
            try:
                with opener(context.obj) as source, tempfile.SpooledTemporaryFile(1 << 22) as made:
                    _make(source, options, made)
                    made.seek(0)
                    _hand_over(made, options.output)
            except CrmError as error:
                click.echo(explain(error), err=True)
                context.exit(2 if isinstance(error, UNKNOWN) else 1)

    return click.Command("report", callback=report, params=_parameters(), help="A report as its page shows it: text, JSON, CSV or XLSX.")


def _parameters() -> list[click.Parameter]:
    filters = [
        click.Option([f"--{name}", f"chosen_{name}"], multiple=True, metavar=HELP.get(name, "NAME"), help="Only these; may be repeated.")
        for name in CHOICES
    ]
    return [
        click.Argument(["key"], required=False),
        click.Option(["--list", "listing"], is_flag=True, help="The reports with their tables."),
        click.Option(["--as", "login"], metavar="LOGIN", help="As this person sees it; else the whole company."),
        click.Option(["--period"], type=click.Choice([p.value for p in Preset if p is not Preset.CUSTOM]), help="Else this month."),
        click.Option(["--from", "from"], metavar="DAY", help="First day, as 2026-03-01."),
        click.Option(["--to", "to"], metavar="DAY", help="Last day, inclusive."),
        click.Option(["--as-of", "as_of"], metavar="DAY", help="As it stood at the end of that day."),
        click.Option(["--compare"], type=click.Choice([c.value for c in Compare])),
        *filters,
        click.Option(["--table"], metavar="NAME", help="Only this table."),
        click.Option(["--records"], metavar="MEASURE", help="The records behind a number."),
        click.Option(["--cell", "cells"], metavar="DIMENSION=VALUE", multiple=True, help="Of this row of the table; empty: not stated."),
        click.Option(["--format"], type=click.Choice(FORMATS), default="table", show_default=True),
        click.Option(["--output"], type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output."),
        click.Option(["--language"], type=click.Choice(list(LANGUAGES)), help="Of heads and sentences; JSON keys never change."),
    ]


def _options(given: Mapping[str, Any]) -> Options:
    if not given["listing"] and not given["key"]:
        raise click.UsageError("Missing argument 'KEY'. `--list` names the reports.")
    if given["period"] and (given["from"] or given["to"]):
        raise click.UsageError("--period says which days; --from and --to say it too.")
    if given["cells"] and not given["records"]:
        raise click.UsageError("--cell says whose records are meant: it needs --records.")
    if given["format"] == "xlsx" and given["output"] is None and sys.stdout.isatty():
        raise click.UsageError("A workbook is nothing for a terminal: --output FILE.")
    days = {name: given[name] for name in ("period", "from", "to", "as_of", "compare") if given[name]}
    chosen = {name: given[f"chosen_{name}"] for name in CHOICES if given[f"chosen_{name}"]}
    names = ("key", "listing", "login", "table", "records", "cells", "format", "output")
    return Options(days=days, chosen=chosen, **{name: given[name] for name in names})


def _hand_over(made: IO[bytes], output: Path | None) -> None:
    """All of it, now that nothing can go wrong any more but the disk: then no part of it is left."""
    if output is None:
        shutil.copyfileobj(made, sys.stdout.buffer)
        return
    try:
        with output.open("wb") as file:
            shutil.copyfileobj(made, file)
    except OSError as error:
        output.unlink(missing_ok=True)
        raise click.FileError(str(output), error.strerror) from error


# ── what is asked ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _make(source: Source, options: Options, file: IO[bytes]) -> None:
    with source.answers.still() as answers:
        today = clock.today(answers.names.settings.get("zone") or "Asia/Shanghai")
        actor = _actor(source.engine, options.login, today) if options.login else None
        offered = [report for report in REPORTS if actor is None or report.open_to(actor.roles)]
        if options.listing:
            file.write(_list(offered, options.format))
            return
        report = next((found for found in offered if found.key == options.key), None)
        if report is None:
            raise UnknownReport(key=options.key, reports=[found.key for found in offered])
        scope = actor.scope if actor else COMPANY
        asked = Asked(answers, report, scope, _filters(answers, report, scope, options), today)
        answers.accept(report, asked.filters, scope)
        _write(asked, options, file)


def _actor(engine: Engine, login: str, today: Any) -> Actor:
    with reading(engine) as session:
        user_id = session.scalar(select(User.id).where(User.login == login.strip().lower()))
        try:
            return people.actor_of(session, user_id or 0, today)
        except NotFound:
            raise UnknownPerson(login=login) from None


def _filters(answers: Answers, report: Report, scope: Scope, options: Options) -> Filters:
    """What was typed as the filters of an address."""
    pairs = list(options.days.items())
    for name, words in options.chosen.items():
        if name not in report.filters:
            raise UnknownFilter(name=name)
        for word in words:
            ids = meant(name, word, scope, answers.names)
            if not ids:
                raise UnknownValue(name=name, value=word)
            pairs += [(name, str(id)) for id in ids]
    return Filters.of(pairs, report.filters)


def _list(reports: Sequence[Report], format: str) -> bytes:
    if format == "json":
        return orjson.dumps([_described(report) for report in reports], option=orjson.OPT_INDENT_2) + b"\n"
    lines = [
        f"{report.key}  {report.title}\n    {report.question}\n    {', '.join(view.name for view in report.views)}" for report in reports
    ]
    return ("\n".join(lines) + "\n").encode()


def _described(report: Report) -> dict[str, Any]:
    return {
        "report": report.key,
        "title": str(report.title),
        "question": str(report.question),
        "tables": [view.name for view in report.views],
        "filters": list(report.filters),
        "measures": [key for key, figure in report.figures.items() if isinstance(figure, Measure)],
    }


# ── what is answered ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _write(asked: Asked, options: Options, file: IO[bytes]) -> None:
    views = _views(asked.report, options)
    if not options.records:
        cli_answer.tables(asked, views, options.chosen, options.format, file)
        return
    measure = asked.measure(options.records, views[0])
    if measure is None:
        raise UnknownMeasure(measure=options.records, measures=_described(asked.report)["measures"])
    question, cell = views[0].meant(_cell(asked, views[0], options.cells), asked.question)
    cli_answer.records(asked, measure, cell, question, options.format, file)



def _views(report: Report, options: Options) -> tuple[View | Listing, ...]:
    """The tables that are meant: all, or the one that was named."""
    if options.table is None:
        return report.views[:1] if options.records or options.format == "csv" else report.views
    found = tuple(view for view in report.views if view.name == options.table)
    if not found:
        raise UnknownTable(table=options.table, tables=[view.name for view in report.views])
    return found


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _cell(asked: Asked, view: View | Listing, cells: Sequence[str]) -> dict[str, Any]:
    """The row of the table that `--cell` names, as dimension → id. Its names are those that the table itself shows."""
    if not cells:
        return {}
    if isinstance(view, Listing):
        raise UnknownCell(table=view.name, dimension=cells[0].partition("=")[0], value=cells[0].partition("=")[2])
    sheet = sheets.table(asked, view, asked.question)
    of = {column.key: column for column in sheet.columns}
    rows, cell = list(sheet.rows), {}
    for given in cells:
        name, _equals, value = given.partition("=")
        if name in view.grain(asked.scope):
            rows = [row for row in rows if (machine(of[name].kind, of[name].of(row)) or "") == value]
        if name not in view.grain(asked.scope) or not rows:
            raise UnknownCell(table=view.name, dimension=name, value=value)
        cell[name] = value
    for name, value in cell.items():
        ids = {row[name] for row in rows}
        if len(ids) > 1:
            raise SeveralRows(table=view.name, dimension=name, value=value)
        cell[name] = ids.pop()
    return cell
