"""Who could take a customer: each team or rep as a card with what a fair choice needs (crm/services/desk.py)."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dash import html

from crm.services.desk import Candidate, Strength
from dashboard.i18n import NOTHING, _, amount_short, day, percent, word


def cards(candidates: Sequence[Candidate], give: str, press: str, *, holder: int | None = None, more: Sequence[Any] = ()) -> html.Ul:
    """One card each; its button {"type": give, "to": id} says `press`. `holder` has the customer now; `more` stands below them."""
    return html.Ul([*(_card(one, give, press, holds=one.id == holder) for one in candidates), *more], className="candidates")


def _card(candidate: Candidate, give: str, press: str, *, holds: bool) -> html.Li:
    button = html.Button(
        press, id={"type": give, "to": candidate.id}, type="button", className="button", n_clicks=0,
        disabled=candidate.is_full, **{"aria-label": f"{press} · {candidate.name}"},
    )  # fmt: skip
    end = html.Span(_("Has it now"), className="note") if holds else button
    said = [(_("Open load"), _load(candidate)), (_("Win rate on similar"), _rate(candidate)), (_("Last assignment"), _last(candidate))]
    return html.Li(
        [
            html.Div([html.Strong(candidate.name), end], className="candidate-head"),
            html.Div([_strength(one) for one in candidate.strengths] or [html.Span(_("No strengths noted"), className="note")]),
            html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in said]),
        ],
        className="candidate full" if candidate.is_full else "candidate",
    )


def _strength(strength: Strength) -> html.Span:
    title = _("Fits: {kind}", kind=word(strength.kind)) if strength.fits else word(strength.kind)
    return html.Span(
        [strength.value, *([html.Span(" ✓")] if strength.fits else [])],
        className="strength fits" if strength.fits else "strength",
        title=title,
    )


def _load(candidate: Candidate) -> str:
    said = _("{customers} customers, {count} opportunities, {amount}", customers=candidate.open_customers, count=candidate.open_count,
             amount=amount_short(candidate.open_amount))  # fmt: skip
    if candidate.limit is None:
        return said
    full = _("limit {limit} reached", limit=candidate.limit) if candidate.is_full else _("limit {limit}", limit=candidate.limit)
    return f"{said} ({full})"


def _rate(candidate: Candidate) -> str:
    if not candidate.closed:
        return NOTHING
    rate = percent(Decimal(candidate.won) / candidate.closed, 0)
    return _("{rate} ({won} of {closed})", rate=rate, won=candidate.won, closed=candidate.closed)


def _last(candidate: Candidate) -> str:
    return day(candidate.last_assigned_on)
