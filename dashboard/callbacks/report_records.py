"""The records behind a report's numbers: the panel that opens at a click, and the rows that long tables ask for by the page."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from crm.errors import CrmError, NotFound
from dashboard.callbacks.report_filters import Chosen, filters_of
from dashboard.components import page, report_body, report_page, report_panel, states
from dashboard.components.ids import Ids
from dashboard.i18n import explain
from dashboard.queries.answers import Answers
from dashboard.queries.carrying import may_export
from dashboard.queries.compose import Page
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.filters import Filters, Question
from dashboard.queries.measure import Derived, Figure, Measure, parts_of
from dashboard.queries.records import Records, behind
from dashboard.queries.report import Listing, Report, View
from dashboard.session import actor, catch_up, today

BLOCK = 100
"""How many rows a table asks for at a time."""


def register(app: Dash, report: Report, figures: report_page.Figures, answers: Answers, ids: Ids) -> None:
    """Give the panel and the long tables of a report their behaviour."""
    _register_panel(app, report, figures, answers, ids)
    _register_pages(app, report, answers, ids)


def _register_panel(app: Dash, report: Report, figures: report_page.Figures, answers: Answers, ids: Ids) -> None:
    app.clientside_callback(
        ClientsideFunction("report", "clicked"),
        Output(ids.named("clicked"), "data"),
        Input(ids.cards, "pressed", allow_optional=True),
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
        if not clicked:
            raise PreventUpdate
        return _panel(report, answers, ids, clicked, filters_of(chosen, report), part)

    # The page was drawn anew while the panel is open: what it lists is of the same data as the number that it explains.
    app.clientside_callback(
        ClientsideFunction("report", "redrawn"),
        Output(ids.named("clicked"), "data", allow_duplicate=True),
        Input(ids.named("shown"), "data"),
        State(ids.panel, "className"),
        State(ids.named("clicked"), "data"),
        prevent_initial_call=True,
    )

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
    catch_up()
    answers.accept(report, filters, actor().scope)
    figure, cell = meant(report, answers, clicked)
    measure = _chosen_part(figure, part)
    listed = {} if part == report_panel.TOTAL and of_total(figure) else cell
    question, within = until(report, clicked, listed, answers.question(filters, today()))
    found = behind(measure, tuple(within), within, actor().scope, question, answers.warehouse, answers.names, asked)
    return figure, measure, listed, found


def until(report: Report, clicked: Mapping[str, Any], cell: dict[str, Any], question: Question) -> tuple[Question, dict[str, Any]]:
    """The days and the cell of a number (`View.meant`)."""
    view = report.view(str(clicked.get("view"))) if clicked.get("view") in report.names else report.top
    return view.meant(cell, question)


def of_total(figure: Figure) -> bool:
    """Whether a figure is a share, whose second part is the whole table's."""
    return isinstance(figure, Derived) and figure.of_total


def _panel(report: Report, answers: Answers, ids: Ids, clicked: Mapping[str, Any], filters: Filters, part: str) -> Any:
    figure, measure, cell, found = _found(report, answers, clicked, filters, part, Page(count=1))
    if found.value is None and measure.adds_up:
        return report_panel.unlisted(ids)
    words = " · ".join(str(answers.called(name, value, actor().scope)) for name, value in cell.items())
    export = _records_link(report, filters, clicked, measure, cell) if may_export(report.top, actor(), measure) else ""
    values = _values(answers, figure, meant(report, answers, clicked)[1], filters)
    chosen = report_panel.TOTAL if part == report_panel.TOTAL and of_total(figure) else measure.key
    return report_panel.panel(ids, figure if isinstance(figure, Derived) else measure, chosen, words, found, values, export)


def _values(answers: Answers, figure: Figure, cell: Mapping[str, Any], filters: Filters) -> dict[str, Any]:
    """What the parts of a computed number come to in its cell; of a share also the whole table's."""
    if isinstance(figure, Measure):
        return {}
    ask = partial(answers.records, scope=actor().scope, filters=filters, today=today(), page=Page(count=0))
    values = {part.key: ask(part, cell).value for part in figure.parts}
    return values | ({report_panel.TOTAL: ask(figure.parts[0], {}).value} if figure.of_total else {})


def _records_link(report: Report, filters: Filters, clicked: Mapping[str, Any], measure: Measure, cell: Mapping[str, Any]) -> str:
    pairs = {"records": measure.key, "view": str(clicked.get("view") or "main")} | {
        f"cell.{name}": "" if value is None else str(value) for name, value in cell.items()
    }
    return f"/reports/{report.key}/export.{{kind}}?" + "&".join(part for part in (filters.write(), urlencode(pairs)) if part)


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
        return {"rowData": report_panel.record_rows(found), "rowCount": found.count}

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
        catch_up()
        filters = filters_of(chosen, report)
        answers.accept(report, filters, actor().scope)
        found = answers.records(shown.measure, {}, actor().scope, filters, today(), asked(request, shown.order))
        return {"rowData": report_panel.record_rows(found), "rowCount": found.count}

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
        catch_up()
        filters = filters_of(chosen, report)
        answers.accept(report, filters, actor().scope)
        wanted = asked(request)
        answer = answers.table(report, shown, actor().scope, filters, today(), wanted)
        last = None if answer.table.more else wanted.first + len(answer.table.rows)
        return {"rowData": report_body.table_rows(answer), "rowCount": last}


def asked(request: Mapping[str, Any], order: str = "") -> Page:
    """Which rows a grid asks for, sorted as it says, else by `order`; never more than a block at a time."""
    first = max(0, int(request.get("startRow") or 0))
    sort = (request.get("sortModel") or [{}])[0]
    return Page(
        first, min(BLOCK, max(1, int(request.get("endRow") or BLOCK) - first)), str(sort.get("colId") or order), sort.get("sort") == "asc"
    )
