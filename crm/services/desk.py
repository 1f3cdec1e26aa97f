"""The assignment desk 待分配客户: what a fair choice needs to know of each team or rep, for the customers that wait.

Similar are opportunities with a product of those that wait, or with a customer of their industry or region; of these the latest that
were won or lost count.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true, union_all
from sqlalchemy.orm import Session

from crm.models import Assignment, Customer, Opportunity, OpportunityLine, Product, Team, User, UserRole, UserStrength
from crm.scope import Actor
from crm.services.customer_list import assigning
from crm.services.customers import HOLDS_CUSTOMERS
from crm.services.reach import reaches_company
from crm.vocabulary import Kind, OpportunityStatus, Permission, StrengthKind

LATEST = 10_000
"""Of the won and of the lost opportunities so many, the latest, are looked at for the win rate."""


@dataclass(frozen=True, slots=True)
class Strength:
    """Something a candidate is good at; `fits` what waits or not."""

    kind: StrengthKind
    value: str
    fits: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A team or a rep. `open_customers` count those with an open opportunity; `limit` is how many of them a rep may have.

    `won` of `closed` similar opportunities; `last_assigned_on` is when they were last given a customer.
    """

    id: int
    name: str
    strengths: Sequence[Strength]
    open_customers: int
    open_count: int
    open_amount: Decimal
    limit: int | None
    won: int
    closed: int
    last_assigned_on: date | None

    @property
    def is_full(self) -> bool:
        """Whether another customer with an open opportunity would be one too many."""
        return self.limit is not None and self.open_customers >= self.limit

    @property
    def fitting(self) -> int:
        """How many strengths fit."""
        return sum(strength.fits for strength in self.strengths)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the waiting customers are about."""

    products: Mapping[int, str]
    industries: frozenset[str]
    regions: frozenset[str]


def teams(session: Session, actor: Actor, customer_ids: Sequence[int]) -> list[Candidate]:
    """The active teams, for who assigns over the whole company; none for others. The best fitting first."""
    if not reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER):
        return []
    found = dict(session.execute(select(Team.id, Team.name).where(Team.active)).all())
    members = select(User.team_id, UserStrength).join(User, User.id == UserStrength.user_id)
    strengths = _strengths(session, members.where(User.active, User.team_id.in_(found)))
    return _candidates(session, _wanted(session, actor, customer_ids), found, strengths, Opportunity.team_id, Assignment.to_team_id, {})


def reps(session: Session, actor: Actor, team_id: int, customer_ids: Sequence[int]) -> list[Candidate]:
    """Who sells in a team within reach of this person's assigning; none for others. The best fitting first."""
    if not (reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER) or team_id in assigning(actor).team_ids):
        return []
    sells = select(UserRole.user_id).where(UserRole.role.in_(HOLDS_CUSTOMERS))
    people = session.execute(
        select(User.id, User.name, User.customer_limit).where(User.team_id == team_id, User.active, User.id.in_(sells))
    ).all()
    found = {id: name for id, name, _limit in people}
    strengths = _strengths(session, select(UserStrength.user_id, UserStrength).where(UserStrength.user_id.in_(found)))
    limits = {id: limit for id, _name, limit in people}
    return _candidates(
        session, _wanted(session, actor, customer_ids), found, strengths, Opportunity.owner_id, Assignment.to_owner_id, limits
    )


def _candidates(
    session: Session,
    wanted: _Wanted,
    names: Mapping[int, str],
    strengths: Mapping[int, Sequence[UserStrength]],
    by: Any,
    given_to: Any,
    limits: Mapping[int, int | None],
) -> list[Candidate]:
    loads, rates, last = _loads(session, by, names), _rates(session, by, names, wanted), _last(session, given_to, names)
    found = []
    for id, name in names.items():
        told = {(one.kind, one.value): Strength(one.kind, one.value, _fits(one, wanted)) for one in strengths.get(id, ())}
        open_customers, open_count, open_amount = loads.get(id, (0, 0, Decimal(0)))
        won, closed = rates.get(id, (0, 0))
        ordered = sorted(told.values(), key=lambda one: (not one.fits, one.kind, one.value))
        found.append(Candidate(id, name, ordered, open_customers, open_count, open_amount, limits.get(id), won, closed, last.get(id)))
    return sorted(found, key=lambda one: (one.is_full, -one.fitting, one.open_count, one.name))


