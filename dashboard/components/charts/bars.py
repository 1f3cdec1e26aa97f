"""Horizontal bars: ranked, with parts and their cumulative share, against a target, as a funnel. Zero-based, labelled where they end."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from crm.rules.intervals import doubtful
from crm.vocabulary import Unit
from dashboard.components import doubt
from dashboard.components.charts.drawing import (
    BAR,
    RING,
    SLOT,
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
    number,
    point,
    share_line,
    sheet,
    slots,
    text_width,
    then,
    then_line,
    tick_name,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _, full, percent, short

HEIGHT = 320


def ranked(title: object, measure: Measure, *, by: str, view: str = "main", top: int = 10) -> Chart:
    """One bar for each row, the largest first; `Around.mark` names the reader's own bar, which is shown wherever it stands."""
    return Chart(title, view, (measure,), HEIGHT, partial(_ranked, measure, by, top))


def _ranked(measure: Measure, by: str, top: int, rows: Sequence[Row], around: Around, height: int) -> Picture:
    ordered = sorted((row for row in rows if row[measure.key] is not None), key=lambda row: -row[measure.key])
    own_value = (around.mark or {}).get(by)
    shown = ordered[:top]
    if own_value is not None and all(row[by] != own_value for row in shown):
        shown = [*ordered[: top - 1], *[row for row in ordered if row[by] == own_value][:1]] or shown
    # Who reads a ranking of people out of reach is told no total, and so no share of it.
    adds_up = measure.unit in (Unit.MONEY, Unit.COUNT) and not any(row.get("beyond") for row in ordered)
    whole = sum((row[measure.key] for row in ordered), Decimal(0)) if adds_up else Decimal(0)
    own = [own_value is not None and row[by] == own_value for row in shown]
    trace = bar(
        measure,
        [number(row[measure.key]) for row in shown],
        marker={"color": [colour("accent") if mine else meaning(measure.key) for mine in own]},
        text=[escaped(short(row[measure.key], measure.unit)) for row in shown],
        hovertext=[
            hover(
                name_of(row, by),
                f"{measure.title} {full(row[measure.key], measure.unit)}",
                share_line(row[measure.key], whole),
                around.period,
                then_line(row, measure, around),
            )
            for row in shown
        ],
        customdata=[None if row.get("beyond") else point(measure, **_cell(row, by)) for row in shown],
    )
    names = [f"<b>{tick_name(name_of(row, by))}</b>" if mine else tick_name(name_of(row, by)) for row, mine in zip(shown, own, strict=True)]
    marks, named = _then_marks(measure, shown, by, around)
    largest = max([row[measure.key] for row in shown] + [then(row, measure) or 0 for row in shown], default=0)
    figure = horizontal([trace, *marks], names, height, len(ordered), named=named, largest=largest if marks else None)
    return Picture(figure, _ranked_sentence(measure, by, ordered, whole))


def _then_marks(measure: Measure, shown: Sequence[Row], by: str, around: Around) -> tuple[list[Figure], list[tuple[str, str, str]]]:
    """A short upright line where each bar ended in the compared window, and what it is called; nothing without one."""
    if not around.against or all(then(row, measure) is None for row in shown):
        return [], []
    marks = {
        "type": "scatter",
        "mode": "markers",
        "name": around.against,
        "x": [number(then(row, measure) or None) for row in shown],
        "y": list(range(len(shown))),
        "marker": {"symbol": "line-ns", "size": 16, "line": {"width": 2.5, "color": colour("ink")}},
        "hoverinfo": "text",
        "hovertext": [hover(name_of(row, by), then_line(row, measure, around)) for row in shown],
    }
    return [marks], [(SQUARE, meaning(measure.key), str(measure.title)), (BAR, colour("ink"), around.against)]


def then_rings(ends: Sequence[tuple[Any, str, str]], around: Around) -> tuple[list[Figure], list[tuple[str, str, str]]]:
    """A small ring where each bar ended in the compared window (value, name, words), and what rings are called; nothing without one."""
    if not around.against or not any(end[0] for end in ends):
        return [], []
    rings = {
        "type": "scatter",
        "mode": "markers",
        "name": around.against,
        "x": [number(value or None) for value, _name, _words in ends],
        "y": list(range(len(ends))),
        "marker": {"symbol": "circle-open", "size": 9, "color": colour("ink"), "line": {"width": 2, "color": colour("ink")}},
        "hoverinfo": "text",
        "hovertext": [hover(name, words) for _value, name, words in ends],
        "cliponaxis": False,
    }
    return [rings], [(RING, colour("ink"), around.against)]


