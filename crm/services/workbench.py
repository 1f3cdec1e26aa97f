"""What waits for a person: the next steps that are due, quotes that came back, what they were told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.models import Customer, Opportunity, Quote
from crm.scope import Actor
from crm.services import notices
from crm.vocabulary import N_, OpportunityStatus, QuoteStatus

MOST = 12
"""So many are listed; the number of all is said."""

LEFT = N_("About a record that is no longer with you.")
"""What stays of a notification, which is counted as before, once its record is out of reach."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An opportunity that waits, since when, and for what."""

    opportunity_id: int
    title: str
    customer: str
    since: date | None
    what: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notification: the message id with its values, when, and the record that it leads to."""

    message: str
    values: Mapping[str, str]
    at: datetime
    subject: str
    subject_id: int


def next_steps(session: Session, actor: Actor, today: date) -> tuple[int, list[Waiting]]:
    """The person's own next steps that are due by today, the oldest first; how many there are, and the first of them."""
    mine = select(Opportunity).where(
        Opportunity.owner_id == actor.user_id, Opportunity.status == OpportunityStatus.FOLLOWING, Opportunity.next_step_on <= today
    )
    found = actor.scope.narrow(mine.with_only_columns(Opportunity.id), Opportunity)
    rows = session.execute(
        select(Opportunity.id, Opportunity.title, Customer.name, Opportunity.next_step_on, Opportunity.next_step)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .where(Opportunity.id.in_(found))
        .order_by(Opportunity.next_step_on, Opportunity.id)
        .limit(MOST)
    )
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0, [Waiting(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Returned:
    """A quote of the person's that was rejected and waits to be written anew."""

    opportunity_id: int
    title: str
    day: date | None
    note: str


def returned(session: Session, actor: Actor) -> list[Returned]:
    """The quotes on the person's own open opportunities whose newest revision was rejected, the latest first."""
    newest = select(func.max(Quote.revision)).where(Quote.opportunity_id == Opportunity.id).correlate(Opportunity).scalar_subquery()
    rows = session.execute(
        select(Opportunity.id, Opportunity.title, Quote.decided_on, Quote.decision_note)
        .join(Quote, Quote.opportunity_id == Opportunity.id)
        .where(Quote.status == QuoteStatus.REJECTED, Quote.revision == newest)
        .where(Opportunity.owner_id == actor.user_id, Opportunity.status == OpportunityStatus.FOLLOWING)
        .where(Opportunity.id.in_(actor.scope.narrow(select(Opportunity.id), Opportunity)))
        .order_by(Quote.decided_at.desc())
    )
    return [Returned(*row) for row in rows]


def told(session: Session, actor: Actor, most: int = MOST) -> tuple[int, list[Told]]:
    """What the person was told and has not read: how much, and the newest of it; of a record that left their reach only that it was."""
    unread = notices.unread(session, actor, most)
    gone = notices.out_of_reach(session, actor, unread)
    shown = [
        Told(LEFT, {}, notice.at, "", 0)
        if (notice.subject, notice.subject_id) in gone
        else Told(notice.message, json.loads(notice.values), notice.at, notice.subject, notice.subject_id)
        for notice in unread
    ]
    return notices.waiting(session, actor), shown
