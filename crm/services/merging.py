"""Merging 合并客户: two customers turn out to be the same one. All that belonged to the one goes to the other; nothing is lost.

The customer that is given up keeps its row, its name and its id in an old system, so that its address, the duplicate check and a later
import lead on to the one that stays; nobody's reach holds it any more (`crm.scope`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock, history
from crm.errors import CrmError, NotFound
from crm.models import Assignment, Claim, Contact, Contract, Customer, Erasure, Lead, Opportunity
from crm.rules import duplicates
from crm.scope import Actor
from crm.services import customers, notices
from crm.services.customers import EditCustomer
from crm.services.input_types import OptionalReason
from crm.services.inputs import Control, field
from crm.services.offers import MOST, Offer
from crm.services.reach import acting, find_to
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, AuditAct, Kind, OpportunityAct, Permission

MOVED: Sequence[tuple[str, type[Any]]] = (
    (N_("Contacts"), Contact),
    (N_("Opportunities"), Opportunity),
    (N_("Contracts"), Contract),
    (N_("Leads"), Lead),
    (N_("Assignments"), Assignment),
    (N_("Claims"), Claim),
)
"""What refers to a customer, by what it is called: all of it goes along."""


class SameCustomer(CrmError):
    """A customer is not merged with itself."""

    message = N_("Please choose another customer: this one can't be merged with itself.")


class MergeCustomers(EditCustomer):
    """What is known of the customer that stays, after the other one has gone into it."""

    why: Annotated[OptionalReason, field(N_("Why"), Control.AREA)] = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two customers beside each other: the one that stays, the one that goes into it, and how much of each kind both have."""

    stays: Customer
    goes: Customer
    counts: Sequence[tuple[str, int, int]]

    @property
    def proposed(self) -> dict[str, str]:
        """What the form begins with: what the one that stays says, else what the other says; both notes."""
        said = {name: getattr(self.stays, name) or getattr(self.goes, name) for name in EditCustomer.model_fields}
        if self.stays.name_to_be_found and not self.goes.name_to_be_found:
            said["name"] = self.goes.name
        notes = dict.fromkeys(note for note in (self.stays.note, self.goes.note) if note)
        return said | {"note": "\n\n".join(notes)}

    @property
    def changes_hands(self) -> bool:
        """Whether what goes along comes to another rep or team."""
        return _place(self.stays) != _place(self.goes)


def pair(session: Session, actor: Actor, stays_id: int, goes_id: int) -> Pair:
    """Both customers, for who may merge both."""
    stays, goes = _find(session, actor, stays_id), _find(session, actor, goes_id)
    if stays is goes:
        raise SameCustomer()
    return Pair(stays, goes, [(name, _count(session, model, stays), _count(session, model, goes)) for name, model in MOVED])


def may(session: Session, actor: Actor, customer_id: int) -> bool:
    """Whether this person merges this customer with others."""
    scope = acting(actor, Permission.MERGE, Kind.CUSTOMER, Customer)
    return session.scalar(scope.narrow(select(Customer.id), Customer).where(Customer.id == customer_id)) is not None


def alike(session: Session, actor: Actor, customer_id: int) -> list[Offer]:
    """The customers that are likely the same: of the same name, or with a contact of the same phone or e-mail; within reach to merge."""
    customer = _find(session, actor, customer_id)
    mine = select(Contact.phone_key, Contact.email_key).where(Contact.customer_id == customer.id)
    phones, emails = ({key for key in keys if key} for keys in (list(zip(*session.execute(mine).all(), strict=True)) or [(), ()]))
    theirs = select(Contact.customer_id).where(or_(Contact.phone_key.in_(phones), Contact.email_key.in_(emails)))
    same = or_(Customer.name_key == customer.name_key, Customer.id.in_(theirs))
    return _offers(session, actor, customer.id, same)


def others(session: Session, actor: Actor, customer_id: int, text: str) -> list[Offer]:
    """The customers whose name holds this text, within reach to merge."""
    return _offers(session, actor, customer_id, Customer.name.icontains(text.strip()[:100], autoescape=True))


def merge(
    session: Session, actor: Actor, stays_id: int, goes_id: int, values: MergeCustomers, *, versions: tuple[int, int], today: date
) -> Customer:
    """Let the customer `goes_id` go into `stays_id`, both as they stood at `versions`. Opportunities come to the owner of the one that
    stays; contracts keep signer and carer; two contacts that are the same become one."""
    stays, goes = _find(session, actor, stays_id), _find(session, actor, goes_id)
    if stays is goes:
        raise SameCustomer()
    check_unchanged(session, stays, versions[0])
    check_unchanged(session, goes, versions[1])
    left = goes.owner_id
    _move_contacts(session, actor, stays, goes)
    _move_deals(session, actor, stays, goes, today)
    said: list[Any] = [*session.scalars(select(Assignment).where(Assignment.customer_id == goes.id).order_by(Assignment.id))]
    said += session.scalars(select(Claim).where(Claim.customer_id == goes.id).order_by(Claim.id))
    for record in said:
        with audit.changing(session, actor, record):
            record.customer_id = stays.id
    _end(session, actor, stays, goes, values.why, today)
    with audit.changing(session, actor, stays):
        for name, value in values.model_dump(exclude={"why"}).items():
            setattr(stays, name, value)
        stays.name_key, stays.name_to_be_found = duplicates.company_key(values.name), False
    _tell(session, actor, stays, goes, left)
    return stays


