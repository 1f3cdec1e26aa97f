"""Answers: the tables of a report for one person and filter state, computed once for each version of what they read.

Two people who see the same rows share an answer; nobody gets one that was computed under another scope. Whatever a commit touched has
a new version for those who see it, so nothing is ever invalidated.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from threading import Event, Lock
from typing import Any, TypeVar

from cachetools import LRUCache

from crm.rules.periods import last_periods
from crm.scope import Scope
from dashboard.queries.choices import matching, offered
from dashboard.queries.compared import both
from dashboard.queries.compose import Page
from dashboard.queries.dimensions import Names
from dashboard.queries.filters import Filters, Question, UnknownFilter, UnknownValue
from dashboard.queries.measure import Figure, Measure
from dashboard.queries.past import lines
from dashboard.queries.reading import DIMENSION_TABLES, reading
from dashboard.queries.records import Records, behind
from dashboard.queries.report import Listing, Report, Table, View, columns_of, headline, picked
from dashboard.queries.warehouse import Row, Warehouse

T = TypeVar("T")

ANSWERS = 4096
"""How many tables are kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One table as the screen shows it: for the question, and for the compared one if any."""

    question: Question
    before: Question | None
    table: Table
    table_before: Table | None
    version: int


class Kept:
    """What was computed before, for all threads: so many answers, each under what it depends on, the longest unused going first.

    What several ask for at the same moment is computed by the first of them; the others wait for it.
    """

    def __init__(self, capacity: int) -> None:
        self._kept: LRUCache[Hashable, Any] = LRUCache(capacity)
        self._under_way: dict[Hashable, Event] = {}
        self._lock = Lock()

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The answer kept under `key`, else what `compute` says, kept from now on."""
        while True:
            with self._lock:
                found = self._kept.get(key)
                if found is not None:
                    return found  # type: ignore[no-any-return]
                first = self._under_way.get(key)
                if first is None:
                    mine = self._under_way[key] = Event()
                    break
            first.wait()  # it may have failed, or found nothing to keep: then this one tries
        try:
            computed = compute()
            with self._lock:
                self._kept[key] = computed
            return computed
        finally:
            with self._lock:
                del self._under_way[key]
            mine.set()

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()


