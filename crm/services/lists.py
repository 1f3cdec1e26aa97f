"""Lists of records: filtered, searched, sorted and paged by the database, within the person's reach. Each list declares itself here.

A page is found by its ids alone, over an index, from the last row of the page before it (`Place`), and only then are its rows read:
so a page costs the same however far down it lies, and a list never ends before its rows do. The number of rows is exact up to `MOST`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, false, func, null, select, true
from sqlalchemy.orm import Session

from crm.models import Base
from crm.scope import HELD, NOBODYS, PART_OF, Actor, Scope
from crm.services import list_search, searching
from crm.services.input_faults import NotAChoice
from crm.services.input_types import clean
from crm.services.list_search import Search, is_unsayable
from crm.services.list_short import Short
from crm.services.list_terms import Asked, Filter, Place, Related, Sort, plain, reference, without_index
from crm.services.list_walks import Segment, Whole, merged
from crm.vocabulary import Reach

MOST = 10_000
"""Rows are counted exactly up to so many, and a page may be reached past so many others without knowing the one before it."""

PAGE = 100
LONGEST_PAGE = 500


class Row(Protocol):
    """What a list shows of a record: whatever its columns take, and its id."""

    @property
    def id(self) -> int: ...


Shown = TypeVar("Shown", bound=Row, covariant=True)


@dataclass(frozen=True, slots=True)
class RecordList(Generic[Shown]):
    """A list of records of `model`, declared once: how it is sorted (the first sort is the usual one), narrowed and searched.

    `rows` reads what is shown of the records with these ids, in any order; `rows_for`, in its place, where that depends on who reads.
    `only` holds for every row, `few` says that it leaves few, to which an index leads; `within` is whose reach counts, where it is not that
    of reading. `in_teams` are the orders in which an index holds the rows of a team. `short`: a list of values that are
    retired (`list_short`); its text is looked for row by row.
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
        if is_unsayable(asked):
            return []
        found = self._ids(session, actor, asked, after, min(max(skip, 0), MOST), min(max(count, 0), LONGEST_PAGE))
        read = self.rows_for(session, actor, found) if self.rows_for else self.rows(session, found)
        rows = {row.id: row for row in read}
        return [rows[id] for id in found if id in rows]

    def place(self, session: Session, asked: Asked, row_id: int) -> Place:
        """Where the page behind this row begins, as a page keeps it."""
        column = self._sort(asked).column
        if not self.short:
            return plain(session.scalar(select(column).where(self._id == row_id))), row_id
        active, value = session.execute(select(self._active, column).where(self._id == row_id)).one()
        return [active, plain(value)], row_id

    def placed(self, asked: Asked, sent: Any) -> Place | None:
        """A place that a page kept; `NotAChoice` for what is none."""
        if sent is None:
            return None
        try:
            value, id = sent
            if not self.short:
                return self._sort(asked).value(value), reference(id)
            active, stated = value
            return (bool(active), self._sort(asked).value(stated)), reference(id)
        except (ValueError, TypeError, ArithmeticError):
            raise NotAChoice() from None

    def counted(self, session: Session, actor: Actor, asked: Asked) -> int:
        """How many there are, exactly up to `MOST`; `MOST` + 1 means more."""
        if is_unsayable(asked):
            return 0
        sought, walks = self._sought(session, actor, asked)
        statement = self._narrowed(session, actor, asked).where(*sought)
        if walks and not self._is_narrow(actor, asked):
            if list_search.FEW >= MOST and self.only is true and not asked.chosen and len(searching.grams(asked.text)) == 1:
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

    @property
    def _active(self) -> Any:
        return self.model.__table__.c.active

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
        search = Search(self.model, self.searched, self.related)
        if self.short:
            return [search.contains(asked.text)], False
        few = search.few(session, searching.grams(asked.text))
        if few is not None:
            return [search.contains(asked.text), self._id.in_(few)], False
        gathered = search.gathered(session, asked.text) if self._is_narrow(actor, asked) else None
        return gathered or [search.contains(asked.text)], True

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

    def _ids(self, session: Session, actor: Actor, asked: Asked, after: Place | None, skip: int, count: int) -> list[int]:
        """The ids of a page, walked segment by segment (`_segments`)."""
        sought, found = self._sought(session, actor, asked)[0], list[int]()
        if self.short:
            narrowed = self._narrowed(session, actor, asked).where(*sought)
            return self._short(session, asked).ids(session, narrowed, after)[skip : skip + count]
        walks = [self._narrowed(session, actor, one).where(*sought) for one in self._apart(actor, asked)]
        parts, teams = self._segments(session, asked), self._teams(actor, asked)
        if teams:
            walks = [walks[0].where(self.model.__table__.c.team_id == team) for team in teams]
        for segment in [Whole(parts)] if parts and not teams and self._is_narrow(actor, asked) else parts:
            if after is not None and not segment.holds(after):
                continue
            here = [segment.condition, *([] if after is None else [segment.behind(after, asked.descending)])]
            after, left = None, skip + count - len(found)
            read = merged([walk.where(*here) for walk in walks], segment.order(asked.descending), asked.descending, left)
            found += session.scalars(read)
            if len(found) >= skip + count:
                break
        return found[skip:]

    def _short(self, session: Session, asked: Asked) -> Short:
        sort = self._sort(asked)
        return Short(sort, self._active, asked.descending, sort.ranks(session) if sort.ranks else ())

    def _segments(self, session: Session, asked: Asked) -> list[Segment]:
        """The list as one walk after another, each in the order of an index: the rows of each rank, those without a value apart."""
        sort = self._sort(asked)
        if sort.ranks is not None:
            wanted = asked.chosen.get(asked.sort)  # a filter of the same name is over the same values
            ranks = [rank for rank in sort.ranks(session) if wanted is None or rank in wanted]
            ordered = reversed(ranks) if asked.descending else ranks
            return [Segment(sort.column == rank, without_index(sort.column) == rank, (self._id,), rank) for rank in ordered]
        if not sort.nullable:
            return [Segment(true(), true(), (sort.column, self._id))]
        hidden = without_index(sort.column)
        stated = Segment(sort.column.is_not(None), hidden.is_not(None), (sort.column, self._id))
        empty = Segment(sort.column.is_(null()), hidden.is_(null()), (self._id,), None)
        return [stated, empty] if asked.descending else [empty, stated]


def _several(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