def went_into(session: Session, actor: Actor, customer_id: int) -> tuple[str, Customer]:
    """What a customer that was given up was called, and where it went, for who sees the latter; else `NotFound`."""
    goes = session.get(Customer, customer_id)
    if goes is None or goes.merged_into_id is None:
        raise NotFound()
    return goes.name, customers.find(session, actor, goes.merged_into_id)


def merged_names(session: Session, customer_id: int) -> list[str]:
    """What the customers were called that went into this one."""
    return list(session.scalars(select(Customer.name).where(Customer.merged_into_id == customer_id).order_by(Customer.id)))


def _find(session: Session, actor: Actor, customer_id: int) -> Customer:
    return find_to(
        session, actor, Permission.MERGE, Kind.CUSTOMER, Customer, customer_id,
        selectinload(Customer.contacts), selectinload(Customer.owner), selectinload(Customer.team),
    )  # fmt: skip


def _place(customer: Customer) -> tuple[int | None, int | None]:
    return customer.team_id, customer.owner_id


def _count(session: Session, model: type[Any], customer: Customer) -> int:
    return session.scalar(select(func.count()).select_from(model).where(model.customer_id == customer.id)) or 0


def _offers(session: Session, actor: Actor, customer_id: int, same: Any) -> list[Offer]:
    scope = acting(actor, Permission.MERGE, Kind.CUSTOMER, Customer)
    rows = scope.narrow(select(Customer.id, Customer.name), Customer).where(same, Customer.id != customer_id)
    return [(id, name) for id, name in session.execute(rows.order_by(Customer.id.desc()).limit(MOST))]


def _move_contacts(session: Session, actor: Actor, stays: Customer, goes: Customer) -> None:
    standing = {_identity(one): one for one in stays.contacts}
    for contact in goes.contacts:
        same = standing.get(_identity(contact))
        if same is None:
            with audit.changing(session, actor, contact):
                contact.customer_id = stays.id
            continue
        with audit.changing(session, actor, same):
            same.title = same.title or contact.title
        _point_to(session, actor, contact, same)
        audit.write(session, actor, AuditAct.DELETED, Contact.__tablename__, contact.id, before=audit.state(contact))
        session.delete(contact)
    session.flush()
    session.expire(stays, ["contacts"])
    session.expire(goes, ["contacts"])


def _point_to(session: Session, actor: Actor, contact: Contact, same: Contact) -> None:
    """Let what names a contact name the one that is the same."""
    theirs = Opportunity.customer_id == contact.customer_id  # they have an index by their customer
    named: list[Any] = [*session.scalars(select(Opportunity).where(theirs, Opportunity.contact_id == contact.id))]
    named += session.scalars(select(Erasure).where(Erasure.contact_id == contact.id))
    for record in named:
        with audit.changing(session, actor, record):
            record.contact_id = same.id


def _identity(contact: Contact) -> tuple[str, str, str]:
    return duplicates.name_key(contact.name), contact.phone_key, contact.email_key


def _move_deals(session: Session, actor: Actor, stays: Customer, goes: Customer, today: date) -> None:
    for opportunity in session.scalars(select(Opportunity).where(Opportunity.customer_id == goes.id).order_by(Opportunity.id)):
        with audit.changing(session, actor, opportunity):
            opportunity.customer_id = stays.id
            opportunity.team_id, opportunity.owner_id = _place(stays)
            opportunity.first_team_id = opportunity.first_team_id or stays.team_id
            opportunity.first_owner_id = opportunity.first_owner_id or stays.owner_id
        if _place(stays) != _place(goes):
            history.record(session, opportunity, OpportunityAct.ASSIGNED, actor, today, today)
    for contract in session.scalars(select(Contract).where(Contract.customer_id == goes.id).order_by(Contract.id)):
        with audit.changing(session, actor, contract):
            contract.customer_id = stays.id
    for lead in session.scalars(select(Lead).where(Lead.customer_id == goes.id).order_by(Lead.id)):
        with audit.changing(session, actor, lead):
            lead.customer_id = stays.id
            lead.team_id, lead.owner_id = _place(stays)  # a converted lead is read with its customer


def _end(session: Session, actor: Actor, stays: Customer, goes: Customer, why: str, today: date) -> None:
    """Keep the move as an assignment where it was one, and let go of the customer; what had gone into it goes on too."""
    if _place(stays) != _place(goes):
        session.add(
            Assignment(
                customer_id=stays.id, from_team_id=goes.team_id, from_owner_id=goes.owner_id, to_team_id=stays.team_id,
                to_owner_id=stays.owner_id, by_id=actor.user_id, at=clock.now(), day=today, why=why,
            )
        )  # fmt: skip
    earlier = session.scalars(select(Customer).where(or_(Customer.id == goes.id, Customer.merged_into_id == goes.id)).order_by(Customer.id))
    for customer in earlier.all():
        with audit.changing(session, actor, customer):
            customer.merged_into_id = stays.id
            customer.team_id = customer.owner_id = customer.pooled_on = None


def _tell(session: Session, actor: Actor, stays: Customer, goes: Customer, left: int | None) -> None:
    into = N_("{by} merged the customer “{name}” into yours.")
    notices.tell(session, stays.owner_id, into, stays, stays.id, by=actor, name=goes.name)
    if left != stays.owner_id:
        notices.tell(session, left, N_("{by} merged your customer “{name}” with another one."), stays, stays.id, by=actor, name=goes.name)
