"""Horizontal bars of several parts that make a whole: won, lost and stopped of each rep, the ages of what is overdue in each team."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from dashboard.components import doubt
from dashboard.components.charts.bars import bar, behind, horizontal, then_rings
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
    inside,
    name_of,
    names_of,
    number,
    point,
    share_line,
    sharing,
    then,
    then_line,
    then_words,
    tick_name,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _, full, percent, short

HEIGHT = 320

Sized = Sequence[tuple[Decimal, Row]]


def stacked(title: object, *parts: Measure, by: Sequence[str], rate: Measure | None = None, view: str = "main", top: int = 10) -> Chart:
    """One bar for each row, the longest first, its parts on end; `rate` stands behind it. `by`: what names a row, the last word last."""
    return Chart(title, view, (*parts, *([rate] if rate else [])), HEIGHT, partial(_stacked, parts, tuple(by), rate, top))


def _stacked(
    parts: Sequence[Measure], by: tuple[str, ...], rate: Measure | None, top: int, rows: Sequence[Row], around: Around, height: int
) -> Picture:
    sized = [(sum((row[part.key] or 0 for part in parts), Decimal(0)), row) for row in rows]
    ordered = sorted((pair for pair in sized if pair[0] > 0), key=lambda pair: -pair[0])
    shown = ordered[:top]
    traces = [_part(part, shown, by, around) for part in parts]
    befores = [_before(parts, row, by, around) for _size, row in shown]
    rings, ringed = then_rings(befores, around)
    ringed_at = [before[0] if rings else None for before in befores]
    labels = behind(parts[0], [size for size, _row in shown], _labels(parts[0], rate, shown), ringed_at)
    named = [*((SQUARE, meaning(part.key), str(part.title)) for part in parts), *ringed]
    names = [tick_name(name) for name in names_of([row for _size, row in shown], by[-1])]
    figure = horizontal([*traces, labels, *rings], names, height, len(ordered), named=named)
    figure["layout"]["barmode"] = "stack"
    return Picture(figure, _sentence(parts, by, ordered))


def _before(parts: Sequence[Measure], row: Row, by: tuple[str, ...], around: Around) -> tuple[Decimal | None, str, str]:
    """Where a bar ended in the compared window, and the words beside it."""
    values = [then(row, part) for part in parts]
    if all(value is None for value in values):
        return None, name_of(row, by[-1]), ""
    size = sum((Decimal(value or 0) for value in values), Decimal(0))
    return size, name_of(row, by[-1]), then_words(size, parts[0], around)


def _part(part: Measure, shown: Sized, by: tuple[str, ...], around: Around) -> Figure:
    return bar(
        part,
        [number(row[part.key] or 0) for _size, row in shown],
        hovertext=[
            hover(
                " · ".join(name_of(row, name) for name in by),
                f"{part.title} {full(row[part.key], part.unit)}",
                share_line(row[part.key], size),
                around.period,
                then_line(row, part, around),
            )
            for size, row in shown
        ],
        customdata=[point(part, **{name: row[name] for name in by}) for _size, row in shown],
    )


def _labels(part: Measure, rate: Measure | None, shown: Sized) -> list[str]:
    """How much each bar is in all, and its rate."""
    return [
        escaped(short(size, part.unit))
        + (
            f"  <span style='color:{colour('ink-3')}'>{percent(row[rate.key], 0)}{doubt.noted(doubt.of(row, rate.key))}</span>"
            if rate and row[rate.key] is not None
            else ""
        )
        for size, row in shown
    ]


def _sentence(parts: Sequence[Measure], by: tuple[str, ...], ordered: Sized) -> str:
    if not ordered:
        return ""
    size, row = ordered[0]
    first = [name_of(other, by[-1]) for found, other in ordered if found == size]
    most = short(size, parts[0].unit)
    said = [f"{inside(part.title)} {short(row[part.key] or 0, part.unit)}" for part in parts]
    if len(ordered) == 1:
        return _("{first}: {most}, of these {parts}.", first=first[0], most=most, parts=said)
    if len(first) > 1:
        return _("{head}.", head=sharing(first, most))
    return _("{first} comes first with {most}: {parts}.", first=first[0], most=most, parts=said)
