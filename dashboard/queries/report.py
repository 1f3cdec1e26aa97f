"""What a report is: views of declared measures, run for one person under one filter state; and the records behind each number.

Scope and filters are applied to the relations before any aggregation. A view's SQL follows from its declaration: each relation is
aggregated to the view's grain, the arms are stacked and summed once more; hand-written SQL is for what this shape can't say.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import Any, ClassVar

from crm.errors import CrmError
from crm.rules.periods import Period
from crm.scope import Scope
from crm.vocabulary import Reach, Role
from dashboard.i18n import N_, Lazy, _l
from dashboard.queries.compose import Composed, Page, compose, rolls_up
from dashboard.queries.compose import total as added
from dashboard.queries.dimensions import DIMENSIONS, Names
from dashboard.queries.few import veil
from dashboard.queries.filters import Question
from dashboard.queries.measure import Derived, Figure, Measure, parts_of
from dashboard.queries.phrases import both
from dashboard.queries.relations import is_aggregate, lacking, sees
from dashboard.queries.warehouse import Row, Warehouse, values_of


class UnknownTable(CrmError):
    """The report has no table of that name."""

    message = N_("This report has no table “{table}”. Its tables are: {tables}.")


@dataclass(frozen=True)
class View:
    """One table of a report: its grain, and what stands in each row.

    `by`: the dimensions of its grain; none is the headline. `order`: the figure that rows are sorted by, the largest first, or empty
    for the dimension's own order. `everyone`: active teams and people without any row appear with zeros. `paged`: so many rows that
    they are fetched by the page; `population` are then the measures whose records say which rows there are, else the first. `pivot`: a
    dimension whose values become columns, and the measures in them. `overlapping`: a record may count in several rows; the total counts
    it once. `after`: a pure function over the finished rows (ranks, shares, running totals).
    `running`: a row's figures are those from the period's first day to its own.
    """

    personal: ClassVar[bool] = False
    """Whether two people of the same scope are shown different things: where each sees their own place."""

    name: str
    title: Lazy
    by: tuple[str, ...]
    figures: tuple[Figure, ...]
    order: str = ""
    everyone: bool = False
    paged: bool = False
    pivot: tuple[str, tuple[Measure, ...]] | None = None
    overlapping: bool = False
    total_from: str = ""
    after: Callable[[list[Row], Row, Question], list[Row]] | None = None
    population: tuple[Measure, ...] = ()
    running: bool = False

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """The measures to be fetched: those shown, and the parts of those computed."""
        found: dict[str, Measure] = {}
        for figure in self.figures:
            for part in parts_of(figure):
                found.setdefault(part.key, part)
        return tuple(found.values())

    def grain(self, scope: Scope) -> tuple[str, ...]:
        """The dimensions that this person's rows have: who sees only their own rows sees no team's figure, but their own in it."""
        own = any(scope.over(measure.relation.kind) is Reach.OWN for measure in self.measures)
        return (*self.by, "rep") if own and "team" in self.by and "rep" not in self.by else self.by

    def meant(self, cell: Mapping[str, Any], question: Question) -> tuple[Question, dict[str, Any]]:
        """The question and the cell that a number in `cell` answers: one that runs up over the period is all up to the day of the cell."""
        if not (self.running and isinstance(cell.get("day"), date)):
            return question, dict(cell)
        last = min(max(cell["day"], question.period.start), question.period.last)
        within = {name: value for name, value in cell.items() if name != "day"}
        return replace(question, period=Period.of(question.period.start, last)), within

    def run(
        self, scope: Scope, question: Question, warehouse: Warehouse, names: Names, page: Page | None = None, before: Question | None = None
    ) -> "Table":
        """Its rows and their total as this person may see them; `before`: what is compared with, for those kinds that look at it."""
        return tabulated(self, scope, question, warehouse, names, page)


@dataclass(frozen=True, slots=True)
class Listing:
    """A table that lists the records behind a measure, with columns of the record itself."""

    name: str
    title: Lazy
    measure: Measure
    order: str = ""
    """The column that its rows are sorted by, the largest or latest first; empty: by what they add."""

    def meant(self, cell: Mapping[str, Any], question: Question) -> tuple[Question, dict[str, Any]]:
        """As `View.meant`: what a list adds up to runs over the whole period."""
        return question, dict(cell)


@dataclass(frozen=True)
class Report:
    """A page of the menu: its question, who may open it, its tables, its headline figures, its further filters.

    `opens`: by table the one that a row of it opens into, under the row's value as a filter: team → reps, source → campaigns.
    """

    key: str
    title: Lazy
    question: Lazy
    roles: frozenset[Role]
    headline: tuple[Figure, ...]
    views: tuple[View | Listing, ...]
    filters: tuple[str, ...] = ("team", "rep", "product", "source")
    keeps_history: bool = True
    opens: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __hash__(self) -> int:
        return hash(self.key)

    def view(self, name: str) -> View | Listing:
        """The table of that name; KeyError if there is none."""
        return next(view for view in (self.top, *self.views) if view.name == name) if name in self.names else _missing(name)

    def parts(self, name: str) -> View | None:
        """The table whose rows stand under those of the table of that name: what it opens into, if that has the same figures one level
        down. Ranks of teams and of people stand in no one table."""
        above, below = self.view(name), self.view(self.opens[name]) if name in self.opens else None
        if not isinstance(above, View) or not isinstance(below, View) or above.personal or below.paged:
            return None
        same = (above.figures, above.pivot) == (below.figures, below.pivot) and above.by == below.by[:-1]
        return below if same else None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its tables, `main` first, and of its headline."""
        return (*(view.name for view in self.views), "headline")

    @cached_property
    def top(self) -> View:
        """The headline as a view of one row."""
        return View("headline", self.title, (), self.headline)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """Every figure that it shows, by key; where a table splits an amount by product, the whole one wins."""
        found: dict[str, Figure] = {}
        for view in (self.top, *(view for view in self.views if isinstance(view, View))):
            for figure in (*view.figures, *view.measures):
                found.setdefault(figure.key, figure)
        return found

    @cached_property
    def personal(self) -> bool:
        """Whether what it shows depends on who asks beyond their scope."""
        return any(view.personal for view in self.views if isinstance(view, View))

    @cached_property
    def over(self) -> frozenset[str]:
        """The relations that its figures and lists are over."""
        return self.listed | {part.over for figure in self.figures.values() for part in parts_of(figure)}

    @cached_property
    def listed(self) -> frozenset[str]:
        """Those whose records it lists."""
        return frozenset(view.measure.over for view in self.views if isinstance(view, Listing))

    def open_to(self, roles: frozenset[Role]) -> bool:
        """Whether people with these roles may open it."""
        return bool(self.roles & roles)


