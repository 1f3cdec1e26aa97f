"""How every report behaves: filters redraw it, a number opens its records, a commit refreshes it. Written once, registered for each.

Callbacks take the person from the session; what the browser sends is a wish, checked against the report's declaration and the person's
scope like an address typed by hand.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from crm.errors import CrmError, NotFound
from dashboard.callbacks import report_explained, report_filters, report_folding, report_records, report_views
from dashboard.callbacks.report_filters import Chosen, filters_of, standing
from dashboard.components import filters as bar
from dashboard.components import page, report_body, report_page, report_panel
from dashboard.components.ids import Ids
from dashboard.components.ready import ready
from dashboard.i18n import NOTHING, _, day, explain, language, time_of_day
from dashboard.queries.answers import Answers
from dashboard.queries.carrying import may_export
from dashboard.queries.compared import uncompared
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.reading import standpoint
from dashboard.queries.report import Listing, Report
from dashboard.queries.seen import seen
from dashboard.session import actor, application, catch_up, company, today
from dashboard.windows import window

ASKED, UNASKED = 0.3, 2.0
"""In how many seconds a report is due that somebody asked for, and what an open page asks for by itself."""


def register(app: Dash, report: Report, figures: report_page.Figures, answers: Answers) -> None:
    """Give the report's page its behaviour."""
    ids = Ids(report.key)
    report_filters.register(app, report, answers, ids)
    _register_refresh(app, report, figures, answers, ids)
    _register_past(app, report, answers, ids)
    report_records.register(app, report, figures, answers, ids)
    report_explained.register(app, report, answers, ids)
    report_folding.register(app, report, answers, ids)
    report_views.register(app, report, ids)
    _register_freshness(app, ids)


def _register_refresh(app: Dash, report: Report, figures: report_page.Figures, answers: Answers, ids: Ids) -> None:
    outputs = {
        "headline": Output(ids.headline, "children"),
        "figures": [Output(ids.figure(name), "figure") for name in figures],
        "captions": [Output(ids.caption(name), "children") for name in figures],
        "tables": Output(ids.tables, "children"),
        "chips": Output(ids.chips, "children"),
        "drawn": Output(ids.drawn, "children"),
        "fault": Output(ids.named("fault"), "children"),
        "hidden": Output(ids.body, "hidden"),
        "address": Output(ids.named("address"), "data"),
        "shown": Output(ids.named("shown"), "data"),
        "links": [
            *(Output(id, "href") for id in (ids.export_xlsx, ids.export_csv, ids.export_pdf)),
            *(Output(id, "hidden") for id in (ids.export_xlsx, ids.export_csv, ids.export_pdf)),
        ],
    }  # fmt: skip

    @app.callback(
        output=outputs,
        inputs={
            "chosen": Input(ids.filters, "data"),
            "view": Input(ids.named("view"), "value"),
            "version": Input(ids.named("version"), "data"),
            "shown": State(ids.named("shown"), "data"),
            "unfolded": State(ids.unfolded, "data"),
        },
    )
    def refresh(chosen: Chosen, view: str, version: Any, shown: Mapping[str, Any] | None, unfolded: Any) -> dict[str, Any]:
        if not report.open_to(actor().roles):
            raise NotFound()
        catch_up()
        with answers.still() as now:
            current, here = now.version(report, actor().scope), standpoint(actor().scope, today())
            if ctx.triggered_id == ids.named("version") and shown and (shown["version"], shown.get("here")) == (current, here):
                raise PreventUpdate
            try:
                filters = filters_of(chosen, report)
                now.accept(report, filters, actor().scope)
                # Another table alone is drawn only under the filters that the page shows: a row that opens into its parts sets both.
                only_table = ctx.triggered_id == ids.named("view") and bool(shown) and shown.get("chosen") == chosen
                who = (actor().scope.key, actor().user_id if report.personal else None, actor().roles, language(), today())
                opened = report_folding.opened(unfolded, view)
                key = ("page", report.key, view, filters, only_table, opened, current, now.names_version, *who)
                due = UNASKED if ctx.triggered_id == ids.named("version") else ASKED

                def fill() -> dict[str, Any]:
                    with application().turns.turn(due):
                        return _ready(_filled(report, figures, now, ids, filters, view, chosen, only_table, opened))

                filled = now.once(key, fill)
                return filled | ({} if only_table else {"drawn": page.drawn_line(*_applied(now), _behind())})
            except CrmError as error:
                return _kept(figures, report) | {"fault": report_page.broken(report, explain(error)), "hidden": True}


def _ready(filled: Mapping[str, Any]) -> dict[str, Any]:
    """What fills the page, written once; what the browser compares with later (`shown`) stays as it is."""
    return {name: [ready(part) for part in drawn] if isinstance(drawn, list) else ready(drawn) for name, drawn in filled.items()}


