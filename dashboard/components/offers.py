"""How offers look wherever they are shown: one revision in short, and revisions side by side with what changed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import dcc, html

from crm.models import PaymentPlan, Quote, QuoteLine
from crm.rules import quotes as rules
from crm.services.offer_view import Offers
from crm.services.quotes import priced, quantity_of
from dashboard.components.badges import badge
from dashboard.components.contracts import scroller
from dashboard.components.page import section
from dashboard.i18n import N_, NOTHING, _, day, money, word

SHOWN = 4
"""Revisions side by side: the newest; older ones differ from these by what stands between."""

REVISION = N_("Revision {number}")


def percent(bp: int) -> str:
    """Hundredths of a percent as people write them."""
    return f"{(Decimal(bp) / 100).normalize():f} %"


def brief(seen: Offers) -> Any:
    """The section on the opportunity's page: where the offer stands, and what can be done with it now."""
    quote, address = seen.newest, f"/opportunities/{seen.opportunity.id}"
    if quote is None:
        if not seen.drafts:
            return None
        return section(_("Quote"), dcc.Link(_("Draft a quote"), href=f"{address}/quote", className="button"))
    facts = [
        (_("Total"), money(quote.total)),
        (_("Valid until"), day(quote.valid_until)),
        (_("Drafted by"), seen.people.get(quote.created_by_id, NOTHING)),
    ]
    if quote.decided_by_id:
        facts.append((_("Decided by"), seen.people.get(quote.decided_by_id, NOTHING)))
    if seen.rights.needs:
        facts.append((_("Whose word it needs"), word(seen.rights.needs)))
    said = html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts narrow")
    head = html.Div([badge(seen.standing[quote.id]), html.Span(_(REVISION, number=quote.revision))], className="offer-head")
    return section(_("Quote"), head, said, html.Div(ways(seen), className="section-ways"))


def ways(seen: Offers) -> list[Any]:
    """Where one goes from the newest revision."""
    quote, address = seen.newest, f"/opportunities/{seen.opportunity.id}"
    assert quote is not None
    rights, links = seen.rights, []
    if rights.sign:
        links.append(dcc.Link(_("Sign"), href=f"/quotes/{quote.id}/sign", className="button primary"))
    look = _("Decide") if rights.decide else _("Submit") if rights.submit else _("Open")
    links.append(dcc.Link(look, href=f"{address}/quotes", className="button"))
    if rights.edit:
        links.append(dcc.Link(_("Edit"), href=f"{address}/quote", className="button"))
    if rights.revise:
        links.append(dcc.Link(_("Quote again"), href=f"{address}/quote", className="button"))
    return links


def side_by_side(seen: Offers) -> Any:
    """The newest revisions, the newest first; what differs from the revision before is marked."""
    shown = list(seen.revisions[: SHOWN + 1])
    columns = [(quote, shown[i + 1] if i + 1 < len(shown) else None) for i, quote in enumerate(shown[:SHOWN])]
    head = html.Thead(html.Tr([html.Th(""), *(html.Th(_head(seen, quote), scope="col") for quote, _before in columns)]))
    rows = [_row(label, [(_product(quote, key), _product(before, key)) for quote, before in columns]) for key, label in _products(shown)]
    for label, of in _OFFERED.items():
        rows.append(_row(_(label), [(of(seen, quote), of(seen, before) if before else None) for quote, before in columns]))
    rows += [_row(_(label), [(of(seen, quote), None) for quote, _before in columns]) for label, of in _TOLD.items()]
    return scroller(html.Table([head, html.Tbody(rows)], className="compared"), wide=len(columns) > 1)


def _head(seen: Offers, quote: Quote) -> list[Any]:
    links = [
        html.A(label, href=f"/quotes/{quote.id}/offer.pdf?language={language}", className="button plain", download=True)
        for language, label in (("zh", _("PDF in Chinese")), ("en", _("PDF in English")))
    ]
    return [html.Div([badge(seen.standing[quote.id]), html.Span(_(REVISION, number=quote.revision))], className="offer-head"), *links]


