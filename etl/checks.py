"""What must hold of a warehouse, and of two that should be the same.

`check` holds one against itself (grain, orphans, intervals, sums of parts) and against the books (sums equal to the cent). `compare`
says whether two hold the same rows, in whatever order: a followed one and one built anew.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb
from sqlalchemy import Connection, Engine, Select, func, select

from crm.models import CompetitionRecord, Contract, Cost, Customer, FollowUp, Lead, Opportunity, Receipt, SalesTarget
from crm.vocabulary import ContractStatus, OpportunityStatus
from etl import changes
from etl.relations import RELATIONS
from etl.store import Store

EXAMPLES = 3
"""Rows that a fault names."""


@dataclass(frozen=True)
class Fault:
    """Something that does not hold: in which relation, what should, and an example or two values."""

    relation: str
    rule: str
    found: str

    def __str__(self) -> str:
        return f"{self.relation}: {self.rule} ({self.found})"


GRAIN = {
    "team": "team_id",
    "person": "user_id",
    "source": "source_id",
    "campaign": "campaign_id",
    "product": "product_id",
    "stage": "stage_id",
    "stage_version": "stage_id, valid_from",
    "reason": "reason_id",
    "competitor": "competitor_id",
    "factor": "factor_id",
    "cost_category": "category_id",
    "setting_version": "valid_from",
    "target": "target_id",
    "customer": "customer_id",
    "lead": "lead_id",
    "opportunity_record": "opportunity_id",
    "contract_record": "contract_id",
}
"""Relations without a view of their own, and what is unique in them."""

SPANS = {
    "created": "opportunity_id",
    "open_then": "opportunity_id",
    "open_known": "opportunity_id, known_from",
    "pipeline_change": "opportunity_id, seq, step",
    "closed": "opportunity_id",
    "closed_line": "opportunity_id, product_id",
    "signed": "contract_id",
    "signed_line": "contract_id, product_id",
    "balance": "contract_id",
    "cost_state": "cost_id",
    "instalment_state": "contract_id, no",
    "received": "receipt_id",
    "follow_up": "follow_up_id",
    "encounter": "opportunity_id, competitor_id",
    "competition": "record_id",
    "competition_factor": "record_id, factor_id, side",
    "cohort": "opportunity_id, contract_id, receipt_id, step",
}
"""Relations with intervals, and that of which there is at most one row at any time in either view."""

RECORDS = {
    "owner_id": ("person", "user_id"),
    "holder_id": ("person", "user_id"),
    "team_id": ("team", "team_id"),
    "source_id": ("source", "source_id"),
    "campaign_id": ("campaign", "campaign_id"),
    "customer_id": ("customer", "customer_id"),
    "product_id": ("product", "product_id"),
    "opportunity_id": ("opportunity_record", "opportunity_id"),
    "contract_id": ("contract_record", "contract_id"),
    "lead_id": ("lead", "lead_id"),
    "stage_id": ("stage", "stage_id"),
    "reason_id": ("reason", "reason_id"),
    "competitor_id": ("competitor", "competitor_id"),
    "factor_id": ("factor", "factor_id"),
    "category_id": ("cost_category", "category_id"),
}
"""What each column refers to, wherever it stands."""

NOW = "basis in (0, 1) and valid_to = date '9999-12-31'"

VALID = Contract.status != ContractStatus.VOIDED
OPEN = Opportunity.status == OpportunityStatus.FOLLOWING

BOOKS: tuple[tuple[str, str, Select[Any]], ...] = (
    ("lead", "count(*) from mart.lead", select(func.count()).select_from(Lead)),
    ("customer", "count(*) from mart.customer", select(func.count()).select_from(Customer)),
    ("created", f"count(*) from mart.created where {NOW}", select(func.count()).select_from(Opportunity)),
    ("open_now", "count(*) from mart.open_now where basis in (0, 1)", select(func.count()).where(OPEN)),
    ("open_now", "sum(amount) from mart.open_now where basis in (0, 1)", select(func.sum(Opportunity.expected_amount)).where(OPEN)),
    ("closed", f"count(*) from mart.closed where {NOW}", select(func.count()).where(~OPEN)),
    ("competition", f"count(*) from mart.competition where {NOW}", select(func.count()).select_from(CompetitionRecord)),
    ("follow_up", f"count(*) from mart.follow_up where {NOW}", select(func.count()).select_from(FollowUp)),
    ("signed", f"sum(amount) from mart.signed where {NOW}", select(func.sum(Contract.amount)).where(VALID)),
    ("signed_line", f"sum(amount) from mart.signed_line where {NOW}", select(func.sum(Contract.amount)).where(VALID)),
    ("received", f"sum(amount) from mart.received where {NOW}", select(func.sum(Receipt.amount)).where(Receipt.cancelled_on.is_(None))),
    (
        "balance",
        f"sum(cost) from mart.balance where {NOW}",
        select(func.sum(Cost.amount)).join(Contract, Contract.id == Cost.contract_id).where(VALID, Cost.cancelled_on.is_(None)),
    ),
    ("target", "sum(amount) from mart.target", select(func.sum(SalesTarget.amount))),
)
"""Relation, what the warehouse sums, and the same of the books."""


def _daily(keys: str, whole: str, part: str) -> str:
    """A question for the days from which on two relations (SQL with `keys`, an amount, and intervals) do not come to the same."""
    days = "valid_from, valid_to, basis"
    return f"""
        with
            view as (select unnest([1, 2])::utinyint as of_view),
            told as (select {keys}, amount, {days} from {whole} union all select {keys}, -amount, {days} from {part}),
            steps as (
                select of_view, {keys}, valid_from as day, amount from told, view where basis in (0, of_view)
                union all
                select of_view, {keys}, valid_to, -amount from told, view where basis in (0, of_view)
            )
        select of_view, {keys}, day, sum(amount) from steps group by all having sum(amount) <> 0
        """


PARTS = (
    ("signed_line", "sums to signed", _daily("contract_id", "mart.signed", "mart.signed_line")),
    ("closed_line", "sums to closed", _daily("opportunity_id, contract_id", "mart.closed", "mart.closed_line")),
    (
        "closed",
        "what was won by contract is what was signed on an opportunity",
        _daily(
            "contract_id",
            "(from mart.signed where opportunity_id is not null)",
            "(from mart.closed where contract_id is not null)",
        ),
    ),
    (
        "pipeline_change",
        "sums to the open amount",
        """
        with
            view as (select unnest([1, 2])::utinyint as of_view),
            counting as (
                select of_view, opportunity_id, owner_id, delta as amount from mart.pipeline_change, view
                where basis in (0, of_view) and valid_to = date '9999-12-31'
                union all
                select of_view, opportunity_id, owner_id, -amount from mart.open_now, view where basis in (0, of_view)
            )
        select of_view, opportunity_id, owner_id, sum(amount) from counting group by all having sum(amount) <> 0
        """,
    ),
    (
        "allocation",
        "sums to what of each receipt counts",
        """
        with
            view as (select unnest([1, 2])::utinyint as of_view),
            counting as (
                select of_view, receipt_id, amount from mart.received, view
                where basis in (0, of_view) and valid_to = date '9999-12-31'
                union all
                select of_view, receipt_id, -amount from mart.allocation, view where basis in (0, of_view)
            )
        select of_view, receipt_id, sum(amount) from counting group by all having sum(amount) <> 0
        """,
    ),
    (
        "instalment_state",
        "nothing is met twice, and open is the rest",
        "select contract_id, no, amount, met, open from mart.instalment_state where not met between 0 and amount or open <> amount - met",
    ),
    (
        "balance",
        "outstanding or prepaid is the rest of the amount",
        """
        select contract_id, valid_from from mart.balance
        where outstanding - prepaid <> amount - received or least(outstanding, prepaid) <> 0
        """,
    ),
    (
        "balance",
        "received is the sum of the receipts seen by then",
        f"""
        select contract_id, balance.received, sum(received.amount)
        from mart.balance left join (from mart.received where {NOW}) as received using (contract_id)
        where balance.basis in (0, 1) and balance.valid_to = date '9999-12-31'
        group by all having balance.received <> coalesce(sum(received.amount), 0)
        """,
    ),
)
"""Relation, rule, and a query for the rows that break it."""


def check(engine: Engine, store: Store) -> list[Fault]:
    """Everything that does not hold of the warehouse; empty where all is well. Compares with the books as they are now."""
    con = store.worker()
    try:
        with engine.connect() as connection:
            return [*_behind(connection, store), *_grain(con), *_spans(con), *_orphans(con), *_parts(con), *_books(connection, con)]
    finally:
        con.close()


def compare(one: Store, other: Store) -> list[Fault]:
    """The relations in which two warehouses differ, with some of the rows that only one has."""
    faults = []
    for relation in RELATIONS:
        rows = [_ask(store, f"select count(*), bit_xor(hash(r)), sum(hash(r)) from mart.{relation.name} as r") for store in (one, other)]
        if rows[0] != rows[1]:
            mine, others = (Counter(map(repr, _ask(store, f"from mart.{relation.name}"))) for store in (one, other))
            only = [*[f"- {row}" for row in (mine - others)][:EXAMPLES], *[f"+ {row}" for row in (others - mine)][:EXAMPLES]]
            faults.append(Fault(relation.name, "both have the same rows", "; ".join(only)))
    return faults


def _ask(store: Store, question: str) -> list[tuple[Any, ...]]:
    con = store.worker()
    try:
        return con.execute(question).fetchall()
    finally:
        con.close()


def _breaking(con: duckdb.DuckDBPyConnection, relation: str, rule: str, question: str) -> Iterator[Fault]:
    """A fault if the question finds rows."""
    rows = con.execute(f"{question} limit {EXAMPLES}").fetchall()
    if rows:
        yield Fault(relation, rule, "; ".join(str(row) for row in rows))


def _behind(connection: Connection, store: Store) -> Iterator[Fault]:
    """Whether something committed is not in yet: then the sums below would differ by it."""
    waiting = changes.since(connection, store.position())
    if waiting.subjects:
        yield Fault("state", "everything committed is in", f"{waiting.count} records wait since position {store.position()}")


def _grain(con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    for relation, key in GRAIN.items():
        question = f"select {key}, count(*) from mart.{relation} group by all having count(*) > 1"
        yield from _breaking(con, relation, f"one row per {key}", question)


def _spans(con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Intervals are not empty, and in each view there is one row at a time."""
    for relation, key in SPANS.items():
        yield from _breaking(con, relation, "intervals have days", f"from mart.{relation} where valid_from >= valid_to")
        for view in (1, 2):
            question = f"""
                select {key}, valid_from from mart.{relation} where basis in (0, {view})
                qualify lag(valid_to) over (partition by {key} order by valid_from, valid_to) > valid_from"""
            yield from _breaking(con, relation, f"one row at a time per {key} in view {view}", question)


def _orphans(con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Whatever a row refers to exists."""
    columns = con.execute("select table_name, column_name from duckdb_columns() where database_name = 'mart'")
    for relation, column in columns.fetchall():
        parent, key = RECORDS.get(column, ("", ""))
        if parent and parent != relation:
            question = f"""
                select child.{column} from mart.{relation} as child
                anti join mart.{parent} as parent on parent.{key} = child.{column}
                where child.{column} is not null"""
            yield from _breaking(con, relation, f"{column} exists", question)


def _parts(con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    for relation, rule, question in PARTS:
        yield from _breaking(con, relation, rule, question)


def _books(connection: Connection, con: duckdb.DuckDBPyConnection) -> Iterator[Fault]:
    """Sums equal those of the operational database, to the cent."""
    for relation, question, books in BOOKS:
        here = (con.execute(f"select {question}").fetchone() or (None,))[0] or Decimal(0)
        there = connection.scalar(books) or Decimal(0)
        if here != there:
            yield Fault(relation, f"{question.split(' from ')[0]} as in the books", f"{here} here, {there} there")
