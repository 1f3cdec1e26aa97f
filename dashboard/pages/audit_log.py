"""How the audit log looks: a list, the newest first, with what changed where the reader may see the record."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from dash import html
from sqlalchemy.orm import Session

from crm.models import User
from crm.scope import Actor
from crm.services import audit_log, inputs, offers
from crm.services.audit_log import AUDIT, Line, Seals
from crm.vocabulary import AuditAct, Kind, Permission
from dashboard import session
from dashboard.components.page import button
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, NOTHING, _, moment, money, word

SUBJECTS: Mapping[str, str] = {
    "leads": N_("Lead"), "lead_notes": N_("Lead note"), "customers": N_("Customer"), "contacts": N_("Contact"),
    "opportunities": N_("Opportunity"), "follow_ups": N_("Follow-up"), "comments": N_("Comment"), "quotes": N_("Quote"),
    "contracts": N_("Contract"), "payment_plans": N_("Payment plan"), "receipts": N_("Receipt"), "costs": N_("Cost"),
    "invoices": N_("Invoice"), "files": N_("File"), "users": N_("User"), "teams": N_("Team"), "departments": N_("Department"),
    "lead_sources": N_("Lead source"), "campaigns": N_("Campaign"), "products": N_("Product"), "stages": N_("Stage"),
    "follow_up_methods": N_("Follow-up method"), "loss_reasons": N_("Loss reason"), "competitors": N_("Competitor"),
    "competition_factors": N_("Strength or weakness"), "competition_records": N_("Competition record"),
    "cost_categories": N_("Cost category"), "sales_targets": N_("Sales target"), "settings": N_("Settings"),
    "closed_months": N_("Closed month"), "import_runs": N_("Import"), "reports": N_("Reports"),
    "opportunity_readers": N_("Read access"), "claims": N_("Claim"), "erasures": N_("Erasure"), "deputies": N_("Deputy"),
    "duplicate_checks": N_("Duplicate check"), "audit_seals": N_("Seal"),
}  # fmt: skip
"""What a record of each table is called; another one is called by its table."""

FIELDS: Mapping[str, str] = {
    "id": N_("No."), "name": N_("Name"), "title": N_("Title"), "number": N_("No."), "kind": N_("Kind"), "owner_id": N_("Sales rep"),
    "user_id": N_("Person's name"), "status": N_("Status"), "active": N_("In use"), "amount": N_("Amount"), "at": N_("When"),
    "by_id": N_("By"), "reason": N_("Reason"), "note": N_("Note"), "lead_id": N_("Lead"), "opportunity_id": N_("Opportunity"),
    "contract_id": N_("Contract"), "quote_id": N_("Quote"), "file_id": N_("File"), "reply_to_id": N_("Reply"),
    "source_lead_id": N_("Lead"), "merged_into_id": N_("Merged into"), "claimant_id": N_("Claimed by"), "matched_on": N_("Same in"),
    "agreed_by_claimant_lead_id": N_("Agreed, of the claimant's team"), "agreed_by_holder_lead_id": N_("Agreed, of the holder's team"),
    "granted": N_("Granted"), "principal_id": N_("Stands in for"), "granted_by_id": N_("Allowed by"), "signer_id": N_("Signer"),
    "signer_team_id": N_("Signer's team"), "created_on": N_("Created on"), "created_at": N_("Created at"),
    "created_by_id": N_("Created by"), "recorded_on": N_("Written down on"), "completed_on": N_("Completed on"),
    "voided_on": N_("Voided on"), "void_reason": N_("Reason"), "cancelled_on": N_("Cancelled on"), "cancel_reason": N_("Reason"),
    "cancelled_by_id": N_("Cancelled by"), "pooled_on": N_("Waiting since"), "arrived_on": N_("Arrived on"),
    "arrival_owner_id": N_("Rep at arrival"), "arrival_team_id": N_("Team at arrival"), "first_handled_on": N_("First handled on"),
    "converted_on": N_("Converted on"), "converted_by_id": N_("Converted by"), "converted_owner_id": N_("Rep at conversion"),
    "failed_on": N_("Failed on"), "failure_reason": N_("Reason"), "first_owner_id": N_("First rep"), "first_team_id": N_("First team"),
    "closed_on": N_("Closed on"), "closed_at": N_("Closed at"), "closed_by_id": N_("Closed by"), "reopened_at": N_("Reopened at"),
    "reopened_by_id": N_("Reopened by"), "loss_reason_id": N_("Loss reason"), "loss_competitor_id": N_("Competitor"),
    "loss_note": N_("Note"), "last_followed_up_on": N_("Last follow-up"), "published_at": N_("Published at"),
    "published_by_id": N_("Published by"), "problem_answer": N_("Answer"), "problem_solved_at": N_("Solved at"),
    "problem_solved_by_id": N_("Solved by"), "edited_at": N_("Edited at"), "revision": N_("Revision"), "proposed": N_("Proposed"),
    "declined": N_("Declined"), "declined_at": N_("Declined at"), "declined_by_id": N_("Declined by"),
    "decline_reason": N_("Why it was declined"),
    "total": N_("Total"), "decision_id": N_("Decision"), "submitted_at": N_("Submitted at"), "submitted_on": N_("Submitted on"),
    "submitted_by_id": N_("Submitted by"), "decided_at": N_("Decided at"), "decided_on": N_("Decided on"),
    "decided_by_id": N_("Decided by"), "decision_note": N_("Word on it"), "asked_by_id": N_("Asked by"), "asked_at": N_("Asked at"),
    "done_by_id": N_("Done by"), "done_at": N_("Done at"), "withdrawn_at": N_("Withdrawn at"), "erased_at": N_("Erased at"),
    "opened_at": N_("Opened at"), "settled_at": N_("Settled at"), "settled_by_id": N_("Settled by"), "granted_at": N_("Since"),
    "uploaded_at": N_("Sent at"), "uploaded_by_id": N_("Sent by"), "content_type": N_("Type"), "size": N_("Size"),
    "subject": N_("Record"), "subject_id": N_("Record's no."), "file_name": N_("File"), "created_count": N_("New"),
    "changed_count": N_("Changed"), "faulty_count": N_("Faulty"), "undone_at": N_("Undone at"), "undone_by_id": N_("Undone by"),
    "valid_from": N_("Holds from"), "valid_to": N_("Holds until"), "position": N_("Order"), "meaning": N_("System meaning"),
    "must_change_password": N_("Must change the password"), "theme": N_("Light or dark"), "last_sign_in_at": N_("Last sign-in"),
    "is_imported": N_("Imported"), "external_id": N_("Id in the old system"), "external_system": N_("Old system"),
    "rows": N_("Rows"), "filters": N_("Filters"), "format": N_("Format"), "report": N_("Report"), "table": N_("Table"),
    "measure": N_("Figure"), "cell": N_("Cell"), "picture": N_("Picture"), "login": N_("Account"), "password": N_("Password"),
    "waiting": N_("Had to wait"), "everywhere": N_("Everywhere"), "erased": N_("Erased"), "act": N_("Act"), "import": N_("Import"),
    "lines": N_("Lines"), "instalments": N_("Instalments"), "roles": N_("Roles"), "strengths": N_("Strengths"),
    "factors": N_("Strengths and weaknesses"), "aliases": N_("Other names"), "named": N_("Instalments it pays"), "value": N_("Value"),
    "role": N_("Role"), "no": N_("No."), "due_on": N_("Due on"), "condition": N_("Condition"), "quantity_milli": N_("Thousandths"),
    "unit_price": N_("Unit price"), "side": N_("Side"), "factor_id": N_("Strength or weakness"),
}  # fmt: skip
"""What columns are called that no form asks for, or that forms call differently."""

UNSAID = frozenset(
    {"version", "since_seq", "phone_key", "email_key", "company_key", "name_key", "name_to_be_found", "sha256", "stored_name", "layout",
     "created_on_supplied", "is_demo", "session_epoch", "password_hash"}
)  # fmt: skip
"""Columns that the program keeps for itself: nobody changes them by hand, and they say nothing that another one does not."""

DAYS = {"1": N_("Today"), "7": N_("Last 7 days"), "30": N_("Last 30 days"), "90": N_("Last 90 days"), "365": N_("Last 365 days")}

CHECK, SEALS = "audit-check", "audit-seals"
"""The button that reads the whole log against its seals, and where it says how they are."""

LONGEST = 400
"""Characters of one value that are shown."""


def subject(table: str) -> str:
    """What a record of a table is called."""
    return _(SUBJECTS[table]) if table in SUBJECTS else table


def changed(line: Line) -> str:
    """What was before and after, field by field; that it is not shown where the record is out of reach."""
    if line.before is None or line.after is None:
        return _("not shown: the record is outside of your reach") if line.subject_id is not None else ""
    keys = sorted({*line.before, *line.after} - UNSAID)
    return "; ".join(_one(key, line.before, line.after) for key in keys)


def called(name: str) -> str:
    """What a column is called."""
    return _(FIELDS.get(name) or inputs.labels().get(name) or name)


def _one(key: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    now = _written(after.get(key))
    change = f"{_written(before[key])} → {now}" if key in before else now
    return _("{field}: {value}", field=called(key), value=change)


def _written(value: Any) -> str:
    text = _value(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _value(value: Any) -> str:
    match value:
        case None | "":
            return NOTHING
        case bool():
            return _("yes") if value else _("no")
        case Decimal():
            return money(value)
        case StrEnum():
            return word(value)
        case list():
            return ", ".join(_value(one) for one in value) or NOTHING
        case dict():
            told = [f"{called(name)} {_value(one)}" for name, one in value.items() if name not in UNSAID and one not in (None, "")]
            return f"({' · '.join(told)})"
    return str(value)


def sentence(seals: Seals) -> str:
    """Whether the log is whole."""
    if seals.broken:
        return _("A seal of this log is broken: lines were changed or removed outside of the application.")
    return _("Sealed up to line {line}; no line is missing or changed.", line=seals.sealed)


def _offers(opened: Session, _actor: Actor) -> Choices:
    return choices_of(
        {
            "by": list(offers.names(opened, User).items()),
            "act": [(act.value, word(act)) for act in AuditAct],
            "subject": [(table, subject(table)) for table in audit_log.subjects(opened)],
            "days": [(days, _(title)) for days, title in DAYS.items()],
        },
        as_they_are=("act", "days"),
    )


def _actions(actor: Actor) -> Sequence[Any]:
    """The seals are checked by who exports the log."""
    if not actor.may(Permission.EXPORT, Kind.AUDIT):
        return ()
    return (html.Span(id=SEALS, className="note", role="status"), button(_("Check the seals"), CHECK))


LIST = ListPage(
    AUDIT,
    title=N_("Audit log"),
    kind=Kind.AUDIT,
    fields=(
        Field("at", N_("When"), "moment", of=lambda line: moment(line.at, ZoneInfo(session.company().zone)), width=144),
        Field("by", N_("By"), of=lambda line: line.by or _("the system"), width=96),
        Field("act", N_("Act"), "word", of=lambda line: word(line.act), width=104),
        Field("subject", N_("Record"), of=lambda line: " ".join([subject(line.subject), *_number(line)]), width=136),
        Field("change", N_("Before → after"), of=changed, width=320, flex=4),
        Field("address", N_("Network address"), width=120),
    ),
    filters={"by": N_("By"), "act": N_("Act"), "subject": N_("Record"), "days": N_("When"), "from": N_("From"), "to": N_("To")},
    days=("from", "to"),
    offers=_offers,
    counted=N_("{count} lines"),
    many=N_("More than {most} lines"),
    seek="",
    opens=lambda _line: None,
    actions=_actions,
    path="/master/audit",
)


def _number(line: Line) -> list[str]:
    return [f"#{line.subject_id}"] if line.subject_id is not None else []
