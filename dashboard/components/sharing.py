"""How an opportunity's page shows who else reads it, and whether others learn from it."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from crm.services.sharing import Reader
from dashboard.components.ids import Ids
from dashboard.components.page import section
from dashboard.i18n import _, moment

IDS = Ids("sharing")
PUBLISH, SAID, READERS = IDS.named("publish"), IDS.named("said"), IDS.named("readers")


def reading(opportunity_id: int, readers: Sequence[Reader], zone: tzinfo, *, may_grant: bool) -> Any:
    """The section of colleagues who were let to read it."""
    if not readers and not may_grant:
        return None
    link = dcc.Link(_("Let a colleague read"), href=f"/opportunities/{opportunity_id}/share", className="button plain")
    way = [link] if may_grant else []
    return section(_("Also read by"), html.Div(readers_of(readers, zone, may_grant=may_grant), id=READERS), actions=way)


def readers_of(readers: Sequence[Reader], zone: tzinfo, *, may_grant: bool) -> Any:
    """Each colleague, since when, and the button that ends it."""
    if not readers:
        return html.P(_("Nobody else."), className="field-hint")
    return html.Ul([html.Li(_reader(one, zone, may_grant)) for one in readers], className="told")


def publishing(published: bool) -> Any:
    """The section that shows a won opportunity to all who sell, or takes it back."""
    label = _("Take the example back") if published else _("Publish as an example")
    said = _("All who sell can learn from it; customer, contacts and prices are left out.")
    button = html.Button(label, id=PUBLISH, className="button", n_clicks=0)
    return section(_("Example"), html.P(said, className="field-hint"), button, html.P(id=SAID, role="status"))


def _reader(one: Reader, zone: tzinfo, may_grant: bool) -> list[Any]:
    words = html.Span([one.name, html.Span(f"{one.by} · {moment(one.since, zone)}", className="said-label told-words")])
    if not may_grant:
        return [words]
    id = {"type": "withdraw-reader", "reader": one.id}
    label = _("Withdraw the access of {name}", name=one.name)
    return [words, html.Button(_("Withdraw"), id=id, className="button plain", n_clicks=0, **{"aria-label": label})]
