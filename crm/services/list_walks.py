"""How the rows of a list are walked: segment by segment, each in the order of an index, from the last row of the page before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, literal, literal_column, or_, select, true, tuple_, union_all

from crm.services.list_terms import Place

_ANY: Any = object()


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a list: which rows (`alike`: the same said so that no index answers it), in the order of which columns; `value` is the one
    that all of them have."""

    condition: ColumnElement[bool]
    alike: ColumnElement[bool]
    keys: tuple[Any, ...]
    value: Any = _ANY

    def holds(self, place: Place) -> bool:
        """Whether a place lies in this part."""
        return place[0] == self.value if self.value is not _ANY else place[0] is not None

    def behind(self, place: Place, descending: bool) -> ColumnElement[bool]:
        """The rows behind a place."""
        here: Any = self.keys[0]
        there: Any = place[1]
        if len(self.keys) > 1:
            here, there = tuple_(*self.keys), tuple_(*(literal(value, key.type) for key, value in zip(self.keys, place, strict=True)))
        behind: ColumnElement[bool] = here < there if descending else here > there
        return behind

    def order(self, _descending: bool) -> Sequence[Any]:
        """In the order of which columns."""
        return self.keys


@dataclass(frozen=True, slots=True)
class Whole:
    """All parts of a list as one walk, where an index leads to few rows that are then sorted: they are read once and not once a part."""

    parts: Sequence[Segment]
    condition: ColumnElement[bool] = field(default_factory=true)

    def holds(self, place: Place) -> bool:
        """Whether a place lies in one of the parts."""
        return any(part.holds(place) for part in self.parts)

    def behind(self, place: Place, descending: bool) -> ColumnElement[bool]:
        """The rows behind a place: those of its part, and the parts that follow."""
        here = next(number for number, part in enumerate(self.parts) if part.holds(place))
        part = self.parts[here]
        return or_(and_(part.alike, part.behind(place, descending)), *(later.alike for later in self.parts[here + 1 :]))

    def order(self, descending: bool) -> Sequence[Any]:
        """Part by part, each in its own order; the parts come as they are walked, whichever way that is."""
        keys = max((part.keys for part in self.parts), key=len)
        if len(self.parts) == 1:
            return keys
        places: list[ColumnElement[Any]] = [literal_column(str(-place if descending else place)) for place in range(len(self.parts))]
        number = case(*((part.condition, place) for part, place in zip(self.parts[:-1], places, strict=False)), else_=places[-1])
        return (number, *keys)


def merged(walks: Sequence[Select[int]], keys: Sequence[Any], descending: bool, most: int) -> Select[int]:
    """The first rows of several walks in one order, each read no further than it must."""
    if len(walks) == 1:
        return walks[0].order_by(*(_directed(key, descending) for key in keys)).limit(most)
    named = [key.label(f"key_{place}") for place, key in enumerate(keys)]
    each = [walk.add_columns(*named).order_by(*(_directed(key, descending) for key in keys)).limit(most).subquery() for walk in walks]
    rows = union_all(*(select(*one.c) for one in each)).subquery()
    return select(rows.c[0]).order_by(*(_directed(rows.c[key.name], descending) for key in named)).limit(most)


def _directed(column: Any, descending: bool) -> ColumnElement[Any]:
    ordered: ColumnElement[Any] = column.desc() if descending else column.asc()
    return ordered
