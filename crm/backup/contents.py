"""What a database holds: its rows, its money to the cent, its files, its revision."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text

from crm import schema
from crm.db import make_engine
from crm.models import Base, File
from crm.models.base import Money

Told = tuple[dict[str, int], dict[str, int], list[str], str]
"""Counts, sums, the stored names of files, and the revision of a database."""


def told(connection: Connection) -> Told:
    """The rows of each table that both the program and the database know, the sums of its money, its files and its revision."""
    known = set(inspect(connection).get_table_names())
    counts, sums = {}, {}
    for table in Base.metadata.sorted_tables:
        if table.name not in known:
            continue
        counts[table.name] = connection.scalar(select(func.count()).select_from(table)) or 0
        standing = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in money_columns().get(table.name, frozenset()) & standing:
            summed = text(f'select coalesce(sum("{column}"), 0) from "{table.name}"')
            sums[f"{table.name}.{column}"] = int(connection.scalar(summed) or 0)
    names = list(connection.scalars(select(File.stored_name).order_by(File.id)))
    return counts, sums, names, schema.revision_of(connection) or ""


def money_columns() -> dict[str, frozenset[str]]:
    """The columns that hold money, by table."""
    found = {table.name: frozenset(c.name for c in table.columns if isinstance(c.type, Money)) for table in Base.metadata.sorted_tables}
    return {table: columns for table, columns in found.items() if columns}


@contextmanager
def opened(url: str) -> Iterator[Connection]:
    """A connection for reading."""
    engine = make_engine(url) if "immutable" not in url else _immutable(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _immutable(url: str) -> Engine:
    """An engine that leaves the file as it is, byte for byte: no journal beside it, no lock."""
    return create_engine(url)
