"""The verbs of a customer 客户: find, create, assign. Opportunities follow their customer; every assignment is kept."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock, history
from crm.errors import CrmError, NotAllowed
from crm.models import Assignment, Contact, Customer, Lead, Opportunity, Team, User, UserRole
from crm.rules import duplicates
from crm.scope import Actor
from crm.services import notices
from crm.services.contacts_taken import Keys, customer_of
from crm.services.input_faults import Missing, NotAChoice
from crm.services.input_types import Email, Line, OptionalLine, OptionalParagraph, OptionalReason, Phone, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import chosen, find_to, reaches_company, require
from crm.services.reach import find as find_within
from crm.services.versions import check_as_opened, check_unchanged
from crm.vocabulary import N_, Kind, OpportunityAct, OpportunityStatus, Permission, Role

HOLDS_CUSTOMERS = (Role.REP, Role.TEAM_LEAD)
"""Who can be a customer's owner."""


MOST_AT_ONCE = 500
"""So many customers are assigned in one act."""


class NotInTeam(CrmError):
    """A customer's owner belongs to the customer's team."""

    message = N_("{person} is not in this team.")


class CustomerLimitReached(CrmError):
    """The owner has as many customers with open opportunities as their limit allows."""

    message = N_("{person} already looks after {limit} customers with open opportunities, which is their limit.")


class NothingToAssign(CrmError):
    """The customer is where it should go already."""

    message = N_("The customer is assigned like this already.")


class CustomerKnown(CrmError):
    """The company has a customer with this phone number, e-mail address or name."""

    message = N_("The company has this customer already: “{name}”.")


class CreateCustomer(Input):
    """A customer with a first contact. It goes to the company's pool."""

    name: Annotated[Line, field(N_("Customer's name"))]
    industry: Annotated[OptionalLine, field(N_("Industry"))] = ""
    region: Annotated[OptionalLine, field(N_("Region"))] = ""
    contact_name: Annotated[OptionalLine, field(N_("Contact"))] = ""
    phone: Annotated[Phone, field(N_("Phone"))] = ""
    email: Annotated[Email, field(N_("E-mail"))] = ""
    note: Annotated[OptionalParagraph, field(N_("Note"), Control.AREA)] = ""


class EditCustomer(Input):
    """What is known of a customer."""

    name: Annotated[Line, field(N_("Customer's name"))]
    industry: Annotated[OptionalLine, field(N_("Industry"))] = ""
    region: Annotated[OptionalLine, field(N_("Region"))] = ""
    address: Annotated[OptionalLine, field(N_("Address"), wide=True)] = ""
    note: Annotated[OptionalParagraph, field(N_("Note"), Control.AREA)] = ""


class DescribeContact(Input):
    """A person at a customer."""

    name: Annotated[Line, field(N_("Name"))]
    title: Annotated[OptionalLine, field(N_("Job title"))] = ""
    phone: Annotated[Phone, field(N_("Phone"))] = ""
    email: Annotated[Email, field(N_("E-mail"))] = ""


class AssignCustomer(Input):
    """Where a customer goes: a team and a rep in it; without a rep the team's pool, without a team the company's."""

    team_id: Annotated[Reference | None, field(N_("Team"), Control.CHOICE, offers="teams")] = None
    owner_id: Annotated[Reference | None, field(N_("Sales rep"), Control.CHOICE, offers="reps")] = None
    why: Annotated[OptionalReason, field(N_("Why"), Control.AREA)] = ""


def find(session: Session, actor: Actor, customer_id: int) -> Customer:
    """The customer with contacts, owner and team, if this person may see it."""
    return find_within(
        session, actor, Customer, customer_id,
        selectinload(Customer.contacts), selectinload(Customer.owner), selectinload(Customer.team),
    )  # fmt: skip


def pool(session: Session, actor: Actor) -> Sequence[Customer]:
    """The customers that wait for this person to assign them, the longest waiting first: without a team, or without a rep."""
    if not actor.may(Permission.ASSIGN, Kind.CUSTOMER):
        raise NotAllowed()
    waiting: ColumnElement[bool] = Customer.owner_id.is_(None)
    rows = actor.scope.narrow(select(Customer), Customer).where(waiting)
    return session.scalars(rows.order_by(Customer.pooled_on, Customer.id).options(selectinload(Customer.team))).all()