def _row(label: str, cells: Sequence[tuple[str, str | None]]) -> html.Tr:
    """One fact of the revisions; a cell that differs from the revision before says so by a mark and a word."""
    drawn = [html.Th(label, scope="row")]
    for now, before in cells:
        changed = before is not None and before != now
        mark = [html.Span(_("changed"), className="changed-word"), html.Del(before)] if changed else []
        drawn.append(html.Td([html.Span(now, className="compared-now"), *mark], className="changed" if changed else ""))
    return html.Tr(drawn)


def _products(shown: Sequence[Quote]) -> list[tuple[tuple[int, int], str]]:
    """The products of the revisions with how often each stands in one, in the order in which they first appear."""
    found: dict[tuple[int, int], str] = {}
    for quote in shown:
        for key, line in _keyed(quote).items():
            found.setdefault(key, line.product.name)
    return list(found.items())


def _keyed(quote: Quote) -> dict[tuple[int, int], QuoteLine]:
    """The lines by product and how many of that product stand before: two lines of one product stay two."""
    times: dict[int, int] = {}
    keyed: dict[tuple[int, int], QuoteLine] = {}
    for line in quote.lines:
        times[line.product_id] = times.get(line.product_id, 0) + 1
        keyed[line.product_id, times[line.product_id]] = line
    return keyed


def _product(quote: Quote | None, key: tuple[int, int]) -> Any:
    if quote is None:
        return None
    line = _keyed(quote).get(key)
    if line is None:
        return NOTHING
    off = f" − {percent(line.discount_bp)}" if line.discount_bp else ""
    return f"{quantity_of(line):f} × {money(line.unit_price)}{off} = {money(line.amount)}"


def _plan(plan: PaymentPlan | None) -> str:
    if plan is None or not plan.instalments:
        return NOTHING
    return "\n".join(f"{part.no}. {day(part.due_on)} {money(part.amount)} {part.condition}".strip() for part in plan.instalments)


def _below(quote: Quote) -> str:
    """How far the offer is below what its products cost by today's list."""
    off = rules.below_list([priced(line) for line in quote.lines], {line.product_id: line.product.list_price for line in quote.lines})
    return NOTHING if off is None else f"{off * 100:.2f} %"


def _by(seen: Offers, person: int | None, when: Any) -> str:
    return f"{seen.people.get(person or 0, NOTHING)} · {day(when)}" if person else NOTHING


def _carries(seen: Offers, quote: Quote) -> str:
    """The decision that a revision carries out."""
    decision = seen.decisions.get(quote.decision_id or 0)
    return f"{decision.by.name}: {percent(decision.discount_bp or 0)} · {decision.content[:80]}" if decision else NOTHING


_OFFERED: Mapping[str, Any] = {
    N_("Total"): lambda seen, quote: money(quote.total),
    N_("Tax %"): lambda seen, quote: ", ".join(dict.fromkeys(percent(line.tax_rate_bp) for line in quote.lines)),
    N_("Valid until"): lambda seen, quote: day(quote.valid_until),
    N_("Terms"): lambda seen, quote: quote.terms or NOTHING,
    N_("Payment plan"): lambda seen, quote: _plan(seen.plans.get(quote.id)),
}
"""What the customer is offered: what changed of it is marked."""

_TOLD: Mapping[str, Any] = {
    N_("Below list price"): lambda seen, quote: _below(quote),
    N_("By decision"): _carries,
    N_("Drafted by"): lambda seen, quote: _by(seen, quote.created_by_id, quote.created_on),
    N_("Submitted by"): lambda seen, quote: _by(seen, quote.submitted_by_id, quote.submitted_on),
    N_("Decided by"): lambda seen, quote: _by(seen, quote.decided_by_id, quote.decided_on),
    N_("Word on it"): lambda seen, quote: quote.decision_note or NOTHING,
}
"""What became of it, and by whom."""


def waits_for(seen: Offers) -> str:
    """Whose word the newest revision waits for."""
    return _("Waits for the approval of: {role}", role=word(seen.rights.needs)) if seen.rights.needs else ""
