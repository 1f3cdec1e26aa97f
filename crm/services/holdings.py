"""What is open and in somebody's hands, and how all of it passes on at once: when they leave, or change team.

What they did stays theirs: signers, writers of follow-ups and closed records keep their names.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from crm import audit, history
from crm.errors import CrmError
from crm.models import Base, Contract, Customer, Lead, Opportunity, Team, User
from crm.scope import Actor
from crm.services import customers
from crm.vocabulary import N_, ContractAct, ContractStatus, LeadStatus, Message, OpportunityAct, OpportunityStatus

TEAMS_LED = N_("teams led")
"""What does not pass on: a team gets another leader in the master data."""


class StillHolds(CrmError):
    """Who leaves (a team, the company) first hands over what is open."""

    message = N_("{person} still holds {count} open records ({what}); hand them over first.")


class NobodyLeads(CrmError):
    """Leads and contracts are never without a person; a pool's are its team leader's, and there is none."""

    message = N_("Nobody leads the team {team}, to whom its leads and contracts could go. Please choose a person.")


def holds(session: Session, user_id: int) -> Mapping[str, int]:
    """How much of each kind is open and in somebody's hands. Quotes go with their opportunities, instalments with their contracts."""
    counts = {what: session.scalar(select(func.count()).select_from(model).where(mine)) or 0 for what, model, mine in _open(user_id)}
    return {what: count for what, count in counts.items() if count}


def check_holds_nothing(session: Session, user: User) -> None:
    """`StillHolds` while anything is open."""
    refuse_held(user, holds(session, user.id))


def refuse_held(user: User, held: Mapping[str, int]) -> None:
    """`StillHolds` where there is anything in `held`."""
    if held:
        raise StillHolds(person=user.name, count=sum(held.values()), what=Message(next(iter(held))))


def pass_on(session: Session, actor: Actor, holder: User, team_id: int | None, owner_id: int | None, *, why: str, today: date) -> None:
    """Give all that is open in somebody's hands to `owner_id` in `team_id`, by who has been found to be allowed.

    Without an owner the customers wait in the pool with their opportunities, while leads and contracts go to who leads the team.
    """
    leads = session.scalars(select(Lead).where(_is_open_lead(holder.id)).order_by(Lead.id)).all()
    contracts = session.scalars(select(Contract).where(_is_running_contract(holder.id)).order_by(Contract.id)).all()
    keeper_id = owner_id or (_leader(session, holder, team_id) if leads or contracts else None)
    for customer in session.scalars(select(Customer).where(Customer.owner_id == holder.id).order_by(Customer.id)).all():
        customers.move(session, actor, customer, team_id, owner_id, why=why, today=today, quietly=True)
    # what is left are those whose customer somebody else holds, as an import may have brought them
    for opportunity in session.scalars(select(Opportunity).where(_is_open_opportunity(holder.id)).order_by(Opportunity.id)).all():
        with audit.changing(session, actor, opportunity):
            opportunity.team_id, opportunity.owner_id = team_id, owner_id
        history.record(session, opportunity, OpportunityAct.ASSIGNED, actor, today, today)
    for lead in leads:
        with audit.changing(session, actor, lead):
            lead.team_id, lead.owner_id = team_id, keeper_id
    for contract in contracts:
        with audit.changing(session, actor, contract):
            contract.team_id, contract.owner_id = team_id, keeper_id
        history.record_contract(session, contract, ContractAct.CARER, actor, today, today, why)


def _leader(session: Session, holder: User, team_id: int | None) -> int:
    """Who takes the leads and contracts of a team's pool: its leader; `NobodyLeads` where that would be the same person, or nobody."""
    team = session.get(Team, team_id) if team_id else None
    leader = session.get(User, team.leader_id) if team and team.leader_id else None
    if leader is None or not leader.active or leader.id == holder.id:
        raise NobodyLeads(team=team.name if team else Message(N_("the company's pool")))
    return leader.id


def _open(user_id: int) -> list[tuple[str, type[Base], ColumnElement[bool]]]:
    return [
        (N_("leads"), Lead, _is_open_lead(user_id)),
        (N_("customers"), Customer, Customer.owner_id == user_id),
        (N_("opportunities"), Opportunity, _is_open_opportunity(user_id)),
        (N_("contracts"), Contract, _is_running_contract(user_id)),
        (TEAMS_LED, Team, (Team.leader_id == user_id) & Team.active),
    ]


def _is_open_lead(user_id: int) -> ColumnElement[bool]:
    return (Lead.owner_id == user_id) & Lead.status.in_((LeadStatus.UNPROCESSED, LeadStatus.WORKING))


def _is_open_opportunity(user_id: int) -> ColumnElement[bool]:
    return (Opportunity.owner_id == user_id) & (Opportunity.status == OpportunityStatus.FOLLOWING)


def _is_running_contract(user_id: int) -> ColumnElement[bool]:
    return (Contract.owner_id == user_id) & (Contract.status == ContractStatus.IN_PROGRESS)