def create(session: Session, actor: Actor, values: CreateCustomer, *, today: date) -> Customer:
    """Enter a customer that no lead brought, into the company's pool. `CustomerKnown` where the company has one of this contact."""
    require(actor, Permission.CREATE, Kind.CUSTOMER)
    known = customer_of(session, Keys.of(values.phone, values.email, values.name))
    if known:
        raise CustomerKnown(name=known.name)
    return enter(session, actor, values, today=today)


def enter(session: Session, actor: Actor, values: CreateCustomer, *, today: date, source_lead_id: int | None = None) -> Customer:
    """A new customer in the company's pool, for the verbs that bring one."""
    customer = Customer(
        name=values.name, name_key=duplicates.company_key(values.name), industry=values.industry, region=values.region,
        note=values.note, source_lead_id=source_lead_id, pooled_on=today, created_at=clock.now(), created_on=today,
        created_by_id=actor.user_id,
    )  # fmt: skip
    session.add(customer)
    audit.created(session, actor, customer)
    if values.contact_name or values.phone or values.email:
        contact = Contact(
            customer_id=customer.id, name=values.contact_name or values.name, phone=values.phone, email=values.email,
            phone_key=duplicates.phone_key(values.phone), email_key=duplicates.email_key(values.email),
        )  # fmt: skip
        session.add(contact)
        audit.created(session, actor, contact)
    return customer


def edit(session: Session, actor: Actor, customer_id: int, values: EditCustomer, *, version: int) -> Customer:
    """Save what was changed of a customer."""
    customer = find_to(session, actor, Permission.UPDATE, Kind.CUSTOMER, Customer, customer_id)
    check_unchanged(session, customer, version)
    with audit.changing(session, actor, customer):
        for name, value in values.model_dump().items():
            setattr(customer, name, value)
        customer.name_key, customer.name_to_be_found = duplicates.company_key(values.name), False
    return customer


def add_contact(session: Session, actor: Actor, customer_id: int, values: DescribeContact) -> Contact:
    """One more person at a customer."""
    customer = find_to(session, actor, Permission.UPDATE, Kind.CUSTOMER, Customer, customer_id)
    contact = Contact(
        customer_id=customer.id, phone_key=duplicates.phone_key(values.phone), email_key=duplicates.email_key(values.email),
        **values.model_dump(),
    )  # fmt: skip
    session.add(contact)
    audit.created(session, actor, contact)
    return contact


def edit_contact(session: Session, actor: Actor, contact_id: int, values: DescribeContact, *, was: DescribeContact) -> Contact:
    """Save what was changed of a contact, which said `was` when the person opened it."""
    contact = find_to(session, actor, Permission.UPDATE, Kind.CUSTOMER, Contact, contact_id)
    check_as_opened(session, contact, was.model_dump())
    with audit.changing(session, actor, contact):
        for name, value in values.model_dump().items():
            setattr(contact, name, value)
        contact.phone_key, contact.email_key = duplicates.phone_key(values.phone), duplicates.email_key(values.email)
    return contact


def assign(session: Session, actor: Actor, customer_id: int, values: AssignCustomer, *, version: int, today: date) -> Customer:
    """Give a customer with its opportunities to a team, to a rep, or back to a pool.

    Between teams and the company's pool that is the executive's; within a team, its lead's too.
    """
    customer = find_to(session, actor, Permission.ASSIGN, Kind.CUSTOMER, Customer, customer_id)
    check_unchanged(session, customer, version)
    if values.team_id != customer.team_id and not reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER):
        raise NotAllowed(act=Permission.ASSIGN.value, kind=Kind.CUSTOMER.value, subject=Customer.__tablename__, subject_id=customer.id)
    if (values.team_id, values.owner_id) == (customer.team_id, customer.owner_id):
        raise NothingToAssign()
    _check_target(session, values)
    return move(session, actor, customer, values.team_id, values.owner_id, why=values.why, today=today)


