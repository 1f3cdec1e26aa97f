"""How importing looks: a file is chosen, its columns are matched, its rows are judged, then imported; below, what was imported before."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from crm.errors import CrmError
from crm.importing.cells import DateOrder
from crm.importing.directory import NAMED_LABELS, Besides
from crm.importing.fields import KIND_LABELS, ONE_OF, Field, Named, RecordKind
from crm.importing.judged import OUTCOME_LABELS, Judged, Outcome
from crm.importing.layouts import Layout, dump_layout
from crm.importing.runs import Past
from crm.vocabulary import ImportStatus
from dashboard.components import states
from dashboard.components.filters import dropdown_words
from dashboard.components.ids import Ids
from dashboard.components.master import Tab, tabs
from dashboard.components.page import page, section
from dashboard.i18n import N_, _, count, explain, moment

IDS = Ids("import")
KINDS = (
    RecordKind.LEADS, RecordKind.TEAMS, RecordKind.PEOPLE, RecordKind.PRODUCTS, RecordKind.COMPETITORS, RecordKind.CUSTOMERS,
    RecordKind.OPPORTUNITIES, RecordKind.FOLLOW_UPS, RecordKind.CONTRACTS, RecordKind.INSTALMENTS, RecordKind.RECEIPTS, RecordKind.COSTS,
    RecordKind.TARGETS,
)  # fmt: skip
"""What the page imports, in the order in which a company's old tables come in: what others refer to comes first."""

NEEDS: Mapping[RecordKind, str] = {
    RecordKind.LEADS: N_("Contacts who might buy, each with its source and rep."),
    RecordKind.TEAMS: N_("Teams and who leads them."),
    RecordKind.PEOPLE: N_("People with their team and roles. They sign in once the administrator gives them a password."),
    RecordKind.PRODUCTS: N_("Products by their code, with list and floor price."),
    RecordKind.COMPETITORS: N_("Competitors with their other names."),
    RecordKind.CUSTOMERS: N_("Customers with contacts and who takes care of them."),
    RecordKind.OPPORTUNITIES: N_("Open and closed ones with their dates, owners and reasons; customers that are not there yet come along."),
    RecordKind.FOLLOW_UPS: N_("What was said, by whom and when; each names its opportunity, which must be there already."),
    RecordKind.CONTRACTS: N_("Signed contracts by their number, with customer, amount and date."),
    RecordKind.INSTALMENTS: N_("The payment plans of contracts that are there already; a plan sums to its contract's amount."),
    RecordKind.RECEIPTS: N_("Money that came in, refunds below zero; each names its contract."),
    RecordKind.COSTS: N_("Money spent for contracts that are there already."),
    RecordKind.TARGETS: N_("Targets by month for the company, a team or a rep."),
}
"""What a table of each kind holds, and what must be there before."""

TEXT_HELP = N_("Translations of values, computed fields and rules are edited here; columns, defaults and unknown names above.")

FORM, RESULT, CLOCK, ABOUT = IDS.named("form"), IDS.named("result"), IDS.named("clock"), IDS.named("about")

TONES: Mapping[Outcome, str] = {
    Outcome.GOOD: "won", Outcome.CHANGES: "open", Outcome.UNCHANGED: "stopped", Outcome.DUPLICATE: "overdue", Outcome.FAULTY: "lost",
}  # fmt: skip

DATE_ORDERS: Mapping[str, str] = {
    "": N_("As the file shows"),
    DateOrder.YMD.value: N_("Year, month, day"),
    DateOrder.MDY.value: N_("Month, day, year"),
    DateOrder.DMY.value: N_("Day, month, year"),
}

PROGRESS: Mapping[str, str] = {
    "read": N_("Rows read"),
    "compared": N_("Comparing with the company's data"),
    "judged": N_("Rows checked"),
    "prepared": N_("Rows prepared"),
    "written": N_("Rows written"),
}


def part(name: str, **of: str) -> dict[str, str]:
    """The id of one of many controls of a kind."""
    return {"type": f"import-{name}", **of}


# ---- the first page