def _cell(row: Row, by: str) -> dict[str, Any]:
    """What names a bar: somebody's part in a team is not all of theirs."""
    return {"team": row["team"], by: row[by]} if by == "rep" and "team" in row else {by: row[by]}


def _ranked_sentence(measure: Measure, by: str, ordered: Sequence[Row], whole: Decimal) -> str:
    if not ordered:
        return ""
    first, last = ordered[0], ordered[-1]
    values = {
        "first": name_of(first, by),
        "most": short(first[measure.key], measure.unit),
        "last": name_of(last, by),
        "least": short(last[measure.key], measure.unit),
        "share": percent(first[measure.key] / whole) if whole > 0 else "",
    }
    if len(ordered) == 1:
        return _("{first}: {most}.", **values)
    if whole > 0:
        return _("{first} comes first with {most}, {share} of the total; {last} comes last with {least}.", **values)
    return _("{first} comes first with {most}; {last} comes last with {least}.", **values)


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
    labels = {
        **bar(parts[0], [0.0] * len(shown), text=_shares(shown, reached, whole, parts[0]), marker={"color": "rgba(0,0,0,0)"}),
        "hoverinfo": "skip",
    }
    named = [(SQUARE, meaning(part.key), str(part.title)) for part in parts] if len(parts) > 1 else []
    figure = horizontal([*traces, labels], [tick_name(name_of(row, by)) for _size, row in shown], height, len(ordered), named=named)
    figure["layout"]["barmode"] = "stack"
    return Picture(figure, _pareto_sentence(ordered, reached, whole, by))


def _part(part: Measure, shown: Sequence[tuple[Decimal, Row]], by: str, whole: Decimal, around: Around) -> Figure:
    return bar(
        part,
        [number(row[part.key] or 0) for _size, row in shown],
        hovertext=[
            hover(name_of(row, by), f"{part.title} {full(row[part.key], part.unit)}", share_line(row[part.key], whole), around.period)
            for _size, row in shown
        ],
        customdata=[point(part, **{by: row[by]}) for _size, row in shown],
    )


def _shares(shown: Sequence[tuple[Decimal, Row]], reached: Sequence[Decimal], whole: Decimal, counted: Measure) -> list[str]:
    """The label of each bar: how much, its share, and the share reached with it."""
    return [
        f"{escaped(short(size, counted.unit))}  <span style='color:{colour('ink-3')}'>{percent(size / whole, 0)}"
        + f"{_sure(size, whole, counted)}  "
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
        "{first} accounts for {share}; {few} of {all} together for {reached}.",
        first=name_of(row, by),
        share=percent(size / whole),
        few=few,
        all=len(ordered),
        reached=percent(reached[few - 1]),
    )


def bullets(
    title: object, *, actual: Measure, target: Measure, projected: Measure | None = None, by: str, view: str = "main", top: int = 8
) -> Chart:
    """What was reached (solid), what is projected (pale), and the target (a mark) of each unit, the largest target first.

    A `projected` that is a rate is taken of the target.
    """
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
    ends = [
        max(_projected(row, target, projected), row[actual.key] or 0, row[target.key] or 0, ring)
        for row, ring in zip(shown, ringed_at, strict=True)
    ]
    traces = []
    if projected is not None:
        traces.append(
            bar(
                actual,
                [number(_projected(row, target, projected)) for row in shown],
                name=str(projected.title),
                marker={"color": colour("won-soft")},
                hovertext=hovertext,
                customdata=customdata,
            )
        )
    traces.append(bar(actual, [number(row[actual.key] or 0) for row in shown], hovertext=hovertext, customdata=customdata))
    traces.append(_marks(target, shown, by, hovertext))
    traces.append(_bullet_labels(ends, [_reached(row, actual, target) for row in shown]))
    rings, ringed = then_rings([(then(row, actual), name_of(row, by), then_line(row, actual, around)) for row in shown], around)
    traces += rings
    named = [(SQUARE, meaning(actual.key), str(actual.title)), (BAR, meaning(target.key), str(target.title))]
    if projected is not None:
        named.insert(1, (SQUARE, colour("won-soft"), str(projected.title)))
    named += ringed
    names = [tick_name(name_of(row, by)) for row in shown]
    figure = horizontal(traces, names, height, len(ordered), named=named, largest=max(ends, default=0))
    figure["layout"]["barmode"] = "overlay"
    return Picture(figure, _bullet_sentence(ordered, actual, target, by))


