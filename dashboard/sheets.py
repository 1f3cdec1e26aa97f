"""A report as sheets: its tables, and the records behind its numbers, whole and in the reader's language.

Exactly what the screen shows this person under these filters; but where the screen asks for rows by the page, here are all of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from functools import partial
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from crm.scope import Scope
from crm.vocabulary import ContractStatus, InstalmentPhase, LeadStatus, OpportunityStatus, PipelineStep, Reach, TargetUnit
from dashboard.exports import Column, Row, Sheet
from dashboard.i18n import Lazy, _, moment
from dashboard.queries import cohorts, ranking, records
from dashboard.queries.answers import Answers
from dashboard.queries.choices import widest
from dashboard.queries.compared import beside, both, comparable, uncompared
from dashboard.queries.compose import Page
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.explained import explained
from dashboard.queries.few import instead
from dashboard.queries.filters import Filters, Question
from dashboard.queries.measure import Derived, Figure, Measure, parts_of
from dashboard.queries.measures.arrivals import RIPE_ON
from dashboard.queries.records import columns_of, every
from dashboard.queries.relations import Relation
from dashboard.queries.report import Listing, Report, Table, View
from dashboard.queries.report import columns_of as figures_of
from dashboard.windows import between, window

ENDS = ("_low", "_high")
"""What the keys of both ends of a rate's interval end in."""

LOT = 20_000
"""Rows of a long table that are fetched at a time."""

WORDS = {
    "lead_status": LeadStatus,
    "opportunity_status": OpportunityStatus,
    "contract_status": ContractStatus,
    "instalment_phase": InstalmentPhase,
    "pipeline_step": PipelineStep,
    "target_unit": TargetUnit,
}
"""Kinds of a record's columns whose values are words, and which."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What one person asks of one report today, over `answers` of one state of the warehouse (`Answers.still`)."""

    answers: Answers
    report: Report
    scope: Scope
    filters: Filters
    today: date

    @property
    def question(self) -> Question:
        """The days that the filters mean."""
        return self.answers.question(self.filters, self.today)

    @property
    def before(self) -> Question | None:
        """The question that is compared with, if any."""
        return self.filters.compared(self.question)

    @property
    def version(self) -> int:
        """The version of the data that the report reads."""
        return self.answers.version(self.report, self.scope)

    def table(self, view: View, page: Page, question: Question | None = None) -> Table:
        """The table of a view; of a long one the rows of that page."""
        about = question or self.question
        before = self.before if about == self.question else None
        return view.run(self.scope, about, self.answers.warehouse, self.answers.names, page if view.paged else None, before)

    def beside(self, view: View, lot: int = LOT) -> Iterator[tuple[Table, Table | None]]:
        """The table of a view and the one to stand beside it, then what is left of its rows, lot by lot."""
        page, more = Page(0, lot), True
        while more:
            asked = page if view.paged else None
            found = both(view, self.scope, self.question, self.before, self.answers.warehouse, self.answers.names, asked)
            yield found
            page, more = Page(page.first + lot, lot), found[0].more

    def tables(self, view: View, question: Question) -> Iterator[Table]:
        """The table of a view with its total, then what is left of its rows, lot by lot."""
        page = Page(0, LOT)
        table = self.table(view, page, question)
        yield table
        while table.more:
            page = Page(page.first + LOT, LOT)
            table = self.table(view, page, question)
            yield table

    def measure(self, key: str, view: View | Listing) -> Measure | None:
        """The measure of that key as `view` shows it, else as any table of the report does; None if the report shows no such."""
        for shown in (view, self.report.top, *self.report.views):
            figures = (shown.measure,) if isinstance(shown, Listing) else figures_of(shown, self.answers.names)
            for figure in figures:
                for part in parts_of(figure):
                    if key in (part.key, key_of(shown, part)):
                        return part
        return None


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def table(asked: Asked, view: View, question: Question) -> Sheet:
    """All rows of a table of figures; of the headline its one."""
    tables = asked.tables(view, question)
    first = next(tables)
    rows = chain.from_iterable(found.rows for found in chain([first], tables)) if first.by else [first.total]
    title = str(view.title) if question == asked.question else _("{table}, compared", table=view.title)
    return Sheet(title, (*_dimensions(asked, first, question), *_figures(view, first)), rows, first.total if first.by else None)


