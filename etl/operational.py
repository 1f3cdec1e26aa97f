"""What of the operational database the warehouse is made from, and how it is laid before the marts' SQL.

The marts read a catalog `operational` that has these tables and columns, typed: amounts decimal(18, 2), days dates, words text.
A bulk build fills it with everything, the follower with the rows of the records that were touched. The SQL is the same.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Any

import duckdb
import pandas as pd
from sqlalchemy import BigInteger, Boolean, Column, Connection, Date, Integer, Select, Table, bindparam, select, type_coerce

from crm.models import Base
from crm.models.base import Money
from crm.rules.spelling import name_order

CATALOG = "operational"

ROWS_AT_A_TIME = 100_000
"""Rows in memory where they pass through Python."""

SINGLE = 160
"""Values up to which each is a parameter of its own."""

FEW = 1000
"""Rows below which a frame is not worth its making."""

IDS_AT_A_TIME = 500
"""Records asked for in one statement: below every database's limit of parameters."""


@dataclass(frozen=True)
class Source:
    """The columns that are read of one table. `of`: the one that names the record its rows belong to; empty for master data.

    `through`: the table, read as well, whose row the column `of` names, where only that one names the record."""

    columns: str
    of: str = ""
    through: str = ""


SOURCES: Mapping[str, Source] = {
    "leads": Source(
        "id contact_name company source_id campaign_id product_id owner_id team_id arrival_owner_id arrival_team_id arrived_on"
        " first_handled_on converted_on failed_on customer_id",
        of="id",
    ),
    "customers": Source("id name owner_id team_id industry region", of="id"),
    "opportunities": Source(
        "id title customer_id lead_id source_id campaign_id stage_id status expected_amount expected_close_on owner_id team_id"
        " first_owner_id first_team_id created_on closed_on last_followed_up_on next_step next_step_on",
        of="id",
    ),
    "opportunity_lines": Source("opportunity_id product_id amount since_seq", of="opportunity_id"),
    "former_opportunity_lines": Source("opportunity_id product_id amount since_seq until_seq", of="opportunity_id"),
    "opportunity_history": Source(
        "opportunity_id seq day recorded_on status stage_id owner_id team_id amount expected_close_on loss_reason_id loss_competitor_id",
        of="opportunity_id",
    ),
    "follow_ups": Source("id opportunity_id by_id team_id day recorded_on", of="opportunity_id"),
    "competition_records": Source(
        "id opportunity_id competitor_id by_id day recorded_on their_product their_unit_price our_product_id", of="opportunity_id"
    ),
    "competition_record_factors": Source("record_id factor_id side", of="record_id", through="competition_records"),
    "quotes": Source("id opportunity_id revision submitted_on", of="opportunity_id"),
    "quote_lines": Source("quote_id position product_id unit_price discount_bp", of="quote_id", through="quotes"),
    "contracts": Source(
        "id number customer_id opportunity_id source_id campaign_id status amount signed_on signer_id signer_team_id owner_id team_id",
        of="id",
    ),
    "contract_lines": Source("contract_id product_id amount since_seq", of="contract_id"),
    "former_contract_lines": Source("contract_id product_id amount since_seq until_seq", of="contract_id"),
    "contract_history": Source("contract_id seq day recorded_on status amount owner_id team_id", of="contract_id"),
    "payment_plans": Source("id contract_id revision day recorded_on proposed", of="contract_id"),
    "instalments": Source("plan_id contract_id no due_on amount", of="contract_id"),
    "receipts": Source("id contract_id received_on recorded_on amount cancelled_on", of="contract_id"),
    "receipt_instalments": Source("receipt_id contract_id no", of="contract_id"),
    "costs": Source("id contract_id category_id paid_on recorded_on amount cancelled_on", of="contract_id"),
    "sales_targets": Source("id month unit team_id user_id amount valid_from valid_to", of="id"),
    "teams": Source("id name leader_id active"),
    "users": Source("id login name team_id active"),
    "user_roles": Source("user_id role"),
    "lead_sources": Source("id name channel active"),
    "campaigns": Source("id name source_id product_id from_on until_on cost"),
    "products": Source("id code name category active"),
    "stages": Source("id name position probability_bp meaning active"),
    "stage_versions": Source("stage_id valid_from name position probability_bp"),
    "loss_reasons": Source("id name kind names_competitor"),
    "competitors": Source("id name"),
    "competition_factors": Source("id name active"),
    "cost_categories": Source("id name"),
    "settings": Source("company_name zone currency fiscal_year_first_month opportunity_neglected_days ranking_visible is_demo"),
    "setting_versions": Source("valid_from opportunity_neglected_days"),
}

NAMED = ("teams", "users", "lead_sources", "products", "loss_reasons", "competitors", "competition_factors", "cost_categories")
"""Tables whose names are listed in pinyin order: they have a `name_key` besides."""


def create(con: duckdb.DuckDBPyConnection, catalog: str = CATALOG) -> None:
    """Make the tables, empty, in an attached catalog."""
    for name in SOURCES:
        create_one(con, name, catalog)


def create_one(con: duckdb.DuckDBPyConnection, name: str, catalog: str = CATALOG) -> None:
    """Make one of them, empty. In the place of one with rows: deleted rows would stay in memory, and be walked over ever after."""
    con.execute(f"create or replace table {catalog}.{name} ({_definition(name)})")


@cache
def _definition(name: str) -> str:
    columns = [f"{column.name} {_type(column)}" for column in columns_of(name)]
    return ", ".join([*columns, *(["name_key varchar"] if name in NAMED else [])])


