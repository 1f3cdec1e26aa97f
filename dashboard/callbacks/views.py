"""How the views behave that a person keeps of a page: kept, called otherwise, forgotten; of a report, one chosen to open it with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import saved_views
from dashboard import session
from dashboard.components import views
from dashboard.components.ids import Ids
from dashboard.components.views import Entry


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose views are kept: under which name, who opens it (`NotFound` for others), what of an address is kept, which there are."""

    ids: Ids
    name: str
    opened_by: Callable[[], Actor]
    state_of: Callable[[str], str]
    entries: Callable[[Session, Actor], Sequence[Entry]]
    pinned: bool = False

    def listed(self, opened: Session, actor: Actor, renaming: int | None = None) -> list[Any]:
        """The person's views as the page shows them."""
        return views.listed(self.ids, self.entries(opened, actor), pinned=self.pinned, renaming=renaming)


def register(app: Dash, page: Page) -> None:
    """Give the views of a page their behaviour."""
    _register_keeping(app, page)
    _register_act(app, page, "remove-view", "n_clicks", saved_views.remove)
    _register_renaming(app, page)
    if page.pinned:
        _register_act(app, page, "pin-view", "n_clicks", _pin)


def _shown(page: Page) -> Output:
    return Output(page.ids.named("views"), "children", allow_duplicate=True)


def _pressed(page: Page, act: str, what: str) -> Input:
    return Input({"type": page.ids.named(act), "view": ALL}, what)


def _register_keeping(app: Dash, page: Page) -> None:
    ids = page.ids
    app.clientside_callback(
        ClientsideFunction("list", "keep"),
        Output(ids.named("keep"), "data"),
        Input(ids.save_view, "n_clicks"),
        State(ids.named("view-name"), "value"),
        prevent_initial_call=True,
    )

    @app.callback(_shown(page), Output(ids.named("view-name"), "value"), Input(ids.named("keep"), "data"), prevent_initial_call=True)
    def keep(wanted: Mapping[str, Any] | None) -> Any:
        if not wanted:
            raise PreventUpdate
        actor, state = page.opened_by(), page.state_of(str(wanted.get("state") or ""))
        with session.acting() as opened:
            saved_views.keep(opened, actor, page.name, wanted.get("name") or "", state)
            return page.listed(opened, actor), ""


def _register_act(app: Dash, page: Page, act: str, what: str, verb: Callable[[Session, Actor, str, int], None]) -> None:
    @app.callback(_shown(page), _pressed(page, act, what), prevent_initial_call=True)
    def acted(clicks: Sequence[int | None]) -> Any:
        view, actor = _meant(clicks), page.opened_by()
        with session.acting() as opened:
            verb(opened, actor, page.name, view)
            return page.listed(opened, actor)


def _pin(opened: Session, actor: Actor, page: str, view: int) -> None:
    """The page opens with that view; pressed again, as it does by itself."""
    now = next((kept for kept in saved_views.of_page(opened, actor, page) if kept.opens), None)
    saved_views.open_with(opened, actor, page, None if now and now.id == view else view)


def _register_renaming(app: Dash, page: Page) -> None:
    @app.callback(_shown(page), _pressed(page, "rename-view", "n_clicks"), prevent_initial_call=True)
    def begin(clicks: Sequence[int | None]) -> Any:
        view, actor = _meant(clicks), page.opened_by()
        with session.looking() as opened:
            return page.listed(opened, actor, view)

    @app.callback(
        _shown(page),
        _pressed(page, "call-view", "n_clicks"),
        _pressed(page, "called-view", "n_submit"),
        State({"type": page.ids.named("called-view"), "view": ALL}, "value"),
        prevent_initial_call=True,
    )
    def rename(clicks: Sequence[int | None], submits: Sequence[int | None], names: Sequence[str | None]) -> Any:
        view, actor = _meant([*clicks, *submits]), page.opened_by()
        with session.acting() as opened:
            saved_views.rename(opened, actor, page.name, view, (names or [""])[0] or "")
            return page.listed(opened, actor)


def _meant(clicks: Sequence[int | None]) -> int:
    """The view whose button was pressed, and not merely drawn."""
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        raise PreventUpdate
    return int(ctx.triggered_id["view"])


def parse_address(query: str) -> dict[str, str | list[str]]:
    """What stands in an address, a value or several by name; `ViewTooLong` for one that nobody keeps."""
    if len(query) > saved_views.LONGEST:
        raise saved_views.ViewTooLong()
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.removeprefix("?")):
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
