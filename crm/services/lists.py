"""Lists of records: filtered, searched, sorted and paged by the database, within the person's reach. Each list declares itself here.

A page is found by its ids alone, over an index, from the last row of the page before it (`Place`), and only then are its rows read:
so a page costs the same however far down it lies, and a list never ends before its rows do. The number of rows is exact up to `MOST`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from crm.models import Base
from crm.models.base import Money
from crm.scope import HELD, NOBODYS, PART_OF, Actor, Scope
from crm.services import searching
from crm.services.input_faults import NotAChoice
from crm.services.input_types import clean
from crm.vocabulary import Reach

MOST = 10_000
"""Rows are counted exactly up to so many, and a page may be reached past so many others without knowing the one before it."""

FEW = 10_000
"""So many rows that hold what is sought are fetched by the index of what is searched; more are met while walking in the list's order."""

GATHERED = 60_000
"""So many hits are gathered where few rows are within reach: any of these may be one, and none must be looked at."""

PAGE = 100
LONGEST_PAGE = 500


class Row(Protocol):
    """What a list shows of a record: whatever its columns take, and its id."""

    @property
    def id(self) -> int: ...


Shown = TypeVar("Shown", bound=Row, covariant=True)

Place = tuple[Any, int]
"""Where a page begins: behind the row with this value of the sort's column, and this id."""


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