def assign_many(
    session: Session, actor: Actor, opened: Sequence[tuple[int, int]], values: AssignCustomer, *, today: date
) -> list[Customer]:
    """The same for several customers, each with the version at which the person saw it: all of them, or none."""
    if not opened or len(opened) > MOST_AT_ONCE or len({id for id, _version in opened}) < len(opened):
        raise NothingToAssign()
    return [assign(session, actor, id, values, version=version, today=today) for id, version in opened]


def move(
    session: Session,
    actor: Actor,
    customer: Customer,
    team_id: int | None,
    owner_id: int | None,
    *,
    why: str = "",
    today: date,
    quietly: bool = False,
) -> Customer:
    """Hand a customer and all its opportunities over, by who has been found to be allowed. `quietly`: the new owner is told otherwise."""
    session.add(
        Assignment(
            customer_id=customer.id, from_team_id=customer.team_id, from_owner_id=customer.owner_id, to_team_id=team_id,
            to_owner_id=owner_id, by_id=actor.user_id, at=clock.now(), day=today, waited_since=customer.pooled_on, why=why,
        )
    )  # fmt: skip
    with audit.changing(session, actor, customer):
        if owner_id is not None:
            customer.pooled_on = None
        elif customer.owner_id is not None or customer.team_id != team_id:
            customer.pooled_on = today
        customer.team_id, customer.owner_id = team_id, owner_id
    for opportunity in session.scalars(select(Opportunity).where(Opportunity.customer_id == customer.id).order_by(Opportunity.id)):
        _follow(session, actor, opportunity, customer, today)
    for lead in session.scalars(select(Lead).where(Lead.customer_id == customer.id).order_by(Lead.id)):
        with audit.changing(session, actor, lead):  # a converted lead is read with its customer
            lead.team_id, lead.owner_id = customer.team_id, customer.owner_id
    if not quietly:
        notices.tell(
            session, owner_id, N_("{by} assigned the customer “{name}” to you."), customer, customer.id, by=actor, name=customer.name
        )
    return customer


def _follow(session: Session, actor: Actor, opportunity: Opportunity, customer: Customer, today: date) -> None:
    """Let an opportunity follow its customer. The first team and rep are kept: theirs is the credit for the new opportunity."""
    with audit.changing(session, actor, opportunity):
        opportunity.team_id, opportunity.owner_id = customer.team_id, customer.owner_id
        opportunity.first_team_id = opportunity.first_team_id or customer.team_id
        opportunity.first_owner_id = opportunity.first_owner_id or customer.owner_id
    history.record(session, opportunity, OpportunityAct.ASSIGNED, actor, today, today)


def _check_target(session: Session, values: AssignCustomer) -> None:
    faults = Faults()
    chosen(session, Team, values.team_id, faults, "team_id")
    if values.owner_id is not None:
        if values.team_id is None:
            faults.add("team_id", Missing())
        with faults.against("owner_id"):
            check_owner(session, values.owner_id, values.team_id)
    faults.raise_any()


def check_owner(session: Session, owner_id: int, team_id: int | None) -> User:
    """Refuse whom a customer of the team can't be given: no active seller, of another team, at their limit."""
    owner = check_seller(session, owner_id)
    if owner.team_id != team_id:
        raise NotInTeam(person=owner.name)
    if not has_room(session, owner):
        raise CustomerLimitReached(person=owner.name, limit=owner.customer_limit)
    return owner


def has_room(session: Session, owner: User) -> bool:
    """Whether somebody may look after one more customer."""
    return owner.customer_limit is None or _open_customers(session, owner.id) < owner.customer_limit


def check_seller(session: Session, user_id: int) -> User:
    """The person, if they are active and sell; a customer or lead can be given to nobody else."""
    person = session.get(User, user_id)
    sells = select(UserRole.role).where(UserRole.user_id == user_id, UserRole.role.in_(HOLDS_CUSTOMERS))
    if person is None or not person.active or session.scalars(sells).first() is None:
        raise NotAChoice()
    return person


def _open_customers(session: Session, owner_id: int) -> int:
    """How many customers with an open opportunity somebody looks after."""
    opened = select(func.count(Opportunity.customer_id.distinct())).where(
        Opportunity.owner_id == owner_id, Opportunity.status == OpportunityStatus.FOLLOWING
    )
    return session.scalar(opened) or 0
