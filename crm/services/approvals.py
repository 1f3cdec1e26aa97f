"""What becomes of a drafted quote 报价审批: submitted, approved or rejected; whose word it takes, and what waits for whom.

A team lead approves; below a floor price, above the discount setting, or of a lead's own, the executive. Nobody decides their own.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, clock, history
from crm.models import CompanySettings, Opportunity, Product, Quote, Stage, UserRole
from crm.rules import quotes as rules
from crm.scope import Actor
from crm.services import notices, people
from crm.services.input_faults import Missing
from crm.services.input_types import OptionalParagraph
from crm.services.inputs import Control, Faults, Input, field
from crm.services.quotes import ValidityOver, find_for, followed, priced
from crm.services.reach import acting, reaches_company
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, Kind, Message, OpportunityAct, OpportunityStatus, Permission, QuoteStatus, Role, StageMeaning


class SubmitQuote(Input):
    """Asking for approval says nothing besides."""


class DecideQuote(Input):
    """A lead's or the executive's word on a submitted quote; a rejection says why."""

    note: Annotated[OptionalParagraph, field(N_("Word on it"), Control.AREA, hint=N_("Needed to reject."))] = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with this very revision, as it stands today; `needs`: whose word it waits for."""

    edit: bool = False
    submit: bool = False
    revise: bool = False
    decide: bool = False
    sign: bool = False
    needs: Role | None = None


def submit(session: Session, actor: Actor, quote_id: int, *, version: int, today: date) -> Quote:
    """Ask for approval; the opportunity reaches the stage *quoted*, and who can decide is told."""
    quote = find_for(session, actor, Permission.SUBMIT, quote_id)
    opportunity = followed(session, actor, Permission.SUBMIT, quote.opportunity_id)
    check_unchanged(session, quote, version)
    rules.check_move(quote.status, QuoteStatus.SUBMITTED)
    if rules.is_expired(quote.valid_until, today):
        raise ValidityOver(day=quote.valid_until)
    with audit.changing(session, actor, quote):
        quote.status, quote.submitted_at, quote.submitted_on, quote.submitted_by_id = (
            QuoteStatus.SUBMITTED,
            clock.now(),
            today,
            actor.user_id,
        )
    _reach_stage(session, actor, opportunity, today)
    for person in _deciders(session, quote, opportunity, today):
        notices.tell(
            session, person, N_("{by} asks for approval of the quote on “{title}”."), opportunity, opportunity.id,
            by=actor, title=opportunity.title,
        )  # fmt: skip
    return quote


def approve(session: Session, actor: Actor, quote_id: int, values: DecideQuote, *, version: int, today: date) -> Quote:
    """Let this very revision be signed until it expires."""
    quote, opportunity = _decidable(session, actor, quote_id, version)
    if rules.is_expired(quote.valid_until, today):
        raise rules.QuoteHasExpired(valid_until=quote.valid_until)
    _check_approver(session, actor, quote, opportunity)
    return _decide(session, actor, quote, opportunity, QuoteStatus.APPROVED, values, today)


def reject(session: Session, actor: Actor, quote_id: int, values: DecideQuote, *, version: int, today: date) -> Quote:
    """Send a revision back with a word of why."""
    quote, opportunity = _decidable(session, actor, quote_id, version)
    if not values.note:
        faults = Faults()
        faults.add("note", Missing())
        faults.raise_any()
    return _decide(session, actor, quote, opportunity, QuoteStatus.REJECTED, values, today)


def rights(session: Session, actor: Actor, quote: Quote, opportunity: Opportunity, *, today: date) -> Rights:
    """What the person may do with a revision that they see."""
    following = opportunity.status is OpportunityStatus.FOLLOWING

    def may(permission: Permission, kind: Kind = Kind.QUOTE) -> bool:
        scope = acting(actor, permission, kind, Opportunity)
        return session.scalar(scope.narrow(select(Opportunity.id), Opportunity).where(Opportunity.id == opportunity.id)) is not None

    stands = rules.standing(quote.status, quote.valid_until, today)
    drafted, submitted = stands is QuoteStatus.DRAFT and following, stands is QuoteStatus.SUBMITTED and following
    decides = submitted and may(Permission.APPROVE) and not _is_own(actor, quote, opportunity)
    return Rights(
        edit=drafted and may(Permission.UPDATE),
        submit=drafted and may(Permission.SUBMIT),
        revise=following and stands in (QuoteStatus.REJECTED, QuoteStatus.APPROVED, QuoteStatus.EXPIRED) and may(Permission.CREATE),
        decide=decides,
        sign=following and stands is QuoteStatus.APPROVED and may(Permission.SIGN, Kind.CONTRACT),
        needs=needed(session, quote, opportunity)[0] if submitted else None,
    )


