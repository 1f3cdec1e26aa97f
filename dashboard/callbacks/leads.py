"""What happens in the list of leads: what happens in every list; and several of them are given to a rep at once."""

from collections.abc import Sequence
from typing import Any

import dash
from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from crm.errors import NotFound
from crm.models import User
from crm.services import leads, offers
from crm.services.inputs import read
from crm.services.leads import AssignLead
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.callbacks import record_list
from dashboard.components import states
from dashboard.components.record_list import choices_of
from dashboard.i18n import _
from dashboard.pages import leads as page
from dashboard.pages.leads import BULK, CHOSEN, GIVE, LIST, TO

Ticked = Sequence[dict[str, Any]]


def layout(**address: Any) -> Any:
    """The page for an address; who may assign ticks several leads and gives them."""
    actor = session.actor()
    above = None
    if actor.may(Permission.ASSIGN, Kind.LEAD):
        with session.looking() as opened:
            above = page.bulk(choices_of({"to": offers.sellers(opened, actor, Kind.LEAD)})["to"])
    return record_list.layout(LIST, above=above, **address)


def register(app: Dash) -> None:
    """Its rows, its filters, its file; giving several."""
    record_list.register(app, LIST)
    table = LIST.ids.table()

    @app.callback(Output(CHOSEN, "children"), Output(BULK, "hidden"), Input(table, "selectedRows"), prevent_initial_call=True)
    def chosen(ticked: Ticked | None) -> Any:
        number = len(ticked or ())
        return _("{count} chosen", count=number), number == 0

    @app.callback(
        Output(LIST.ids.filters, "data", allow_duplicate=True),
        Output(BULK, "hidden", allow_duplicate=True),
        Input(GIVE, "n_clicks"),
        State(table, "selectedRows"),
        State(TO, "value"),
        State(LIST.ids.filters, "data"),
        prevent_initial_call=True,
    )
    def give(clicks: int, ticked: Ticked | None, to: int | None, wished: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        actor = session.actor()
        if not LIST.is_open_to(actor):
            raise NotFound()
        with session.acting() as opened:
            given = leads.assign_many(opened, actor, record_list.ticked_rows(ticked), read(AssignLead, {"owner_id": to}))
            name = opened.get_one(User, given[0].owner_id).name
        said = _("Given to {name}: {count}", count=len(given), name=name)
        dash.set_props("toasts", {"children": [states.toast(said)]})
        return wished or {}, True