def layout(kinds: Sequence[RecordKind], chosen: RecordKind, past: Sequence[Past], zone: ZoneInfo) -> Any:
    """Choose what comes in, and a file of it; what was imported before can be undone."""
    ways = [Tab(KIND_LABELS[kind], f"/import?kind={kind.value}") for kind in kinds]
    return page(
        _("Import"),
        tabs(ways, f"/import?kind={chosen.value}"),
        section(_("A file"), _choose(chosen)),
        section(_("Imports so far"), html.Div(history(past, zone), id=IDS.named("past"))),
        subtitle=_("XLSX, XLS, ODS or CSV. Every row is checked before anything is written."),
    )


def _choose(kind: RecordKind) -> html.Div:
    """Where a file of one kind is dropped or chosen; the browser draws the control (assets/import.js)."""
    label = _("Choose a file of {kind}, or drop it here", kind=_(KIND_LABELS[kind]))
    drop = html.Div(
        className="import-drop", **{"data-upload": f"/import/upload/{kind.value}", "data-label": label, "data-sending": _("Uploading")}
    )
    template = html.A(_("Template"), href=f"/import/template/{kind.value}.xlsx", className="button plain")
    said = html.P(_(NEEDS[kind]), className="field-hint")
    return html.Div([html.H3(_(KIND_LABELS[kind])), said, drop, template], className="import-kind")


def history(past: Sequence[Past], zone: ZoneInfo) -> Any:
    """The imports, the newest first."""
    if not past:
        return states.empty(_("Nothing has been imported yet."))
    heads = (_("Import no."), _("When"), _("File"), _("Records"), _("Created"), _("Changed"), _("By"), "")
    rows = [
        html.Tr(
            [
                html.Td(str(one.id), className="number"),
                html.Td(moment(one.at, zone)),
                html.Td(one.file),
                html.Td(_(KIND_LABELS[one.kind])),
                html.Td(count(one.created), className="number"),
                html.Td(count(one.changed), className="number"),
                html.Td(one.by),
                html.Td(_undo(one)),
            ]
        )
        for one in past
    ]
    return table(heads, rows, numbers=(0, 4, 5))


def _undo(one: Past) -> Any:
    if one.status is ImportStatus.UNDONE:
        return html.Span(_("Undone"), className="muted")
    question = _("Undo import no. {number}? What people have changed since stays.", number=one.id)
    button = html.Button(_("Undo"), className="button plain")
    return dcc.ConfirmDialogProvider(button, id=part("undo", run=str(one.id)), message=question)


def table(heads: Sequence[str], rows: Sequence[Any], numbers: Sequence[int] = ()) -> html.Div:
    """A plain table that scrolls sideways by itself; the columns at the places `numbers` hold numbers."""
    cells = [html.Th(text, scope="col", className="number" if place in numbers else "") for place, text in enumerate(heads)]
    head = html.Thead(html.Tr(cells))
    return html.Div(html.Table([head, html.Tbody(list(rows))], className="plain-table"), className="table-scroll", tabIndex=0)


# ---- one file


def file_layout(
    name: str,
    token: str,
    sheet: str | None,
    sheets: Sequence[str],
    header: Sequence[str],
    found: Layout | None,
    notices: Sequence[CrmError],
    problem: CrmError | None,
) -> Any:
    """The columns of an uploaded file, matched as far as its header says; below, what the check finds."""
    about = dcc.Store(id=ABOUT, data={"upload": token, "sheet": sheet})
    parts: list[Any] = [about, dcc.Interval(id=CLOCK, interval=700, disabled=True)]
    if problem is not None:
        parts.append(states.failed(explain(problem)))
    if sheets:
        parts.append(_sheets(token, sheets, sheet))
    parts += [html.P(explain(notice), className="note") for notice in notices]
    if found is not None:
        parts += [section(_("Columns"), _matching(found, header), id=FORM), html.Div(id=RESULT, **{"aria-live": "polite"})]
    return page(name, *parts, subtitle=dcc.Link(_("Another file"), href="/import"))


