"""Claims 撞单申诉: a wish for a contact that somebody else takes care of, settled by the leads of both teams together, or by an executive.

Whoever is asked sees who claims it and why; the record itself only if it is within their reach. Granted, the contact goes to who
claimed it. To grant takes both leads (one, where both sides are in one team); either of them may decline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from crm import audit, clock
from crm.errors import CrmError, NotFound
from crm.models import Claim, Customer, Lead, Team, User, UserRole
from crm.rules.leads import MOVES
from crm.scope import Actor
from crm.services import customers, notices
from crm.services.contacts_taken import Keys, held_by_others
from crm.services.input_types import Email, OptionalLine, Phone, Reason
from crm.services.inputs import Control, Input, field
from crm.services.reach import reaches_company, require
from crm.vocabulary import N_, Kind, Permission, Role


class NothingToClaim(CrmError):
    """Nobody else takes care of this contact."""

    message = N_("Nobody else takes care of this contact. You can enter it.")


class ClaimIsSettled(CrmError):
    """A claim is settled once."""

    message = N_("This claim was settled already.")


class OpenClaim(Input):
    """The contact that somebody else has, and why it should be this person's."""

    phone: Annotated[Phone, field(N_("Phone"))] = ""
    email: Annotated[Email, field(N_("E-mail"))] = ""
    company: Annotated[OptionalLine, field(N_("Company"))] = ""
    reason: Annotated[Reason, field(N_("Why it should be yours"), Control.AREA)]


@dataclass(frozen=True, slots=True)
class Seen:
    """A claim as somebody who may settle it sees it. `name` and `address` of the record only where it is within their reach."""

    id: int
    claimant: str
    claimant_team: str
    holder_team: str
    matched_on: str
    reason: str
    opened_at: datetime
    name: str
    address: str
    agreed: tuple[str, ...]
    waits_for_me: bool


def open_claim(session: Session, actor: Actor, values: OpenClaim) -> Claim:
    """Claim the contact; the leads of both teams are told. A claim of this person on it that is not settled stays the one."""
    require(actor, Permission.CREATE, Kind.LEAD)
    held = held_by_others(session, actor, Keys.of(values.phone, values.email, values.company))
    if held is None:
        raise NothingToClaim()
    subject, record_id, matched_on = held
    lead_id, customer_id = (record_id, None) if subject is Lead else (None, record_id)
    mine = select(Claim).where(
        Claim.claimant_id == actor.user_id, Claim.settled_at.is_(None), Claim.lead_id.is_not_distinct_from(lead_id),
        Claim.customer_id.is_not_distinct_from(customer_id),
    )  # fmt: skip
    standing = session.scalar(mine)
    if standing:
        return standing
    claim = Claim(
        claimant_id=actor.user_id, lead_id=lead_id, customer_id=customer_id, matched_on=matched_on.value, reason=values.reason,
        opened_at=clock.now(),
    )  # fmt: skip
    session.add(claim)
    audit.created(session, actor, claim)
    teams = {actor.team_id, _held(session, claim).team_id}
    for user_id in _deciders(session, {team for team in teams if team}):
        notices.tell(session, user_id, N_("{by} claims a contact that another rep takes care of."), claim, claim.id, by=actor)
    return claim


def waiting(session: Session, actor: Actor) -> list[Seen]:
    """The claims that are not settled and in which this person has a say, the oldest first."""
    if not actor.may(Permission.ASSIGN, Kind.CUSTOMER):
        return []
    claimant, theirs = aliased(User), aliased(Team)
    rows = (
        select(Claim, claimant.name, theirs.name)
        .join(claimant, claimant.id == Claim.claimant_id)
        .join(theirs, theirs.id == claimant.team_id, isouter=True)
        .where(Claim.settled_at.is_(None), _concerns(actor, claimant))
        .order_by(Claim.id)
    )
    return [_seen(session, actor, claim, name, team or "") for claim, name, team in session.execute(rows)]


def grant(session: Session, actor: Actor, claim_id: int, *, today: date) -> Claim:
    """Agree that the contact goes to who claims it; once both sides have, it does."""
    claim = _find(session, actor, claim_id)
    with audit.changing(session, actor, claim):
        if reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER):
            claim.agreed_by_claimant_lead_id = claim.agreed_by_claimant_lead_id or actor.user_id
            claim.agreed_by_holder_lead_id = claim.agreed_by_holder_lead_id or actor.user_id
        if _team(session, claim) in actor.scope.team_ids:
            claim.agreed_by_claimant_lead_id = actor.user_id
        if _held(session, claim).team_id in actor.scope.team_ids:
            claim.agreed_by_holder_lead_id = actor.user_id
        if claim.agreed_by_claimant_lead_id and claim.agreed_by_holder_lead_id:
            claim.granted, claim.settled_at, claim.settled_by_id = True, clock.now(), actor.user_id
    if claim.granted:
        _hand(session, actor, claim, today)
        _tell(session, actor, claim, N_("{by} granted your claim."))
    return claim


