"""Rows as files: plain addresses that a page links to, for whoever may carry them away.

`/reports/<key>/export.xlsx` or `.csv` with the filters of the page's own address, and `table=NAME`, or for the records behind a number
`records=MEASURE&view=NAME&cell.<dimension>=VALUE`; `export.pdf` is the page itself on paper, for everybody who may open it. What leaves is
exactly what the page shows this person, whole; that it left stands in the audit log before the first byte does.
"""

import re
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import wraps
from importlib import import_module
from typing import IO, Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, g, request, send_file

from crm import audit, clock
from crm.errors import CrmError, NotAllowed
from crm.scope import Actor
from crm.vocabulary import AuditAct
from dashboard import exports, session, sheets
from dashboard.components.report_page import Figures
from dashboard.i18n import N_, _, explain, moment
from dashboard.queries import REPORTS
from dashboard.queries.answers import Answers
from dashboard.queries.carrying import may_export
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.filters import Filters, Preset
from dashboard.queries.measure import Measure
from dashboard.queries.report import Listing, Report, View
from dashboard.session import actor, catch_up, today
from dashboard.sheets import Asked

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}

MOST_LETTERS = 30
"""Of a subject and of filters in a file's name, which must stay below 255 bytes."""

SPOOLED = 4 * 1024 * 1024
"""Bytes of a file that are kept in memory; a longer one is written to the disk and sent from there."""

Pairs = Sequence[tuple[str, str]]
Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for: a table, or the records behind a measure in one of its cells."""

    view: View | Listing
    measure: Measure | None
    cell: Cell


def register(server: Flask, answers: Answers) -> None:
    """Serve the files on `server`, out of the same answers as the pages."""

    @server.get("/reports/<key>/export.<kind>", endpoint="exports.export")
    @_in_words
    def export(key: str, kind: str) -> Response:
        report = next((found for found in REPORTS if found.key == key), None)
        if report is None or kind not in TYPES or not report.open_to(actor().roles):
            abort(404)
        own, pairs = _split(_pairs())
        filters = Filters.of(pairs, report.filters)
        catch_up()
        with answers.still() as still, ExitStack() as unsent:
            asked = Asked(still, report, actor().scope, filters, today())
            still.accept(report, filters, asked.scope)
            wanted = _wanted(asked, own)
            _allow(actor(), wanted, kind)
            file = unsent.enter_context(tempfile.SpooledTemporaryFile(SPOOLED))
            g.rows = _write(file, kind, asked, wanted)
            name = _name(asked, wanted, kind)
            unsent.pop_all()  # the answer that sends the file closes it
        _log(actor(), asked, wanted, kind, g.rows)
        length = file.tell()
        file.seek(0)
        response = send_file(file, mimetype=TYPES[kind], as_attachment=True, download_name=name, max_age=0)
        response.content_length = length
        return response

    @server.post("/reports/<key>/pictures/<name>", endpoint="exports.picture")
    @_in_words
    def picture(key: str, name: str) -> Response:
        """A picture is drawn and saved by the browser; before it is, this stands in the audit log."""
        report = next((found for found in REPORTS if found.key == key), None)
        if report is None or not report.open_to(actor().roles) or name not in _figures(report):
            abort(404)
        filters = Filters.of(_split(_pairs())[1], report.filters)
        answers.accept(report, filters, actor().scope)
        answers.question(filters, today())  # a day that has not come yet is refused here too
        _write_down(actor(), {"report": key, "picture": name, "filters": filters.write(), "format": "png"})
        return Response(status=204)


def _figures(report: Report) -> Figures:
    """The pictures that a report's page declares."""
    return import_module(f"dashboard.pages.{report.key}").FIGURES  # type: ignore[no-any-return]


def _pairs() -> Pairs:
    """What the address says."""
    return parse_qsl(request.query_string.decode(errors="replace"), keep_blank_values=True)


def _in_words(view: Callable[..., Response]) -> Callable[..., Response]:
    """What is wrong with an address, or not allowed, is a sentence; nothing has left then."""

    @wraps(view)
    def answered(**parts: str) -> Response:
        try:
            return view(**parts)
        except CrmError as error:
            return Response(explain(error), 403 if isinstance(error, NotAllowed) else 400, mimetype="text/plain")

    return answered


class MayNotCarry(NotAllowed):
    """The person sees these rows, but may not carry them away."""

    message = N_("You may not export these rows. You can print the page and save its pictures.")


def _split(pairs: Pairs) -> tuple[dict[str, str], Pairs]:
    """What says which rows are meant, and the filters."""
    own = {name: value for name, value in pairs if name in ("table", "view", "records") or name.startswith("cell.")}
    return own, [(name, value) for name, value in pairs if name not in own and value]


