"""How every list of records behaves: filters and order stand in the address, the rows come from the server a page at a time, and who
may carries them away as a file; that they left stands in the audit log before they do."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import IO, Any
from urllib.parse import urlencode

import dash
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import Response, abort, g, request, send_file
from sqlalchemy.orm import Session

from crm import audit
from crm.errors import CrmError, NotAllowed, NotFound
from crm.models import User
from crm.scope import Actor
from crm.services import saved_views
from crm.services.input_faults import NotAChoice
from crm.services.list_terms import Asked, reference
from crm.services.lists import MOST, PAGE
from crm.vocabulary import AuditAct, Permission
from dashboard import exports, session
from dashboard.callbacks import undoing, views
from dashboard.callbacks.views import parse_address
from dashboard.components import record_list, states
from dashboard.components.record_list import Field, Kept, ListPage
from dashboard.components.views import Entry
from dashboard.exports import Column, Sheet
from dashboard.i18n import _, explain

TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}

MOST_TICKED = 1_000
"""So many rows are looked at; how many an act takes is the verb's to say."""

Give = Callable[[Session, Actor, Sequence[tuple[int, int]], User], tuple[int, tuple[str, undoing.Rows] | None]]
"""Gives rows, each with the version at which they were seen, to a person; how many they were, and how it is taken back, if it can be."""

KEPT_EVERY, KEPT_LAST = 5_000, 50
"""Of the places where pages begin the browser keeps every so-manieth row's and the last ones: enough to go on from anywhere."""


def layout(declared: ListPage, *, beside: Any = None, above: Any = None, ways: Any = None, **address: Any) -> Any:
    """The page for an address; none for who may not open the list. `beside`, `above`: what can be done with rows that are ticked; `ways`
    to other lists."""
    actor = session.actor()
    if not declared.is_open_to(actor):
        raise NotFound()
    wished = declared.wished(address)
    with session.looking() as opened:
        choices = declared.offers(opened, actor)
        kept = Kept(_entries(declared, opened, actor), saved_views.left_out(opened, actor, declared.list.key))
    asked = declared.list.asked(wished)
    return record_list.layout(declared, actor, asked, wished, choices, kept, beside=beside, above=above, ways=ways)


def register(app: Dash, declared: ListPage) -> None:
    """The controls become one state, the state an address, a request for rows an answer within reach."""
    _register_asking(app, declared)
    _register_rows(app, declared)
    _register_count(app, declared)
    _register_keeping(app, declared)
    _register_export(app, declared)


