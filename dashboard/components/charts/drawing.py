"""What all pictures share: the sheet, the axes, the words on them, and what a click carries.

Figures are plain dictionaries in Plotly's format (its classes cost more than the query); tests hold them to its schema. Colours
are names (palette.py). A point's `customdata` says which number it is: `{"measure": key, "cell": {dimension: value}}`.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from crm.vocabulary import Unit
from dashboard.components.palette import FONT, colour
from dashboard.i18n import _, full, language, percent, short

Row = Mapping[str, Any]
Figure = dict[str, Any]

_TAG = re.compile(r"<[^>]*>")

TALL = 64
"""The height of one horizontal bar with its air, in pixels, at most: few share the sheet."""

THICK = 26
"""How thick a bar is at most, in pixels."""


class Measure(Protocol):
    """What a picture or a table needs to know of a number."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> object: ...
    @property
    def unit(self) -> Unit: ...
    @property
    def definition(self) -> object: ...


class Around(NamedTuple):
    """What surrounds the rows: the period in words, and by dimension the value that is the reader's own; the compared window in
    words, whose figures rows have in `before`; the day until which things have happened."""

    period: str = ""
    mark: Mapping[str, Hashable] | None = None
    against: str = ""
    until: date | None = None


class Picture(NamedTuple):
    """A drawn figure, and the sentence that says what it shows."""

    figure: Figure
    sentence: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture before it has data: what it is called, whose rows it draws (the report's view), which of their figures, how high it is,
    and how."""

    title: object
    view: str
    draws: tuple[Measure, ...]
    height: int
    drawing: Callable[[Sequence[Row], Around, int], Picture]

    def draw(self, rows: Sequence[Row], around: Around | None = None) -> Picture:
        """The picture of `rows`; the same height whatever they hold."""
        if not rows:
            return nothing(self.height)
        return self.drawing(rows, around or Around(), self.height)


def nothing(height: int) -> Picture:
    """A picture without anything to draw says so: never an empty axis."""
    return Picture(blank(height, _("Nothing to draw in this period.")), "")


def name_of(row: Row, dimension: str) -> str:
    """How a row's value of `dimension` is called: its `<dimension>_label` where the query gives one."""
    name = row.get(f"{dimension}_label", row.get(dimension))
    return _("Not stated") if name is None else str(name)


def names_of(rows: Sequence[Row], dimension: str) -> list[str]:
    """How each of these rows is called: who has a row in each of two teams is told apart by the team."""
    names = [name_of(row, dimension) for row in rows]
    apart = {name for name, times in Counter(names).items() if times > 1}
    return [f"{name} · {name_of(row, 'team')}" if name in apart and "team" in row else name for name, row in zip(names, rows, strict=True)]


def escaped(text: str) -> str:
    """`text` for Plotly, which reads tags in labels: names are text and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def tick_name(text: str, width: int = 18) -> str:
    """`text` short enough to stand beside an axis; a Chinese character takes two of `width`. What is left out is left out in the middle:
    products of one line differ at their ends."""
    if _taken(text) <= width:
        return escaped(text)
    first, last = _fitting(text, width * 3 // 5), _fitting(text[::-1], width - width * 3 // 5 - 1)
    return escaped(text[:first].rstrip()) + "…" + escaped(text[len(text) - last :].lstrip())


def _taken(text: str) -> int:
    return len(text) if text.isascii() else sum(2 if ord(character) > 0x2E80 else 1 for character in text)


def _fitting(text: str, width: int) -> int:
    """How many of its characters are no wider than `width`."""
    return next((position for position in range(len(text)) if _taken(text[: position + 1]) > width), len(text))


def inside(title: object) -> str:
    """A title in the middle of a sentence: English begins it small."""
    text = str(title)
    return text[:1].lower() + text[1:]


def text_width(text: str) -> int:
    """About how many pixels `text` takes at 12 px, tags aside."""
    seen = _TAG.sub("", text)
    return 7 * len(seen) if seen.isascii() else sum(13 if ord(character) > 0x2E80 else 7 for character in seen)


def number(value: Decimal | int | None) -> float | None:
    """`value` for a position on the sheet, where a hair's breadth does not count."""
    return None if value is None else float(value)


def hover(*lines: str) -> str:
    """What stands beside the pointer: the first line is the name."""
    first, *others = (escaped(line) for line in lines if line)
    return "<br>".join([f"<b>{first}</b>", *others])


def then(row: Row, measure: Measure) -> Any:
    """What a figure was in the compared window; None where there is none."""
    return row.get("before", {}).get(measure.key)


def then_sum(rows: Sequence[Row], measure: Measure) -> Decimal:
    """What a figure of all rows together was in the compared window."""
    return sum((Decimal(then(row, measure) or 0) for row in rows), Decimal(0))


def then_words(value: Any, measure: Measure, around: Around) -> str:
    """What a number was in the compared window, for the words beside the pointer; nothing without one."""
    return f"{around.against}: {full(value, measure.unit)}" if around.against else ""


def then_line(row: Row, measure: Measure, around: Around) -> str:
    """What it was, for the words beside the pointer."""
    return then_words(then(row, measure), measure, around) if "before" in row else ""


def share_line(value: Decimal | int | None, whole: Decimal | int) -> str:
    """The share of `value` in `whole`, where there is one."""
    return "" if value is None or whole <= 0 else _("{share} of the total", share=percent(Decimal(value) / Decimal(whole)))


def point(measure: Measure, **cell: Any) -> dict[str, Any]:
    """What a click on a point carries: the number that it is."""
    return {"measure": measure.key, "cell": {name: value.isoformat() if isinstance(value, date) else value for name, value in cell.items()}}


def rings(across: Sequence[float | None], up: Sequence[float | None], words: Sequence[str], around: Around, size: int = 9) -> Figure:
    """Small rings where bars ended in the compared window, with the words beside the pointer; they open nothing, the records are of now."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": around.against,
        "x": list(across),
        "y": list(up),
        "marker": {"symbol": "circle-open", "size": size, "color": colour("ink"), "line": {"width": size / 4, "color": colour("ink")}},
        "hoverinfo": "text",
        "hovertext": list(words),
        "cliponaxis": False,
    }


FEW_NAMES = 3
"""So many names stand in a sentence; of more it says how many they are."""


def sharing(names: Sequence[str], most: str) -> str:
    """That several are first together, as part of a sentence."""
    if len(names) > FEW_NAMES:
        return _("{count} share the first place with {most} each", count=len(names), most=most)
    return _("{names} share the first place with {most} each", names=list(names), most=most)


def ticks(least: float, most: float, wanted: int = 4) -> list[float]:
    """Round values from `least` (or 0) to at least `most` (or 0), about `wanted` of them, zero among them."""
    span = max(most, 0) - min(least, 0)
    if span <= 0:
        return [0.0]
    raw = span / wanted
    magnitude = 10 ** (Decimal(raw).adjusted())
    step = next(magnitude * factor for factor in (1, 2, 2.5, 5, 10) if magnitude * factor >= raw)
    first, last = int(min(least, 0) // step), -int(-max(most, 0) // step)
    return [step * n for n in range(first, last + 1)]


def sheet(height: int, *, left: int = 8, right: int = 16, top: int = 8, bottom: int = 28, **more: Any) -> Figure:
    """An empty layout: no frame, no ground of its own, our words."""
    return {
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom, "pad": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": colour("ink-2")},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colour("raised"),
            "bordercolor": colour("line-strong"),
            "font": {"family": FONT, "size": 12, "color": colour("ink")},
            "align": "left",
        },
        "showlegend": False,
        "dragmode": False,
        "separators": ".,",
        **more,
    }


def blank(height: int, sentence: str = "") -> Figure:
    """A sheet without axes: empty while it waits, with a sentence where there is nothing to draw."""
    nothing = {"visible": False, "fixedrange": True}
    words = {
        "text": escaped(sentence),
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"color": colour("ink-3")},
    }
    return {"data": [], "layout": sheet(height, xaxis=nothing, yaxis=nothing, annotations=[words] if sentence else [])}


def legend(*entries: tuple[str, str, str]) -> Figure:
    """One quiet line above the picture that names what is drawn: (mark, colour, name) of each."""
    words = (f"<span style='color:{paint}'>{mark}</span>&nbsp;{escaped(name)}" for mark, paint, name in entries)
    return {
        "text": "&nbsp;&nbsp;&nbsp; ".join(words),
        "xref": "container",
        "x": 0,
        "xanchor": "left",
        "yref": "container",
        "y": 1,
        "yanchor": "top",
        "pad": {"t": 4, "l": 2},
        "font": {"size": 12, "color": colour("ink-2")},
    }


SQUARE, BAR, RING = "■", "┃", "○"
"""The marks of a legend: what fills, a target, and the compared window."""


AIR = 1.06
"""How far a sheet goes beyond what is drawn on it."""


def value_axis(values: Sequence[float | None], unit: Unit) -> Figure:
    """An axis of amounts from zero to a little beyond the farthest of them, its marks in the language's habit."""
    known = [value for value in values if value is not None] or [0.0]
    least, most = min(*known, 0.0) * AIR, max(*known, 0.0) * AIR or 1.0
    farthest = max(known) or (1.0 if unit is Unit.RATE else 0.0)  # rates that are all zero stand against a whole
    marks = [mark for mark in ticks(min(known), farthest) if least <= mark <= most]
    return {
        "tickvals": marks,
        "ticktext": [axis_label(mark, unit) for mark in marks],
        "range": [least, most],
        "gridcolor": colour("line"),
        "gridwidth": 1,
        "zeroline": True,
        "zerolinecolor": colour("line"),
        "zerolinewidth": 1,
        "tickfont": {"size": 11, "color": colour("ink-3")},
        "fixedrange": True,
    }


def axis_label(value: float, unit: Unit) -> str:
    """A tick: rates without places where they are whole."""
    exact = Decimal(str(round(value, 6)))
    return percent(exact, 0) if unit is Unit.RATE else short(exact, unit) if unit is Unit.MONEY else f"{exact.normalize():,f}"


def no_axis() -> Figure:
    """An axis that says nothing, where every bar carries its own label."""
    return {"showgrid": False, "showticklabels": False, "zeroline": False, "fixedrange": True}


def slots(labels: Sequence[str], height: int, tall: int = TALL) -> Figure:
    """The axis of horizontal bars: one slot each, from the top; few of them share the sheet, each at most so `tall`."""
    places = max(len(labels), height // tall, 1)
    return {
        "tickvals": list(range(len(labels))),
        "ticktext": list(labels),
        "range": [places - 0.5, -0.5],
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "ticklabelstandoff": 4,  # a ring of a small amount stands half beyond zero
        "tickfont": {"size": 12, "color": colour("ink")},
        "fixedrange": True,
    }


def more_line(shown: int, all_of_them: int) -> list[Figure]:
    """The words under a picture that shows only the first of many; nothing is left out silently."""
    if shown >= all_of_them:
        return []
    return [
        {
            "text": _("The first {shown} of {all}; all are in the table.", shown=shown, all=all_of_them),
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 0,
            "xanchor": "left",
            "yanchor": "top",
            "yshift": -4,
            "showarrow": False,
            "font": {"size": 11, "color": colour("ink-3")},
        }
    ]


def month_name(day: date) -> str:
    """A month under a column: 3月 or Mar."""
    return f"{day.month}月" if language() == "zh" else f"{day:%b}"


def month_ticks(days: Sequence[date]) -> list[str]:
    """The months under an axis; the year stands under the first and under each January."""
    return [month_name(day) + (f"<br>{day.year}" if day.month == 1 or position == 0 else "") for position, day in enumerate(days)]
