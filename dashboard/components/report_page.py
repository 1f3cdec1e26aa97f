"""The page that every report has: filters, headline figures, pictures, tables, and the panel of records behind a number.

It is laid out empty and filled by one callback (`callbacks/report_page.py`), so that a change of filters moves nothing on the page.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from dash import dcc, html

from crm.errors import CrmError
from crm.money import ratio
from crm.rules.intervals import FEW
from crm.vocabulary import ContractStatus, InstalmentPhase, LeadStatus, OpportunityStatus, PipelineStep, TargetUnit
from dashboard.components import doubt, grid, headline, page, states, views
from dashboard.components import filters as bar
from dashboard.components.badges import badge_cells
from dashboard.components.charts import Around, Chart
from dashboard.components.ids import Ids
from dashboard.components.still import Still, still
from dashboard.components.views import Entry
from dashboard.i18n import N_, _, count, day, explain, full, plain, word
from dashboard.queries.answers import Answer
from dashboard.queries.compared import beside
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.explained import Explained, written
from dashboard.queries.filters import Compare, Filters
from dashboard.queries.measure import Derived, Figure, Measure
from dashboard.queries.records import Column, Records
from dashboard.queries.report import Report, Table
from dashboard.queries.warehouse import Row
from dashboard.windows import between, window

Figures = Mapping[str, Chart]
Address = Mapping[str, str | list[str]]

HIDDEN_TABLES = frozenset({"pace"})
"""Tables that only feed a picture; exports and the command line have them too."""


# ── the page before it has data ──────────────────────────────────────────────────────────────────────────────────────────────
def layout(report: Report, figures: Figures, address: Address, kept: Sequence[Entry] = (), lost: str = "") -> html.Div:
    """The page that an address asks for: its filters set, all else as skeletons; for a broken address the sentence that says so.

    `kept`: the views that the person keeps of it; `lost`: that what they opened it with is not all there any more.
    """
    ids = Ids(report.key)
    try:
        chosen = chosen_of(Filters.of(pairs_of(address), report.filters))
    except CrmError as error:
        return page.page(report.title, broken(report, explain(error)), subtitle=str(report.question))
    pictures = [page.figure(chart, ids.figure(name), ids.caption(name)) for name, chart in figures.items()]
    tables = html.Section([_tabs(report, ids), html.Div(states.skeleton(240, lines=6), id=ids.tables)], className="section")
    return page.page(
        report.title,
        *([states.partial_note(lost)] if lost else []),
        bar.bar(ids, chosen, dimensions=report.filters),
        html.Div(states.news(_("Others have changed what is shown here."), ids.news_show), id=ids.news, hidden=True),
        html.Div(id=ids.named("fault")),
        html.Div([html.Div(states.skeleton(112), id=ids.headline), page.figures(pictures), tables], id=ids.body),
        page.panel(ids.panel, ids.records, ids.panel_close),
        *(dcc.Store(id=ids.named(name)) for name in ("version", "clicked", "address", "shown", "names")),
        dcc.Store(id=ids.named("drawn-from"), data={ids.figure(name): chart.view for name, chart in figures.items()}),
        subtitle=[html.Span(str(report.question)), " ", html.Span(id=ids.drawn)],
        actions=_actions(ids, kept),
    )


def pairs_of(address: Address) -> list[tuple[str, str]]:
    """An address's parameters as pairs: one that stands in it several times arrives as a list."""
    return [(name, value) for name, values in address.items() for value in ([values] if isinstance(values, str) else values)]


def chosen_of(filters: Filters) -> dict[str, Any]:
    """The filter state as the page's controls hold it."""
    chosen: dict[str, Any] = {"period": filters.preset.value, "compare": filters.compare.value if filters.compare else "none"}
    if filters.custom:
        chosen |= {"start": filters.custom.start.isoformat(), "end": filters.custom.last.isoformat()}
    if filters.as_of:
        chosen["as_of"] = filters.as_of.isoformat()
    return chosen | {name: list(ids) for name, ids in filters.chosen}


def broken(report: Report, sentence: str) -> html.Div:
    """What is wrong, and the way to the report as it opens by itself."""
    way = dcc.Link(_("Open the report without filters"), href=f"/reports/{report.key}", className="button")
    return html.Div([states.failed(sentence), html.P(way, className="note")])


