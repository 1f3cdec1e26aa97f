"""The guided tour on the workbench: five stops, one at a time, each with a ring around what it speaks of; over for good when skipped.

The server draws it for who has not ended it yet; going from stop to stop needs no server (assets/tour.js, 47-tour.css).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import html

from dashboard.components.still import Still, still
from dashboard.i18n import N_, _, plain


@dataclass(frozen=True, slots=True)
class Stop:
    """What a stop speaks of (`at`: the ring's place in the style sheet), and what it says."""

    at: str
    title: str
    said: str


MENU = Stop("menu", N_("The menu"), N_("All pages that you may open: sales, reports, master data. On a phone it opens at the top left."))
SEARCH = Stop("search", N_("Search"), N_("Ctrl-K finds from any page: {found}. Two characters of a name are enough."))
WAITS = Stop("waits", N_("What waits for you"), N_("The workbench shows what is to be done today. Each number leads to its list."))
FIGURES = Stop(
    "reports", N_("Figures that explain themselves"),
    N_("In a report, press any number: the records behind it add up to it, and “How is this computed” tells the rest."),
)  # fmt: skip
NEWS = Stop("news", N_("Notifications"), N_("What others did with your records appears by itself; the bell counts what you have not read."))
PERSON = Stop(
    "person", N_("Language, colours, profile"),
    N_("At the top right, and kept for every browser you use. Your profile shows this tour again."),
)  # fmt: skip


HEALTH = Stop(
    "waits", N_("Health"), N_("The workbench says whether reports, audit log, backups and imports are in order. What is not stands out.")
)  # fmt: skip
AUDIT = Stop("menu", N_("Audit log"), N_("Who did what, when, with what was before and after; every export and every refusal too."))
PROBLEMS = Stop(
    "waits", N_("Problems of customers"), N_("What your department should solve, the oldest first. Their number stands above them.")
)  # fmt: skip
CALL = Stop("waits", N_("Whom to call"), N_("An open problem says the customer, the contact and the phone number."))
PROBLEM = Stop(
    "waits", N_("A customer's problem"), N_("Open it to read it whole, answer and tick it off; who wrote it is told at once.")
)  # fmt: skip


def stops(*, menu: bool, finds: Sequence[str], reports: bool) -> Sequence[Stop]:
    """The five stops of who opens pages (`menu`), finds these kinds of records, opens reports. Nobody is led to what is empty for them."""
    if not menu:
        return PROBLEMS, CALL, PROBLEM, NEWS, PERSON
    if not finds:
        return MENU, HEALTH, AUDIT, NEWS, PERSON
    search = replace(SEARCH, said=_(SEARCH.said, found=plain(list(finds))))
    return MENU, search, WAITS, FIGURES if reports else NEWS, PERSON


def tour(way: Sequence[Stop]) -> Still:
    """The tour at its first stop."""
    drawn = [_stop(stop, hidden=place > 0) for place, stop in enumerate(way)]
    foot = [
        html.Span(f"1 / {len(way)}", className="tour-count"),
        _button("tour-end", _("Skip, and don't show again"), "plain tour-skip"),
        _button("tour-back", _("Previous step"), "", disabled=True),
        _button("tour-next", _("Next"), "primary", **{"data-last": _("Done"), "data-on": _("Next")}),
    ]
    parts = [html.Div(drawn, className="tour-stops", **{"aria-live": "polite"}), html.Div(foot, className="tour-foot")]
    card = html.Section(parts, id="tour", className="tour", **{"data-at": way[0].at, "aria-label": _("Guided tour")})
    return still(card, "guided-tour")


def again() -> html.Button:
    """The button that brings the tour back."""
    return html.Button(_("Show the guided tour again"), className="button", **{"data-act": "tour-again"})


def _stop(stop: Stop, *, hidden: bool) -> html.Div:
    words = [html.H2(_(stop.title)), html.P(_(stop.said))]
    return html.Div(words, className="tour-stop", hidden=hidden, **{"data-stop": stop.at})


def _button(act: str, label: str, kind: str, **more: Any) -> html.Button:
    return html.Button(label, type="button", className=f"button {kind}".strip(), **{"data-act": act, **more})
