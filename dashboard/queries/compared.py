"""A table beside the same one of the compared window: row by row, months and days by their place in the window."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Unit
from dashboard.i18n import _
from dashboard.queries.compose import Page
from dashboard.queries.dimensions import DIMENSIONS, Names
from dashboard.queries.filters import Question
from dashboard.queries.measure import Derived, Figure, Measure
from dashboard.queries.report import Listing, Table, View, gathered
from dashboard.queries.warehouse import Row, Warehouse

Cell = tuple[Any, ...]

MOVED = frozenset({"rank_in_team", "rank_in_company", "rank_movement"})
"""Places beside which stands how far somebody moved."""
PLACES = MOVED | {"rank_by_sold", "rank_by_received"}
"""Figures that are not said beside the compared window's: nobody is a rank's percentage better."""


def comparable(figure: Figure) -> bool:
    """Whether a figure is said beside the same of another window: no rank and no day is more than another."""
    return figure.key not in PLACES and figure.unit is not Unit.DAY


def uncompared(view: View | Listing, columns: Iterable[Figure] = ()) -> str:
    """What of a table has no comparison, and why; empty where all of it has one."""
    if isinstance(view, Listing):
        return _("Records are not compared: each belongs to its own period. The tables of figures are.")
    moved = [figure.title for figure in columns if figure.key in MOVED]
    ranks = [figure.title for figure in columns if figure.key in PLACES - MOVED]
    days = [figure.title for figure in columns if figure.key not in PLACES and not comparable(figure)]
    said = [_("{figures}: places are not compared, the movement tells of them.", figures=moved)] if moved else []
    said += [_("{figures}: places are not compared.", figures=ranks)] if ranks else []
    said += [_("{figures}: days are not compared.", figures=days)] if days else []
    said += [_("Listed is what stands in this table now, beside what it was then; the total compares all.")] if view.paged else []
    return " ".join(said)


def both(
    view: View, scope: Scope, question: Question, before: Question | None, warehouse: Warehouse, names: Names, page: Page | None = None
) -> tuple[Table, Table | None]:
    """The table of `view`, and of the compared window the one to stand beside it: of a table that is fetched by the page only its rows."""
    now = view.run(scope, question, warehouse, names, page, before)
    if before is None:
        return now, None
    if view.paged:
        return now, gathered(view, scope, before, warehouse, names, _same_rows(now, page or Page()))
    return now, view.run(scope, before, warehouse, names)


def _same_rows(table: Table, page: Page) -> Page:
    """The page of another window that has the rows of this one."""
    return Page(page.first, len(table.rows), only=tuple(_cell(row, table.by) for row in table.rows))


def beside(now: Table, then: Table | None, question: Question, before: Question | None) -> list[Row]:
    """The rows of `now`, each with the compared window's figures in `before` (a row; absent where that window is not known).

    What only the compared window had stands at the end, with nothing now: so nothing that was is left out; but for rankings, which list who
    has a place, and for tables that are fetched by the page, which say that they list what stands in them now.
    """
    if then is None or before is None or now.by != then.by:
        return now.rows
    shift = _shift(question, before)
    known = {_moved(row, then.by, shift): row for row in then.rows if not row.get("beyond")}
    shown = [figure.key for figure in now.columns if comparable(figure)]
    rows = [row if row.get("beyond") else row | {"before": _only(shown, known.pop(_cell(row, now.by), _nothing(now)))} for row in now.rows]
    if now.view.personal or now.view.paged or "day" in now.by:
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
