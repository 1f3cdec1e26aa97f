"""The pages of leads and customers: their addresses, and what happens in them."""

from collections.abc import Callable

from dash import Dash

from crm.vocabulary import N_
from dashboard.callbacks import assign, claims, customer, customers, erasures, former_leads, hand_over, lead, lead_form, leads, merge

LEADS, CUSTOMERS, CLAIMS, HAND_OVER = N_("Leads"), N_("Customers"), N_("Claims"), N_("Hand over")
ERASURES = N_("Erase personal data")
LISTS = (leads, former_leads, assign.teams, assign.reps, customers)
"""Their lists: each with its declaration `LIST`, `layout` and `register`."""


def pages(register: Callable[..., None]) -> None:
    """The pages beside the lists; the narrower address first."""
    register("lead_new", "/leads/new", LEADS, lead_form.new_layout)
    for name, layout in (("edit", lead_form.edit_layout), ("convert", lead_form.convert_layout), ("fail", lead_form.fail_layout)):
        register(f"lead_{name}", f"/leads/0/{name}", LEADS, layout, f"/leads/<lead_id>/{name}")
    register("lead", "/leads/0", LEADS, lead.layout, "/leads/<lead_id>")
    register("claims", "/claims", CLAIMS, claims.layout)
    register("hand_over", "/hand-over", HAND_OVER, hand_over.layout)
    register("hand_over_of", "/hand-over/0", HAND_OVER, hand_over.layout, "/hand-over/<user_id>")
    register("erasures", "/erasures", ERASURES, erasures.layout)
    erase = "/customers/<customer_id>/contacts/<contact_id>/erase"
    register("contact_erase", "/customers/0/contacts/0/erase", ERASURES, erasures.ask_layout, erase)
    register("customer_new", "/customers/new", CUSTOMERS, customer.new_layout)
    register("contact", "/customers/0/contacts/0", CUSTOMERS, customer.contact_layout, "/customers/<customer_id>/contacts/<contact_id>")
    for name, layout in (("edit", customer.edit_layout), ("assign", customer.assign_layout), ("merge", merge.layout)):
        register(f"customer_{name}", f"/customers/0/{name}", CUSTOMERS, layout, f"/customers/<customer_id>/{name}")
    register("customer", "/customers/0", CUSTOMERS, customer.layout, "/customers/<customer_id>")


def register(app: Dash) -> None:
    """What happens in all of them."""
    for behaviour in (lead, lead_form, claims, customer, merge, hand_over, erasures):
        behaviour.register(app)
