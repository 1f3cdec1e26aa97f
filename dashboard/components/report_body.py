"""What a run fills into a report's page: headline figures, pictures with their sentences, and the open table."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dash import html

from crm.rules.intervals import FEW
from dashboard.components import doubt, grid, headline, states
from dashboard.components.charts import Around
from dashboard.components.ids import Ids
from dashboard.components.report_page import Figures
from dashboard.components.report_panel import sum_row
from dashboard.components.still import Still, still
from dashboard.i18n import N_, _, day
from dashboard.queries import cohorts, ranking
from dashboard.queries.answers import Answer
from dashboard.queries.compared import beside, comparable, uncompared
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.few import instead
from dashboard.queries.filters import Compare, Filters
from dashboard.queries.measure import Derived, Figure, Measure
from dashboard.queries.records import Records
from dashboard.queries.report import Report, Table, View
from dashboard.queries.warehouse import Row
from dashboard.windows import between, window

AGAINST = {Compare.PREVIOUS: N_("against the previous period"), Compare.YEAR: N_("against last year")}


def windows(filters: Filters, answer: Answer) -> str:
    """The period in words and, where one is compared with, the other window with its days."""
    own = window(filters, answer.question)
    if answer.before:
        return _("{period}, compared with {other}", period=own, other=between(answer.before))
    return _("{period}; there is nothing to compare it with", period=own) if filters.compare else own


def cards(ids: Ids, report: Report, filters: Filters, answer: Answer, past: Sequence[Row] = ()) -> Still:
    """The headline figures, with their difference to the compared window and, when they are there, their last periods."""
    total, before = answer.table.total, answer.table_before.total if answer.table_before else None
    against = AGAINST[filters.compare] if answer.before and filters.compare else None
    basis = {_("Data basis"): between(answer.question), _("State day"): day(answer.question.state)}
    drawn = headline.headline(
        [
            headline.card(
                figure,
                total[figure.key],
                id=ids.card(figure.key),
                before=before[figure.key] if before else None,
                compared_with=_(against) if against else None,
                past=[row[figure.key] for row in past],
                computed=basis,
                reason=reason(figure, answer.table, total),
                interval=figure.interval(total) if isinstance(figure, Derived) else None,
                instead=instead(total, figure.key),
            )
            for figure in report.headline
        ]
    )
    return still(drawn, ids.cards)


def reason(figure: Figure, table: Table, row: Row) -> str | None:
    """Why a figure is "–": its facts do not have the dimension of a filter, or it is over too few contracts."""
    parts = figure.parts if isinstance(figure, Derived) else (figure,)
    lacking = sorted({name for part in parts for name in table.missing.get(part.key, ())})
    if lacking:
        return _("Not known by {filters}: clear this filter to see it.", filters=[DIMENSIONS[name].title for name in lacking])
    if any(part.key in row.get("few", ()) for part in parts):
        return _("Over fewer than three contracts.")
    return None


def draws(figures: Figures) -> dict[str, set[str]]:
    """By view, the figures that these pictures draw of it."""
    drawn: dict[str, set[str]] = {}
    for chart in figures.values():
        drawn.setdefault(chart.view, set()).update(measure.key for measure in chart.draws)
    return drawn


def pictures(
    figures: Figures, answers: Mapping[str, Answer], period: str, reader: int | None = None
) -> tuple[list[dict[str, Any]], list[str]]:
    """The figures and their sentences, in order; in rankings the reader's own bar is marked."""
    drawn = []
    for chart in figures.values():
        answer = answers[chart.view]
        own = {"rep": reader} if answer.table.view.personal and reader else None
        against = between(answer.before) if answer.before else ""
        drawn.append(chart.draw(_named(answer), Around(period, own, against, answer.question.state)))
    return [picture.figure for picture in drawn], [picture.sentence for picture in drawn]


def _named(answer: Answer) -> list[Row]:
    """The rows of a picture; where a person sees only their own part of a team, it is called by both names."""
    shown = answer.table
    rows = rows_of(answer)
    if shown.by == shown.view.by or "team" not in shown.by:
        return rows
    return [row | {"team_label": f"{row['team_label']} · {row['rep_label']}"} for row in rows]


LONG_NAMES = frozenset({"customer", "product", "campaign"})
"""The dimensions whose values have names of many words."""


class Parts(NamedTuple):
    """One level down: the table of the parts, what it is called, and the values that the reader may choose."""

    view: str
    title: object
    values: Collection[Any]


class Under(NamedTuple):
    """The parts that a table's rows open over: their own table, its answer where rows stand open, and which those are."""

    view: View
    answer: Answer | None
    opened: frozenset[int]


