"""What happens on the page of one lead: a note is written; the first one by its rep makes it *working*."""

from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State, no_update

from crm.errors import NotFound
from crm.services import former_leads, lead_overview, leads
from crm.services.leads import WriteNote
from crm.submissions import once
from dashboard import frame, session
from dashboard.callbacks import forms
from dashboard.callbacks.opportunity import number
from dashboard.pages import former_leads as former_page
from dashboard.pages import lead as page
from dashboard.pages.lead import ABOUT, HEAD, IDS, KEY, NOTE, NOTES

About = dict[str, Any]


def layout(lead_id: str = "", **_address: str) -> Any:
    """The page of the lead in the address; none for one out of reach, and little for who held it until it was converted."""
    actor, id = session.actor(), number(lead_id)
    with session.looking() as opened:
        try:
            seen = lead_overview.of_lead(opened, actor, id)
        except NotFound:
            return former_page.one(former_leads.find(opened, actor, id))
    frame.trail(*frame.trail_of("/leads", actor), (page.called(seen.lead), None))
    return page.layout(seen, _zone(), token_urlsafe())


def register(app: Dash) -> None:
    """The page's form."""
    outputs = [
        Output(IDS.named("form"), "children"),
        Output(NOTES, "children"),
        Output(HEAD, "children"),
        Output(IDS.named("subtitle"), "children"),
        Output(KEY, "data"),
    ]
    forms.register(app, NOTE, WriteNote, outputs, [State(ABOUT, "data"), State(KEY, "data")], _note)

    @app.callback(
        Output(IDS.named("form"), "children", allow_duplicate=True),
        Input({"form": NOTE, "press": "cancel"}, "n_clicks"),
        prevent_initial_call=True,
    )
    def cancel(clicks: int) -> Any:
        return page.note_form() if clicks else no_update


def _note(values: WriteNote, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id = session.actor(), int(about["id"])
    with session.acting() as opened:
        once(opened, actor, key, lambda: leads.note(opened, actor, id, values, today=session.today()))
    with session.looking() as opened:
        seen = lead_overview.of_lead(opened, actor, id)
    return [page.note_form(), page.notes(seen.notes, _zone()), page.facts(seen), page.subtitle(seen), token_urlsafe()]


def _zone() -> ZoneInfo:
    return ZoneInfo(session.company().zone)