def exported(asked: Asked, view: View) -> list[Sheet]:
    """What a file has of a table: under a comparison each figure beside the other window's, and that window's own table."""
    if asked.before is None:
        return [table(asked, view, asked.question)]
    return [compared(asked, view), table(asked, view, asked.before)]


def compared(asked: Asked, view: View) -> Sheet:
    """All rows of a table as the page shows them under a comparison: behind each figure what it was in the other window."""
    question, before, tables = asked.question, asked.before, asked.beside(view)
    now, then = next(tables)
    total = now.total | ({"before": then.total} if then else {})
    rows = chain.from_iterable(beside(*found, question, before) for found in chain([(now, then)], tables)) if now.by else [total]
    figures = [found for column in _figures(view, now) for found in _beside(column)]
    return Sheet(str(view.title), (*_dimensions(asked, now, question), *figures), rows, total if now.by else None)


def _figures(view: View, table: Table) -> list[Column]:
    """The columns of a table's figures; those that can be compared know what they were."""
    shown = {figure.key for figure in table.columns if comparable(figure)}
    columns = []
    for figure in _with_parts(table.columns):
        own, *ends = _figure(view, figure)
        own = replace(own, totals=table.totals(figure))
        columns += [replace(own, then=partial(_then, figure.key)) if figure.key in shown else own, *ends]
    return columns


def _then(key: str, row: Row) -> Any:
    return row.get("before", {}).get(key)


def _beside(column: Column) -> list[Column]:
    """A column, and behind it what it was in the compared window."""
    if column.then is None:
        return [column]
    return [column, Column(f"{column.key}_before", _("{figure}, compared", figure=column.title), column.kind, column.then)]


def _dimensions(asked: Asked, table: Table, question: Question) -> list[Column]:
    """The columns that name a table's rows; of team and rep their heads say whose a row is."""
    over = [part.relation for figure in table.columns for part in parts_of(figure)]
    return [replace(column, totals=False) for name in table.by for column in _dimension(asked, name, _whose(name, over, question))]


def _with_parts(figures: Sequence[Figure]) -> list[Figure]:
    """The figures of a table, each rate of numbers behind both its parts."""
    shown = {figure.key for figure in figures}
    return [
        found
        for figure in figures
        for found in ([*(part for part in parts_of(figure) if part.key not in shown), figure] if _counted(figure) else [figure])
    ]


def _counted(figure: Figure) -> bool:
    return isinstance(figure, Derived) and figure.cases is not None


def _dimension(asked: Asked, name: str, title: str) -> list[Column]:
    if DIMENSIONS[name].days:
        return [Column(name, title, name, lambda row: row[name])]
    label = partial(_of, f"{name}_label")
    if name == "rep":
        return [Column("rep_name", title, "text", label), Column("rep", _("Login"), "text", partial(_of, "rep_login"))]
    if name == "product":
        return [Column("product_name", title, "text", label), Column("product", _("Product code"), "text", _code(asked, "product", name))]
    return [Column(name, title, "text", label)]


def _of(key: str, row: Row) -> Any:
    return row.get(key)


def _code(asked: Asked, dimension: str, key: str) -> Callable[[Row], str | None]:
    """What names the value of a dimension on the command line: a login, a product's code."""
    names = asked.answers.names.small[dimension]
    return lambda row: names[row[key]].code if row[key] in names else None


def _whose(name: str, over: list[Relation], question: Question) -> str:
    """A column's head; of team and rep also whose a row is: of who did it then, or of who held it on the state day."""
    title = DIMENSIONS[name].title
    states = {relation.is_state for relation in over if relation.of_a_day}
    if name not in ("team", "rep") or len(states) != 1:
        return str(title)
    if states == {True}:
        return _("{dimension} (holder on {day})", dimension=title, day=question.state)
    return _("{dimension} (at the time)", dimension=title)


def key_of(view: View | Listing, figure: Figure) -> str:
    """What a figure is called in files: its key; of a measure pivoted into columns with the column's name, "cost_amount[差旅]"."""
    column = _pivoted(view, figure)
    return figure.key if column is None else f"{figure.key.rpartition('_')[0]}[{column}]"


