"""What a report reads for one person: which tables of the warehouse, and whose rows of them. A change of anything else leaves it alone.

It follows from the report's figures and the person's scope, as their statements do (`relations.scoped`), with what statements read
beyond the scope: names and settings, everybody's signings in a ranking list. What they read of others about a record of the person's
own (a follow-up by a colleague) touches the record, and so them (`etl.touched`).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from zlib import crc32

from crm.scope import Scope
from crm.vocabulary import Kind, Reach
from dashboard.queries.relations import RELATIONS, Relation, is_aggregate
from dashboard.queries.report import Report
from dashboard.queries.touched import Reading

KEPT = 4096
"""Of how many people and reports it is kept what they read: it follows from the two and from nothing else."""

DIMENSION_TABLES = (
    "team",
    "person",
    "source",
    "campaign",
    "product",
    "stage",
    "reason",
    "competitor",
    "factor",
    "cost_category",
    "settings",
    "setting_version",
    "stage_version",
)
"""What everybody reads of names and settings."""

TABLES: Mapping[str, tuple[str, ...]] = {
    "won": ("closed",),
    "open_then": ("open_now", "open_past"),
    "open_seen": ("open_now", "open_past", "open_known"),
    "neglected": ("open_now", "open_past", "follow_up"),
    "campaign_cost": ("campaign",),
    "ranking": ("signed",),
    "collected": ("balance", "received", "contract_record", "customer"),
    "balance": ("balance", "contract_record", "customer"),
    "instalment_state": ("instalment_state", "allocation", "contract_record", "customer"),
}
"""The tables behind a relation, where they are not just the one of its name."""

LISTED: Mapping[str, tuple[str, ...]] = {
    "opportunity": ("opportunity_record", "customer", "contract_record", "follow_up"),
    "contract": ("contract_record", "customer"),
}
"""What a list of records reads besides, by the kind of record."""

NAMED: Mapping[str, Kind] = {"customer": Kind.CUSTOMER, "contract_record": Kind.CONTRACT}
"""Tables in which names are looked up: whether they are told goes by who holds the record named."""

RANKED = ("signed",)
"""What a ranking list reads of everybody."""


@lru_cache(maxsize=KEPT)
def reading(report: Report, scope: Scope) -> Reading:
    """What `report` reads for a person of this scope."""
    whole, owned, teams = {*DIMENSION_TABLES, *(RANKED if report.personal else ())}, set(), set()
    for table, reach in _reaches(report, scope):
        match reach:
            case Reach.COMPANY:
                whole.add(table)
            case Reach.TEAMS:
                teams |= {(table, team) for team in scope.team_ids}
                owned |= {(table, scope.user_id)} if scope.own_too else set()
            case Reach.OWN:
                owned.add((table, scope.user_id))
    return Reading(tuple(whole), tuple(owned), tuple(teams))


def _reaches(report: Report, scope: Scope) -> Iterator[tuple[str, Reach]]:
    """The tables that a report reads, and how far."""
    if "customer" in report.filters:
        yield "customer", scope.over(Kind.CUSTOMER)
    for name in report.over:
        relation = RELATIONS[name]
        reach = Reach.COMPANY if is_aggregate(relation, scope) else scope.over(relation.kind)
        listed = LISTED.get(relation.record, ()) if name in report.listed else ()
        for table in (*tables_of(relation), *listed):
            yield table, scope.over(NAMED[table]) if table in NAMED else reach


def tables_of(relation: Relation) -> tuple[str, ...]:
    """The tables behind a relation."""
    return TABLES.get(relation.name, (relation.name,))


def standpoint(scope: Scope, today: date) -> str:
    """From where a person looks at a report, in few letters: another reach and another day show another page, though nothing changed."""
    return f"{today}-{_place(scope)}"


@lru_cache(maxsize=KEPT)
def _place(scope: Scope) -> str:
    return f"{crc32(repr(scope.key).encode()):08x}"
