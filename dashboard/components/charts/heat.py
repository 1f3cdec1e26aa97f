"""The heat table: two dimensions, and a cell that is darker where there is more."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from dashboard.components.charts.drawing import (
    SQUARE,
    Around,
    Chart,
    Figure,
    Measure,
    Picture,
    Row,
    escaped,
    hover,
    legend,
    more_line,
    name_of,
    no_axis,
    point,
    sheet,
    slots,
    then,
    then_line,
    tick_name,
)
from dashboard.components.palette import HEAT, colour
from dashboard.i18n import _, full, short

HEIGHT = 320

CELL = 44
"""How high a cell is at most, in pixels."""


def heat(title: object, measure: Measure, *, by: str, across: str, view: str = "main", top: int = 10) -> Chart:
    """A table whose cells are darker where there is more; `across` keeps the order of the rows (stages have their own)."""
    return Chart(title, view, (measure,), HEIGHT, partial(_heat, measure, by, across, top))


def _heat(measure: Measure, by: str, across: str, top: int, rows: Sequence[Row], around: Around, height: int) -> Picture:
    names = {row[by]: name_of(row, by) for row in rows}
    heads = {row[across]: name_of(row, across) for row in rows}
    cells = {(row[by], row[across]): row for row in rows}
    most = max((row[measure.key] for row in rows if row[measure.key] is not None), default=0)
    shown = list(names)[:top]
    traces = [
        _heat_column(measure, (by, across), head, place, shown, cells, names, heads, most, around) for place, head in enumerate(heads)
    ]
    note = more_line(len(shown), len(names))
    compared = bool(around.against) and any("before" in row for row in rows)
    top = 56 if compared else 32
    layout = sheet(height, top=top, bottom=22 if note else 4, barmode="overlay", bargap=0, annotations=note)
    layout["yaxis"] = slots([tick_name(names[value]) for value in shown], height - top - 4, CELL) | {"showgrid": False}
    if compared:
        layout["title"] = legend((SQUARE, colour(HEAT[-1]), str(measure.title)), ("00", colour("ink-3"), _("Compared")))
    layout["xaxis"] = no_axis() | {
        "showticklabels": True,
        "side": "top",
        "tickvals": [place + 0.5 for place in range(len(heads))],
        "ticktext": [tick_name(name, 12) for name in heads.values()],
        "tickfont": {"size": 12, "color": colour("ink-3")},
        "range": [0, max(len(heads), 1)],
    }
    return Picture({"data": traces, "layout": layout}, _heat_sentence(measure, cells, names, heads))


def _heat_column(
    measure: Measure,
    dimensions: tuple[str, str],
    head: Any,
    place: int,
    shown: Sequence[Any],
    cells: Mapping[tuple[Any, Any], Row],
    names: dict[Any, str],
    heads: dict[Any, str],
    most: Decimal | int,
    around: Around,
) -> Figure:
    """One column of cells: bars of width one that begin at `place`."""
    there = [cells.get((value, head), {}) for value in shown]
    by, across = dimensions
    return {
        "type": "bar",
        "orientation": "h",
        "base": [place + 0.02] * len(shown),
        "x": [0.96] * len(shown),
        "y": list(range(len(shown))),
        "width": 0.93,
        "marker": {"color": [colour(_heat_step(row.get(measure.key), most)) for row in there]},
        "text": [_written(row, measure, around) for row in there],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"size": 12, "color": colour("ink")},
        "constraintext": "none",
        "hoverinfo": "text",
        "hovertext": [
            hover(
                f"{names[value]} · {heads[head]}",
                f"{measure.title} {full(row.get(measure.key), measure.unit)}",
                around.period,
                then_line(row, measure, around),
            )
            for value, row in zip(shown, there, strict=True)
        ],
        "customdata": [point(measure, **{by: row, across: head}) for row in shown],
    }


def _written(row: Row, measure: Measure, around: Around) -> str:
    """How much a cell holds, and beside it quietly how much it held in the compared window; nothing where it holds and held nothing."""
    value, before = row.get(measure.key), then(row, measure) if around.against else None
    if not value and not before:
        return ""
    held = f"  <span style='color:{colour('ink-3')}'>{escaped(short(before, measure.unit))}</span>" if before is not None else ""
    return escaped(short(value or 0, measure.unit)) + held


def _heat_step(value: Decimal | int | None, most: Decimal | int) -> str:
    if not value or not most:
        return HEAT[0]
    return HEAT[max(1, -int(-value * (len(HEAT) - 1) // most))]


def _heat_sentence(measure: Measure, cells: Mapping[tuple[Any, Any], Row], names: dict[Any, str], heads: dict[Any, str]) -> str:
    known = {place: row[measure.key] for place, row in cells.items() if row[measure.key]}
    if not known:
        return ""
    row, head = max(known, key=lambda place: known[place])
    return _("The most are with {row} in “{head}”: {value}.", row=names[row], head=heads[head], value=short(known[row, head], measure.unit))
