"""What happens on the page of one lead: a note is written; the first one by its rep makes it *working*."""

from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State, no_update

from crm.errors import NotFound
from crm.services import former_leads, lead_overview, leads
from crm.services.lead_overview import LeadOverview
from crm.services.leads import WriteNote
from crm.submissions import once
from crm.vocabulary import Kind
from dashboard import frame, session, watching
from dashboard.callbacks import forms, hearing
from dashboard.callbacks.opportunity import number
from dashboard.pages import former_leads as former_page
from dashboard.pages import lead as page
from dashboard.pages.lead import ABOUT, ACTIONS, HEAD, IDS, KEY, NOTE, NOTES, SUBTITLE

About = dict[str, Any]


def layout(lead_id: str = "", **_address: str) -> Any:
    """The page of the lead in the address; none for one out of reach, and little for who held it until it was converted."""
    actor, id = session.actor(), number(lead_id)
    with session.looking() as opened:
        try:
            seen = lead_overview.of_lead(opened, actor, id)
        except NotFound:
            return former_page.one(former_leads.find(opened, actor, id))
        mark = watching.mark(opened.connection(), Kind.LEAD, id, actor.user_id)
    frame.trail(*frame.trail_of("/leads", actor), (page.called(seen.lead), None))
    return page.layout(seen, _zone(), token_urlsafe(), mark)


def register(app: Dash) -> None:
    """The page's form, and what it hears."""
    outputs = [
        Output(IDS.named("form"), "children"),
        Output(NOTES, "children", allow_duplicate=True),
        Output(HEAD, "children", allow_duplicate=True),
        Output(SUBTITLE, "children", allow_duplicate=True),
        Output(KEY, "data"),
        Output(ABOUT, "data", allow_duplicate=True),
    ]
    hearing.register(
        app, IDS, ABOUT, _seen, lambda seen: seen.lead.version,
        by_itself={NOTES: lambda seen: page.notes(seen.notes, _zone())},
        offered={HEAD: page.facts, SUBTITLE: page.subtitle, ACTIONS: page.actions},
    )  # fmt: skip
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
    seen = _seen(id)
    now = about | {"version": seen.lead.version}  # one's own note is no news
    return [page.note_form(), page.notes(seen.notes, _zone()), page.facts(seen), page.subtitle(seen), token_urlsafe(), now]


def _seen(lead_id: int) -> LeadOverview:
    """The lead as it is now, within reach."""
    with session.looking() as opened:
        return lead_overview.of_lead(opened, session.actor(), lead_id)


def _zone() -> ZoneInfo:
    return ZoneInfo(session.company().zone)
