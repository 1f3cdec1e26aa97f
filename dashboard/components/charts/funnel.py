"""A funnel: how many are left after each step."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from dashboard.components.charts.bars import (
    bar,
    behind,
    horizontal,
    sure,
    then_rings,
)
from dashboard.components.charts.drawing import (
    Around,
    Chart,
    Measure,
    Picture,
    Row,
    escaped,
    hover,
    inside,
    number,
    point,
    then_sum,
    then_words,
    tick_name,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _, full, percent, short


def funnel(title: object, *steps: Measure, view: str = "main") -> Chart:
    """How many are left after each step, of the rows together, with their share of the first."""
    return Chart(title, view, steps, 240, partial(_funnel, steps))


def _funnel(steps: Sequence[Measure], rows: Sequence[Row], around: Around, height: int) -> Picture:
    values = [sum((row[step.key] or 0 for row in rows), Decimal(0)) for step in steps]
    befores = [then_sum(rows, step) for step in steps]
    first = values[0]
    trace = bar(
        steps[0],
        [number(value) for value in values],
        marker={"color": [meaning(step.key) for step in steps]},
        hovertext=[
            hover(
                str(step.title),
                full(value, step.unit),
                _("{share} of {whole}", share=percent(value / first) if first else "–", whole=str(steps[0].title)),
                around.period,
                then_words(before, step, around),
            )
            for step, value, before in zip(steps, values, befores, strict=True)
        ],
        customdata=[point(step) for step in steps],
    )
    texts = [_left(value, first, step, step is not steps[0]) for step, value in zip(steps, values, strict=True)]
    labels = behind(steps[0], values, texts, befores)
    ends = [(before, str(step.title), then_words(before, step, around)) for before, step in zip(befores, steps, strict=True)]
    rings, ringed = then_rings(ends, around)
    figure = horizontal([trace, labels, *rings], [tick_name(str(step.title)) for step in steps], height, len(steps), named=ringed, tall=84)
    figure["layout"]["barmode"] = "stack"
    return Picture(figure, _funnel_sentence(steps, values))


def _left(value: Decimal, first: Decimal, step: Measure, left: bool) -> str:
    """How many a step leaves, and which share of the first; that the first has all of its own is no estimate."""
    share = percent(value / first) + (sure(value, first, step) if left else "") if first else ""
    return f"{escaped(short(value, step.unit))}  <span style='color:{colour('ink-3')}'>{share}</span>"


def _funnel_sentence(steps: Sequence[Measure], values: Sequence[Decimal]) -> str:
    return _(
        "{first}: {whole}; {last}: {part}, that is {rate}.",
        whole=short(values[0], steps[0].unit),
        first=str(steps[0].title),
        part=short(values[-1], steps[-1].unit),
        last=inside(steps[-1].title),
        rate=percent(values[-1] / values[0]) + sure(values[-1], values[0], steps[0]) if values[0] else "–",
    )
