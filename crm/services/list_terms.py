"""What a list is declared with and asked for: its sorts, filters and related text, and the question that an address or a page puts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Integer, literal_column, type_coerce
from sqlalchemy.orm import Session

from crm.models import Base
from crm.models.base import Money

Place = tuple[Any, int]
"""Where a page begins: behind the row with this value of the sort's column, and this id. In a short list the value is a pair: whether
the row is in use comes first."""


@dataclass(frozen=True, slots=True)
class Sort:
    """A way to sort, over an index on (`column`, id). What has no value comes last when the largest come first.

    `ranks` gives the values in their order where that is not the order of the values themselves: stages by their position.
    """

    column: Any
    nullable: bool = False
    ranks: Callable[[Session], Sequence[Any]] | None = None

    def value(self, sent: Any) -> Any:
        """A value of the column as a page sent it back (`plain`); `ValueError` for what can be none."""
        if sent is None:
            return None
        return _typed(Decimal if isinstance(self.column.type, Money) else self.column.type.python_type, sent)


def _typed(kind: type[Any], sent: Any) -> Any:
    if kind is date:
        return date.fromisoformat(str(sent)[:10])
    if kind is Decimal:
        if not isinstance(sent, int | float | str) or len(str(sent)) > 30:
            raise ValueError(sent)
        return Decimal(str(sent)).quantize(Decimal("0.01"))
    return reference(sent) if kind is int else kind(str(sent)[:200])


def plain(value: Any) -> Any:
    """A value of a sort's column as a page keeps it."""
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list can be narrowed to. `of` reads a value from an address; `ValueError` for one that nobody offered.

    `condition` makes of the chosen values what must hold; told `True` in such a way that no index answers it, since another one
    leads to fewer rows. `common`: each of its values is that of very many rows, so that they are sooner met along the order of the
    list; but in the orders (sorts by name) with which it is `paired` by an index on it and the order's column.
    """

    of: Callable[[Any], Any]
    condition: Callable[[Session, Sequence[Any], bool], ColumnElement[bool]]
    common: bool = False
    paired: Sequence[str] = ()


def reference(value: Any) -> int:
    """An id as an address says it; `ValueError` for what can be none."""
    number = int(str(value)[:20])
    if not 0 < number < 2**31:
        raise ValueError(value)
    return number


def a_day(value: Any) -> date:
    """A day as an address says it, 2026-03-05; `ValueError` for what is none."""
    found = date.fromisoformat(str(value)[:20])
    if not 1900 <= found.year <= 9000:
        raise ValueError(value)
    return found


def among(column: Any, of: Callable[[Any], Any] = reference, *, common: bool = False, paired: Sequence[str] = ()) -> Filter:
    """A filter over the values of a column: ids, or the words of a closed set."""
    return Filter(of, lambda _session, values, along: (without_index(column) if along else column).in_(values), common, paired)


def without_index(column: Any) -> Any:
    """The column as an expression that no index answers, on either database."""
    same = column + literal_column("0") if isinstance(column.type, Integer) else column.op("||")(literal_column("''"))
    return type_coerce(same, column.type)


@dataclass(frozen=True, slots=True)
class Related:
    """Text of other records: of the one that a column of the listed record refers to (`by`: a customer's name), or of those that refer to
    it (`back`: the contacts of a customer)."""

    model: type[Base]
    columns: Sequence[Any]
    by: Any = None
    back: Any = None

    @property
    def column(self) -> Any:
        """The column that holds the ids of the related records, where they are sought."""
        return self.by if self.by is not None else self.model.__table__.c.id

    def key(self, listed: type[Base]) -> Any:
        """The ids of the listed records beside it."""
        return listed.__table__.c.id if self.by is not None else self.back

    def joined(self, listed: type[Base]) -> ColumnElement[bool]:
        """That a related record belongs to the listed one."""
        same: ColumnElement[bool] = self.model.__table__.c.id == self.by if self.by is not None else self.back == listed.__table__.c.id
        return same


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a list is looked for. A filter that is not `chosen` asks for all; a `text` without letter or digit finds nothing."""

    chosen: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    text: str = ""
    sort: str = ""
    descending: bool = True
