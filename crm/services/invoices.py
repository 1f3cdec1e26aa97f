"""Invoices 开票 of a contract: written down, edited, cancelled. They are listed and are no receivable.

What an edit changed is kept by the audit log (`changes`); a cancelled invoice stays, and so does its number.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.errors import CrmError
from crm.models import AuditEntry, Contract, Invoice
from crm.scope import Actor
from crm.services import files, months
from crm.services.contracts import AlreadyCancelled, CancelEntry, check_not_voided, dated
from crm.services.files import Files
from crm.services.input_types import Day, Line, PositiveAmount
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import find_to
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, AuditAct, Kind, Permission


class InvoiceNumberTaken(CrmError):
    """Invoice numbers are unique in the company."""

    message = N_("There is an invoice with this number already.")


class IssueInvoice(Input):
    """An invoice as it was issued; listed, not a receivable."""

    number: Annotated[Line, field(N_("Invoice no."))]
    invoiced_on: Annotated[Day, field(N_("Invoiced on"), Control.DAY)]
    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    files: Annotated[Files, field(N_("Files"), Control.FILES)] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What one edit made of an invoice: the fields that differ, as they were and as they became."""

    at: datetime
    by_id: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


EDITED = ("number", "invoiced_on", "amount")
"""What an edit can change."""


def issue(session: Session, actor: Actor, contract_id: int, values: IssueInvoice, *, today: date) -> Invoice:
    """Keep an invoice of a contract."""
    contract = find_to(session, actor, Permission.UPDATE, Kind.COST, Contract, contract_id)
    check_not_voided(contract)
    faults = _checked(session, actor, values, today)
    invoice = Invoice(
        contract_id=contract.id, number=values.number, invoiced_on=values.invoiced_on, amount=values.amount, created_at=clock.now(),
        created_by_id=actor.user_id,
    )  # fmt: skip
    session.add(invoice)
    audit.created(session, actor, invoice)
    files.attach(session, actor, invoice, invoice.id, values.files, faults)
    return invoice


def edit(session: Session, actor: Actor, invoice_id: int, values: IssueInvoice, *, version: int, today: date) -> Invoice:
    """Correct an invoice that counts; files come on top of those it has."""
    invoice = _counting(session, actor, invoice_id)
    check_unchanged(session, invoice, version)
    months.check_open(session, invoice.invoiced_on)
    faults = _checked(session, actor, values, today, invoice.id)
    with audit.changing(session, actor, invoice):
        invoice.number, invoice.invoiced_on, invoice.amount = values.number, values.invoiced_on, values.amount
    files.attach(session, actor, invoice, invoice.id, values.files, faults)
    return invoice


def cancel(session: Session, actor: Actor, invoice_id: int, values: CancelEntry, *, today: date) -> Invoice:
    """Let an invoice count no longer, from today on. It stays, with the reason."""
    invoice = _counting(session, actor, invoice_id)
    months.check_open(session, invoice.invoiced_on)
    with audit.changing(session, actor, invoice):
        invoice.cancelled_on, invoice.cancel_reason = today, values.reason
    return invoice


def changes(session: Session, ids: Sequence[int]) -> dict[int, list[Change]]:
    """The edits of invoices that the person has found within reach, oldest first."""
    written = select(AuditEntry).where(
        AuditEntry.subject == Invoice.__tablename__, AuditEntry.subject_id.in_(ids), AuditEntry.act == AuditAct.CHANGED
    )
    found: dict[int, list[Change]] = {}
    for entry in session.scalars(written.order_by(AuditEntry.id)) if ids else ():
        before, after = (_edited(text) for text in (entry.before, entry.after))
        if after:
            found.setdefault(entry.subject_id or 0, []).append(Change(entry.at, entry.by_id, before, after))
    return found


def _edited(text: str) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(text) if text else {}
    return {name: said[name] for name in EDITED if name in said}


def _counting(session: Session, actor: Actor, invoice_id: int) -> Invoice:
    invoice = find_to(session, actor, Permission.UPDATE, Kind.COST, Invoice, invoice_id)
    if invoice.cancelled_on:
        raise AlreadyCancelled()
    check_not_voided(session.get_one(Contract, invoice.contract_id))
    return invoice


def _checked(session: Session, actor: Actor, values: IssueInvoice, today: date, invoice_id: int = 0) -> Faults:
    """Refuse what the fields say; what is returned has nothing against them so far."""
    faults = dated(session, "invoiced_on", values.invoiced_on, today)
    if session.scalar(select(Invoice.id).where(Invoice.number == values.number, Invoice.id != invoice_id)) is not None:
        faults.add("number", InvoiceNumberTaken())
    files.pending(session, actor, values.files, faults)
    faults.raise_any()
    return faults
