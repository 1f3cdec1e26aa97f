"""How the list of customers looks: each with where it is in front."""

from collections.abc import Sequence
from typing import Any

from dash import dcc
from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import offers
from crm.services.customer_list import CUSTOMERS
from crm.vocabulary import CustomerPlace, Kind, Permission
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, _


def opens_customers(actor: Actor) -> bool:
    """Who opens customers: whoever takes care of some. Finance reads their names, on contracts."""
    return actor.may(Permission.UPDATE, Kind.CUSTOMER)


def _offers(opened: Session, actor: Actor) -> Choices:
    return choices_of({"team": offers.teams(opened, actor, Kind.CUSTOMER), "rep": offers.reps(opened, actor, Kind.CUSTOMER)})


def _actions(actor: Actor) -> Sequence[Any]:
    if not actor.may(Permission.CREATE, Kind.CUSTOMER):
        return ()
    return (dcc.Link(_("New customer"), href="/customers/new", className="button primary"),)


LIST = ListPage(
    CUSTOMERS,
    title=N_("Customers"),
    kind=Kind.CUSTOMER,
    fields=(
        Field("place", N_("Status"), "badge", words=CustomerPlace, width=104),
        Field("name", N_("Customer"), opens=True, width=176, flex=3),
        Field("contact", N_("Contact"), width=88, flex=1),
        Field("phone", N_("Phone"), width=128),
        Field("industry", N_("Industry"), width=88, flex=1),
        Field("region", N_("Region"), width=80, flex=1),
        Field("owner", N_("Rep"), otherwise=N_("Not assigned"), width=80, flex=1),
        Field("team", N_("Team"), width=80, flex=1),
        Field("open_count", N_("Open opportunities"), "count", width=112),
        Field("created_on", N_("Created on"), "day", width=104),
    ),
    filters={"team": N_("Team"), "rep": N_("Rep")},
    offers=_offers,
    counted=N_("{count} customers"),
    many=N_("More than {most} customers"),
    seek=N_("Search customer, contact or phone"),
    opens=lambda row: f"/customers/{row.id}",
    open_to=opens_customers,
    actions=_actions,
)
