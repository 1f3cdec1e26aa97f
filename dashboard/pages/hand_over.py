"""How a leaving person is handed over, step by step: who leaves, what is still theirs and to whom it goes, the account closed.

The last step opens only when nothing is left.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.models import User
from crm.services.hand_over import HandOver
from crm.services.holdings import TEAMS_LED
from dashboard.components import form, states
from dashboard.components.filters import Choice, dropdown_words, options
from dashboard.components.ids import Ids
from dashboard.components.page import button, page, section
from dashboard.i18n import _

IDS = Ids("hand-over")
ABOUT, KEY, WHO = IDS.named("about"), IDS.named("key"), IDS.named("who")
FORM = "hand-over"


def start(people: Sequence[Choice]) -> Any:
    """The first step: who leaves."""
    who = dcc.Dropdown(id=WHO, options=options(people), placeholder=_("Choose"), labels=dropdown_words(), maxHeight=320)
    return page(
        _("Hand over"),
        _steps(1),
        html.Div([html.Label(_("Who leaves"), htmlFor=WHO), who], className="field narrow"),
        subtitle=_("Everything open goes to somebody else in one act. What the person did stays theirs."),
    )


def guided(leaver: User, holds: Mapping[str, int], takers: Sequence[Choice], key: str, *, hands_over: bool, closes: bool) -> Any:
    """The second step while anything is open, the third when nothing is."""
    body = _open(holds, takers, hands_over) if holds else _done(leaver, hands_over, closes)
    return page(
        _("Hand over {person}", person=leaver.name),
        _steps(2 if holds else 3),
        *body,
        html.Div(id=IDS.named("said"), **{"aria-live": "polite"}),
        dcc.Store(id=ABOUT, data={"id": leaver.id}),
        dcc.Store(id=KEY, data=key),
    )


def _open(holds: Mapping[str, int], takers: Sequence[Choice], hands_over: bool) -> list[Any]:
    rows = [html.Tr([html.Td(_(what)), html.Td(f"{count:,}", className="number")]) for what, count in holds.items()]
    drawn: list[Any] = [section(_("Still open"), html.Table(html.Tbody(rows), className="plain-table narrow"))]
    if TEAMS_LED in holds:
        drawn.append(html.P(_("A team that the person leads needs another leader first: the administrator names one in the master data.")))
    if not hands_over:
        drawn.append(html.P(_("An executive hands these over; then the account can be closed.")))
        return [*drawn, button(_("Ask the executives"), IDS.named("ask"), kind="primary")]
    if set(holds) - {TEAMS_LED}:
        drawn.append(form.form(FORM, _("To whom it goes"), form.fields(FORM, HandOver, choices={"to_id": takers}), save=_("Hand over all")))
    return drawn


def _done(leaver: User, hands_over: bool, closes: bool) -> list[Any]:
    drawn: list[Any] = [states.empty(_("Nothing is open any more."))]
    if not leaver.active:
        return [states.empty(_("The account is closed."))]
    if closes:
        drawn.append(dcc.Link(_("Close the account"), href=f"/master/people/users/{leaver.id}", className="button primary"))
    elif hands_over:
        drawn.append(button(_("Ask the administrators to close the account"), IDS.named("ask"), kind="primary"))
    return drawn


def _steps(here: int) -> html.Ol:
    """Where this stands."""
    names = [_("Who leaves"), _("To whom it goes"), _("Close the account")]
    steps = []
    for place, name in enumerate(names, 1):
        look = "here" if place == here else "passed" if place < here else "ahead"
        steps.append(html.Li(name, className=f"stage-step {look}", **({"aria-current": "step"} if place == here else {})))
    return html.Ol(steps, className="stage-line", **{"aria-label": _("Steps")})
