"""What happens to offers: written from the products or a decision, submitted, approved or rejected; the total follows what is typed."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from dash import MATCH, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from flask import Flask, Response, abort, request, send_file
from sqlalchemy.orm import Session, selectinload

from crm import audit
from crm.errors import CrmError, NotFound
from crm.models import Opportunity, Quote
from crm.rules import quotes as rules
from crm.scope import Actor
from crm.services import approvals, inputs, offer_view, offers, opportunities, quote_basis, quotes
from crm.services.approvals import DecideQuote, SubmitQuote
from crm.services.quotes import OfferedLine, WriteQuote
from crm.vocabulary import AuditAct, Kind, Permission
from dashboard import frame, session, watching
from dashboard.callbacks import acts, forms, hearing, split
from dashboard.callbacks.acts import About
from dashboard.callbacks.opportunity import number
from dashboard.components import lines
from dashboard.components.filters import Choice, by_name
from dashboard.i18n import _, money, use_language
from dashboard.offer import Offer
from dashboard.pages import quotes as page
from dashboard.pages.quotes import DECIDE, SUBMIT, TOTAL, WRITE


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def revisions_layout(opportunity_id: str = "", **_address: str) -> Any:
    """The offers on the opportunity in the address."""
    actor, id = session.actor(), number(opportunity_id)
    if not actor.may(Permission.READ, Kind.QUOTE):
        raise NotFound()
    with session.looking() as opened:
        seen = offer_view.of_opportunity(opened, actor, id, today=session.today())
        if not seen.revisions and not seen.drafts:
            raise NotFound()
        frame.trail(*frame.trail_of("/opportunities", actor), (seen.opportunity.title, f"/opportunities/{id}"), (_("Quotes"), None))
        mark = watching.mark(opened.connection(), Kind.QUOTE, id, actor.user_id)
        return page.revisions(seen, _about(seen.newest, id, edits=False), mark)


def write_layout(opportunity_id: str = "", decision: str = "", **_address: str) -> Any:
    """The form of the draft that stands, or of the next revision; a decision in the address is in its prices already."""
    actor, id = session.actor(), number(opportunity_id)
    with session.looking() as opened:
        title = opportunities.find(opened, actor, id).title
        frame.trail(*frame.trail_of("/opportunities", actor), (title, f"/opportunities/{id}"), (_("Quote"), None))
        begun = quote_basis.basis(opened, actor, id, today=session.today(), decision_id=number(decision) if decision else None)
        if begun.follows:
            rules.check_superseded(begun.follows.status, begun.follows.revision)
        about = _about(begun.follows, id, edits=begun.edits) | {"decision": begun.decision.id if begun.decision else None}
        standing = [line["product_id"] for line in begun.values["lines"]]
        mark = watching.mark(opened.connection(), Kind.QUOTE, id, actor.user_id)
        return page.write(_("Quote on “{title}”", title=title), begun, about, _choices(opened, standing), session.today(), mark)


def _about(quote: Quote | None, opportunity_id: int, *, edits: bool) -> About:
    """What a form is about: the revision that stands, and the one that comes of it."""
    back = {"opportunity": opportunity_id, "back": f"/opportunities/{opportunity_id}", "here": f"/opportunities/{opportunity_id}/quotes"}
    if quote is None:
        return back | {"id": None, "version": None, "edits": False, "revision": 1}
    return back | {"id": quote.id, "version": quote.version, "edits": edits, "revision": quote.revision + (not edits)}


def _choices(opened: Session, keep: list[int] | None = None) -> dict[str, list[Choice]]:
    return {"products": by_name(offers.products(opened, keep or ()))}


# ── on paper ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def install(server: Flask) -> None:
    """Where a revision is had as a PDF."""
    server.add_url_rule("/quotes/<int:quote_id>/offer.pdf", "quotes.offer", _offer)


def _offer(quote_id: int) -> Response:
    """The revision on paper, in the language asked for; that it left stands in the audit log before it does."""
    from dashboard import offer_pdf  # a quarter of a second that the server's start need not wait for

    actor, language = session.actor(), request.args.get("language", "zh")
    try:
        with session.looking() as opened:
            offer = _paper(opened, actor, quote_id)
    except CrmError:
        abort(404)
    with session.acting() as opened:
        told = {"format": "pdf", "language": language[:2]}
        audit.write(opened, actor, AuditAct.EXPORTED, Quote.__tablename__, quote_id, after=told, address=request.remote_addr or "")
    with use_language(language, currency=session.company().currency):
        name = f"{_('Quotation')}_{offer.number}.pdf"
        return send_file(
            BytesIO(offer_pdf.written(offer)), mimetype="application/pdf", as_attachment=True, download_name=name, max_age=0
        )  # fmt: skip


def _paper(opened: Session, actor: Actor, quote_id: int) -> Offer:
    quote = quotes.find(opened, actor, quote_id)
    opportunity = opened.get_one(
        Opportunity, quote.opportunity_id,
        options=[selectinload(Opportunity.customer), selectinload(Opportunity.contact), selectinload(Opportunity.owner)],
    )  # fmt: skip
    named = [person.name if person else "" for person in (opportunity.contact, opportunity.owner)]
    return Offer(
        session.company().company_name, f"{opportunity.id}-{quote.revision}", opportunity.title, opportunity.customer.name, *named, quote,
        quotes.standing_on(quote, session.today()), quotes.plan_of(opened, quote_id),
    )  # fmt: skip


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def register(app: Dash) -> None:
    """The forms of offers, each by its verb."""
    acts.register(app, WRITE, WriteQuote, _write, _to_revisions)
    acts.register(app, SUBMIT, SubmitQuote, _submit, _to_opportunity, keeps=False)
    acts.register(app, DECIDE, DecideQuote, _approve, _to_opportunity, keeps=False)
    acts.register(app, DECIDE, DecideQuote, _reject, _to_opportunity, press="reject", keeps=False)
    for name in ("lines", "plan"):
        forms.register_lines(app, WRITE, WriteQuote, name, _offered)
    split.register(app, WRITE, WriteQuote, lines.states(WRITE, WriteQuote), _typed_total)
    hearing.register_whole(app, page.IDS, page.STAMP)
    _register_total(app)
    _register_prices(app)


def _offered() -> dict[str, list[Choice]]:
    with session.looking() as opened:
        return _choices(opened)


def _write(opened: Session, actor: Actor, about: About, values: WriteQuote, today: date) -> Quote:
    decision = int(about["decision"]) if about.get("decision") else None
    if about.get("id") is None:
        return quotes.draft(opened, actor, int(about["opportunity"]), values, today=today, decision_id=decision)
    verb = quotes.edit if about.get("edits") else quotes.revise
    return verb(opened, actor, int(about["id"]), values, version=int(about["version"]), today=today, decision_id=decision)


def _submit(opened: Session, actor: Actor, about: About, _values: SubmitQuote, today: date) -> Quote:
    return approvals.submit(opened, actor, _id(about), version=int(about["version"]), today=today)


def _approve(opened: Session, actor: Actor, about: About, values: DecideQuote, today: date) -> Quote:
    return approvals.approve(opened, actor, _id(about), values, version=int(about["version"]), today=today)


def _reject(opened: Session, actor: Actor, about: About, values: DecideQuote, today: date) -> Quote:
    return approvals.reject(opened, actor, _id(about), values, version=int(about["version"]), today=today)


def _id(about: About) -> int:
    if about.get("id") is None:
        raise NotFound()
    return int(about["id"])


def _to_revisions(quote: Quote, _about: About) -> str:
    return f"/opportunities/{quote.opportunity_id}/quotes"


def _to_opportunity(quote: Quote, _about: About) -> str:
    return f"/opportunities/{quote.opportunity_id}"


# ── while it is typed ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _typed_total(*columns: Any) -> Decimal:
    """What the lines come to as they are typed; `Invalid` where one can't be read yet."""
    typed = forms.typed_lines(WriteQuote, columns)
    return rules.total(inputs.read(OfferedLine, line).priced for line in typed["lines"])


def _register_total(app: Dash) -> None:
    columns = [Input(state.component_id, state.component_property) for state in lines.states(WRITE, WriteQuote)]

    @app.callback(Output(TOTAL, "children"), *columns)
    def total(*found: Any) -> Any:
        try:
            return _("Total: {amount}", amount=money(_typed_total(*found)))
        except CrmError:
            return _("Total: {amount}", amount="…")


def _register_prices(app: Dash) -> None:
    """A product that is chosen brings its list price, unless the price was typed by hand."""
    line = {"form": WRITE, "list": "lines", "line": MATCH}

    @app.callback(
        Output(line | {"part": "unit_price"}, "value"),
        Input(line | {"part": "product_id"}, "value"),
        State(line | {"part": "unit_price"}, "value"),
        prevent_initial_call=True,
    )
    def price(product_id: int | None, typed: str | None) -> Any:
        if not product_id:
            raise PreventUpdate
        with session.looking() as opened:
            prices = offers.list_prices(opened)
        listed = {f"{amount:,.2f}" for amount in prices.values()}
        found = prices.get(int(product_id))
        return f"{found:,.2f}" if found is not None and (not typed or typed in listed) else no_update
