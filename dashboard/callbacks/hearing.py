"""What a record's open page does when somebody else changes the record: what was said there appears by itself, other changes are offered.

The page carries `watching.mark`, a store of what it is about ({"id", "version"}), and the quiet line of `states.news` under `ids.news`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard import frame
from dashboard.components.ids import Ids

Read = Callable[[int], Any]
"""The record with all that its page shows, as this person may see it now; `NotFound` once it is out of their reach."""

Draw = Mapping[str, Callable[[Any], Any]]
"""Parts of the page by their ids, each drawn from what was read."""


def register(app: Dash, ids: Ids, about: str, read: Read, version: Callable[[Any], int], by_itself: Draw, offered: Draw) -> None:
    """Draw the parts `by_itself` anew at each change, and those `offered` when "show" is pressed, since they are being read."""

    @app.callback(
        *(Output(part, "children") for part in by_itself),
        Output(ids.news, "hidden"),
        Input(frame.WATCHED, "data"),
        State(about, "data"),
        prevent_initial_call=True,
    )
    def hear(_heard: Any, known: dict[str, Any]) -> Any:
        seen = read(int(known["id"]))
        return *(draw(seen) for draw in by_itself.values()), version(seen) == known["version"]

    @app.callback(
        *(Output(part, "children") for part in offered),
        Output(ids.news, "hidden", allow_duplicate=True),
        Output(about, "data"),
        Input(ids.news_show, "n_clicks"),
        State(about, "data"),
        prevent_initial_call=True,
    )
    def show(clicks: int, known: dict[str, Any]) -> Any:
        if not clicks:
            raise PreventUpdate
        seen = read(int(known["id"]))
        return *(draw(seen) for draw in offered.values()), True, known | {"version": version(seen)}


def register_whole(app: Dash, ids: Ids, about: str) -> None:
    """On a page that is shown anew as a whole: the quiet line says that somebody changed what is open; "show" loads the page again.

    The store `about` holds the stamp at which the page was drawn ({"stamp"}).
    """

    @app.callback(Output(ids.news, "hidden"), Input(frame.WATCHED, "data"), State(about, "data"), prevent_initial_call=True)
    def hear(heard: dict[str, Any] | None, known: dict[str, Any]) -> Any:
        return not heard or heard["stamp"] == known.get("stamp")

    app.clientside_callback(
        ClientsideFunction("saleslens", "reload"),
        Output(ids.news_show, "data-shown"),
        Input(ids.news_show, "n_clicks"),
        prevent_initial_call=True,
    )


def register_form(app: Dash, ids: Ids, about: str, version: Callable[[int], int]) -> None:
    """On the page of a form over a record: the quiet line says that somebody changed it; what is typed stays (see `conflicts`)."""

    @app.callback(Output(ids.news, "hidden"), Input(frame.WATCHED, "data"), State(about, "data"), prevent_initial_call=True)
    def hear(_heard: Any, known: dict[str, Any]) -> Any:
        if "version" not in known:
            raise PreventUpdate
        return version(int(known["id"])) == known["version"]