def table_of(name: str) -> Table:
    """The operational table."""
    return Base.metadata.tables[name]


@cache
def columns_of(name: str) -> list[Column[Any]]:
    """Its columns that the warehouse reads."""
    return [table_of(name).c[column] for column in SOURCES[name].columns.split()]


def typed(column: Column[Any]) -> str:
    """SQL that makes what a driver or scanner delivers for `column` into the warehouse's type: money comes as whole cents."""
    if isinstance(column.type, Money):
        return f"({column.name}::decimal(18, 0) * 0.01)::decimal(18, 2) as {column.name}"
    return f"{column.name}::{_type(column)} as {column.name}"


def read(connection: Connection, con: duckdb.DuckDBPyConnection, name: str, ids: Sequence[int] | None = None) -> int:
    """Lay the rows of table `name` (of the records `ids`, else all) in the catalog, through Python. Returns how many."""
    count = 0
    for rows in _rows(connection, name, ids):
        while batch := list(islice(rows, ROWS_AT_A_TIME)):
            if len(batch) * len(batch[0]) <= SINGLE:
                _insert_single(con, name, batch)
            elif len(batch) < FEW:
                _insert_few(con, name, batch)
            else:
                insert(con, f"{CATALOG}.{name}", frame(name, batch), ", ".join(typed(column) for column in columns_of(name)))
            count += len(batch)
    return count


def _insert_single(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Sequence[Any]]) -> None:
    """Append so few rows that DuckDB plans them quickest value by value."""
    columns = columns_of(name)
    money = [isinstance(column.type, Money) for column in columns]
    row = f"({', '.join('?' * len(columns))})"
    values = [
        Decimal(value).scaleb(-2) if in_cents and value is not None else value
        for each in rows
        for value, in_cents in zip(each, money, strict=True)
    ]
    names = ", ".join(column.name for column in columns)
    con.execute(f"insert into {CATALOG}.{name} ({names}) values {', '.join([row] * len(rows))}", values)


def _insert_few(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Sequence[Any]]) -> None:
    """Append a handful of rows as lists of values, which costs a fraction of what a frame does."""
    raw = ", ".join(
        f"unnest(${number}::{'bigint' if isinstance(column.type, Money) else _type(column)}[]) as {column.name}"
        for number, column in enumerate(columns_of(name), start=1)
    )
    columns = ", ".join(typed(column) for column in columns_of(name))
    values = [list(column) for column in zip(*rows, strict=True)]
    con.execute(f"insert into {CATALOG}.{name} by name select {columns} from (select {raw})", values)


def frame(name: str, rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """`rows` of table `name` as typed columns, so that DuckDB need not guess from the first values."""
    columns = zip(*rows, strict=True)
    return pd.DataFrame(
        {column.name: pd.array(list(values), dtype=_dtype(column)) for column, values in zip(columns_of(name), columns, strict=True)}
    )


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame, columns: str = "*") -> None:
    """Append a frame to a table, by the names of its columns."""
    con.register("arriving", rows)
    con.execute(f"insert into {table} by name select {columns} from arriving")
    con.unregister("arriving")


def set_name_keys(con: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    """Give the named records of `tables` the key by which Chinese names sort as people expect."""
    for name in tables:
        if name in NAMED:
            names = [row[0] for row in con.execute(f"select distinct name from {CATALOG}.{name}").fetchall()]
            keyed = [" ".join(name_order(one)) for one in names]
            keys = pd.DataFrame({"name": pd.array(names, dtype="string"), "key": pd.array(keyed, dtype="string")})
            con.register("keys", keys)
            con.execute(f"update {CATALOG}.{name} as named set name_key = keys.key from keys where keys.name = named.name")
            con.unregister("keys")


def _rows(connection: Connection, name: str, ids: Sequence[int] | None) -> Iterator[Iterator[Sequence[Any]]]:
    """The rows, by as many statements as the databases' limits ask for."""
    if ids is None:
        yield iter(connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(_selecting(name)))
        return
    for start in range(0, len(ids), IDS_AT_A_TIME):
        yield iter(connection.execute(_selecting_some(name), {"ids": ids[start : start + IDS_AT_A_TIME]}).fetchall())


@cache
def _selecting(name: str) -> Select[Any]:
    """What reads a table."""
    return select(*(type_coerce(column, BigInteger) if isinstance(column.type, Money) else column for column in columns_of(name)))


@cache
def _selecting_some(name: str) -> Select[Any]:
    """What reads its rows that belong to the records `ids`."""
    belongs, through = table_of(name).c[SOURCES[name].of], SOURCES[name].through
    ids = bindparam("ids", expanding=True)
    if not through:
        return _selecting(name).where(belongs.in_(ids))
    parent = table_of(through)
    return _selecting(name).where(belongs.in_(select(parent.c.id).where(parent.c[SOURCES[through].of].in_(ids))))


def _type(column: Column[Any]) -> str:
    """The warehouse's type of an operational column."""
    match column.type:
        case Money():
            return "decimal(18, 2)"
        case Date():
            return "date"
        case Boolean():
            return "boolean"
        case Integer():
            return "integer"
        case _:
            return "varchar"


def _dtype(column: Column[Any]) -> str:
    """The frame's type of an operational column."""
    match column.type:
        case Money() | Integer():
            return "Int64"
        case Date():
            return "datetime64[s]"
        case Boolean():
            return "boolean"
        case _:
            return "string"
