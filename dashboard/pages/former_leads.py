"""How the leads look that somebody held until they were converted: the state in front, when it came and from where, no more."""

from dash import dcc, html
from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import offers
from crm.services.former_leads import FORMER_LEADS, FormerLead, has_any_use
from crm.vocabulary import Kind, LeadStatus
from dashboard.components.badges import badge
from dashboard.components.page import page
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, _, day


def _offers(opened: Session, _actor: Actor) -> Choices:
    return choices_of({"source": offers.sources(opened)})


LIST = ListPage(
    FORMER_LEADS,
    title=N_("Former leads"),
    kind=Kind.LEAD,
    fields=(
        Field("status", N_("Status"), "badge", words=LeadStatus, width=92),
        Field("arrived_on", N_("Arrived on"), "day", opens=True, width=120),
        Field("source", N_("Lead source"), width=140, flex=1),
    ),
    filters={"source": N_("Lead source")},
    offers=_offers,
    counted=N_("{count} leads that you held until they were converted"),
    many=N_("More than {most} leads that you held until they were converted"),
    seek="",
    opens=lambda row: f"/leads/{row.id}",
    open_to=has_any_use,
    path="/leads/former",
)


def one(lead: FormerLead) -> html.Div:
    """All that its former rep keeps of a lead."""
    said = [(_("Arrived on"), day(lead.arrived_on)), (_("Lead source"), lead.source)]
    return page(
        _("Former lead"),
        html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in said], className="facts"),
        html.P(_("It was converted. From then on it is read with its customer, by who looks after that customer."), className="note"),
        subtitle=[badge(lead.status)],
        actions=[dcc.Link(_("Former leads"), href=LIST.address, className="button")],
    )
