"""A picture on paper: the same figure dictionary as on the page (`components/charts`), drawn as lines, bars and text.

It knows what our pictures are made of and no more: `unfamiliar` names what a figure has beyond that, and a test holds every picture of
every report to it, so that nothing of a picture is left out silently (docs/decisions/0042).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any, NamedTuple

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfgen.canvas import Canvas

from dashboard.components.palette import resolved
from dashboard.papers import type as paper

Figure = Mapping[str, Any]

TRACES: Mapping[str, frozenset[str]] = {
    "bar": frozenset(
        {"type", "orientation", "name", "x", "y", "base", "width", "marker", "text", "textposition", "textfont", "textangle"}
        | {"insidetextanchor", "constraintext", "cliponaxis", "hoverinfo", "hovertext", "customdata"}
    ),
    "scatter": frozenset(
        {"type", "mode", "name", "x", "y", "line", "marker", "text", "textposition", "textfont", "connectgaps", "cliponaxis"}
        | {"hoverinfo", "hovertext", "customdata"}
    ),
}
"""What a trace may have, by its type; what only a pointer sees is passed over."""

MARKS = frozenset({"circle", "circle-open", "line-ns"})
"""The shapes of a mark."""

LAYOUT = frozenset(
    {"height", "margin", "paper_bgcolor", "plot_bgcolor", "font", "hovermode", "hoverlabel", "showlegend", "dragmode", "separators"}
    | {"title", "meta", "annotations", "barmode", "bargap", "bargroupgap", "xaxis", "yaxis", "shapes"}
)

DASHES: Mapping[str, tuple[float, ...]] = {
    "solid": (), "dash": (6, 4), "dot": (1.5, 3), "dashdot": (6, 3, 1.5, 3), "longdash": (10, 4), "longdashdot": (10, 3, 1.5, 3),
}  # fmt: skip

_MARKUP = re.compile(r"<(/?)(\w+)([^>]*)>")
_PAINT = re.compile(r"color:\s*([^;'\"]+)")


def unfamiliar(figure: Figure) -> set[str]:
    """What this figure has that is not drawn here: empty for every picture of ours."""
    found = {name for name in figure["layout"] if name not in LAYOUT}
    for trace in figure["data"]:
        found |= {f"{trace['type']}.{name}" for name in trace if name not in TRACES.get(trace["type"], frozenset())}
        found |= {f"mark {symbol}" for symbol in [trace.get("marker", {}).get("symbol", "circle")] if symbol not in MARKS}
    return found


def draw(canvas: Canvas, figure: Figure, left: float, top: float, width: float, pixels: float) -> float:
    """Draw the figure `pixels` wide into `width` points from its upper left corner; how many points high it is."""
    shown, scale = resolved(figure, "light"), width / pixels
    pen = Pen(canvas, left, top, scale)
    plot = _Plot(pen, shown, pixels)
    plot.draw()
    return float(shown["layout"]["height"] * scale)


# ── a pen that thinks in the pixels of a picture ─────────────────────────────────────────────────────────────────────────────
class Run(NamedTuple):
    """Text of one look."""

    text: str
    paint: str | None
    bold: bool


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on a canvas in pixels from the picture's upper left corner, downwards."""

    canvas: Canvas
    left: float
    top: float
    scale: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel lies on the canvas."""
        return self.left + x * self.scale, self.top - y * self.scale

    def bar(self, x: float, y: float, width: float, height: float, paint: str) -> None:
        """A filled rectangle; nothing where its colour is none."""
        color = painted(paint)
        if color is None:
            return
        self.canvas.setFillColor(color)
        corner = self.at(x, y + height)
        self.canvas.rect(*corner, width * self.scale, height * self.scale, stroke=0, fill=1)

    def line(self, places: Sequence[tuple[float, float]], paint: str, width: float = 1, dash: str = "solid") -> None:
        """A line through all places."""
        self._stroke(paint, width, dash)
        path = self.canvas.beginPath()
        path.moveTo(*self.at(*places[0]))
        for place in places[1:]:
            path.lineTo(*self.at(*place))
        self.canvas.drawPath(path, stroke=1, fill=0)
        self.canvas.setDash()

    def dot(self, x: float, y: float, size: float, paint: str) -> None:
        """A filled circle."""
        self.canvas.setFillColor(painted(paint) or paper.INK)
        self.canvas.circle(*self.at(x, y), size / 2 * self.scale, stroke=0, fill=1)

    def ring(self, x: float, y: float, size: float, paint: str, width: float) -> None:
        """A circle of which only the line is seen."""
        self._stroke(paint, width, "solid")
        self.canvas.circle(*self.at(x, y), size / 2 * self.scale, stroke=1, fill=0)

    def words(self, x: float, y: float, markup: str, size: float, paint: str, align: str = "left", middle: bool = True) -> None:
        """Text with the marks that our pictures use: `y` is its middle, or of several lines the top."""
        height = size * 1.3
        for number, runs in enumerate(runs_of(markup)):
            width = sum(paper.width_of(run.text, size) for run in runs)
            start = x - width * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
            base = y + number * height + size * (0.36 if middle else 1.0)
            for run in runs:
                place = self.at(start, base)
                color = painted(run.paint or paint) or paper.INK
                paper.write(self.canvas, *place, run.text, size * self.scale, color, bold=run.bold)
                start += paper.width_of(run.text, size)

    def _stroke(self, paint: str, width: float, dash: str) -> None:
        self.canvas.setStrokeColor(painted(paint) or paper.INK)
        self.canvas.setLineWidth(width * self.scale)
        self.canvas.setDash([part * self.scale for part in DASHES[dash]])


def painted(paint: str) -> Color | None:
    """A colour of a picture on paper; None for one that can't be seen."""
    if paint.startswith("rgba"):
        red, green, blue, alpha = (float(part) for part in re.findall(r"[\d.]+", paint))
        return Color(red / 255, green / 255, blue / 255, alpha) if alpha else None
    return HexColor(paint)


