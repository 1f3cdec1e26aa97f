"""The lists of customers: all of them, and those that wait, in the company's pool 团队分配 and in the teams' pools 人员分配."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from crm import clock
from crm.models import CompanySettings, Contact, Customer, Opportunity, OpportunityLine, Product, Team, User
from crm.scope import Actor, Scope
from crm.services.list_terms import Related, Sort, among, without_index
from crm.services.lists import RecordList
from crm.services.reach import acting
from crm.vocabulary import CustomerPlace, Kind, OpportunityStatus, Permission


@dataclass(frozen=True, slots=True)
class Row:
    """One customer in the list. `contact` is the first one."""

    id: int
    version: int
    place: CustomerPlace
    name: str
    contact: str | None
    phone: str | None
    industry: str
    region: str
    owner: str | None
    team: str | None
    open_count: int
    created_on: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """One customer in a pool: for how many days, and what it may bring. `too_long`: longer than the company allows."""

    id: int
    version: int
    name: str
    industry: str
    region: str
    team: str | None
    title: str | None
    products: str
    expected_amount: Decimal | None
    pooled_on: date | None
    days: int
    too_long: bool


def place_of(customer: Customer) -> CustomerPlace:
    """Where a customer is: with a rep, or in which pool."""
    return _place(customer.team_id, customer.owner_id)


def _place(team_id: int | None, owner_id: int | None) -> CustomerPlace:
    if owner_id is not None:
        return CustomerPlace.WITH_REP
    return CustomerPlace.TEAM_POOL if team_id is not None else CustomerPlace.COMPANY_POOL


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    first = select(func.min(Contact.id)).where(Contact.customer_id == Customer.id).correlate(Customer).scalar_subquery()
    opened = (
        select(func.count())
        .where(Opportunity.customer_id == Customer.id, Opportunity.status == OpportunityStatus.FOLLOWING)
        .correlate(Customer)
        .scalar_subquery()
    )
    statement = (
        select(
            Customer.id, Customer.version, Customer.team_id, Customer.owner_id, Customer.name, Contact.name, Contact.phone,
            Customer.industry, Customer.region, User.name, Team.name, opened, Customer.created_on,
        )
        .join(Contact, Contact.id == first, isouter=True)
        .join(User, User.id == Customer.owner_id, isouter=True)
        .join(Team, Team.id == Customer.team_id, isouter=True)
        .where(Customer.id.in_(ids))
    )  # fmt: skip
    return [Row(id, version, _place(team, owner), *shown) for id, version, team, owner, *shown in session.execute(statement)]


def _waiting(session: Session, ids: Sequence[int]) -> list[Waiting]:
    found = session.execute(select(CompanySettings.zone, CompanySettings.pool_neglected_days)).first()
    zone, limit = found or ("Asia/Shanghai", 3)
    today, brings = clock.today(zone), _brings(session, ids)
    statement = (
        select(Customer.id, Customer.version, Customer.name, Customer.industry, Customer.region, Team.name, Customer.pooled_on,
               Customer.created_on)
        .join(Team, Team.id == Customer.team_id, isouter=True)
        .where(Customer.id.in_(ids))
    )  # fmt: skip
    rows = []
    for id, version, name, industry, region, team, pooled_on, created_on in session.execute(statement):
        days = max((today - (pooled_on or created_on)).days, 0)
        title, products, amount = brings.get(id, (None, "", None))
        rows.append(Waiting(id, version, name, industry, region, team, title, products, amount, pooled_on, days, days > limit))
    return rows


def _brings(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str, Decimal | None]]:
    """Of each customer the latest open opportunity's title, the products of all that are open, and what they may bring."""
    rows = session.execute(
        select(Opportunity.customer_id, Opportunity.title, Opportunity.expected_amount, Product.name)
        .join(OpportunityLine, OpportunityLine.opportunity_id == Opportunity.id, isouter=True)
        .join(Product, Product.id == OpportunityLine.product_id, isouter=True)
        .where(Opportunity.customer_id.in_(ids), without_index(Opportunity.status) == OpportunityStatus.FOLLOWING)
        .order_by(Opportunity.customer_id, Opportunity.id, OpportunityLine.id)
    ).all()
    brought: dict[int, tuple[str, list[str], dict[str, Decimal]]] = {}
    for customer_id, title, amount, product in rows:
        _title, products, amounts = brought.get(customer_id, ("", [], {}))
        products += [product] if product and product not in products else []
        brought[customer_id] = (title, products, amounts | ({title: amount} if amount is not None else {}))
    return {
        id: (title, "、".join(products), sum(amounts.values(), Decimal(0)) if amounts else None)
        for id, (title, products, amounts) in brought.items()
    }


def assigning(actor: Actor) -> Scope:
    """The customers that this person assigns."""
    return acting(actor, Permission.ASSIGN, Kind.CUSTOMER, Customer)


SOUGHT = (Related(Contact, (Contact.name, Contact.phone), back=Contact.customer_id),)

CUSTOMERS = RecordList(
    "customers",
    Customer,
    sorts={"created_on": Sort(Customer.created_on), "name": Sort(Customer.name)},
    filters={"team": among(Customer.team_id), "rep": among(Customer.owner_id)},
    rows=_rows,
    searched=(Customer.name,),
    related=SOUGHT,
)

COMPANY_POOL = RecordList(
    "company_pool",
    Customer,
    sorts={"pooled_on": Sort(Customer.pooled_on, nullable=True), "name": Sort(Customer.name)},
    filters={},
    rows=_waiting,
    searched=(Customer.name,),
    descending=False,
    only=lambda: and_(Customer.team_id.is_(None), Customer.owner_id.is_(None)),
    few=True,
    within=assigning,
)

TEAM_POOL = RecordList(
    "team_pool",
    Customer,
    sorts={"pooled_on": Sort(Customer.pooled_on, nullable=True), "name": Sort(Customer.name)},
    filters={"team": among(Customer.team_id)},
    rows=_waiting,
    searched=(Customer.name,),
    descending=False,
    only=lambda: and_(Customer.team_id.is_not(None), Customer.owner_id.is_(None)),
    few=True,
    within=assigning,
)
