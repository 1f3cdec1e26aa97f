"""What is retired by a button of its form, and brought back by the same: a value of master data, a stage, an account."""

from collections.abc import Callable
from typing import Any

from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.scope import Actor
from dashboard import session
from dashboard.callbacks import forms
from dashboard.components.ids import Ids
from dashboard.i18n import explain

About = dict[str, Any]
Turn = Callable[[Session, Actor, About], str]
"""Retires what is in use, or brings back what is not; the address that leads on."""


def _told(sentence: str) -> Any:
    return html.P(sentence, className="form-faults")


def register(app: Dash, ids: Ids, about: str, turn: Turn, *, button: str = "retire", told: Callable[[str], Any] = _told) -> None:
    """Let the button do it; `told` draws the sentence why it can't be, in the form's place for it."""

    @app.callback(
        Output(forms.LOCATION, "href", allow_duplicate=True),
        Output(ids.named("refused"), "children"),
        Input(ids.named(button), "n_clicks"),
        State(about, "data"),
        prevent_initial_call=True,
    )
    def pressed(clicks: int, known: About) -> Any:
        if not clicks:
            raise PreventUpdate
        try:
            with session.acting() as opened:
                return turn(opened, session.actor(), known), ""
        except CrmError as refused:
            return no_update, told(explain(refused))
