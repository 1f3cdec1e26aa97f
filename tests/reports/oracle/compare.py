"""A report's table held against the oracle's: every cell, every figure, to the cent."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Kind, Reach, Unit
from dashboard.queries.answers import Answer, Answers
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Figure
from dashboard.queries.report import Report, Table, View
from dashboard.queries.warehouse import Row
from tests.reports.oracle import tables, windows
from tests.reports.oracle.ripe import Ripening
from tests.reports.oracle.tables import NOTHING, Cell, Figures, Oracle
from tests.reports.oracle.windows import Window

WHOLE = Page(count=1_000_000)
ELSEWHERE = ("pace",)
"""Tables of another grain, which have tests of their own."""
OF_THE_ROWS = frozenset({"share", "running_share", "rank_in_team", "rank_in_company", "rank_movement", "rank_by_sold", "rank_by_received"})
FEWEST = 3
MONEY = ("cohort_signed_amount", "cohort_received_amount")
"""Amounts that may be over too few contracts to be shown."""
PLACES = {Unit.MONEY: 2, Unit.RATE: 6}


def views(report: Report) -> list[View]:
    """The headline and the tables that the oracle knows."""
    return [view for view in (report.top, *report.views) if isinstance(view, View) and view.name not in ELSEWHERE]


def beyond(view: View, scope: Scope) -> bool:
    """Whether a table shows people whose rows are hidden: the ranking lists, to all but who see the company (tests of their own)."""
    return view.personal and scope.over(Kind.CONTRACT) is not Reach.COMPANY


def window_of(filters: Filters, oracle: Oracle) -> Window:
    """The days that filters mean."""
    custom = (filters.custom.start, filters.custom.last) if filters.custom else None
    return windows.window(filters.preset, custom, filters.as_of, oracle.today)


def differences(answers: Answers, oracle: Oracle, report: Report, scope: Scope, filters: Filters) -> list[str]:
    """Where report and oracle differ, as sentences; none where both say the same."""
    now = window_of(filters, oracle)
    before = windows.compared(filters.preset, now, filters.compare) if filters.compare else None
    found: list[str] = []
    for view in views(report):
        if beyond(view, scope):
            continue
        answer = answers.table(report, view, scope, filters, oracle.today, WHOLE if view.paged else None)
        if (answer.table_before is None) != (before is None):
            found.append(f"{view.name}: compared with {answer.before}, not with {before}")
            continue
        for table, at, among in _tables(answer, now, before):
            found += [f"{report.key}.{view.name} {at}: {said}" for said in _of_table(table, oracle, report, scope, filters, at, among)]
    return found


def _tables(answer: Answer, now: Window, before: Window | None) -> Iterator[tuple[Table, Window, set[Cell] | None]]:
    """Both windows' tables, and which cells the other one is asked for: of a long table those that stand in it now."""
    yield answer.table, now, None
    if answer.table_before is not None and before is not None:
        there = {tuple(row[name] for name in answer.table.by) for row in answer.table.rows}
        yield answer.table_before, before, there if answer.table.view.paged else None


def _of_table(
    table: Table, oracle: Oracle, report: Report, scope: Scope, filters: Filters, at: Window, among: set[Cell] | None
) -> Iterator[str]:  # fmt: skip
    chosen = dict(filters.chosen)
    wanted = oracle.table(report.key, table.by, scope, chosen, at)
    shown = {tuple(row[name] for name in table.by): row for row in table.rows} if table.by else {}
    assert len(shown) == len(table.rows), "a cell stands in two rows"
    figures = [figure for figure in (*table.columns, *table.view.measures) if figure.key not in OF_THE_ROWS]
    ripening = Ripening(oracle.books, scope, at)
    told = any(figure.key in MONEY for figure in figures) and not tables.withheld(MONEY[0], table.by, scope, chosen)
    veil = Veil(told and Kind.CONTRACT in scope.aggregate, wanted.rows if table.by else {}, shown)
    yield from veil.faults()
    others = [cell for cell in wanted.rows if table.by and cell not in shown and (among is None or cell in among)]
    for cell in [*shown, *others, "total"]:
        row, want = (table.total, wanted.total) if cell == "total" else (shown.get(cell), wanted.rows.get(cell, NOTHING))
        for figure in figures:
            expected = None if tables.withheld(figure.key, table.by, scope, chosen) else want[figure.key]
            if veil.over(cell, figure, want, row):
                expected = None
            if figure.key == "ripe_on":
                place = {} if cell == "total" or row is None else dict(zip(table.by, cell, strict=True))
                expected = ripening.on(place) if place else None
            if not _same(figure, row, expected):
                yield f"{cell} {figure.key} is {row and row[figure.key]}, not {expected} ({filters.write()})"


def _same(figure: Figure, row: Row | None, expected: Decimal | None) -> bool:
    """Whether a row says what is expected; one that is left out says that there is nothing."""
    if row is None:
        return not expected
    value: Any = row[figure.key]
    if value is None or expected is None:
        return value is expected
    if isinstance(value, date):
        return bool(value == expected)
    exact = figure.unit not in PLACES or -value.as_tuple().exponent == PLACES[figure.unit]
    return exact and Decimal(value) == expected


class Veil:
    """Which amounts are hidden from who sees other people's money in aggregate only: those over fewer than three contracts, and if these
    are fewer than three together, one more; in a table of two dimensions within each value of the first, too."""

    def __init__(self, active: bool, wanted: dict[Cell, Figures], shown: dict[Cell, Row]) -> None:
        self.active = active
        self.small = {cell for cell, want in wanted.items() if 0 < (want["cohort_won_count"] or 0) < FEWEST} if self.active else set()
        self.many = {cell for cell, want in wanted.items() if (want["cohort_won_count"] or 0) >= FEWEST} if self.active else set()
        self.hidden = {cell for cell, row in shown.items() if row.get("few")}
        self.wanted = wanted

    def over(self, cell: Cell | str, figure: Figure, want: Figures, row: Row | None) -> bool:
        """Whether this amount is hidden."""
        if not self.active or figure.key not in MONEY:
            return False
        if cell == "total":
            return 0 < (want["cohort_won_count"] or 0) < FEWEST
        return cell in self.hidden

    def faults(self) -> Iterator[str]:
        """Whether too little or too much is hidden: of all, and of each group of rows whose sum stands in another table."""
        if not self.active:
            return
        groups = {cell[:depth] for cell in self.hidden for depth in range(len(cell))}
        for group in groups:
            hidden = {cell for cell in self.hidden if cell[: len(group)] == group}
            others = {cell for cell in self.many if cell[: len(group)] == group} - hidden
            if others and sum(int(self.wanted[cell]["cohort_won_count"] or 0) for cell in hidden) < FEWEST:
                yield f"what is hidden of {group} can be told from the rest"
        if not self.small <= self.hidden or len(self.hidden - self.small) > len(groups):
            yield f"hidden are {self.hidden}, too few are {self.small}"