class Answers:
    """All that pages, exports and the command line ask of reports."""

    def __init__(self, warehouse: Warehouse, kept: Kept | None = None, named: Kept | None = None) -> None:
        self.warehouse = warehouse
        self._kept = kept or Kept(ANSWERS)
        self._named = named or Kept(2)  # the names of this version, and of the one that somebody still reads

    @contextmanager
    def still(self) -> Iterator["Answers"]:
        """Answers over the warehouse as it stands now, for one thread: all that a page or a file says is of one version."""
        with self.warehouse.snapshot() as warehouse:
            yield Answers(warehouse, self._kept, self._named)

    def version(self, report: Report, scope: Scope) -> int:
        """The position at which anything last changed that the report reads for a person of this scope: what was computed at an earlier one
        is out of date."""
        return self.warehouse.versions().of(reading(report, scope))

    @property
    def names_version(self) -> int:
        """The position at which a name or a setting last changed."""
        return self.warehouse.version(DIMENSION_TABLES)

    @property
    def names(self) -> Names:
        """The names of dimensions at the warehouse's present version."""
        kept = self._named.once(self.names_version, lambda: Names.read(self.warehouse))
        return replace(kept, warehouse=self.warehouse)

    def question(self, filters: Filters, today: date) -> Question:
        """The days that `filters` mean today, by the company's fiscal year and its patience with silence."""
        names = self.names
        return replace(filters.question(today, names.settings.get("fiscal_year_first_month", 1)), silences=names.silences)

    def accept(self, report: Report, filters: Filters, scope: Scope) -> None:
        """Raise `UnknownFilter` or `UnknownValue` for what this report does not offer this person."""
        for name, ids in filters.chosen:
            if name not in report.filters:
                raise UnknownFilter(name=name)
            offered = self.offered(name, scope)
            if offered is not None:
                for id in ids:
                    if id not in offered:
                        raise UnknownValue(name=name, value=id)

    def standing(self, report: Report, filters: Filters, scope: Scope) -> Filters:
        """The filters without the values that this report does not offer this person, or no longer."""
        for name, ids in filters.chosen:
            offered = self.offered(name, scope) if name in report.filters else {}
            if offered is not None:
                filters = filters.choose(name, [id for id in ids if id in offered])
        return filters

    def offered(self, dimension: str, scope: Scope) -> Mapping[int, str] | None:
        """The values of a filter that a person may choose, with their names, in order; None where they are too many to list."""
        return offered(dimension, scope, self.names)

    def named(self, dimension: str, ids: Sequence[int], scope: Scope) -> Mapping[int, str]:
        """What these values of a dimension are called, as far as the person may know it."""
        return self.names.named(dimension, ids, scope)

    def matching(self, dimension: str, text: str, scope: Scope) -> Mapping[int, str]:
        """The values of a large dimension whose names contain `text`, within reach; the first few by name."""
        return matching(dimension, text, scope, self.warehouse)

    def called(self, dimension: str, value: Any, scope: Scope) -> str:
        """What one value of a dimension is called."""
        rows: list[Row] = [{dimension: value}]
        self.names.label(rows, (dimension,), scope)
        return str(rows[0][f"{dimension}_label"])

    def figure(self, key: str, view: View | Listing, report: Report) -> Figure | None:
        """The figure of that key as the table, or else the headline, shows it; None if neither does."""
        if isinstance(view, Listing):
            return view.measure if view.measure.key == key else None
        shown = (*columns_of(view, self.names), *view.measures, *report.top.figures, *report.top.measures)
        return next((figure for figure in shown if figure.key == key), None)

    def table(self, report: Report, view: View, scope: Scope, filters: Filters, today: date, page: Page | None = None) -> Answer:
        """One table of a report, compared as the filters say."""
        return self._kept.once(
            self._key(report, view, scope, filters, today, page), lambda: self._run(report, view, scope, filters, today, page)
        )

    def _key(self, report: Report, view: View, scope: Scope, filters: Filters, today: date, page: Page | None) -> Hashable:
        who = (scope.key, scope.user_id) if view.personal else scope.key
        return (report.key, view.name, who, filters, today, page, self.version(report, scope))

    def _run(self, report: Report, view: View, scope: Scope, filters: Filters, today: date, page: Page | None) -> Answer:
        names, version, question = self.names, self.version(report, scope), self.question(filters, today)
        before = filters.compared(question)
        table, table_before = both(view, scope, question, before, self.warehouse, names, page)
        return Answer(question, before, table, table_before, version)

    def headline(self, report: Report, scope: Scope, filters: Filters, today: date, beside: Sequence[Answer] = ()) -> Answer:
        """The headline, as far as possible taken from the totals of the tables `beside` it: the page asks for those anyway."""

        def compute() -> Answer:
            names, version, question = self.names, self.version(report, scope), self.question(filters, today)
            before = filters.compared(question)
            run = partial(headline, report.top, scope=scope, warehouse=self.warehouse, names=names)
            table = run([answer.table for answer in beside], question=question)
            compared = run([answer.table_before for answer in beside if answer.table_before], question=before) if before else None
            return Answer(question, before, table, compared, version)

        return self._kept.once(self._key(report, report.top, scope, filters, today, None), compute)

    def cut(self, answer: Answer, narrow: View) -> Answer:
        """An answer with what a picture draws of it only, as if no more had been asked."""
        before = picked(answer.table_before, narrow, self.names) if answer.table_before else None
        return replace(answer, table=picked(answer.table, narrow, self.names), table_before=before)

    def records(
        self, measure: Measure, cell: Mapping[str, Any], scope: Scope, filters: Filters, today: date, page: Page | None = None
    ) -> Records:
        """The records behind one number: of a measure that a report shows, in one cell (dimension → id; empty: the total)."""
        return behind(measure, tuple(cell), cell, scope, self.question(filters, today), self.warehouse, self.names, page)

    def past(self, report: Report, scope: Scope, filters: Filters, today: date, count: int = 12) -> list[Row]:
        """The headline's figures over the last periods, the present one last: the small lines. They compare with nothing."""
        asked = replace(filters, compare=None)

        def compute() -> list[Row]:
            question = self.question(filters, today)
            *before, _present = last_periods(filters.preset, question.period, count)
            return lines(report.top, scope, [question.seen_in(period) for period in before], self.warehouse, self.names)

        before = self._kept.once(("past", count, self._key(report, report.top, scope, asked, today, None)), compute)
        return [*before, self.headline(report, scope, filters, today).table.total]

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What `compute` makes of answers, kept with them; the key names all that it depends on."""
        return self._kept.once(key, compute)

    def forget(self) -> None:
        """Drop every stored answer, so that the next one is computed: for measuring. The names are no answer and stay."""
        self._kept.forget()