def _wanted(asked: Asked, own: dict[str, str]) -> Wanted:
    """The table, measure and cell that an address names; 404 where the report has no such."""
    name = own.get("table") or own.get("view") or asked.report.views[0].name
    if name not in asked.report.names:
        abort(404)
    view = asked.report.view(name)
    if not own.get("records"):
        return Wanted(view, view.measure if isinstance(view, Listing) else None, {})
    measure = asked.measure(own["records"], view)
    cell = {
        key.removeprefix("cell."): _cell_value(key.removeprefix("cell."), value) for key, value in own.items() if key.startswith("cell.")
    }
    if measure is None or not set(cell) <= _dimensions(view):
        abort(404)
    return Wanted(view, measure, cell)


def _dimensions(view: View | Listing) -> set[str]:
    return {*view.by, "rep"} if isinstance(view, View) else set()


def _cell_value(name: str, value: str) -> Any:
    """An id, a day, or nothing: the row of what is not stated."""
    if not value:
        return None
    try:
        return date.fromisoformat(value) if name in DIMENSIONS and DIMENSIONS[name].days else _id(value)
    except ValueError:
        abort(404)


def _id(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise ValueError(value)
    return int(value)


def _allow(actor: Actor, wanted: Wanted, kind: str) -> None:
    """Rows are for who may carry them away; the page on paper is for all, and of a page only."""
    if kind == "pdf":
        if wanted.cell or (wanted.measure and isinstance(wanted.view, View)):
            abort(404)
    elif not may_export(wanted.view, actor, wanted.measure):
        raise MayNotCarry()


def _write(file: IO[bytes], kind: str, asked: Asked, wanted: Wanted) -> int:
    """The file's bytes; returns the number of rows, the compared window's included."""
    if kind == "pdf":
        return _paper(file, asked, wanted)
    written = _sheets(asked, wanted)
    if kind == "csv":
        return exports.delimited(file, written[0])
    shown = (wanted.measure,) if wanted.measure else sheets.figures(wanted.view)
    about = sheets.about(asked, _subject(asked, wanted), (wanted.view,))
    question, cell = wanted.view.meant(wanted.cell, asked.question)
    return exports.workbook(file, about, written, sheets.computed(asked, shown, cell, question))


def _paper(file: IO[bytes], asked: Asked, wanted: Wanted) -> int:
    """The page on paper, with the pictures that it declares."""
    from dashboard.papers import report  # what draws it is a quarter of a second that the server's start need not wait for

    company = session.company()
    at = moment(clock.now(), ZoneInfo(company.zone))
    paper, rows = report.written(asked, wanted.view, _figures(asked.report), report.Printed(actor(), company.company_name, at))
    file.write(paper)
    return rows


def _sheets(asked: Asked, wanted: Wanted) -> list[exports.Sheet]:
    """The rows as a sheet; of a table under a comparison also those of the other window."""
    if wanted.measure is not None:
        order = wanted.view.order if isinstance(wanted.view, Listing) else ""
        question, cell = wanted.view.meant(wanted.cell, asked.question)
        return [sheets.behind(asked, wanted.measure, cell, question, _subject(asked, wanted), order)]
    assert isinstance(wanted.view, View)
    return sheets.exported(asked, wanted.view)


def _subject(asked: Asked, wanted: Wanted) -> str:
    """What of the report this is: a table, or a number and its cell."""
    if wanted.measure is None or isinstance(wanted.view, Listing):
        return str(wanted.view.title)
    cell = [asked.answers.called(name, value, asked.scope) for name, value in wanted.cell.items()]
    return " · ".join([str(wanted.measure.title), *cell])


def _name(asked: Asked, wanted: Wanted, kind: str) -> str:
    """The file's name: report, table, filters, period, the past day if one is looked at, and data version. Only words are cut."""
    question = asked.question
    chosen = " ".join(name for dimension, ids in asked.filters.chosen for name in asked.answers.named(dimension, ids, asked.scope).values())
    first = [] if asked.filters.preset is Preset.ALL else [str(question.period.start)]
    as_of = [_("as of {day}", day=question.state)] if question.past else []
    days = [*first, str(min(question.period.last, question.state)), *as_of]
    words = [str(asked.report.title), _subject(asked, wanted)[:MOST_LETTERS], chosen[:MOST_LETTERS], *days, f"v{asked.version}"]
    return re.sub(r"[^\w.·-]+", " ", "_".join(word for word in words if word)).strip() + f".{kind}"


def _log(actor: Actor, asked: Asked, wanted: Wanted, kind: str, rows: int) -> None:
    """Who took which rows, and how many: what is unusual is shown to the administrator (`crm.services.carried`)."""
    said = {
        "report": asked.report.key, "table": wanted.view.name, "measure": wanted.measure.key if wanted.measure else "",
        "cell": {name: None if value is None else str(value) for name, value in wanted.cell.items()},
        "filters": asked.filters.write(), "format": kind, "rows": rows,
    }  # fmt: skip
    _write_down(actor, said)


def _write_down(actor: Actor, said: dict[str, Any]) -> None:
    with session.acting() as opened:
        audit.write(opened, actor, AuditAct.EXPORTED, "reports", after=said, address=request.remote_addr or "")
