"""The relations that a report may name, each already cut down to what one person may see and has chosen.

A relation is a role of a fact: `signed` holds signings, `open_then` the opportunities that stood open. A report says `from signed`
and gets only rows in scope, under the filters: there is no way to name the others. Columns and meaning: etl/tables.sql.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crm.scope import Scope
from crm.vocabulary import Kind, OpportunityStatus, Reach
from dashboard.queries.filters import Question
from dashboard.queries.special import CAMPAIGN_COST, PLANNED, PRORATED

IN_PERIOD = "day >= $start and day < $end and day <= $state"
STANDS = "basis <> $unseen::utinyint and valid_from <= $state and valid_to > $state"
DEED = f"{IN_PERIOD} and {STANDS}"
BEFORE = "least($start, $state + 1)"
SEEN = "basis <> $unseen::utinyint and known_from <= $state and known_to > $state"
AT_START = f"{SEEN} and valid_from < {BEFORE} and valid_to >= {BEFORE}"
"""What stood at the end of the day before the period, in the eyes of the state day."""
LAST = "least($end - 1, $state)"
AT_END = f"{SEEN} and valid_from <= {LAST} and valid_to > {LAST}"
"""What stood at the end of the period's last day, as far as the state day has come."""

COMMON = {
    "team": "team_id",
    "rep": "owner_id",
    "source": "source_id",
    "campaign": "campaign_id",
    "customer": "customer_id",
    "product": "product_mask",
}
"""The filters that every fact knows, and the columns that they speak of."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A role of a fact.

    `kind` is the kind of record whose reach decides what is seen; `when` its rows in time; `filters` the chosen dimensions that it
    knows; `record` and `key` what a drill-through lists (no record: nothing); `columns` adds what a
    dimension is called in it where that differs; `single` says that a record has one row at the most on any day. `source`: what it reads
    instead of the table of its name; `around`: a phrase around those rows, in which they are called {rows}; `adds`: a column that they have
    by that alone. `part_of`: the relation whose rows these are, of which `part` is true.
    """

    name: str
    kind: Kind
    when: str
    record: str
    key: str
    filters: Mapping[str, str]
    source: str = ""
    around: str = ""
    aggregate: Kind | None = None
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    single: bool = False
    adds: str = ""
    part_of: str = ""
    part: str = ""

    @property
    def is_state(self) -> bool:
        """Whether rows are states (the holder's) rather than deeds (the doer's)."""
        return self.when in (STANDS, AT_START)

    @property
    def of_a_day(self) -> bool:
        """Whether a row is somebody's on a certain day: not what was planned, nor what a campaign cost."""
        return "$state" in self.when

    @property
    def table(self) -> str:
        """What it reads from: a table of the warehouse, or a phrase over one."""
        return self.made_of(self.rows)

    @property
    def rows(self) -> str:
        """The rows that it is made of."""
        return self.source or f"mart.{self.name}"

    def made_of(self, rows: str) -> str:
        """The relation, made of some of its rows only."""
        return self.around.replace("{rows}", rows) if self.around else rows


WITH_STAGE = COMMON | {"stage": "stage_id"}
WITH_COMPETITOR = COMMON | {"competitor": "competitor_id"}
CLOSING = WITH_STAGE | {"reason": "reason_id", "competitor": "competitor_id", "status": "status"}

STATUSES: Mapping[int, OpportunityStatus] = {1: OpportunityStatus.LOST, 2: OpportunityStatus.STOPPED}
"""The statuses that a filter offers, by the number that stands for each in addresses: of closings. Elsewhere they are columns."""

PROBABLE = "(select o.*, coalesce(v.probability, 0) as probability from {rows} o left join mart.stage_version v \
on v.stage_id = o.stage_id and v.valid_from <= $state and v.valid_to > $state)"
"""Open opportunities with the probability that their stage had on the state day."""

WON = "(select * from {rows} where status = 'won')"
"""Wins by themselves: they have no reason, no competitor who won instead and no other status, so that a filter by these leaves nothing to
say of them."""

