"""Leads out of a file: in any state, with the days on which they came and ended."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch, ChangedSinceVerdict, Ref
from crm.importing.contacts import Contacts
from crm.importing.fields import RecordKind
from crm.importing.judged import Context, Judged
from crm.importing.records.base import Columns, Records
from crm.models import Lead
from crm.rules import leads as rules
from crm.services.contacts_taken import OPEN, Keys, MatchedOn
from crm.vocabulary import Kind, LeadStatus


class Leads(Records):
    """A lead is the same by its id in the old system; another with the same contact is a duplicate."""

    kind, model, asks, day = RecordKind.LEADS, Lead, Kind.LEAD, "arrived_on"
    past = ("arrived_on", "handled_on", "closed_on")
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "contact": "contact_name", "company": "company", "phone": "phone", "email": "email", "wechat": "wechat", "region": "region",
        "source": "source_id", "campaign": "campaign_id", "product": "product_id", "intent": "intent", "note": "note", "rep": "owner_id",
        "team": "team_id", "arrived_on": "arrived_on", "status": "status", "failure_reason": "failure_reason",
    }  # fmt: skip

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._contacts = Contacts()

    def load(self, session: Session, rows: list[Judged]) -> None:
        """What the company has by id, and who takes care of these contacts."""
        super().load(session, rows)
        self.newest: int = session.scalar(select(func.max(Lead.id))) or 0
        self._contacts.load(session, (keys for row in rows if not row.faults and (keys := _keys(row))))

    def check(self, row: Judged) -> None:
        """An open lead needs somebody who is there; what has ended stays ended."""
        status = row.values.get("status", LeadStatus.UNPROCESSED)
        person = row.values.get("rep")
        if person in self.names.inactive and status in OPEN and row.standing is None:
            self.check_owner(row, "rep", is_open=True)
        stated = row.stated("status")
        if row.standing is not None and stated is not None and stated is not row.standing.status:
            try:
                rules.check_move(row.standing.status, stated)
            except CrmError as reason:
                self.context.refuse(row, "status", reason)

    def duplicate(self, row: Judged) -> CrmError | None:
        """The same contact, in the company or in a row before."""
        keys = _keys(row)
        return self._contacts.duplicate(row, keys) if keys else None

    def is_recognised(self, row: Judged) -> bool:
        """By its id or by its contact."""
        return super().is_recognised(row) or _keys(row) is not None

    def stated_columns(self, row: Judged) -> Columns:
        """The days that belong to the state besides."""
        columns = super().stated_columns(row)
        status = columns.get("status", row.standing.status if row.standing is not None else LeadStatus.UNPROCESSED)
        ends = row.standing is not None and status is not row.standing.status
        handled, closed = row.stated("handled_on"), row.values.get("closed_on") if ends else row.stated("closed_on")
        if handled is not None and status is not LeadStatus.UNPROCESSED:
            columns["first_handled_on"] = handled
        if closed is not None and status in ENDS:
            columns[ENDS[status]] = closed
        return columns | _key_columns(row, columns)

    def columns_of(self, key: str) -> tuple[str, ...]:
        """The days of the state."""
        return {"handled_on": ("first_handled_on",), "closed_on": tuple(ENDS.values())}.get(key) or super().columns_of(key)

    def add(self, row: Judged, batch: Batch) -> None:
        """A lead as it stands in the file; who held it when it arrived is its rep."""
        values = row.values
        columns = self.filled_columns(row)
        owner, team = values.get("rep"), self._team(row)
        status = columns.setdefault("status", LeadStatus.UNPROCESSED)
        ended, arrived = values.get("closed_on"), values["arrived_on"]
        handled = values.get("handled_on") or (ended if ended else arrived if status is not LeadStatus.UNPROCESSED else None)
        columns |= _key_columns(row, columns) | {
            "team_id": team,
            "first_handled_on": handled if status is not LeadStatus.UNPROCESSED else None,
        }
        if status in ENDS:
            columns[ENDS[status]] = ended
        new = batch.add(
            Lead, arrival_owner_id=owner, arrival_team_id=team, created_at=self.context.now, created_by_id=self.context.actor.user_id,
            converted_by_id=owner if status is LeadStatus.CONVERTED else None, **columns, **self.outside(row),
        )  # fmt: skip
        batch.track(Lead, new)
        batch.created += 1

    def recheck(self, session: Session) -> None:
        """A lead that somebody entered meanwhile may be one of the file's."""
        for keys in session.execute(select(Lead.phone_key, Lead.email_key, Lead.company_key).where(Lead.id > self.newest)):
            if any(key and (what, key) in self._contacts.seen for what, key in zip(MatchedOn, keys, strict=True)):
                raise ChangedSinceVerdict()

    def _team(self, row: Judged) -> Ref | None:
        return self.team_of(row.values.get("rep"), row)


ENDS: Mapping[LeadStatus, str] = {LeadStatus.CONVERTED: "converted_on", LeadStatus.FAILED: "failed_on"}
"""The day that each end of a lead is dated by."""


def _keys(row: Judged) -> Keys | None:
    """By what the row's contact is compared; None where it says nothing of it."""
    values = row.values
    told = values.get("phone", ""), values.get("email", ""), values.get("company", "")
    if not any(told):
        return None
    keys: Keys | None = values.get("keys")
    if keys is None:
        keys = values["keys"] = Keys.of(*told)
    return keys


def _key_columns(row: Judged, columns: Mapping[str, Any]) -> Columns:
    """The keys of what a row states of the contact."""
    keys = _keys(row)
    if keys is None:
        return {}
    named = (("phone_key", keys.phone, "phone"), ("email_key", keys.email, "email"), ("company_key", keys.company, "company"))
    return {name: key for name, key, told in named if told in columns}