def _actions(ids: Ids, entries: Sequence[Entry]) -> list[Any]:
    kinds = (("XLSX", ids.export_xlsx), ("CSV", ids.export_csv), ("PDF", ids.export_pdf))
    links = [html.A(name, id=id, href="#", className="button", hidden=True) for name, id in kinds]
    return [views.kept(ids, entries, pinned=True), *links, page.button(_("Print"), ids.named("print"), **{"data-act": "print"})]


def _tabs(report: Report, ids: Ids) -> dcc.RadioItems:
    """The report's tables, one shown at a time."""
    return dcc.RadioItems(
        id=ids.named("view"),
        options=[{"value": view.name, "label": str(view.title)} for view in report.views if view.name not in HIDDEN_TABLES],
        value=report.views[0].name,
        className="tabs",
        inputClassName="visually-hidden",
        labelClassName="tab",
    )


# ── what a run fills in ──────────────────────────────────────────────────────────────────────────────────────────────────────
AGAINST = {Compare.PREVIOUS: N_("against the previous period"), Compare.YEAR: N_("against last year")}


def windows(filters: Filters, answer: Answer) -> str:
    """The period in words and, where one is compared with, the other window with its days."""
    own = window(filters, answer.question)
    return _("{period}, compared with {other}", period=own, other=between(answer.before)) if answer.before else own


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


def pictures(
    figures: Figures, answers: Mapping[str, Answer], period: str, reader: int | None = None
) -> tuple[list[dict[str, Any]], list[str]]:
    """The figures and their sentences, in order; in rankings the reader's own bar is marked."""
    drawn = []
    for chart in figures.values():
        answer = answers[chart.view]
        own = {"rep": reader} if answer.table.view.personal and reader else None
        against = between(answer.before) if answer.before else ""
        drawn.append(chart.draw(_named(answer), Around(period, own, against)))
    return [picture.figure for picture in drawn], [picture.sentence for picture in drawn]


def _named(answer: Answer) -> list[Row]:
    """The rows of a picture; where a person sees only their own part of a team, it is called by both names."""
    shown = answer.table
    rows = doubt.doubted(beside(shown, answer.table_before, answer.question, answer.before), shown.columns)
    if shown.by == shown.view.by or "team" not in shown.by:
        return rows
    return [row | {"team_label": f"{row['team_label']} · {row['rep_label']}"} for row in rows]


class Parts(NamedTuple):
    """One level down: the table of the parts, what it is called, and the values that the reader may choose."""

    view: str
    title: object
    values: Collection[Any]


def table(ids: Ids, answer: Answer, listed: Collection[str], parts: Parts | None = None) -> list[Any]:
    """A table of figures with its total; what it leaves open is said below it. `listed`: the figures that open their records; `parts`:
    the table of each row's parts, where there is one."""
    shown = answer.table
    if not shown.rows:
        return [states.empty(_("No records fall into this table."), why=between(answer.question))]
    dashes = {figure.key: said for figure in shown.columns if (said := reason(figure, shown, shown.total))}
    rows = doubt.doubted(beside(shown, answer.table_before, answer.question, answer.before), shown.columns)
    drawn = grid.figures(
        ids.table(),
        [_veiled(row) for row in rows],
        [_dimension(name, _down(ids, name, parts) if position == 0 else None) for position, name in enumerate(shown.by)],
        shown.columns,
        totals=totals(answer),
        own="own" if shown.view.personal else None,
        bars=[shown.view.order] if shown.view.order and not shown.view.paged else (),
        clickable=listed,
        dashes=dashes,
        sortable={measure.key for measure in shown.view.measures} if shown.view.paged else None,
        compared=between(answer.before) if answer.before else None,
    )
    return [drawn, *_notes(shown, rows)]


def totals(answer: Answer) -> Row | None:
    """The total as the table's last row, beside the compared one; none under rows whose sum is not told."""
    shown, before = answer.table, answer.table_before
    if not shown.by or any(row.get("beyond") for row in shown.rows):
        return None
    compared = {"before": before.total} if before and not shown.view.paged else {}
    (total,) = doubt.doubted([shown.total], shown.columns)
    return _veiled(total) | {f"{shown.by[0]}_label": _("Total")} | compared