@dataclass(frozen=True, slots=True)
class RecordList(Generic[Shown]):
    """A list of records of `model`, declared once: how it is sorted (the first sort is the usual one), narrowed and searched.

    `rows` reads what is shown of the records with these ids, in any order; `rows_for`, in its place, where that depends on who reads.
    `only` holds for every row, `few` says that it leaves few, to which an index leads; `within` is whose reach counts, where it is not that
    of reading. `in_teams` are the orders in which an index holds the rows of a team. `short`: text is looked for row by row.
    """

    key: str
    model: type[Base]
    sorts: Mapping[str, Sort]
    filters: Mapping[str, Filter]
    rows: Callable[[Session, Sequence[int]], Sequence[Shown]]
    searched: Sequence[Any] = ()
    related: Sequence[Related] = ()
    descending: bool = True
    only: Callable[[], ColumnElement[bool]] = true
    few: bool = False
    in_teams: Sequence[str] = ()
    short: bool = False
    within: Callable[[Actor], Scope] = lambda actor: actor.scope
    rows_for: Callable[[Session, Actor, Sequence[int]], Sequence[Shown]] | None = None

    def asked(self, wished: Mapping[str, Any]) -> Asked:
        """What an address or a page asks for: `NotAChoice` for a value that nobody offered."""
        try:
            chosen = {name: tuple(filter.of(value) for value in _several(wished.get(name))) for name, filter in self.filters.items()}
            sort = str(wished.get("sort") or next(iter(self.sorts)))
            if sort not in self.sorts:
                raise ValueError(sort)
        except (ValueError, ArithmeticError):
            raise NotAChoice() from None
        descending = self.descending if wished.get("dir") not in ("asc", "desc") else wished["dir"] == "desc"
        return Asked({name: values for name, values in chosen.items() if values}, clean(wished.get("q") or ""), sort, descending)

    def page(
        self, session: Session, actor: Actor, asked: Asked, after: Place | None = None, skip: int = 0, count: int = PAGE
    ) -> list[Shown]:
        """At most `count` rows behind `after` (None: from the first on), past `skip` others (no more than `MOST`)."""
        if _is_unsayable(asked):
            return []
        found = self._ids(session, actor, asked, after, min(max(skip, 0), MOST), min(max(count, 0), LONGEST_PAGE))
        read = self.rows_for(session, actor, found) if self.rows_for else self.rows(session, found)
        rows = {row.id: row for row in read}
        return [rows[id] for id in found if id in rows]

    def place(self, session: Session, asked: Asked, row_id: int) -> Place:
        """Where the page behind this row begins, as a page keeps it."""
        return plain(session.scalar(select(self._sort(asked).column).where(self._id == row_id))), row_id

    def placed(self, asked: Asked, sent: Any) -> Place | None:
        """A place that a page kept; `NotAChoice` for what is none."""
        if sent is None:
            return None
        try:
            value, id = sent
            return self._sort(asked).value(value), reference(id)
        except (ValueError, TypeError, ArithmeticError):
            raise NotAChoice() from None

    def counted(self, session: Session, actor: Actor, asked: Asked) -> int:
        """How many there are, exactly up to `MOST`; `MOST` + 1 means more."""
        if _is_unsayable(asked):
            return 0
        sought, walks = self._sought(session, actor, asked)
        statement = self._narrowed(session, actor, asked).where(*sought)
        if walks and not self._is_narrow(actor, asked):
            if FEW >= MOST and self.only is true and not asked.chosen and len(searching.grams(asked.text)) == 1:
                return MOST + 1  # more rows than are counted hold the very pair that is sought, and all are within reach
            statement = statement.order_by(self._sort(Asked()).column, self._id)
        return session.scalar(select(func.count()).select_from(statement.limit(MOST + 1).subquery())) or 0

    def everything(self, session: Session, actor: Actor, asked: Asked) -> Iterator[Shown]:
        """All rows, one page after the other, for an export: in the order of the list."""
        after: Place | None = None
        while rows := self.page(session, actor, asked, after, count=LONGEST_PAGE):
            yield from rows
            after = self.placed(asked, self.place(session, asked, rows[-1].id))

    @property
    def _id(self) -> Any:
        return self.model.__table__.c.id

    def _order(self, asked: Asked) -> str:
        return asked.sort or next(iter(self.sorts))

    def _sort(self, asked: Asked) -> Sort:
        return self.sorts[self._order(asked)]

    def _narrowed(self, session: Session, actor: Actor, asked: Asked) -> Select[int]:
        """The ids of what is within reach and was chosen."""
        leads = self._leads(actor, asked)
        chosen = [
            self.filters[name].condition(session, values, self.filters[name].common and name != leads)
            for name, values in asked.chosen.items()
        ]
        return self.within(actor).narrow(select(self._id), self.model).where(self.only(), *chosen)

    def _sought(self, session: Session, actor: Actor, asked: Asked) -> tuple[list[ColumnElement[bool]], bool]:
        """What must hold of the text, and whether it is looked for row by row, in an order of the list."""
        if not asked.text:
            return [], False
        if not (self.searched or self.related):
            return [false()], False
        if self.short:
            return [self._contains(asked.text)], False
        few = self._few(session, searching.grams(asked.text))
        if few is not None:
            return [self._contains(asked.text), self._id.in_(few)], False
        gathered = self._gathered(session, asked.text) if self._is_narrow(actor, asked) else None
        return gathered or [self._contains(asked.text)], True

    def _is_narrow(self, actor: Actor, asked: Asked) -> bool:
        """Whether the person's reach, or what is chosen, leaves few rows, to which an index leads."""
        kind = HELD.get(self.model) or NOBODYS.get(self.model) or PART_OF[self.model][0]
        within = self.within(actor).over(kind) is not Reach.COMPANY
        return self.few or within or any(not self.filters[name].common for name in asked.chosen)

    def _leads(self, actor: Actor, asked: Asked) -> str | None:
        """The chosen filter that leads to the rows in the order that is asked for, by an index on both."""
        if self._is_narrow(actor, asked):
            return None
        return next((name for name in asked.chosen if self._order(asked) in self.filters[name].paired), None)

    def _teams(self, actor: Actor, asked: Asked) -> Sequence[int]:
        """The teams whose rows are asked for, where nothing else narrows them and an index holds each team's in the order asked for."""
        within, others = self.within(actor), set(asked.chosen) - {"team"}
        if self._order(asked) not in self.in_teams or others or within.own_too or self.model not in HELD:
            return ()
        if within.over(HELD[self.model]) is Reach.COMPANY:
            return asked.chosen.get("team", ())
        reached = within.team_ids if within.over(HELD[self.model]) is Reach.TEAMS else ()
        return [team for team in sorted(reached) if team in asked.chosen.get("team", reached)]

    def _apart(self, actor: Actor, asked: Asked) -> list[Asked]:
        """The same question for each value of the filter that leads: an index holds the rows of one value in order, of several not."""
        leads = self._leads(actor, asked)
        if leads is None:
            return [asked]
        return [replace(asked, chosen={**asked.chosen, leads: (value,)}) for value in asked.chosen[leads]]

    def _few(self, session: Session, pairs: Sequence[str]) -> Select[int] | None:
        """The ids that the index of what is searched finds; None where they are so many that they are sooner met along the way.

        Each source is asked by itself and no further than `FEW`: taken together, all that they hold would be gathered first.
        """
        found = [searching.holding(session, self.model, pairs)] if self.searched else []
        if any(_are_many(session, one, FEW) for one in found):
            return None
        for related in self.related:
            theirs = searching.holding(session, related.model, pairs)
            ids = select(related.key(self.model)).where(related.column.in_(theirs))
            if _are_many(session, theirs, FEW) or _are_many(session, ids, FEW):
                return None
            found.append(ids)
        return select(union(*found).subquery().c[0])

    def _gathered(self, session: Session, text: str) -> list[ColumnElement[bool]] | None:
        """That the text stands there, said by the index of pairs alone: what is one pair, and no more than `GATHERED` hold it anywhere.

        The index knows more letters in two cases than the look at the text itself does: these are left to that.
        """
        if searching.grams(text) != [text] or len(text) != 2 or not (text.isascii() or text.lower() == text.upper()):
            return None
        found = [(self._id, searching.holding(session, self.model, [text]))] if self.searched else []
        for related in self.related:
            theirs = searching.holding(session, related.model, [text])
            if _are_many(session, theirs, GATHERED):
                return None
            belong = theirs if related.by is not None else select(related.back).where(related.column.in_(theirs))
            found.append((related.by if related.by is not None else self._id, belong))
        if any(_are_many(session, ids, GATHERED) for _column, ids in found):
            return None
        return [or_(*(without_index(column).in_(ids) for column, ids in found))]

    def _contains(self, text: str) -> ColumnElement[bool]:
        """That the text stands there, letter by letter."""
        own = [column.icontains(text, autoescape=True) for column in self.searched]
        others = [
            select(1).where(related.joined(self.model), or_(*(said.icontains(text, autoescape=True) for said in related.columns))).exists()
            for related in self.related
        ]
        return or_(*own, *others)

    def _ids(self, session: Session, actor: Actor, asked: Asked, after: Place | None, skip: int, count: int) -> list[int]:
        """The ids of a page, walked segment by segment (`_segments`)."""
        sought, found = self._sought(session, actor, asked)[0], list[int]()
        walks = [self._narrowed(session, actor, one).where(*sought) for one in self._apart(actor, asked)]
        parts, teams = self._segments(session, asked), self._teams(actor, asked)
        if teams:
            walks = [walks[0].where(self.model.__table__.c.team_id == team) for team in teams]
        for segment in [_Whole(parts)] if parts and not teams and self._is_narrow(actor, asked) else parts:
            if after is not None and not segment.holds(after):
                continue
            here = [segment.condition, *([] if after is None else [segment.behind(after, asked.descending)])]
            after, left = None, skip + count - len(found)
            read = _merged([walk.where(*here) for walk in walks], segment.order(asked.descending), asked.descending, left)
            found += session.scalars(read)
            if len(found) >= skip + count:
                break
        return found[skip:]

    def _segments(self, session: Session, asked: Asked) -> list["_Segment"]:
        """The list as one walk after another, each in the order of an index: the rows of each rank, those without a value apart."""
        sort = self._sort(asked)
        if sort.ranks is not None:
            wanted = asked.chosen.get(asked.sort)  # a filter of the same name is over the same values
            ranks = [rank for rank in sort.ranks(session) if wanted is None or rank in wanted]
            ordered = reversed(ranks) if asked.descending else ranks
            return [_Segment(sort.column == rank, without_index(sort.column) == rank, (self._id,), rank) for rank in ordered]
        if not sort.nullable:
            return [_Segment(true(), true(), (sort.column, self._id))]
        hidden = without_index(sort.column)
        stated = _Segment(sort.column.is_not(None), hidden.is_not(None), (sort.column, self._id))
        empty = _Segment(sort.column.is_(null()), hidden.is_(null()), (self._id,), None)
        return [stated, empty] if asked.descending else [empty, stated]


