"""What runs along time: columns by month, and lines with their names at the end."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crm.vocabulary import Unit
from dashboard.components import doubt
from dashboard.components.charts.drawing import (
    RING,
    SQUARE,
    Around,
    Chart,
    Figure,
    Measure,
    Picture,
    Row,
    hover,
    inside,
    legend,
    month_ticks,
    more_line,
    name_of,
    nothing,
    number,
    point,
    rings,
    share_line,
    sheet,
    then,
    then_line,
    then_sum,
    then_words,
    tick_name,
    value_axis,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _, full, month, short
from dashboard.queries import cohorts

HEIGHT = 300

THINNED = "thinned"
"""What a picture says whose names below the axis the browser may leave out, one between two, where they have no room (assets/theme.js)."""

GAP = 0.35
"""The share of a month's place that is left free."""


def months(title: object, *measures: Measure, over: str = "month", stacked: bool = False, view: str = "months") -> Chart:
    """Columns for each month, beside each other or (what adds up) on top of each other."""
    return Chart(title, view, measures, HEIGHT, partial(_months, measures, over, stacked))


def _months(measures: Sequence[Measure], over: str, stacked: bool, rows: Sequence[Row], around: Around, height: int) -> Picture:
    ordered = sorted(rows, key=lambda row: row[over])
    days = [row[over] for row in ordered]
    totals = [sum((row[measure.key] or 0 for measure in measures), Decimal(0)) for row in ordered]
    traces = [_columns(measure, ordered, over, totals if stacked else None, around) for measure in measures]
    befores = _month_rings(measures, ordered, over, stacked, around)
    named = [(SQUARE, meaning(measure.key), str(measure.title)) for measure in measures] if len(measures) > 1 or befores else []
    layout = sheet(height, left=48, top=30 if named else 12, bottom=40, bargap=GAP, bargroupgap=0.08)
    if named:
        layout["title"] = legend(*named, *([(RING, colour("ink"), _("Compared"))] if befores else ()))
    layout["barmode"] = "stack" if stacked else "group"
    heights = [float(total) for total in totals] if stacked else [number(row[measure.key]) for row in ordered for measure in measures]
    heights += [height for ring in befores for height in ring["y"]]
    layout["yaxis"] = value_axis(heights, measures[0].unit)
    layout["xaxis"] = _month_axis(days)
    layout["meta"] = THINNED
    return Picture({"data": [*traces, *befores], "layout": layout}, _months_sentence(measures, ordered, over, around))


def _columns(measure: Measure, ordered: Sequence[Row], over: str, totals: Sequence[Decimal] | None, around: Around) -> Figure:
    return {
        "type": "bar",
        "name": str(measure.title),
        "x": list(range(len(ordered))),
        "y": [number(row[measure.key]) for row in ordered],
        "marker": {"color": meaning(measure.key)},
        "hoverinfo": "text",
        "hovertext": [
            hover(
                month(row[over]),
                f"{measure.title} {full(row[measure.key], measure.unit)}",
                share_line(row[measure.key], totals[position]) if totals else "",
                then_line(row, measure, around),
            )
            for position, row in enumerate(ordered)
        ],
        "customdata": [point(measure, **{over: row[over]}) for row in ordered],
    }


def _month_rings(measures: Sequence[Measure], ordered: Sequence[Row], over: str, stacked: bool, around: Around) -> list[Figure]:
    """A small ring where each column ended in the compared window: of columns on top of each other where all of them did."""
    if not around.against:
        return []
    each = (1 - GAP) / len(measures)
    beside = [((place - (len(measures) - 1) / 2) * each, [measure]) for place, measure in enumerate(measures)]
    found = [_month_ring(aside, drawn, ordered, over, around) for aside, drawn in ([(0.0, list(measures))] if stacked else beside)]
    return [ring for ring in found if any(ring["y"])]


def _month_ring(aside: float, drawn: Sequence[Measure], ordered: Sequence[Row], over: str, around: Around) -> Figure:
    befores = [sum((then_sum([row], measure) for measure in drawn), Decimal(0)) for row in ordered]
    words = [hover(month(row[over]), then_words(before, drawn[0], around)) for row, before in zip(ordered, befores, strict=True)]
    return rings([place + aside for place in range(len(ordered))], [number(before or None) for before in befores], words, around, size=6)


