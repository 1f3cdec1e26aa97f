"""Master data 基础资料: what records choose from. A value in use is retired, never deleted."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.models.base import Amount, Base, Day, Id, Imported, Instant, Moment, Name, Retired, Short, Versioned, positive, refers, word
from crm.vocabulary import ChannelKind, LossKind, PriceLevel, StageMeaning, TargetUnit


class LeadSource(Retired, Versioned, Base):
    """线索来源: where leads come from. `name_key` is the name without regard to case, unique."""

    __tablename__ = "lead_sources"
    id: Mapped[Id]
    name: Mapped[Name]
    name_key: Mapped[Name] = mapped_column(unique=True)
    channel: Mapped[ChannelKind] = mapped_column(word(ChannelKind), default=ChannelKind.OTHER)


class Campaign(Retired, Versioned, Base):
    """市场活动: something marketing did between two dates (inclusive) for a cost."""

    __tablename__ = "campaigns"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    source_id: Mapped[int] = refers("lead_sources.id", index=True)
    product_id: Mapped[int | None] = refers("products.id")
    from_on: Mapped[Day]
    until_on: Mapped[Day]
    cost: Mapped[Amount]
    __table_args__ = (CheckConstraint("until_on >= from_on", name="dates_in_order"), positive("cost"))


class Product(Retired, Imported, Versioned, Base):
    """产品. Prices are tax-inclusive; below the floor price a quote needs the executive."""

    __tablename__ = "products"
    id: Mapped[Id]
    code: Mapped[Short] = mapped_column(unique=True)
    name: Mapped[Name]
    category: Mapped[Short] = mapped_column(default="")
    unit: Mapped[Short] = mapped_column(default="")
    list_price: Mapped[Amount]
    floor_price: Mapped[Amount]
    tax_rate_bp: Mapped[int] = mapped_column(default=1300)
    __table_args__ = (
        positive("list_price"),
        positive("floor_price"),
        CheckConstraint("tax_rate_bp between 0 and 10000", name="tax_rate"),
    )


class Stage(Retired, Versioned, Base):
    """跟进阶段: a step of following an opportunity. `probability_bp` is in hundredths of a percent."""

    __tablename__ = "stages"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    position: Mapped[int]
    probability_bp: Mapped[int]
    meaning: Mapped[StageMeaning | None] = mapped_column(word(StageMeaning), unique=True)
    __table_args__ = (CheckConstraint("probability_bp between 0 and 10000", name="probability"),)


class StageVersion(Base):
    """How a stage was called, placed and weighed from a day on: the past keeps its names."""

    __tablename__ = "stage_versions"
    id: Mapped[Id]
    stage_id: Mapped[int] = refers("stages.id")
    valid_from: Mapped[Day]
    name: Mapped[Name]
    position: Mapped[int]
    probability_bp: Mapped[int]
    __table_args__ = (UniqueConstraint("stage_id", "valid_from"),)


class FollowUpMethod(Retired, Versioned, Base):
    """跟进方式: how a customer was spoken to."""

    __tablename__ = "follow_up_methods"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class LossReason(Retired, Versioned, Base):
    """输单/停止原因."""

    __tablename__ = "loss_reasons"
    id: Mapped[Id]
    name: Mapped[Name]
    kind: Mapped[LossKind] = mapped_column(word(LossKind))
    names_competitor: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (UniqueConstraint("name", "kind"),)


class Competitor(Retired, Versioned, Base):
    """竞争对手."""

    __tablename__ = "competitors"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    products: Mapped[str] = mapped_column(String(2000), default="")
    price_level: Mapped[PriceLevel] = mapped_column(word(PriceLevel), default=PriceLevel.SIMILAR)
    note: Mapped[str] = mapped_column(String(20_000), default="")
    aliases: Mapped[list["CompetitorAlias"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class CompetitorAlias(Base):
    """Another name of a competitor; no two competitors share one."""

    __tablename__ = "competitor_aliases"
    id: Mapped[Id]
    competitor_id: Mapped[int] = refers("competitors.id", index=True)
    name: Mapped[Name] = mapped_column(unique=True)


class CompetitionFactor(Retired, Versioned, Base):
    """优势/劣势: what a competition is decided by (price, delivery, function, relation ...)."""

    __tablename__ = "competition_factors"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class CostCategory(Retired, Versioned, Base):
    """支出类别."""

    __tablename__ = "cost_categories"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class SalesTarget(Versioned, Base):
    """销售计划: what the company, a team or a rep should sign in a month. A rep's target keeps its team.

    A changed target is a new row from its day on: `valid_from` ≤ day < `valid_to` (empty: still valid).
    """

    __tablename__ = "sales_targets"
    id: Mapped[Id]
    month: Mapped[Day]
    unit: Mapped[TargetUnit] = mapped_column(word(TargetUnit))
    team_id: Mapped[int | None] = refers("teams.id")
    user_id: Mapped[int | None] = refers("users.id")
    amount: Mapped[Amount]
    valid_from: Mapped[Day]
    valid_to: Mapped[date | None]
    __table_args__ = (
        positive("amount"),
        CheckConstraint(
            "(unit = 'company' and team_id is null and user_id is null) or (unit = 'team' and team_id is not null and user_id is null)"
            " or (unit = 'rep' and team_id is not null and user_id is not null)",
            name="unit_named",
        ),
        CheckConstraint("valid_to is null or valid_to > valid_from", name="validity_in_order"),
        Index(
            "uq_sales_targets_current", "month", "unit", text("coalesce(team_id, 0)"), text("coalesce(user_id, 0)"), unique=True,
            sqlite_where=text("valid_to is null"), postgresql_where=text("valid_to is null"),
        ),
    )  # fmt: skip


class CompanySettings(Versioned, Base):
    """参数: one row, what the company decides about itself."""

    __tablename__ = "settings"
    id: Mapped[Id]
    company_name: Mapped[Name] = mapped_column(default="")
    zone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    fiscal_year_first_month: Mapped[int] = mapped_column(default=1)
    lead_neglected_days: Mapped[int] = mapped_column(default=3)
    pool_neglected_days: Mapped[int] = mapped_column(default=3)
    opportunity_neglected_days: Mapped[int] = mapped_column(default=14)
    approval_discount_bp: Mapped[int] = mapped_column(default=1000)
    ranking_visible: Mapped[bool] = mapped_column(default=True)
    upload_max_mb: Mapped[int] = mapped_column(default=20)
    upload_max_rows: Mapped[int] = mapped_column(default=1_000_000)
    is_demo: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("fiscal_year_first_month between 1 and 12", name="fiscal_month"),
        CheckConstraint("approval_discount_bp between 0 and 10000", name="approval_discount"),
        positive("lead_neglected_days"),
        positive("pool_neglected_days"),
        positive("opportunity_neglected_days"),
    )


class SettingVersion(Base):
    """The number of days after which an opportunity counted as neglected, from a day on (the as-of view reads it)."""

    __tablename__ = "setting_versions"
    id: Mapped[Id]
    valid_from: Mapped[Day] = mapped_column(unique=True)
    opportunity_neglected_days: Mapped[int]


class ClosedMonth(Base):
    """A month that finance has closed: nothing dated in it can change any more."""

    __tablename__ = "closed_months"
    month: Mapped[Day] = mapped_column(primary_key=True)
    closed_at: Mapped[Moment]
    closed_by_id: Mapped[int] = refers("users.id")
    reopened_at: Mapped[datetime | None] = mapped_column(Instant)
    reopened_by_id: Mapped[int | None] = refers("users.id")
