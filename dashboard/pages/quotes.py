"""The offers on an opportunity: their revisions side by side, the form of one, and the word on one that was submitted."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dash import html

from crm.services.approvals import DecideQuote
from crm.services.offer_view import Offers
from crm.services.quote_basis import Basis
from crm.services.quotes import WriteQuote
from dashboard.components import form, offers, split, states
from dashboard.components.act import act_page, kept
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import _

WRITE, SUBMIT, DECIDE = "write-quote", "submit-quote", "decide-quote"
"""The forms of these pages."""

TOTAL = {"form": WRITE, "part": "total"}

Choices = Mapping[str, Sequence[Choice]]


IDS = Ids("quotes")
STAMP = IDS.named("stamp")
"""The store of the stamp at which the page of the revisions was drawn."""


def revisions(seen: Offers, about: Mapping[str, Any], mark: Mapping[str, Any]) -> Any:
    """The revisions side by side, and what this person may do with the newest. `mark`: how the page hears of changes by others."""
    waits = offers.waits_for(seen)
    forms: list[Any] = [html.P(waits, className="quiet-line")] if waits else []
    if seen.rights.submit:
        forms.append(form.form(SUBMIT, _("Ask for approval"), [], save=_("Submit")))
    if seen.rights.decide:
        reject = html.Button(_("Reject"), id={"form": DECIDE, "press": "reject"}, type="button", className="button danger", n_clicks=0)
        forms.append(form.form(DECIDE, _("Your decision"), form.fields(DECIDE, DecideQuote), save=_("Approve"), danger=[reject]))
    return page(
        _("Quotes on “{title}”", title=seen.opportunity.title),
        states.changed(_("Others have changed these quotes."), IDS, STAMP, mark),
        *forms,
        offers.side_by_side(seen) if seen.revisions else html.P(_("Nothing has been offered yet.")),
        *kept(about),
        subtitle=seen.opportunity.customer.name,
        actions=[way for way in offers.ways(seen) if "quotes" not in str(way.href).rpartition("/")[2]] if seen.revisions else [],
    )


def write(title: str, begun: Basis, about: Mapping[str, Any], choices: Choices, today: date, mark: Mapping[str, Any]) -> Any:
    """The form of a draft, or of the next revision; `mark`: how it hears of changes by others."""
    body: list[Any] = []
    if begun.decision:
        by, off = begun.decision.by.name, offers.percent(begun.decision.discount_bp or 0)
        body.append(
            html.P(_("{name} decided: {percent} off. The prices below have it already.", name=by, percent=off), className="quiet-line wide")
        )
    fields = form.fields(WRITE, WriteQuote, begun.values, choices=choices)
    body += split.beside(WRITE, WriteQuote, fields, today, planned=bool(begun.values["plan"]))
    body.insert(body.index(fields[0]) + 1, html.P("", id=TOTAL, className="form-total wide", role="status"))
    follows = begun.follows
    heading = _("Revision {number}", number=about["revision"]) if follows else _("First revision")
    return act_page(title, WRITE, heading, body, about, mark=mark)
