"""What receipts met of which instalments, for many contracts: the matching rule of `crm.rules.instalments` at the ETL's pace.

The rule is called contract by contract and view by view, on two processes where there are many. It reads plan_seen, receipt_seen
and the operational tables beside them; it leaves `operational.instalment_interval` and `operational.allocated`.
"""

import gc
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from itertools import islice
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from crm.money import apportion, cents
from crm.rules.instalments import PREPAID, Allocation, Instalment, InstalmentState, Plan, Receipt, allocate, dated_as_known, intervals
from etl.operational import CATALOG, insert

AT_ONCE = 10_000
"""Contracts that are handed to a process at a time."""

MANY = 20_000
"""Contracts from which on a second process is worth its start."""

EPOCH = date(1970, 1, 1).toordinal()
DAYS = {"day", "valid_from", "valid_to", "due_on", "met_on"}
"""What in the rule's results is a day."""

Columns = Mapping[str, np.ndarray[Any, Any]]
Key = tuple[int, int]
"""A contract and the view (basis) in which its money is reckoned."""

PLANS = """
    select contract_id, basis, revision, plan_seen.day, seen, no, due_on, (instalments.amount * 100)::bigint as amount
    from operational.plan_seen
    left join operational.instalments using (plan_id, contract_id)
    where contract_id between $1 and $2
    order by contract_id, basis, revision, no
"""
RECEIPTS = """
    select contract_id, basis, receipt_id, day, (amount * 100)::bigint as amount, seen, gone
    from operational.receipt_seen
    where contract_id between $1 and $2
    order by contract_id, basis, receipt_id
"""
NAMED = """
    select receipt_id, no
    from operational.receipt_instalments
    where contract_id between $1 and $2
    order by receipt_id, no
"""
RANGES = f"""
    select min(id), max(id)
    from (select id, (row_number() over (order by id) - 1) // {AT_ONCE} as part from operational.contracts)
    group by part
    order by part
"""
WEIGHED = "from operational.to_apportion order by all"
READ = {"apportioned": WEIGHED, **dict.fromkeys(("allocated", "instalment_interval"), PLANS + RECEIPTS + NAMED + RANGES)}
"""What is asked for each table that is left behind."""

MONEY = "(amount * 0.01)::decimal(18, 2) as amount"


def run(con: duckdb.DuckDBPyConnection) -> None:
    """Apply the rule to every contract in the catalog."""
    con.execute(f"""
        create or replace table {CATALOG}.instalment_interval (
            contract_id integer, basis utinyint, no integer, valid_from date, valid_to date, due_on date,
            amount decimal(18, 2), met decimal(18, 2), met_on date
        )""")
    con.execute(
        f"create or replace table {CATALOG}.allocated"
        " (contract_id integer, basis utinyint, no integer, receipt_id integer, day date, amount decimal(18, 2))"
    )
    for allocated, states in _computed(con, _ranges(con)):
        if len(allocated["contract_id"]):
            insert(con, f"{CATALOG}.allocated", pd.DataFrame(allocated), f"* replace ({MONEY}, nullif(no, 0) as no)")
        if len(states["contract_id"]):
            forever = "coalesce(valid_to, date '9999-12-31') as valid_to"
            met = "(met * 0.01)::decimal(18, 2) as met"
            insert(con, f"{CATALOG}.instalment_interval", pd.DataFrame(states), f"* replace ({MONEY}, {met}, {forever})")


def _ranges(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """First and last id of contracts, `AT_ONCE` at a time."""
    return con.execute(RANGES).fetchall()


def _computed(con: duckdb.DuckDBPyConnection, ranges: list[tuple[int, int]]) -> Iterator[tuple[Columns, Columns]]:
    """The rule's results for each range, in their order; several processes work ahead of what is taken."""
    if len(ranges) <= MANY // AT_ONCE:
        for first, last in ranges:
            yield settle(*_facts(con, first, last))
        return
    workers = min(len(ranges), os.cpu_count() or 1)
    # without the collector: it would walk again and again over rows that are all still needed
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=gc.disable) as pool:
        waiting = iter(ranges)
        ahead: list[Future[tuple[Columns, Columns]]] = []
        for first, last in islice(waiting, workers + 1):
            ahead.append(pool.submit(settle, *_facts(con, first, last)))
        while ahead:
            done = ahead.pop(0).result()
            for first, last in islice(waiting, 1):
                ahead.append(pool.submit(settle, *_facts(con, first, last)))
            yield done


def _facts(con: duckdb.DuckDBPyConnection, first: int, last: int) -> tuple[Columns, Columns, Columns]:
    """Plans, receipts and named instalments of the contracts in the range, as columns."""
    plans, receipts, named = (con.execute(sql, [first, last]).fetchnumpy() for sql in (PLANS, RECEIPTS, NAMED))
    return plans, receipts, named


