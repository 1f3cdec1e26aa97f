"""What happens while two customers are merged: the other one is found by typing, then one act."""

from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from crm.errors import NotFound
from crm.models import Customer
from crm.services import customers, merging
from crm.services.merging import MergeCustomers, SameCustomer
from dashboard import frame, session
from dashboard.callbacks import acts, forms
from dashboard.callbacks.opportunity import number
from dashboard.components.page import page as blank_page
from dashboard.i18n import _, explain
from dashboard.pages import merge as page
from dashboard.pages.customers import opens_customers
from dashboard.pages.merge import IDS, MERGE, OTHER


def layout(customer_id: str = "", other: str = "", **_address: str) -> Any:
    """Which other customer; then both beside each other. Who only sees the customer is told so."""
    actor, id = session.actor(), number(customer_id)
    if not opens_customers(actor):
        raise NotFound()
    with session.looking() as opened:
        found = customers.find(opened, actor, id)
        frame.trail(*frame.trail_of("/customers", actor), (found.name, f"/customers/{id}"), (_("Merge"), None))
        if not merging.may(opened, actor, id):
            return blank_page(found.name, _("You may not do this here."))
        if not other:
            return page.choose(found, merging.alike(opened, actor, id))
        try:
            return page.compare(merging.pair(opened, actor, id, number(other)))
        except SameCustomer as same:
            return blank_page(found.name, explain(same))


def register(app: Dash) -> None:
    """The search for the other one, and the act."""

    def merge(opened: Any, actor: Any, about: acts.About, values: MergeCustomers, today: Any) -> Customer:
        stays, goes = int(about["id"]), int(about["other"])
        versions = int(about["version"]), int(about["other_version"])
        return merging.merge(opened, actor, stays, goes, values, versions=versions, today=today)

    acts.register(app, MERGE, MergeCustomers, merge, lambda made, _about: f"/customers/{made.id}", keeps=False)

    @app.callback(Output(OTHER, "options"), Input(OTHER, "search_value"), State(IDS.named("about"), "data"), prevent_initial_call=True)
    def search(text: str | None, about: dict[str, Any]) -> Any:
        if not text:
            raise PreventUpdate
        with session.looking() as opened:
            found = merging.others(opened, session.actor(), int(about["id"]), text)
        return [{"value": id, "label": name, "search": name} for id, name in found]

    @app.callback(
        Output(forms.LOCATION, "href", allow_duplicate=True),
        Input(OTHER, "value"),
        State(IDS.named("about"), "data"),
        prevent_initial_call=True,
    )
    def chosen(other: int | None, about: dict[str, Any]) -> Any:
        return f"/customers/{int(about['id'])}/merge?other={int(other)}" if other else no_update
