"""What happens at the assignment desk: the ticked customers show who could take them, and one press gives them."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import dash
from dash import ALL, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from crm.errors import NotFound
from crm.models import Team, User
from crm.services import customers, desk
from crm.services.customers import AssignCustomer
from crm.services.inputs import read
from dashboard import session
from dashboard.callbacks import record_list, undoing
from dashboard.components import states
from dashboard.components.record_list import ListPage
from dashboard.i18n import _
from dashboard.pages import assign as page
from dashboard.pages.assign import REPS, TEAMS

Ticked = Sequence[dict[str, Any]]


def _listed(declared: ListPage) -> Any:
    """The list and its desk, as the registry of lists takes them."""

    def layout(**address: Any) -> Any:
        return record_list.layout(declared, beside=page.place(declared), **address)

    def register(app: Dash) -> None:
        record_list.register(app, declared)
        _register_desk(app, declared)
        _register_giving(app, declared)

    return SimpleNamespace(LIST=declared, layout=layout, register=register)


teams, reps = _listed(TEAMS), _listed(REPS)


def _register_desk(app: Dash, declared: ListPage) -> None:
    ids = declared.ids

    @app.callback(Output(ids.named("desk"), "children"), Input(ids.table(), "selectedRows"), prevent_initial_call=True)
    def look(ticked: Ticked | None) -> Any:
        actor = session.actor()
        if not declared.is_open_to(actor):
            raise NotFound()
        opened = record_list.ticked_rows(ticked)
        with session.looking() as looking:
            if declared is TEAMS:
                return page.desk(declared, len(opened), desk.teams(looking, actor, [id for id, _version in opened]) if opened else [])
            held = [customers.find(looking, actor, id) for id, _version in opened]
            of = {customer.team_id for customer in held}
            team = next(iter(of)) if len(of) == 1 else None
            found = desk.reps(looking, actor, team, [id for id, _version in opened]) if team else []
        return page.desk(declared, len(opened), found, back=page.assigns_teams(actor), mixed=len(of) > 1)


def _register_giving(app: Dash, declared: ListPage) -> None:
    ids = declared.ids
    give, said_why = {"type": ids.named("give"), "to": ALL}, {"form": ids.named("desk-form"), "field": "why"}

    @app.callback(
        Output(ids.filters, "data", allow_duplicate=True),
        Output(ids.named("desk"), "children", allow_duplicate=True),
        Output(said_why, "value"),
        Input(give, "n_clicks"),
        State(ids.table(), "selectedRows"),
        State(said_why, "value"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def given(clicks: Sequence[int | None], ticked: Ticked | None, why: str | None, wished: Any) -> Any:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        actor, to, opened = session.actor(), int(ctx.triggered_id["to"]), record_list.ticked_rows(ticked)
        with session.acting() as acting:
            if declared is TEAMS:
                values = {"team_id": to}
            elif to == 0:
                values = {}
            else:
                chosen = acting.get(User, to)
                values = {"team_id": chosen.team_id if chosen else None, "owner_id": to}
            moved = customers.assign_many(acting, actor, opened, read(AssignCustomer, {**values, "why": why}), today=session.today())
            name = _called(acting, declared, to)
        said = states.toast(_("Given to {name}: {count}", count=len(moved), name=name), undo=undoing.of_customers(moved))
        dash.set_props("toasts", {"children": [said]})
        return wished or {}, page.desk(declared, 0, []), ""


def _called(opened: Any, declared: ListPage, to: int) -> str:
    found = opened.get(Team if declared is TEAMS else User, to)
    return found.name if found else _("the company's pool")
