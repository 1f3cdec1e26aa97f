"""Pareto: parts in their order of size, with their share and the share reached with each."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from dashboard.components.charts.bars import HEIGHT, bar, behind, horizontal, sure, then_rings
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
    name_of,
    number,
    point,
    share_line,
    then_line,
    then_sum,
    then_words,
    tick_name,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _, full, percent, short


def pareto(title: object, *parts: Measure, by: str, view: str = "main", top: int = 10) -> Chart:
    """Bars in their order of size with share and cumulative share; several `parts` (lost, stopped) stand in one bar."""
    return Chart(title, view, parts, HEIGHT, partial(_pareto, parts, by, top))


def _pareto(parts: Sequence[Measure], by: str, top: int, rows: Sequence[Row], around: Around, height: int) -> Picture:
    sized = [(sum((row[part.key] or 0 for part in parts), Decimal(0)), row) for row in rows]
    ordered = sorted((pair for pair in sized if pair[0] > 0), key=lambda pair: -pair[0])
    whole = sum((size for size, _row in ordered), Decimal(0))
    reached, running = [], Decimal(0)
    for size, _row in ordered:
        running += size
        reached.append(running / whole)
    shown = ordered[:top]
    traces = [_part(part, shown, by, whole, around) for part in parts]
    befores = [sum((then_sum([row], part) for part in parts), Decimal(0)) for _size, row in shown]
    labels = behind(parts[0], [size for size, _row in shown], _shares(shown, reached, whole, parts[0]), befores)
    ends = [(before, name_of(row, by), then_words(before, parts[0], around)) for before, (_size, row) in zip(befores, shown, strict=True)]
    rings, ringed = then_rings(ends, around)
    named = [*((SQUARE, meaning(part.key), str(part.title)) for part in parts), *ringed] if len(parts) > 1 or ringed else []
    figure = horizontal([*traces, labels, *rings], [tick_name(name_of(row, by)) for _size, row in shown], height, len(ordered), named=named)
    figure["layout"]["barmode"] = "stack"
    return Picture(figure, _pareto_sentence(ordered, reached, whole, by))


def _part(part: Measure, shown: Sequence[tuple[Decimal, Row]], by: str, whole: Decimal, around: Around) -> Figure:
    return bar(
        part,
        [number(row[part.key] or 0) for _size, row in shown],
        hovertext=[
            hover(
                name_of(row, by),
                f"{part.title} {full(row[part.key], part.unit)}",
                share_line(row[part.key], whole),
                around.period,
                then_line(row, part, around),
            )
            for _size, row in shown
        ],
        customdata=[point(part, **{by: row[by]}) for _size, row in shown],
    )


def _shares(shown: Sequence[tuple[Decimal, Row]], reached: Sequence[Decimal], whole: Decimal, counted: Measure) -> list[str]:
    """The label of each bar: how much, its share, and the share reached with it."""
    return [
        f"{escaped(short(size, counted.unit))}  <span style='color:{colour('ink-3')}'>{percent(size / whole, 0)}"
        + f"{sure(size, whole, counted)}  "
        + escaped(_("cum. {share}", share=percent(so_far, 0)))
        + "</span>"
        for (size, _row), so_far in zip(shown, reached, strict=False)
    ]


def _pareto_sentence(ordered: Sequence[tuple[Decimal, Row]], reached: Sequence[Decimal], whole: Decimal, by: str) -> str:
    if not ordered:
        return ""
    size, row = ordered[0]
    few = next(position for position, share in enumerate(reached, 1) if share >= Decimal("0.8"))
    return _(
        "{first} accounts for {share}; the first {few} of {all} together for {reached}.",
        first=name_of(row, by),
        share=percent(size / whole),
        few=few,
        all=len(ordered),
        reached=percent(reached[few - 1]),
    )
