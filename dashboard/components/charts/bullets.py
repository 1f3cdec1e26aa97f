"""Bullets: what was reached against a target, and what is projected."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from dashboard.components.charts.bars import HEIGHT, bar, horizontal, in_the_way, then_rings
from dashboard.components.charts.drawing import (
    BAR,
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
    then,
    then_line,
    tick_name,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _, full, percent, short


def bullets(
    title: object, *, actual: Measure, target: Measure, projected: Measure | None = None, by: str, view: str = "main", top: int = 8
) -> Chart:
    """What was reached (solid), what is projected (pale), and the target (a mark) of each unit, the largest target first: three amounts."""
    draws = (actual, target, *([projected] if projected else []))
    return Chart(title, view, draws, HEIGHT, partial(_bullets, actual, target, projected, by, top))


def _bullets(
    actual: Measure, target: Measure, projected: Measure | None, by: str, top: int, rows: Sequence[Row], around: Around, height: int
) -> Picture:
    ordered = sorted(rows, key=lambda row: (-(row[target.key] or 0), -(row[actual.key] or 0)))
    shown = ordered[:top]
    customdata = [point(actual, **{by: row[by]}) for row in shown]
    hovertext = [_bullet_hover(row, actual, target, projected, by, around) for row in shown]
    ringed_at = [then(row, actual) or Decimal(0) if around.against else Decimal(0) for row in shown]
    ends = [max(_projected(row, projected), row[actual.key] or Decimal(0), row[target.key] or Decimal(0)) for row in shown]
    largest = max([*ends, *ringed_at, Decimal(1)])
    texts = [_reached(row, actual, target) for row in shown]
    near = [in_the_way(ring, end, largest, text) for ring, end, text in zip(ringed_at, ends, texts, strict=True)]
    traces = []
    if projected is not None:
        traces.append(
            bar(
                actual,
                [number(_projected(row, projected)) for row in shown],
                name=str(projected.title),
                marker={"color": meaning(projected.key)},
                hovertext=hovertext,
                customdata=customdata,
            )
        )
    traces.append(bar(actual, [number(row[actual.key] or 0) for row in shown], hovertext=hovertext, customdata=customdata))
    traces.append(_marks(target, shown, by, hovertext))
    behind = [max(ring, end) if close else end for ring, end, close in zip(ringed_at, ends, near, strict=True)]
    traces.append(_bullet_labels(behind, ["\u00a0\u00a0" * close + text for close, text in zip(near, texts, strict=True)]))
    rings, ringed = then_rings([(then(row, actual), name_of(row, by), then_line(row, actual, around)) for row in shown], around)
    traces += rings
    named = [(SQUARE, meaning(actual.key), str(actual.title)), (BAR, meaning(target.key), str(target.title))]
    if projected is not None:
        named.insert(1, (SQUARE, meaning(projected.key), str(projected.title)))
    named += ringed
    names = [tick_name(name_of(row, by)) for row in shown]
    figure = horizontal(traces, names, height, len(ordered), named=named, largest=largest)
    figure["layout"]["barmode"] = "overlay"
    return Picture(figure, _bullet_sentence(ordered, actual, target, by))


def _projected(row: Row, projected: Measure | None) -> Decimal:
    return (row.get(projected.key) if projected else None) or Decimal(0)


def _bullet_hover(row: Row, actual: Measure, target: Measure, projected: Measure | None, by: str, around: Around) -> str:
    lines = [f"{measure.title} {full(row[measure.key], measure.unit)}" for measure in (actual, target, projected) if measure]
    return hover(name_of(row, by), *lines, around.period, then_line(row, actual, around))


def _marks(target: Measure, shown: Sequence[Row], by: str, hovertext: list[str]) -> Figure:
    """A short upright line at each target."""
    return {
        "type": "scatter",
        "mode": "markers",
        "name": str(target.title),
        "x": [number(row[target.key]) for row in shown],
        "y": list(range(len(shown))),
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2.5, "color": meaning(target.key)}},
        "hoverinfo": "text",
        "hovertext": hovertext,
        "customdata": [point(target, **{by: row[by]}) for row in shown],
    }


def _bullet_labels(ends: Sequence[Decimal], texts: list[str]) -> Figure:
    """The rate that each unit reached, beyond whatever of it reaches farthest."""
    return {
        "type": "scatter",
        "mode": "text",
        "x": [number(end) for end in ends],
        "y": list(range(len(texts))),
        "text": [f"  {escaped(text)}" for text in texts],
        "textposition": "middle right",
        "textfont": {"size": 12, "color": colour("ink")},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _reached(row: Row, actual: Measure, target: Measure) -> str:
    value = short(row[actual.key], actual.unit)
    return f"{percent((row[actual.key] or 0) / row[target.key], 0)}  {value}" if row[target.key] else value


def _bullet_sentence(ordered: Sequence[Row], actual: Measure, target: Measure, by: str) -> str:
    aimed = [row for row in ordered if row[target.key]]
    if all(row[target.key] is None for row in ordered):
        return _("Targets are not known under these filters.")
    if not aimed:
        return _("There is no target for this period.")
    reached, wanted = (sum((row[measure.key] or 0 for row in aimed), Decimal(0)) for measure in (actual, target))
    behind = max(aimed, key=lambda row: row[target.key] - (row[actual.key] or 0))
    gap = behind[target.key] - (behind[actual.key] or 0)
    if len(aimed) == 1:
        own = {"name": name_of(behind, by), "own": percent(reached / wanted), "gap": short(gap, target.unit)}
        return _("{name} reached {own} of its target, {gap} short.", **own) if gap > 0 else _("{name} reached {own} of its target.", **own)
    if gap <= 0:
        return _("All reached their target; together {rate}.", rate=percent(reached / wanted))
    return _(
        "Together {rate} of the targets below; {name} is farthest behind with {own}, {gap} short.",
        rate=percent(reached / wanted),
        name=name_of(behind, by),
        own=percent((behind[actual.key] or 0) / behind[target.key]),
        gap=short(gap, target.unit),
    )
