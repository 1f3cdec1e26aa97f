"""What happens on a person's profile: a lead or an executive names a deputy, and ends it."""

from datetime import date
from typing import Any

from dash import ALL, Dash, Input, Output, ctx
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.models import Deputy, Team
from crm.scope import Actor
from crm.services import deputies
from crm.services.deputies import NameDeputy
from dashboard import session
from dashboard.callbacks import acts
from dashboard.components.filters import by_name
from dashboard.pages import profile as page
from dashboard.pages.profile import DEPUTIES, NAME


def layout(**_address: str) -> Any:
    """The signed-in person's own."""
    actor = session.actor()
    with session.looking() as opened:
        team = opened.get(Team, actor.team_id) if actor.team_id else None
        drawn = page.stands_in(deputies.stands_in_for(opened, actor, session.today()))
        if deputies.may_name(opened, actor):
            drawn += page.naming(deputies.of(opened, actor, session.today()), by_name(deputies.candidates(opened, actor)))
    return page.layout(actor, team.name if team else None, session.company(), *drawn)


def register(app: Dash) -> None:
    """The form saves by its verb; a deputy is ended by a button."""

    def name(opened: Session, actor: Actor, _about: acts.About, values: NameDeputy, today: date) -> Deputy:
        return deputies.name(opened, actor, values, today=today)

    acts.register(app, NAME, NameDeputy, name, None, keeps=False)

    @app.callback(Output(DEPUTIES, "children"), Input({"type": "end-deputy", "deputy": ALL}, "n_clicks"), prevent_initial_call=True)
    def end(clicks: list[int]) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            raise PreventUpdate
        actor, today = session.actor(), session.today()
        with session.acting() as opened:
            deputies.end(opened, actor, int(ctx.triggered_id["deputy"]), today=today)
        with session.looking() as opened:
            return page.named(deputies.of(opened, actor, today))