_ANY: Any = object()


@dataclass(frozen=True, slots=True)
class _Segment:
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
class _Whole:
    """All parts of a list as one walk, where an index leads to few rows that are then sorted: they are read once and not once a part."""

    parts: Sequence[_Segment]
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


def _merged(walks: Sequence[Select[int]], keys: Sequence[Any], descending: bool, most: int) -> Select[int]:
    """The first rows of several walks in one order, each read no further than it must."""
    if len(walks) == 1:
        return walks[0].order_by(*(_directed(key, descending) for key in keys)).limit(most)
    named = [key.label(f"key_{place}") for place, key in enumerate(keys)]
    each = [walk.add_columns(*named).order_by(*(_directed(key, descending) for key in keys)).limit(most).subquery() for walk in walks]
    rows = union_all(*(select(*one.c) for one in each)).subquery()
    return select(rows.c[0]).order_by(*(_directed(rows.c[key.name], descending) for key in named)).limit(most)


def _are_many(session: Session, ids: Select[int], most: int) -> bool:
    """Whether more than `most` are found."""
    return (session.scalar(select(func.count()).select_from(ids.limit(most + 1).subquery())) or 0) > most


def _is_unsayable(asked: Asked) -> bool:
    """Whether a text is sought that has neither letter nor digit."""
    return bool(asked.text) and not searching.grams(asked.text)


def _directed(column: Any, descending: bool) -> ColumnElement[Any]:
    ordered: ColumnElement[Any] = column.desc() if descending else column.asc()
    return ordered


def _several(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
