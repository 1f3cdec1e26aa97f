"""Opportunities 销售机会 with their lines, history, follow-ups, comments and competition records."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.models.base import (
    Base,
    Day,
    Former,
    Id,
    Imported,
    Instant,
    Moment,
    Money,
    Name,
    Since,
    Versioned,
    in_order,
    positive,
    refers,
    word,
)
from crm.models.customers import Contact, Customer
from crm.models.master import Campaign, LeadSource, LossReason, Product, Stage
from crm.models.people import Team, User
from crm.vocabulary import CommentKind, CompetitionSide, OpportunityAct, OpportunityStatus


class Opportunity(Imported, Versioned, Base):
    """销售机会. `first_team_id`, `first_owner_id`: the first it was assigned to, kept for the credit of the new opportunity.

    `expected_amount` is empty when unknown (an import without amounts): it counts as 0 and among the left out.
    """

    __tablename__ = "opportunities"
    id: Mapped[Id]
    title: Mapped[Name]
    customer_id: Mapped[int] = refers("customers.id", index=True)
    contact_id: Mapped[int | None] = refers("contacts.id")
    lead_id: Mapped[int | None] = refers("leads.id", index=True)
    source_id: Mapped[int | None] = refers("lead_sources.id")
    campaign_id: Mapped[int | None] = refers("campaigns.id")
    stage_id: Mapped[int] = refers("stages.id")
    status: Mapped[OpportunityStatus] = mapped_column(word(OpportunityStatus), default=OpportunityStatus.FOLLOWING)
    expected_amount: Mapped[Decimal | None] = mapped_column(Money)
    expected_close_on: Mapped[date | None]
    owner_id: Mapped[int | None] = refers("users.id")
    team_id: Mapped[int | None] = refers("teams.id")
    first_owner_id: Mapped[int | None] = refers("users.id")
    first_team_id: Mapped[int | None] = refers("teams.id")
    created_on: Mapped[Day]
    created_on_supplied: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Moment]
    created_by_id: Mapped[int | None] = refers("users.id")
    converted_by_id: Mapped[int | None] = refers("users.id")
    closed_on: Mapped[date | None]
    loss_reason_id: Mapped[int | None] = refers("loss_reasons.id")
    loss_competitor_id: Mapped[int | None] = refers("competitors.id")
    loss_note: Mapped[str] = mapped_column(String(20_000), default="")
    last_followed_up_on: Mapped[date | None]
    next_step: Mapped[str] = mapped_column(String(500), default="")
    next_step_on: Mapped[date | None]
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by_id: Mapped[int | None] = refers("users.id")

    customer: Mapped[Customer] = relationship(lazy="raise")
    contact: Mapped[Contact | None] = relationship(lazy="raise")
    source: Mapped[LeadSource | None] = relationship(lazy="raise")
    campaign: Mapped[Campaign | None] = relationship(lazy="raise")
    stage: Mapped[Stage] = relationship(lazy="raise")
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id], lazy="raise")
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id], lazy="raise")
    loss_reason: Mapped[LossReason | None] = relationship(lazy="raise")
    lines: Mapped[list["OpportunityLine"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="OpportunityLine.id")
    history: Mapped[list["OpportunityHistory"]] = relationship(lazy="raise", order_by="OpportunityHistory.seq")
    follow_ups: Mapped[list["FollowUp"]] = relationship(lazy="raise", order_by="FollowUp.id.desc()")
    comments: Mapped[list["Comment"]] = relationship(lazy="raise", order_by="Comment.id")
    __table_args__ = (
        CheckConstraint("expected_amount is null or expected_amount >= 0", name="expected_amount_not_negative"),
        CheckConstraint("(status = 'following') = (closed_on is null)", name="closed_dated"),
        CheckConstraint("status not in ('lost', 'stopped') or loss_reason_id is not null", name="loss_explained"),
        CheckConstraint("owner_id is null or team_id is not null", name="owner_in_team"),
        UniqueConstraint("external_system", "external_id"),
        Index("ix_opportunities_created_on", "created_on", "id"),
        Index("ix_opportunities_expected_amount", "expected_amount", "id"),
        Index("ix_opportunities_expected_close_on", "expected_close_on", "id"),
        Index("ix_opportunities_last_followed_up_on", "last_followed_up_on", "id"),
        Index("ix_opportunities_stage_id", "stage_id", "id"),
        Index("ix_opportunities_status", "status", "id"),
        Index("ix_opportunities_owner_id", "owner_id", "id"),
        Index("ix_opportunities_team_id", "team_id", "id"),
        Index(
            "ix_opportunities_list",
            "team_id",
            "created_on",
            "id",
            "status",
            "stage_id",
            "owner_id",
            "source_id",
            "expected_amount",
            "expected_close_on",
            "last_followed_up_on",
            "customer_id",
        ),
        Index("ix_opportunities_status_created_on", "status", "created_on", "id"),
        Index("ix_opportunities_status_expected_amount", "status", "expected_amount", "id"),
        Index("ix_opportunities_status_expected_close_on", "status", "expected_close_on", "id"),
        Index("ix_opportunities_status_last_followed_up_on", "status", "last_followed_up_on", "id"),
        Index("ix_opportunities_status_stage_id", "status", "stage_id", "id"),
        Index("ix_opportunities_source_id_created_on", "source_id", "created_on", "id"),
    )


class OpportunityLine(Since, Base):
    """A product of an opportunity and its part of the expected amount."""

    __tablename__ = "opportunity_lines"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id", index=True)
    product_id: Mapped[int] = refers("products.id")
    amount: Mapped[Decimal | None] = mapped_column(Money)
    product: Mapped[Product] = relationship(lazy="raise")
    __table_args__ = (UniqueConstraint("opportunity_id", "product_id"), positive("amount"))


class FormerOpportunityLine(Former, Base):
    """A line as an opportunity had it before it was changed or taken off."""

    __tablename__ = "former_opportunity_lines"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id")
    product_id: Mapped[int] = refers("products.id")
    amount: Mapped[Decimal | None] = mapped_column(Money)
    __table_args__ = (UniqueConstraint("opportunity_id", "product_id", "since_seq"), positive("amount"), in_order())


class OpportunityHistory(Base):
    """One change of an opportunity: how it stood after it. `seq` counts from 1 within the opportunity.

    `day` is the business date on which the change holds, `recorded_on` the one on which it was written down; they differ when
    a contract is signed with an earlier date.
    """

    __tablename__ = "opportunity_history"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id")
    seq: Mapped[int]
    act: Mapped[OpportunityAct] = mapped_column(word(OpportunityAct))
    at: Mapped[Moment]
    day: Mapped[Day]
    recorded_on: Mapped[Day]
    by_id: Mapped[int | None] = refers("users.id")
    status: Mapped[OpportunityStatus] = mapped_column(word(OpportunityStatus))
    stage_id: Mapped[int] = refers("stages.id")
    owner_id: Mapped[int | None] = refers("users.id")
    team_id: Mapped[int | None] = refers("teams.id")
    amount: Mapped[Decimal | None] = mapped_column(Money)
    expected_close_on: Mapped[date | None]
    loss_reason_id: Mapped[int | None] = refers("loss_reasons.id")
    loss_competitor_id: Mapped[int | None] = refers("competitors.id")
    __table_args__ = (UniqueConstraint("opportunity_id", "seq"), positive("seq"))


class OpportunityReader(Base):
    """Read access to one opportunity, granted to a colleague by a lead; kept when it is withdrawn."""

    __tablename__ = "opportunity_readers"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id", index=True)
    user_id: Mapped[int] = refers("users.id", index=True)
    granted_by_id: Mapped[int] = refers("users.id")
    granted_at: Mapped[Moment]
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class FollowUp(Imported, Base):
    """跟进记录: what was said with the customer, and what comes next. Credited to its writer and the writer's team of that day."""

    __tablename__ = "follow_ups"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id", index=True)
    by_id: Mapped[int] = refers("users.id")
    team_id: Mapped[int | None] = refers("teams.id")
    at: Mapped[Moment]
    day: Mapped[Day]
    recorded_on: Mapped[Day]
    method_id: Mapped[int] = refers("follow_up_methods.id")
    content: Mapped[str] = mapped_column(String(20_000))
    feedback: Mapped[str] = mapped_column(String(20_000), default="")
    problem: Mapped[str] = mapped_column(String(20_000), default="")
    department_id: Mapped[int | None] = refers("departments.id", index=True)
    problem_answer: Mapped[str] = mapped_column(String(20_000), default="")
    problem_solved_at: Mapped[datetime | None] = mapped_column(Instant)
    problem_solved_by_id: Mapped[int | None] = refers("users.id")
    next_step: Mapped[str] = mapped_column(String(500), default="")
    next_step_on: Mapped[date | None]
    edited_at: Mapped[datetime | None] = mapped_column(Instant)
    by: Mapped[User] = relationship(foreign_keys=[by_id], lazy="raise")
    __table_args__ = (
        CheckConstraint("content <> ''", name="content_said"),
        CheckConstraint("problem_solved_at is null or problem <> ''", name="problem_named"),
        UniqueConstraint("external_system", "external_id"),
    )


