"""All rows of a PostgreSQL database in one file: for each table a line of JSON (its name and columns), its rows as COPY writes them,
and the line that ends them. It needs none of PostgreSQL's own programs, and is read by the same version of the schema.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, inspect, text

END = b"\\.\n"
"""The line that ends a table's rows: COPY writes no row like it."""

SEEN = 1
"""A transaction number that every snapshot has behind it: those of another server mean nothing here."""


def write(connection: Connection, names: Sequence[str], target: Path) -> None:
    """Every row of these tables, as the connection's snapshot has them."""
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    with target.open("wb") as file:
        for name in names:
            columns = [column["name"] for column in inspect(connection).get_columns(name)]
            file.write(json.dumps({"table": name, "columns": columns}).encode() + b"\n")
            with cursor.copy(f"copy {_quoted(name)} ({_list(columns)}) to stdout") as copy:
                for block in copy:
                    file.write(block)
            file.write(END)


def told(source: Path, money: Mapping[str, frozenset[str]]) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows the file has of each table, and what each column of money sums to, in cents."""
    counts: dict[str, int] = {}
    sums: dict[str, int] = {}
    for name, columns, rows in _tables(source):
        places = [(f"{name}.{column}", place) for place, column in enumerate(columns) if column in money.get(name, ())]
        sums |= {key: 0 for key, _place in places}
        counts[name] = 0
        for row in rows:
            counts[name] += 1
            values = row.rstrip(b"\n").split(b"\t") if places else []
            for key, place in places:
                sums[key] += 0 if values[place] == b"\\N" else int(values[place])
    return counts, sums


def read(connection: Connection, source: Path) -> None:
    """Put every row of the file into a database of the same schema, in the transaction that runs; what refers to what is checked after."""
    references = _drop_references(connection)
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    for name, columns, rows in _tables(source):
        connection.exec_driver_sql(f"alter table {_quoted(name)} disable trigger user")
        connection.exec_driver_sql(f"truncate {_quoted(name)}")
        with cursor.copy(f"copy {_quoted(name)} ({_list(columns)}) from stdin") as copy:
            for row in rows:
                copy.write(row)
        connection.exec_driver_sql(f"alter table {_quoted(name)} enable trigger user")
        _go_on_counting(connection, name, columns)
    connection.execute(text("update change_log set xid = :seen"), {"seen": SEEN})
    for table, name, definition in references:
        connection.exec_driver_sql(f"alter table {table} add constraint {_quoted(name)} {definition}")


def _tables(source: Path) -> Iterator[tuple[str, list[str], Iterator[bytes]]]:
    """Each table of the file with its columns and rows; the rows are to be taken before the next table."""
    with source.open("rb") as file:
        while head := file.readline():
            said: dict[str, Any] = json.loads(head)
            yield said["table"], said["columns"], _rows(file)


def _rows(file: IO[bytes]) -> Iterator[bytes]:
    """The rows of a table, to the line that ends them."""
    while (row := file.readline()) and row != END:
        yield row


def _drop_references(connection: Connection) -> list[tuple[str, str, str]]:
    """Take all foreign keys away, since rows refer to each other in circles; what brings them back."""
    found = connection.exec_driver_sql(
        "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint"
        " where contype = 'f' and connamespace = current_schema()::regnamespace"
    ).all()
    for table, name, _definition in found:
        connection.exec_driver_sql(f"alter table {table} drop constraint {_quoted(name)}")
    return [(table, name, definition) for table, name, definition in found]


def _go_on_counting(connection: Connection, name: str, columns: Sequence[str]) -> None:
    """New rows get the numbers behind those that came back."""
    for column in columns:
        sequence = connection.scalar(text("select pg_get_serial_sequence(:table, :column)"), {"table": name, "column": column})
        if sequence:
            last = connection.scalar(text(f"select max({_quoted(column)}) from {_quoted(name)}"))
            connection.execute(text("select setval(:sequence, :next, false)"), {"sequence": sequence, "next": (last or 0) + 1})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _list(columns: Sequence[str]) -> str:
    return ", ".join(_quoted(column) for column in columns)