def _sheets(token: str, sheets: Sequence[str], chosen: str | None) -> html.Div:
    links = [
        dcc.Link(one, href=f"/import/{token}?sheet={one}", className="button primary" if one == chosen else "button", refresh=False)
        for one in sheets
    ]
    return html.Div([html.Span(_("Sheet")), *links], className="import-sheets")


def _matching(found: Layout, header: Sequence[str]) -> html.Div:
    """A line for each field: its columns, what counts where they are empty, and what happens to unknown names."""
    columns = [column for column in dict.fromkeys(header) if column]
    heads = (_("Field"), _("Columns of the file"), _("Where empty"), _("Unknown names"))
    rows = [_field(f, found, columns) for f in found.fields.values()]
    name = dcc.Input(id=IDS.named("name"), value=found.name, maxLength=200, className="input")
    order = dcc.Dropdown(
        id=IDS.named("order"), options=[{"value": key, "label": _(text)} for key, text in DATE_ORDERS.items()],
        value=found.date_order.value if found.date_order else "", clearable=False, searchable=False, labels=dropdown_words(),
    )  # fmt: skip
    asked = html.Div(
        [
            html.Div([html.Label(_("Layout"), htmlFor=IDS.named("name")), name], className="field"),
            html.Div([html.Label(_("Dates in the file"), htmlFor=IDS.named("order")), order], className="field"),
        ],
        className="form-fields",
    )
    text = html.Details(
        [
            html.Summary(html.Span(_("Rules and translations"), className="button plain")),
            html.Label(_("The layout as text"), htmlFor=IDS.named("text")),
            html.P(_(TEXT_HELP), className="field-hint"),
            dcc.Textarea(id=IDS.named("text"), value=dump_layout(found), spellCheck=False, className="input layout-text"),
        ],
        className="import-text",
    )
    check = html.Button(_("Check the rows"), id=IDS.named("check"), className="button primary", n_clicks=0)
    return html.Div([asked, table(heads, rows), text, html.Div(check, className="form-actions")], className="form import-form")


def _field(f: Field, found: Layout, columns: Sequence[str]) -> html.Tr:
    chosen = [column for column, keys in found.columns.items() if f.key in keys]
    either = f.key in ONE_OF.get(found.kind, ())
    mark = [html.Span("*", className="required", title=_("Required"))] if f.required else []
    label = [_(f.label), *mark] + ([html.Span(_("one of these"), className="field-hint")] if either else [])
    default = found.supplied.get(f.key) or found.constants.get(f.key, "")
    picked = dcc.Dropdown(
        id=part("columns", field=f.key), options=[{"value": column, "label": column} for column in columns], value=chosen, multi=True,
        placeholder=_("None"), labels=dropdown_words(),
    )  # fmt: skip
    typed = dcc.Input(id=part("default", field=f.key), type="text", value=default, maxLength=500, className="input")
    named = html.Label([html.Span(_("Where empty"), className="visually-hidden"), typed])
    return html.Tr([html.Th(label, scope="row"), html.Td(picked), html.Td(named), html.Td(_unknown(f, found))])


def _unknown(f: Field, found: Layout) -> Any:
    action = found.unknown.get(f.key, "refuse")
    choices = [{"value": "refuse", "label": _("Refuse the row")}, {"value": "create", "label": _("Create")}]
    if action.startswith("map:"):
        choices.append({"value": action, "label": action.partition(":")[2]})
    names = f.names is not None and f.names not in (Named.OPPORTUNITY, Named.CONTRACT)
    dropdown = dcc.Dropdown(
        id=part("unknown", field=f.key), options=choices, value=action, clearable=False, searchable=False, labels=dropdown_words()
    )
    return html.Div(dropdown, hidden=not names)


# ---- what is found


def progress(doing: str, done: int, of: int) -> html.Div:
    """How far it is."""
    words = f"{_(PROGRESS.get(doing, PROGRESS['read']))} {count(done)}" + (f" / {count(of)}" if of else "")
    bar = html.Progress(value=str(done), max=str(of)) if of else html.Progress()
    return html.Div([bar, html.Span(words)], className="import-progress", role="status")


