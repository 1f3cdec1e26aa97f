"""The list of quotes that wait for approval 报价审批, for who may decide there: whose word each needs, the longest waiting first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, selectinload

from crm.models import Opportunity, Quote, User
from crm.scope import Actor, Scope
from crm.services import approvals
from crm.services.list_terms import Filter, Related, Sort, reference
from crm.services.lists import RecordList
from crm.services.reach import acting
from crm.vocabulary import Kind, OpportunityStatus, Permission, QuoteStatus, Role


@dataclass(frozen=True, slots=True)
class Row:
    """One submitted revision."""

    id: int
    opportunity_id: int
    status: QuoteStatus
    title: str
    customer: str
    revision: int
    total: Decimal
    submitted_by: str
    submitted_on: date | None
    team: str | None
    needs: Role


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    statement = (
        select(Quote, Opportunity, User.name)
        .join(Opportunity, Opportunity.id == Quote.opportunity_id)
        .join(User, User.id == Quote.submitted_by_id)
        .where(Quote.id.in_(ids))
        .options(selectinload(Quote.lines), selectinload(Opportunity.customer), selectinload(Opportunity.team))
    )
    return [
        Row(
            quote.id, opportunity.id, quote.status, opportunity.title, opportunity.customer.name, quote.revision, quote.total, by,
            quote.submitted_on, opportunity.team.name if opportunity.team else None, approvals.needed(session, quote, opportunity)[0],
        )
        for quote, opportunity, by in session.execute(statement)
    ]  # fmt: skip


def _submitted() -> ColumnElement[bool]:
    """What of closed opportunities was left undecided has nothing to decide."""
    followed = select(Opportunity.id).where(Opportunity.status == OpportunityStatus.FOLLOWING)
    return and_(Quote.status == QuoteStatus.SUBMITTED, Quote.opportunity_id.in_(followed))


def _within(actor: Actor) -> Scope:
    return acting(actor, Permission.APPROVE, Kind.QUOTE, Quote)


def _of_team(_session: Session, teams: Sequence[int], _along: bool) -> ColumnElement[bool]:
    return Quote.opportunity_id.in_(select(Opportunity.id).where(Opportunity.team_id.in_(teams)))


APPROVALS = RecordList(
    "approvals",
    Quote,
    sorts={"submitted_on": Sort(Quote.submitted_on), "total": Sort(Quote.total)},
    filters={"team": Filter(reference, _of_team)},
    rows=_rows,
    related=(Related(Opportunity, (Opportunity.title,), by=Quote.opportunity_id),),
    descending=False,
    only=_submitted,
    within=_within,
)