def settle(plans: Columns, receipts: Columns, named: Columns) -> tuple[Columns, Columns]:
    """The allocations and the instalments' intervals of all contracts and views among the columns."""
    named_by: dict[int, tuple[int, ...]] = {}
    for receipt_id, no in zip(*(_list(named[name]) for name in ("receipt_id", "no")), strict=True):
        named_by[receipt_id] = (*named_by.get(receipt_id, ()), no)
    plans_by = _plans(plans)
    receipts_by = _receipts(receipts, named_by)
    keys = sorted(plans_by.keys() | receipts_by.keys())
    moved: list[Allocation] = []
    stood: list[InstalmentState] = []
    moved_to, stood_to = [], []
    for key in keys:
        versions = plans_by.get(key, ())
        known = receipts_by.get(key, ())
        allocations = allocate(versions, known)
        moved += allocations
        if versions:
            stood += dated_as_known(versions, known, intervals(versions, allocations)[0])
        moved_to.append(len(moved))
        stood_to.append(len(stood))
    return _columns(keys, moved_to, moved, Allocation), _columns(keys, stood_to, stood, InstalmentState)


def _plans(columns: Columns) -> dict[Key, list[Plan]]:
    """The versions of the plan of each contract and view; the rows of one lie together."""
    found: dict[Key, list[Plan]] = {}
    keys, revisions, days, seen = _keys(columns), *(_list(columns[name]) for name in ("revision", "day", "seen"))
    instalments = list(map(Instalment, *(_list(columns[name]) for name in ("no", "due_on", "amount"))))
    start = 0
    for end in range(1, len(keys) + 1):
        if end == len(keys) or keys[end] != keys[start] or revisions[end] != revisions[start]:
            parts = tuple(part for part in instalments[start:end] if part.no is not None)
            found.setdefault(keys[start], []).append(Plan(revisions[start], days[start], parts, seen[start]))
            start = end
    return found


def _receipts(columns: Columns, named: Mapping[int, tuple[int, ...]]) -> dict[Key, list[Receipt]]:
    """The receipts of each contract and view."""
    found: dict[Key, list[Receipt]] = {}
    ids = _list(columns["receipt_id"])
    names = [named.get(receipt_id, ()) for receipt_id in ids] if named else [()] * len(ids)
    days, amounts, seen, gone = (_list(columns[name]) for name in ("day", "amount", "seen", "gone"))
    for key, receipt in zip(_keys(columns), map(Receipt, ids, days, amounts, names, seen, gone), strict=True):
        found.setdefault(key, []).append(receipt)
    return found


def _keys(columns: Columns) -> list[Key]:
    """Contract and view of each row."""
    return list(zip(_list(columns["contract_id"]), _list(columns["basis"]), strict=True))


def _columns(keys: list[Key], ends: list[int], rows: Sequence[tuple[Any, ...]], kind: Any) -> Columns:
    """The rows as columns by their names; those up to the first of `ends` belong to the first key, and so on."""
    counts = np.diff(np.array([0, *ends], np.int64))
    columns = zip(*rows, strict=True) if rows else [()] * len(kind._fields)
    return {
        "contract_id": np.repeat(np.array([key[0] for key in keys], np.int32), counts),
        "basis": np.repeat(np.array([key[1] for key in keys], np.uint8), counts),
        **{name: _days(column) if name in DAYS else np.array(column, np.int64) for name, column in zip(kind._fields, columns, strict=True)},
    }


def _days(days: Sequence[date | None]) -> np.ndarray[Any, Any]:
    """Days as a column that pandas takes as it is; None as NaT. By their number, since numpy is slow to take dates in."""
    numbers = np.array([day.toordinal() if day else 0 for day in days], np.int64)
    column = (numbers - EPOCH).view("datetime64[D]").astype("datetime64[s]")
    column[numbers == 0] = np.datetime64("NaT")
    return column


def _list(column: np.ndarray[Any, Any]) -> list[Any]:
    """A column as Python values: days as dates, nothing as None."""
    if column.dtype.kind == "M":
        column = column.astype("datetime64[D]")
    return column.tolist()  # type: ignore[no-any-return]


def apportion_lines(con: duckdb.DuckDBPyConnection) -> None:
    """Split the amounts that contracts once had by lines that do not come to them, to the cent."""
    asked: dict[tuple[int, int, Any], list[tuple[int, Any]]] = {}
    for contract_id, since_seq, amount, product_id, weight in con.execute(WEIGHED).fetchall():
        asked.setdefault((contract_id, since_seq, amount), []).append((product_id, weight))
    rows = [
        (contract_id, since_seq, product_id, cents(part), cents(amount))
        for (contract_id, since_seq, amount), lines in asked.items()
        for (product_id, _), part in zip(lines, apportion(amount, [weight for _, weight in lines]), strict=True)
    ]
    con.execute(
        f"create or replace table {CATALOG}.apportioned"
        " (contract_id integer, since_seq integer, product_id integer, amount decimal(18, 2), whole decimal(18, 2))"
    )
    if not rows:
        return
    columns = ("contract_id", "since_seq", "product_id", "amount", "whole")
    frame = pd.DataFrame({name: np.array([row[i] for row in rows], np.int64) for i, name in enumerate(columns)})
    insert(con, f"{CATALOG}.apportioned", frame, f"contract_id, since_seq, product_id, {MONEY}, (whole * 0.01)::decimal(18, 2) as whole")


assert PREPAID == 0, "the marts' SQL tells prepaid money by it"
