"""Quotes 销售报价: revisions of an offer and their lines."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.models.base import Amount, Base, Day, Id, Instant, Moment, Versioned, positive, refers, word
from crm.models.master import Product
from crm.vocabulary import QuoteStatus


class Quote(Versioned, Base):
    """One revision of the offer for an opportunity. A newer revision supersedes it; a decided one is never edited."""

    __tablename__ = "quotes"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id")
    revision: Mapped[int]
    status: Mapped[QuoteStatus] = mapped_column(word(QuoteStatus), default=QuoteStatus.DRAFT)
    total: Mapped[Amount]
    valid_until: Mapped[date | None]
    terms: Mapped[str] = mapped_column(String(20_000), default="")
    decision_id: Mapped[int | None] = refers("comments.id")
    created_at: Mapped[Moment]
    created_on: Mapped[Day]
    created_by_id: Mapped[int] = refers("users.id")
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    submitted_on: Mapped[date | None]
    submitted_by_id: Mapped[int | None] = refers("users.id")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_on: Mapped[date | None]
    decided_by_id: Mapped[int | None] = refers("users.id")
    decision_note: Mapped[str] = mapped_column(String(20_000), default="")
    lines: Mapped[list["QuoteLine"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="QuoteLine.position")
    __table_args__ = (
        UniqueConstraint("opportunity_id", "revision"),
        positive("total"),
        CheckConstraint("decided_by_id is null or decided_by_id <> submitted_by_id", name="not_ones_own"),
        Index("ix_quotes_status", "status", "id"),
        Index("ix_quotes_submitted_on", "submitted_on", "id"),
        Index("ix_quotes_status_submitted_on", "status", "submitted_on", "id"),
        Index("ix_quotes_status_total", "status", "total", "id"),
    )


class QuoteLine(Base):
    """A product at a price, tax included: amount = quantity (kept in thousandths) × unit price × (1 − discount), half-up to the cent."""

    __tablename__ = "quote_lines"
    id: Mapped[Id]
    quote_id: Mapped[int] = refers("quotes.id", index=True)
    position: Mapped[int]
    product_id: Mapped[int] = refers("products.id")
    quantity_milli: Mapped[int] = mapped_column(BigInteger)
    unit_price: Mapped[Amount]
    discount_bp: Mapped[int] = mapped_column(default=0)
    tax_rate_bp: Mapped[int] = mapped_column(default=1300)
    amount: Mapped[Amount]
    product: Mapped[Product] = relationship(lazy="raise")
    __table_args__ = (
        UniqueConstraint("quote_id", "position"),
        CheckConstraint("quantity_milli > 0", name="quantity_positive"),
        CheckConstraint("discount_bp between 0 and 10000", name="discount"),
        positive("unit_price"),
        positive("amount"),
    )
