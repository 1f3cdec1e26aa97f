"""The heat table: two dimensions, and a cell that is darker where there is more."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from dashboard.components.charts.drawing import (
    SLOT,
    Around,
    Chart,
    Figure,
    Measure,
    Picture,
    Row,
    escaped,
    hover,
    more_line,
    name_of,
    no_axis,
    point,
    sheet,
    slots,
    tick_name,
)
from dashboard.components.palette import HEAT, colour
from dashboard.i18n import _, full, short

HEIGHT = 320


def heat(title: object, measure: Measure, *, by: str, across: str, view: str = "main", top: int = 10) -> Chart:
    """A table whose cells are darker where there is more; `across` keeps the order of the rows (stages have their own)."""
    return Chart(title, view, (measure,), HEIGHT, partial(_heat, measure, by, across, top))


def _heat(measure: Measure, by: str, across: str, top: int, rows: Sequence[Row], around: Around, height: int) -> Picture:
    names = {row[by]: name_of(row, by) for row in rows}
    heads = {row[across]: name_of(row, across) for row in rows}
    cells = {(row[by], row[across]): row[measure.key] for row in rows}
    most = max((value for value in cells.values() if value is not None), default=0)
    shown = list(names)[:top]
    traces = [
        _heat_column(measure, (by, across), head, place, shown, cells, names, heads, most, around) for place, head in enumerate(heads)
    ]
    note = more_line(len(shown), len(names))
    layout = sheet(height, top=32, bottom=22 if note else 4, barmode="overlay", bargap=0, annotations=note)
    layout["yaxis"] = slots([tick_name(names[value]) for value in shown], height - 36) | {"showgrid": False}
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
    cells: dict[tuple[Any, Any], Any],
    names: dict[Any, str],
    heads: dict[Any, str],
    most: Decimal | int,
    around: Around,
) -> Figure:
    """One column of cells: bars of width one that begin at `place`."""
    values = [cells.get((value, head)) for value in shown]
    by, across = dimensions
    return {
        "type": "bar",
        "orientation": "h",
        "base": [place + 0.02] * len(shown),
        "x": [0.96] * len(shown),
        "y": list(range(len(shown))),
        "width": 26 / SLOT,
        "marker": {"color": [colour(_heat_step(value, most)) for value in values]},
        "text": [escaped(short(value, measure.unit)) if value else "" for value in values],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"size": 12, "color": colour("ink")},
        "constraintext": "none",
        "hoverinfo": "text",
        "hovertext": [
            hover(f"{names[row]} · {heads[head]}", f"{measure.title} {full(value, measure.unit)}", around.period)
            for row, value in zip(shown, values, strict=True)
        ],
        "customdata": [point(measure, **{by: row, across: head}) for row in shown],
    }


def _heat_step(value: Decimal | int | None, most: Decimal | int) -> str:
    if not value or not most:
        return HEAT[0]
    return HEAT[max(1, -int(-value * (len(HEAT) - 1) // most))]


def _heat_sentence(measure: Measure, cells: dict[tuple[Any, Any], Any], names: dict[Any, str], heads: dict[Any, str]) -> str:
    known = {place: value for place, value in cells.items() if value}
    if not known:
        return ""
    row, head = max(known, key=lambda place: known[place])
    return _("Most is at {row}, {head}: {value}.", row=names[row], head=heads[head], value=short(known[row, head], measure.unit))
