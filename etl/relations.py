"""The warehouse's relations in the order in which they are made, and what each is made from and replaced by.

Each has its SQL in `etl/marts/<name>.sql`. First come the steps, which lie beside the operational tables and end with them; then
the relations of `etl/tables.sql`. A relation of records names the record by whose id its rows are replaced; one of master data
is replaced whole. What each reads is what its SQL names; so it is known which of them a change of one table can alter.
"""

import re
from collections.abc import Callable, Collection, Iterator, Set
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import duckdb

from crm.rules import instalments
from etl import receivables
from etl.changes import RECORD
from etl.operational import CATALOG, SOURCES

HERE = Path(__file__).parent
TABLES = HERE / "tables.sql"
MARTS = HERE / "marts"
MART = "mart"
"""The catalog that a warehouse is read and written as."""


@dataclass(frozen=True)
class Step:
    """Something that the relations of one or more subjects stand on; a view where it is read once only.

    `of`: the kind of record, where one file says it for several: there it is called record. `only_of`: phrases of what it is made
    from, without whose rows it has none."""

    name: str
    subjects: frozenset[str]
    kind: str = "table"
    of: str = ""
    only_of: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The question that makes it."""
        return sql(self.name.replace(f"{self.of}_", "record_")).replace("record_", f"{self.of}_") if self.of else sql(self.name)


@dataclass(frozen=True)
class Relation:
    """A table of the warehouse: made from rows of `subject`, replaced by `key` (empty: whole), stored in `order`.

    `only_of`: as a step's."""

    name: str
    subject: str
    key: str = ""
    order: str = ""
    only_of: tuple[str, ...] = ()


OPPORTUNITY = frozenset({"opportunity"})
DEAL = frozenset({"opportunity", "deal"})
CONTRACT = frozenset({"contract"})

DEALS_CONTRACTS = "contracts of the opportunities"
"""As a phrase of what a relation is made from: whether any of the opportunities has a contract."""

LINED = ("former_{}_lines", "{}_lines where since_seq > 1")
CLOSED = (DEALS_CONTRACTS, "closing")
MET = ("competition_records",)

STEPS = (
    Step("product_bit", frozenset({"product"})),
    Step("opportunity_line_then", DEAL, of="opportunity"),
    Step("opportunity_state", DEAL),
    Step("opportunity_lined", DEAL, of="opportunity", only_of=tuple(phrase.format("opportunity") for phrase in LINED)),
    Step("opportunity_products", DEAL),
    Step("closing", DEAL, only_of=("opportunity_history where status <> 'following'",)),
    Step("open_then", OPPORTUNITY, "view"),
    Step("opportunity_known", OPPORTUNITY),
    Step("competition_held", OPPORTUNITY, only_of=MET),
    Step("contract_line_then", CONTRACT, of="contract"),
    Step("contract_products", CONTRACT, only_of=("contract_lines",)),
    Step("contract_state", CONTRACT),
    Step("contract_lined", CONTRACT, of="contract", only_of=tuple(phrase.format("contract") for phrase in LINED)),
    Step("contract_view", CONTRACT),
    Step("contract_standing", CONTRACT),
    Step("receipt_seen", CONTRACT, only_of=("receipts",)),
    Step("cost_seen", CONTRACT, only_of=("costs",)),
    Step("plan_seen", CONTRACT, only_of=("payment_plans",)),
    Step("to_apportion", CONTRACT, "view"),
)

HOLDER = "team_id, owner_id"
IN_MONTH = f"date_trunc('month', day), {HOLDER}"
BY_DAY = f"basis, {IN_MONTH}"
ENDED = "basis, date_trunc('month', valid_to)"
BY_END = f"{ENDED}, {HOLDER}"
BY_STANDING = f"{ENDED}, status, {HOLDER}"
BY_DUE = f"{ENDED}, status, year(due_on), {HOLDER}, due_on"
"""The orders in which facts lie: months of deeds, and of the ends of states, as a period and a past day ask for them; within each what one
team or rep has lies together, so that little is read for them. Instalments are chosen by their due day besides."""

RELATIONS = (
    Relation("team", "team"),
    Relation("person", "user"),
    Relation("source", "source"),
    Relation("campaign", "campaign"),
    Relation("product", "product"),
    Relation("stage", "stage"),
    Relation("stage_version", "stage"),
    Relation("reason", "reason"),
    Relation("competitor", "competitor"),
    Relation("factor", "factor"),
    Relation("cost_category", "cost_category"),
    Relation("settings", "settings"),
    Relation("setting_version", "settings"),
    Relation("target", "target", "target_id", "month"),
    Relation("customer", "customer", "customer_id", "customer_id"),
    Relation("lead", "lead", "lead_id", IN_MONTH),
    Relation("contract_record", "contract", "contract_id", "contract_id"),
    Relation("signed", "contract", "contract_id", BY_DAY),
    Relation("signed_line", "contract", "contract_id", BY_DAY),
    Relation("received", "contract", "contract_id", BY_DAY, ("receipts",)),
    Relation("balance", "contract", "contract_id", BY_STANDING),
    Relation("cost_state", "contract", "contract_id", BY_STANDING, ("costs",)),
    Relation("opportunity_record", "opportunity", "opportunity_id", "opportunity_id"),
    Relation("created", "opportunity", "opportunity_id", BY_DAY),
    Relation("open_past", "opportunity", "opportunity_id", BY_END),
    Relation("open_now", "opportunity", "opportunity_id", HOLDER),
    Relation("open_known", "opportunity", "opportunity_id", BY_END, ("opportunity_lined", "opportunity_history where recorded_on > day")),
    Relation("pipeline_change", "opportunity", "opportunity_id", BY_DAY),
    Relation("closed", "deal", "opportunity_id", BY_DAY, CLOSED),
    Relation("closed_line", "deal", "opportunity_id", BY_DAY, CLOSED),
    Relation("follow_up", "opportunity", "opportunity_id", BY_DAY, ("follow_ups",)),
    Relation("encounter", "opportunity", "opportunity_id", BY_DAY, MET),
    Relation("competition", "opportunity", "opportunity_id", BY_DAY, MET),
    Relation("competition_factor", "opportunity", "opportunity_id", BY_DAY, ("competition_record_factors",)),
    Relation("cohort", "deal", "opportunity_id", IN_MONTH, CLOSED),
    Relation("allocation", "contract", "contract_id", "contract_id", ("receipts",)),
    Relation("instalment_state", "contract", "contract_id", BY_DUE, ("instalments",)),
)