def table_rows(shown: Table) -> list[Row]:
    """The rows of a long table as they travel to the browser."""
    return [grid.plain_row(_veiled(row)) for row in doubt.doubted(shown.rows, shown.columns)]


def listing(ids: Ids, columns: Sequence[grid.Column], found: Records, measure: Measure) -> grid.dag.AgGrid:
    """A table that lists records, fetched as it is scrolled, with what they add up to."""
    rows = grid.height(found.count, totals=True)
    return grid.listed(ids.table("listing"), columns, height=rows, bottom=_sum(found, measure))


def _dimension(name: str, down: Mapping[str, Any] | None) -> grid.Column:
    dimension = DIMENSIONS[name]
    return grid.Column(name, dimension.title, name_in=f"{name}_label", width=128 if dimension.days else 160, flex=1, drill=down)


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
    return {key: value for key, value in row.items() if key != "few"} | dict.fromkeys(row["few"], _("<3"))


def _notes(shown: Table, rows: Sequence[Row]) -> Iterable[html.P]:
    if any("doubt" in row for row in rows):
        yield states.partial_note(
            _("Beside a rate over fewer than {few} cases: between which rates the true one lies with 95 % certainty (Wilson).", few=FEW)
        )
    if shown.view.overlapping:
        yield states.partial_note(_("Overlapping: a record may count in several rows; the total counts it once."))
    if any(row.get("few") for row in shown.rows):
        yield states.partial_note(_("“<3”: amounts over fewer than three contracts are not shown."))


# ── the panel of records ─────────────────────────────────────────────────────────────────────────────────────────────────────
def panel(ids: Ids, figure: Figure, part: str, cell: str, found: Records, values: Mapping[str, Any], export: str) -> list[Any]:
    """Which number the panel explains, the records behind it, and that they add up to it; of a computed one what its parts (`values`) come
    to, and one of them, `part`, chosen."""
    measure, actions = found.measure, []
    if isinstance(figure, Derived):
        actions += [html.P(_computed(figure, values), className="panel-computed"), _parts(ids, figure, part, values)]
    if export:
        actions += [
            html.A("XLSX", href=export.format(kind="xlsx"), className="button"),
            html.A("CSV", href=export.format(kind="csv"), className="button"),
        ]
    actions.append(page.button(_("How is this computed?"), ids.named("explain")))
    name = f"{measure.title} · {cell}" if cell else str(measure.title)
    return page.panel_body(
        name,
        full(found.value, measure.unit),
        grid.listed(ids.table("records"), record_columns(found.columns, found.opens, measure), height="100%", bottom=_sum(found, measure)),
        adds_up=_adds_up(measure, found),
        actions=[*actions, html.Div(id=ids.named("explained"), className="explained")],
    )


def unlisted(ids: Ids) -> list[Any]:
    """A panel without records, since single ones are out of reach: what the number is can still be asked."""
    return [
        states.empty(_("Single records behind this number are not within your reach.")),
        html.Div([page.button(_("How is this computed?"), ids.named("explain"))], className="panel-actions"),
        html.Div(id=ids.named("explained"), className="explained"),
    ]


def _computed(figure: Derived, values: Mapping[str, Any]) -> str:
    """A computed number with its interval, where its parts say it: of ranks and the like they do not."""
    row = dict(values) | ({"share_of": values[TOTAL]} if TOTAL in values else {})
    value = ratio(values[figure.parts[0].key], values[TOTAL]) if figure.of_total else figure.of(row)
    interval = figure.interval(row | {figure.key: value})
    number = full(value, figure.unit) + doubt.noted(interval) if value is not None else ""
    return " · ".join(part for part in (str(figure.title), number, str(figure.definition)) if part)


TOTAL = "total"
"""The second part of a share: the first one in the whole table."""


def explanation(figure: Figure, parts: Sequence[Explained], facts: Sequence[tuple[str, object]], statements: bool) -> list[Any]:
    """Definition, basis, scope and version; of each part its rows, and those left out and why; `statements`: the SQL as well."""
    said: list[Any] = [html.P(str(figure.definition))]
    for found in parts:
        if isinstance(figure, Derived):
            said += [html.H3(str(found.measure.title)), html.P(str(found.measure.definition))]
        said.append(html.Dl([part for name, value in _counted(found) for part in (html.Dt(name), html.Dd(value))]))
    said.append(html.Dl([part for name, value in facts for part in (html.Dt(name), html.Dd(plain(value)))]))
    return said + [_statement(found) for found in parts if statements and found.statement]