def _missing(name: str) -> Any:
    raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Table:
    """What a view shows: rows (ids by dimension, names by `<dimension>_label`, figures by key), the total, and why figures are missing."""

    view: View
    by: tuple[str, ...]
    rows: list[Row]
    total: Row
    missing: Mapping[str, tuple[str, ...]]
    columns: tuple[Figure, ...]
    more: bool = False

    def totals(self, figure: Figure) -> bool:
        """Whether the total has a figure of it: a place is known among rows only, and the total has none."""
        return not (isinstance(figure, Derived) and figure.formula is None and self.total.get(figure.key) is None)


def tabulated(view: View, scope: Scope, question: Question, warehouse: Warehouse, names: Names, page: Page | None = None) -> Table:
    """The rows of `view` that this person may see, under these filters, named and in order, and their total."""
    table = gathered(view, scope, question, warehouse, names, page)
    rows, by = table.rows, table.by
    names.seen_from(question).label(rows, by, scope)
    if view.paged:
        _sort(rows, by, (page and page.sort) or view.order, ascending=bool(page and page.ascending))
    else:
        _sort(rows, by, view.order)
    return replace(table, rows=view.after(rows, table.total, question)) if view.after else table


def gathered(view: View, scope: Scope, question: Question, warehouse: Warehouse, names: Names, page: Page | None = None) -> Table:
    """The same rows with their ids only, as they come: for who names and orders them in their own way."""
    by, columns = view.grain(scope), columns_of(view, names.seen_from(question))
    asked, parts = _asked(view, columns, by, scope, question), _fetched(view, columns)
    missing = {m.key: lacking(m.relation, question) for m in parts if lacking(m.relation, question)}
    fetched = _fetch(view, by, asked, scope, question, warehouse, names, page or (Page() if view.paged else None))
    keys = [m.key for m in parts]
    found = [row for row in fetched if row["grain"] == 0]
    whole = next((row for row in fetched if row["grain"] == 1), {})
    if by and not view.paged:
        whole = whole | {m.key: added(m, (row[m.key] for row in found)) for m in asked if rolls_up(m)}
    (total,) = _finished([whole], (), keys, asked, columns)
    if view.everyone and not view.paged:
        found += names.units_without(by, scope, question, found)
    rows = _finished(found, by, keys, asked, columns)
    more = view.paged and len(rows) > (page or Page()).count and (page is None or page.only is None)
    rows = rows[: (page or Page()).count] if view.paged else _told(view, by, rows, names, asked)
    veil(rows, total, [m for m in asked if is_aggregate(m.relation, scope)], by)
    return Table(view, by, rows, total, missing, columns, more)


