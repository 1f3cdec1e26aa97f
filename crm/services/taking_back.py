"""An assignment 分配 taken back by who made it a moment ago: customers return whence they came, as if they had never left.

What was assigned by mistake gives nobody the credit of a new opportunity, and no customer waits anew. That it happened stays in both
histories. Who was told is not told again.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.errors import CrmError
from crm.models import Assignment, Customer, Lead, Opportunity, OpportunityHistory
from crm.scope import Actor
from crm.services import customers, leads
from crm.services.input_faults import NotAChoice
from crm.services.leads import AssignLead
from crm.services.reach import find_to
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, Kind, Permission

WITHIN = timedelta(minutes=10)
"""How long an assignment can be taken back; later the customer is assigned anew."""


class NotToBeTakenBack(CrmError):
    """Only the last assignment is taken back, by who made it, soon."""

    message = N_("The assignment of “{name}” can't be taken back any more. Please assign it anew.")


def take_back(session: Session, actor: Actor, given: Sequence[tuple[int, int]], *, today: date) -> list[Customer]:
    """Take back the last assignment of these customers, each with its version since then: all of them, or none."""
    if not given or len(given) > customers.MOST_AT_ONCE:
        raise NotAChoice()
    return [_take_back(session, actor, id, version, today) for id, version in given]


def take_back_leads(session: Session, actor: Actor, given: Sequence[tuple[int, int, int]]) -> list[Lead]:
    """Give leads back to the reps who had them, each with its version since it was given and its former rep: all of them, or none."""
    if not given or len(given) > leads.MOST_AT_ONCE:
        raise NotAChoice()
    return [leads.assign(session, actor, id, AssignLead(owner_id=owner), version=version, quietly=True) for id, version, owner in given]


def _take_back(session: Session, actor: Actor, customer_id: int, version: int, today: date) -> Customer:
    customer = find_to(session, actor, Permission.ASSIGN, Kind.CUSTOMER, Customer, customer_id)
    check_unchanged(session, customer, version)
    latest = select(Assignment).where(Assignment.customer_id == customer.id).order_by(Assignment.id.desc()).limit(1)
    last = session.scalar(latest)
    if last is None or last.by_id != actor.user_id or clock.now() - last.at > WITHIN:
        raise NotToBeTakenBack(name=customer.name)
    if last.from_owner_id is not None:
        customers.check_owner(session, last.from_owner_id, last.from_team_id)
    customers.move(session, actor, customer, last.from_team_id, last.from_owner_id, today=today, quietly=True)
    with audit.changing(session, actor, customer):
        customer.pooled_on = last.waited_since
    for opportunity in session.scalars(select(Opportunity).where(Opportunity.customer_id == customer.id).order_by(Opportunity.id)):
        _take_credit_back(session, actor, opportunity, last.at)
    return customer


def _take_credit_back(session: Session, actor: Actor, opportunity: Opportunity, since: datetime) -> None:
    """Who was the first to have it only since then is not the first."""
    held = select(func.count(OpportunityHistory.team_id), func.count(OpportunityHistory.owner_id))
    teams, owners = session.execute(held.where(OpportunityHistory.opportunity_id == opportunity.id, OpportunityHistory.at < since)).one()
    with audit.changing(session, actor, opportunity):
        opportunity.first_team_id = opportunity.first_team_id if teams else None
        opportunity.first_owner_id = opportunity.first_owner_id if owners else None
