"""How every report behaves: filters redraw it, a number opens its records, a commit refreshes it. Written once, registered for each.

Callbacks take the person from the session; what the browser sends is a wish, checked against the report's declaration and the person's
scope like an address typed by hand.
"""

from collections.abc import Mapping
from datetime import UTC, date
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from crm.errors import CrmError, NotFound
from dashboard.components import filters as bar
from dashboard.components import page, report_page, states
from dashboard.components.ids import Ids
from dashboard.i18n import NOTHING, _, explain, language
from dashboard.queries.answers import DIMENSION_TABLES, Answer, Answers
from dashboard.queries.carrying import may_export
from dashboard.queries.choices import SEARCHED
from dashboard.queries.compose import Page
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.filters import Compare, Filters
from dashboard.queries.measures import Derived, Figure, Measure, parts_of
from dashboard.queries.records import Records
from dashboard.queries.relations import lists
from dashboard.queries.report import Listing, Report, View
from dashboard.session import actor, company, today

Chosen = Mapping[str, Any]

BLOCK = 100
"""How many rows a table asks for at a time."""


def register(app: Dash, report: Report, figures: report_page.Figures, answers: Answers) -> None:
    """Give the report's page its behaviour."""
    ids = Ids(report.key)
    _register_filters(app, report, answers, ids)
    _register_refresh(app, report, figures, answers, ids)
    _register_past(app, report, answers, ids)
    _register_panel(app, report, figures, answers, ids)
    _register_pages(app, report, answers, ids)
    _register_freshness(app, ids)


