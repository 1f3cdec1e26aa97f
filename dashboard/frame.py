"""The window around all pages: who is signed in, the menu of what they may open, and what the whole window keeps.

The menu follows the company's paths (docs/glossary.md); it holds the pages that exist, and of them those the person may open.
"""

from collections.abc import Callable, Sequence
from typing import Any

import dash
from dash import dcc, html
from flask_wtf.csrf import generate_csrf

from crm.scope import Actor
from crm.services import notices
from crm.services.reach import reaches_company
from crm.vocabulary import Kind, Permission
from dashboard import master_menu, session
from dashboard.components import navigation, states
from dashboard.components.navigation import Entry, Person, Section
from dashboard.i18n import N_, _, plain
from dashboard.queries import REPORTS

SALES, REPORTING, OPPORTUNITIES, IMPORT = N_("Sales management"), N_("Reports"), N_("Opportunities"), N_("Import")
APPROVALS, CONTRACTS = N_("Approvals"), N_("Contracts")

SALES_PAGES: Sequence[tuple[str, str, Callable[[Actor], bool]]] = (
    (N_("Leads"), "/leads", lambda actor: sees_rows(actor, Kind.LEAD)),
    (IMPORT, "/import", lambda actor: actor.may(Permission.IMPORT, Kind.LEAD)),
    (N_("Claims"), "/claims", lambda actor: actor.may(Permission.ASSIGN, Kind.CUSTOMER)),
    (N_("Team assignment"), "/assign/teams", lambda actor: reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER)),
    (N_("Rep assignment"), "/assign/reps", lambda actor: actor.may(Permission.ASSIGN, Kind.CUSTOMER)),
    (N_("Customers"), "/customers", lambda actor: actor.may(Permission.UPDATE, Kind.CUSTOMER)),
    (OPPORTUNITIES, "/opportunities", lambda actor: sees_rows(actor, Kind.OPPORTUNITY)),
    (N_("Examples"), "/examples", lambda actor: sees_rows(actor, Kind.OPPORTUNITY)),
    (APPROVALS, "/approvals", lambda actor: actor.may(Permission.APPROVE, Kind.QUOTE)),
    (CONTRACTS, "/contracts", lambda actor: sees_rows(actor, Kind.CONTRACT)),
    (
        N_("Hand over"),
        "/hand-over",
        lambda actor: reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER) or actor.may(Permission.UPDATE, Kind.MASTER),
    ),
    (N_("Erase personal data"), "/erasures", lambda actor: actor.may(Permission.ERASE, Kind.CUSTOMER)),
)
"""The pages of sales management in the menu's order: what they are called, where they are, who opens them."""

VERSION = "version"
"""The store of what the open page last heard: {"of": the key of the report that it shows, "position": at which change that is other,
"mine": up to which change the person's own commits go}."""

TAKEN_BACK = "taken-back"
"""The store that holds something else each time that the person took something back: what is shown is read anew."""

WATCHED = "watched"
"""The store of what the open record's page hears: {"token", "stamp"}."""


def layout() -> Any:
    """The window for the signed-in person; nothing for anybody else."""
    person = session.person()
    if person is None:
        return html.Div(dash.page_container)
    actor = person.actor
    content = html.Div([dash.page_container, states.toasts(), _signed_out(), _search_words(), *_kept()])
    who = Person(actor.name, plain(sorted(actor.roles)))
    with session.looking() as opened:
        unread = notices.waiting(opened, actor)
    return navigation.frame(menu(actor), who, content, sign_out=_sign_out(), unread=unread)


def menu(actor: Actor) -> list[Section]:
    """The sections with what this person may open."""
    sales = [Entry(_(label), path) for label, path, opens in SALES_PAGES if opens(actor)]
    reports = [Entry(str(report.title), f"/reports/{report.key}") for report in REPORTS if report.open_to(actor.roles)]
    sections = (Section(_(SALES), sales), Section(_(REPORTING), reports), Section(_(master_menu.MASTER), master_menu.entries(actor)))
    return [section for section in sections if section.entries]


def sees_rows(actor: Actor, kind: Kind) -> bool:
    """Whether the person reads single records of this kind."""
    return actor.may(Permission.READ, kind)


def trail(*steps: tuple[object, str | None]) -> None:
    """Say where the page stands, in the line at the top. Called while a page is drawn."""
    dash.set_props("breadcrumbs", {"children": navigation.breadcrumbs(steps)})


def trail_of(path: str, actor: Actor) -> Sequence[tuple[object, str | None]]:
    """The way to a page of the menu, by its path."""
    for section in menu(actor):
        for entry in section.entries:
            if entry.path == path:
                return ((section.label, None), (entry.label, entry.path))
    return ()


def _kept() -> list[Any]:
    """What outlives the page that is shown."""
    return [dcc.Store(id=VERSION), dcc.Store(id=WATCHED), dcc.Store(id="reload"), dcc.Store(id=TAKEN_BACK)]


def _search_words() -> html.Div:
    """What the search says (assets/search.js)."""
    words = {"data-title": _("Search customers, contacts, opportunities, contracts"), "data-nothing": _("Nothing found")}
    return html.Div(id="search-words", hidden=True, **words)


def _signed_out() -> html.Div:
    """What the browser shows once the session is over (assets/live.js)."""
    way = html.A(_("Sign in again"), href="/sign-in", target="_blank")
    return html.Div([_("Your session has ended. What you typed is still here."), " ", way], id="signed-out", hidden=True, role="alert")


def _sign_out() -> html.Form:
    token = dcc.Input(type="hidden", name="csrf_token", value=generate_csrf(), className="hidden-field")
    return html.Form([token, html.Button(_("Sign out"), className="button plain", type="submit")], method="post", action="/sign-out")
