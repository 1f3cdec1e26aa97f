"""Ranked: one bar for each row, the largest first."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from crm.vocabulary import Unit
from dashboard.components.charts.bars import HEIGHT, bar, behind, horizontal, then_rings
from dashboard.components.charts.drawing import (
    SQUARE,
    Around,
    Chart,
    Measure,
    Picture,
    Row,
    escaped,
    hover,
    name_of,
    names_of,
    number,
    point,
    share_line,
    sharing,
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
        own_rows = [row for row in ordered if row[by] == own_value][:1]
        shown = [*ordered[: top - len(own_rows)], *own_rows]
    # Who reads a ranking of people out of reach is told no total, and so no share of it.
    adds_up = measure.unit in (Unit.MONEY, Unit.COUNT) and not any(row.get("beyond") for row in ordered)
    whole = sum((row[measure.key] for row in ordered), Decimal(0)) if adds_up else Decimal(0)
    own = [own_value is not None and row[by] == own_value for row in shown]
    called = names_of(shown, by)
    trace = bar(
        measure,
        [number(row[measure.key]) for row in shown],
        marker={"color": [colour("accent") if mine else meaning(measure.key) for mine in own]},
        hovertext=[
            hover(
                name,
                f"{measure.title} {full(row[measure.key], measure.unit)}",
                share_line(row[measure.key], whole),
                around.period,
                then_line(row, measure, around),
            )
            for row, name in zip(shown, called, strict=True)
        ],
        customdata=[None if row.get("beyond") else point(measure, **_cell(row, by)) for row in shown],
    )
    names = [f"<b>{tick_name(name)}</b>" if mine else tick_name(name) for name, mine in zip(called, own, strict=True)]
    texts = [escaped(short(row[measure.key], measure.unit)) for row in shown]
    rings, ringed = then_rings(
        [(then(row, measure), name, then_line(row, measure, around)) for row, name in zip(shown, called, strict=True)], around
    )
    if rings:
        labels = [behind(measure, [row[measure.key] for row in shown], texts, [then(row, measure) for row in shown])]
    else:
        trace, labels = {**trace, "text": texts}, []
    named = [(SQUARE, meaning(measure.key), str(measure.title)), *ringed] if ringed else []
    figure = horizontal([trace, *labels, *rings], names, height, len(ordered), named=named)
    figure["layout"]["barmode"] = "stack"
    return Picture(figure, _ranked_sentence(measure, by, ordered, whole))


def _cell(row: Row, by: str) -> dict[str, Any]:
    """What names a bar: somebody's part in a team is not all of theirs."""
    return {"team": row["team"], by: row[by]} if by == "rep" and "team" in row else {by: row[by]}


def _ranked_sentence(measure: Measure, by: str, ordered: Sequence[Row], whole: Decimal) -> str:
    if not ordered:
        return ""
    first, last = ordered[0], next((row for row in reversed(ordered) if row[by] is not None), ordered[-1])
    values = {
        "first": name_of(first, by),
        "most": short(first[measure.key], measure.unit),
        "last": name_of(last, by),
        "least": short(last[measure.key], measure.unit),
        "share": percent(first[measure.key] / whole) if whole > 0 else "",
    }
    if len(ordered) == 1:
        return _("{first}: {most}.", **values)
    if first[measure.key] == last[measure.key]:
        return _("All {count} are at {most}.", count=len(ordered), **values)
    leading = [name_of(row, by) for row in ordered if row[measure.key] == first[measure.key]]
    behind_all = [row for row in ordered if row[measure.key] == last[measure.key]]
    if len(leading) > 1:
        head = sharing(leading, values["most"])
    elif whole > 0:
        head = _("{first} comes first with {most}, {share} of the total", **values)
    else:
        head = _("{first} comes first with {most}", **values)
    if len(behind_all) > 1:
        tail = _("{count} come last with {least}", count=len(behind_all), **values)
    else:
        tail = _("{last} comes last with {least}", **values)
    return _("{head}; {tail}.", head=head, tail=tail)