def _month_axis(days: Sequence[date]) -> Figure:
    """Every month has its place; where they are many, every third is named."""
    step = 1 if len(days) <= 14 else 3
    names = month_ticks(days)
    return {
        "tickvals": list(range(0, len(days), step)),
        "ticktext": names[::step],
        "range": [-0.6, max(len(days), 6) - 0.4],
        "showgrid": False,
        "zeroline": False,
        "tickangle": 0,
        "tickfont": {"size": 11, "color": colour("ink-3")},
        "fixedrange": True,
    }


def _months_sentence(measures: Sequence[Measure], ordered: Sequence[Row], over: str, around: Around) -> str:
    if not ordered:
        return ""
    # What is due is known of months to come as well; told is the month in which the state day lies.
    latest = next((row for row in reversed(ordered) if around.until is None or row[over] <= around.until), ordered[-1])
    parts = [_("{measure} {value}", measure=inside(measure.title), value=short(latest[measure.key], measure.unit)) for measure in measures]
    lead = measures[0]
    peak = max(ordered, key=lambda row: row[lead.key] or 0)
    called = _("{month}, not over yet", month=month(latest[over])) if _begun(latest[over], around.until) else month(latest[over])
    alone = sum(row[lead.key] == peak[lead.key] for row in ordered) == 1
    if len(ordered) == 1 or not peak[lead.key] or not alone:
        return _("{month}: {values}.", month=called, values=parts)
    return _(
        "{month}: {values}. {measure} peaked in {peak} at {most}.",
        month=called,
        values=parts,
        measure=str(lead.title),
        peak=month(peak[over]),
        most=short(peak[lead.key], lead.unit),
    )


def _begun(first: date, until: date | None) -> bool:
    """Whether a month has begun and is not over at the end of that day."""
    return until is not None and first <= until and (until + timedelta(days=1)).replace(day=1) == first


def lines(
    title: object, *measures: Measure, over: str, by: str | None = None, weight: Measure | None = None, view: str = "months", top: int = 5
) -> Chart:
    """Lines over time: one for each measure or, with `by`, one of the first measure for each of its values.

    Of many values the `top` by `weight` (else by the measure itself) are drawn, and a line below says of how many.
    """
    if by is None:
        return Chart(title, view, measures, HEIGHT, partial(_measure_lines, measures, over))
    return Chart(
        title, view, (measures[0], weight or measures[0]), HEIGHT, partial(_value_lines, measures[0], over, by, weight or measures[0], top)
    )


def _measure_lines(measures: Sequence[Measure], over: str, rows: Sequence[Row], around: Around, height: int) -> Picture:
    ordered = sorted(rows, key=lambda row: row[over])
    if all(row[measure.key] is None for row in ordered for measure in measures):
        return nothing(height)
    traces = [
        _line(
            measure,
            ordered,
            over,
            str(measure.title),
            color=meaning(measure.key),
            dash="dot" if measure.key.startswith("target") else "solid",
        )
        for measure in measures
    ]
    compared = _compared_line(measures[0], ordered, over, around)
    return Picture(_over_time([*compared, *traces], measures[0].unit, height), _pace_sentence(measures, ordered, over))


def _pace_sentence(measures: Sequence[Measure], ordered: Sequence[Row], over: str) -> str:
    """Where the first line has come to, and how far it is there from the second: each line may end on a day of its own."""
    lead, *others = measures
    reached = next((row for row in reversed(ordered) if row[lead.key] is not None), None)
    if reached is None:
        return ""
    values = {"day": reached[over], "measure": inside(lead.title), "value": short(reached[lead.key], lead.unit)}
    wanted = reached[others[0].key] if others else None
    if wanted is None:
        return _("By {day}: {measure} {value}.", **values)
    by = reached[lead.key] - wanted
    values |= {"wanted": short(wanted, lead.unit), "by": short(abs(by), lead.unit)}
    if by < 0:
        return _("By {day}: {measure} {value}, {by} behind the {wanted} that the pace asks for.", **values)
    return _("By {day}: {measure} {value}, {by} ahead of the {wanted} that the pace asks for.", **values)


