"""Who is the same contact, asked for a whole file at once: within the file, and in the company.

The rule is that of a single lead (crm.rules.duplicates): phone, e-mail, company, complete and normalised. What is told of a record
that others take care of is since when and by which team, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from crm.errors import CrmError
from crm.importing.directory import STANDING, in_lots
from crm.importing.judged import Judged
from crm.models import Contact, Customer, Lead, Team
from crm.services.contacts_taken import OPEN, Keys, MatchedOn
from crm.services.leads import AlreadyTakenCareOf
from crm.vocabulary import N_, Message


class SameContactInFile(CrmError):
    """Two rows of the file are one contact."""

    message = N_("The same contact as row {row} (by {what}).")


MATCHED: Mapping[MatchedOn, str] = {MatchedOn.PHONE: N_("phone"), MatchedOn.EMAIL: N_("e-mail"), MatchedOn.COMPANY: N_("company")}


@dataclass(frozen=True, slots=True)
class Taken:
    """Since when and by which team a contact is taken care of."""

    since: date
    team: str


class Contacts:
    """The contacts of the company that a file may name once more, and those that the file itself has named so far."""

    def __init__(self) -> None:
        self._taken: dict[tuple[MatchedOn, str], Taken] = {}
        self.seen: dict[tuple[MatchedOn, str], int] = {}

    def load(self, session: Session, keys: Iterable[Keys]) -> None:
        """Ask the company for all these keys at once."""
        asked = list(keys)
        for matched_on in MatchedOn:
            values = dict.fromkeys(key for one in asked if (key := getattr(one, matched_on.value)))
            for rows, column in _questions(matched_on) if values else ():
                for key, since, team in in_lots(session, rows, column, values):
                    self._taken.setdefault((matched_on, key), Taken(since, team or ""))

    def duplicate(self, row: Judged, keys: Keys) -> CrmError | None:
        """Of whom the row is a duplicate; a row that is none is remembered."""
        named = [(matched_on, key) for matched_on in MatchedOn if (key := getattr(keys, matched_on.value))]
        for one in named:
            if one in self._taken:
                taken = self._taken[one]
                return AlreadyTakenCareOf(since=taken.since, team=taken.team or Message(N_("the company's pool")), hits=())
        for one in named:
            if one in self.seen:
                return SameContactInFile(row=self.seen[one], what=Message(MATCHED[one[0]]))
        for one in named:
            self.seen[one] = row.number
        return None


def _questions(matched_on: MatchedOn) -> list[tuple[Any, Any]]:
    """Customers first, then open leads."""
    of_lead = {MatchedOn.PHONE: Lead.phone_key, MatchedOn.EMAIL: Lead.email_key, MatchedOn.COMPANY: Lead.company_key}[matched_on]
    leads = select(of_lead, Lead.arrived_on, Team.name).join(Team, Team.id == Lead.team_id, isouter=True).where(Lead.status.in_(OPEN))
    if matched_on is MatchedOn.COMPANY:
        standing = aliased(Customer)  # the customer, or the one that it went into
        customers = (
            select(Customer.name_key, Customer.created_on, Team.name)
            .join(standing, standing.id == STANDING)
            .join(Team, Team.id == standing.team_id, isouter=True)
        )
        return [(customers, Customer.name_key), (leads, of_lead)]
    of_contact = Contact.phone_key if matched_on is MatchedOn.PHONE else Contact.email_key
    contacts = (
        select(of_contact, Customer.created_on, Team.name)
        .join(Customer, Customer.id == Contact.customer_id)
        .join(Team, Team.id == Customer.team_id, isouter=True)
    )
    return [(contacts, of_contact), (leads, of_lead)]