SETTLED = frozenset({"allocation", "instalment_state"})
"""What is made of the matching rule's results, and so comes last: a build has the rule work beside all else."""

RULED = {
    "apportioned": receivables.apportion_lines,
    "allocated": receivables.run,
    "instalment_interval": receivables.run,
}
"""What a rule of the business makes in Python beside the steps; `receivables.READ` says of what."""

SUBJECTS: dict[str, tuple[str, ...]] = {
    "lead": ("leads",),
    "customer": ("customers",),
    "opportunity": (
        "opportunities", "opportunity_lines", "former_opportunity_lines", "opportunity_history", "follow_ups", "competition_records",
        "competition_record_factors", "quotes", "quote_lines",
    ),
    "deal": ("opportunities", "opportunity_lines", "former_opportunity_lines", "opportunity_history"),
    "contract": (
        "contracts", "contract_lines", "former_contract_lines", "contract_history", "payment_plans", "instalments", "receipts",
        "receipt_instalments", "costs",
    ),
    "target": ("sales_targets",),
}  # fmt: skip
"""The records, and the operational tables that hold what belongs to one. A *deal* is an opportunity of which only what became of it
is told anew, since its lead or its contract changed and not itself."""


@cache
def sql(name: str) -> str:
    """The statement that makes the step or relation `name`."""
    return (MARTS / f"{name}.sql").read_text(encoding="utf-8")


@cache
def schema_revision() -> str:
    """What a warehouse must have been made by to be read by this program: its tables, their order, its SQL, and the rule behind it."""
    digest = sha256("".join(map(inserting, RELATIONS)).encode())
    for path in (TABLES, *sorted(MARTS.glob("*.sql")), Path(instalments.__file__), Path(receivables.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


STEP = {step.name: step for step in STEPS}
NAMED = re.compile(rf"\b({CATALOG}|mart)\.(\w+)")
COMMENT = re.compile("--.*")


@cache
def reads(name: str) -> Collection[tuple[str, str]]:
    """What the SQL of a step or relation, or the rule, names: where it lies (the catalog, or mart) and how it is called there."""
    said = STEP[name].sql if name in STEP else receivables.READ[name] if name in RULED else sql(name)
    return dict.fromkeys((place, read) for place, read in NAMED.findall(COMMENT.sub("", said)))


@cache
def stands_on(name: str) -> frozenset[str]:
    """The operational tables that a step or relation is made from, in however many steps."""
    found: set[str] = set()
    for place, read in reads(name):
        found |= {read} if place == CATALOG and read in SOURCES else stands_on(read)
    return frozenset(found)


def written(parts: Set[tuple[str, str | None]]) -> frozenset[str]:
    """The operational tables that were written, and the relations that alone tell what was, by the `parts` of the change log."""
    if any(part is None for _, part in parts):
        return frozenset(SOURCES)
    return frozenset(f"{subject}_{RECORD}" if part == RECORD else str(part) for subject, part in parts)


def altered(subjects: Collection[str], written: Set[str]) -> list[Relation]:
    """The relations made from rows of `subjects` that can be other than before where these tables were written, in their order."""
    return [relation for relation in of(subjects) if relation.name in written or stands_on(relation.name) & written]


def take_steps(con: duckdb.DuckDBPyConnection, subjects: frozenset[str], told: Callable[[str], None] = lambda name: None) -> None:
    """Make what the relations of `subjects` stand on."""
    take_plain_steps(con, subjects, told)
    if "contract" in subjects:
        told("instalments")
        receivables.run(con)


def take_plain_steps(con: duckdb.DuckDBPyConnection, subjects: frozenset[str], told: Callable[[str], None] = lambda name: None) -> None:
    """The same without what the matching rule makes (`SETTLED`)."""
    for step in STEPS:
        if step.subjects & subjects:
            told(step.name)
            con.execute(f"create or replace {step.kind} {CATALOG}.{step.name} as {step.sql}")
    if "contract" in subjects:
        receivables.apportion_lines(con)


def of(subjects: Collection[str]) -> Iterator[Relation]:
    """The relations made from rows of `subjects`, in their order."""
    return (relation for relation in RELATIONS if relation.subject in subjects)


def inserting(relation: Relation) -> str:
    """The statement that appends all that the catalog has for `relation`, sorted as its queries need."""
    rows = f"select * from ({sql(relation.name)}) order by {relation.order}" if relation.order else sql(relation.name)
    return f"insert into {MART}.{relation.name} by name {rows}"
