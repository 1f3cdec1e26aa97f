"""Tables: figures of a report (with totals, bars in cells, every number a way to its records) and lists that the server pages.

Both are AG Grid. What formats and draws a cell is a registered function (assets/grid.js), so no text from the server or from a
person is ever run or parsed as markup. Amounts travel as numbers; they keep their cents far beyond `crm.money.LARGEST`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import dash_ag_grid as dag

from crm.vocabulary import Unit
from dashboard.components.charts import Measure
from dashboard.components.charts.drawing import Row, text_width
from dashboard.components.palette import tone
from dashboard.i18n import _, language

ROW = 34
ROW_COMPARED = 48
HEAD = 44
MOST_ROWS = 14
"""A table of more rows scrolls inside; a shorter one is as high as its rows."""

_WIDTHS: Mapping[Unit, int] = {Unit.MONEY: 124, Unit.COUNT: 84, Unit.RATE: 84, Unit.DAYS: 84, Unit.DAY: 96, Unit.MOVE: 84}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is no measure: a dimension of a report, or a field of a list.

    `kind`: "text", "day", "moment", "money", "count", "rate", "days", "mark" (a warning in words) or "badge" (then `badges` says how
    values look, badges.py).
    `link` names the field that holds the address which the cell opens. `name_in` names the field that holds the words, where
    `key` holds an id. `width` in pixels is the least; a column with `flex` takes what is left; one that is
    `pinned` ("left", "right") stays in view. `sort` ("asc", "desc"): the rows come in its order at first. A column to
    `hide` is there and not seen. `drill`: where a name of it leads within the page (`Drill` in assets/grid.js).
    """

    key: str
    title: object
    kind: str = "text"
    link: str | None = None
    name_in: str | None = None
    badges: Mapping[str, Mapping[str, str]] | None = None
    width: int = 120
    flex: int = 0
    sortable: bool = True
    pinned: str | None = None
    sort: str | None = None
    hide: bool = False
    drill: Mapping[str, Any] | None = None


def figures(
    id: Any,
    rows: Sequence[Row],
    dimensions: Sequence[Column],
    measures: Sequence[Measure],
    *,
    totals: Row | None = None,
    bars: Sequence[str] = (),
    clickable: Collection[str] | None = None,
    folding: Mapping[str, Any] | None = None,
    own: str | None = None,
    dashes: Mapping[str, str] | None = None,
    sortable: Collection[str] | None = None,
    compared: str | None = None,
) -> dag.AgGrid:
    """A report's table: `dimensions` at the left, `measures` at the right, `totals` always in view at the bottom.

    A click on a number fills the grid's `cellRendererData` with `{"value": {"measure", "cell"}}`. `bars` are the measures drawn
    with a bar in their cells. With `folding`, rows open over their parts (team → rep): those that stand open are `opened`, their parts are
    rows too, each `under` the `id` of its row and with the `cell` that it is in the table `view`; it says to which store a press on a row
    tells that (`fold`), and of which `table`.
    `own` names the field that marks the reader's own row; rows that are `young` are shaded. `dashes` tells for a measure why it has no
    figures here.
    With `sortable`, the columns that the server can sort by, the table asks for its rows as it is scrolled (`getRowsRequest`);
    `rows` are then the first ones, for the widths. `compared` names another window in words: rows that have its figures in `before` show
    below each number how far it is from there. `clickable` are the measures that open their records; None: all.
    """
    columns = [_dimension_column(column, folding if position == 0 else None) for position, column in enumerate(dimensions)]
    keys = [column.key for column in dimensions]
    columns += [
        _measure_column(
            measure,
            rows,
            keys,
            measure.key in bars,
            clickable is None or measure.key in clickable,
            (dashes or {}).get(measure.key),
            compared,
        )
        for measure in measures
    ]
    high = ROW_COMPARED if compared else ROW
    marks = ({"own-row": own} if own else {}) | ({"young-row": "young"} if any(row.get("young") for row in rows) else {})
    options = _options() | {"rowHeight": high, "rowClassRules": {look: f"params.data.{field}" for look, field in marks.items()}}
    if totals is not None:
        options["pinnedBottomRowData"] = [plain_row(totals)]
    style = {"height": height(len(rows), totals is not None, high)}
    if sortable is not None:
        for column in columns:
            column["sortable"] = column["colId"] in sortable
        return _grid(id, columns, options | _blocks(100), Table, rowModelType="infinite", style=style)
    known = {"getRowId": "'' + params.data.id"} if folding else {}
    options |= {"postSortRows": {"function": "underParents(params)"}} if folding else {}
    return _grid(id, columns, options, Table, rowData=[plain_row(row) for row in rows], style=style, **known)


