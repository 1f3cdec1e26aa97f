"""How the claims look that wait for a lead or an executive: who claims what of whom and why, and the two answers."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from crm.services.claims import Seen
from crm.services.contacts_taken import MatchedOn
from dashboard.components import states
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import N_, _, moment

IDS = Ids("claims")

MATCHED = {MatchedOn.PHONE: N_("the phone number"), MatchedOn.EMAIL: N_("the e-mail address"), MatchedOn.COMPANY: N_("the company")}


def layout(waiting: Sequence[Seen], zone: tzinfo) -> Any:
    """The page."""
    return page(
        _("Claims"),
        html.Div(listed(waiting, zone), id=IDS.body),
        subtitle=_("To grant a claim takes the leads of both teams, or the executive; either lead can decline it."),
    )


def listed(waiting: Sequence[Seen], zone: tzinfo) -> list[Any]:
    """What waits, the oldest first."""
    if not waiting:
        return [states.empty(_("No claim waits for you."))]
    return [_claim(one, zone) for one in waiting]


def _claim(one: Seen, zone: tzinfo) -> html.Article:
    what = dcc.Link(one.name, href=one.address) if one.name else html.Span(_("a contact out of your reach"))
    held = one.holder_team or _("the company's pool")
    agreed = [html.P(_("Agreed so far: {names}", names=list(one.agreed)), className="note")] if one.agreed else []
    granting = _("Grant it? Once both sides agree, the contact goes to {person}.", person=one.claimant)
    grant = html.Button(
        _("Grant"), id={"type": IDS.named("grant"), "claim": one.id}, className="button primary", n_clicks=0,
        disabled=not one.waits_for_me, **{"data-asks": granting},
    )  # fmt: skip
    decline = html.Button(
        _("Decline"), id={"type": IDS.named("decline"), "claim": one.id}, className="button", n_clicks=0,
        **{"data-asks": _("Decline the claim of {person}? It is settled then, and the contact stays where it is.", person=one.claimant)},
    )  # fmt: skip
    return html.Article(
        [
            html.Div(
                [
                    html.Span(f"{one.claimant} · {one.claimant_team}", className="said-who"),
                    html.Time(moment(one.opened_at, zone), className="said-when"),
                ],
                className="said-head",
            ),
            html.P([what, " ", _("with {team}, same by {what}.", team=held, what=_(MATCHED[MatchedOn(one.matched_on)]))]),
            html.P(one.reason, className="said-text"),
            *agreed,
            html.Div([grant, decline], className="conflict-actions"),
        ],
        className="said-item",
    )
