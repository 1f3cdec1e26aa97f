"""What happens to the claims that wait: they are granted or declined."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import ALL, Dash, Input, Output, ctx
from dash.exceptions import PreventUpdate

from crm.errors import NotFound
from crm.services import claims
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.pages import claims as page
from dashboard.pages.claims import IDS


def layout(**_address: Any) -> Any:
    """The page, for who settles claims."""
    if not session.actor().may(Permission.ASSIGN, Kind.CUSTOMER):
        raise NotFound()
    with session.looking() as opened:
        return page.layout(claims.waiting(opened, session.actor()), _zone())


def register(app: Dash) -> None:
    """The two answers."""

    @app.callback(
        Output(IDS.body, "children"),
        Input({"type": IDS.named("grant"), "claim": ALL}, "n_clicks"),
        Input({"type": IDS.named("decline"), "claim": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def settle(granted: Sequence[int | None], declined: Sequence[int | None]) -> Any:
        if not (any(granted) or any(declined)) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        actor, id = session.actor(), int(ctx.triggered_id["claim"])
        with session.acting() as opened:
            if ctx.triggered_id["type"] == IDS.named("grant"):
                claims.grant(opened, actor, id, today=session.today())
            else:
                claims.decline(opened, actor, id)
        with session.looking() as opened:
            return page.listed(claims.waiting(opened, actor), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(session.company().zone)