class Table(dag.AgGrid):  # type: ignore[misc]
    """The same table, drawn by our own hand (assets/grid.js) a moment after the pictures above it: they need not wait for it to be made."""

    _namespace, _type = "saleslens", "Table"

    def __init__(self, **props: Any) -> None:
        self.__dict__.update(props)  # Dash would look at each of its hundred properties, and so it would when it is written

    def to_plotly_json(self) -> dict[str, Any]:
        """How it is written into a page."""
        return {"props": self.__dict__, "type": self._type, "namespace": self._namespace}


def height(rows: int, totals: bool = False, row: int = ROW) -> str:
    """How high a table of `rows` is, so that its skeleton can be as high."""
    return f"{HEAD + row * (min(max(rows, 1), MOST_ROWS) + totals) + 2}px"


def listed(
    id: Any,
    columns: Sequence[Column],
    *,
    height: str = "calc(100vh - 220px)",
    selectable: bool = False,
    page: int = 100,
    bottom: Row | None = None,
    sorting: str | None = None,
) -> dag.AgGrid:
    """A list that asks the server for each `page` of rows (`getRowsRequest` → `getRowsResponse`), with its sorting.

    A row opens the address in its first linked column by click or Enter, in a new tab by middle click. With `selectable`, rows can be
    ticked for bulk actions (`selectedRows`); each is known by its `id`, so that it stays ticked when the rows are read anew. `bottom` is a
    row that stays in view: a total. `sorting` is the key of a list whose order stands in the address (assets/list.js).
    """
    options = _options() | _blocks(page)
    if bottom is not None:
        options["pinnedBottomRowData"] = [plain_row(bottom)]
    link = next((column.link for column in columns if column.link), None)
    listeners = {"sortChanged": [f"listSorted(params, '{sorting}')"]} if sorting else {}
    if link:
        listeners |= {"rowClicked": [f"openRow(params, '{link}')"], "cellKeyDown": [f"openRow(params, '{link}')"]}
        options["rowClass"] = "opens"
    if selectable:
        options["rowSelection"] = {"mode": "multiRow", "checkboxes": True, "headerCheckbox": False, "enableClickSelection": False}
    return _grid(
        id,
        [_list_column(column) for column in columns],
        options,
        rowModelType="infinite",
        listeners=listeners,
        style={"height": height},
        **({"getRowId": "'' + params.data.id"} if selectable else {}),
    )


def whole(id: Any, columns: Sequence[Column], rows: Sequence[Row], *, text: str = "") -> dag.AgGrid:
    """A short list that is sent at once and sorted in the browser; rows open their address as those of `listed` do.

    `quickFilterText` among its `dashGridOptions` narrows it to the rows that contain the words.
    """
    link = next((column.link for column in columns if column.link), None)
    options = _options() | {"quickFilterText": text, "rowClass": "opens" if link else ""}
    listeners = {"rowClicked": [f"openRow(params, '{link}')"], "cellKeyDown": [f"openRow(params, '{link}')"]} if link else {}
    drawn = [_list_column(column) for column in columns]
    sent = [plain_row(row) for row in rows]
    return _grid(id, drawn, options, rowData=sent, listeners=listeners, style={"height": _whole_height(len(rows))})


