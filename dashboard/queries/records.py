"""Drill-through: the very records behind one number, which add up to it; masked where somebody else holds them today."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Kind
from dashboard.i18n import Lazy, _l, plain
from dashboard.queries.compose import Composed, Page, Statement, records
from dashboard.queries.dimensions import Names
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure
from dashboard.queries.relations import STANDS, lacking, lists
from dashboard.queries.warehouse import Row, Warehouse


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list of records. `secret`: shown only while the person's scope holds the record today. `small`: the dimension
    whose ids it holds. `looked_up`: from other rows than the record's own, once it is known which records are shown."""

    key: str
    title: Lazy
    sql: str
    kind: str = "text"
    secret: bool = False
    small: str = ""
    looked_up: bool = False

    @property
    def sortable(self) -> bool:
        """Whether a list can be sorted by it without telling what is hidden, and before its rows are cut to a page."""
        return not (self.secret or self.small or self.looked_up)


@dataclass(frozen=True, slots=True)
class RecordKind:
    """How records of one kind are listed: joined to what names them, held by whom, opened where."""

    columns: tuple[Column, ...]
    join: str = ""
    holder: tuple[Kind, str, str] | None = None
    opens: str = ""


DAY = Column("day", _l("Day"), "f.day", "day")
SINCE = Column("since", _l("Unchanged since"), "f.valid_from", "day")
TEAM = Column("team", _l("Team"), "f.team_id", small="team")
REP = Column("rep", _l("Rep"), "f.owner_id", small="rep")
CUSTOMER = Column("customer", _l("Customer"), "c.name", secret=True)

COMPETITOR = Column("competitor", _l("Competitor"), "f.competitor_id", small="competitor")

LEAD_STATUS = """case when f.converted_on <= $state then 'converted' when f.failed_on <= $state then 'failed'
    when f.first_handled_on <= $state then 'working' else 'unprocessed' end"""
"""A lead's state at the end of the state day."""

INSTALMENT_PHASE = """case when f.open = 0 then 'paid' when f.due_on < $state then 'overdue' when f.due_on = $state then 'due'
    when f.met > 0 then 'partly' else 'future' end"""
"""How an instalment stands at the end of the state day, as `crm.rules.receivables.phase` says it."""

MET_BY = """(select string_agg(strftime(received_on, '%Y-%m-%d') || ' ' || part, '; ' order by received_on, receipt_id)
    from (select receipt_id, received_on, sum(amount) as part from mart.allocation
        where contract_id = f.contract_id and no = f.no and basis = f.basis and day <= $state group by all) where part <> 0)"""
"""Day and part of each receipt that stands on an instalment at the end of the state day."""

LAST_FOLLOW_UP = f"""(select max(day) from mart.follow_up
    where opportunity_id = f.opportunity_id and day <= $state and {STANDS})"""
"""The day of the last follow-up on an opportunity, by the end of the state day."""

UNSPOKEN_SINCE = """not exists (select follow_up_id from mart.follow_up
    where opportunity_id = f.opportunity_id and basis <> $unseen::utinyint group by follow_up_id having min(valid_from) > $state)"""
"""That no follow-up on an opportunity was written after the state day, so that its next step is still the one of that day."""

TO_OPPORTUNITY = """left join mart.opportunity_record r on r.opportunity_id = f.opportunity_id
    left join mart.customer c on c.customer_id = r.customer_id"""
TO_CONTRACT = """left join mart.contract_record r on r.contract_id = f.contract_id
    left join mart.customer c on c.customer_id = r.customer_id"""