def _projected(row: Row, target: Measure, projected: Measure | None) -> Decimal:
    value = row.get(projected.key) if projected else None
    if projected is None or value is None:
        return Decimal(0)
    return value * (row[target.key] or 0) if projected.unit is Unit.RATE else value


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
    if not aimed:
        return _("There is no target for this period.")
    reached, wanted = (sum((row[measure.key] or 0 for row in aimed), Decimal(0)) for measure in (actual, target))
    behind = max(aimed, key=lambda row: row[target.key] - (row[actual.key] or 0))
    gap = behind[target.key] - (behind[actual.key] or 0)
    if gap <= 0:
        return _("All reached their target; together {rate}.", rate=percent(reached / wanted))
    return _(
        "{rate} of these targets together; {name} reached {own} of its own, and the gap is {gap}.",
        rate=percent(reached / wanted),
        name=name_of(behind, by),
        own=percent((behind[actual.key] or 0) / behind[target.key]),
        gap=short(gap, target.unit),
    )


def funnel(title: object, *steps: Measure, view: str = "main") -> Chart:
    """How many are left after each step, of the rows together, with their share of the first."""
    return Chart(title, view, steps, 240, partial(_funnel, steps))


def _funnel(steps: Sequence[Measure], rows: Sequence[Row], around: Around, height: int) -> Picture:
    values = [sum((row[step.key] or 0 for row in rows), Decimal(0)) for step in steps]
    first = values[0]
    trace = bar(
        steps[0],
        [number(value) for value in values],
        marker={"color": [meaning(step.key) for step in steps]},
        text=[_left(value, first, step) for step, value in zip(steps, values, strict=True)],
        hovertext=[
            hover(
                str(step.title),
                full(value, step.unit),
                _("{share} of {whole}", share=percent(value / first) if first else "–", whole=str(steps[0].title)),
                around.period,
            )
            for step, value in zip(steps, values, strict=True)
        ],
        customdata=[point(step) for step in steps],
    )
    figure = horizontal([trace], [tick_name(str(step.title)) for step in steps], height, len(steps))
    figure["layout"]["yaxis"]["range"] = [max(len(steps), height // (SLOT + 12)) - 0.5, -0.5]
    return Picture(figure, _funnel_sentence(steps, values))


def _left(value: Decimal, first: Decimal, step: Measure) -> str:
    """How many a step leaves, and which share of the first."""
    share = percent(value / first) + _sure(value, first, step) if first else ""
    return f"{escaped(short(value, step.unit))}  <span style='color:{colour('ink-3')}'>{share}</span>"


def _sure(part: Decimal, whole: Decimal, counted: Measure) -> str:
    """Behind the share of a number of cases: its interval, where they are few."""
    return doubt.noted(doubtful(int(part), int(whole))) if counted.unit is Unit.COUNT and part <= whole else ""


def _funnel_sentence(steps: Sequence[Measure], values: Sequence[Decimal]) -> str:
    return _(
        "{first}: {whole}; {last}: {part}, that is {rate}.",
        whole=short(values[0], steps[0].unit),
        first=str(steps[0].title),
        part=short(values[-1], steps[-1].unit),
        last=str(steps[-1].title),
        rate=percent(values[-1] / values[0]) + _sure(values[-1], values[0], steps[0]) if values[0] else "–",
    )


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
) -> Figure:
    """A sheet of horizontal bars: names at the left, labels where they end, no value axis."""
    top = 30 if named else 4
    notes = more_line(len(names), of_all)
    bottom = 22 if notes else 4
    # Labels stand in the margin beyond the bars: its width is that of the longest, whatever the width of the window.
    labels = [text_width(text) for trace in traces for text in trace.get("text", ())]
    layout = sheet(height, top=top, bottom=bottom, right=max(labels, default=0) + 12, bargap=0.38)
    layout["yaxis"] = slots(names, height - top - bottom)
    layout["xaxis"] = no_axis() | {"range": _reach(traces, largest)}
    layout["annotations"] = notes
    if named:
        layout["title"] = legend(*named)
    return {"data": traces, "layout": layout}


def _reach(traces: Sequence[Figure], largest: Decimal | float | None) -> list[float]:
    """From the lowest value, or zero, to the end of the longest bar."""
    stacks: list[float] = []
    for values in zip(*(trace["x"] for trace in traces if trace["type"] == "bar"), strict=True):
        stacks.append(sum(value or 0 for value in values) if largest is None else max(value or 0 for value in values))
    most = max([*stacks, float(largest or 0), 0.0]) or 1.0
    least = min([*stacks, 0.0])
    return [least, most]
