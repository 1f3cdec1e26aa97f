"""Customers 客户, their contacts, and every assignment of them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.models.base import Base, Day, Id, Imported, Instant, Moment, Name, Short, Versioned, refers
from crm.models.people import Team, User


class Customer(Imported, Versioned, Base):
    """客户. Without a team it waits in the company's pool, with a team but no owner in that team's pool.

    `name_to_be_found`: imported without a name, listed for completion. `merged_into_id`: it turned out to be the same as that one, which
    has all that belonged to it; nobody's reach holds it any more (`crm.scope`), but its address and its name lead on.
    """

    __tablename__ = "customers"
    id: Mapped[Id]
    name: Mapped[Name]
    name_key: Mapped[Name]
    name_to_be_found: Mapped[bool] = mapped_column(default=False)
    industry: Mapped[Short] = mapped_column(default="")
    region: Mapped[Short] = mapped_column(default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    note: Mapped[str] = mapped_column(String(20_000), default="")
    team_id: Mapped[int | None] = refers("teams.id")
    owner_id: Mapped[int | None] = refers("users.id")
    source_lead_id: Mapped[int | None] = mapped_column(index=True)
    pooled_on: Mapped[date | None]
    created_at: Mapped[Moment]
    created_on: Mapped[Day]
    created_by_id: Mapped[int | None] = refers("users.id")
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    merged_into_id: Mapped[int | None] = refers("customers.id")

    team: Mapped[Team | None] = relationship(foreign_keys=[team_id], lazy="raise")
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id], lazy="raise")
    contacts: Mapped[list["Contact"]] = relationship(lazy="raise", order_by="Contact.id")
    __table_args__ = (
        CheckConstraint("owner_id is null or team_id is not null", name="owner_in_team"),
        UniqueConstraint("external_system", "external_id"),
        Index("ix_customers_name_key", "name_key"),
        Index("ix_customers_name", "name", "id"),
        Index("ix_customers_created_on", "created_on", "id"),
        Index("ix_customers_pooled_on", "pooled_on", "id"),
        Index("ix_customers_owner_id", "owner_id", "id"),
        Index("ix_customers_list", "team_id", "created_on", "id", "name", "owner_id", "merged_into_id"),
        Index("ix_customers_team_id_owner_id", "team_id", "owner_id", "id"),
        Index(
            "ix_customers_merged_into_id", "merged_into_id",
            sqlite_where=text("merged_into_id is not null"), postgresql_where=text("merged_into_id is not null"),
        ),
    )  # fmt: skip


class Contact(Base):
    """A person at a customer."""

    __tablename__ = "contacts"
    id: Mapped[Id]
    customer_id: Mapped[int] = refers("customers.id", index=True)
    name: Mapped[Name]
    phone: Mapped[str] = mapped_column(String(40), default="")
    phone_key: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    email_key: Mapped[str] = mapped_column(String(254), default="")
    title: Mapped[Short] = mapped_column(default="")
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_contacts_phone_key", "phone_key"), Index("ix_contacts_email_key", "email_key"))


class Assignment(Base):
    """One assignment of a customer (with its open opportunities): from, to, by, when, why. `waited_since`: in the pool it came from."""

    __tablename__ = "assignments"
    id: Mapped[Id]
    customer_id: Mapped[int] = refers("customers.id", index=True)
    from_team_id: Mapped[int | None] = refers("teams.id")
    from_owner_id: Mapped[int | None] = refers("users.id")
    to_team_id: Mapped[int | None] = refers("teams.id")
    to_owner_id: Mapped[int | None] = refers("users.id", index=True)
    by_id: Mapped[int | None] = refers("users.id")
    at: Mapped[Moment]
    day: Mapped[Day]
    waited_since: Mapped[date | None]
    why: Mapped[str] = mapped_column(String(2000), default="")


class Erasure(Base):
    """A request to erase a contact's personal data: one of an executive and an administrator asks, the other one does it."""

    __tablename__ = "erasures"
    id: Mapped[Id]
    contact_id: Mapped[int] = refers("contacts.id", index=True)
    reason: Mapped[str] = mapped_column(String(2000))
    asked_by_id: Mapped[int] = refers("users.id")
    asked_at: Mapped[Moment]
    done_by_id: Mapped[int | None] = refers("users.id")
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (
        CheckConstraint("done_by_id is null or done_by_id <> asked_by_id", name="by_two"),
        CheckConstraint("(done_at is null) = (done_by_id is null)", name="done"),
    )
