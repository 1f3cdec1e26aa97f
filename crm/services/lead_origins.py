"""Where an opportunity and a customer come from: the leads that became them or joined them, with all that was noted.

A converted lead is read with its customer; so are its notes, by who takes the customer over.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select
from sqlalchemy.orm import Session, aliased

from crm.models import Campaign, Lead, LeadNote, LeadSource, Opportunity, Product, User
from crm.scope import Actor
from crm.services.lead_overview import Noted
from crm.vocabulary import LeadStatus


@dataclass(frozen=True, slots=True)
class Origin:
    """A converted lead: who it was, how it came, who converted it, and what was noted, the newest first."""

    id: int
    contact: str
    company: str
    source: str
    campaign: str | None
    product: str | None
    intent: str
    note: str
    arrived_on: date
    converted_on: date | None
    converted_by: str | None
    notes: Sequence[Noted]


def of_customer(session: Session, actor: Actor, customer_id: int) -> list[Origin]:
    """The leads of a customer that the person has found within reach, the newest first."""
    return _origins(session, actor, Lead.customer_id == customer_id)


def of_opportunity(session: Session, actor: Actor, opportunity: Opportunity) -> list[Origin]:
    """The lead that the opportunity grew from, and those that joined its customer while it was open and made none of their own."""
    grew_another = exists(select(Opportunity.id).where(Opportunity.lead_id == Lead.id).correlate(Lead))
    last = opportunity.closed_on or date.max
    joined = and_(
        Lead.customer_id == opportunity.customer_id, not_(grew_another), Lead.converted_on.between(opportunity.created_on, last)
    )
    return _origins(session, actor, or_(Lead.id == opportunity.lead_id, joined))


def _origins(session: Session, actor: Actor, which: ColumnElement[bool]) -> list[Origin]:
    converter = aliased(User)
    found: Any = (
        select(
            Lead.id, Lead.contact_name, Lead.company, LeadSource.name, Campaign.name, Product.name, Lead.intent, Lead.note,
            Lead.arrived_on, Lead.converted_on, converter.name,
        )
        .join(LeadSource, LeadSource.id == Lead.source_id)
        .join(Campaign, Campaign.id == Lead.campaign_id, isouter=True)
        .join(Product, Product.id == Lead.product_id, isouter=True)
        .join(converter, converter.id == Lead.converted_by_id, isouter=True)
        .where(which, Lead.status == LeadStatus.CONVERTED)
    )  # fmt: skip
    rows: Sequence[Any] = session.execute(actor.scope.narrow(found, Lead).order_by(Lead.converted_on.desc(), Lead.id.desc())).all()
    notes = _notes(session, [row[0] for row in rows])
    return [Origin(*[*row, notes[row[0]]]) for row in rows]


def _notes(session: Session, lead_ids: Sequence[int]) -> dict[int, list[Noted]]:
    said = select(LeadNote, User.name).join(User, User.id == LeadNote.by_id, isouter=True).where(LeadNote.lead_id.in_(lead_ids))
    found: dict[int, list[Noted]] = defaultdict(list)
    for note, name in session.execute(said.order_by(LeadNote.id.desc())) if lead_ids else ():
        found[note.lead_id].append(Noted(name, note.at, note.content))
    return found
