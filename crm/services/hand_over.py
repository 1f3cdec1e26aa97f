"""Handing over everything of somebody who leaves, in one act: open leads, customers with their opportunities, contracts in progress."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError, NotAllowed, NotFound
from crm.models import User, UserRole
from crm.scope import Actor
from crm.services import customers, holdings, notices, offers
from crm.services.input_types import Reason, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import reaches_company
from crm.vocabulary import N_, Kind, Permission, Role


class ToOneself(CrmError):
    """A hand-over goes to somebody else."""

    message = N_("Please choose somebody else.")


STAYS = N_("Left out: customers wait in the team's pool, leads and contracts go to its lead.")


class HandOver(Input):
    """Who takes over; without a person it stays with the team, for its lead to assign."""

    to_id: Annotated[Reference | None, field(N_("Goes to"), Control.CHOICE, offers="reps", hint=STAYS)] = None
    why: Annotated[Reason, field(N_("Why"), Control.AREA)]


def hand_over(session: Session, actor: Actor, user_id: int, values: HandOver, *, today: date) -> User:
    """Hand over what is open and in somebody's hands; the executive's to do. Afterwards the account can be closed."""
    if not reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER):
        raise NotAllowed()
    leaver = session.get(User, user_id)
    if leaver is None:
        raise NotFound()
    taker, faults = _taker(session, leaver, values), Faults()
    team_id, owner_id = (taker.team_id, taker.id) if taker else (leaver.team_id, None)
    with faults.against("to_id"):
        holdings.pass_on(session, actor, leaver, team_id, owner_id, why=values.why, today=today)
    faults.raise_any()
    notices.tell(session, owner_id, N_("{by} handed everything of {person} over to you."), leaver, leaver.id, by=actor, person=leaver.name)
    return leaver


def leavers(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Whose hands can be emptied, for who hands over or closes accounts: everybody active, but oneself."""
    _check_guides(actor)
    people = select(User.id, User.name).where(User.active, User.id != actor.user_id).order_by(User.id)
    return [(id, name) for id, name in session.execute(people)]


def leaver(session: Session, actor: Actor, user_id: int) -> tuple[User, Mapping[str, int]]:
    """Somebody who leaves, and how much of each kind is still open and theirs."""
    _check_guides(actor)
    found = session.get(User, user_id)
    if found is None:
        raise NotFound()
    return found, holdings.holds(session, user_id)


def takers(session: Session, actor: Actor, user_id: int) -> list[tuple[int, str]]:
    """Who can take over: who sells, but the person."""
    return [offer for offer in offers.sellers(session, actor, Kind.CUSTOMER) if offer[0] != user_id]


def ask(session: Session, actor: Actor, user_id: int) -> User:
    """Let the other side know that it is its turn: an administrator starts and asks the executives to hand over; an executive who has
    emptied the person's hands asks the administrators to close the account. `StillHolds` while anything is open."""
    found, holds = leaver(session, actor, user_id)
    if _hands_over(actor):
        holdings.refuse_held(found, holds)
        role, message = Role.ADMINISTRATOR, N_("{by} has handed over everything of {person}. The account can be closed.")
    else:
        role, message = Role.EXECUTIVE, N_("{by} asks you to hand over what {person} holds: they leave.")
    asked = select(User.id).join(UserRole, UserRole.user_id == User.id).where(UserRole.role == role, User.active).order_by(User.id)
    for user_id in session.scalars(asked):
        notices.tell(session, user_id, message, found, found.id, by=actor, person=found.name)
    return found


def _hands_over(actor: Actor) -> bool:
    return reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER)


def _check_guides(actor: Actor) -> None:
    """Executives and administrators, either of whom can start."""
    if not (_hands_over(actor) or actor.may(Permission.UPDATE, Kind.MASTER)):
        raise NotAllowed(act=Permission.ASSIGN.value, kind=Kind.CUSTOMER.value)


def _taker(session: Session, leaver: User, values: HandOver) -> User | None:
    faults = Faults()
    taker = None
    if values.to_id == leaver.id:
        faults.add("to_id", ToOneself())
    elif values.to_id is not None:
        with faults.against("to_id"):
            taker = customers.check_seller(session, values.to_id)
    faults.raise_any()
    return taker
