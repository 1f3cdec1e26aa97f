"""What happens when a table is imported: the file is streamed to the disk, judged in a thread, shown, and imported or not.

The browser sends a token of the upload and what was chosen; whose the upload is, and what its person may, the server looks up anew
each time.
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import xlsxwriter
from dash import ALL, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import Flask, Response, abort, current_app, request, send_file
from pydantic import ValidationError

from crm import audit
from crm.errors import CrmError, NotFound
from crm.importing import faulty, runs, undo
from crm.importing.cells import DateOrder
from crm.importing.fields import FIELDS, RecordKind, fields_of
from crm.importing.layouts import Layout, checked, guess_layout, parse_layout
from crm.importing.problems import FileProblem, LayoutEntryWrong, NoLayoutFits, SeveralLayoutsFit, SeveralSheets
from crm.importing.reading import Sheet, open_sheet
from crm.importing.verdict import limits_of, may_import
from crm.models import ImportRun
from crm.services.input_faults import TooLong
from crm.vocabulary import AuditAct
from dashboard import frame, session
from dashboard.components import states
from dashboard.edge import sentence_of
from dashboard.i18n import _, explain
from dashboard.pages import import_ as page
from dashboard.pages.import_ import ABOUT, CLOCK, IDS, KINDS, RESULT, part
from dashboard.uploads import Upload, Uploads

KEY = "uploads"


def install(server: Flask) -> None:
    """The plain addresses: where a file goes up, templates, and the rows that were not taken."""
    began: session.Application = server.extensions[session.KEY]
    server.extensions[KEY] = Uploads(began.settings.home / "uploads", began.engine, began.live.committed)
    server.add_url_rule("/import/upload/<kind>", "import.upload", _upload, methods=["POST"])
    server.add_url_rule("/import/template/<kind>.xlsx", "import.template", _template)
    server.add_url_rule("/import/<token>/rows.<form>", "import.rows", _rows)


def kinds() -> list[RecordKind]:
    """What this person may import on the page."""
    return [kind for kind in KINDS if may_import(session.actor(), kind)]


def _kind(word: str) -> RecordKind:
    found = next((kind for kind in kinds() if kind.value == word), None)
    if found is None:
        abort(404)
    return found


def _uploads() -> Uploads:
    found: Uploads = current_app.extensions[KEY]
    return found


def _upload(kind: str) -> Any:
    """Take a file as the body of the request; answer with the address of its page."""
    wanted = _kind(kind)
    name = unquote(request.headers.get("X-File-Name", ""))[:200] or "file"
    with session.looking() as opened:
        limits = limits_of(opened)
    upload = _uploads().receive(request.stream, name, wanted, session.actor().user_id, limits.megabytes)
    try:
        open_sheet(upload.path, name, limits)
    except SeveralSheets:
        pass  # the page asks which
    except CrmError:
        _uploads().forget(upload)
        raise
    return {"href": f"/import/{upload.token}"}


def _template(kind: str) -> Response:
    """An empty table with a column for each field."""
    wanted, stream = _kind(kind), io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    for column, f in enumerate(FIELDS[wanted]):
        sheet.write_string(0, column, _(f.label), bold if f.required else None)
        sheet.set_column(column, column, 16)
    book.close()
    stream.seek(0)
    return send_file(stream, download_name=f"{wanted.value}.xlsx", as_attachment=True, max_age=0)


def _rows(token: str, form: str) -> Response:
    """The faulty rows and duplicates of an upload that was judged."""
    if form not in ("xlsx", "csv"):
        abort(404)
    try:
        upload = _uploads().find(token, session.actor().user_id)
    except NotFound:
        abort(404)
    verdict = _uploads().job(upload).verdict
    if verdict is None:
        abort(404)
    stream = io.BytesIO()
    rows = faulty.write_to(verdict, stream, form == "xlsx", explain, _)
    with session.acting() as opened:
        told = {"import": upload.name, "rows": rows}
        audit.write(opened, session.actor(), AuditAct.EXPORTED, ImportRun.__tablename__, after=told, address=request.remote_addr or "")
    stream.seek(0)
    return send_file(stream, download_name=f"{upload.path.stem[:8]}-rows.{form}", as_attachment=True, max_age=0)


# ---- the pages


def layout(kind: str = "", **_address: str) -> Any:
    """The page where imports begin and end; none for who may import nothing, or not this kind."""
    offered = kinds()
    chosen = next((one for one in offered if one.value == kind or not kind), None)
    if chosen is None:
        raise NotFound()
    with session.looking() as opened:
        past = runs.past(opened, session.actor())
    return page.layout(offered, chosen, past, _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(session.company().zone)


def file_layout(upload: str = "", sheet: str | None = None, **_address: str) -> Any:
    """The page of one uploaded file."""
    found = _mine(upload)
    frame.trail(*frame.trail_of("/import", session.actor()), (found.name, None))
    sheets: Sequence[str] = ()
    problem: CrmError | None = None
    opened_sheet, matched = None, None
    with session.looking() as opened:
        try:
            opened_sheet = open_sheet(found.path, found.name, limits_of(opened), sheet)
            matched = _layout_for(opened, opened_sheet, found)
        except SeveralSheets as question:
            sheets, problem = question.choices, question
        except FileProblem as error:
            problem = error
    header = opened_sheet.header if opened_sheet else ()
    notices = opened_sheet.notices if opened_sheet else ()
    return page.file_layout(found.name, upload, sheet, sheets, header, matched, notices, problem)


def _layout_for(opened: Any, sheet: Sheet, upload: Upload) -> Layout:
    """The layout that this header finds, else what the header says by itself."""
    try:
        return runs.layout_for(opened, sheet, upload.kind)
    except (NoLayoutFits, SeveralLayoutsFit):
        return guess_layout(sheet.header, upload.kind, upload.name)


def _mine(token: str) -> Upload:
    """The upload of this person, if they may still import its kind."""
    upload = _uploads().find(token, session.actor().user_id)
    if not may_import(session.actor(), upload.kind):
        raise NotFound()
    return upload


def register(app: Dash) -> None:
    """Check, watch, import, undo."""
    _register_importing(app)
    _register_checking(app)
    _register_watching(app)
    _register_undoing(app)


def _register_checking(app: Dash) -> None:
    @app.callback(
        Output(CLOCK, "disabled", allow_duplicate=True),
        Output(RESULT, "children", allow_duplicate=True),
        Input(IDS.named("check"), "n_clicks"),
        State(ABOUT, "data"),
        State(part("columns", field=ALL), "value"),
        State(part("columns", field=ALL), "id"),
        State(part("default", field=ALL), "value"),
        State(part("default", field=ALL), "id"),
        State(part("unknown", field=ALL), "value"),
        State(part("unknown", field=ALL), "id"),
        State(IDS.named("name"), "value"),
        State(IDS.named("order"), "value"),
        State(IDS.named("text"), "value"),
        prevent_initial_call=True,
    )
    def check(
        clicks: int, about: Any, columns: Any, column_ids: Any, defaults: Any, default_ids: Any, unknown: Any, unknown_ids: Any, name: Any,
        order: Any, text: Any,
    ) -> Any:  # fmt: skip
        if not clicks:
            raise PreventUpdate
        upload = _mine(str(about["upload"]))
        chosen = Chosen(_of(column_ids, columns), _of(default_ids, defaults), _of(unknown_ids, unknown), str(name or ""), str(order or ""))
        with session.looking() as opened:
            limits = limits_of(opened)
            sheet = open_sheet(upload.path, upload.name, limits, about["sheet"])
            try:
                matched = chosen.layout(_written(text, upload) or _layout_for(opened, sheet, upload))
            except CrmError as error:
                return True, states.failed(explain(error))
        with session.acting() as opened:
            runs.save_layout(opened, session.actor(), matched, sheet)
        _uploads().check(upload, session.actor(), matched, about["sheet"], limits)
        return False, page.progress("read", 0, 0)


def _written(text: Any, upload: Upload) -> Layout | None:
    """The layout as the person wrote it, None for none. Raises a `LayoutProblem`."""
    if not isinstance(text, str) or not text.strip():
        return None
    if len(text) > LONGEST_LAYOUT:
        raise TooLong(length=len(text), limit=LONGEST_LAYOUT)
    written = parse_layout(text)
    if written.kind is not upload.kind:
        raise runs.LayoutOfAnotherKind(layout=written.name)
    return written


LONGEST_LAYOUT = 100_000
"""Characters of a layout's text."""


