"""The views that people keep of a report: relative periods stay relative, and what is gone of a view is left out when it is opened."""

from collections.abc import Callable
from functools import partial
from typing import Any

from dash import Dash
from sqlalchemy.orm import Session

from crm.errors import CrmError, NotFound
from crm.scope import Actor
from crm.services import saved_views
from crm.services.saved_views import View
from dashboard import session
from dashboard.callbacks import views
from dashboard.callbacks.views import parse_address
from dashboard.components.ids import Ids
from dashboard.components.report_page import Address, address_of, asked_by
from dashboard.components.views import Entry
from dashboard.i18n import _
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report


def name_of(report: Report) -> str:
    """Under which name the views of a report are kept."""
    return f"reports/{report.key}"


def register(app: Dash, report: Report, ids: Ids) -> None:
    """Let people keep views of the report, and choose one that it opens with."""
    state = partial(_state, report)
    views.register(app, views.Page(ids, name_of(report), partial(_opening, report), state, partial(entries, report), pinned=True))


def layout(report: Report, draw: Callable[..., Any], address: Address) -> Any:
    """The page for an address; for one that says nothing, as the person wants it to open."""
    actor = _opening(report)
    with session.looking() as opened:
        kept = entries(report, opened, actor)
    opening = None if address else next((entry for entry in kept if entry.opens), None)
    if opening is None:
        return draw(address, kept)
    lost = _("“{name}” is shown without values that are gone.", name=opening.name) if opening.lacks else ""
    return draw(parse_address(opening.href.partition("?")[2]), kept, lost)


def entries(report: Report, opened: Session, actor: Actor) -> list[Entry]:
    """The person's views of a report, each with the address that shows what is left of it."""
    return [_entry(report, actor, view) for view in saved_views.of_page(opened, actor, name_of(report))]


def _entry(report: Report, actor: Actor, view: View) -> Entry:
    filters, table, lacks = _read(report, view.state)
    standing = session.application().answers.standing(report, filters, actor.scope)
    address = f"/reports/{report.key}?{address_of(report, standing, table)}"
    return Entry(view.id, view.name, address, view.opens, lacks or standing != filters)


def _read(report: Report, state: str) -> tuple[Filters, str, bool]:
    """A kept state as filters and open table, and whether a part of it can't be read any more: then it is the report without filters."""
    try:
        return *asked_by(report, parse_address(state)), False
    except CrmError:
        return Filters(), report.views[0].name, True


def _state(report: Report, search: str) -> str:
    """What is kept of an address: all that it asks of the report; an address that asks for nonsense is refused with its sentence."""
    return address_of(report, *asked_by(report, parse_address(search)))


def _opening(report: Report) -> Actor:
    """The person, if the report opens for them."""
    actor = session.actor()
    if not report.open_to(actor.roles):
        raise NotFound()
    return actor