KINDS: Mapping[str, RecordKind] = {
    "lead": RecordKind(
        (
            DAY,
            Column("contact", _l("Contact"), "f.contact_name", secret=True),
            Column("company", _l("Company"), "f.company", secret=True),
            Column("source", _l("Source"), "f.source_id", small="source"),
            TEAM,
            REP,
            Column(
                "status",
                _l("Status"),
                LEAD_STATUS,
                "lead_status",
            ),
            Column("converted_on", _l("Converted on"), "case when f.converted_on <= $state then f.converted_on end", "day"),
        ),
        holder=(Kind.LEAD, "f.holder_id", "f.holder_team_id"),
        opens="leads",
    ),
    "opportunity": RecordKind(
        (
            Column("title", _l("Opportunity"), "r.title", secret=True),
            CUSTOMER,
            TEAM,
            REP,
            Column("status", _l("Status today"), "r.status", "opportunity_status"),
        ),
        TO_OPPORTUNITY,
        (Kind.OPPORTUNITY, "r.owner_id", "r.team_id"),
        "opportunities",
    ),
    "contract": RecordKind(
        (
            Column("number", _l("Contract"), "r.number"),
            CUSTOMER,
            TEAM,
            REP,
            Column("signed_on", _l("Signed on"), "r.signed_on", "day"),
            Column("status", _l("Status today"), "r.status", "contract_status"),
        ),
        TO_CONTRACT,
        (Kind.CONTRACT, "r.owner_id", "r.team_id"),
        "contracts",
    ),
    "target": RecordKind(
        (
            Column("month", _l("Month"), "f.month", "month"),
            Column("unit", _l("Unit"), "f.unit", "target_unit"),
            TEAM,
            REP,
            Column("amount", _l("Whole month"), "f.amount", "money"),
        )
    ),
    "campaign": RecordKind(
        (
            Column("campaign", _l("Campaign"), "f.campaign_id", small="campaign"),
            Column("source", _l("Source"), "f.source_id", small="source"),
            Column("from_on", _l("From"), "f.from_on", "day"),
            Column("until_on", _l("Until"), "f.until_on", "day"),
            Column("amount", _l("Whole cost"), "f.amount", "money"),
        )
    ),
}
"""Record kind → how its records are listed."""

MORE: Mapping[str, tuple[Column, ...]] = {
    "created": (DAY,),
    "open_then": (
        SINCE,
        Column("stage", _l("Stage"), "f.stage_id", small="stage"),
        Column("expected_close_on", _l("Expected close"), "f.expected_close_on", "day"),
        Column("amount", _l("Expected amount"), "f.amount", "money"),
        Column("last_follow_up", _l("Last follow-up"), LAST_FOLLOW_UP, "day", secret=True, looked_up=True),
        Column(
            "days_silent", _l("Days silent"), f"$state - greatest(f.created_on, f.assigned_on, {LAST_FOLLOW_UP})", "days", looked_up=True
        ),
        Column("next_step", _l("Next step"), f"case when {UNSPOKEN_SINCE} then r.next_step end", secret=True, looked_up=True),
        Column("next_step_on", _l("On"), f"case when {UNSPOKEN_SINCE} then r.next_step_on end", "day", secret=True, looked_up=True),
    ),
    "pipeline_change": (
        DAY,
        Column("step", _l("Step"), "f.step", "pipeline_step"),
        Column("stage", _l("Stage"), "f.stage_id", small="stage"),
        Column("close_before", _l("Expected before"), "f.close_before", "day"),
        Column("close_after", _l("Expected after"), "f.close_after", "day"),
        Column("days_moved", _l("Days moved"), "f.close_after - f.close_before", "days"),
    ),
    "closed": (
        DAY,
        Column("outcome", _l("Outcome"), "f.status", "opportunity_status"),
        Column("reason", _l("Reason"), "f.reason_id", small="reason"),
        Column("competitor", _l("Competitor"), "f.competitor_id", small="competitor"),
        Column("amount", _l("Amount"), "f.amount", "money"),
    ),
    "won": (
        DAY,
        Column("contract", _l("Contract"), "(select number from mart.contract_record n where n.contract_id = f.contract_id)"),
        Column("cycle_days", _l("Days since creation"), "f.cycle_days", "count"),
        Column("amount", _l("Amount"), "f.amount", "money"),
    ),
    "encounter": (
        DAY,
        COMPETITOR,
        Column("outcome", _l("Outcome"), "f.status", "opportunity_status"),
    ),
    "competition": (
        DAY,
        COMPETITOR,
        Column("product", _l("Our product"), "f.product_id", small="product"),
        Column("their_unit_price", _l("Their unit price"), "f.their_unit_price", "money"),
        Column("our_unit_price", _l("Our unit price"), "f.our_unit_price", "money"),
    ),
    "competition_factor": (
        DAY,
        COMPETITOR,
        Column("factor", _l("Factor"), "f.factor_id", small="factor"),
    ),
    "signed": (
        Column("products", _l("Products"), "f.product_ids", "several", secret=True, small="product"),
        Column("amount", _l("Amount"), "f.amount", "money"),
    ),
    "received": (DAY, Column("amount", _l("Amount"), "f.amount", "money")),
    "signed_line": (DAY, Column("product", _l("Product"), "f.product_id", small="product")),
    "instalment_state": (
        Column("no", _l("Instalment"), "f.no", "count"),
        Column("phase", _l("State"), INSTALMENT_PHASE, "instalment_phase"),
        Column("due_on", _l("Due on"), "f.due_on", "day"),
        Column("due", _l("Amount due"), "f.amount", "money"),
        Column("met", _l("Met"), "f.met", "money"),
        Column("days_late", _l("Days late"), "greatest(coalesce(f.met_on, $state) - f.due_on, 0)", "days"),
        Column("receipts", _l("Receipts that met it"), MET_BY, looked_up=True),
    ),
    "balance": (
        Column("contract_amount", _l("Contract amount"), "f.amount", "money"),
        Column("received_to_date", _l("Received to date"), "f.received", "money"),
    ),
    "cost_state": (DAY, Column("cost_category", _l("Cost category"), "f.category_id", small="cost_category")),
    "cohort": (Column("step_day", _l("Day"), "f.step_day", "day"), Column("arrived_on", _l("Lead arrived on"), "f.day", "day")),
    "follow_up": (DAY,),
}
"""Relation → the columns that its rows have beyond their record's."""