def edited(id: Any, columns: Sequence[dict[str, Any]], rows: Sequence[Mapping[str, Any]], changed: str) -> dag.AgGrid:
    """A table whose cells people type into; `changed` is the registered function that hears of each cell."""
    options = _options() | {"enableCellTextSelection": False, "singleClickEdit": False, "stopEditingWhenCellsLoseFocus": True}
    listeners = {"cellValueChanged": [changed]}
    return _grid(id, list(columns), options, rowData=list(rows), listeners=listeners, style={"height": _whole_height(len(rows))})


def _whole_height(rows: int) -> str:
    """As high as its rows, or as the window has room for."""
    return height(rows) if rows <= MOST_ROWS else f"min({HEAD + ROW * rows + 2}px, max({height(MOST_ROWS)}, calc(100vh - 240px)))"


_PLAIN = frozenset({str, int, float, bool, type(None), list})
"""What travels as it is: nearly every cell of a long table, so that is asked first."""


def plain_row(row: Row) -> dict[str, Any]:
    """`row` as it travels to the browser."""
    return {
        key: value if (kind := type(value)) in _PLAIN else _WRITTEN[kind](value) if kind in _WRITTEN else plain_value(value)
        for key, value in row.items()
    }


_WRITTEN: Mapping[type, Callable[[Any], Any]] = {
    Decimal: float,
    date: date.isoformat,
    datetime: lambda value: value.strftime("%Y-%m-%d %H:%M"),
    dict: plain_row,
}
"""What is written in its own way: exact amounts as numbers, days as 2026-03-05."""


def plain_value(value: Any) -> Any:
    """One value for the browser; words by their code."""
    if isinstance(value, StrEnum):
        return value.value
    written = _WRITTEN.get(type(value))
    return written(value) if written else value


def _grid(
    id: Any, columns: list[dict[str, Any]], options: dict[str, Any], made: type[dag.AgGrid] = dag.AgGrid,
    *, listeners: Any = None, **more: Any,
) -> dag.AgGrid:  # fmt: skip
    return made(
        id=id,
        eventListeners={**_SIDEWAYS, **(listeners or {})},
        columnDefs=columns,
        defaultColDef={
            "resizable": True,
            "sortable": True,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
            # "Total" stands in a column of days: nothing is guessed from what a column holds.
            "cellDataType": False,
            "sortingOrder": ["desc", "asc", None],
        },
        dashGridOptions=options,
        className="table-grid",
        dangerously_allow_code=False,
        **more,
    )


_SIDEWAYS = {moved: ["sideways(params)"] for moved in ("firstDataRendered", "gridSizeChanged", "displayedColumnsChanged", "bodyScrollEnd")}
"""After these it may be another number of columns that are out of sight."""


def _options() -> dict[str, Any]:
    """What all tables have, to be added to."""
    return {**_common(language())}


@cache
def _common(language: str) -> Mapping[str, Any]:
    """Our look, our words, the keyboard: made once for each language."""
    return {
        "theme": {"function": "saleslensTheme(agGrid)"},
        "rowHeight": ROW,
        "headerHeight": HEAD,
        "localeText": _words(),
        "animateRows": False,
        "suppressCellFocus": False,
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "suppressDragLeaveHidesColumns": True,
        "suppressColumnVirtualisation": True,
        "tooltipShowDelay": 400,
        "context": {"language": language, "beyond": _("Scroll sideways: {columns} more", columns="{columns}")},
    }


def _blocks(page: int) -> dict[str, Any]:
    """How rows are fetched while scrolling: `page` at a time, few kept."""
    return {
        "rowBuffer": 0,
        "cacheBlockSize": page,
        "cacheOverflowSize": 1,
        "maxConcurrentDatasourceRequests": 1,
        "infiniteInitialRowCount": 20,
        "maxBlocksInCache": 10,
    }


def _words() -> dict[str, str]:
    """The few words that the grid itself says."""
    return {
        "noRowsToShow": _("Nothing to show"),
        "loadingOoo": _("Loading"),
        "loadingError": _("Could not be loaded"),
        "ariaSortableColumn": _("Press Enter to sort"),
        "ariaRowSelect": _("Press Space to select this row"),
        "ariaRowDeselect": _("Press Space to deselect this row"),
        "ariaChecked": _("selected"),
        "ariaUnchecked": _("not selected"),
    }