# ── filters ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _register_filters(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    """The controls, the chips and the address hold one state; the browser keeps them together."""
    names = ["period", "start", "end", "compare", "as_of", *report.filters]
    values = [_value(ids, name) for name in names]
    app.clientside_callback(
        ClientsideFunction("report", "collect"),
        Output(ids.filters, "data"),
        Output(ids.control("period"), "value"),
        *[Input(*value) for value in values],
        State(ids.filters, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("report", "unset"),
        *[Output(*value, allow_duplicate=True) for value in values],
        Input(ids.chip(), "n_clicks"),
        Input(ids.reset, "n_clicks"),
        *[State(*value) for value in values],
        prevent_initial_call=True,
    )
    for name in report.filters:
        if name in SEARCHED:
            _register_search(app, report, answers, ids, name)
    app.clientside_callback(
        ClientsideFunction("report", "address"), Output(ids.named("address"), "modified_timestamp"), Input(ids.named("address"), "data")
    )


def _register_search(app: Dash, report: Report, answers: Answers, ids: Ids, name: str) -> None:
    """A filter with many values offers those that match what is typed, and keeps offering what is chosen."""

    @app.callback(
        Output(ids.control(name), "options", allow_duplicate=True),
        Input(ids.control(name), "search_value"),
        State(ids.control(name), "value"),
        prevent_initial_call=True,
    )
    def offer(text: str | None, chosen: list[int] | None) -> Any:
        if not text or not report.open_to(actor().roles):
            raise PreventUpdate
        scope = actor().scope
        found = {**answers.named(name, [id for id in chosen or [] if isinstance(id, int)], scope), **answers.matching(name, text, scope)}
        return bar.options([bar.Choice(id, label) for id, label in found.items()])


def _value(ids: Ids, name: str) -> tuple[str, str]:
    return ids.control(name), "date" if name in ("start", "end", "as_of") else "value"


def filters_of(chosen: Chosen, report: Report) -> Filters:
    """The filters that a page's store states; it comes from the browser and is read like an address."""
    pairs = [(name, str(value)) for name in report.filters for value in chosen.get(name) or ()]
    if chosen.get("period") == "custom":
        pairs += [("from", str(chosen.get("start") or "")), ("to", str(chosen.get("end") or ""))]
    elif chosen.get("period"):
        pairs.append(("period", str(chosen["period"])))
    pairs += [("as_of", str(chosen["as_of"]))] if chosen.get("as_of") else []
    pairs += [("compare", str(chosen["compare"]))] if chosen.get("compare") in set(Compare) else []
    return Filters.of(pairs, report.filters)


# ── everything that the filters change ───────────────────────────────────────────────────────────────────────────────────────
def _register_refresh(app: Dash, report: Report, figures: report_page.Figures, answers: Answers, ids: Ids) -> None:
    outputs = {
        "headline": Output(ids.headline, "children"),
        "figures": [Output(ids.figure(name), "figure") for name in figures],
        "captions": [Output(ids.caption(name), "children") for name in figures],
        "tables": Output(ids.tables, "children"),
        "chips": Output(ids.chips, "children"),
        "options": [Output(ids.control(name), "options") for name in report.filters],
        "drawn": Output(ids.drawn, "children"),
        "fault": Output(ids.named("fault"), "children"),
        "hidden": Output(ids.body, "hidden"),
        "address": Output(ids.named("address"), "data"),
        "shown": Output(ids.named("shown"), "data"),
        "links": [
            Output(ids.export_xlsx, "href"), Output(ids.export_csv, "href"),
            Output(ids.export_xlsx, "hidden"), Output(ids.export_csv, "hidden"),
        ],
    }  # fmt: skip

    @app.callback(
        output=outputs,
        inputs={
            "chosen": Input(ids.filters, "data"),
            "view": Input(ids.named("view"), "value"),
            "version": Input(ids.named("version"), "data"),
            "shown": State(ids.named("shown"), "data"),
        },
    )
    def refresh(chosen: Chosen, view: str, version: Any, shown: Mapping[str, Any] | None) -> dict[str, Any]:
        if not report.open_to(actor().roles):
            raise NotFound()
        with answers.still() as now:
            current = now.warehouse.version(report.relations)
            if ctx.triggered_id == ids.named("version") and shown and shown["version"] == current:
                raise PreventUpdate
            try:
                filters = filters_of(chosen, report)
                now.accept(report, filters, actor().scope)
                only_table = ctx.triggered_id == ids.named("view")
                who = (actor().scope.key, actor().roles, language(), today())
                key = ("page", report.key, view, filters, only_table, current, now.warehouse.version(DIMENSION_TABLES), *who)
                filled = now.once(key, lambda: _filled(report, figures, now, ids, filters, view, chosen, only_table))
                return filled | ({} if only_table else {"drawn": page.drawn_line(_applied(now))})
            except CrmError as error:
                return _kept(figures, report) | {"fault": report_page.broken(report, explain(error)), "hidden": True}


def _kept(figures: report_page.Figures, report: Report) -> dict[str, Any]:
    """Nothing changes, in the shape of the callback's outputs."""
    several = {"figures": len(figures), "captions": len(figures), "options": len(report.filters), "links": 4}
    single = ("headline", "tables", "chips", "drawn", "fault", "hidden", "address", "shown")
    return dict.fromkeys(single, no_update) | {name: [no_update] * number for name, number in several.items()}


def _filled(
    report: Report, figures: report_page.Figures, answers: Answers, ids: Ids, filters: Filters, view: str, chosen: Chosen, only_table: bool
) -> dict[str, Any]:
    ask = partial(answers.table, report, scope=actor().scope, filters=filters, today=today())
    out = _kept(figures, report)
    out |= {"tables": _table(report, answers, ids, filters, view), "links": _links(report, filters, view)}
    if only_table:
        return out
    top: Answer = ask(report.top)
    drawn = {chart.view: ask(report.view(chart.view)) for chart in figures.values()}
    period = report_page.window(filters, top.question)
    out["figures"], out["captions"] = report_page.pictures(figures, drawn, period)
    choices = _choices(report, answers, filters)
    return out | {
        "headline": report_page.cards(ids, report, filters, top),
        "chips": bar.chips(
            ids,
            chosen,
            choices,
            period=report_page.windows(filters, top),
            notes={"product": _("Records that contain the product, amounts whole.")},
        ),
        "options": [bar.options(choices[name]) for name in report.filters],
        "fault": None,
        "hidden": False,
        "address": filters.write(),
        "shown": {"version": top.version, "chosen": chosen},
    }


def _applied(answers: Answers) -> str:
    """When the data that the page shows were applied, on the company's clock."""
    at = answers.warehouse.versions().applied_at
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(company().zone)).strftime("%H:%M:%S") if at else NOTHING


def _table(report: Report, answers: Answers, ids: Ids, filters: Filters, name: str) -> Any:
    """The table that is open: figures, or the records behind a measure."""
    if name not in report.names:
        raise NotFound()
    shown, scope = report.view(name), actor().scope
    if isinstance(shown, Listing):
        found = answers.records(shown.measure, {}, scope, filters, today(), Page(count=1))
        if not found.count:
            return states.empty(_("No records fall into this table."))
        columns = report_page.record_columns(found.columns, found.opens, shown.measure)
        return report_page.listing(ids, columns, found, shown.measure)
    answer = answers.table(report, shown, scope, filters, today())
    return report_page.table(ids, answer, listed=all(lists(measure.relation, scope) for measure in shown.measures))


