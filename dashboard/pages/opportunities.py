"""How the list of opportunities looks: search and filters above, the rows below, each with its state in front."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.services.opportunity_list import MOST, Asked, Order, Row
from crm.vocabulary import OpportunityStatus
from dashboard.components import grid
from dashboard.components.badges import badge_cells
from dashboard.components.filters import Choice, dropdown_words, options
from dashboard.components.grid import Column
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import _, name_key, word

IDS = Ids("opportunities")
FILTERS = ("status", "stage", "team", "rep", "source")
"""The filters by their names in the address; `q` is the search."""

SORTABLE = frozenset(order.value for order in Order)


def control(name: str) -> str:
    """The id of the control of a filter, or of the search `q`."""
    return IDS.control(name)


def layout(asked: Asked, wished: Mapping[str, Any], choices: Mapping[str, Sequence[Choice]], *, may_create: bool, may_export: bool) -> Any:
    """The list as an address asks for it. `choices` are the values within reach; a filter without any is not shown."""
    actions: list[Any] = []
    if may_export:
        actions += [html.A(text, id=IDS.named(f"export-{kind}"), className="button", href=export_address(kind, wished)) for kind, text in
                    (("xlsx", _("Export XLSX")), ("csv", _("Export CSV")))]  # fmt: skip
    if may_create:
        actions.append(dcc.Link(_("New opportunity"), href="/opportunities/new", className="button primary"))
    return page(
        _("Opportunities"),
        _bar(asked, choices),
        grid.listed(IDS.table(), _columns(asked), height="calc(100vh - 212px)"),
        dcc.Store(id=IDS.filters, data=dict(wished)),
        subtitle=html.Span(id=IDS.named("count"), **{"aria-live": "polite"}),
        actions=actions,
    )


def counted(count: int) -> str:
    """How many rows there are, as the page says it."""
    if count > MOST:
        return _("More than {most} opportunities; search or filter to see others than the first.", most=MOST)
    return _("{count} opportunities", count=count)


def cells(row: Row) -> dict[str, Any]:
    """A row as the grid takes it."""
    return grid.plain_row(
        {
            "id": row.id,
            "href": f"/opportunities/{row.id}",
            "status": row.status,
            "title": row.title,
            "customer": row.customer,
            "stage": row.stage,
            "expected_amount": row.expected_amount,
            "expected_close_on": row.expected_close_on,
            "owner": row.owner or _("Not assigned"),
            "team": row.team or "",
            "created_on": row.created_on,
            "last_followed_up_on": row.last_followed_up_on,
        }
    )


def choices_of(offers: Mapping[str, Sequence[tuple[int, str]]]) -> dict[str, list[Choice]]:
    """What the filters offer: people and teams by pinyin, stages in their order."""
    drawn = {"status": [Choice(status.value, word(status)) for status in OpportunityStatus]}
    for name, found in offers.items():
        ordered = found if name == "stage" else sorted(found, key=lambda offer: name_key(offer[1]))
        drawn[name] = [Choice(id, label) for id, label in ordered]
    return drawn


def export_address(kind: str, wished: Mapping[str, Any]) -> str:
    """Where the rows that are asked for can be had as a file."""
    from urllib.parse import urlencode

    return f"/opportunities/export.{kind}?{urlencode({name: value for name, value in wished.items() if value}, doseq=True)}"


def _bar(asked: Asked, choices: Mapping[str, Sequence[Choice]]) -> html.Div:
    chosen: dict[str, Sequence[Any]] = {
        "status": asked.statuses,
        "stage": asked.stages,
        "team": asked.teams,
        "rep": asked.reps,
        "source": asked.sources,
    }
    titles = {"status": _("Status"), "stage": _("Stage"), "team": _("Team"), "rep": _("Rep"), "source": _("Lead source")}
    search = dcc.Input(
        id=control("q"), value=asked.text, type="search", debounce=0.25, placeholder=_("Search title or customer"), autoComplete="off",
        maxLength=100, className="input list-search",
    )  # fmt: skip
    parts = [html.Div([html.Label(_("Search"), htmlFor=control("q")), search], className="filter search")]
    for name in FILTERS:
        parts.append(_filter(name, titles[name], choices.get(name, ()), [getattr(v, "value", v) for v in chosen[name]]))
    return html.Div(
        [
            html.Button(_("Filters"), className="button filter-toggle", **{"data-act": "filters", "aria-expanded": "false"}),
            html.Div(parts, className="filter-controls", role="group", **{"aria-label": _("Filters")}),
        ],
        className="filter-bar list-bar",
    )


def _filter(name: str, title: str, choices: Sequence[Choice], values: list[Any]) -> html.Div:
    """One filter; where there is nothing to choose it is there for the page's behaviour and not seen."""
    dropdown = dcc.Dropdown(
        id=control(name), options=options(choices), value=values, multi=True, placeholder=_("All"), maxHeight=320, labels=dropdown_words()
    )
    return html.Div([html.Label(title, htmlFor=control(name)), dropdown], className=f"filter {name}", hidden=not choices)


def _columns(asked: Asked) -> list[Column]:
    return [
        Column("status", _("Status"), kind="badge", badges=badge_cells(OpportunityStatus), width=92),
        Column("title", _("Title"), link="href", width=168, flex=3, sortable=False),
        Column("customer", _("Customer"), width=152, flex=3, sortable=False),
        Column("stage", _("Stage"), width=96, flex=1),
        Column("expected_amount", _("Expected amount"), kind="money", width=128),
        Column("expected_close_on", _("Expected close date"), kind="day", width=140),
        Column("owner", _("Rep"), width=80, flex=1, sortable=False),
        Column("team", _("Team"), width=80, flex=1, sortable=False),
        Column("last_followed_up_on", _("Last follow-up"), kind="day", width=112),
        Column("created_on", _("Created on"), kind="day", width=104),
    ]