def _pivoted(view: View | Listing, figure: Figure) -> object | None:
    """The value of the dimension whose column a figure is, where a measure is pivoted into columns."""
    if not isinstance(view, View) or view.pivot is None or figure in view.figures or figure in view.measures:
        return None
    value: object = dict(figure.title.values)["name"] if isinstance(figure.title, Lazy) else figure.title
    return value


def _figure(view: View, figure: Figure) -> list[Column]:
    """A figure; of a rate of numbers also the interval that one over few cases has."""
    pivoted = _pivoted(view, figure)
    group = figure.key if pivoted is None else str(pivoted)
    column = Column(key_of(view, figure), str(figure.title), figure.unit.value, partial(_shown, figure.key), group=group)
    if not isinstance(figure, Derived) or not figure.cases:
        return [column]
    ends = (
        (f"{figure.key}{ENDS[0]}", _("{rate}, at least (95%)", rate=figure.title)),
        (f"{figure.key}{ENDS[1]}", _("{rate}, at most (95%)", rate=figure.title)),
    )
    shown = {"group": group, "totals": not figure.of_total}  # that all have all of it is no estimate
    return [column, *(Column(key, title, "rate", partial(_end, figure, key.endswith(ENDS[1])), **shown) for key, title in ends)]


def _end(figure: Derived, high: bool, row: Row) -> Any:
    """An end of the interval of a rate over few cases; empty where there are enough of them."""
    interval = figure.interval(row)
    return interval and (interval.high if high else interval.low)


def _shown(key: str, row: Row) -> Any:
    """A figure, or that it is over too few contracts to be shown."""
    return instead(row, key) or row.get(key)


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def behind(asked: Asked, measure: Measure, cell: Mapping[str, Any], question: Question, title: str = "", order: str = "") -> Sheet:
    """All records behind a measure in a cell (dimension → id; empty: the total); what each adds stands last."""
    columns = [replace(found, totals=False) for one in columns_of(measure) for found in _field(asked, one, measure.relation, question)]
    adds = Column("adds", str(measure.title), measure.unit.value, partial(_of, "adds"))
    rows = every(measure, tuple(cell), cell, asked.scope, question, asked.answers.warehouse, asked.answers.names, order)
    total = {"adds": value(asked, measure, cell, question)} if measure.adds_up else None
    return Sheet(title or str(measure.title), (*columns, adds), rows, total)


def value(asked: Asked, measure: Measure, cell: Mapping[str, Any], question: Question) -> Any:
    """The number that the records behind a measure in a cell explain; None where the reach is aggregate."""
    names, warehouse = asked.answers.names, asked.answers.warehouse
    return records.behind(measure, tuple(cell), cell, asked.scope, question, warehouse, names, Page(count=0)).value


def _field(asked: Asked, column: records.Column, relation: Relation, question: Question) -> list[Column]:
    title = _whose(column.key, [relation], question) if column.small in ("team", "rep") else str(column.title)
    if column.kind in WORDS:
        words = WORDS[column.kind]
        return [Column(column.key, title, "word", lambda row: words(row[column.key]) if row[column.key] else None)]
    plain = Column(column.key, title, "text" if column.kind == "several" else column.kind, partial(_of, column.key))
    if column.small not in ("rep", "product") or column.kind == "several":
        return [plain]
    code = Column(
        column.key, _("Login") if column.small == "rep" else _("Product code"), "text", _code(asked, column.small, f"{column.key}_id")
    )
    return [Column(f"{column.key}_name", title, "text", plain.of), code]


# ── what a sheet says of itself ──────────────────────────────────────────────────────────────────────────────────────────────
def about(asked: Asked, subject: str, views: Sequence[View | Listing] = ()) -> list[tuple[str, object]]:
    """The first sheet: report, what of it, filters, days, scope, version; and what must be known to read the figures."""
    lines: list[tuple[str, object]] = [
        (_("Report"), str(asked.report.title)),
        (_("What it answers"), str(asked.report.question)),
        (_("Table"), subject),
        *standing(asked),
    ]
    for view in views:
        lines += notes(asked, view)
    return lines


def figures(view: View | Listing) -> tuple[Figure, ...]:
    """The figures that a table shows; of those in columns by a dimension, the one that they are all of."""
    return (view.measure,) if isinstance(view, Listing) else (*view.figures, *(view.pivot[1] if view.pivot else ()))