OPEN_SEEN = """(select *, date '0001-01-01' as known_from, date '9999-12-31' as known_to from mart.open_then
    where basis <> 2 and not products_varied union all by name select * from mart.open_known)"""
"""Open opportunities by business dates; with something written down after its day, or with other products then, in the eyes of any day."""

SPOKEN = "day >= $earliest_silent_since and day <= $latest_state and basis <> $unseen::utinyint"
NEGLECTED = f"""(select o.* from {{rows}} o
    anti join (select opportunity_id, day, valid_from, valid_to from mart.follow_up where {SPOKEN}) f
    on f.opportunity_id = o.opportunity_id and f.day >= $silent_since and f.day <= $state
    and f.valid_from <= $state and f.valid_to > $state
    where greatest(o.created_on, o.assigned_on) < $silent_since)"""
"""Open opportunities whose latest of follow-up, assignment and creation lies more than that limit before the state day."""

INTEREST = {"product": "product_ids[1]"}
"""A lead is interested in one product at the most."""

RANKED = "(select day, valid_from, valid_to, basis, owner_id, team_id, amount from mart.signed)"
"""Signings without anything that leads to a contract or customer: what the ranking lists may read of everybody."""

COLLECTED = f"""(select * from mart.balance
    where (status = 'in_progress' and outstanding > 0) or contract_id in (select contract_id from mart.received where {DEED}))"""
"""The accounts of contracts on which something is outstanding, or something came in during the period; a completed one owes nothing."""