def _of(ids: Sequence[Mapping[str, str]], values: Sequence[Any]) -> dict[str, Any]:
    return {str(id["field"]): value for id, value in zip(ids, values, strict=True)}


class Chosen:
    """How the person matched columns and fields."""

    def __init__(self, columns: Mapping[str, Any], defaults: Mapping[str, Any], unknown: Mapping[str, Any], name: str, order: str) -> None:
        self._columns, self._defaults, self._unknown, self._name, self._order = columns, defaults, unknown, name, order

    def layout(self, found: Layout) -> Layout:
        """`found` as the person changed it. Raises a `LayoutProblem`."""
        columns: dict[str, tuple[str, ...]] = {}
        for key, chosen in self._columns.items():
            for column in chosen or ():
                columns[str(column)] = (*columns.get(str(column), ()), key)
        mapped = {key for keys in columns.values() for key in keys}
        typed = {key: str(text) for key, text in self._defaults.items() if text and str(text).strip()}
        constants = {key: text for key, text in found.constants.items() if typed.get(key) == text and key not in mapped}
        changed = {
            "name": self._name.strip()[:200] or found.name,
            "date_order": DateOrder(self._order) if self._order in tuple(DateOrder) else None,
            "columns": columns,
            "ignored": tuple(column for column in (*found.ignored, *found.columns) if column not in columns),
            "constants": constants,
            "supplied": {key: text for key, text in typed.items() if key not in constants},
            "unknown": {key: str(action) for key, action in self._unknown.items() if action != "refuse" and self._names(found, key)},
        }
        try:
            return checked(Layout.model_validate({**found.model_dump(), **changed}))
        except ValidationError as error:
            entry = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise LayoutEntryWrong(entry=entry, detail=error.errors()[0]["msg"]) from error

    def _names(self, found: Layout, key: str) -> bool:
        known = fields_of(found.kind).get(key)
        return known is not None and known.names is not None


