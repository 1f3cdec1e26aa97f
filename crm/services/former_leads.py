"""The leads that somebody held until they were converted, and holds no more: of these they keep date, source and state, no more.

A converted lead is read with its customer. Its former rep can see that it came to something; not of whom, for whom, or for how much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Lead, LeadSource
from crm.scope import Actor, Former
from crm.services.list_terms import Sort, among
from crm.services.lists import RecordList
from crm.vocabulary import Kind, LeadStatus, Permission, Reach


@dataclass(frozen=True, slots=True)
class FormerLead:
    """What its former rep keeps of a lead."""

    id: int
    arrived_on: date
    source: str
    status: LeadStatus


def of(actor: Actor) -> Former:
    """The former leads of this person."""
    mine = actor.scope
    return Former(mine.user_id, mine.team_ids, mine.reach, mine.aggregate, mine.granted, mine.department_id, mine.own_too)


def has_any_use(actor: Actor) -> bool:
    """Whether there can be former leads of this person: whoever reads all leads has none."""
    return actor.may(Permission.READ, Kind.LEAD) and actor.scope.over(Kind.LEAD) is not Reach.COMPANY


def find(session: Session, actor: Actor, lead_id: int) -> FormerLead:
    """What this person keeps of the lead; `NotFound` where it was not theirs."""
    theirs = session.scalar(of(actor).narrow(select(Lead.id), Lead).where(Lead.id == lead_id))
    if theirs is None:
        raise NotFound()
    (found,) = _rows(session, [theirs])
    return found


def _rows(session: Session, ids: Sequence[int]) -> list[FormerLead]:
    rows = select(Lead.id, Lead.arrived_on, LeadSource.name, Lead.status).join(LeadSource, LeadSource.id == Lead.source_id)
    return [FormerLead(*row) for row in session.execute(rows.where(Lead.id.in_(ids)))]


FORMER_LEADS = RecordList(
    "former_leads",
    Lead,
    sorts={"arrived_on": Sort(Lead.arrived_on)},
    filters={"source": among(Lead.source_id, common=True)},
    rows=_rows,
    within=of,
)
