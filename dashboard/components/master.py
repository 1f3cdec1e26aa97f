"""What the pages of master data share: tabs between lists that belong together, a list that is sent at once, the way out of use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboard.components import grid, states
from dashboard.components.grid import Column
from dashboard.components.page import page
from dashboard.i18n import N_, _

TABLE, SEARCH = "master-table", "master-search"
"""The list, and the field that narrows it in the browser."""

IN_USE, RETIRED = N_("In use"), N_("Retired")
"""The states of a value."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists that stand side by side on a page."""

    label: str
    path: str


def tabs(shown: Sequence[Tab], here: str) -> Any:
    """The ways between lists that belong together; none where there is one."""
    if len(shown) < 2:
        return None
    links = [
        html.Span(_(tab.label), className="list-way", **{"aria-current": "page"})
        if tab.path == here
        else dcc.Link(_(tab.label), href=tab.path, className="list-way")
        for tab in shown
    ]
    return html.Nav(links, className="list-ways", **{"aria-label": _("Lists")})


def whole(title: str, rows: Sequence[Mapping[str, Any]], drawn: Sequence[Column], ways: Any, actions: Sequence[Any]) -> Any:
    """A page with a list that is sent at once: the search above narrows it in the browser."""
    search = dcc.Input(
        id=SEARCH, type="search", placeholder=_("Search this list"), autoComplete="off", maxLength=100,
        className="input list-search",
    )  # fmt: skip
    narrow = [html.Label(_("Search this list"), htmlFor=SEARCH, className="visually-hidden"), search]
    body = grid.whole(TABLE, drawn, rows) if rows else states.empty(_("There is nothing here yet."))
    return page(
        title, ways, html.Div(narrow, className="list-narrow", hidden=len(rows) < 8), body, subtitle=_("{count} rows", count=len(rows)),
        actions=actions,
    )  # fmt: skip


def state_column() -> Column:
    """Whether a value is offered."""
    badges = {"true": {"label": _(IN_USE), "tone": "won"}, "false": {"label": _(RETIRED), "tone": "stopped"}}
    return Column("active", _("State"), kind="badge", badges=badges, width=88)


def retiring(id: str, active: bool) -> html.Button:
    """The button beside the form that takes a value out of use, or back into it."""
    if not active:
        return html.Button(_("Bring back"), id=id, type="button", n_clicks=0, className="button")
    asks = _("Retire it? Forms offer it no longer; records that have it keep it.")
    return html.Button(_("Retire"), id=id, type="button", n_clicks=0, className="button danger", **{"data-asks": asks})