def register_giving(app: Dash, declared: ListPage, give: Give) -> None:
    """Rows that are ticked are given to a person at once: all of them by `give`, which says how many, or none."""
    ids, table = declared.ids, declared.ids.table()
    bulk = Output(ids.named("bulk"), "hidden", allow_duplicate=True)

    @app.callback(Output(ids.named("chosen"), "children"), bulk, Input(table, "selectedRows"), prevent_initial_call=True)
    def chosen(ticked: Sequence[Any] | None) -> Any:
        return _("{count} chosen", count=len(ticked or ())), not ticked

    @app.callback(
        Output(ids.filters, "data", allow_duplicate=True),
        bulk,
        Input(ids.named("give"), "n_clicks"),
        State(table, "selectedRows"),
        State(ids.named("to"), "value"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def given(clicks: int, ticked: Sequence[Mapping[str, Any]] | None, to: int | None, wished: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        actor = _opening(declared)
        with session.acting() as opened:
            person = opened.get(User, to) if isinstance(to, int) else None
            if person is None:
                raise NotAChoice()
            number, undo = give(opened, actor, ticked_rows(ticked), person)
        dash.set_props("toasts", {"children": [states.toast(_("Given to {name}: {count}", count=number, name=person.name), undo=undo)]})
        return wished or {}, True


def _register_asking(app: Dash, declared: ListPage) -> None:
    ids = declared.ids
    app.clientside_callback(
        ClientsideFunction("list", "ask"),
        Output(ids.filters, "data"),
        *[Input(ids.control(name), "date" if name in declared.days else "value") for name in declared.names],
        State(ids.named("names"), "data"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("list", "reread"),
        Output(ids.filters, "modified_timestamp"),
        Input(ids.filters, "data"),
        State(ids.named("names"), "data"),
        prevent_initial_call=True,
    )


def _register_rows(app: Dash, declared: ListPage) -> None:
    ids = declared.ids

    @app.callback(
        Output(ids.table(), "getRowsResponse"),
        Output(ids.named("places"), "data"),
        Input(ids.table(), "getRowsRequest"),
        State(ids.filters, "data"),
        State(ids.named("places"), "data"),
        prevent_initial_call=True,
    )
    def rows(request: Mapping[str, Any] | None, wished: Mapping[str, Any] | None, kept: Mapping[str, Any] | None) -> Any:
        if request is None:
            return no_update, no_update
        actor, start = _opening(declared), max(int(request["startRow"]), 0)
        asked = declared.list.asked(declared.wished(wished or {}) | _sorted(request))
        places = _places(asked, kept)
        known = max((place for place in places if place <= start), default=0)
        with session.looking() as opened:
            after = declared.list.placed(asked, places.get(known))
            found = declared.list.page(opened, actor, asked, after, start - known, PAGE) if start - known <= MOST else []
            count = declared.list.counted(opened, actor, asked) if start == 0 and not asked.text else None
            if len(found) == PAGE:
                places[start + PAGE] = list(declared.list.place(opened, asked, found[-1].id))
        g.rows = len(found)
        answer = {"rowData": [declared.cells(row) for row in found], "rowCount": _row_count(count, start, len(found))}
        return answer, {"of": _signature(asked), "at": {str(row): place for row, place in _thinned(places).items()}}


def _register_count(app: Dash, declared: ListPage) -> None:
    """How many rows there are, told beside the first of them: nobody waits for a number to see a row."""
    ids = declared.ids

    @app.callback(
        Output(ids.named("count"), "children"),
        Input(ids.table(), "getRowsRequest"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def count(request: Mapping[str, Any] | None, wished: Mapping[str, Any] | None) -> Any:
        if request is None or int(request["startRow"]) != 0:
            return no_update
        actor = _opening(declared)
        with session.looking() as opened:
            return declared.number(declared.list.counted(opened, actor, declared.list.asked(declared.wished(wished or {}))))


def _register_keeping(app: Dash, declared: ListPage) -> None:
    """Views under names and the columns that are seen: each person's own."""
    ids, key = declared.ids, declared.list.key
    views.register(
        app,
        views.Page(
            ids,
            key,
            partial(_opening, declared),
            lambda address: urlencode(declared.wished(parse_address(address)), doseq=True),
            partial(_entries, declared),
        ),
    )
    app.clientside_callback(
        ClientsideFunction("list", "show"),
        Output(ids.named("columns"), "className"),
        Input(ids.named("columns"), "value"),
        State(ids.named("columns"), "options"),
        State(ids.named("names"), "data"),
        prevent_initial_call=True,
    )

    @app.callback(Output(ids.named("columns"), "options"), Input(ids.named("columns"), "value"), prevent_initial_call=True)
    def remember(shown: Sequence[str] | None) -> Any:
        actor, known = _opening(declared), [field.key for field in declared.fields if not field.opens]
        with session.acting() as opened:
            saved_views.leave_out(opened, actor, key, set(known) - set(shown or ()), known)
        return no_update


def _entries(declared: ListPage, opened: Session, actor: Actor) -> list[Entry]:
    return record_list.entries_of(declared, saved_views.of_page(opened, actor, declared.list.key))


def ticked_rows(ticked: Sequence[Mapping[str, Any]] | None) -> list[tuple[int, int]]:
    """The rows that are ticked, as id and the version at which the person saw it; `NotAChoice` for what is none."""
    try:
        return [(reference(row["id"]), reference(row["version"])) for row in (ticked or [])[:MOST_TICKED]]
    except (KeyError, TypeError, ValueError):
        raise NotAChoice() from None


def _opening(declared: ListPage) -> Actor:
    """The person, if the list opens for them."""
    actor = session.actor()
    if not declared.is_open_to(actor):
        raise NotFound()
    return actor


def _row_count(count: int | None, start: int, found: int) -> int | None:
    """How many rows the grid may know of; None while only scrolling tells."""
    if found < PAGE:
        return start + found
    return count if count is not None and count <= MOST else None


def _sorted(request: Mapping[str, Any]) -> dict[str, str]:
    """The order that the grid asks for; without one, the list's own."""
    for column in request.get("sortModel") or ():
        return {"sort": str(column.get("colId")), "dir": str(column.get("sort"))}
    return {}


def _signature(asked: Asked) -> str:
    """To what a list of places belongs."""
    said = [sorted((name, [str(one) for one in values]) for name, values in asked.chosen.items()), asked.text, asked.sort, asked.descending]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _places(asked: Asked, kept: Mapping[str, Any] | None) -> dict[int, Any]:
    """Where pages begin, by the number of their first row, as the browser kept it for the same question; nothing for another one."""
    if not kept or kept.get("of") != _signature(asked) or not isinstance(kept.get("at"), dict):
        return {}
    return {int(row): place for row, place in kept["at"].items() if row.isdigit() and len(row) < 10}


def _thinned(places: Mapping[int, Any]) -> dict[int, Any]:
    last = sorted(places)[-KEPT_LAST:]
    return {row: places[row] for row in sorted(places) if row in last or row % KEPT_EVERY == 0}


# ── as a file ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _register_export(app: Dash, declared: ListPage) -> None:
    """`<address>/export.xlsx` or `.csv`, with the filters of the list's own address."""

    @app.server.get(f"{declared.address}/export.<kind>", endpoint=f"record_list.{declared.list.key}")
    def export(kind: str) -> Any:
        if kind not in TYPES:
            abort(404)
        try:
            return _sent(declared, kind)
        except CrmError as error:
            return Response(explain(error), 403 if isinstance(error, NotAllowed) else 400, mimetype="text/plain")


def _sent(declared: ListPage, kind: str) -> Any:
    actor, model = session.actor(), declared.list.model
    if not declared.carried_by(actor):
        raise NotAllowed(act=Permission.EXPORT.value, kind=declared.kind.value)
    asked = declared.list.asked({name: values if len(values) > 1 else values[0] for name, values in request.args.lists()})
    file = tempfile.SpooledTemporaryFile(4 * 1024 * 1024)  # noqa: SIM115  (closed by the answer that sends it)
    with session.looking() as opened:
        rows = ({"row": row} for row in declared.list.everything(opened, actor, asked))
        about = _about(declared, asked, declared.offers(opened, actor)) if kind == "xlsx" else ()
        g.rows = _write(file, kind, about, Sheet(_(declared.title), _sheet_columns(declared), rows))
    said = {"filters": request.query_string.decode(errors="replace")[:2000], "format": kind, "rows": g.rows}
    with session.acting() as opened:
        audit.write(opened, actor, AuditAct.EXPORTED, model.__tablename__, after=said, address=request.remote_addr or "")
    file.seek(0)
    name = f"{_(declared.title)}_{session.today()}.{kind}"
    return send_file(file, mimetype=TYPES[kind], as_attachment=True, download_name=name, max_age=0)


def _write(file: IO[bytes], kind: str, about: Sequence[tuple[str, object]], sheet: Sheet) -> int:
    return exports.delimited(file, sheet) if kind == "csv" else exports.workbook(file, about, [sheet])


def _about(declared: ListPage, asked: Asked, choices: record_list.Choices) -> list[tuple[str, object]]:
    """The first sheet: of which company, by whom and when, and what was looked for, in words."""
    looked_for = [_("{filter}: {value}", filter=_("Search"), value=asked.text)] if asked.text else []
    for name, values in asked.chosen.items():
        labels = {choice.value: choice.label for choice in choices.get(name, ())}
        said = [labels.get(getattr(value, "value", value), str(value)) for value in values]
        looked_for.append(_("{filter}: {value}", filter=_(declared.filters[name]), value=said))
    return [
        (_("Company"), session.company().company_name),
        (_("Table"), _(declared.title)),
        (_("Filters"), " · ".join(looked_for) or _("None")),
        (_("Exported on"), session.today()),
        (_("By"), session.actor().name),
    ]


def _sheet_columns(declared: ListPage) -> list[Column]:
    """What a row says, as on the screen, behind its id."""
    kinds = {"badge": "word", "moment": "text", "mark": "text"}
    columns = [Column("id", "ID", "count", lambda row: row["row"].id)]
    return columns + [
        Column(field.key, _(field.title), kinds.get(field.kind, field.kind), partial(_said, field)) for field in declared.fields
    ]


def _said(field: Field, row: Mapping[str, Any]) -> Any:
    return field.value(row["row"])