def _wanted(session: Session, actor: Actor, customer_ids: Sequence[int]) -> _Wanted:
    """What the customers are about, of those that this person assigns."""
    mine = assigning(actor).narrow(select(Customer.id, Customer.industry, Customer.region), Customer)
    rows = session.execute(mine.where(Customer.id.in_(list(customer_ids)[:500]))).all()
    products = session.execute(
        select(Product.id, Product.name)
        .join(OpportunityLine, OpportunityLine.product_id == Product.id)
        .join(Opportunity, Opportunity.id == OpportunityLine.opportunity_id)
        .where(Opportunity.customer_id.in_([row.id for row in rows]), Opportunity.status == OpportunityStatus.FOLLOWING)
    )
    return _Wanted(
        dict(products.all()),
        frozenset(row.industry for row in rows if row.industry),
        frozenset(row.region for row in rows if row.region),
    )


def _fits(strength: UserStrength, wanted: _Wanted) -> bool:
    match strength.kind:
        case StrengthKind.PRODUCT:
            return strength.product_id in wanted.products or strength.value in wanted.products.values()
        case StrengthKind.INDUSTRY:
            return strength.value in wanted.industries
    return strength.value in wanted.regions


def _strengths(session: Session, statement: Any) -> Mapping[int, Sequence[UserStrength]]:
    found: defaultdict[int, list[UserStrength]] = defaultdict(list)
    for id, strength in session.execute(statement):
        found[id].append(strength)
    return found


def _loads(session: Session, by: Any, names: Mapping[int, str]) -> dict[int, tuple[int, int, Decimal]]:
    """Of each candidate the customers with an open opportunity, these opportunities and what they may bring."""
    rows = session.execute(
        select(by, func.count(Opportunity.customer_id.distinct()), func.count(), func.sum(Opportunity.expected_amount))
        .where(by.in_(names), Opportunity.status == OpportunityStatus.FOLLOWING)
        .group_by(by)
    )
    return {id: (customers, opened, amount or Decimal(0)) for id, customers, opened, amount in rows}


def _rates(session: Session, by: Any, names: Mapping[int, str], wanted: _Wanted) -> dict[int, tuple[int, int]]:
    """Of each candidate how many similar opportunities were won, of how many won or lost."""
    ends = [
        select(Opportunity.id)
        .where(by.in_(names) if by is Opportunity.owner_id else true(), Opportunity.status == status)
        .order_by(Opportunity.created_on.desc(), Opportunity.id.desc())
        .limit(LATEST)
        .subquery()
        for status in (OpportunityStatus.WON, OpportunityStatus.LOST)
    ]
    latest = union_all(*(select(end.c.id) for end in ends)).scalar_subquery()
    alike: list[ColumnElement[bool]] = []
    if wanted.products:
        lines = select(OpportunityLine.opportunity_id).where(OpportunityLine.product_id.in_(wanted.products))
        alike.append(Opportunity.id.in_(lines.where(OpportunityLine.opportunity_id.in_(latest))))
    if wanted.industries or wanted.regions:
        same = or_(Customer.industry.in_(wanted.industries), Customer.region.in_(wanted.regions))
        alike.append(select(1).where(Customer.id == Opportunity.customer_id, same).exists())
    if not alike:
        return {}
    won = func.count().filter(Opportunity.status == OpportunityStatus.WON)
    rows = session.execute(select(by, won, func.count()).where(Opportunity.id.in_(latest), by.in_(names), or_(*alike)).group_by(by))
    return {id: (of_these, number) for id, of_these, number in rows}


def _last(session: Session, given_to: Any, names: Mapping[int, str]) -> dict[int, date]:
    """When each candidate was last given a customer."""
    given = select(given_to, func.max(Assignment.day)).where(given_to.in_(names)).group_by(given_to)
    return dict(session.execute(given).all())
