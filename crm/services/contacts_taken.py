"""The duplicate check 避免撞单: who in the company takes care of a contact already.

By phone, e-mail and company name, complete and normalised. Of a record outside of the person's reach it tells the team and since
when, and no field of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from crm import audit, clock
from crm.errors import CrmError
from crm.models import AuditEntry, Base, Contact, Customer, Lead, Team
from crm.rules import duplicates
from crm.scope import Actor
from crm.services.reach import require
from crm.vocabulary import N_, AuditAct, Kind, LeadStatus, Permission

OPEN = (LeadStatus.UNPROCESSED, LeadStatus.WORKING)


LOOKS = "duplicate_checks"
"""What the audit log calls a look by somebody who enters a contact."""

MOST_LOOKS = 120
"""So many looks a person has in an hour."""

SHORTEST_PHONE, SHORTEST_COMPANY = 10, 3
"""Digits and characters from which on a number or a name can be a whole one."""


class TooManyLooks(CrmError):
    """Somebody asks for one contact after the other."""

    message = N_("You have checked {most} contacts within an hour. Please go on later; saving checks once more.")


class MatchedOn(StrEnum):
    """By what two contacts are the same."""

    PHONE = "phone"
    EMAIL = "email"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a contact is compared by; "" where there is nothing to compare."""

    phone: str
    email: str
    company: str

    @classmethod
    def of(cls, phone: str = "", email: str = "", company: str = "") -> "Keys":
        return cls(duplicates.phone_key(phone), duplicates.email_key(email), duplicates.company_key(company))


@dataclass(frozen=True, slots=True)
class Hit:
    """A lead or customer that is the same contact. `record_id` and `name` are empty where it is out of the person's reach."""

    subject: str
    matched_on: MatchedOn
    since: date
    team: str
    record_id: int | None
    name: str


def hits(session: Session, actor: Actor, keys: Keys) -> list[Hit]:
    """The open leads and the customers of the whole company that these keys name, each once; phone before e-mail before name."""
    found: dict[tuple[str, int], Hit] = {}
    for matched_on, key, statements in _questions(keys):
        for model, statement in statements if key else ():
            for record_id, name, since, team in session.execute(statement):
                mine = _within(session, actor, model, record_id)
                hit = Hit(model.__tablename__, matched_on, since, team or "", record_id if mine else None, name if mine else "")
                found.setdefault((model.__tablename__, record_id), hit)
    return list(found.values())


def held_by_others(session: Session, actor: Actor, keys: Keys) -> tuple[type[Lead] | type[Customer], int, MatchedOn] | None:
    """The first lead or customer out of this person's reach that these keys name: what they may claim."""
    for matched_on, key, statements in _questions(keys):
        for model, statement in statements if key else ():
            for record_id, *_told in session.execute(statement):
                if not _within(session, actor, model, record_id):
                    return cast(type[Lead] | type[Customer], model), record_id, matched_on
    return None


def look(session: Session, actor: Actor, *, phone: str = "", email: str = "", company: str = "") -> list[Hit]:
    """The check while somebody types: of complete numbers, addresses and names alone, each look kept in the audit log.

    `TooManyLooks` beyond what a person needs in an hour: else the company's contacts could be asked for one by one.
    """
    require(actor, Permission.CREATE, Kind.LEAD)
    keys = complete(Keys.of(phone, email, company))
    if not any((keys.phone, keys.email, keys.company)):
        return []
    note_look(session, actor)
    return hits(session, actor, keys)


def note_look(session: Session, actor: Actor) -> None:
    """Keep that somebody asked whether a contact is taken, and refuse the one too many."""
    recently = select(func.count()).select_from(AuditEntry).where(
        AuditEntry.by_id == actor.user_id, AuditEntry.at > clock.now() - timedelta(hours=1), AuditEntry.subject == LOOKS
    )  # fmt: skip
    if (session.scalar(recently) or 0) >= MOST_LOOKS:
        raise TooManyLooks(most=MOST_LOOKS)
    audit.write(session, actor, AuditAct.CREATED, LOOKS)


def complete(keys: Keys) -> Keys:
    """These keys without what is not a whole number, address or name yet: nobody is asked about beginnings."""
    local, _, domain = keys.email.rpartition("@")
    return Keys(
        keys.phone if len(keys.phone.lstrip("+")) >= SHORTEST_PHONE else "",
        keys.email if local and "." in domain.strip(".") else "",
        keys.company if len(keys.company) >= SHORTEST_COMPANY else "",
    )


def customer_of(session: Session, keys: Keys) -> Customer | None:
    """The customer that these keys name, whoever holds it; the oldest where there are several."""
    for _, key, statements in _questions(keys):
        for model, statement in statements if key else ():
            row = session.execute(statement).first() if model is Customer else None
            if row:
                return session.get_one(Customer, row[0])
    return None


Statement = Select[int, str, date, str]


def _questions(keys: Keys) -> Sequence[tuple[MatchedOn, str, Sequence[tuple[type[Base], Statement]]]]:
    """What is asked of the database for each key, with the indexes that answer it."""
    contacts = _customers().join(Contact, Contact.customer_id == Customer.id)
    return (
        (MatchedOn.PHONE, keys.phone, ((Customer, contacts.where(Contact.phone_key == keys.phone)), _leads(Lead.phone_key, keys.phone))),
        (MatchedOn.EMAIL, keys.email, ((Customer, contacts.where(Contact.email_key == keys.email)), _leads(Lead.email_key, keys.email))),
        (
            MatchedOn.COMPANY,
            keys.company,
            ((Customer, _customers().where(_is_called(keys.company))), _leads(Lead.company_key, keys.company)),
        ),
    )


def _customers() -> Any:
    return (
        select(Customer.id, Customer.name, Customer.created_on, Team.name)
        .join(Team, Team.id == Customer.team_id, isouter=True)
        .where(Customer.merged_into_id.is_(None))
        .order_by(Customer.id)
        .distinct()
    )


def _is_called(key: str) -> ColumnElement[bool]:
    """That a customer has this name, or had it before others were merged into it."""
    once = aliased(Customer)
    return or_(Customer.name_key == key, Customer.id.in_(select(once.merged_into_id).where(once.name_key == key)))


def _leads(column: Any, key: str) -> tuple[type[Base], Any]:
    """The open leads with this key."""
    rows = select(Lead.id, Lead.contact_name, Lead.arrived_on, Team.name).join(Team, Team.id == Lead.team_id, isouter=True)
    return Lead, rows.where(column == key, Lead.status.in_(OPEN)).order_by(Lead.id)


def _within(session: Session, actor: Actor, model: type[Base], record_id: int) -> bool:
    key = model.__table__.c.id
    return session.scalar(actor.scope.narrow(select(key), model).where(key == record_id)) is not None
