"""Ranked: one bar for each row, the largest first."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from crm.vocabulary import Unit
from dashboard.components.charts.bars import HEIGHT, bar, horizontal
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
    share_line,
    then,
    then_line,
    tick_name,
)
from dashboard.components.palette import colour, meaning
from dashboard.i18n import _, full, percent, short


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