ALL = (
    Relation("lead", Kind.LEAD, IN_PERIOD, "lead", "lead_id", COMMON, columns=INTEREST),
    Relation("created", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", COMMON),
    Relation(
        "open_then", Kind.OPPORTUNITY, STANDS, "opportunity", "opportunity_id", WITH_STAGE,
        around=PROBABLE, adds="probability", single=True,
    ),
    Relation("open_seen", Kind.OPPORTUNITY, AT_START, "opportunity", "opportunity_id", COMMON, source=OPEN_SEEN),
    Relation(
        "neglected", Kind.OPPORTUNITY, STANDS, "opportunity", "opportunity_id", WITH_STAGE, source="mart.open_then", around=NEGLECTED
    ),
    Relation("pipeline_change", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", COMMON),
    Relation("closed", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", CLOSING),
    Relation(
        "won", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", WITH_STAGE, source="mart.closed", around=WON,
        part_of="closed", part="status = 'won'",
    ),
    Relation("closed_line", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", CLOSING),
    Relation("encounter", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", WITH_COMPETITOR),
    Relation("competition", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", WITH_COMPETITOR),
    Relation("competition_factor", Kind.OPPORTUNITY, DEED, "opportunity", "opportunity_id", WITH_COMPETITOR),
    Relation("signed", Kind.CONTRACT, DEED, "contract", "contract_id", COMMON),
    Relation("ranking", Kind.CONTRACT, DEED, "", "owner_id", {}, source=RANKED),
    Relation("signed_line", Kind.CONTRACT, DEED, "contract", "contract_id", COMMON),
    Relation("balance", Kind.CONTRACT, STANDS, "contract", "contract_id", COMMON, single=True),
    Relation("collected", Kind.CONTRACT, STANDS, "contract", "contract_id", COMMON, source=COLLECTED, single=True),
    Relation("cost_state", Kind.COST, STANDS, "contract", "contract_id", COMMON),
    Relation("instalment_state", Kind.PAYMENT_PLAN, STANDS, "contract", "contract_id", COMMON, columns={"day": "due_on"}),
    Relation("received", Kind.RECEIPT, DEED, "contract", "contract_id", COMMON),
    Relation("follow_up", Kind.FOLLOW_UP, DEED, "opportunity", "opportunity_id", COMMON),
    Relation("cohort", Kind.LEAD, DEED, "contract", "contract_id", COMMON, aggregate=Kind.CONTRACT, columns=INTEREST),
    Relation(
        "target", Kind.TARGET, PLANNED, "target", "target_id", {"team": "team_id", "rep": "owner_id"},
        around=PRORATED, columns={"day": "month"},
    ),
    Relation(
        "campaign_cost", Kind.SOURCE, "true", "campaign", "campaign_id", {"source": "source_id", "campaign": "campaign_id"},
        source="mart.campaign", around=CAMPAIGN_COST,
    ),
)  # fmt: skip
RELATIONS: Mapping[str, Relation] = {relation.name: relation for relation in ALL}


@dataclass(frozen=True, slots=True)
class Products:
    """What the product filter needs to know: each product's bit, and whether bits are shared."""

    bits: Mapping[int, int]

    @property
    def shared(self) -> bool:
        """Whether two products share a bit, so that the mask only preselects."""
        return len(self.bits) > 64

    def mask(self, ids: Iterable[int]) -> int:
        """The mask in which the bits of these products are set."""
        mask = 0
        for product_id in ids:
            if product_id in self.bits:
                mask |= 1 << (self.bits[product_id] % 64)
        return mask


def scoped(
    relation: Relation, scope: Scope, question: Question, products: Products, when: str | None = None
) -> tuple[str, dict[str, object]]:
    """SQL of the relation's rows that this person may see, in time and under the chosen values, and its parameters."""
    visible, values = _visible(relation, scope)
    phrases = [when or relation.when, visible]
    for name, ids in question.chosen.items():
        column = relation.filters.get(name)
        if column is None:
            continue
        if name == "product":
            values["product_mask"] = products.mask(ids)
            phrases.append("product_mask & $product_mask::ubigint <> 0")
            if products.shared:
                phrases.append("list_has_any(product_ids, $chosen_product)")
            continue
        if name == "status":
            values["chosen_status"] = [STATUSES[id].value for id in ids if id in STATUSES]
        elif len(ids) == 1:  # said so that what lies together of others is not read
            values[f"chosen_{name}"] = ids[0]
            phrases.append(f"{column} = $chosen_{name}")
            continue
        phrases.append(f"{column} = any($chosen_{name})")
    where = " and ".join(f"({phrase})" for phrase in phrases if phrase != "true")
    return f"select * from {relation.table}" + (f" where {where}" if where else ""), values


def lacking(relation: Relation, question: Question) -> tuple[str, ...]:
    """The chosen filters whose dimension this relation's facts do not have: its measures are shown as "–", with these as the reason."""
    return tuple(name for name in question.chosen if name not in relation.filters)


def sees(relation: Relation, scope: Scope) -> bool:
    """Whether the person sees any figure over this relation: what a campaign cost only who sees all of its leads."""
    if relation.name == "campaign_cost" and scope.over(Kind.LEAD) is not Reach.COMPANY:
        return False
    return scope.over(relation.kind) is not Reach.NOTHING or relation.kind in scope.aggregate


def is_aggregate(relation: Relation, scope: Scope) -> bool:
    """Whether the person sees figures over this relation but no single row of it."""
    if relation.aggregate is not None:
        return scope.over(relation.aggregate) is Reach.NOTHING and relation.aggregate in scope.aggregate
    return scope.over(relation.kind) is Reach.NOTHING and relation.kind in scope.aggregate


def lists(relation: Relation, scope: Scope) -> bool:
    """Whether the person may be shown single rows behind a figure: not where the reach is aggregate."""
    if not relation.record or not sees(relation, scope):
        return False
    if relation.aggregate is not None and scope.over(relation.aggregate) is Reach.NOTHING:
        return False
    return scope.over(relation.kind) is not Reach.NOTHING


def _visible(relation: Relation, scope: Scope) -> tuple[str, dict[str, object]]:
    if relation.aggregate is not None and scope.over(relation.aggregate) is Reach.NOTHING and relation.aggregate not in scope.aggregate:
        return "false", {}
    if scope.over(relation.kind) is Reach.NOTHING and relation.kind in scope.aggregate:
        return "true", {}
    phrase, values = scope.visible(relation.kind)
    return phrase, dict(values)
