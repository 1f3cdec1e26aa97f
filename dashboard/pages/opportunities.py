"""How the list of opportunities looks."""

from collections.abc import Sequence
from typing import Any

from dash import dcc
from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import offers
from crm.services.opportunity_list import OPPORTUNITIES
from crm.vocabulary import Kind, OpportunityStatus, Permission
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, _, word


def _offers(opened: Session, actor: Actor) -> Choices:
    return choices_of(
        {
            "status": [(status.value, word(status)) for status in OpportunityStatus],
            "stage": offers.stages(opened),
            "team": offers.teams(opened, actor),
            "rep": offers.reps(opened, actor),
            "source": offers.sources(opened),
        },
        as_they_are=("status", "stage"),
    )


def _actions(actor: Actor) -> Sequence[Any]:
    if not actor.may(Permission.CREATE, Kind.OPPORTUNITY):
        return ()
    return (dcc.Link(_("New opportunity"), href="/opportunities/new", className="button primary"),)


LIST = ListPage(
    OPPORTUNITIES,
    title=N_("Opportunities"),
    kind=Kind.OPPORTUNITY,
    fields=(
        Field("status", N_("Status"), "badge", words=OpportunityStatus, width=92),
        Field("title", N_("Title"), opens=True, width=168, flex=3),
        Field("customer", N_("Customer"), width=152, flex=3),
        Field("stage", N_("Stage"), width=96, flex=1),
        Field("expected_amount", N_("Expected amount"), "money", width=128),
        Field("expected_close_on", N_("Expected close date"), "day", width=140),
        Field("owner", N_("Rep"), otherwise=N_("Not assigned"), width=80, flex=1),
        Field("team", N_("Team"), width=80, flex=1),
        Field("last_followed_up_on", N_("Last follow-up"), "day", width=112),
        Field("created_on", N_("Created on"), "day", width=104),
    ),
    filters={"status": N_("Status"), "stage": N_("Stage"), "team": N_("Team"), "rep": N_("Rep"), "source": N_("Lead source")},
    offers=_offers,
    counted=N_("{count} opportunities"),
    many=N_("More than {most} opportunities"),
    seek=N_("Search title or customer"),
    opens=lambda row: f"/opportunities/{row.id}",
    actions=_actions,
)
