"""How one lead looks: who it is, how long it has waited, what was noted, and the two ways on."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from crm.models import Lead
from crm.services.lead_overview import LeadOverview, Noted
from crm.services.leads import WriteNote
from crm.vocabulary import LeadStatus
from dashboard.components import form, states
from dashboard.components.badges import badge
from dashboard.components.ids import Ids
from dashboard.components.page import page, section
from dashboard.i18n import NOTHING, _, day, moment

IDS = Ids("lead")
ABOUT, KEY = IDS.named("about"), IDS.named("key")
NOTES, HEAD, SUBTITLE, ACTIONS = (IDS.named(name) for name in ("notes", "head", "subtitle", "actions"))
NOTE = "lead-note"
"""The form of this page."""


def layout(seen: LeadOverview, zone: tzinfo, key: str, mark: Mapping[str, Any]) -> Any:
    """The page. `mark`: how it hears of changes by others."""
    lead = seen.lead
    return page(
        called(lead),
        html.Div(states.news(_("Others have changed this lead."), IDS.news_show), id=IDS.news, hidden=True),
        html.Div(facts(seen), id=HEAD),
        section(
            _("Notes"),
            *([html.Div(note_form(), id=IDS.named("form"), className="composer-open")] if seen.rights.edit else []),
            html.Div(notes(seen.notes, zone), id=NOTES, className="timeline"),
        ),
        dcc.Store(id=ABOUT, data={"id": lead.id, "version": lead.version}),
        dcc.Store(id=KEY, data=key),
        html.Div(**mark),
        subtitle=html.Div(subtitle(seen), id=SUBTITLE, className="page-subtitle"),
        actions=[html.Div(actions(seen), id=ACTIONS, className="page-actions")],
    )


def called(lead: Lead) -> str:
    """What a lead is called."""
    return f"{lead.contact_name} · {lead.company}" if lead.company else lead.contact_name


def subtitle(seen: LeadOverview) -> list[Any]:
    """State, how long it has waited, and in whose hands it is."""
    lead = seen.lead
    mark = html.Span(_("{days} days unhandled", days=seen.neglected), className="badge-state tone-overdue")
    held = " · ".join([lead.owner.name if lead.owner else _("Not assigned"), *([lead.team.name] if lead.team else [])])
    return [badge(lead.status), *([mark] if seen.neglected is not None else []), html.Span(held, className="subtitle-words")]


def facts(seen: LeadOverview) -> html.Dl:
    """What is known."""
    lead = seen.lead
    said: list[tuple[str, Any]] = [
        (_("Phone"), html.A(lead.phone, href=f"tel:{lead.phone}") if lead.phone else NOTHING),
        (_("E-mail"), html.A(lead.email, href=f"mailto:{lead.email}") if lead.email else NOTHING),
        (_("WeChat"), lead.wechat or NOTHING),
        (_("Region"), lead.region or NOTHING),
        (_("Lead source"), lead.source.name),
        (_("Campaign"), lead.campaign.name if lead.campaign else NOTHING),
        (_("Product interest"), seen.product or NOTHING),
        (_("Intent"), lead.intent or NOTHING),
        (_("Arrived on"), day(lead.arrived_on)),
        (_("First handled on"), day(lead.first_handled_on)),
    ]
    said += _end(seen)
    if lead.note:
        said.append((_("Note"), html.Span(lead.note, className="said-text")))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in said], className="facts")


def _end(seen: LeadOverview) -> list[tuple[str, Any]]:
    """What became of it."""
    lead = seen.lead
    if lead.status is LeadStatus.FAILED:
        return [(_("Failed on"), day(lead.failed_on)), (_("Reason"), lead.failure_reason)]
    if lead.status is not LeadStatus.CONVERTED:
        return []
    said: list[tuple[str, Any]] = [(_("Converted on"), day(lead.converted_on))]
    if seen.customer:
        said.append((_("Customer"), dcc.Link(seen.customer[1], href=f"/customers/{seen.customer[0]}")))
    if seen.opportunity:
        said.append((_("Opportunity"), dcc.Link(seen.opportunity[1], href=f"/opportunities/{seen.opportunity[0]}")))
    return said


def notes(said: Sequence[Noted], zone: tzinfo) -> list[Any]:
    """The notes, the newest first."""
    if not said:
        return [states.empty(_("Nothing has been noted yet."))]
    return [
        html.Article(
            [
                html.Div(
                    [html.Span(one.by or _("Import"), className="said-who"), html.Time(moment(one.at, zone), className="said-when")],
                    className="said-head",
                ),
                html.P(one.content, className="said-text"),
            ],
            className="said-item",
        )
        for one in said
    ]


def note_form() -> html.Form:
    """An empty form for a note."""
    return form.form(NOTE, _("Write a note"), form.fields(NOTE, WriteNote))


def actions(seen: LeadOverview) -> list[Any]:
    """What this person may do with it; the server is asked again when they do."""
    address, rights = f"/leads/{seen.lead.id}", seen.rights
    drawn: list[Any] = []
    if rights.edit:
        drawn.append(dcc.Link(_("Edit"), href=f"{address}/edit", className="button"))
    if rights.convert:
        drawn.append(dcc.Link(_("Lead failed"), href=f"{address}/fail", className="button"))
        drawn.append(dcc.Link(_("Convert lead"), href=f"{address}/convert", className="button primary"))
    return drawn
