"""Headline figures: the value, how it differs from the compared period, its last twelve periods, and how it is computed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from crm.rules.intervals import Interval
from dashboard.components import change, doubt
from dashboard.components.change import Figure
from dashboard.components.charts import Measure
from dashboard.components.still import Element, markup
from dashboard.i18n import _, full, short

FALLING_IS_GOOD = frozenset(
    {
        "gap_amount",
        "lost_count",
        "lost_amount",
        "stopped_count",
        "stopped_amount",
        "not_won_count",
        "not_won_amount",
        "encounters_lost",
        "encounters_stopped",
        "overdue_amount",
        "owing_count",
        "outstanding_amount",
        "neglected_count",
        "neglected_amount",
        "slipped_count",
        "slipped_amount",
        "cost_amount",
        "failed",
        "unprocessed",
        "cycle_median_days",
        "cycle_mean_days",
        "cost_per_lead",
        "cost_per_signing",
        "days_late",
    }
)
"""Measures whose rise is no good news."""

NEITHER = frozenset({"target_amount", "due_in_period", "encounters", "encounters_open", "at_stake_amount"})
"""Measures whose rise is neither good news nor bad; every other rise is good."""


def headline(cards: Sequence[Element], id: str | None = None) -> Element:
    """The row of headline figures; on a phone two in a row."""
    return markup.Div(list(cards), id=id, className="headline") if id else markup.Div(list(cards), className="headline")


def card(
    measure: Measure,
    value: Figure,
    *,
    id: Any,
    before: Figure = None,
    compared_with: str | None = None,
    past: Sequence[Figure] = (),
    computed: Mapping[str, str] | None = None,
    reason: str | None = None,
    interval: Interval | None = None,
    instead: str = "",
) -> Element:
    """One headline figure.

    `id` is that of the button which opens the records. `before` is the compared window's value and `compared_with` its name
    (None: nothing is compared). `past` are the last periods, oldest first, this one last. `computed` says date basis, records
    and the like for "how is this computed", under the measure's definition. `reason` tells why there is no figure, `instead` is what stands
    in its place. `interval`: how sure a rate over few cases is.
    """
    children: list[Any] = [
        markup.Div([markup.Span(str(measure.title), className="card-title"), _computed(measure, computed or {})], className="card-head"),
        markup.Button(
            instead or short(value, measure.unit),
            id=id,
            className="card-value",
            title=full(value, measure.unit),
            disabled=value is None,
            **{"aria-label": _("{measure}: {value}. Show the records.", measure=str(measure.title), value=full(value, measure.unit))},
        ),
    ]
    if interval is not None:
        children.append(markup.P(doubt.on_card(interval), className="card-doubt", title=doubt.told(interval)))
    if reason is not None:
        children.append(markup.P(reason, className="card-reason"))
    elif compared_with is not None:
        children.append(difference(measure, value, before, compared_with))
    children.append(sparkline(past, measure) if len(past) > 1 else markup.Div(className="sparkline none"))
    return markup.Div(children, className="card")


def difference(measure: Measure, value: Figure, before: Figure, compared_with: str) -> Element:
    """How far from the compared window, in words, in the unit and in percent."""
    if value is None or not before:
        return markup.P([markup.Span("–"), markup.Span(f" {compared_with}", className="card-against")], className="card-difference")
    return markup.P(
        [
            markup.Span(change.in_words(measure.unit, value, before), className=f"change {_tone(measure, value - before)}"),
            markup.Span(f" {compared_with}", className="card-against"),
        ],
        className="card-difference",
        title=f"{compared_with}: {full(before, measure.unit)}",
    )


def _tone(measure: Measure, by: Decimal | int) -> str:
    if not by or measure.key in NEITHER:
        return ""
    return "good" if (by > 0) != (measure.key in FALLING_IS_GOOD) else "bad"


def _computed(measure: Measure, facts: Mapping[str, str]) -> Element:
    """The definition, and on what it rests, behind a small mark: by pointer, by finger and by keyboard alike."""
    rows: list[Any] = []
    for name, value in facts.items():
        rows += [markup.Dt(name), markup.Dd(value)]
    label = _("How is {measure} computed?", measure=str(measure.title))
    return markup.Details(
        [
            markup.Summary(className="icon icon-info", title=_("How is this computed?"), **{"aria-label": label}),
            markup.Div([markup.P(str(measure.definition)), markup.Dl(rows) if rows else None], className="pop"),
        ],
        className="popper",
    )


def sparkline(past: Sequence[Figure], measure: Measure, width: int = 120, height: int = 28) -> Element:
    """The last periods as a hairline, the latest as a dot.

    A picture of 300 bytes: its shape is a mask over the theme's own colour, so it needs neither Plotly nor a second picture for the dark.
    """
    known = [float(value) for value in past if value is not None]
    if len(known) < 2:
        return markup.Div(className="sparkline none")
    least, most = min(0.0, *known), max(known)
    step = (width - 6) / (len(past) - 1)
    scale = (height - 6) / ((most - least) or 1)
    places = [(3 + n * step, height - 3 - (float(value) - least) * scale) for n, value in enumerate(past) if value is not None]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>"
        f"<polyline points='{line}' fill='none' stroke='#000' stroke-opacity='.55' stroke-width='1.5' "
        f"stroke-linejoin='round' stroke-linecap='round'/><circle cx='{x:.1f}' cy='{y:.1f}' r='2.6'/></svg>"
    )
    mask = f'url("data:image/svg+xml,{quote(svg, safe=chr(39) + " =:/<>")}")'
    return markup.Div(
        className="sparkline",
        role="img",
        style={"maskImage": mask, "WebkitMaskImage": mask},
        **{"aria-label": _spoken(past, measure)},
    )


def _spoken(past: Sequence[Figure], measure: Measure) -> str:
    """What the line says to who can't see it."""
    return _(
        "{measure}, the last {periods} periods: from {first} to {last}.",
        measure=str(measure.title),
        periods=len(past),
        first=short(past[0], measure.unit),
        last=short(past[-1], measure.unit),
    )
