"""People: teams, departments, users with roles and strengths, deputies, and what the application keeps for each person."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.models.base import Base, Day, Id, Imported, Instant, Moment, Name, Retired, Short, Versioned, refers, word
from crm.vocabulary import Role, StrengthKind


class Team(Retired, Versioned, Base):
    """销售团队: a sales team and its leader."""

    __tablename__ = "teams"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", use_alter=True), index=True)
    leader: Mapped["User | None"] = relationship(foreign_keys=[leader_id], lazy="raise", post_update=True)


class Department(Retired, Versioned, Base):
    """部门: where problems of customers are sent."""

    __tablename__ = "departments"
    id: Mapped[Id]
    name: Mapped[Name] = mapped_column(unique=True)


class User(Retired, Imported, Versioned, Base):
    """用户: a person who signs in. `session_epoch` grows to sign the person out everywhere."""

    __tablename__ = "users"
    id: Mapped[Id]
    login: Mapped[Short] = mapped_column(unique=True)
    name: Mapped[Name]
    password_hash: Mapped[str | None] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    team_id: Mapped[int | None] = refers("teams.id", index=True)
    department_id: Mapped[int | None] = refers("departments.id")
    customer_limit: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(5), default="zh")
    theme: Mapped[str] = mapped_column(String(6), default="system")
    is_demo: Mapped[bool] = mapped_column(default=False)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(Instant)

    team: Mapped[Team | None] = relationship(foreign_keys=[team_id], lazy="raise")
    roles: Mapped[list["UserRole"]] = relationship(lazy="raise", cascade="all, delete-orphan", order_by="UserRole.role")
    strengths: Mapped[list["UserStrength"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    __table_args__ = (
        CheckConstraint("login = lower(login)", name="login_lower"),
        CheckConstraint("language in ('zh', 'en')", name="language_known"),
        CheckConstraint("theme in ('system', 'light', 'dark')", name="theme_known"),
        UniqueConstraint("external_system", "external_id"),
    )


class UserRole(Base):
    """One role of one person."""

    __tablename__ = "user_roles"
    user_id: Mapped[int] = refers("users.id", primary_key=True)
    role: Mapped[Role] = mapped_column(word(Role), primary_key=True)


class UserStrength(Base):
    """员工特长: a product, an industry or a region that a person is strong in."""

    __tablename__ = "user_strengths"
    id: Mapped[Id]
    user_id: Mapped[int] = refers("users.id", index=True)
    kind: Mapped[StrengthKind] = mapped_column(word(StrengthKind))
    value: Mapped[Short]
    product_id: Mapped[int | None] = refers("products.id")
    __table_args__ = (UniqueConstraint("user_id", "kind", "value"),)


class Deputy(Base):
    """A stand-in for a lead or an executive between two dates, both inclusive."""

    __tablename__ = "deputies"
    id: Mapped[Id]
    principal_id: Mapped[int] = refers("users.id", index=True)
    deputy_id: Mapped[int] = refers("users.id", index=True)
    from_on: Mapped[Day]
    until_on: Mapped[Day]
    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="dates_in_order"),
        CheckConstraint("principal_id <> deputy_id", name="another_person"),
    )


class TeamMembership(Base):
    """Who belonged to which team from when on; `until_on` is exclusive, empty while it lasts."""

    __tablename__ = "team_memberships"
    id: Mapped[Id]
    user_id: Mapped[int] = refers("users.id", index=True)
    team_id: Mapped[int] = refers("teams.id")
    from_on: Mapped[Day]
    until_on: Mapped[date | None]


class SignInAttempt(Base):
    """An attempt to sign in, kept for the slow-down per account and address."""

    __tablename__ = "sign_in_attempts"
    id: Mapped[Id]
    login: Mapped[Short]
    address: Mapped[str] = mapped_column(String(60))
    at: Mapped[Moment]
    succeeded: Mapped[bool]
    __table_args__ = (Index("ix_sign_in_attempts_login_at", "login", "at"), Index("ix_sign_in_attempts_address_at", "address", "at"))


class SavedView(Base):
    """A filter state that a person keeps under a name, for one page; with one of them the page opens."""

    __tablename__ = "saved_views"
    id: Mapped[Id]
    user_id: Mapped[int] = refers("users.id")
    page: Mapped[str] = mapped_column(String(60))
    name: Mapped[Name]
    state: Mapped[str] = mapped_column(String(4000))
    opens: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        UniqueConstraint("user_id", "page", "name"),
        Index("uq_saved_views_opens", "user_id", "page", unique=True, sqlite_where=text("opens"), postgresql_where=text("opens")),
    )


class Notification(Base):
    """Something a person is told: a message id with its values, and the record it leads to."""

    __tablename__ = "notifications"
    id: Mapped[Id]
    user_id: Mapped[int] = refers("users.id")
    at: Mapped[Moment]
    message: Mapped[str] = mapped_column(String(200))
    values: Mapped[str] = mapped_column(String(2000))
    subject: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    __table_args__ = (Index("ix_notifications_user_id_read_at", "user_id", "read_at"),)
