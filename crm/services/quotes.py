"""The verbs of a quote 销售报价: draft, edit, revise. What one begins with is in `quote_basis`; what becomes of it, in `approvals`.

An offer is a row of revisions. Only a draft is edited; a newer revision supersedes the one before it; an approval belongs to the
very revision that was decided, since nothing of it can change afterwards.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock
from crm.errors import CrmError, NotFound
from crm.models import (
    Comment,
    Instalment,
    Opportunity,
    OpportunityLine,
    PaymentPlan,
    Product,
    Quote,
    QuoteLine,
)
from crm.rules import contracts as contract_rules
from crm.rules import quotes as rules
from crm.scope import Actor
from crm.services.input_faults import Missing, NotPositive
from crm.services.input_types import Day, OptionalParagraph, Percentage, PositiveAmount, Quantity, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.opportunities import OpportunityIsClosed
from crm.services.payment_plans import Plan
from crm.services.reach import chosen, find_to
from crm.services.reach import find as find_within
from crm.services.versions import check_unchanged, grow
from crm.vocabulary import N_, CommentKind, Kind, OpportunityStatus, Permission, QuoteStatus, Role

MOST_LINES = 100
"""Lines of one offer."""

VALID_DAYS = 30
"""How long an offer holds, unless its writer says otherwise."""

TAX_BP = 1300
"""The usual rate of value added tax, in hundredths of a percent."""


class ValidityOver(CrmError):
    """An offer holds until today at least."""

    message = N_("This offer would not be valid any more: {day} is past.")


class QuoteExists(CrmError):
    """There is a revision already; the next one follows it."""

    message = N_("This opportunity has a quote already; revise that one.")


class OfferedLine(Input):
    """A product, how many, at which price; tax is included."""

    product_id: Annotated[Reference, field(N_("Product"), Control.CHOICE, offers="products")]
    quantity: Annotated[Quantity, field(N_("Quantity"), Control.COUNT)] = Decimal(1)
    unit_price: Annotated[PositiveAmount, field(N_("Unit price"), Control.AMOUNT)]
    discount_bp: Annotated[Percentage, field(N_("Discount %"), Control.PERCENT)] = 0
    tax_rate_bp: Annotated[Percentage, field(N_("Tax %"), Control.PERCENT)] = TAX_BP

    @property
    def priced(self) -> rules.Line:
        """The line as the rules reckon with it."""
        return rules.Line(self.product_id, self.quantity, self.unit_price, Decimal(self.discount_bp).scaleb(-4))


Lines = Annotated[tuple[OfferedLine, ...], Field(max_length=MOST_LINES)]


class WriteQuote(Input):
    """What one revision offers."""

    lines: Annotated[Lines, field(N_("Products"), Control.LINES, hint=N_("Prices include tax."), wide=True)] = ()
    valid_until: Annotated[Day, field(N_("Valid until"), Control.DAY)]
    terms: Annotated[OptionalParagraph, field(N_("Terms"), Control.AREA)] = ""
    plan: Annotated[
        Plan,
        field(N_("Payment plan"), Control.LINES, hint=N_("May be left out; it becomes the contract's when this is signed."), wide=True),
    ] = ()


def find(session: Session, actor: Actor, quote_id: int) -> Quote:
    """The revision with its lines and products, if this person may see it; who reads for finance sees what was approved."""
    quote = find_within(session, actor, Quote, quote_id, selectinload(Quote.lines).selectinload(QuoteLine.product))
    if quote.status not in _shown(actor):
        raise NotFound()
    return quote


def find_for(session: Session, actor: Actor, permission: Permission, quote_id: int) -> Quote:
    """The revision, if this person may do that with it; `NotAllowed` where they may only see it."""
    find(session, actor, quote_id)
    return find_to(session, actor, permission, Kind.QUOTE, Quote, quote_id, selectinload(Quote.lines).selectinload(QuoteLine.product))


def of_opportunity(session: Session, actor: Actor, opportunity_id: int) -> Sequence[Quote]:
    """The opportunity's revisions with their lines, the newest first, within reach."""
    mine = actor.scope.narrow(select(Quote), Quote).where(Quote.opportunity_id == opportunity_id, Quote.status.in_(_shown(actor)))
    return session.scalars(
        mine.order_by(Quote.revision.desc()).options(selectinload(Quote.lines).selectinload(QuoteLine.product))
    ).all()  # fmt: skip