class FollowUpVersion(Base):
    """A follow-up as it was before it was edited. Without a method where nobody can say any more which it was."""

    __tablename__ = "follow_up_versions"
    id: Mapped[Id]
    follow_up_id: Mapped[int] = refers("follow_ups.id", index=True)
    content: Mapped[str] = mapped_column(String(20_000))
    feedback: Mapped[str] = mapped_column(String(20_000))
    problem: Mapped[str] = mapped_column(String(20_000))
    method_id: Mapped[int | None] = refers("follow_up_methods.id")
    department_id: Mapped[int | None] = refers("departments.id")
    next_step: Mapped[str] = mapped_column(String(500), default="")
    next_step_on: Mapped[date | None]
    replaced_at: Mapped[Moment]


class Comment(Base):
    """点评: advice, a question, a decision with a value, or a reply, on a follow-up or on the opportunity."""

    __tablename__ = "comments"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id", index=True)
    follow_up_id: Mapped[int | None] = refers("follow_ups.id", index=True)
    reply_to_id: Mapped[int | None] = refers("comments.id")
    by_id: Mapped[int] = refers("users.id")
    at: Mapped[Moment]
    kind: Mapped[CommentKind] = mapped_column(word(CommentKind))
    content: Mapped[str] = mapped_column(String(20_000))
    discount_bp: Mapped[int | None]
    by: Mapped[User] = relationship(foreign_keys=[by_id], lazy="raise")
    __table_args__ = (
        CheckConstraint("(kind = 'decision') = (discount_bp is not null)", name="decision_valued"),
        CheckConstraint("discount_bp is null or discount_bp between 0 and 10000", name="discount"),
        CheckConstraint("(kind = 'reply') = (reply_to_id is not null)", name="reply_answers"),
    )


