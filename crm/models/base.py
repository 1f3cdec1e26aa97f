"""What all tables share: naming of constraints, column types for money, instants and words, and the mixins.

Money is whole cents in a BIGINT on every database, `Decimal` with two places in Python. Instants are UTC; business dates are
computed once, when written, in the company's zone.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Dialect, Enum, ForeignKey, Integer, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from crm.money import cents, from_cents

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Money(TypeDecorator[Decimal]):
    """Exact money: whole cents in the database, `Decimal` with two places in Python."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else cents(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else from_cents(int(value))


class Instant(TypeDecorator[datetime]):
    """A moment: aware UTC in Python; stored without a zone, always UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def word(of: type[StrEnum]) -> Enum:
    """A column type for a closed set of words: text with a check constraint named after the set."""
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in of.__name__).lstrip("_")
    return Enum(of, native_enum=False, create_constraint=True, name=name, length=24, values_callable=lambda words: [w.value for w in words])


Id = Annotated[int, mapped_column(Integer, primary_key=True)]
Name = Annotated[str, mapped_column(String(200))]
Text = Annotated[str, mapped_column(String(20_000))]
Short = Annotated[str, mapped_column(String(200))]
Amount = Annotated[Decimal, mapped_column(Money)]
Moment = Annotated[datetime, mapped_column(Instant)]
Day = Annotated[date, mapped_column()]


def refers(column: str, index: bool = False, **options: Any) -> Any:
    """A foreign key column; `index` where rows are looked up by it."""
    return mapped_column(ForeignKey(column), index=index, **options)


class Base(DeclarativeBase):
    """The declarative base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


class Versioned:
    """A record that people edit: `version` grows with each save, so that nobody overwrites another silently."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.__table__.c.version}  # type: ignore[attr-defined]


class Imported:
    """A record that may come from an older system: its id there is unique within that system."""

    external_system: Mapped[str | None] = mapped_column(String(60))
    external_id: Mapped[str | None] = mapped_column(String(200))


class Retired:
    """A value that is retired rather than deleted: old records keep it, new forms do not offer it."""

    active: Mapped[bool] = mapped_column(default=True)


class Since:
    """A line of a record: `since_seq` is the act in the record's history from which on it stands so."""

    since_seq: Mapped[int] = mapped_column(default=1)


class Former(Since):
    """A line that a record had, from one act of its history until the one that replaced it."""

    until_seq: Mapped[int]


def in_order() -> CheckConstraint:
    """A former line stood for one act at least."""
    return CheckConstraint("since_seq between 1 and until_seq - 1", name="acts_in_order")


def positive(column: str, name: str | None = None) -> CheckConstraint:
    """`column` is not below zero."""
    return CheckConstraint(f"{column} >= 0", name=name or f"{column}_not_negative")
