"""Erasing a person's data on request: an executive and an administrator together, the one asks and the other does it. Figures stay.

What names the person goes from the contact, from leads of the same person, from what was written about the customer's sales, and from
what the audit log and the undo of imports kept of all that (`crm.services.traces`). That it happened stays. A backup made before keeps
what it holds: it is deleted, or the erasure is done once more after a restore.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from crm import audit, clock
from crm.errors import CrmError, NotFound
from crm.models import (
    Contact,
    Customer,
    Erasure,
    Lead,
    User,
    UserRole,
)
from crm.rules.duplicates import name_key
from crm.rules.erasing import ERASED
from crm.scope import Actor
from crm.services import notices, traces
from crm.services.contacts_taken import OPEN, Keys, complete
from crm.services.input_types import Email, Phone, Reason
from crm.services.inputs import Control, Input, field
from crm.services.reach import find_to, require
from crm.vocabulary import N_, Kind, Permission, Role

TOGETHER = {Role.EXECUTIVE: Role.ADMINISTRATOR, Role.ADMINISTRATOR: Role.EXECUTIVE}
"""Who does what the other one asks for."""


class NobodyKnown(CrmError):
    """No contact has this number or address."""

    message = N_("No contact of the company has this phone number or e-mail address.")


class ErasedAlready(CrmError):
    """A request is done or withdrawn once."""

    message = N_("This was erased or withdrawn already.")


class AnotherHasToErase(CrmError):
    """Who asks does not do it too."""

    message = N_("An executive and an administrator erase together: the other one has to confirm.")


class StillALead(CrmError):
    """Somebody follows an open lead of this person."""

    message = N_("An open lead has this contact. It has to be converted or to fail first.")


class AskErasure(Input):
    """Why a contact's data go."""

    reason: Annotated[Reason, field(N_("Who asked for it, and how"), Control.AREA)]


class AskForPerson(AskErasure):
    """The person who asked, by a complete phone number or e-mail address: an administrator sees no contacts."""

    phone: Annotated[Phone, field(N_("Phone"))] = ""
    email: Annotated[Email, field(N_("E-mail"))] = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits. `contact` and `customer` are empty for who sees no customers; `mine`: it waits for this person to do it."""

    id: int
    contact: str
    customer: str
    customer_id: int | None
    reason: str
    asked_by: str
    asked_at: datetime
    mine: bool


def ask(session: Session, actor: Actor, contact_id: int, values: AskErasure) -> Erasure:
    """Ask for a contact's data to be erased; a request that waits already stays the one."""
    contact = find_to(session, actor, Permission.ERASE, Kind.CUSTOMER, Contact, contact_id)
    return _ask(session, actor, contact, values.reason)


def ask_for(session: Session, actor: Actor, values: AskForPerson) -> Erasure:
    """The same by a number or an address. The page keeps and limits each such look, as any look for a contact (`contacts_taken`)."""
    require(actor, Permission.ERASE, Kind.CUSTOMER)
    keys = complete(Keys.of(values.phone, values.email))
    same = [column == key for column, key in ((Contact.phone_key, keys.phone), (Contact.email_key, keys.email)) if key]
    contact = session.scalar(select(Contact).where(or_(*same)).order_by(Contact.id).limit(1)) if same else None
    if contact is None:
        raise NobodyKnown()
    return _ask(session, actor, contact, values.reason)


def waiting(session: Session, actor: Actor) -> list[Waiting]:
    """The requests that are neither done nor withdrawn, the oldest first."""
    require(actor, Permission.ERASE, Kind.CUSTOMER)
    asker = aliased(User)
    rows = (
        select(Erasure, asker.name, Contact.name, Customer.name, Customer.id)
        .join(asker, asker.id == Erasure.asked_by_id)
        .join(Contact, Contact.id == Erasure.contact_id)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None))
        .order_by(Erasure.id)
    )
    sees = actor.may(Permission.READ, Kind.CUSTOMER)
    return [
        Waiting(
            one.id, contact if sees else "", customer if sees else "", id if sees else None, one.reason, by, one.asked_at,
            _is_the_other(session, actor, one),
        )
        for one, by, contact, customer, id in session.execute(rows)
    ]  # fmt: skip