def computed(
    asked: Asked, shown: Sequence[Figure], cell: Mapping[str, Any] | None = None, question: Question | None = None
) -> list[tuple[str, str]]:
    """How each of these figures and of their parts is computed: its definition, how many rows count in a cell (the total if none is named),
    how many are left out and why."""
    found = {figure.key: figure for figure in shown}
    found |= {part.key: part for figure in shown for part in parts_of(figure) if part.key not in found}
    return [(str(figure.title), _counting(asked, figure, cell or {}, question or asked.question)) for figure in found.values()]


def _counting(asked: Asked, figure: Figure, cell: Mapping[str, Any], question: Question) -> str:
    definition = str(figure.definition)
    if isinstance(figure, Derived):
        return definition
    told = explained(figure, cell, asked.scope, question, asked.answers.warehouse, asked.answers.names)
    if told.count is None:
        return definition
    if not told.left_out:
        return _("{definition} Rows counted: {count}.", definition=definition, count=told.count)
    reasons = [_("{why} ({count})", why=left.why, count=left.count) for left in told.left_out]
    return _("{definition} Rows counted: {count}. Left out: {reasons}.", definition=definition, count=told.count, reasons=reasons)


def standing(asked: Asked) -> list[tuple[str, object]]:
    """What was asked, how far the reader sees, and from which state of the data the figures are."""
    question, before = asked.question, asked.before
    applied_at = asked.answers.warehouse.versions().applied_at
    zone = ZoneInfo(asked.answers.names.settings.get("zone") or "Asia/Shanghai")
    return [
        (_("Period"), window(asked.filters, question)),
        (_("Filters"), filters_in_words(asked) or _("None")),
        (_("State day"), question.state),
        (_("As of"), question.state if question.past else "–"),
        (_("Compared with"), between(before) if before else "–"),
        (_("Scope"), scope_in_words(asked)),
        (_("Data version"), asked.version),
        (_("Data as of"), moment(applied_at.replace(tzinfo=UTC), zone) if applied_at else "–"),
    ]


def filters_in_words(asked: Asked) -> str:
    """What was chosen besides the days; empty if nothing was."""
    parts = []
    for name, ids in asked.filters.chosen:
        known = asked.answers.named(name, ids, asked.scope)
        parts.append(_("{filter}: {value}", filter=DIMENSIONS[name].title, value=[known.get(id, str(id)) for id in ids]))
    return " · ".join(parts)


def scope_in_words(asked: Asked) -> str:
    """How far the reader sees."""
    names = asked.answers.names
    match widest(asked.scope):
        case Reach.COMPANY:
            reach = _("The whole company")
        case Reach.TEAMS:
            reach = _("Teams: {teams}", teams=[str(names.of_value("team", id)) for id in sorted(asked.scope.team_ids)])
        case _:
            reach = _("What {name} holds or did", name=names.of_value("rep", asked.scope.user_id))
    return " · ".join([reach, _("money of contracts in sums only")]) if asked.scope.aggregate else reach


def notes(asked: Asked, view: View | Listing) -> Iterator[tuple[str, object]]:
    """What a table leaves open."""
    table = asked.table(view, Page(0, 1)) if isinstance(view, View) else None
    if asked.before and (said := uncompared(view, table.columns if table else ())):
        yield _("Compared with"), said
    if table is None or isinstance(view, Listing):
        return
    if {"team", "rep"} & set(view.grain(asked.scope)):
        yield _("Team, rep"), _("What happened counts for who did it then; what stands counts for who held it on the state day.")
    if asked.filters.values_of("product"):
        yield _("Product"), _("Records that contain the product, amounts whole.")
    if view.overlapping:
        yield str(view.title), _("Overlapping: a record may count in several rows; the total counts it once.")
    for figure in table.columns:
        if lacking := sorted({name for part in parts_of(figure) for name in table.missing.get(part.key, ())}):
            reason = _("Not known by {filters}: clear this filter to see it.", filters=[DIMENSIONS[name].title for name in lacking])
            yield str(figure.title), reason
    if others := ranking.told(table.rows):
        yield str(view.title), others
    if young := cohorts.told(table.rows):
        yield str(RIPE_ON.title), young
    if any(row.get("few") for row in table.rows):
        yield "<3", _("“<3”: amounts over fewer than three contracts are not shown.")