def table(ids: Ids, answer: Answer, listed: Collection[str], parts: Parts | None = None, under: Under | None = None) -> list[Any]:
    """A table of figures with its total; what it leaves open is said below it. `listed`: the figures that open their records; `parts`:
    the table of each row's parts, where there is one; `under`: the parts themselves, where they can stand under their row."""
    shown = answer.table
    dashes = {figure.key: said for figure in shown.columns if (said := reason(figure, shown, shown.total))}
    rows = unfolded(answer, under) if under else rows_of(answer)
    drawn = grid.figures(
        ids.table(),
        [_veiled(row) for row in rows],
        [_dimension(name, _down(ids, name, parts) if position == 0 else None) for position, name in enumerate(shown.by)],
        shown.columns,
        totals=totals(answer),
        folding={"fold": ids.fold, "table": shown.view.name} if under else None,
        own="own" if shown.view.personal else None,
        bars=[shown.view.order] if shown.view.order and not shown.view.paged else (),
        clickable=listed,
        dashes=dashes,
        sortable={measure.key for measure in shown.view.measures} if shown.view.paged else None,
        compared=between(answer.before) if answer.before else None,
    )
    return [drawn, *_notes(answer, rows)]


def totals(answer: Answer) -> Row | None:
    """The total as the table's last row, beside the compared one; none under rows whose sum is not told."""
    shown, before = answer.table, answer.table_before
    if not shown.by or any(row.get("beyond") for row in shown.rows):
        return None
    then = {figure.key: before.total.get(figure.key) for figure in shown.columns if comparable(figure)} if before else {}
    compared = {"before": then} if before and before.total else {}
    shares = {figure.key for figure in shown.columns if isinstance(figure, Derived) and figure.of_total}
    (total,) = doubt.doubted([shown.total], [figure for figure in shown.columns if figure.key not in shares])
    untold = {figure.key for figure in shown.columns if not shown.totals(figure)}
    told = {key: value for key, value in _veiled(total).items() if key not in untold}
    return told | {f"{shown.by[0]}_label": _("Total")} | compared


def rows_of(answer: Answer) -> list[Row]:
    """The rows of a table as they are drawn: beside the compared window's, those of rates over few cases with how sure they are."""
    shown = answer.table
    return doubt.doubted(beside(shown, answer.table_before, answer.question, answer.before), shown.columns)


def unfolded(answer: Answer, under: Under) -> list[Row]:
    """The rows of a table, those that stand open with their parts behind them."""
    name, rows = answer.table.by[0], []
    parts: dict[Any, list[Row]] = {}
    for row in rows_of(under.answer) if under.answer else ():
        parts.setdefault(row[name], []).append(_under(row, under.view))
    for row in rows_of(answer):
        is_open = row[name] in under.opened
        rows += [row | {"id": str(row[name]), "opened": is_open}, *(parts.get(row[name], ()) if is_open else ())]
    return rows


def _under(row: Row, view: View) -> Row:
    """A part as a row of the table above its own: called by its own name, with the cell that it is in its own table."""
    above, own = view.by
    cell = {above: row[above], own: row[own]}
    said = {f"{above}_label": row[f"{own}_label"], "cell": cell, "view": view.name}
    return row | said | {"id": f"{row[above]}/{row[own]}", "under": str(row[above])}


def table_rows(answer: Answer) -> list[Row]:
    """The rows of a long table as they travel to the browser."""
    return [grid.plain_row(_veiled(row)) for row in rows_of(answer)]


def listing(ids: Ids, columns: Sequence[grid.Column], found: Records, measure: Measure, note: str = "") -> list[Any]:
    """A table that lists records, fetched as it is scrolled, with what they add up to; and a note on it, if there is one."""
    rows = grid.height(found.count, totals=True)
    drawn = grid.listed(ids.table("listing"), columns, height=rows, bottom=sum_row(found, measure))
    return [drawn, states.partial_note(note)] if note else [drawn]


def _dimension(name: str, down: Mapping[str, Any] | None) -> grid.Column:
    dimension = DIMENSIONS[name]
    long = name in LONG_NAMES
    return grid.Column(name, dimension.title, name_in=f"{name}_label", width=160 if long else 120, flex=2 if long else 1, drill=down)


def _down(ids: Ids, name: str, parts: Parts | None) -> dict[str, Any] | None:
    """Where a name in the first column leads: the page under that filter, with the table of the parts open."""
    if parts is None:
        return None
    hint = _("Open: {table}", table=parts.title)
    at = {"dimension": name, "filter": ids.control(name), "view": ids.named("view")}
    return at | {"to": parts.view, "values": list(parts.values), "hint": hint}


def _veiled(row: Row) -> Row:
    """A row for the screen: amounts over too few contracts are written as that, rates over few cases with how sure they are."""
    row = doubt.said(row)
    if "few" not in row:
        return row
    return {key: value for key, value in row.items() if key != "few"} | {key: instead(row, key) for key in row["few"]}


def _notes(answer: Answer, rows: Sequence[Row]) -> Iterable[html.P]:
    shown = answer.table
    if answer.before and (said := uncompared(shown.view, shown.columns)):
        yield states.partial_note(said)
    if any("doubt" in row for row in rows):
        yield states.partial_note(
            _("Beside a rate over fewer than {few} cases: the range in which the true one lies with 95% confidence (Wilson).", few=FEW)
        )
    if others := ranking.told(rows):
        yield states.partial_note(others)
    if young := cohorts.told(rows):
        yield states.partial_note(young)
    if shown.view.overlapping:
        yield states.partial_note(_("Overlapping: a record may count in several rows; the total counts it once."))
    if any(row.get("few") for row in shown.rows):
        yield states.partial_note(_("“<3”: amounts over fewer than three contracts are not shown."))