def erase(session: Session, actor: Actor, erasure_id: int) -> Erasure:
    """Do what the other one asked for; it can't be undone."""
    audit.hold_seals(session)
    request = _find(session, actor, erasure_id)
    if not _is_the_other(session, actor, request):
        raise AnotherHasToErase()
    contact = session.get_one(Contact, request.contact_id)
    leads = _leads(session, contact)
    if any(lead.status in OPEN for lead in leads):
        raise StillALead()
    customer = session.get_one(Customer, contact.customer_id)
    secrets = traces.secrets_of(contact, leads)
    traces.strip(session, actor, contact, customer, leads, secrets)
    for one in traces.as_merged(session, customer):
        if name_key(one.name) == name_key(contact.name):  # a private person
            one.name, one.name_key, one.erased_at = ERASED, "", clock.now()
            traces.erased(session, actor, one)
    for lead in leads:
        _erase_lead(session, actor, lead)
    contact.name, contact.phone, contact.phone_key, contact.email, contact.email_key, contact.title = ERASED, "", "", "", "", ""
    contact.erased_at = clock.now()
    traces.erased(session, actor, contact)
    with audit.changing(session, actor, request):
        request.done_by_id, request.done_at = actor.user_id, clock.now()
    return request


def withdraw(session: Session, actor: Actor, erasure_id: int) -> Erasure:
    """Leave the data as they are: who asked, or who was asked."""
    request = _find(session, actor, erasure_id)
    with audit.changing(session, actor, request):
        request.withdrawn_at = clock.now()
    return request


def _ask(session: Session, actor: Actor, contact: Contact, reason: str) -> Erasure:
    if contact.erased_at is not None:
        raise ErasedAlready()
    standing = session.scalar(
        select(Erasure).where(Erasure.contact_id == contact.id, Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None))
    )
    if standing:
        return standing
    request = Erasure(contact_id=contact.id, reason=reason, asked_by_id=actor.user_id, asked_at=clock.now())
    session.add(request)
    audit.created(session, actor, request)
    others = {TOGETHER[role] for role in actor.roles if role in TOGETHER}
    asked = select(UserRole.user_id).join(User, User.id == UserRole.user_id).where(UserRole.role.in_(others), User.active).distinct()
    for user_id in session.scalars(asked.order_by(UserRole.user_id)):
        notices.tell(session, user_id, N_("{by} asks you to erase a person's data with them."), request, request.id, by=actor)
    return request


def _find(session: Session, actor: Actor, erasure_id: int) -> Erasure:
    require(actor, Permission.ERASE, Kind.CUSTOMER, Erasure, erasure_id)
    request = session.get(Erasure, erasure_id)
    if request is None:
        raise NotFound()
    if request.done_at is not None or request.withdrawn_at is not None:
        raise ErasedAlready()
    return request


def _is_the_other(session: Session, actor: Actor, request: Erasure) -> bool:
    """Whether this person has the role that the one who asked has not."""
    if request.asked_by_id == actor.user_id:
        return False
    asked_as = set(session.scalars(select(UserRole.role).where(UserRole.user_id == request.asked_by_id)))
    return any(role in actor.roles and other in asked_as for role, other in TOGETHER.items())


def _leads(session: Session, contact: Contact) -> list[Lead]:
    """The leads of the same person: of the same name, with the same number or address."""
    keys = [column == key for column, key in ((Lead.phone_key, contact.phone_key), (Lead.email_key, contact.email_key)) if key]
    same = session.scalars(select(Lead).where(or_(*keys)).order_by(Lead.id)).all() if keys else []
    return [lead for lead in same if name_key(lead.contact_name) == name_key(contact.name)]


def _erase_lead(session: Session, actor: Actor, lead: Lead) -> None:
    if name_key(lead.company) == name_key(lead.contact_name):
        lead.company, lead.company_key = "", ""
    lead.contact_name, lead.phone, lead.phone_key, lead.email, lead.email_key, lead.wechat = ERASED, "", "", "", "", ""
    traces.erased(session, actor, lead)
