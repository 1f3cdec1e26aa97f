"""How the list of contracts looks."""

from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import offers
from crm.services.contract_list import CONTRACTS
from crm.vocabulary import ContractStatus, Kind
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, word


def _offers(opened: Session, actor: Actor) -> Choices:
    return choices_of(
        {
            "status": [(status.value, word(status)) for status in ContractStatus],
            "team": offers.teams(opened, actor, Kind.CONTRACT),
            "rep": offers.reps(opened, actor, Kind.CONTRACT),
        },
        as_they_are=("status",),
    )


LIST = ListPage(
    CONTRACTS,
    title=N_("Contracts"),
    kind=Kind.CONTRACT,
    fields=(
        Field("status", N_("Status"), "badge", words=ContractStatus, width=108),
        Field("number", N_("Contract no."), opens=True, width=136, flex=2),
        Field("customer", N_("Customer"), width=168, flex=3),
        Field("amount", N_("Contract amount"), "money", width=136),
        Field("received", N_("Received"), "money", width=128),
        Field("outstanding", N_("Outstanding"), "money", width=128),
        Field("signed_on", N_("Signed on"), "day", width=104),
        Field("signer", N_("Signer"), width=80, flex=1),
        Field("owner", N_("Carer"), otherwise=N_("Not assigned"), width=88, flex=1),
        Field("team", N_("Team"), width=80, flex=1),
    ),
    filters={"status": N_("Status"), "team": N_("Team"), "rep": N_("Carer")},
    offers=_offers,
    counted=N_("{count} contracts"),
    many=N_("More than {most} contracts"),
    seek=N_("Search number or customer"),
    opens=lambda row: f"/contracts/{row.id}",
)