def _dimension_column(column: Column, folding: Mapping[str, Any] | None) -> dict[str, Any]:
    drawn = _list_column(column) | {"pinned": column.pinned}
    if column.drill:
        drawn |= {"cellRenderer": "Drill", "cellRendererParams": dict(column.drill)}
    if folding:
        words = {"open": _("Show the parts"), "close": _("Fold")}
        drawn |= {"cellRenderer": "Folding", "cellRendererParams": {**(column.drill or {}), **folding, **words, "dimension": column.key}}
    return drawn


def _list_column(column: Column) -> dict[str, Any]:
    """A column of text, days, states or numbers, with what draws it."""
    drawn: dict[str, Any] = {
        "field": column.name_in or column.key,
        "colId": column.key,
        "headerName": str(column.title),
        "minWidth": column.width,
        "sortable": column.sortable,
        "sort": column.sort,
        "hide": column.hide,
        "pinned": column.pinned,
        "wrapHeaderText": True,
        "tooltipField": (column.name_in or column.key) if column.kind == "text" else None,
    }
    drawn |= {"flex": column.flex} if column.flex else {"width": column.width}
    if column.kind in ("money", "count", "rate", "days"):
        drawn |= {
            "type": "rightAligned",
            "valueFormatter": {"function": f"listed(params, '{column.kind}')"},
            "cellClass": "number",
        }
    elif column.kind == "badge":
        drawn |= {"cellRenderer": "Badge", "cellRendererParams": {"badges": column.badges or {}}}
    elif column.kind == "mark":
        drawn |= {"cellRenderer": "Mark"}
    elif column.link:
        drawn |= {"cellRenderer": "RowLink", "cellRendererParams": {"link": column.link}}
    return drawn


@lru_cache(maxsize=1024)
def head_width(title: str) -> int:
    """The width in which a head stands in two lines: no Latin word is broken, Chinese breaks anywhere."""
    total = sum(12 if ord(character) > 0x2E80 else 7 for character in title)
    longest = max((len(word) for word in re.split("[\\s\u2e80-\uffff]", title)), default=0)
    return 30 + max(7 * longest, total // 2 + 7)


def _change_width(measure: Measure, compared: str | None) -> int:
    """How wide a column is for what stands below its numbers: of rates, "+148.6 points"."""
    return 24 + text_width(f"+100.0 {_('points')}") if compared and measure.unit is Unit.RATE else 0


_NUMBERS = (int, float, Decimal)


def _largest(measure: Measure, rows: Sequence[Row]) -> float:
    """The amount that a whole bar stands for."""
    values = [row.get(measure.key) for row in rows]
    return float(max((abs(value) for value in values if isinstance(value, _NUMBERS)), default=0))


def _measure_column(
    measure: Measure,
    rows: Sequence[Row],
    dimensions: Sequence[str],
    with_bar: bool,
    clickable: bool,
    reason: str | None,
    compared: str | None,
) -> dict[str, Any]:
    """A column of figures; the cell's renderer knows which number it is."""
    doubtful = measure.unit is Unit.RATE and any(measure.key in row.get("doubt", ()) for row in rows)
    return {
        "field": measure.key,
        "colId": measure.key,
        "headerName": str(measure.title),
        "headerTooltip": reason or str(measure.definition),
        "type": "rightAligned",
        "cellClass": "number",
        "minWidth": max(_WIDTHS[measure.unit], head_width(str(measure.title)), _change_width(measure, compared))
        + (72 if with_bar else 0)
        + (64 if doubtful else 0),
        "wrapHeaderText": True,
        "flex": 1,
        "cellRenderer": "Figure",
        "cellRendererParams": {
            "unit": measure.unit.value,
            "measure": measure.key,
            "dimensions": list(dimensions),
            "clickable": clickable,
            "largest": _largest(measure, rows) if with_bar else None,
            "tone": tone(measure.key),
            "records": _("Show the records"),
            "reason": reason,
            "compared": compared,
            "points": _("points"),
        },
    }