WITHIN: Mapping[str, tuple[str, ...]] = {
    "closed_line": ("product_id",),
    "signed_line": ("product_id",),
    "cost_state": ("cost_id",),
    "instalment_state": ("no",),
    "received": ("receipt_id",),
    "follow_up": ("follow_up_id",),
    "pipeline_change": ("seq", "step"),
    "encounter": ("competitor_id",),
    "competition": ("record_id",),
    "competition_factor": ("record_id", "factor_id", "side"),
    "cohort": ("step", "receipt_id"),
}
"""Relation → what tells its rows of one record apart."""

FOREMOST = frozenset({"instalment_state"})
"""Relations whose own columns stand right after the record and its customer: they are what a list of them is read for."""

SAME: Mapping[str, str] = {"closed_line": "closed", "collected": "balance", "neglected": "open_then", "open_seen": "open_then"}
"""Relations that are another one split, or a part of it: they show its columns."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records behind a number: the columns, the rows asked for (each with what it `adds`, and its `id` where it may be opened), how
    many there are and what they add up to."""

    measure: Measure
    columns: tuple[Column, ...]
    rows: list[Row]
    count: int
    value: Any
    opens: str


def columns_of(measure: Measure) -> tuple[Column, ...]:
    """The columns of the records behind `measure`, but for what they add, which stands at the end."""
    relation = measure.relation
    of_record, more = KINDS[relation.record].columns, MORE.get(SAME.get(relation.name, relation.name), ())
    first = 2 if relation.name in FOREMOST else len(of_record)
    columns = (*of_record[:first], *more, *of_record[first:])
    return tuple(column for column in columns if column.sql != f"f.{measure.value}")


def behind(
    measure: Measure, by: tuple[str, ...], cell: Mapping[str, Any], scope: Scope, question: Question,
    warehouse: Warehouse, names: Names, page: Page | None = None,
) -> Records:  # fmt: skip
    """The records behind `measure` in the cell (dimension → id) of a table with the grain `by`; none where the reach is aggregate.

    `page` None: all of them (exports, tests); else so many rows, sorted by a column; a page of no rows tells how many there are.
    """
    columns = columns_of(measure)
    if not lists(measure.relation, scope) or lacking(measure.relation, question):
        return Records(measure, columns, [], 0, None, "")
    total = _total(measure, by, cell, scope, question, warehouse, names)
    rows: list[Row] = []
    if page is None or page.count:
        query = listed(measure, by, cell, scope, question, names, page)
        rows = list(_named(warehouse.fetch(query.sql, query.values), columns, names.seen_from(question)))
    return Records(measure, columns, rows, total["count"], total["value"], KINDS[measure.relation.record].opens)


