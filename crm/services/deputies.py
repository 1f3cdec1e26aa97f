"""Deputies 代理人: a lead or an executive names who stands in for them between two dates, and ends it again.

What a deputy may do meanwhile stands in `crm.services.people.actor_of`. Who only stands in names nobody: it would not be theirs to give.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm import audit
from crm.errors import CrmError, NotAllowed, NotFound
from crm.models import Deputy, User, UserRole
from crm.scope import Actor
from crm.services import notices, offers
from crm.services.input_faults import DatesReversed, DayIsPast, NotAChoice
from crm.services.input_types import Day, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.people import STANDS_IN
from crm.services.reach import require
from crm.vocabulary import N_, AuditAct, Kind, Permission, Role

CAN_STAND_IN = (Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE)
"""Who sells, or leads those who do."""


class StandsInAlready(CrmError):
    """One deputy at a time."""

    message = N_("{person} stands in for you from {start} to {end} already.")


class NameDeputy(Input):
    """Who stands in, from which day to which, both included."""

    deputy_id: Annotated[Reference, field(N_("Deputy"), Control.CHOICE, offers="deputies")]
    from_on: Annotated[Day, field(N_("First day"), Control.DAY)]
    until_on: Annotated[Day, field(N_("Last day"), Control.DAY)]


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who stands in for somebody, from which day to which: the other one as this person sees it."""

    id: int
    person: str
    from_on: date
    until_on: date


def may_name(session: Session, actor: Actor) -> bool:
    """Whether the person leads in their own right."""
    own = select(UserRole.role).where(UserRole.user_id == actor.user_id, UserRole.role.in_(STANDS_IN))
    return actor.may(Permission.DEPUTE, Kind.OPPORTUNITY) and session.scalar(own.limit(1)) is not None


def name(session: Session, actor: Actor, values: NameDeputy, *, today: date) -> Deputy:
    """Let somebody act for this person between two dates; they are told."""
    _check_may_name(session, actor)
    faults = Faults()
    if values.deputy_id not in {id for id, _name in candidates(session, actor)}:
        faults.add("deputy_id", NotAChoice())
    if values.from_on < today:
        faults.add("from_on", DayIsPast(day=values.from_on))
    if values.until_on < values.from_on:
        faults.add("until_on", DatesReversed())
    with faults.against("from_on"):
        _check_free(session, actor, values)
    faults.raise_any()
    named = Deputy(principal_id=actor.user_id, deputy_id=values.deputy_id, from_on=values.from_on, until_on=values.until_on)
    session.add(named)
    audit.created(session, actor, named)
    message = N_("{by} names you as deputy from {start} to {end}.")
    start, end = values.from_on.isoformat(), values.until_on.isoformat()
    notices.tell(session, named.deputy_id, message, named, named.id, by=actor, start=start, end=end)
    return named


def end(session: Session, actor: Actor, deputy_id: int, *, today: date) -> None:
    """Let a deputy of this person act no longer, from now on; that they did until yesterday stays."""
    _check_may_name(session, actor)
    named = session.scalar(_not_over(today).where(Deputy.id == deputy_id, Deputy.principal_id == actor.user_id))
    if named is None:
        raise NotFound()
    message = N_("You no longer stand in for {by}.")
    notices.tell(session, named.deputy_id, message, named, named.id, by=actor)
    if named.from_on >= today:
        audit.write(session, actor, AuditAct.DELETED, Deputy.__tablename__, named.id, before=audit.state(named))
        session.delete(named)
        session.flush()
        return
    with audit.changing(session, actor, named):
        named.until_on = today - timedelta(days=1)


def of(session: Session, actor: Actor, today: date) -> list[StandIn]:
    """Who stands in for this person, now and later."""
    mine = _not_over(today).where(Deputy.principal_id == actor.user_id)
    return [StandIn(one.id, person, one.from_on, one.until_on) for one, person in _with(session, mine, Deputy.deputy_id)]


def stands_in_for(session: Session, actor: Actor, today: date) -> list[StandIn]:
    """For whom this person stands in, now and later."""
    mine = _not_over(today).where(Deputy.deputy_id == actor.user_id)
    return [StandIn(one.id, person, one.from_on, one.until_on) for one, person in _with(session, mine, Deputy.principal_id)]


def candidates(session: Session, actor: Actor) -> list[offers.Offer]:
    """Whom this person can name: everybody active who sells or leads, but themselves."""
    roles = select(UserRole.user_id).where(UserRole.role.in_(CAN_STAND_IN))
    people = select(User.id, User.name).where(User.active, User.id.in_(roles), User.id != actor.user_id).order_by(User.id)
    return [(id, name) for id, name in session.execute(people)]


def _check_may_name(session: Session, actor: Actor) -> None:
    require(actor, Permission.DEPUTE, Kind.OPPORTUNITY)
    if not may_name(session, actor):
        raise NotAllowed(act=Permission.DEPUTE.value, kind=Kind.OPPORTUNITY.value)


def _check_free(session: Session, actor: Actor, values: NameDeputy) -> None:
    """Refuse a second deputy for days that have one."""
    meets = (Deputy.from_on <= values.until_on, Deputy.until_on >= values.from_on)
    mine = select(Deputy).where(Deputy.principal_id == actor.user_id, *meets)
    for standing, person in _with(session, mine, Deputy.deputy_id):
        raise StandsInAlready(person=person, start=standing.from_on, end=standing.until_on)


def _not_over(today: date) -> Select[Deputy]:
    return select(Deputy).where(Deputy.until_on >= today)


def _with(session: Session, stretches: Select[Deputy], other: object) -> Sequence[tuple[Deputy, str]]:
    """Stretches with the name of the other person, the earliest first."""
    named = stretches.add_columns(User.name).join(User, User.id == other)
    return [(one, person) for one, person in session.execute(named.order_by(Deputy.from_on, Deputy.id))]
