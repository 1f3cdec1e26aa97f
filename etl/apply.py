"""One step of the follower: what was committed since the warehouse's position, applied to it in one transaction.

The rows of the touched records, and of what depends on them, are read through SQLAlchemy as one consistent state and laid in the
catalog `operational`; then the very SQL of the bulk build makes their rows anew, and these replace the old ones. Only relations that
stand on a table that was written are made anew. Applying the same changes twice changes nothing.
"""

from collections.abc import Iterable, Mapping

import duckdb
from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import InstrumentedAttribute

from crm import clock
from crm.models import Contract, Opportunity
from etl import changes, holders, operational, relations
from etl.catalog import Catalog
from etl.changes import EVERYTHING, Changes
from etl.operational import IDS_AT_A_TIME
from etl.relations import DEALS_CONTRACTS, Relation
from etl.store import Store
from etl.touched import Touched

MOST = 20_000
"""Records beyond which building everything anew is quicker."""

FEW = 500
"""Records up to which it is looked which rows really changed, and whose they are, so that pages that show none of them stay as they are."""


Column = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


class RebuildNeeded(Exception):
    """The changes can't be applied one by one: too many, no longer in the log, or of a kind that touches everything."""


def apply(store: Store, engine: Engine) -> Changes:
    """Bring the warehouse up to what is committed now. Returns what that was; no records where it was up to it already."""
    known, mark = store.state()
    with engine.connect() as connection:
        found = changes.since(connection, known)
        if found.position < known:
            raise RebuildNeeded(f"the change log ends at {found.position}, before the warehouse's {known}")
        if not found.subjects:
            return found
        if EVERYTHING in found.subjects or found.count > MOST:
            raise RebuildNeeded(f"{found.count} records changed")
        touched = _with_dependents(connection, store, found.subjects)
        mark = changes.mark(connection, found.position)
        altered = relations.altered(touched, relations.written(found.parts))
        catalog = Catalog(store, connection, touched, {DEALS_CONTRACTS: _contracts(connection, touched)})
        made = {relation.name for relation in altered if catalog.prepare(relation)}
        told = Touched(holders.of(connection, touched))
    if "product" in touched:
        _check_masks(store.worker())
    with store.write() as writer:
        for relation in altered:
            _replace(writer, relation, touched[relation.subject], relation.name in made, told)
        told.write(writer, found.position)
        now = clock.now().replace(tzinfo=None)
        writer.execute("update mart.state set position = ?, mark = ?, applied_at = ?", [found.position, mark, now])
    return found


def _with_dependents(connection: Connection, store: Store, subjects: Mapping[str, set[int]]) -> dict[str, list[int]]:
    """The touched records, and the deals that are told from them."""
    touched = {subject: set(ids) for subject, ids in subjects.items()}
    deals = {
        *touched.get("opportunity", ()),
        *_ids(connection, Contract.opportunity_id, Contract.id, touched.get("contract", ())),
        *_ids(connection, Opportunity.id, Opportunity.lead_id, touched.get("lead", ())),
        *store.opportunities_of(touched.get("contract", ())),  # a contract may have been taken from one
    }
    if deals:
        touched["deal"] = deals
    if "opportunity" in touched:
        touched["opportunity"] = deals  # one set of rows in the catalog serves both
    return {subject: sorted(ids) for subject, ids in touched.items()}


def _contracts(connection: Connection, touched: Mapping[str, list[int]]) -> int:
    """How many contracts the opportunities have of which it's told what became of them."""
    return len(_ids(connection, Contract.id, Contract.opportunity_id, touched.get("deal", ())))


def _ids(connection: Connection, wanted: Column, known: Column, ids: Iterable[int]) -> set[int]:
    """The `wanted` ids of the rows whose `known` column is among `ids`."""
    asked = sorted(ids)
    found: set[int] = set()
    for start in range(0, len(asked), IDS_AT_A_TIME):
        some = select(wanted).where(known.in_(asked[start : start + IDS_AT_A_TIME]), wanted.is_not(None))
        found.update(number for number in connection.scalars(some) if number is not None)
    return found


def _check_masks(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse to go on where a product that the facts know has another place in the masks now."""
    moved = con.execute(f"""
        select count(*)
        from mart.product
        left join {operational.CATALOG}.product_bit using (product_id)
        where product.bit is distinct from product_bit.bit
    """).fetchone()
    if moved and moved[0]:
        raise RebuildNeeded(f"{moved[0]} products changed their place in the masks")


def _replace(con: duckdb.DuckDBPyConnection, relation: Relation, ids: list[int], made: bool, told: Touched) -> None:
    """Put the catalog's rows of the records `ids` in the place of the warehouse's, none unless some were `made`; tell whom that touches."""
    which = f" where {relation.key} in ({', '.join(map(str, ids))})" if relation.key else ""
    delete, insert = f"delete from mart.{relation.name}{which}", relations.inserting(relation)
    if len(ids) > FEW:
        con.execute(delete)
        if made:
            con.execute(insert)
        told.everybody(relation)
        return
    gone = con.execute(f"{delete} returning *")
    columns, before = [column[0] for column in gone.description], gone.fetchall()
    after = con.execute(f"{insert} returning *").fetchall() if made else []
    told.replaced(relation, columns, before, after)
