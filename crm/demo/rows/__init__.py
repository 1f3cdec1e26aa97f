"""The demo company as rows: for each table its columns, in an order that keeps every foreign key whole."""

from typing import NamedTuple

import numpy as np
from sqlalchemy import Table

from crm.bulk import Column, given, whole
from crm.demo.dice import Ints
from crm.models import Base


class Rows(NamedTuple):
    """What goes into one table."""

    table: Table
    size: int
    columns: dict[str, Column]


def table(model: type[Base], count: int, **columns: Column) -> Rows:
    """Rows of a model's table, numbered from 1 where it has an id that is not given."""
    target = model.__table__
    assert isinstance(target, Table)
    if "id" in target.columns and "id" not in columns:
        columns = {"id": ids(count), **columns}
    return Rows(target, count, columns)


def listed(model: type[Base], rows: list[dict[str, object]]) -> Rows:
    """A few rows, each as a dictionary."""
    return table(model, len(rows), **{name: given([row[name] for row in rows]) for name in (rows[0] if rows else ())})


def ids(count: int) -> Column:
    """1, 2, 3 ..."""
    return whole(np.arange(1, count + 1))


def reference(ids: Ints) -> Column:
    """Ids of other records; 0 for none."""
    return whole(ids, missing=0)


def row_reference(rows: Ints) -> Column:
    """Rows of another table, whose ids are one more; -1 for none."""
    return whole(rows + 1, missing=0)
