"""All that one page shows of a lead, read within reach: itself, its notes, how long it has waited, who may go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Customer, Lead, LeadNote, Opportunity, Product, User
from crm.rules.leads import MOVES
from crm.scope import Actor
from crm.services import leads
from crm.services.lead_list import neglected_days
from crm.services.reach import acting
from crm.vocabulary import Kind, Permission


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with this very lead, as it stands now."""

    edit: bool
    assign: bool
    convert: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """A note: by whom, when, what."""

    by: str | None
    at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class LeadOverview:
    """One lead, whole. `customer` and `opportunity` are what became of it, where this person sees them."""

    lead: Lead
    notes: Sequence[Noted]
    product: str | None
    neglected: int | None
    customer: tuple[int, str] | None
    opportunity: tuple[int, str] | None
    rights: Rights


def of_lead(session: Session, actor: Actor, lead_id: int) -> LeadOverview:
    """The lead with its notes, the newest first; `NotFound` out of reach."""
    lead = leads.find(session, actor, lead_id)
    said = select(LeadNote, User.name).join(User, User.id == LeadNote.by_id, isouter=True).where(LeadNote.lead_id == lead.id)
    notes = [Noted(name, note.at, note.content) for note, name in session.execute(said.order_by(LeadNote.id.desc()))]
    product = session.get(Product, lead.product_id) if lead.product_id else None
    customer = actor.scope.narrow(select(Customer.id, Customer.name), Customer).where(Customer.id == lead.customer_id)
    grown = actor.scope.narrow(select(Opportunity.id, Opportunity.title), Opportunity).where(Opportunity.lead_id == lead.id)
    return LeadOverview(
        lead,
        notes,
        product.name if product else None,
        neglected_days(session, lead.status, lead.arrived_on),
        _pair(session, customer) if lead.customer_id else None,
        _pair(session, grown.order_by(Opportunity.id).limit(1)),
        rights(session, actor, lead),
    )


def rights(session: Session, actor: Actor, lead: Lead) -> Rights:
    """What the person may do here; a lead at its end takes no further action."""
    opened = bool(MOVES[lead.status])

    def may(permission: Permission) -> bool:
        scope = acting(actor, permission, Kind.LEAD, Lead)
        return opened and session.scalar(scope.narrow(select(Lead.id), Lead).where(Lead.id == lead.id)) is not None

    return Rights(may(Permission.UPDATE), may(Permission.ASSIGN), may(Permission.CONVERT))


def _pair(session: Session, statement: object) -> tuple[int, str] | None:
    row = session.execute(statement).first()  # type: ignore[call-overload]
    return (row[0], row[1]) if row else None
