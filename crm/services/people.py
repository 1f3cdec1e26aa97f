"""Who acts: a person with their roles, the teams they lead or stand in for, and what was opened to them one by one."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Deputy, OpportunityReader, Team, User, UserRole
from crm.permissions import permissions_of
from crm.scope import Actor, scope_of
from crm.vocabulary import Role

STANDS_IN = frozenset({Role.TEAM_LEAD, Role.EXECUTIVE})
"""The roles that can be taken over by a deputy."""


def actor_of(session: Session, user_id: int, today: date) -> Actor:
    """The person as they act on `today`; `NotFound` for who does not exist or is no longer active."""
    user = session.scalar(select(User).where(User.id == user_id, User.active))
    if user is None:
        raise NotFound()
    own = set(session.scalars(select(UserRole.role).where(UserRole.user_id == user_id)))
    principals = _principals(session, user_id, today)
    roles = frozenset(own | {role for held in principals.values() for role in held & STANDS_IN})
    leaders = [principal for principal, held in principals.items() if Role.TEAM_LEAD in held] + [user_id]
    teams = frozenset(session.scalars(select(Team.id).where(Team.leader_id.in_(leaders))))
    department = user.department_id if Role.SERVICE in roles else None
    scope = scope_of(user_id, roles, teams, _opened_to(session, user_id), department)
    return Actor(user_id, user.login, user.name, roles, user.team_id, scope, permissions_of(roles), user.language)


def _principals(session: Session, user_id: int, today: date) -> dict[int, set[Role]]:
    """The active people that this one stands in for today, with their roles."""
    held: dict[int, set[Role]] = {}
    for principal, role in session.execute(
        select(UserRole.user_id, UserRole.role)
        .join(Deputy, Deputy.principal_id == UserRole.user_id)
        .join(User, User.id == UserRole.user_id)
        .where(Deputy.deputy_id == user_id, Deputy.from_on <= today, Deputy.until_on >= today, User.active)
    ):
        held.setdefault(principal, set()).add(role)
    return held


def _opened_to(session: Session, user_id: int) -> frozenset[int]:
    """The opportunities that a lead lets this person read."""
    opened = select(OpportunityReader.opportunity_id).where(OpportunityReader.user_id == user_id, OpportunityReader.withdrawn_at.is_(None))
    return frozenset(session.scalars(opened))
