"""All that the pages show of an opportunity's offers, read within reach: the revisions, their plans, who did what, what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm.models import Comment, Opportunity, PaymentPlan, Quote, User
from crm.scope import Actor
from crm.services import approvals, opportunities, quotes
from crm.services.approvals import Rights
from crm.services.reach import acting
from crm.vocabulary import CommentKind, Kind, OpportunityStatus, Permission, QuoteStatus


@dataclass(frozen=True, slots=True)
class Offers:
    """The offers on one opportunity, the newest revision first.

    `drafts`: whether this person may begin one; `decisions`: the decisions that a revision may carry out, by id.
    """

    opportunity: Opportunity
    revisions: Sequence[Quote]
    standing: Mapping[int, QuoteStatus]
    plans: Mapping[int, PaymentPlan]
    people: Mapping[int, str]
    decisions: Mapping[int, Comment]
    rights: Rights
    drafts: bool

    @property
    def newest(self) -> Quote | None:
        """The revision that stands."""
        return self.revisions[0] if self.revisions else None


def of_opportunity(session: Session, actor: Actor, opportunity_id: int, *, today: date) -> Offers:
    """The offers on an opportunity, with all that is shown about them; `NotFound` out of reach."""
    opportunity = opportunities.find(session, actor, opportunity_id)
    found = quotes.of_opportunity(session, actor, opportunity_id)
    newest = found[0] if found else None
    return Offers(
        opportunity,
        found,
        {quote.id: quotes.standing_on(quote, today) for quote in found},
        _plans(session, found),
        _people(session, found),
        _decisions(session, opportunity_id),
        approvals.rights(session, actor, newest, opportunity, today=today) if newest else Rights(),
        newest is None and opportunity.status is OpportunityStatus.FOLLOWING and _may_write(session, actor, opportunity),
    )


def _may_write(session: Session, actor: Actor, opportunity: Opportunity) -> bool:
    scope = acting(actor, Permission.CREATE, Kind.QUOTE, Opportunity)
    return session.scalar(scope.narrow(select(Opportunity.id), Opportunity).where(Opportunity.id == opportunity.id)) is not None


def _plans(session: Session, found: Sequence[Quote]) -> dict[int, PaymentPlan]:
    on_them = select(PaymentPlan).where(PaymentPlan.quote_id.in_([quote.id for quote in found]))
    plans = session.scalars(on_them.options(selectinload(PaymentPlan.instalments)))
    return {plan.quote_id: plan for plan in plans if plan.quote_id is not None}


def _people(session: Session, found: Sequence[Quote]) -> dict[int, str]:
    ids = {person for quote in found for person in (quote.created_by_id, quote.submitted_by_id, quote.decided_by_id) if person}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())


def _decisions(session: Session, opportunity_id: int) -> dict[int, Comment]:
    mine = select(Comment).where(Comment.opportunity_id == opportunity_id, Comment.kind == CommentKind.DECISION)
    return {comment.id: comment for comment in session.scalars(mine.options(selectinload(Comment.by)).order_by(Comment.id))}