def _links(report: Report, filters: Filters, view: str) -> list[Any]:
    hidden = not may_export(report.view(view), actor())
    query = "&".join(part for part in (filters.write(), urlencode({"table": view})) if part)
    return [*(f"/reports/{report.key}/export.{kind}?{query}" for kind in ("xlsx", "csv")), hidden, hidden]


def _choices(report: Report, answers: Answers, filters: Filters) -> dict[str, list[bar.Choice]]:
    """What each filter offers this person; of the many (customers) those that are chosen."""
    scope = actor().scope
    offered = {name: answers.offered(name, scope) for name in report.filters}
    return {
        name: [
            bar.Choice(id, str(label))
            for id, label in (values if values is not None else answers.named(name, filters.values_of(name), scope)).items()
        ]
        for name, values in offered.items()
    }


def _register_past(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    """The small lines of the last periods come when the page is already useful."""

    @app.callback(Output(ids.headline, "children", allow_duplicate=True), Input(ids.named("shown"), "data"), prevent_initial_call=True)
    def show_past(shown: Mapping[str, Any] | None) -> Any:
        if not shown or not report.open_to(actor().roles):
            raise PreventUpdate
        filters, scope = filters_of(shown["chosen"], report), actor().scope
        with answers.still() as now:
            now.accept(report, filters, scope)
            answer = now.table(report, report.top, scope, filters, today())
            return report_page.cards(ids, report, filters, answer, now.past(report, scope, filters, today()))


# ── the panel of records ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _register_panel(app: Dash, report: Report, figures: report_page.Figures, answers: Answers, ids: Ids) -> None:
    app.clientside_callback(
        ClientsideFunction("report", "clicked"),
        Output(ids.named("clicked"), "data"),
        Input(ids.card(ALL), "n_clicks"),
        Input(ids.table(), "cellRendererData", allow_optional=True),
        *[Input(ids.figure(name), "clickData") for name in figures],
        State(ids.named("view"), "value"),
        State(ids.named("drawn-from"), "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.panel, "className"),
        Output(ids.records, "children"),
        Input(ids.named("clicked"), "data"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def open_records(clicked: Mapping[str, Any] | None, chosen: Chosen) -> tuple[str, Any]:
        if not clicked:
            raise PreventUpdate
        try:
            return page.PANEL_OPEN, _panel(report, answers, ids, clicked, filters_of(chosen, report), "")
        except CrmError as error:
            return page.PANEL_OPEN, [states.failed(explain(error))]

    @app.callback(
        Output(ids.records, "children", allow_duplicate=True),
        Input(ids.named("part"), "value"),
        State(ids.named("clicked"), "data"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def other_part(part: str, clicked: Mapping[str, Any], chosen: Chosen) -> Any:
        return _panel(report, answers, ids, clicked, filters_of(chosen, report), part)

    @app.callback(Output(ids.panel, "className", allow_duplicate=True), Input(ids.panel_close, "n_clicks"), prevent_initial_call=True)
    def close(_clicks: int) -> str:
        return page.PANEL_CLOSED


def meant(report: Report, answers: Answers, clicked: Mapping[str, Any]) -> tuple[Figure, dict[str, Any]]:
    """The figure and the cell that a click names, as far as the report shows such a number; NotFound otherwise."""
    view = report.view(str(clicked.get("view"))) if clicked.get("view") in report.names else report.top
    figure = answers.figure(str(clicked.get("measure")), view, report)
    cell = {name: _cell_value(name, value) for name, value in dict(clicked.get("cell") or {}).items()}
    if figure is None or not set(cell) <= _dimensions(view):
        raise NotFound()
    return figure, cell


def _dimensions(view: View | Listing) -> set[str]:
    return {*view.by, "rep"} if isinstance(view, View) else set()


def _cell_value(name: str, value: Any) -> Any:
    if name not in DIMENSIONS or isinstance(value, bool) or not isinstance(value, int | str | None):
        raise NotFound()
    if DIMENSIONS[name].days and value is not None:
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            raise NotFound() from None
    if isinstance(value, str):
        raise NotFound()
    return value


def _chosen_part(figure: Figure, part: str) -> Measure:
    parts = parts_of(figure)
    return next((found for found in parts if found.key == part), parts[0])


def _found(
    report: Report, answers: Answers, clicked: Mapping[str, Any], filters: Filters, part: str, asked: Page
) -> tuple[Figure, Measure, dict[str, Any], Records]:
    if not report.open_to(actor().roles):
        raise NotFound()
    answers.accept(report, filters, actor().scope)
    figure, cell = meant(report, answers, clicked)
    measure = _chosen_part(figure, part)
    return figure, measure, cell, answers.records(measure, cell, actor().scope, filters, today(), asked)


def _panel(report: Report, answers: Answers, ids: Ids, clicked: Mapping[str, Any], filters: Filters, part: str) -> Any:
    figure, measure, cell, found = _found(report, answers, clicked, filters, part, Page(count=1))
    if found.value is None and measure.adds_up:
        return [states.empty(_("Single records behind this number are not within your reach."))]
    words = " · ".join(str(answers.called(name, value, actor().scope)) for name, value in cell.items())
    export = _records_link(report, filters, clicked, measure, cell) if may_export(report.top, actor(), measure) else ""
    return report_page.panel(ids, figure if isinstance(figure, Derived) else measure, measure, words, found, export)


def _records_link(report: Report, filters: Filters, clicked: Mapping[str, Any], measure: Measure, cell: Mapping[str, Any]) -> str:
    pairs = {"records": measure.key, "view": str(clicked.get("view") or "main")} | {
        f"cell.{name}": "" if value is None else str(value) for name, value in cell.items()
    }
    return f"/reports/{report.key}/export.{{kind}}?" + "&".join(part for part in (filters.write(), urlencode(pairs)) if part)


# ── rows by the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _register_pages(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    @app.callback(
        Output(ids.table("records"), "getRowsResponse"),
        Input(ids.table("records"), "getRowsRequest"),
        State(ids.named("clicked"), "data"),
        State(ids.named("part"), "value", allow_optional=True),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def more_records(request: Mapping[str, Any] | None, clicked: Mapping[str, Any], part: str | None, chosen: Chosen) -> Any:
        if not request:
            raise PreventUpdate
        *_rest, found = _found(report, answers, clicked, filters_of(chosen, report), part or "", asked(request))
        return {"rowData": report_page.record_rows(found), "rowCount": found.count}

    @app.callback(
        Output(ids.table("listing"), "getRowsResponse"),
        Input(ids.table("listing"), "getRowsRequest"),
        State(ids.named("view"), "value"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def more_listed(request: Mapping[str, Any] | None, view: str, chosen: Chosen) -> Any:
        shown = report.view(view)
        if not request or not isinstance(shown, Listing) or not report.open_to(actor().roles):
            raise PreventUpdate
        filters = filters_of(chosen, report)
        answers.accept(report, filters, actor().scope)
        found = answers.records(shown.measure, {}, actor().scope, filters, today(), asked(request))
        return {"rowData": report_page.record_rows(found), "rowCount": found.count}

    @app.callback(
        Output(ids.table(), "getRowsResponse"),
        Input(ids.table(), "getRowsRequest"),
        State(ids.named("view"), "value"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def more_rows(request: Mapping[str, Any] | None, view: str, chosen: Chosen) -> Any:
        shown = report.view(view)
        if not request or not isinstance(shown, View) or not report.open_to(actor().roles):
            raise PreventUpdate
        filters = filters_of(chosen, report)
        answers.accept(report, filters, actor().scope)
        wanted = asked(request)
        answer = answers.table(report, shown, actor().scope, filters, today(), wanted)
        last = None if answer.table.more else wanted.first + len(answer.table.rows)
        return {"rowData": report_page.table_rows(answer.table), "rowCount": last}


def asked(request: Mapping[str, Any]) -> Page:
    """Which rows a grid asks for; never more than a block at a time."""
    first = max(0, int(request.get("startRow") or 0))
    sort = (request.get("sortModel") or [{}])[0]
    return Page(
        first, min(BLOCK, max(1, int(request.get("endRow") or BLOCK) - first)), str(sort.get("colId") or ""), sort.get("sort") == "asc"
    )


# ── freshness ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _register_freshness(app: Dash, ids: Ids) -> None:
    """A new data version redraws an idle page; where somebody is in the middle of something it is offered."""
    app.clientside_callback(
        ClientsideFunction("report", "fresh"),
        Output(ids.named("version"), "data"),
        Output(ids.news, "hidden"),
        Input("version", "data"),
        Input(ids.news_show, "n_clicks"),
        State(ids.panel, "className"),
        State(ids.named("version"), "data"),
        prevent_initial_call=True,
    )
