"""An open record hears of changes by others: its page gets a token when it is drawn, and shows it once a second.

The token is given out only by who may see the record, is signed, and names the person: so asking again needs no look at the
scope. All that it tells is that something changed; what changed is read anew, within reach (dashboard/callbacks/hearing.py).
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Connection, text

from crm.vocabulary import Kind

STANDS = {
    Kind.OPPORTUNITY: text(
        "select version, (select max(id) from comments where opportunity_id = :id),"
        " (select max(id) from follow_ups where opportunity_id = :id),"
        " (select max(edited_at) from follow_ups where opportunity_id = :id),"
        " (select count(*) from follow_ups where opportunity_id = :id and problem_solved_at is not null),"
        " (select count(*) from quotes where opportunity_id = :id), (select sum(version) from quotes where opportunity_id = :id),"
        " (select count(*) from contracts where opportunity_id = :id), (select sum(version) from contracts where opportunity_id = :id),"
        " (select count(*) from competition_records where opportunity_id = :id), (select max(audit_entries.id) from audit_entries"
        " join competition_records on audit_entries.subject = 'competition_records'"
        " and audit_entries.subject_id = competition_records.id where competition_records.opportunity_id = :id),"
        " (select count(*) from opportunity_readers where opportunity_id = :id),"
        " (select count(*) from opportunity_readers where opportunity_id = :id and withdrawn_at is not null)"
        " from opportunities where id = :id"
    ),
    Kind.QUOTE: text(  # all revisions of the offer on one opportunity
        "select version, (select count(*) from quotes where opportunity_id = :id),"
        " (select sum(version) from quotes where opportunity_id = :id) from opportunities where id = :id"
    ),
    Kind.CONTRACT: text(
        "select version, (select count(*) from costs where contract_id = :id), (select sum(version) from costs where contract_id = :id),"
        " (select count(*) from invoices where contract_id = :id), (select sum(version) from invoices where contract_id = :id),"
        " (select count(*) from files where subject = 'contracts' and subject_id = :id), (select count(*) from files"
        " where subject = 'invoices' and subject_id in (select id from invoices where contract_id = :id))"
        " from contracts where id = :id"
    ),
    Kind.LEAD: text("select version, (select max(id) from lead_notes where lead_id = :id) from leads where id = :id"),
    Kind.CUSTOMER: text(
        "select version, (select max(id) from assignments where customer_id = :id),"
        " (select count(*) from opportunities where customer_id = :id), (select sum(version) from opportunities where customer_id = :id),"
        " (select count(*) from contracts where customer_id = :id), (select sum(version) from contracts where customer_id = :id),"
        " (select count(*) from contacts where customer_id = :id), (select max(audit_entries.id) from audit_entries join contacts"
        " on audit_entries.subject = 'contacts' and audit_entries.subject_id = contacts.id where contacts.customer_id = :id)"
        " from customers where id = :id"
    ),
}
"""What differs after every change that the page of a record of this kind shows, in one row."""


def mark(connection: Connection, kind: Kind, record_id: int, user_id: int) -> Mapping[str, Any]:
    """What the page of a record carries so that it hears: attributes of one of its elements."""
    return {"data-watch": token(kind, record_id, user_id), "data-stamp": stamp_of(connection, kind, record_id)}


def token(kind: Kind, record_id: int, user_id: int) -> str:
    """What the page of a record shows for this person."""
    return _signer().dumps([kind.value, record_id, user_id])


def stamp(connection: Connection, shown: str, user_id: int) -> str | None:
    """How the record of the token stands, as a text that differs after every change; None without a token of this person's."""
    if not shown:
        return None
    try:
        kind, record_id, whose = _signer().loads(shown)
    except (BadSignature, ValueError):
        return None
    return stamp_of(connection, Kind(kind), record_id) if whose == user_id else None


def stamp_of(connection: Connection, kind: Kind, record_id: int) -> str:
    """How the record stands now."""
    row = connection.execute(STANDS[kind], {"id": record_id}).one_or_none()
    return hashlib.sha256(repr(tuple(row)).encode()).hexdigest()[:16] if row else ""


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="watched record")