def _register_watching(app: Dash) -> None:
    @app.callback(
        Output(RESULT, "children"),
        Output(CLOCK, "disabled"),
        Input(CLOCK, "n_intervals"),
        State(ABOUT, "data"),
        prevent_initial_call=True,
    )
    def tick(_ticks: int, about: Any) -> Any:
        return _state(_mine(str(about["upload"])))


def _state(upload: Upload) -> tuple[Any, bool]:
    """What the page shows of the work, and whether there is nothing left to watch."""
    job = _uploads().job(upload)
    if job.busy:
        return page.progress(job.doing, job.done, job.of), False
    if job.error is not None:
        again = _verdict(upload) if job.verdict is not None else ""
        return [states.failed(sentence_of(job.error)), again], True
    if job.run is not None:
        return page.imported(job.run.id, job.run.created_count, job.run.changed_count), True
    return (_verdict(upload), True) if job.verdict is not None else (no_update, True)


def _verdict(upload: Upload) -> Any:
    job = _uploads().job(upload)
    verdict = job.verdict
    assert verdict is not None
    return page.verdict(verdict.counts, verdict.besides(), verdict.notices, verdict.sheet.header, job.preview, upload.token)


def _register_importing(app: Dash) -> None:
    @app.callback(
        Output(CLOCK, "disabled", allow_duplicate=True),
        Input(part("act", good=ALL), "n_clicks"),
        State(part("act", good=ALL), "id"),
        State(part("duplicates", of=ALL), "value"),
        State(ABOUT, "data"),
        prevent_initial_call=True,
    )
    def act(clicks: Sequence[int], buttons: Sequence[Any], also: Sequence[Any], about: Any) -> Any:
        if not any(clicks):
            raise PreventUpdate
        upload = _mine(str(about["upload"]))
        _uploads().write(upload, good_only=any(button["good"] for button in buttons), duplicates=any(also))
        return False


def _register_undoing(app: Dash) -> None:
    @app.callback(
        Output("toasts", "children", allow_duplicate=True),
        Output(IDS.named("past"), "children"),
        Input(part("undo", run=ALL), "submit_n_clicks"),
        State(part("undo", run=ALL), "id"),
        prevent_initial_call=True,
    )
    def take_back(clicks: Sequence[int | None], asked: Sequence[Any]) -> Any:
        number = next((str(one["run"]) for one, pressed in zip(asked, clicks, strict=True) if pressed), None)
        if number is None:
            raise PreventUpdate
        with session.acting() as opened:
            done = undo.undo(opened, session.actor(), int(number) if number.isdecimal() and len(number) < 10 else 0)
        told = _("{removed} records removed, {restored} restored, {spared} spared.", removed=done.removed, restored=done.restored,
                 spared=len(done.spared))  # fmt: skip
        if done.spared:
            names = "、".join(one.name for one in done.spared[:10])
            told = f"{told} {_('Spared: {names}', names=names)}"
        with session.looking() as opened:
            past = runs.past(opened, session.actor())
        return [states.toast(told)], page.history(past, _zone())