def _compared_line(measure: Measure, ordered: Sequence[Row], over: str, around: Around) -> list[Figure]:
    """What a line was in the compared window, day beside day: thin, and nothing that opens."""
    values = [number(then(row, measure)) for row in ordered]
    # The compared window may be shorter: beyond its end there is nothing, and no fall to zero.
    ended = max((position for position, value in enumerate(values) if value), default=-1)
    values = [value if position <= ended else None for position, value in enumerate(values)]
    if not around.against or all(value is None for value in values):
        return []
    line = _line(measure, ordered, over, _("Compared"), color=colour("ink-3"), dash="dash", width=1)
    words = [hover(str(measure.title), then_line(row, measure, around)) for row in ordered]
    return [{key: value for key, value in line.items() if key != "customdata"} | {"y": values, "hovertext": words}]


def _value_lines(
    measure: Measure, over: str, by: str, weight: Measure, top: int, rows: Sequence[Row], around: Around, height: int
) -> Picture:
    weights: dict[Any, Decimal] = {}
    for row in rows:
        weights[row[by]] = weights.get(row[by], Decimal(0)) + (row[weight.key] or 0)
    ranking = sorted(weights, key=lambda value: -weights[value])
    shown = [row for row in rows if row[by] in ranking[:top]]
    traces, rings = [], []
    for position, value in reversed(list(enumerate(ranking[:top]))):
        own = sorted((row for row in shown if row[by] == value), key=lambda row: row[over])
        line = _line(measure, own, over, name_of(own[0], by), by=by, around=around, **_series_style(position))
        traces.append(line)
        rings += _young_rings(line, own)
    figure = _over_time(traces, measure.unit, height, more_line(top, len(ranking)))
    figure["data"] += rings
    if rings:
        figure["layout"]["title"] = legend((RING, colour("ink-3"), _("Young cohort: its rate will still rise")))
        figure["layout"]["margin"]["t"] = 34
    figure["layout"]["shapes"] = _young_ground([row[over] for row in shown if row.get("young")], figure["layout"]["xaxis"]["range"])
    return Picture(figure, " ".join(said for said in (_lines_sentence(measure, over, by, shown), cohorts.told(shown)) if said))


def _young_rings(line: Figure, rows: Sequence[Row]) -> list[Figure]:
    """Hollow marks on those places of a line that are too young to be judged; they open what the places open."""
    young = [place for place, row in enumerate(rows) if row.get("young") and line["y"][place] is not None]
    if not young:
        return []
    ring = {"symbol": "circle-open", "size": 8, "color": line["marker"]["color"], "line": {"width": 1.5}}
    places = {key: [line[key][place] for place in young] for key in ("x", "y", "hovertext", "customdata")}
    drawn = {"type": "scatter", "mode": "markers", "name": line["name"], "marker": ring, "hoverinfo": "text", "cliponaxis": False}
    return [drawn | places]


def _young_ground(months: Sequence[date], days: Sequence[str] | None) -> list[Figure]:
    """A shade behind the months in which any line is young, from half a month before the first of them to the end of the sheet."""
    if not months or not days:
        return []
    begins = max((min(months) - timedelta(days=15)).isoformat(), days[0])
    high = {"yref": "paper", "y0": 0, "y1": 1}
    return [{"type": "rect", "x0": begins, "x1": days[1], **high, "fillcolor": colour("hover"), "line": {"width": 0}, "layer": "below"}]


def _series_style(position: int) -> dict[str, Any]:
    """Colour and dash of the series at `position`: never told apart by colour alone."""
    return {
        "color": colour(f"series-{position % 6 + 1}"),
        "dash": ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")[position % 6],
    }


def _line(
    measure: Measure,
    rows: Sequence[Row],
    over: str,
    name: str,
    *,
    color: str,
    dash: str = "solid",
    width: float = 2,
    by: str | None = None,
    around: Around = Around(),  # noqa: B008 (a value that nobody changes)
) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines" if len(rows) > 1 else "markers",
        "name": name,
        "x": [row[over].isoformat() for row in rows],
        "y": [number(row[measure.key]) for row in rows],
        "line": {"color": color, "width": width, "dash": dash},
        "marker": {"color": color, "size": 6},
        "connectgaps": False,
        "hoverinfo": "text",
        "hovertext": [
            hover(
                name,
                f"{measure.title} {full(row[measure.key], measure.unit)}",
                doubt.told(interval) if (interval := doubt.of(row, measure.key)) else "",
                _("Young until {day}", day=row["ripe_on"].isoformat()) if row.get("young") else "",
                row[over].isoformat(),
                then_line(row, measure, around),
            )
            for row in rows
        ],
        "customdata": [point(measure, **({by: row[by]} if by else {}), **{over: row[over]}) for row in rows],
    }