def decline(session: Session, actor: Actor, claim_id: int) -> Claim:
    """Leave the contact where it is."""
    claim = _find(session, actor, claim_id)
    with audit.changing(session, actor, claim):
        claim.granted, claim.settled_at, claim.settled_by_id = False, clock.now(), actor.user_id
    _tell(session, actor, claim, N_("{by} declined your claim."))
    return claim


def _find(session: Session, actor: Actor, claim_id: int) -> Claim:
    """The open claim, for who has a say in it; for others there is none."""
    require(actor, Permission.ASSIGN, Kind.CUSTOMER, Claim, claim_id)
    claimant = aliased(User)
    found = session.scalar(
        select(Claim).join(claimant, claimant.id == Claim.claimant_id).where(Claim.id == claim_id, _concerns(actor, claimant))
    )
    if found is None:
        raise NotFound()
    if found.settled_at is not None:
        raise ClaimIsSettled()
    return found


def _concerns(actor: Actor, claimant: type[User]) -> ColumnElement[bool]:
    """The claims in which somebody has a say: an executive in all, a lead in those of their own reps and on what their team holds."""
    scope = actor.scope
    if reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER):
        return Claim.id.is_not(None)
    teams = sorted(scope.team_ids)
    return or_(
        claimant.team_id.in_(teams),
        Claim.lead_id.in_(select(Lead.id).where(Lead.team_id.in_(teams))),
        Claim.customer_id.in_(select(Customer.id).where(Customer.team_id.in_(teams))),
    )


def _held(session: Session, claim: Claim) -> Lead | Customer:
    return session.get_one(Lead, claim.lead_id) if claim.lead_id else session.get_one(Customer, claim.customer_id)


def _team(session: Session, claim: Claim) -> int | None:
    return session.get_one(User, claim.claimant_id).team_id


def _deciders(session: Session, teams: set[int]) -> Sequence[int]:
    """Who is asked: the leads of these teams, and where one of them is missing the executives."""
    leaders = session.scalars(select(Team.leader_id).where(Team.id.in_(teams), Team.leader_id.is_not(None))).all()
    found = [leader for leader in leaders if leader is not None]
    if len(found) == len(teams) and found:
        return sorted(set(found))
    heads = select(UserRole.user_id).join(User, User.id == UserRole.user_id).where(UserRole.role == Role.EXECUTIVE, User.active)
    return sorted({*found, *session.scalars(heads)})


def _hand(session: Session, actor: Actor, claim: Claim, today: date) -> None:
    """Give what was claimed to the claimant, if it is still open."""
    claimant = session.get_one(User, claim.claimant_id)
    held = _held(session, claim)
    if isinstance(held, Customer):
        customers.move(session, actor, held, claimant.team_id, claimant.id, why=claim.reason, today=today)
    elif MOVES[held.status]:
        with audit.changing(session, actor, held):
            held.owner_id, held.team_id = claimant.id, claimant.team_id


def _tell(session: Session, actor: Actor, claim: Claim, message: str) -> None:
    notices.tell(session, claim.claimant_id, message, claim, claim.id, by=actor)


def _seen(session: Session, actor: Actor, claim: Claim, name: str, team: str) -> Seen:
    held = _held(session, claim)
    model = type(held)
    within = session.scalar(actor.scope.narrow(select(model.id), model).where(model.id == held.id)) is not None
    holding = session.get(Team, held.team_id) if held.team_id else None
    said = (held.contact_name if isinstance(held, Lead) else held.name) if within else ""
    agreed = [session.get_one(User, by).name for by in (claim.agreed_by_claimant_lead_id, claim.agreed_by_holder_lead_id) if by]
    mine = actor.user_id not in (claim.agreed_by_claimant_lead_id, claim.agreed_by_holder_lead_id)
    address = f"/{model.__tablename__}/{held.id}" if within else ""
    return Seen(
        claim.id, name, team, holding.name if holding else "", claim.matched_on, claim.reason, claim.opened_at, said, address,
        tuple(agreed), mine,
    )  # fmt: skip
