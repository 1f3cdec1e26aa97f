"""The warehouse's relations in the order in which they are made, and what each is made from and replaced by.

Each has its SQL in `etl/marts/<name>.sql`. First come the steps, which lie beside the operational tables and end with them; then
the relations of `etl/tables.sql`. A relation of records names the record by whose id its rows are replaced; one of master data
is replaced whole.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import duckdb

from crm.rules import instalments
from etl import receivables
from etl.operational import CATALOG

HERE = Path(__file__).parent
TABLES = HERE / "tables.sql"
MARTS = HERE / "marts"


@dataclass(frozen=True)
class Step:
    """Something that the relations of one or more subjects stand on; a view where it is read once only.

    `of`: the kind of record, where one file says it for several: there it is called record."""

    name: str
    subjects: frozenset[str]
    kind: str = "table"
    of: str = ""

    @property
    def sql(self) -> str:
        """The question that makes it."""
        return sql(self.name.replace(f"{self.of}_", "record_")).replace("record_", f"{self.of}_") if self.of else sql(self.name)


@dataclass(frozen=True)
class Relation:
    """A table of the schema mart: made from rows of `subject`, replaced by `key` (empty: whole), stored in `order`."""

    name: str
    subject: str
    key: str = ""
    order: str = ""
    tables: tuple[str, ...] = ()
    """The operational tables of master data that it is made from; those of a record follow from its subject."""


OPPORTUNITY = frozenset({"opportunity"})
DEAL = frozenset({"opportunity", "deal"})
CONTRACT = frozenset({"contract"})

STEPS = (
    Step("product_bit", frozenset({"product"})),
    Step("opportunity_line_then", DEAL, of="opportunity"),
    Step("opportunity_state", DEAL),
    Step("opportunity_lined", DEAL, of="opportunity"),
    Step("opportunity_products", DEAL),
    Step("closing", DEAL),
    Step("open_then", OPPORTUNITY, "view"),
    Step("opportunity_known", OPPORTUNITY),
    Step("competition_held", OPPORTUNITY),
    Step("contract_line_then", CONTRACT, of="contract"),
    Step("contract_products", CONTRACT),
    Step("contract_state", CONTRACT),
    Step("contract_lined", CONTRACT, of="contract"),
    Step("contract_view", CONTRACT),
    Step("contract_standing", CONTRACT),
    Step("receipt_seen", CONTRACT),
    Step("cost_seen", CONTRACT),
    Step("plan_seen", CONTRACT),
    Step("to_apportion", CONTRACT, "view"),
)

BY_DAY = "basis, day"
BY_END = "basis, valid_to, valid_from"
BY_STANDING = "basis, valid_to, status"

RELATIONS = (
    Relation("team", "team", tables=("teams",)),
    Relation("person", "user", tables=("users", "user_roles")),
    Relation("source", "source", tables=("lead_sources",)),
    Relation("campaign", "campaign", tables=("campaigns",)),
    Relation("product", "product", tables=("products",)),
    Relation("stage", "stage", tables=("stages",)),
    Relation("stage_version", "stage", tables=("stage_versions",)),
    Relation("reason", "reason", tables=("loss_reasons",)),
    Relation("competitor", "competitor", tables=("competitors",)),
    Relation("factor", "factor", tables=("competition_factors",)),
    Relation("cost_category", "cost_category", tables=("cost_categories",)),
    Relation("settings", "settings", tables=("settings",)),
    Relation("setting_version", "settings", tables=("setting_versions",)),
    Relation("target", "target", "target_id", "month"),
    Relation("customer", "customer", "customer_id", "customer_id"),
    Relation("lead", "lead", "lead_id", "day"),
    Relation("contract_record", "contract", "contract_id", "contract_id"),
    Relation("signed", "contract", "contract_id", BY_DAY),
    Relation("signed_line", "contract", "contract_id", BY_DAY),
    Relation("received", "contract", "contract_id", BY_DAY),
    Relation("balance", "contract", "contract_id", BY_STANDING),
    Relation("cost_state", "contract", "contract_id", BY_STANDING),
    Relation("opportunity_record", "opportunity", "opportunity_id", "opportunity_id"),
    Relation("created", "opportunity", "opportunity_id", BY_DAY),
    Relation("open_past", "opportunity", "opportunity_id", BY_END),
    Relation("open_now", "opportunity", "opportunity_id", "valid_from"),
    Relation("open_known", "opportunity", "opportunity_id", BY_END),
    Relation("pipeline_change", "opportunity", "opportunity_id", BY_DAY),
    Relation("closed", "deal", "opportunity_id", BY_DAY),
    Relation("closed_line", "deal", "opportunity_id", BY_DAY),
    Relation("follow_up", "opportunity", "opportunity_id", BY_DAY),
    Relation("encounter", "opportunity", "opportunity_id", BY_DAY),
    Relation("competition", "opportunity", "opportunity_id", BY_DAY),
    Relation("competition_factor", "opportunity", "opportunity_id", BY_DAY),
    Relation("cohort", "deal", "opportunity_id", "day"),
    Relation("allocation", "contract", "contract_id", "contract_id"),
    Relation("instalment_state", "contract", "contract_id", f"{BY_STANDING}, due_on"),
)

SETTLED = frozenset({"allocation", "instalment_state"})
"""What is made of the matching rule's results, and so comes last: a build has the rule work beside all else."""

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
    """What a warehouse must have been made by to be read by this program: its tables, its SQL, and the rule behind it."""
    digest = sha256()
    for path in (TABLES, *sorted(MARTS.glob("*.sql")), Path(instalments.__file__), Path(receivables.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


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


def of(subjects: frozenset[str]) -> Iterator[Relation]:
    """The relations made from rows of `subjects`, in their order."""
    return (relation for relation in RELATIONS if relation.subject in subjects)


def inserting(relation: Relation) -> str:
    """The statement that appends all that the catalog has for `relation`, sorted as its queries need."""
    order = f" order by {relation.order}" if relation.order else ""
    return f"insert into mart.{relation.name} by name {sql(relation.name)}{order}"