def _counted(found: Explained) -> list[tuple[str, str]]:
    if found.count is None:
        return [(_("Rows counted"), _("not within your reach one by one"))]
    left = [(str(left.why), count(left.count)) for left in found.left_out]
    return [(_("Rows counted"), count(found.count)), *(left or [(_("Rows left out"), _("none"))])]


def _statement(found: Explained) -> html.Details:
    """The statement that a number comes from, its parameters apart from it."""
    assert found.statement is not None
    values = "\n".join(f"${name} = {written(value)}" for name, value in sorted(found.statement.values.items()))
    text = f"-- {found.measure.key}\n{found.statement.sql}\n\n{values}"
    return html.Details([html.Summary(_("SQL of {measure}", measure=found.measure.title)), html.Pre(text)])


def _parts(ids: Ids, figure: Derived, part: str, values: Mapping[str, Any]) -> dcc.RadioItems:
    """Both parts of a rate, with what they come to: one of them is listed."""
    titles = {found.key: f"{found.title} {full(values[found.key], found.unit)}" for found in figure.parts}
    if figure.of_total:
        titles[TOTAL] = _("All of the table {number}", number=full(values[TOTAL], figure.parts[0].unit))
    return dcc.RadioItems(
        id=ids.named("part"),
        options=[{"value": key, "label": title} for key, title in titles.items()],
        value=part,
        className="tabs",
        inputClassName="visually-hidden",
        labelClassName="tab",
    )


def _adds_up(measure: Measure, found: Records) -> str:
    return _(FOLDS[measure.fold], count=found.count)


FOLDS = {
    "sum": N_("{count} records add up to it exactly."),
    "median": N_("The median of {count} records."),
    "max": N_("The largest of {count} records."),
    "min": N_("The earliest of {count} records."),
}


def _sum(found: Records, measure: Measure) -> Row:
    return {found.columns[0].key: _("Total"), "adds": found.value if measure.adds_up else None}


BADGES = {
    "lead_status": LeadStatus,
    "opportunity_status": OpportunityStatus,
    "contract_status": ContractStatus,
    "instalment_phase": InstalmentPhase,
}
"""The kinds of column that show a state, by the words they show."""


WORDS = {"target_unit": TargetUnit, "pipeline_step": PipelineStep}
"""The kinds of column that show a word."""


def record_columns(columns: Sequence[Column], opens: str, measure: Measure) -> list[grid.Column]:
    """The columns of a list of records; the first opens the record where there is a page for it."""
    drawn = [_record_column(column, "link" if opens and position == 0 else None) for position, column in enumerate(columns)]
    return [*drawn, grid.Column("adds", measure.title, kind=measure.unit.value, width=136, pinned="right")]


def _record_column(column: Column, link: str | None) -> grid.Column:
    sortable = column.sortable
    if column.kind in BADGES:
        return grid.Column(column.key, column.title, "badge", badges=badge_cells(BADGES[column.kind]), width=96, sortable=sortable)
    kind = column.kind if column.kind in ("day", "money", "count", "days") else "text"
    return grid.Column(
        column.key,
        column.title,
        kind,
        link=link,
        width=112 if kind != "text" else 136,
        flex=1 if link or column.kind == "several" else 0,
        sortable=sortable,
    )


def record_rows(found: Records) -> list[dict[str, Any]]:
    """The records as a list shows them: with the address of their page, where the person may open it."""
    rows = []
    for row in found.rows:
        shown = grid.plain_row(row)
        for column in found.columns:
            if column.kind in WORDS and row[column.key]:
                shown[column.key] = word(WORDS[column.kind](row[column.key]))
            elif column.kind == "month":
                shown[column.key] = row[column.key].strftime("%Y-%m")
        shown["link"] = f"/{found.opens}/{row['id']}" if found.opens and row["id"] is not None else None
        rows.append(shown)
    return rows