def needed(session: Session, quote: Quote, opportunity: Opportunity) -> tuple[Role, str]:
    """Whose word a revision needs, by today's prices and limit; and why, where it is the executive's."""
    limit = session.scalar(select(CompanySettings.approval_discount_bp)) or 0
    products = session.scalars(select(Product).where(Product.id.in_([line.product_id for line in quote.lines])))
    prices = {product.id: rules.Prices(product.list_price, product.floor_price) for product in products}
    beyond = rules.needs_executive([priced(line) for line in quote.lines], prices, Decimal(limit).scaleb(-4))
    own = _is_a_leads(session, quote, opportunity)
    return rules.approver(beyond_lead=beyond, leads_own=own), rules.BELOW_LIMIT if beyond else rules.LEADS_OWN


def _reach_stage(session: Session, actor: Actor, opportunity: Opportunity, today: date) -> None:
    """Let the opportunity stand at the stage that means *quoted*."""
    stage_id = session.scalars(select(Stage.id).where(Stage.meaning == StageMeaning.QUOTED)).one()
    if opportunity.stage_id != stage_id:
        with audit.changing(session, actor, opportunity):
            opportunity.stage_id = stage_id
        history.record(session, opportunity, OpportunityAct.STAGE, actor, today, today)


def _deciders(session: Session, quote: Quote, opportunity: Opportunity, today: date) -> list[int]:
    """Whom a submitted revision waits for: the team's lead or the executive, and who stands in for them; never whose own it is."""
    role, _why = needed(session, quote, opportunity)
    if role is Role.TEAM_LEAD:
        found = people.leads(session, opportunity.team_id, today)
    else:
        found = people.with_deputies(session, select(UserRole.user_id).where(UserRole.role == role), today)
    return sorted(found - {quote.created_by_id, opportunity.owner_id})


def _decidable(session: Session, actor: Actor, quote_id: int, version: int) -> tuple[Quote, Opportunity]:
    """A submitted revision that somebody else made, for who may decide quotes there."""
    quote = find_for(session, actor, Permission.APPROVE, quote_id)
    opportunity = followed(session, actor, Permission.APPROVE, quote.opportunity_id)
    check_unchanged(session, quote, version)
    rules.check_move(quote.status, QuoteStatus.APPROVED)
    if _is_own(actor, quote, opportunity):
        raise rules.OwnQuote()
    return quote, opportunity


def _is_own(actor: Actor, quote: Quote, opportunity: Opportunity) -> bool:
    return actor.user_id in (quote.created_by_id, quote.submitted_by_id, opportunity.owner_id)


def _is_a_leads(session: Session, quote: Quote, opportunity: Opportunity) -> bool:
    """Whether a team lead submitted it or owns the opportunity."""
    whose = [person for person in (quote.submitted_by_id, opportunity.owner_id) if person is not None]
    held = select(UserRole.user_id).where(UserRole.user_id.in_(whose), UserRole.role == Role.TEAM_LEAD)
    return session.scalar(held.limit(1)) is not None


def _check_approver(session: Session, actor: Actor, quote: Quote, opportunity: Opportunity) -> None:
    role, why = needed(session, quote, opportunity)
    if role is Role.EXECUTIVE and not reaches_company(actor, Permission.APPROVE, Kind.QUOTE):
        raise rules.ExecutiveDecides(why=Message(why))


def _decide(
    session: Session, actor: Actor, quote: Quote, opportunity: Opportunity, to: QuoteStatus, values: DecideQuote, today: date
) -> Quote:
    with audit.changing(session, actor, quote):
        quote.status, quote.decision_note = to, values.note
        quote.decided_at, quote.decided_on, quote.decided_by_id = clock.now(), today, actor.user_id
    message = N_("{by} approved the quote on “{title}”.") if to is QuoteStatus.APPROVED else N_("{by} rejected the quote on “{title}”.")
    for person in notices.who_sees(session, {quote.submitted_by_id, opportunity.owner_id}, opportunity):
        notices.tell(session, person, message, opportunity, opportunity.id, by=actor, title=opportunity.title)
    return quote
