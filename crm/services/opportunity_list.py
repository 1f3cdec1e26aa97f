"""The list of opportunities: what it shows of each, how it is sorted, narrowed and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Customer, Opportunity, Stage, Team, User
from crm.services.list_terms import Related, Sort, among
from crm.services.lists import RecordList
from crm.vocabulary import OpportunityStatus


@dataclass(frozen=True, slots=True)
class Row:
    """One opportunity in the list."""

    id: int
    title: str
    customer: str
    status: OpportunityStatus
    stage: str
    expected_amount: Decimal | None
    expected_close_on: date | None
    owner: str | None
    team: str | None
    created_on: date
    last_followed_up_on: date | None
    next_step_on: date | None


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    statement = (
        select(
            Opportunity.id, Opportunity.title, Customer.name, Opportunity.status, Stage.name, Opportunity.expected_amount,
            Opportunity.expected_close_on, User.name, Team.name, Opportunity.created_on, Opportunity.last_followed_up_on,
            Opportunity.next_step_on,
        )
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .join(User, User.id == Opportunity.owner_id, isouter=True)
        .join(Team, Team.id == Opportunity.team_id, isouter=True)
        .where(Opportunity.id.in_(ids))
    )  # fmt: skip
    found: Sequence[Any] = session.execute(statement).all()
    return [Row(*row) for row in found]


def _stages(session: Session) -> Sequence[int]:
    return session.scalars(select(Stage.id).order_by(Stage.position, Stage.id)).all()


SORTS = ("created_on", "expected_amount", "expected_close_on", "stage", "last_followed_up_on", "status")

OPPORTUNITIES = RecordList(
    "opportunities",
    Opportunity,
    sorts={
        "created_on": Sort(Opportunity.created_on),
        "expected_amount": Sort(Opportunity.expected_amount, nullable=True),
        "expected_close_on": Sort(Opportunity.expected_close_on, nullable=True),
        "stage": Sort(Opportunity.stage_id, ranks=_stages),
        "last_followed_up_on": Sort(Opportunity.last_followed_up_on, nullable=True),
        "status": Sort(Opportunity.status, ranks=lambda _session: tuple(OpportunityStatus)),
    },
    filters={
        "status": among(Opportunity.status, OpportunityStatus, common=True, paired=SORTS),
        "stage": among(Opportunity.stage_id, common=True, paired=("stage", "status")),
        "team": among(Opportunity.team_id),
        "rep": among(Opportunity.owner_id),
        "source": among(Opportunity.source_id, common=True, paired=("created_on",)),
    },
    rows=_rows,
    searched=(Opportunity.title,),
    related=(Related(Customer, (Customer.name,), by=Opportunity.customer_id),),
)