def headline(
    view: View, beside: Sequence[Table], scope: Scope, question: Question, warehouse: Warehouse, names: Names
) -> Table:  # fmt: skip
    """The one row of `view`: what the totals of the tables beside it say, which were run for the same question, and the rest asked for."""
    return completed(view, _said(beside, scope, question), scope, question, warehouse, names)


def completed(
    view: View, known: Mapping[Measure, Any], scope: Scope, question: Question, warehouse: Warehouse, names: Names
) -> Table:  # fmt: skip
    """The one row of `view`: the numbers that are known already, and the rest asked for."""
    parts, asked = _fetched(view, view.figures), asked_of(view, scope, question)
    rest = tuple(m for m in asked if m not in known)
    total: Row = {m.key: known[m] for m in asked if m in known}
    veil((), total, [m for m in asked if m in known and is_aggregate(m.relation, scope)], ())
    if rest:
        total |= gathered(replace(view, figures=rest), scope, question, warehouse, names).total
    missing = {m.key: lacking(m.relation, question) for m in parts if lacking(m.relation, question)}
    (whole,) = _finished([total], (), [m.key for m in parts], asked, view.figures)
    return Table(view, (), [], whole | {"few": total["few"]} if "few" in total else whole, missing, view.figures)


def asked_of(view: View, scope: Scope, question: Question) -> tuple[Measure, ...]:
    """The measures of a headline that this person is shown under these filters."""
    return _asked(view, view.figures, (), scope, question)


def _said(tables: Sequence[Table], scope: Scope, question: Question) -> dict[Measure, Any]:
    """What the totals of tables say.

    A total is not taken where amounts of few contracts may be hidden: what is hidden depends on the rows beside it. Nor is it where rows
    stand above it that are not summed.
    """
    said: dict[Measure, Any] = {}
    for table in tables:
        if table.total and not any(row.get("beyond") for row in table.rows):
            there = _asked(table.view, table.columns, table.by, scope, question)
            said |= {m: table.total[m.key] for m in there if not is_aggregate(m.relation, scope)}
    return said


def narrowed(view: View, figures: Collection[str], scope: Scope) -> View:
    """`view` with some of its figures only, and the one that it is sorted by: what a picture asks for.

    A view whose rows depend on more than their own figures stays whole: ranks, running totals, columns of a pivot, amounts that are
    hidden by how many contracts they are over.
    """
    kept = {figure.key: figure for figure in (*view.figures, *view.measures) if figure.key in figures or figure.key == view.order}
    whole = view.personal or view.after or view.pivot or view.paged or len(kept) == len(view.figures)
    if whole or any(is_aggregate(measure.relation, scope) for measure in view.measures):
        return view
    return replace(view, name=f"{view.name}/{'+'.join(kept)}", figures=tuple(kept.values()))


def picked(table: Table, narrow: View, names: Names) -> Table:
    """A table as the narrower view of it would be, without asking again: rows that have none of its figures are not in it."""
    if narrow == table.view:
        return table
    return replace(table, view=narrow, rows=_told(narrow, table.by, table.rows, names, narrow.measures))


def composed(view: View, scope: Scope, question: Question, names: Names) -> Composed:
    """The SQL that `tabulated` sends, for the benchmark and for "how is this computed"."""
    by = view.grain(scope)
    asked = _asked(view, columns_of(view, names), by, scope, question)
    return compose(by, asked, scope, question, names.products, Page() if view.paged else None, view.order, view.population)


