"""A table beside the same one of the compared window: row by row, months and days by their place in the window."""

from datetime import date
from typing import Any

from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.filters import Question
from dashboard.queries.measure import Derived, Measure
from dashboard.queries.report import Table
from dashboard.queries.warehouse import Row

Cell = tuple[Any, ...]

PLACES = frozenset({"rank_in_team", "rank_in_company", "rank_movement"})
"""Figures that tell of the compared window themselves: nobody is a rank's percentage better."""


def beside(now: Table, then: Table | None, question: Question, before: Question | None) -> list[Row]:
    """The rows of `now`, each with the compared window's figures in `before` (a row; absent where that window is not known).

    What only the compared window had stands at the end, with nothing now: so nothing that was is left out; but for rankings, which list who
    has a place. A table that is fetched by the page has other rows on the same page then, and is shown without.
    """
    if then is None or before is None or now.view.paged or now.by != then.by:
        return now.rows
    shift = _shift(question, before)
    known = {_moved(row, then.by, shift): row for row in then.rows if not row.get("beyond")}
    shown = [figure.key for figure in now.columns if figure.key not in PLACES]
    rows = [row if row.get("beyond") else row | {"before": _only(shown, known.pop(_cell(row, now.by), _nothing(now)))} for row in now.rows]
    if now.view.personal or "day" in now.by:
        return rows
    rows += [_gone(now, cell, row) | {"before": _only(shown, row)} for cell, row in known.items()]
    return sorted(rows, key=lambda row: row["month"]) if now.by == ("month",) else rows


def _cell(row: Row, by: tuple[str, ...]) -> Cell:
    return tuple(row[name] for name in by)


def _shift(question: Question, before: Question) -> tuple[int, int]:
    """How many months, and how many days, the compared window lies before."""
    now, then = question.period.start, before.period.start
    return (now.year - then.year) * 12 + now.month - then.month, (now - then).days


def _moved(row: Row, by: tuple[str, ...], shift: tuple[int, int]) -> Cell:
    """The cell of the present window that a row of the compared one stands beside."""
    return tuple(_later(DIMENSIONS[name].days, row[name], shift) for name in by)


def _later(unit: str, value: Any, shift: tuple[int, int]) -> Any:
    if not unit or not isinstance(value, date):
        return value
    if unit == "day":
        return date.fromordinal(value.toordinal() + shift[1])
    number = value.year * 12 + value.month - 1 + shift[0]
    return date(number // 12, number % 12 + 1, 1)


def _nothing(table: Table) -> Row:
    """The figures of a window without any record of a row."""
    measures: Row = {
        m.key: m.zero if m.adds_up and m.key not in table.missing and table.total.get(m.key) is not None else None
        for figure in table.columns
        for m in ((figure,) if isinstance(figure, Measure) else figure.parts)
    }
    return measures | {figure.key: figure.of(measures) for figure in table.columns if isinstance(figure, Derived)}


def _only(keys: list[str], row: Row) -> Row:
    return {key: row.get(key) for key in keys}


def _gone(table: Table, cell: Cell, row: Row) -> Row:
    names = {key: value for key, value in row.items() if key.endswith(("_label", "_login", "_held"))}
    at = dict(zip(table.by, cell, strict=True))
    months = {"month_label": at["month"].strftime("%Y-%m")} if "month" in at else {}
    return at | names | months | _nothing(table)