def runs_of(markup: str) -> list[list[Run]]:
    """Marked text as lines of runs: `<b>`, `<span style='color:…'>` and `<br>` are read, all else is text."""
    lines: list[list[Run]] = [[]]
    bold, paints, end = False, [None], 0  # type: bool, list[str | None], int
    for found in [*_MARKUP.finditer(markup), None]:
        text = unescape(markup[end : found.start() if found else len(markup)]).replace("\xa0", " ")
        if text:
            lines[-1].append(Run(text, paints[-1], bold))
        if found is None:
            break
        end = found.end()
        match found[2], bool(found[1]):
            case "br", _:
                lines.append([])
            case "b", closing:
                bold = not closing
            case "span", True:
                paints = paints[:-1] or [None]
            case "span", False:
                paint = _PAINT.search(found[3])
                paints.append(paint[1] if paint else paints[-1])
    return lines


# ── the picture itself ───────────────────────────────────────────────────────────────────────────────────────────────────────
class Axis(NamedTuple):
    """One direction of the sheet: values from `low` to `high` lie between the pixels `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies."""
        return self.start + (value - self.low) / ((self.high - self.low) or 1) * (self.end - self.start)


class _Plot:
    """One figure on its way onto paper."""

    def __init__(self, pen: Pen, figure: Figure, pixels: float) -> None:
        self.pen, self.traces, self.layout = pen, figure["data"], figure["layout"]
        self.pixels, self.height = pixels, float(self.layout["height"])
        margin = self.layout["margin"]
        self.left = max(margin["l"], self._names_width())
        self.right, self.top, self.bottom = pixels - margin["r"], margin["t"], self.height - margin["b"]
        self.dates = self.layout.get("xaxis", {}).get("type") == "date"
        self.x = self._axis("xaxis", self.left, self.right)
        self.y = self._axis("yaxis", self.bottom, self.top)

    def draw(self) -> None:
        """Grounds first, then what is drawn on them, then the words."""
        for shape in self.layout.get("shapes", ()):
            self._shape(shape)
        self._grid()
        self._bars()
        for trace in self.traces:
            if trace["type"] == "scatter":
                self._scatter(trace)
        self._ticks()
        if title := self.layout.get("title"):
            self.pen.words(2, 10, title["text"], title["font"]["size"], title["font"]["color"])
        for words in self.layout.get("annotations", ()):
            self._annotation(words)

    # --- the sheet
    def _names_width(self) -> float:
        axis = self.layout.get("yaxis", {})
        if not axis.get("automargin"):
            return 0
        size = axis["tickfont"]["size"]
        return max((sum(paper.width_of(run.text, size) for run in runs_of(name)[0]) for name in axis.get("ticktext", ())), default=0) + 10

    def _axis(self, name: str, start: float, end: float) -> Axis:
        reach = self.layout.get(name, {}).get("range")
        if reach is None:
            known = [self._x(value) for trace in self.traces for value in trace["x"]] or [0.0]
            reach = (min(known) - 1, max(known) + 1)
        elif name == "xaxis" and self.dates:
            reach = [self._x(value) for value in reach]
        return Axis(float(reach[0]), float(reach[1]), start, end)

    def _x(self, value: Any) -> float:
        return float(date.fromisoformat(value[:10]).toordinal()) if isinstance(value, str) else float(value)

    def _grid(self) -> None:
        axis = self.layout.get("yaxis", {})
        if axis.get("gridcolor"):
            for value in axis.get("tickvals", ()):
                place = self.y.at(value)
                self.pen.line([(self.left, place), (self.right, place)], axis["gridcolor"])
        if line := self.layout.get("xaxis", {}).get("linecolor"):
            self.pen.line([(self.left, self.bottom), (self.right, self.bottom)], line)

    def _ticks(self) -> None:
        axis, other = self.layout.get("yaxis", {}), self.layout.get("xaxis", {})
        for value, name in zip(axis.get("tickvals", ()), axis.get("ticktext", ()), strict=True):
            self.pen.words(self.left - 6, self.y.at(value), name, axis["tickfont"]["size"], axis["tickfont"]["color"], "right")
        if other.get("showticklabels", True) and "tickfont" in other:
            above = other.get("side") == "top"
            for place, name in self._dates_named() if self.dates else zip(other["tickvals"], other["ticktext"], strict=True):
                y = self.top - 18 if above else self.bottom + 4
                self.pen.words(self.x.at(place), y, name, other["tickfont"]["size"], other["tickfont"]["color"], "center", middle=False)

    def _dates_named(self) -> list[tuple[float, str]]:
        """About so many days or months as the axis wishes, evenly apart."""
        axis = self.layout["xaxis"]
        if named := axis.get("tickvals"):
            return [(self._x(day), date.fromisoformat(day).strftime(axis["tickformat"])) for day in named]
        days = [date.fromordinal(day) for day in range(int(self.x.low), int(self.x.high) + 1)]
        if axis["tickformat"] == "%Y-%m":
            days = [day for day in days if day.day == 1] or days[:1]
        step = -(-len(days) // axis["nticks"])
        return [(float(day.toordinal()), day.strftime(axis["tickformat"])) for day in days[::step]]

    def _shape(self, shape: Mapping[str, Any]) -> None:
        """A ground behind a part of the sheet."""
        sides = [
            self.x.at(self._x(shape[end])) if shape.get("xref", "x") == "x" else _between(self.left, self.right, shape[end])
            for end in ("x0", "x1")
        ]
        ends = [
            self.y.at(shape[end]) if shape.get("yref", "y") == "y" else _between(self.bottom, self.top, shape[end]) for end in ("y0", "y1")
        ]
        self.pen.bar(min(sides), min(ends), abs(sides[1] - sides[0]), abs(ends[1] - ends[0]), shape.get("fillcolor", "rgba(0,0,0,0)"))

    # --- bars
    def _bars(self) -> None:
        traces = [trace for trace in self.traces if trace["type"] == "bar"]
        mode = self.layout.get("barmode", "group")
        reached: dict[tuple[float, bool], float] = {}
        for number, trace in enumerate(traces):
            flat = trace.get("orientation") == "h"
            lengths, places = (trace["x"], trace["y"]) if flat else (trace["y"], trace["x"])
            for position, (length, place) in enumerate(zip(lengths, places, strict=True)):
                if length is None:
                    continue
                base = float(_of(trace.get("base", 0), position))
                if mode == "stack":
                    base = reached.get((place, length < 0), 0.0)
                    reached[place, length < 0] = base + length
                aside, wide = self._slot(trace, number, len(traces), mode)
                self._bar(trace, position, base, base + length, place + aside, wide, flat)

    def _slot(self, trace: Mapping[str, Any], number: int, traces: int, mode: str) -> tuple[float, float]:
        """How far from its place a bar stands, and how wide it is, as parts of a place."""
        if "width" in trace:
            return 0.0, float(trace["width"])
        room = 1 - self.layout.get("bargap", 0.2)
        if mode != "group" or traces == 1:
            return 0.0, room
        each = room / traces
        return (number - (traces - 1) / 2) * each, each * (1 - self.layout.get("bargroupgap", 0))

    def _bar(self, trace: Mapping[str, Any], position: int, low: float, high: float, place: float, wide: float, flat: bool) -> None:
        along, across = (self.x, self.y) if flat else (self.y, self.x)
        start, end = along.at(low), along.at(high)
        sides = sorted((across.at(place - wide / 2), across.at(place + wide / 2)))
        first, last = sorted((start, end))
        box = (first, sides[0], last - first, sides[1] - sides[0]) if flat else (sides[0], first, sides[1] - sides[0], last - first)
        self.pen.bar(*box, str(_of(trace["marker"]["color"], position)))
        if text := _of(trace.get("text", ""), position):
            font = trace["textfont"]
            if trace.get("textposition") == "inside":
                self.pen.words(box[0] + box[2] / 2, box[1] + box[3] / 2, text, font["size"], font["color"], "center")
            else:
                aside, align = (-4, "right") if end < start else (4, "left")
                self.pen.words(end + aside, sum(sides) / 2, text, font["size"], font["color"], align)

    # --- lines, marks and words
    def _scatter(self, trace: Mapping[str, Any]) -> None:
        places = [
            None if x is None or y is None else (self.x.at(self._x(x)), self.y.at(y)) for x, y in zip(trace["x"], trace["y"], strict=True)
        ]
        if "lines" in trace["mode"]:
            for part in _unbroken(places):
                self.pen.line(part, trace["line"]["color"], trace["line"]["width"], trace["line"]["dash"])
        for position, place in enumerate(places):
            if place is not None and "markers" in trace["mode"]:
                self._mark(trace["marker"], position, *place)
            if place is not None and "text" in trace["mode"]:
                font = trace["textfont"]
                self.pen.words(place[0] + 4, place[1], trace["text"][position], font["size"], font["color"])

    def _mark(self, marker: Mapping[str, Any], position: int, x: float, y: float) -> None:
        if marker.get("symbol") == "line-ns":
            half = marker["size"] / 2 * 1.4
            self.pen.line([(x, y - half), (x, y + half)], marker["line"]["color"], marker["line"]["width"])
        elif marker.get("symbol") == "circle-open":
            self.pen.ring(x, y, marker["size"], str(_of(marker["color"], position)), marker["line"]["width"])
        else:
            self.pen.dot(x, y, marker["size"], str(_of(marker["color"], position)))

    def _annotation(self, words: Mapping[str, Any]) -> None:
        x = _between(self.left, self.right, words["x"]) if words.get("xref") == "paper" else self.x.at(self._x(words["x"]))
        y = _between(self.bottom, self.top, words["y"]) if words.get("yref") == "paper" else self.y.at(words["y"])
        font = {"size": 12, "color": "#4f5763"} | dict(words.get("font", {}))
        lower = words.get("yanchor") == "top"
        align = {"left": "left", "right": "right"}.get(words.get("xanchor", "center"), "center")
        self.pen.words(
            x + words.get("xshift", 0), y - words.get("yshift", 0), words["text"], font["size"], font["color"], align, middle=not lower
        )


def _of(value: Any, position: int) -> Any:
    """One of several, or the one that holds for all."""
    return value[position] if isinstance(value, list | tuple) else value


def _between(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


def _unbroken(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The parts of a line between its gaps that have two places or more."""
    parts: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            parts.append([])
        else:
            parts[-1].append(place)
    return [part for part in parts if len(part) > 1]
