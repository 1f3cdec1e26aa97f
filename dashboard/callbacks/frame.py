"""The window's own behaviour: language and theme of the person, at once and for good."""

from typing import Any

from dash import ALL, Dash, Input, Output, ctx, no_update
from flask import Flask, request

from crm.services import people, saved_views
from dashboard import session


def register(app: Dash) -> None:
    """A language button changes the person's language and draws the window anew."""

    @app.callback(Output("reload", "data"), Input({"type": "language", "language": ALL}, "n_clicks"), prevent_initial_call=True)
    def choose_language(clicks: list[int]) -> Any:
        if not any(clicks):
            return no_update
        language = str(ctx.triggered_id["language"])
        with session.acting() as opened:
            people.set_language(opened, session.actor(), language)
        return language


def install(server: Flask) -> None:
    """What a person chose in this browser becomes theirs in every one: the theme, and that the guided tour is over."""

    @server.post("/profile/theme", endpoint="profile.theme")
    def choose_theme() -> Any:
        with session.acting() as opened:
            people.set_theme(opened, session.actor(), request.form.get("theme", ""))
        return "", 204

    @server.post("/profile/tour", endpoint="profile.tour")
    def end_tour() -> Any:
        """The guided tour is over for this person, in every browser; or they want it again."""
        verb = saved_views.end_tour if request.form.get("over") == "yes" else saved_views.begin_tour
        with session.acting() as opened:
            verb(opened, session.actor())
        return "", 204
