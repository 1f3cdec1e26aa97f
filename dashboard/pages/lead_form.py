"""The forms of a lead: a new one, editing, success and failure; and who has a contact already."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.models import Lead
from crm.services.claims import OpenClaim
from crm.services.contacts_taken import Hit, MatchedOn
from crm.services.dictionaries import DescribeSource
from crm.services.leads import ConvertLead, CreateLead, EditLead, FailLead
from dashboard.components import form, states
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import N_, _, day

IDS = Ids("lead-form")
ABOUT, KEY, TAKEN, CLAIMED = IDS.named("about"), IDS.named("key"), IDS.named("taken"), IDS.named("claimed")
ASKED = IDS.named("asked")
"""The store of the contact that is typed, once it is complete: {"phone", "email", "company"}."""

CREATE, EDIT, CONVERT, FAIL, CLAIM = "new-lead", "edit-lead", "convert-lead", "fail-lead", "claim-contact"

Choices = Mapping[str, Sequence[Choice]]

MATCHED = {MatchedOn.PHONE: N_("the phone number"), MatchedOn.EMAIL: N_("the e-mail address"), MatchedOn.COMPANY: N_("the company")}


SOURCE = {CREATE: "new-lead-source", EDIT: "edit-lead-source"}
"""The small form beside a lead's, in which a source is added that is missing."""


def create(choices: Choices, key: str, values: Mapping[str, Any], *, adds_sources: bool) -> Any:
    """An empty form; whoever sells finds themselves as the rep. `adds_sources`: this person may add a source."""
    return page(
        _("New lead"),
        form.form(CREATE, _("Lead"), form.fields(CREATE, CreateLead, values, choices=choices)),
        *([source(CREATE)] if adds_sources else []),
        html.Div(id=TAKEN, className="taken", **{"aria-live": "polite"}),
        *_kept({}, key),
    )


def source(of: str) -> html.Details:
    """Where a missing source is added, beside the lead's form `of`."""
    key = SOURCE[of]
    return html.Details(
        [
            html.Summary(html.Span(_("Add a lead source"), className="button plain")),
            html.Div(form.form(key, _("Lead source"), form.fields(key, DescribeSource), save=_("Add")), id=IDS.named(f"form-{key}")),
        ],
        className="composer",
        id=IDS.named(f"composer-{key}"),
    )


def edit(lead: Lead, choices: Choices, key: str, locked: Sequence[str], mark: Mapping[str, Any], *, adds_sources: bool) -> Any:
    """The form of a lead that is open; `locked` is what this person may not change, `mark` how it hears of changes by others."""
    values = {name: getattr(lead, name) for name in EditLead.model_fields}
    return page(
        _("Edit {title}", title=lead.contact_name),
        states.overtaken(IDS.news, mark),
        form.form(EDIT, _("Lead"), form.fields(EDIT, EditLead, values, choices=choices, locked=locked)),
        *([source(EDIT)] if adds_sources else []),
        html.Div(id=TAKEN, className="taken", **{"aria-live": "polite"}),
        *_kept({"id": lead.id, "version": lead.version}, key),
    )


def convert(lead: Lead, choices: Choices, key: str, values: Mapping[str, Any], hits: Sequence[Hit]) -> Any:
    """What the lead becomes; `hits` are the customers that the company has with this contact."""
    return page(
        _("Convert “{title}”", title=lead.contact_name),
        *known(hits),
        form.form(CONVERT, _("Success"), form.fields(CONVERT, ConvertLead, values, choices=choices), save=_("Convert lead")),
        *_kept({"id": lead.id, "version": lead.version}, key),
        subtitle=_("A new customer waits in the company's pool until it is assigned. One that the company has stays with its rep."),
    )


def fail(lead: Lead, key: str) -> Any:
    """Why nothing came of it."""
    return page(
        _("“{title}” failed", title=lead.contact_name),
        form.form(FAIL, _("Failure"), form.fields(FAIL, FailLead), save=_("Lead failed")),
        *_kept({"id": lead.id, "version": lead.version}, key),
        subtitle=_("This is final: a failed lead takes no further action."),
    )


def taken(hits: Sequence[Hit], *, anyway: str | None = None) -> list[Any]:
    """Who has the contact already. Of what is out of reach only since when and which team, and the way to claim it.

    `anyway`: the form that can be saved nevertheless, where all of them are within this person's reach.
    """
    if not hits:
        return []
    foreign = any(hit.record_id is None for hit in hits)
    drawn: list[Any] = [html.Strong(_("The company may have this contact already."))]
    drawn.append(html.Ul([html.Li(_hit(hit)) for hit in hits]))
    if anyway and not foreign:
        id = {"form": anyway, "press": "knowingly"}
        drawn.append(html.Button(_("Save anyway"), id=id, type="button", className="button", n_clicks=0))
    if foreign:
        body = form.fields(CLAIM, OpenClaim, left_out=("phone", "email", "company"))
        drawn.append(
            html.Details(
                [
                    html.Summary(html.Span(_("Claim this contact"), className="button")),
                    html.P(_("The leads of both teams settle it together."), className="field-hint"),
                    form.form(CLAIM, _("Claim"), body, save=_("Claim this contact")),
                ],
                className="composer",
            )
        )
        drawn.append(html.Div(id=CLAIMED))
    return [html.Div(drawn, className="conflict", role="status")]


def known(hits: Sequence[Hit]) -> list[Any]:
    """The customers that the company has with this contact."""
    if not hits:
        return []
    said = [html.Strong(_("The company has this customer already.")), html.Ul([html.Li(_hit(hit)) for hit in hits])]
    said.append(html.P(_("The lead joins it: no second customer is made, and its rep is told."), className="field-hint"))
    return [html.Div(said, className="conflict", role="status")]


def _hit(hit: Hit) -> list[Any]:
    what, since = _(MATCHED[hit.matched_on]), day(hit.since)
    if hit.record_id is None:
        return [_("By {what}: taken care of since {since} by {team}.", what=what, since=since, team=hit.team or _("the company's pool"))]
    link = dcc.Link(hit.name, href=f"/{hit.subject}/{hit.record_id}")
    return [link, " ", _("By {what}: with {team} since {since}.", what=what, since=since, team=hit.team or _("the company's pool"))]


def _kept(about: Mapping[str, Any], key: str) -> list[Any]:
    return [dcc.Store(id=ABOUT, data=dict(about)), dcc.Store(id=KEY, data=key), dcc.Store(id=ASKED, data=None)]