def verdict(
    counts: Mapping[Outcome, int],
    besides: Sequence[Besides],
    notices: Sequence[CrmError],
    header: Sequence[str],
    rows: Sequence[tuple[Judged, list[str]]],
    token: str,
) -> Any:
    """The counts, what comes along, the rows with what is wrong marked, and what can be done now."""
    chips = [
        html.Li([html.Span(_(OUTCOME_LABELS[one]), className=f"badge-state tone-{TONES[one]}"), html.Strong(count(number))])
        for one, number in counts.items()
        if number
    ]
    shown = _("The first {count} rows, faulty ones first", count=len(rows))
    return section(
        _("What was found"),
        html.Ul(chips, className="import-counts"),
        *[html.P(explain(notice), className="note") for notice in notices],
        *_besides(besides),
        _acts(counts, token),
        html.P(shown, className="muted"),
        preview(header, rows),
    )


def _besides(besides: Sequence[Besides]) -> list[Any]:
    by_kind: dict[Named, list[str]] = {}
    for one in besides:
        by_kind.setdefault(one.named, []).append(one.spelled)
    return [
        html.P([html.Strong(_("Created besides")), f" {_(NAMED_LABELS[named])} ({count(len(names))}): ", "、".join(names[:20]),
                " …" if len(names) > 20 else ""])
        for named, names in by_kind.items()
    ]  # fmt: skip


def _acts(counts: Mapping[Outcome, int], token: str) -> html.Div:
    """Import all, or the good rows; the rows that are not taken as a file."""
    faulty, doubled = counts[Outcome.FAULTY], counts[Outcome.DUPLICATE]
    some = counts[Outcome.GOOD] + counts[Outcome.CHANGES] + doubled > 0
    words = _("Import all") if not faulty else _("Import the good rows only")
    button = html.Button(words, id=part("act", good="1" if faulty else ""), className="button primary", n_clicks=0, disabled=not some)
    also = dcc.Checklist(
        id=part("duplicates", of="file"), options=[{"value": "also", "label": _("Duplicates too")}], value=[],
        style={} if doubled else {"display": "none"},
    )  # fmt: skip
    links = [
        html.A(_("Rows not taken, {kind}", kind=kind.upper()), href=f"/import/{token}/rows.{kind}", className="button")
        for kind in ("xlsx", "csv")
    ]
    return html.Div([button, also, *(links if faulty + doubled else [])], className="form-actions")


def preview(header: Sequence[str], rows: Sequence[tuple[Judged, list[str]]]) -> html.Div:
    """Rows as they stand in the file; what is wrong is marked in its cell, the reasons stand at the end of the row."""
    drawn = []
    for row, cells in rows:
        faults = {column.strip(): fault for fault in row.faults for column in fault.column.split(",") if column.strip()}
        drawn.append(
            html.Tr(
                [
                    html.Td(str(row.number), className="number"),
                    html.Td(html.Span(_(OUTCOME_LABELS[row.outcome]), className=f"badge-state tone-{TONES[row.outcome]}")),
                    html.Td(_reasons(row), className="import-reason"),
                    *[_cell(text, faults.get(column)) for column, text in zip(header, [*cells, *[""] * len(header)], strict=False)],
                ]
            )
        )
    return table((_("Row"), _("Verdict"), _("Reason"), *header), drawn, numbers=(0,))


def _cell(text: str, fault: Any) -> html.Td:
    if fault is None:
        return html.Td(text[:200])
    return html.Td(text[:200], className="import-faulty", title=explain(fault.reason))


def _reasons(row: Judged) -> str:
    told = [explain(fault.reason) for fault in row.faults]
    return " ".join([*told, *([explain(row.note)] if row.note else [])])


def imported(number: int, created: int, changed: int) -> Any:
    """That it is done."""
    sentence = _("Imported as no. {number}: {created} records created, {changed} changed.", number=number, created=created, changed=changed)
    return section(_("Imported"), html.P(sentence), dcc.Link(_("To the imports"), href="/import", className="button primary"))
