"""All that one page shows of a customer, read within reach: contacts, opportunities, contracts, the money, every assignment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from crm.models import Assignment, Contract, Customer, Opportunity, Receipt, Stage, Team, User
from crm.scope import Actor
from crm.services import customers, lead_origins, merging
from crm.services.lead_origins import Origin
from crm.services.reach import acting, reaches_company
from crm.vocabulary import ContractStatus, Kind, OpportunityStatus, Permission


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with this very customer."""

    edit: bool
    assign: bool
    assign_teams: bool
    merge: bool
    erase: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity of the customer."""

    id: int
    title: str
    status: OpportunityStatus
    stage: str
    expected_amount: Decimal | None
    expected_close_on: date | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A contract of the customer, and what was received of it."""

    id: int
    number: str
    status: ContractStatus
    signed_on: date
    amount: Decimal
    received: Decimal


@dataclass(frozen=True, slots=True)
class Assigned:
    """One assignment: on which day, from where to where, by whom, why. A place is a team and a rep, either of them empty."""

    day: date
    was: tuple[str | None, str | None]
    now: tuple[str | None, str | None]
    by: str | None
    why: str


@dataclass(frozen=True, slots=True)
class CustomerOverview:
    """One customer, whole. Money counts contracts that are not voided; None where the person sees no contracts.

    `merged`: what the customers were called that went into this one; `leads`: those that became it or joined it.
    """

    customer: Customer
    deals: Sequence[Deal]
    contracts: Sequence[Signed] | None
    assignments: Sequence[Assigned]
    merged: Sequence[str]
    leads: Sequence[Origin]
    rights: Rights

    @property
    def signed(self) -> Decimal:
        """What was signed."""
        return sum((one.amount for one in self._valid), Decimal(0))

    @property
    def received(self) -> Decimal:
        """What came in of it."""
        return sum((one.received for one in self._valid), Decimal(0))

    @property
    def outstanding(self) -> Decimal:
        """What is still to come; a contract that was paid beyond its amount makes up for no other."""
        return sum((max(one.amount - one.received, Decimal(0)) for one in self._valid), Decimal(0))

    @property
    def _valid(self) -> list[Signed]:
        return [one for one in self.contracts or () if one.status is not ContractStatus.VOIDED]


def of_customer(session: Session, actor: Actor, customer_id: int) -> CustomerOverview:
    """The customer with all that belongs to it; `NotFound` out of reach."""
    customer = customers.find(session, actor, customer_id)
    return CustomerOverview(
        customer,
        _deals(session, actor, customer_id),
        _contracts(session, actor, customer_id) if actor.may(Permission.READ, Kind.CONTRACT) else None,
        _assignments(session, customer_id),
        merging.merged_names(session, customer_id),
        lead_origins.of_customer(session, actor, customer_id),
        rights(session, actor, customer_id),
    )


def rights(session: Session, actor: Actor, customer_id: int) -> Rights:
    """What the person may do here."""

    def may(permission: Permission) -> bool:
        scope = acting(actor, permission, Kind.CUSTOMER, Customer)
        return session.scalar(scope.narrow(select(Customer.id), Customer).where(Customer.id == customer_id)) is not None

    teams = reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER)
    return Rights(may(Permission.UPDATE), may(Permission.ASSIGN), teams, may(Permission.MERGE), may(Permission.ERASE))


def _deals(session: Session, actor: Actor, customer_id: int) -> list[Deal]:
    mine = select(
        Opportunity.id, Opportunity.title, Opportunity.status, Stage.name, Opportunity.expected_amount, Opportunity.expected_close_on
    ).join(Stage, Stage.id == Opportunity.stage_id)
    within = actor.scope.narrow(mine, Opportunity).where(Opportunity.customer_id == customer_id)
    return [Deal(*row) for row in session.execute(within.order_by(Opportunity.id.desc()))]


def _contracts(session: Session, actor: Actor, customer_id: int) -> list[Signed]:
    received = (
        select(func.coalesce(func.sum(Receipt.amount), 0))
        .where(Receipt.contract_id == Contract.id, Receipt.cancelled_on.is_(None))
        .correlate(Contract)
        .scalar_subquery()
    )
    mine = select(Contract.id, Contract.number, Contract.status, Contract.signed_on, Contract.amount, received)
    within = actor.scope.narrow(mine, Contract).where(Contract.customer_id == customer_id)
    return [Signed(*row) for row in session.execute(within.order_by(Contract.signed_on.desc(), Contract.id.desc()))]


def _assignments(session: Session, customer_id: int) -> list[Assigned]:
    """The assignments of a customer that was found within reach, the latest first."""
    was, now, by = aliased(User), aliased(User), aliased(User)
    from_team, to_team = aliased(Team), aliased(Team)
    rows = session.execute(
        select(Assignment.day, from_team.name, was.name, to_team.name, now.name, by.name, Assignment.why)
        .join(from_team, from_team.id == Assignment.from_team_id, isouter=True)
        .join(was, was.id == Assignment.from_owner_id, isouter=True)
        .join(to_team, to_team.id == Assignment.to_team_id, isouter=True)
        .join(now, now.id == Assignment.to_owner_id, isouter=True)
        .join(by, by.id == Assignment.by_id, isouter=True)
        .where(Assignment.customer_id == customer_id)
        .order_by(Assignment.id.desc())
    )
    return [Assigned(day, (a, b), (c, d), who, why) for day, a, b, c, d, who, why in rows]
