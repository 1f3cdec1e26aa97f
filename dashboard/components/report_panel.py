"""The panel of a report's page: the records behind a number, what they add up to, and how the number is computed."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.money import ratio
from crm.vocabulary import ContractStatus, InstalmentPhase, LeadStatus, OpportunityStatus, PipelineStep, TargetUnit
from dashboard.components import doubt, grid, page, states
from dashboard.components.badges import badge_cells
from dashboard.components.charts.drawing import text_width
from dashboard.components.ids import Ids
from dashboard.i18n import N_, _, count, full, plain, word
from dashboard.queries.explained import Explained, written
from dashboard.queries.measure import Derived, Figure, Measure
from dashboard.queries.records import Column, Records
from dashboard.queries.warehouse import Row


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
        grid.listed(
            ids.table("records"), record_columns(found.columns, found.opens, measure), height="100%", bottom=sum_row(found, measure)
        ),
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


def sum_row(found: Records, measure: Measure) -> Row:
    return {found.columns[0].key: _("Total")} | ({"adds": found.value} if measure.adds_up else {})


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


NAMES = {"secret": 3, "several": 2, "link": 2}
"""Which part of the room that is left a column of long names takes; any other text takes one."""


def _record_column(column: Column, link: str | None) -> grid.Column:
    kind = "badge" if column.kind in BADGES else column.kind if column.kind in ("day", "money", "count", "days") else "text"
    cells = badge_cells(BADGES[column.kind]) if kind == "badge" else None
    words = [text_width(cell["label"]) + 40 for cell in (cells or {}).values()]
    share = NAMES["secret"] if column.secret else NAMES["several"] if column.kind == "several" else NAMES["link"] if link else 1
    least = 112 if kind in ("day", "money") else 128 if share > 1 else 88
    return grid.Column(
        column.key,
        column.title,
        kind,
        link=link,
        badges=cells,
        width=max(least, grid.head_width(str(column.title)), *words),
        flex=share if kind == "text" else 0,  # names are as long as people make them
        sortable=column.sortable,
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
