"""Customers out of a file, each with one contact."""

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch
from crm.importing.contacts import Contacts
from crm.importing.directory import in_lots
from crm.importing.fields import RecordKind
from crm.importing.judged import Context, Judged
from crm.importing.records.base import Columns, Records
from crm.models import Assignment, Contact, Customer
from crm.rules.duplicates import company_key, email_key, phone_key
from crm.services.contacts_taken import Keys
from crm.vocabulary import N_, Kind


class MergedAlready(CrmError):
    """The row is about a customer that went into another one: what is known of that one stays."""

    message = N_("This customer was merged into “{name}”, which stays as it is.")


class Customers(Records):
    """A customer is the same by its id in the old system; another of the same name or contact is a duplicate.

    One that was merged into another since is a duplicate too: what the two said was settled by who merged them.
    """

    kind, model, asks, day = RecordKind.CUSTOMERS, Customer, Kind.CUSTOMER, "created_on"
    past = ("created_on",)
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "name": "name", "industry": "industry", "region": "region", "address": "address", "note": "note", "owner": "owner_id",
        "team": "team_id",
    }  # fmt: skip

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._contacts = Contacts()
        self._merged: dict[str, str] = {}
        """The name of the customer that stays, by the id in the old system of the one that went into it."""

    def load(self, session: Session, rows: list[Judged]) -> None:
        """What the company has by id, and who takes care of these contacts."""
        super().load(session, rows)
        into = {outside: row.merged_into_id for outside, row in self.standing.items() if row.merged_into_id is not None}
        names = {row.id: row.name for row in in_lots(session, select(Customer.id, Customer.name), Customer.id, into.values())}
        self._merged = {self.standing.pop(outside).external_id: names[id] for outside, id in into.items()}
        self._contacts.load(session, (_keys(row) for row in rows if not row.faults))

    def check(self, row: Judged) -> None:
        """An owner needs a team."""
        self.check_owner(row, "owner", is_open=True)

    def is_recognised(self, row: Judged) -> bool:
        """By its name at the least."""
        return True

    def duplicate(self, row: Judged) -> CrmError | None:
        """The same name or contact, in the company or in a row before; one that went into another."""
        merged = self._merged.get(self.identity(row))
        if merged is not None:
            return MergedAlready(name=merged)
        return self._contacts.duplicate(row, _keys(row))

    def stated_columns(self, row: Judged) -> Columns:
        """A name has a key; one that was to be found has been. Who looks after a customer that stands is assigned, not imported."""
        columns = super().stated_columns(row)
        columns.pop("owner_id", None)
        columns.pop("team_id", None)
        if "name" in columns:
            columns |= {"name_key": company_key(columns["name"]), "name_to_be_found": False}
        return columns

    def add(self, row: Judged, batch: Batch) -> None:
        """A customer, its contact, and whom it was given to."""
        values, context = row.values, self.context
        columns = self.filled_columns(row)
        owner, since = values.get("owner"), values.get("created_on", context.today)
        team = columns["team_id"] = self.team_of(owner, row) if owner is not None else values.get("team")
        new = batch.add(
            Customer, name_key=company_key(values["name"]), pooled_on=None if owner is not None else since, created_at=context.now,
            created_on=since, created_by_id=context.actor.user_id, **columns, **self.outside(row),
        )  # fmt: skip
        batch.track(Customer, new)
        if team is not None:
            batch.add(
                Assignment, customer_id=new, to_team_id=team, to_owner_id=owner, by_id=context.actor.user_id, at=context.moment(since),
                day=since, why=context.note_of_import,
            )  # fmt: skip
        if any(key in values for key in ("contact", "phone", "email")):
            add_contact(row, new, batch)
        batch.created += 1


def add_contact(row: Judged, customer: object, batch: Batch) -> object:
    """The person at the customer whom a row names."""
    values = row.values
    phone, email = values.get("phone", ""), values.get("email", "")
    new = batch.add(
        Contact, customer_id=customer, name=values.get("contact") or values.get("name") or phone or email, phone=phone, email=email,
        phone_key=phone_key(phone), email_key=email_key(email), title=values.get("contact_title", ""),
    )  # fmt: skip
    batch.track(Contact, new, 0)
    return new


def _keys(row: Judged) -> Keys:
    values = row.values
    return Keys.of(values.get("phone", ""), values.get("email", ""), values["name"])
