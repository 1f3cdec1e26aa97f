"""The way from one amount to another, step by step: what came, what went, and what is left."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from dashboard.components.charts.bars import (
    bar,
    behind,
    horizontal,
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
    number,
    point,
    then_sum,
    then_words,
    tick_name,
)
from dashboard.components.palette import meaning
from dashboard.i18n import _, full, short

HEIGHT = 340


def bridge(title: object, start: Measure, rising: Sequence[Measure], falling: Sequence[Measure], end: Measure, view: str) -> Chart:
    """Bars from zero for what stood at the start and at the end, and between them one for each step, beginning where the last one ended."""
    return Chart(title, view, (start, *rising, *falling, end), HEIGHT, partial(_bridge, start, tuple(rising), tuple(falling), end))


def _bridge(
    start: Measure, rising: Sequence[Measure], falling: Sequence[Measure], end: Measure, rows: Sequence[Row], around: Around, height: int
) -> Picture:
    summed = {m.key: sum((row[m.key] or 0 for row in rows), Decimal(0)) for m in (start, *rising, *falling, end)}
    reached, bases = summed[start.key], [Decimal(0)]
    for step in rising:
        bases.append(reached)
        reached += summed[step.key]
    for step in falling:
        reached -= summed[step.key]
        bases.append(reached)
    bases.append(Decimal(0))
    drawn = (start, *rising, *falling, end)
    befores = {measure.key: then_sum(rows, measure) for measure in drawn}
    trace = bar(
        start,
        [number(summed[measure.key]) for measure in drawn],
        base=[number(base) for base in bases],
        marker={"color": [meaning(measure.key) for measure in drawn]},
        hovertext=[hover(str(m.title), full(summed[m.key], m.unit), around.period, then_words(befores[m.key], m, around)) for m in drawn],
        customdata=[point(measure) for measure in drawn],
    )
    ends = [base + summed[step.key] for base, step in zip(bases, drawn, strict=True)]
    # A ring stands where the step would end, had it been as large as it was in the compared window.
    rings_at = [base + befores[step.key] if befores[step.key] else Decimal(0) for base, step in zip(bases, drawn, strict=True)]
    words = [(at, str(m.title), then_words(befores[m.key], m, around)) for at, m in zip(rings_at, drawn, strict=True)]
    rings, ringed = then_rings(words, around)
    texts = [escaped(short(summed[measure.key], measure.unit)) for measure in drawn]
    labels = behind(start, ends, texts, rings_at if rings else [None] * len(drawn)) | {"base": [number(end) for end in ends]}
    names = [tick_name(str(measure.title), 24) for measure in drawn]
    farthest = max(*ends, *(rings_at if rings else ()))
    figure = horizontal([trace, labels, *rings], names, height, len(drawn), named=ringed, largest=farthest)
    figure["layout"]["barmode"] = "overlay"
    return Picture(figure, _sentence(start, rising, falling, end, summed))


def _sentence(start: Measure, rising: Sequence[Measure], falling: Sequence[Measure], end: Measure, summed: dict[str, Decimal]) -> str:
    came, went = (sum((summed[step.key] for step in steps), Decimal(0)) for steps in (rising, falling))
    return _(
        "{start} at the start, {came} came, {went} went, {end} at the end.",
        start=short(summed[start.key], start.unit),
        came=short(came, start.unit),
        went=short(went, start.unit),
        end=short(summed[end.key], end.unit),
    )
