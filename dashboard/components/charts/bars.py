"""Horizontal bars, as several pictures are made of: zero-based, labelled where they end, with a ring for what was then."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm.rules.intervals import doubtful
from crm.vocabulary import Unit
from dashboard.components import doubt
from dashboard.components.charts.drawing import (
    RING,
    TALL,
    THICK,
    Around,
    Figure,
    Measure,
    hover,
    legend,
    more_line,
    no_axis,
    number,
    rings,
    sheet,
    slots,
    text_width,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _

HEIGHT = 320

NARROW = 220
"""How many pixels bars have at least, on a phone: whether words fit between a bar and its ring."""


def then_rings(ends: Sequence[tuple[Any, str, str]], around: Around) -> tuple[list[Figure], list[tuple[str, str, str]]]:
    """A small ring where each bar ended in the compared window (value, name, words), and what rings are called; nothing without one."""
    if not around.against or not any(end[0] for end in ends):
        return [], []
    places = [number(value or None) for value, _name, _words in ends]
    words = [hover(name, said) for _value, name, said in ends]
    return [rings(places, range(len(ends)), words, around)], [(RING, colour("ink"), _("Compared"))]


def behind(measure: Measure, ends: Sequence[Decimal], texts: Sequence[str], befores: Sequence[Decimal | None]) -> Figure:
    """What is written behind each bar, clear of a ring that stands there: an unseen bar on top of it that ends where the ring does."""
    largest = max([*ends, *(before or Decimal(0) for before in befores), Decimal(1)])
    beyond, labels = [], []
    for end, before, text in zip(ends, befores, texts, strict=True):
        reached = max(end, Decimal(0))
        near = in_the_way(before, reached, largest, text)
        beyond.append(number(max((before or Decimal(0)) - reached, Decimal(0))) if near else 0.0)
        labels.append(f"\u00a0\u00a0{text}" if near else text)
    return {**bar(measure, beyond, text=labels, marker={"color": "rgba(0,0,0,0)"}), "hoverinfo": "skip"}


def in_the_way(ring: Decimal | None, end: Decimal, largest: Decimal, text: str) -> bool:
    """Whether a ring stands where a label behind its bar would; one that is farther out has the label between."""
    return bool(ring) and end - largest / 40 < ring and (ring - end) / largest * NARROW < text_width(text) + 16  # type: ignore[operator]


def sure(part: Decimal, whole: Decimal, counted: Measure) -> str:
    """Behind the share of a number of cases: its interval, where they are few."""
    return doubt.noted(doubtful(int(part), int(whole))) if counted.unit is Unit.COUNT and part <= whole else ""


def bar(measure: Measure, lengths: Sequence[float | None], **more: object) -> Figure:
    """One row of horizontal bars in the colour of `measure`, without outlines."""
    return {
        "type": "bar",
        "orientation": "h",
        "name": str(measure.title),
        "x": list(lengths),
        "y": list(range(len(lengths))),
        "marker": {"color": meaning(measure.key)},
        "width": 0.62,
        "hoverinfo": "text",
        "textposition": "outside",
        "textfont": {"size": 12, "color": colour("ink")},
        "constraintext": "none",
        "cliponaxis": False,
        **more,
    }


def horizontal(
    traces: list[Figure],
    names: list[str],
    height: int,
    of_all: int,
    *,
    named: Sequence[tuple[str, str, str]] = (),
    largest: Decimal | float | None = None,
    tall: int = TALL,
) -> Figure:
    """A sheet of horizontal bars: names at the left, labels where they end, no value axis."""
    top = 30 if named else 4
    notes = more_line(len(names), of_all)
    bottom = 22 if notes else 4
    # Labels stand in the margin beyond the bars: its width is that of the longest, whatever the width of the window.
    labels = [text_width(text) for trace in traces for text in trace.get("text", ())]
    layout = sheet(height, top=top, bottom=bottom, right=max(labels, default=0) + 12, bargap=0.38)
    layout["yaxis"] = slots(names, height - top - bottom, tall)
    slot = (height - top - bottom) / (layout["yaxis"]["range"][0] + 0.5)
    traces = [{**trace, "width": min(trace["width"], THICK / slot)} if "width" in trace else trace for trace in traces]
    layout["xaxis"] = no_axis() | {"range": _reach(traces, largest)}
    layout["annotations"] = notes
    if named:
        layout["title"] = legend(*named)
    return {"data": traces, "layout": layout}


def _reach(traces: Sequence[Figure], largest: Decimal | float | None) -> list[float]:
    """From the lowest value, or zero, to the end of the longest bar, or to a mark that stands farther out."""
    stacks: list[float] = []
    for values in zip(*(trace["x"] for trace in traces if trace["type"] == "bar"), strict=True):
        stacks.append(sum(value or 0 for value in values) if largest is None else max(value or 0 for value in values))
    marks = [value for trace in traces if trace["type"] == "scatter" for value in trace["x"] if value is not None]
    most = max([*stacks, *marks, float(largest or 0), 0.0]) or 1.0
    least = min([*stacks, 0.0])
    return [least, most]
