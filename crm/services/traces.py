"""What is kept of a person besides contact and leads: what was written, what the audit log says of it, what imports keep for their undo.

The erasing of a person's data (`erasures`) goes through all of it. Texts keep their sense, with a dash where the person was named; lines of
the audit log keep that something happened, and nothing of what.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from crm import audit
from crm.models import (
    Assignment,
    AuditEntry,
    Base,
    Claim,
    Comment,
    CompetitionRecord,
    Contact,
    Contract,
    ContractHistory,
    Cost,
    Customer,
    Erasure,
    FollowUp,
    FollowUpVersion,
    ImportedRecord,
    Invoice,
    Lead,
    LeadNote,
    Notification,
    Opportunity,
    PaymentPlan,
    Quote,
    Receipt,
)
from crm.rules.erasing import ERASED, without
from crm.scope import Actor
from crm.vocabulary import AuditAct

Texts = Sequence[tuple[Any, Sequence[str]]]
"""Records, each with its columns that people write into."""

PERSONAL: Mapping[str, Mapping[str, str]] = {
    Contact.__tablename__: dict.fromkeys(("phone", "phone_key", "email", "email_key", "title"), "") | {"name": ERASED},
    Lead.__tablename__: dict.fromkeys(("phone", "phone_key", "email", "email_key", "wechat"), "") | {"contact_name": ERASED},
}
"""What of a contact and of a lead is the person's own, and what stands there afterwards."""


WRITTEN: Mapping[str, Mapping[Any, Sequence[str]]] = {
    "contact_id": {Erasure: ("reason",)},
    "lead_id": {LeadNote: ("content",), Claim: ("reason",)},
    "customer_id": {
        Assignment: ("why",), Claim: ("reason",), Opportunity: ("title", "loss_note", "next_step"), Contract: ("void_reason",),
    },
    "opportunity_id": {
        FollowUp: ("content", "feedback", "problem", "problem_answer", "next_step"), Comment: ("content",), CompetitionRecord: ("note",),
        Quote: ("terms", "decision_note"),
    },
    "follow_up_id": {FollowUpVersion: ("content", "feedback", "problem", "next_step")},
    "contract_id": {
        ContractHistory: ("reason",), PaymentPlan: ("reason", "decline_reason"), Receipt: ("note", "cancel_reason"),
        Cost: ("note", "cancel_reason"), Invoice: ("cancel_reason",),
    },
}  # fmt: skip
"""The columns into which people write, by what their record hangs on."""

LEADS_ON: Mapping[Any, str] = {Opportunity: "opportunity_id", Contract: "contract_id", FollowUp: "follow_up_id"}
"""Records on which others hang."""


def secrets_of(contact: Contact, leads: Iterable[Lead]) -> list[str]:
    """The names, numbers and addresses by which the person is known, as they were typed and as they are compared."""
    told = [contact.name, contact.phone, contact.phone_key, contact.email, contact.email_key]
    for lead in leads:
        told += [lead.contact_name, lead.phone, lead.phone_key, lead.email, lead.email_key, lead.wechat]
    return [secret for secret in dict.fromkeys(told) if secret and secret != ERASED]


def as_merged(session: Session, customer: Customer) -> list[Customer]:
    """The customer, and those that went into it."""
    return [customer, *session.scalars(select(Customer).where(Customer.merged_into_id == customer.id).order_by(Customer.id))]


def strip(session: Session, actor: Actor, contact: Contact, customer: Customer, leads: Sequence[Lead], secrets: Sequence[str]) -> None:
    """Take what names the person out of everything but the contact and the leads themselves."""
    written = _written(session, contact, customer, leads)
    lines = _lines(session, [contact, *leads], [record for record, _columns in written], secrets)
    _strip_texts(session, actor, written, secrets)
    _strip_notices(session, customer, leads, secrets)
    _strip_imports(session, [contact, *leads, *(record for record, _columns in written)], secrets)
    audit.empty(session, actor, lines)


def erased(session: Session, actor: Actor, record: Any) -> None:
    """A line of the audit log that says that data were erased, without them."""
    session.flush()
    audit.write(session, actor, AuditAct.CHANGED, record.__tablename__, record.id, after=audit.EMPTIED)


def _written(session: Session, contact: Contact, customer: Customer, leads: Sequence[Lead]) -> Texts:
    """What was written on the person's leads and on the customer's sales and contracts, follow-ups as they were before included."""
    said: list[tuple[Any, Sequence[str]]] = [(one, ("note",)) for one in as_merged(session, customer)]
    said += [(lead, ("note", "failure_reason", "intent")) for lead in leads]
    hanging: list[tuple[str, Sequence[Any]]] = [("contact_id", [contact]), ("customer_id", [customer]), ("lead_id", leads)]
    while hanging:
        column, records = hanging.pop()
        for model, columns in WRITTEN[column].items():
            ids = [record.id for record in records]
            found = session.scalars(select(model).where(getattr(model, column).in_(ids))).all() if ids else ()
            said += [(one, columns) for one in found]
            if model in LEADS_ON:
                hanging.append((LEADS_ON[model], found))
    return list({(type(one), one.id): (one, columns) for one, columns in said}.values())


def _strip_texts(session: Session, actor: Actor, written: Texts, secrets: Sequence[str]) -> None:
    for record, columns in written:
        found = {name: without(getattr(record, name), secrets) for name in columns}
        if any(getattr(record, name) != text for name, text in found.items()):
            for name, text in found.items():
                setattr(record, name, text)
            erased(session, actor, record)


def _strip_notices(session: Session, customer: Customer, leads: Sequence[Lead], secrets: Sequence[str]) -> None:
    told = select(Notification).where(_any_of(Notification, [customer, *leads]))
    for notice in session.scalars(told):
        values = {name: without(str(value), secrets) for name, value in json.loads(notice.values).items()}
        notice.values = json.dumps(values, ensure_ascii=False)


def _strip_imports(session: Session, records: Iterable[Any], secrets: Sequence[str]) -> None:
    """What stood there before an import changed it: an undo brings it back without the person."""
    for kept in session.scalars(select(ImportedRecord).where(ImportedRecord.before != "", _any_of(ImportedRecord, records))):
        said, personal = json.loads(kept.before), PERSONAL.get(kept.subject, {})
        stripped = {name: without(value, secrets) for name, value in said["columns"].items() if isinstance(value, str)}
        said["columns"] |= stripped | {name: personal[name] for name in said["columns"] if name in personal}
        kept.before = json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _lines(session: Session, persons: Iterable[Any], written: Iterable[Any], secrets: Sequence[str]) -> list[AuditEntry]:
    """The lines of the audit log about the person's own records, about the same contact before two customers were merged, and those
    about what was written in which the person is named."""
    own = set(session.scalars(select(AuditEntry).where(_any_of(AuditEntry, persons))))
    doubles = select(AuditEntry).where(AuditEntry.subject == Contact.__tablename__, AuditEntry.act == AuditAct.DELETED)
    others = [*session.scalars(select(AuditEntry).where(_any_of(AuditEntry, written))), *session.scalars(doubles)]
    named = {line for line in others if any(without(text, secrets) != text for text in (line.before, line.after))}
    return sorted(own | named, key=lambda line: line.id)


def _any_of(model: Any, records: Iterable[Base]) -> Any:
    """That a row is about one of these records."""
    ids: dict[str, set[int]] = {}
    for record in records:
        ids.setdefault(record.__tablename__, set()).add(record.id)  # type: ignore[attr-defined]
    return or_(*(and_(model.subject == subject, model.subject_id.in_(found)) for subject, found in ids.items()))
