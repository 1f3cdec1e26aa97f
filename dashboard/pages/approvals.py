"""How the list of quotes that wait for approval looks."""

from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import offers
from crm.services.approval_list import APPROVALS
from crm.vocabulary import Kind, Permission, QuoteStatus
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, word


def _offers(opened: Session, actor: Actor) -> Choices:
    return choices_of({"team": offers.teams(opened, actor, Kind.QUOTE)})


LIST = ListPage(
    APPROVALS,
    title=N_("Approvals"),
    kind=Kind.QUOTE,
    fields=(
        Field("status", N_("Status"), "badge", words=QuoteStatus, width=108),
        Field("title", N_("Title"), opens=True, width=168, flex=3),
        Field("customer", N_("Customer"), width=152, flex=3),
        Field("total", N_("Total"), "money", width=136),
        Field("revision", N_("Revision"), "count", width=80),
        Field("needs", N_("Whose word it needs"), of=lambda row: word(row.needs), width=152, flex=1),
        Field("submitted_by", N_("Submitted by"), width=104, flex=1),
        Field("submitted_on", N_("Submitted on"), "day", width=112),
        Field("team", N_("Team"), width=80, flex=1),
    ),
    filters={"team": N_("Team")},
    offers=_offers,
    counted=N_("{count} quotes wait"),
    many=N_("More than {most} quotes wait"),
    seek=N_("Search title"),
    opens=lambda row: f"/opportunities/{row.opportunity_id}/quotes",
    open_to=lambda actor: actor.may(Permission.APPROVE, Kind.QUOTE),
)
