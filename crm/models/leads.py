"""Leads 线索: who might buy, where they came from, and what became of them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.models.base import Base, Day, Id, Imported, Instant, Moment, Name, Short, Versioned, refers, word
from crm.models.master import Campaign, LeadSource
from crm.models.people import Team, User
from crm.vocabulary import LeadStatus


class Lead(Imported, Versioned, Base):
    """线索. `arrival_owner_id`, `arrival_team_id`: the rep and team of the moment it arrived, kept for the deed's credit.

    `converted_owner_id`: who held it when it was converted; it is read with its customer then, and they keep little of it.

    The days of its acts are business dates; an imported lead's acts count as recorded on their business dates.
    """

    __tablename__ = "leads"
    id: Mapped[Id]
    contact_name: Mapped[Name]
    company: Mapped[Name] = mapped_column(default="")
    company_key: Mapped[Name] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    phone_key: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_key: Mapped[str] = mapped_column(String(254), default="")
    wechat: Mapped[str] = mapped_column(String(60), default="")
    region: Mapped[Short] = mapped_column(default="")
    intent: Mapped[Short] = mapped_column(default="")
    note: Mapped[str] = mapped_column(String(20_000), default="")
    source_id: Mapped[int] = refers("lead_sources.id", index=True)
    campaign_id: Mapped[int | None] = refers("campaigns.id", index=True)
    product_id: Mapped[int | None] = refers("products.id")
    status: Mapped[LeadStatus] = mapped_column(word(LeadStatus), default=LeadStatus.UNPROCESSED)
    owner_id: Mapped[int | None] = refers("users.id")
    team_id: Mapped[int | None] = refers("teams.id")
    arrival_owner_id: Mapped[int | None] = refers("users.id")
    arrival_team_id: Mapped[int | None] = refers("teams.id")
    arrived_on: Mapped[Day]
    created_at: Mapped[Moment]
    created_by_id: Mapped[int | None] = refers("users.id")
    first_handled_on: Mapped[date | None]
    converted_on: Mapped[date | None]
    converted_by_id: Mapped[int | None] = refers("users.id")
    converted_owner_id: Mapped[int | None] = refers("users.id")
    failed_on: Mapped[date | None]
    failure_reason: Mapped[str] = mapped_column(String(2000), default="")
    customer_id: Mapped[int | None] = refers("customers.id", index=True)

    source: Mapped[LeadSource] = relationship(lazy="raise")
    campaign: Mapped[Campaign | None] = relationship(lazy="raise")
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id], lazy="raise")
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id], lazy="raise")
    notes: Mapped[list["LeadNote"]] = relationship(lazy="raise", order_by="LeadNote.id")
    __table_args__ = (
        CheckConstraint("(status = 'converted') = (converted_on is not null)", name="converted_dated"),
        CheckConstraint("(status = 'failed') = (failed_on is not null)", name="failed_dated"),
        UniqueConstraint("external_system", "external_id"),
        Index("ix_leads_arrived_on", "arrived_on", "id"),
        Index("ix_leads_owner_id_arrived_on", "owner_id", "arrived_on"),
        Index("ix_leads_list", "team_id", "arrived_on", "id", "status", "first_handled_on", "source_id", "campaign_id", "owner_id"),
        Index("ix_leads_team_id_status", "team_id", "status", "id"),
        Index("ix_leads_team_id_first_handled_on", "team_id", "first_handled_on", "id"),
        Index("ix_leads_status", "status", "id"),
        Index("ix_leads_status_arrived_on", "status", "arrived_on", "id"),
        Index("ix_leads_first_handled_on", "first_handled_on", "id"),
        Index("ix_leads_converted_owner_id", "converted_owner_id", "arrived_on", "id"),
        Index("ix_leads_status_first_handled_on", "status", "first_handled_on", "id"),
        Index("ix_leads_phone_key", "phone_key"),
        Index("ix_leads_email_key", "email_key"),
        Index("ix_leads_company_key", "company_key"),
    )


class LeadNote(Base):
    """A dated note on a lead; the first one by its rep makes the lead *working*."""

    __tablename__ = "lead_notes"
    id: Mapped[Id]
    lead_id: Mapped[int] = refers("leads.id", index=True)
    by_id: Mapped[int | None] = refers("users.id")
    at: Mapped[Moment]
    content: Mapped[str] = mapped_column(String(20_000))


class Claim(Base):
    """A claim on a contact that somebody else takes care of, settled by the leads of both teams together or by an executive."""

    __tablename__ = "claims"
    id: Mapped[Id]
    claimant_id: Mapped[int] = refers("users.id", index=True)
    lead_id: Mapped[int | None] = refers("leads.id")
    customer_id: Mapped[int | None] = refers("customers.id")
    matched_on: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(2000))
    opened_at: Mapped[Moment]
    agreed_by_claimant_lead_id: Mapped[int | None] = refers("users.id")
    agreed_by_holder_lead_id: Mapped[int | None] = refers("users.id")
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by_id: Mapped[int | None] = refers("users.id")
    granted: Mapped[bool | None]
    __table_args__ = (CheckConstraint("(lead_id is null) <> (customer_id is null)", name="one_subject"),)