def _over_time(traces: list[Figure], unit: Unit, height: int, below: Sequence[Figure] = ()) -> Figure:
    """A sheet with days along the bottom, and the name of each line where it ends; `below` are words under the days."""
    values = [value for trace in traces for value in trace["y"]]
    layout = sheet(height, left=48, right=104, top=12, bottom=46 if below else 28)
    layout["yaxis"] = value_axis(values, unit)
    days = sorted({day for trace in traces for day in trace["x"]})
    layout["xaxis"] = {
        "type": "date",
        **({"range": [days[0], days[-1]]} if len(days) > 1 else {"range": _around(days[0]), "tickvals": days}),
        "tickformat": "%m-%d" if len(days) > 1 and days[0][:4] == days[-1][:4] and days[1][8:] != "01" else "%Y-%m",
        "nticks": 4,
        "tickangle": 0,
        "showgrid": False,
        "tickfont": {"size": 11, "color": colour("ink-3")},
        "linecolor": colour("line"),
        "fixedrange": True,
    }
    names = _end_names(traces, layout["yaxis"]["range"], height - (58 if below else 40))
    layout["annotations"] = [*names, *({**words, "yshift": -24} for words in below)]
    return {"data": traces, "layout": layout}


def _around(day: str) -> list[str]:
    """A sheet that has one day: the day stands in its middle."""
    return [(date.fromisoformat(day) + timedelta(days=days)).isoformat() for days in (-15, 15)]


def _end_names(traces: Sequence[Figure], reach: Sequence[float], pixels: int) -> list[Figure]:
    """The lines' names at their right ends, pushed apart where two would stand on each other."""
    ends = []
    for trace in traces:
        known = [(day, value) for day, value in zip(trace["x"], trace["y"], strict=True) if value is not None]
        if known:
            ends.append((known[-1][1], trace))
    ends.sort(key=lambda end: end[0])
    names, floor = [], reach[0] - 1e9
    for value, trace in ends:
        least_gap = 15 * (reach[1] - reach[0]) / pixels
        place = max(value, floor + least_gap)
        floor = place
        names.append(
            {
                "text": tick_name(trace["name"], 14),
                "x": 1,
                "xref": "paper",
                "xanchor": "left",
                "xshift": 6,
                "y": place,
                "yanchor": "middle",
                "showarrow": False,
                "font": {"size": 12, "color": trace["line"]["color"]},
            }
        )
    return names


def _lines_sentence(measure: Measure, over: str, by: str, rows: Sequence[Row]) -> str:
    """The highest and the lowest in the last month that can be judged: where any is young its rate will still rise."""
    young = {row[over] for row in rows if row.get("young")}
    judged = [row for row in rows if row[measure.key] is not None and row[over] not in young]
    if not judged:
        return ""
    latest = max(row[over] for row in judged)
    known = [row for row in judged if row[over] == latest]
    best, worst = (choose(known, key=lambda row: row[measure.key]) for choose in (max, min))
    if len(known) == 1:
        return _(
            "{first}: {most}.",
            first=name_of(best, by),
            most=short(best[measure.key], measure.unit) + doubt.noted(doubt.of(best, measure.key)),
        )
    if best[measure.key] == worst[measure.key]:
        intervals = [interval for row in known if (interval := doubt.of(row, measure.key))]
        least_sure = max(intervals, key=lambda interval: interval.high - interval.low, default=None)
        return _("{month}: all at {most}.", month=month(latest), most=short(best[measure.key], measure.unit) + doubt.noted(least_sure))
    return _(
        "{month}: {best} is highest with {most}, {worst} lowest with {least}.",
        month=month(latest),
        best=name_of(best, by),
        most=short(best[measure.key], measure.unit) + doubt.noted(doubt.of(best, measure.key)),
        worst=name_of(worst, by),
        least=short(worst[measure.key], measure.unit) + doubt.noted(doubt.of(worst, measure.key)),
    )