def every(
    measure: Measure, by: tuple[str, ...], cell: Mapping[str, Any], scope: Scope, question: Question, warehouse: Warehouse, names: Names,
    order: str = "",
) -> Iterator[Row]:  # fmt: skip
    """All the rows that `behind` has, one after the other and never all at once, sorted by the column `order`, else by what they add."""
    if not lists(measure.relation, scope) or lacking(measure.relation, question):
        return
    query = listed(measure, by, cell, scope, question, names, None, order)
    for rows in warehouse.stream(query.sql, query.values):
        yield from _named(rows, columns_of(measure), names.seen_from(question))


def _named(rows: Iterable[Row], columns: tuple[Column, ...], names: Names) -> Iterator[Row]:
    """Rows with the names of what they hold ids of; the ids go on as `<column>_id`."""
    for row in rows:
        for column in columns:
            if column.small:
                row[f"{column.key}_id"] = row[column.key]
                row[column.key] = _called(names, column, row[column.key])
        yield row


def _called(names: Names, column: Column, value: Any) -> Any:
    """What an id is called, or several of them together; nothing where these are hidden."""
    if column.kind != "several":
        return names.of_value(column.small, value)
    return None if value is None else plain([str(names.of_value(column.small, id)) for id in value or [None]])


def _total(
    measure: Measure, by: tuple[str, ...], cell: Mapping[str, Any], scope: Scope, question: Question, warehouse: Warehouse, names: Names
) -> Row:
    query = behind_in_sum(measure, by, cell, scope, question, names)
    (row,) = warehouse.fetch(query.sql, query.values)
    return {"count": row["count"], "value": measure.reader(row["value"])}


def behind_in_sum(
    measure: Measure, by: tuple[str, ...], cell: Mapping[str, Any], scope: Scope, question: Question, names: Names
) -> Composed:  # fmt: skip
    """SQL of how many records stand behind a number, and what they come to: `count` and `value`."""
    statement, rows = records(measure, by, cell, scope, question, names.products)
    return statement.finish(f"select count(*) as count, {measure.fold}(adds) as value from {rows}")


def listed(
    measure: Measure, by: tuple[str, ...], cell: Mapping[str, Any], scope: Scope, question: Question, names: Names, page: Page | None,
    order: str = "",
) -> Composed:  # fmt: skip
    """SQL of the list itself."""
    kind = KINDS[measure.relation.record]
    columns = columns_of(measure)
    statement, rows = records(measure, by, cell, scope, question, names.products)
    held = _held(statement, kind)
    key = measure.relation.key
    shown = [f"case when {held} then {c.sql} end as {c.key}" if c.secret else f"{c.sql} as {c.key}" for c in columns]
    ordered = _order(measure, columns, page, order)
    if page:
        rows = f"(select f.* from {rows} f {kind.join} {ordered} limit {page.count} offset {page.first})"
    sql = f"select f.{key} as record_id, case when {held} then f.{key} end as id, {', '.join(shown)}, f.adds from {rows} f {kind.join}"
    return statement.finish(f"{sql} {ordered}")


def _held(statement: Statement, kind: RecordKind) -> str:
    if kind.holder is None:
        return "true"
    record, owner, team = kind.holder
    phrase, values = statement.scope.visible(record, owner, team)
    statement.values |= values
    return f"coalesce({phrase}, false)"


def _order(measure: Measure, columns: tuple[Column, ...], page: Page | None, order: str) -> str:
    """The order of the rows, the same each time: a row is on one page and on no other."""
    wanted = (page.sort if page else "") or order
    sort = next((column.sql for column in columns if column.sortable and column.key == wanted), "f.adds")
    last = ", ".join(f"f.{name}" for name in (measure.relation.key, *WITHIN.get(measure.relation.name, ())))
    return f"order by {sort} {'asc' if page and page.ascending else 'desc'} nulls last, {last}"