def carried_out(session: Session, actor: Actor, opportunity_id: int) -> dict[int, int]:
    """The decisions on an opportunity that a revision within reach carries out, with the number of that revision."""
    mine = actor.scope.narrow(select(Quote.decision_id, Quote.revision), Quote).where(
        Quote.opportunity_id == opportunity_id, Quote.decision_id.is_not(None)
    )
    return {decision: revision for decision, revision in session.execute(mine.order_by(Quote.revision.desc())) if decision}


def plan_of(session: Session, quote_id: int) -> PaymentPlan | None:
    """The payment plan on a revision, with its instalments."""
    on_it = select(PaymentPlan).where(PaymentPlan.quote_id == quote_id)
    return session.scalar(on_it.options(selectinload(PaymentPlan.instalments)))


def draft(session: Session, actor: Actor, opportunity_id: int, values: WriteQuote, *, today: date, decision_id: int | None = None) -> Quote:
    """The first revision of an offer."""
    opportunity = followed(session, actor, Permission.CREATE, opportunity_id)
    if newest(session, opportunity_id):
        raise QuoteExists()
    _check(session, values, frozenset(), today)
    return _write(session, actor, opportunity, 1, values, today, decision_on(session, opportunity_id, decision_id))


def revise(
    session: Session, actor: Actor, quote_id: int, values: WriteQuote, *, version: int, today: date, decision_id: int | None = None
) -> Quote:
    """The next revision; the one before is superseded by it. `version` is that one's, as the person saw it."""
    before = find_for(session, actor, Permission.CREATE, quote_id)
    opportunity = followed(session, actor, Permission.CREATE, before.opportunity_id)
    check_unchanged(session, before, version)
    rules.check_superseded(before.status, before.revision)
    _check(session, values, frozenset(line.product_id for line in before.lines), today)
    with audit.changing(session, actor, before):
        before.status = QuoteStatus.SUPERSEDED
    return _write(session, actor, opportunity, before.revision + 1, values, today, decision_on(session, opportunity.id, decision_id))


def edit(
    session: Session, actor: Actor, quote_id: int, values: WriteQuote, *, version: int, today: date, decision_id: int | None = None
) -> Quote:
    """Change a draft; `version` is the one the person opened."""
    quote = find_for(session, actor, Permission.UPDATE, quote_id)
    followed(session, actor, Permission.UPDATE, quote.opportunity_id)
    rules.check_editable(quote.status)
    check_unchanged(session, quote, version, "lines")
    _check(session, values, frozenset(line.product_id for line in quote.lines), today)
    decision = decision_on(session, quote.opportunity_id, decision_id)
    with audit.changing(session, actor, quote, "lines"):
        quote.valid_until, quote.terms, quote.total = values.valid_until, values.terms, _total(values)
        quote.decision_id = quote.decision_id or (decision.id if decision else None)
        _set_lines(quote, values.lines)
        grow(quote)
    _set_plan(session, actor, quote, values.plan, today)
    return quote


def standing_on(quote: Quote, today: date) -> QuoteStatus:
    """How the revision stands today: an approved one expires by itself."""
    return rules.standing(quote.status, quote.valid_until, today)


def priced(line: QuoteLine) -> rules.Line:
    """A kept line as the rules reckon with it."""
    return rules.Line(line.product_id, quantity_of(line), line.unit_price, Decimal(line.discount_bp).scaleb(-4))


def quantity_of(line: QuoteLine) -> Decimal:
    """How many, as people write it."""
    return Decimal(line.quantity_milli).scaleb(-3).normalize() + 0


def _shown(actor: Actor) -> frozenset[QuoteStatus]:
    """The states of which the person reads revisions: whose reading is finance's alone, those that were approved."""
    sells = actor.roles & {Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}
    return frozenset(QuoteStatus) if sells else frozenset({QuoteStatus.APPROVED, QuoteStatus.SIGNED})


def followed(session: Session, actor: Actor, permission: Permission, opportunity_id: int) -> Opportunity:
    """The opportunity that is being followed, for who may do that with its quotes."""
    opportunity = find_to(
        session, actor, permission, Kind.QUOTE, Opportunity, opportunity_id,
        selectinload(Opportunity.lines).selectinload(OpportunityLine.product),
    )  # fmt: skip
    if opportunity.status is not OpportunityStatus.FOLLOWING:
        raise OpportunityIsClosed(status=opportunity.status)
    return opportunity