class CompetitionRecord(Base):
    """竞争记录: a competitor met on an opportunity, with its product and unit price against one of ours."""

    __tablename__ = "competition_records"
    id: Mapped[Id]
    opportunity_id: Mapped[int] = refers("opportunities.id", index=True)
    competitor_id: Mapped[int] = refers("competitors.id", index=True)
    by_id: Mapped[int] = refers("users.id")
    at: Mapped[Moment]
    day: Mapped[Day]
    recorded_on: Mapped[Day]
    their_product: Mapped[Name] = mapped_column(default="")
    their_unit_price: Mapped[Decimal | None] = mapped_column(Money)
    our_product_id: Mapped[int | None] = refers("products.id")
    note: Mapped[str] = mapped_column(String(20_000), default="")
    factors: Mapped[list["CompetitionRecordFactor"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    __table_args__ = (CheckConstraint("their_unit_price is null or their_unit_price >= 0", name="price_not_negative"),)


class CompetitionRecordFactor(Base):
    """One of our strengths or weaknesses on a competition record."""

    __tablename__ = "competition_record_factors"
    record_id: Mapped[int] = refers("competition_records.id", primary_key=True)
    factor_id: Mapped[int] = refers("competition_factors.id", primary_key=True)
    side: Mapped[CompetitionSide] = mapped_column(word(CompetitionSide), primary_key=True)