def _kept(figures: report_page.Figures, report: Report) -> dict[str, Any]:
    """Nothing changes, in the shape of the callback's outputs."""
    several = {"figures": len(figures), "captions": len(figures), "links": 6}
    single = ("headline", "tables", "chips", "drawn", "fault", "hidden", "address", "shown")
    return dict.fromkeys(single, no_update) | {name: [no_update] * number for name, number in several.items()}


def _filled(
    report: Report, figures: report_page.Figures, answers: Answers, ids: Ids, filters: Filters, view: str, chosen: Chosen, only_table: bool,
    opened: frozenset[int],
) -> dict[str, Any]:
    out = _kept(figures, report)
    out |= {
        "tables": _table(report, answers, ids, filters, view, opened),
        "links": _links(report, filters, view),
        "address": report_page.address_of(report, filters, view),
    }
    if only_table:
        return out
    read = seen(answers, report, report_body.draws(figures), view, actor().scope, filters, today())
    top = read.headline
    out["figures"], out["captions"] = report_body.pictures(figures, read.pictures, window(filters, top.question), actor().user_id)
    return out | {
        "headline": report_body.cards(ids, report, filters, top),
        "chips": bar.chips(
            ids,
            chosen,
            standing(report, answers, filters),
            period=report_body.windows(filters, top),
            notes={"product": _("Records that contain the product, amounts whole.")},
        ),
        "fault": None,
        "hidden": False,
        "shown": {"version": top.version, "names": answers.names_version, "chosen": chosen, "here": standpoint(actor().scope, today())},
    }


def _applied(answers: Answers) -> tuple[str, str]:
    """The day and the time at which the data that the page shows were applied, on the company's clock."""
    at = answers.warehouse.versions().applied_at
    return _clock(at.replace(tzinfo=UTC)) if at else ("", NOTHING)


def _behind() -> str | None:
    """Since when something committed waits to be shown, where that is longer than a moment."""
    since = application().live.behind_since
    return time_of_day(since, ZoneInfo(company().zone)) if since else None


def _clock(at: datetime) -> tuple[str, str]:
    zone = ZoneInfo(company().zone)
    return day(at.astimezone(zone)), time_of_day(at, zone)


def _table(report: Report, answers: Answers, ids: Ids, filters: Filters, name: str, opened: frozenset[int]) -> Any:
    """The table that is open: figures, those of the rows that stand open over their parts, or the records behind a measure."""
    if name not in report.names:
        raise NotFound()
    shown, scope = report.view(name), actor().scope
    if isinstance(shown, Listing):
        found = answers.records(shown.measure, {}, scope, filters, today(), Page(count=0))
        if not found.count:
            return report_filters.nothing(report, answers, filters)
        columns = report_panel.record_columns(found.columns, found.opens, shown.measure)
        return report_body.listing(ids, columns, found, shown.measure, uncompared(shown) if filters.compare else "")
    return report_folding.table(report, answers, ids, filters, shown, opened)


def _links(report: Report, filters: Filters, view: str) -> list[Any]:
    hidden = not may_export(report.view(view), actor())
    query = "&".join(part for part in (filters.write(), urlencode({"table": view})) if part)
    return [*(f"/reports/{report.key}/export.{kind}?{query}" for kind in ("xlsx", "csv", "pdf")), hidden, hidden, False]


def _register_past(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    """The small lines of the last periods come when the page is already useful."""

    @app.callback(Output(ids.headline, "children", allow_duplicate=True), Input(ids.named("shown"), "data"), prevent_initial_call=True)
    def show_past(shown: Mapping[str, Any] | None) -> Any:
        if not shown or not report.open_to(actor().roles):
            raise PreventUpdate
        filters, scope = filters_of(shown["chosen"], report), actor().scope
        with answers.still() as now:
            now.accept(report, filters, scope)
            with application().turns.turn(UNASKED):
                answer = now.table(report, report.top, scope, filters, today())
                return report_body.cards(ids, report, filters, answer, now.past(report, scope, filters, today()))


def _register_freshness(app: Dash, ids: Ids) -> None:
    """A new version of what the page reads redraws it while it is idle; where somebody is in the middle of something it is offered."""
    app.clientside_callback(
        ClientsideFunction("report", "fresh"),
        Output(ids.named("version"), "data"),
        Output(ids.news, "hidden"),
        Input("version", "data"),
        Input(ids.news_show, "n_clicks"),
        State(ids.panel, "className"),
        State(ids.named("shown"), "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("report", "drawn"),
        Input(ids.named("shown"), "data"),
        State("version", "data"),
        prevent_initial_call=True,
    )