def newest(session: Session, opportunity_id: int) -> Quote | None:
    newest = select(Quote).where(Quote.opportunity_id == opportunity_id).order_by(Quote.revision.desc()).limit(1)
    return session.scalar(newest.options(selectinload(Quote.lines)))


def decision_on(session: Session, opportunity_id: int, decision_id: int | None) -> Comment | None:
    """The decision on this opportunity that a revision carries out."""
    if decision_id is None:
        return None
    mine = select(Comment).where(
        Comment.id == decision_id, Comment.opportunity_id == opportunity_id, Comment.kind == CommentKind.DECISION
    )  # fmt: skip
    decision = session.scalar(mine.options(selectinload(Comment.by)))
    if decision is None:
        raise NotFound()
    return decision


def _total(values: WriteQuote) -> Decimal:
    return rules.total(line.priced for line in values.lines)


def _check(session: Session, values: WriteQuote, kept: frozenset[int], today: date) -> None:
    """Products in use (retired ones only where they stand already), lines that cost something, a plan that adds up, a day to come."""
    faults = Faults()
    if not values.lines:
        faults.add("lines", Missing())
    for i, line in enumerate(values.lines):
        chosen(
            session, Product, line.product_id, faults, f"lines.{i}.product_id", keep=line.product_id if line.product_id in kept else None
        )
        with faults.against(f"lines.{i}.unit_price"):
            if not rules.line_amount(line.priced):
                raise NotPositive()
    if values.valid_until < today:
        faults.add("valid_until", ValidityOver(day=values.valid_until))
    if values.plan:
        with faults.against("plan"):
            contract_rules.check_plan(list(enumerate((part.amount for part in values.plan), 1)), _total(values))
    faults.raise_any()


def _write(
    session: Session, actor: Actor, opportunity: Opportunity, revision: int, values: WriteQuote, today: date, decision: Comment | None
) -> Quote:
    quote = Quote(
        opportunity_id=opportunity.id, revision=revision, status=QuoteStatus.DRAFT, total=_total(values), valid_until=values.valid_until,
        terms=values.terms, decision_id=decision.id if decision else None, created_at=clock.now(), created_on=today,
        created_by_id=actor.user_id, lines=[],
    )  # fmt: skip
    _set_lines(quote, values.lines)
    session.add(quote)
    audit.created(session, actor, quote, "lines")
    _set_plan(session, actor, quote, values.plan, today)
    return quote


def _set_lines(quote: Quote, lines: Sequence[OfferedLine]) -> None:
    """The lines in their order; rows that stand are written over, so that no position is taken twice on the way."""
    del quote.lines[len(lines) :]
    for position, line in enumerate(lines, 1):
        if position > len(quote.lines):
            quote.lines.append(QuoteLine(position=position))
        row = quote.lines[position - 1]
        row.product_id, row.quantity_milli, row.unit_price = line.product_id, int(line.quantity * 1000), line.unit_price
        row.discount_bp, row.tax_rate_bp, row.amount = line.discount_bp, line.tax_rate_bp, rules.line_amount(line.priced)


def _set_plan(session: Session, actor: Actor, quote: Quote, plan: Plan, today: date) -> None:
    """The payment plan on a draft; what it was stands in the audit log."""
    standing = plan_of(session, quote.id)
    if standing is None and plan:
        standing = PaymentPlan(
            quote_id=quote.id, revision=1, day=today, recorded_on=today, at=clock.now(), by_id=actor.user_id, instalments=[]
        )
        _set_instalments(standing, plan)
        session.add(standing)
        audit.created(session, actor, standing, "instalments")
    elif standing is not None:
        with audit.changing(session, actor, standing, "instalments"):
            _set_instalments(standing, plan)


def _set_instalments(standing: PaymentPlan, plan: Plan) -> None:
    del standing.instalments[len(plan) :]
    for no, part in enumerate(plan, 1):
        if no > len(standing.instalments):
            standing.instalments.append(Instalment(no=no))
        row = standing.instalments[no - 1]
        row.due_on, row.amount, row.condition = part.due_on, part.amount, part.condition