def columns_of(view: View, names: Names) -> tuple[Figure, ...]:
    """The figures of a view with its pivoted columns."""
    if view.pivot is None:
        return view.figures
    dimension, measures = view.pivot
    column = DIMENSIONS[dimension].column
    pivoted = tuple(
        Measure(
            f"{measure.key}_{id}",
            name.label if len(measures) == 1 else _l("{name}: {measure}", name=name.label, measure=measure.title),
            measure.unit,
            measure.definition,
            measure.over,
            both(measure.where, f"{column} = {id}"),
            measure.value,
        )
        for id, name in names.of(dimension).items()
        for measure in measures
    )
    return (*view.figures, *pivoted)


def _fetched(view: View, columns: Sequence[Figure]) -> tuple[Measure, ...]:
    found = {m.key: m for figure in columns for m in parts_of(figure)}
    return tuple(found.values())


def _asked(view: View, columns: Sequence[Figure], by: Sequence[str], scope: Scope, question: Question) -> tuple[Measure, ...]:
    """The measures that this person is shown in this table under these filters."""
    return tuple(
        m
        for m in _fetched(view, columns)
        if sees(m.relation, scope) and not lacking(m.relation, question) and not _hidden(m, by, scope, question)
    )


AGGREGATED = frozenset({"source", "campaign", "product", "month"})
"""What figures of aggregate reach may be grouped and filtered by."""


def _hidden(measure: Measure, by: Sequence[str], scope: Scope, question: Question) -> bool:
    """A figure that would reveal more than the scope: others' money by team or customer."""
    return is_aggregate(measure.relation, scope) and not {*by, *question.chosen} <= AGGREGATED


def _fetch(
    view: View, by: tuple[str, ...], asked: tuple[Measure, ...], scope: Scope, question: Question,
    warehouse: Warehouse, names: Names, page: Page | None,
) -> list[Row]:  # fmt: skip
    if not asked:
        return []
    population = tuple(m for m in view.population if m in asked)
    query = compose(by, asked, scope, question, names.products, page, view.order, population)
    return warehouse.fetch(query.sql, query.values)


def _finished(
    rows: Sequence[Row], by: Sequence[str], keys: Sequence[str], asked: Sequence[Measure], columns: Sequence[Figure]
) -> list[Row]:
    """Fetched rows made whole: their ids, every measure, and what is computed from them. A column after the other, since a table may have
    a thousand rows."""
    plain = {m.key: m for m in asked}
    nothing = [None] * len(rows)  # a figure that this person is not shown here, or that was not asked for
    done: dict[str, Sequence[Any]] = {name: [row.get(name) for row in rows] for name in by}
    for key in keys:
        done[key] = plain[key].read([row.get(key) for row in rows]) if key in plain else nothing
    for figure in columns:
        if isinstance(figure, Derived):
            done[figure.key] = figure.computed(done, len(rows))
    return [dict(zip(done, row, strict=True)) for row in zip(*done.values(), strict=True)] if done else [{} for _ in rows]


def _told(view: View, by: tuple[str, ...], rows: list[Row], names: Names, asked: Sequence[Measure]) -> list[Row]:
    """The rows that appear: those with a figure and, where all active units do, theirs. It depends on nothing else whether zeros do."""
    there = map(any, values_of(rows, [m.key for m in asked]))
    if not view.everyone:
        return [row for row, has in zip(rows, there, strict=True) if has]
    return [row for row, has in zip(rows, there, strict=True) if has or names.is_active(by, row)]


def _sort(rows: list[Row], by: Sequence[str], order: str, ascending: bool = False) -> None:
    """By the figure, the largest first, unknown last; ties, and tables without such a figure, in the order of the dimensions."""
    for name in reversed(by):
        rows.sort(key=itemgetter(f"{name}_key"))
    if order:
        known = [row for row in rows if row.get(order) is not None]
        known.sort(key=itemgetter(order), reverse=not ascending)
        rows[:] = known + [row for row in rows if row.get(order) is None]
    for row in rows:
        for name in by:
            del row[f"{name}_key"]
