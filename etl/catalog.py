"""What one step of the follower works on: the rows of the touched records in the catalog `operational`, and what is made of them there.

Nothing is read or made before a relation asks for it, and each thing once. Where a table without which a step has no rows is empty, the
step is left empty, and what else it would be made of is not even read: a bid without a competitor, a contract that stands on no
opportunity, lines that never changed. DuckDB plans a statement for some milliseconds; those that are not needed were most of a step.
"""

from collections.abc import Collection, Mapping, Sequence

import duckdb
from sqlalchemy import Connection

from etl import operational, relations
from etl.operational import CATALOG, SOURCES
from etl.relations import RULED, STEP, SUBJECTS, Relation, Step
from etl.store import Store

UNKNOWN = 1
"""Rows of what nobody has counted: maybe some."""


class Catalog:
    """The catalog of a store for one step; `known`: phrases that were counted already (`relations.DEALS_CONTRACTS`)."""

    def __init__(self, store: Store, connection: Connection, touched: Mapping[str, Sequence[int]], known: Mapping[str, int]) -> None:
        self._connection, self._con, self._left = connection, store.worker(), store.left
        self._ids = {table: ids for subject, ids in touched.items() for table in SUBJECTS.get(subject, ())}
        # the products lie there from the start, since every mask needs them
        self._rows = {**known} if "product" in touched else {**known, "products": UNKNOWN, "product_bit": UNKNOWN}

    def prepare(self, relation: Relation) -> bool:
        """Make what the relation is made from. Whether it can have any rows: if not, nothing was made."""
        if not self._any(relation.only_of):
            return False
        self._make_all(relation.name)
        return True

    def _make_all(self, reader: str) -> None:
        """Make whatever a relation or step reads beside the warehouse's own tables."""
        for place, name in relations.reads(reader):
            if place == CATALOG:
                self._make(name)

    def _any(self, phrases: Collection[str]) -> bool:
        """Whether one of the phrases has rows; True where there are none to ask."""
        return not phrases or any(self._count(phrase) for phrase in phrases)

    def _count(self, phrase: str) -> int:
        """How many rows a phrase has: a table or step of the catalog, under a condition or without."""
        if phrase not in self._rows:
            name, _, condition = phrase.partition(" where ")
            count = self._make(name)
            if condition and count:
                count = _number(self._con.execute(f"select count(*) from {CATALOG}.{phrase}"))
            self._rows[phrase] = count
        return self._rows[phrase]

    def _make(self, name: str) -> int:
        """Read a table or make a step, unless it was. How many rows it has."""
        if name not in self._rows:
            if name in SOURCES:
                self._rows[name] = self._lay(name)
            elif name in RULED:
                self._make_all(name)
                RULED[name](self._con)
                self._rows |= {other: UNKNOWN for other, rule in RULED.items() if rule is RULED[name]}
            else:
                self._rows[name] = self._step(STEP[name])
        return self._rows[name]

    def _lay(self, name: str) -> int:
        """Read the rows of the touched records, or all that a table of master data has."""
        if self._left.get(name, UNKNOWN):
            operational.create_one(self._con, name)
        self._left[name] = UNKNOWN
        self._left[name] = operational.read(self._connection, self._con, name, self._ids[name] if SOURCES[name].of else None)
        operational.set_name_keys(self._con, [name])
        return self._left[name]

    def _step(self, step: Step) -> int:
        """Make a step, or leave it as empty as it is."""
        if self._left.get(step.name) == 0 and not self._any(step.only_of):
            return 0
        self._make_all(step.name)
        if step.kind == "view":
            self._con.execute(f"create view if not exists {CATALOG}.{step.name} as {step.sql}")
            return UNKNOWN
        self._left[step.name] = UNKNOWN
        self._left[step.name] = _number(self._con.execute(f"create or replace table {CATALOG}.{step.name} as {step.sql}"))
        return self._left[step.name]


def _number(result: duckdb.DuckDBPyConnection) -> int:
    """The one number that a statement answers with."""
    row = result.fetchone()
    return int(row[0]) if row else 0
