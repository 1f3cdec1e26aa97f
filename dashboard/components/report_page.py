"""The page that every report has: filters, headline figures, pictures, tables, and the panel of records behind a number.

It is laid out empty and filled by one callback (`callbacks/report_page.py`), so that a change of filters moves nothing on the page.
What a run fills in is `report_body`, the panel `report_panel`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.errors import CrmError
from dashboard.components import filters as bar
from dashboard.components import page, states, views
from dashboard.components.charts import Chart
from dashboard.components.ids import Ids
from dashboard.components.views import Entry
from dashboard.i18n import _, explain
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report, UnknownTable

Figures = Mapping[str, Chart]
Address = Mapping[str, str | list[str]]

def layout(report: Report, figures: Figures, address: Address, kept: Sequence[Entry] = (), lost: str = "") -> html.Div:
    """The page that an address asks for: its filters set, all else as skeletons; for a broken address the sentence that says so.

    `kept`: the views that the person keeps of it; `lost`: that what they opened it with is not all there any more.
    """
    ids = Ids(report.key)
    try:
        filters, opened = asked_by(report, address)
        chosen = chosen_of(filters)
    except CrmError as error:
        return page.page(report.title, broken(report, explain(error)), subtitle=str(report.question))
    pictures = [page.figure(chart, ids.figure(name), ids.caption(name), tables=ids.named("view")) for name, chart in figures.items()]
    tables = html.Section([_tabs(report, ids, opened), html.Div(states.skeleton(240, lines=6), id=ids.tables)], className="section")
    return page.page(
        report.title,
        *([states.partial_note(lost)] if lost else []),
        bar.bar(ids, chosen, dimensions=report.filters),
        html.Div(states.news(_("Others have changed what is shown here."), ids.news_show), id=ids.news, hidden=True),
        html.Div(id=ids.named("fault")),
        html.Div(
            [html.Div(states.skeleton(112), id=ids.headline), page.figures(pictures), tables], id=ids.body, **{"data-reads": report.key}
        ),
        page.panel(ids.panel, ids.records, ids.panel_close),
        *(dcc.Store(id=ids.named(name)) for name in ("version", "clicked", "address", "shown", "names", "fold", "unfolded")),
        dcc.Store(id=ids.named("drawn-from"), data={ids.figure(name): chart.view for name, chart in figures.items()}),
        subtitle=[html.Span(str(report.question)), " ", html.Span(id=ids.drawn)],
        actions=_actions(ids, kept),
    )


def asked_by(report: Report, address: Address) -> tuple[Filters, str]:
    """The filters that an address states, and the table that it opens: the report's first where it names none."""
    pairs = pairs_of(address)
    opened = next((value for name, value in pairs if name == "table"), report.views[0].name)
    if opened not in (names := tabs(report)):
        raise UnknownTable(table=opened[:60], tables=list(names))
    return Filters.of([pair for pair in pairs if pair[0] != "table"], report.filters), opened


def address_of(report: Report, filters: Filters, opened: str) -> str:
    """The query string that `asked_by` reads so: the first table needs no word."""
    return filters.address + ("" if opened == report.views[0].name else f"&table={opened}")


def tabs(report: Report) -> Mapping[str, object]:
    """The tables that the page opens, one at a time, by name, with what they are called."""
    return {view.name: view.title for view in report.views}


def pairs_of(address: Address) -> list[tuple[str, str]]:
    """An address's parameters as pairs: one that stands in it several times arrives as a list."""
    return [(name, value) for name, values in address.items() for value in ([values] if isinstance(values, str) else values)]


def chosen_of(filters: Filters) -> dict[str, Any]:
    """The filter state as the page's controls hold it."""
    chosen: dict[str, Any] = {"period": filters.preset.value, "compare": filters.compare.value if filters.compare else "none"}
    if filters.custom:
        chosen |= {"start": filters.custom.start.isoformat(), "end": filters.custom.last.isoformat()}
    if filters.as_of:
        chosen["as_of"] = filters.as_of.isoformat()
    return chosen | {name: list(ids) for name, ids in filters.chosen}


def broken(report: Report, sentence: str) -> html.Div:
    """What is wrong, and the way to the report as it opens by itself."""
    way = dcc.Link(_("Open the report without filters"), href=f"/reports/{report.key}", className="button")
    return html.Div([states.failed(sentence), html.P(way, className="note")])


def _actions(ids: Ids, entries: Sequence[Entry]) -> list[Any]:
    kinds = (("XLSX", ids.export_xlsx), ("CSV", ids.export_csv), ("PDF", ids.export_pdf))
    links = [html.A(name, id=id, href="#", className="button", hidden=True) for name, id in kinds]
    printed = page.button(_("Print"), ids.named("print"), **{"data-act": "print"})
    return [bar.toggle(), views.kept(ids, entries, pinned=True), *links, printed]


def _tabs(report: Report, ids: Ids, opened: str) -> dcc.RadioItems:
    """The report's tables, one of them open."""
    return dcc.RadioItems(
        id=ids.named("view"),
        options=[{"value": name, "label": str(title)} for name, title in tabs(report).items()],
        value=opened,
        className="tabs",
        inputClassName="visually-hidden",
        labelClassName="tab",
    )
