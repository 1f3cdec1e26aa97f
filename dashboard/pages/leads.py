"""How the list of leads looks: each with its state in front, and a mark where nobody has done anything for too long."""

from collections.abc import Sequence
from typing import Any

from dash import dcc
from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import former_leads, offers
from crm.services.lead_list import LEADS, Care
from crm.vocabulary import Kind, LeadStatus, Permission
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, _, word


def neglected(days: int | None) -> str | None:
    """The mark of a lead that waits for too long."""
    return None if days is None else _("{days} days unhandled", days=days)


def _offers(opened: Session, actor: Actor) -> Choices:
    return choices_of(
        {
            "status": [(status.value, word(status)) for status in LeadStatus],
            "care": [(Care.NEGLECTED.value, _("Neglected"))],
            "source": offers.sources(opened),
            "campaign": offers.campaigns(opened),
            "team": offers.teams(opened, actor, Kind.LEAD),
            "rep": offers.reps(opened, actor, Kind.LEAD),
        },
        as_they_are=("status",),
    )


def _actions(actor: Actor) -> Sequence[Any]:
    drawn = []
    if former_leads.has_any_use(actor):
        drawn.append(dcc.Link(_("Former leads"), href="/leads/former", className="button"))
    if actor.may(Permission.IMPORT, Kind.LEAD):
        drawn.append(dcc.Link(_("Import"), href="/import", className="button"))
    if actor.may(Permission.CREATE, Kind.LEAD):
        drawn.append(dcc.Link(_("New lead"), href="/leads/new", className="button primary"))
    return drawn


LIST = ListPage(
    LEADS,
    title=N_("Leads"),
    kind=Kind.LEAD,
    fields=(
        Field("status", N_("Status"), "badge", words=LeadStatus, width=92),
        Field("contact_name", N_("Contact"), opens=True, width=112, flex=1),
        Field("neglected", N_("Neglected"), "mark", of=lambda row: neglected(row.neglected), width=124),
        Field("company", N_("Company"), width=168, flex=3),
        Field("phone", N_("Phone"), width=128),
        Field("source", N_("Lead source"), width=96, flex=1),
        Field("campaign", N_("Campaign"), width=96, flex=1),
        Field("intent", N_("Intent"), width=80, flex=1),
        Field("owner", N_("Rep"), otherwise=N_("Not assigned"), width=80, flex=1),
        Field("team", N_("Team"), width=80, flex=1),
        Field("arrived_on", N_("Arrived on"), "day", width=108),
        Field("first_handled_on", N_("First handled on"), "day", width=120),
    ),
    filters={
        "status": N_("Status"),
        "care": N_("Neglected"),
        "source": N_("Lead source"),
        "campaign": N_("Campaign"),
        "team": N_("Team"),
        "rep": N_("Rep"),
    },
    offers=_offers,
    counted=N_("{count} leads"),
    many=N_("More than {most} leads"),
    seek=N_("Search contact, company or phone"),
    opens=lambda row: f"/leads/{row.id}",
    actions=_actions,
)
