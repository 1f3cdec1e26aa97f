"""What receipts met of which instalments, for many contracts: the matching rule of `crm.rules.instalments` at the ETL's pace.

The rule is called contract by contract and view by view, on two processes where there are many. It reads plan_seen, receipt_seen
and the operational tables beside them; it leaves `operational.instalment_interval` and `operational.allocated`.
"""

import multiprocessing
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from itertools import islice
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from crm.money import apportion, cents
from crm.rules.instalments import PREPAID, Allocation, Instalment, InstalmentState, Plan, Receipt, allocate, intervals
from etl.operational import CATALOG, insert

AT_ONCE = 10_000
"""Contracts that are handed to a process at a time."""

MANY = 20_000
"""Contracts from which on a second process is worth its start."""

FOREVER = date(9999, 12, 31)

Columns = Mapping[str, np.ndarray[Any, Any]]

PLANS = """
    select contract_id, basis, revision, seen, no, due_on, (instalments.amount * 100)::bigint as amount
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
MONEY = "(amount * 0.01)::decimal(18, 2) as amount"


def run(con: duckdb.DuckDBPyConnection) -> None:
    """Apply the rule to every contract in the catalog, and apportion lines to the amounts that contracts once had."""
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
        insert(con, f"{CATALOG}.allocated", pd.DataFrame(allocated), f"contract_id, basis, nullif(no, 0) as no, receipt_id, day, {MONEY}")
        insert(
            con, f"{CATALOG}.instalment_interval", pd.DataFrame(states),
            f"contract_id, basis, no, valid_from, valid_to, due_on, {MONEY}, (met * 0.01)::decimal(18, 2) as met, met_on",
        )  # fmt: skip
    _apportion(con)


def _ranges(con: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """First and last id of contracts, `AT_ONCE` at a time."""
    return con.execute(f"""
        select min(id), max(id)
        from (select id, (row_number() over (order by id) - 1) // {AT_ONCE} as part from {CATALOG}.contracts)
        group by part
        order by part
    """).fetchall()


def _computed(con: duckdb.DuckDBPyConnection, ranges: list[tuple[int, int]]) -> Iterator[tuple[Columns, Columns]]:
    """The rule's results for each range, in their order; several processes work ahead of what is taken."""
    if len(ranges) <= MANY // AT_ONCE:
        for first, last in ranges:
            yield settle(*_facts(con, first, last))
        return
    workers = min(len(ranges), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
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
    return tuple(dict(con.execute(sql, [first, last]).fetchnumpy()) for sql in (PLANS, RECEIPTS, NAMED))


def settle(plans: Columns, receipts: Columns, named: Columns) -> tuple[Columns, Columns]:
    """The allocations and the instalments' intervals of all contracts and views among the columns."""
    named_by: dict[int, tuple[int, ...]] = {}
    for receipt_id, no in zip(*(_list(named[name]) for name in ("receipt_id", "no")), strict=True):
        named_by[receipt_id] = (*named_by.get(receipt_id, ()), no)
    plans_by = _plans(plans)
    receipts_by = _receipts(receipts, named_by)
    moved: list[tuple[int, int, Allocation]] = []
    stood: list[tuple[int, int, InstalmentState]] = []
    for key in plans_by.keys() | receipts_by.keys():
        versions = plans_by.get(key, ())
        allocations = allocate(versions, receipts_by.get(key, ()))
        moved += [(*key, allocation) for allocation in allocations]
        if versions:
            stood += [(*key, state) for state in intervals(versions, allocations)[0]]
    return _allocated(moved), _stood(stood)


def _plans(columns: Columns) -> dict[tuple[int, int], list[Plan]]:
    """The versions of the plan of each contract and view."""
    found: dict[tuple[int, int], list[Plan]] = {}
    parts: dict[tuple[int, int, int], list[Instalment]] = {}
    names = ("contract_id", "basis", "revision", "seen", "no", "due_on", "amount")
    for contract_id, basis, revision, seen, no, due_on, amount in zip(*(_list(columns[name]) for name in names), strict=True):
        key = (contract_id, basis, revision)
        if key not in parts:
            parts[key] = []
            found.setdefault((contract_id, basis), []).append(Plan(revision, seen, (), seen))
        if no is not None:
            parts[key].append(Instalment(no, due_on, amount))
    return {key: [plan._replace(instalments=tuple(parts[*key, plan.revision])) for plan in plans] for key, plans in found.items()}


def _receipts(columns: Columns, named: Mapping[int, tuple[int, ...]]) -> dict[tuple[int, int], list[Receipt]]:
    """The receipts of each contract and view."""
    found: dict[tuple[int, int], list[Receipt]] = {}
    names = ("contract_id", "basis", "receipt_id", "day", "amount", "seen", "gone")
    for contract_id, basis, receipt_id, day, amount, seen, gone in zip(*(_list(columns[name]) for name in names), strict=True):
        receipt = Receipt(receipt_id, day, amount, named.get(receipt_id, ()), seen, gone)
        found.setdefault((contract_id, basis), []).append(receipt)
    return found


def _allocated(moved: list[tuple[int, int, Allocation]]) -> Columns:
    return {
        "contract_id": np.array([row[0] for row in moved], np.int32),
        "basis": np.array([row[1] for row in moved], np.uint8),
        "no": np.array([row[2].no for row in moved], np.int32),
        "receipt_id": np.array([row[2].receipt_id for row in moved], np.int32),
        "day": _days([row[2].day for row in moved]),
        "amount": np.array([row[2].amount for row in moved], np.int64),
    }


def _stood(stood: list[tuple[int, int, InstalmentState]]) -> Columns:
    return {
        "contract_id": np.array([row[0] for row in stood], np.int32),
        "basis": np.array([row[1] for row in stood], np.uint8),
        "no": np.array([row[2].no for row in stood], np.int32),
        "valid_from": _days([row[2].valid_from for row in stood]),
        "valid_to": _days([row[2].valid_to or FOREVER for row in stood]),
        "due_on": _days([row[2].due_on for row in stood]),
        "amount": np.array([row[2].amount for row in stood], np.int64),
        "met": np.array([row[2].met for row in stood], np.int64),
        "met_on": _days([row[2].met_on for row in stood]),
    }


def _days(days: list[date | None]) -> np.ndarray[Any, Any]:
    """Days as a column that pandas takes as it is; None as NaT."""
    return np.array(days, "datetime64[D]").astype("datetime64[s]")


def _list(column: np.ndarray[Any, Any]) -> list[Any]:
    """A column as Python values: days as dates, nothing as None."""
    if column.dtype.kind == "M":
        column = column.astype("datetime64[D]")
    return column.tolist()  # type: ignore[no-any-return]


def _apportion(con: duckdb.DuckDBPyConnection) -> None:
    """Split the amounts that contracts once had by the lines they have now, to the cent."""
    asked: dict[tuple[int, Any], list[tuple[int, Any]]] = {}
    for contract_id, amount, product_id, weight in con.execute(f"from {CATALOG}.to_apportion order by all").fetchall():
        asked.setdefault((contract_id, amount), []).append((product_id, weight))
    rows = [
        (contract_id, product_id, cents(part), cents(amount))
        for (contract_id, amount), lines in asked.items()
        for (product_id, _), part in zip(lines, apportion(amount, [weight for _, weight in lines]), strict=True)
    ]
    con.execute(
        f"create or replace table {CATALOG}.apportioned"
        " (contract_id integer, product_id integer, amount decimal(18, 2), whole decimal(18, 2))"
    )
    columns = ("contract_id", "product_id", "amount", "whole")
    frame = pd.DataFrame({name: np.array([row[i] for row in rows], np.int64) for i, name in enumerate(columns)})
    insert(con, f"{CATALOG}.apportioned", frame, f"contract_id, product_id, {MONEY}, (whole * 0.01)::decimal(18, 2) as whole")


assert PREPAID == 0, "the marts' SQL tells prepaid money by it"
