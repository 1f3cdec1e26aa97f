"""Every measure, once: which rows of which relation count, and what each adds. Two reports never disagree about one.

Definitions: docs/glossary.md. The number on a page and the records behind it are two readings of the same two phrases. Rates and
differences are computed from shown measures after aggregation, never averaged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm.money import CENT, cents, from_cents, half_up, ratio
from crm.vocabulary import N_, Unit
from dashboard.queries.relations import RELATIONS, Relation


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with one meaning. `title` and `definition` are message ids; `over` the relation, `where` which of its rows count,
    `value` what each adds, `when` its rows in time where they differ from the relation's own, `fold` how they become one number."""

    key: str
    title: str
    unit: Unit
    definition: str
    over: str
    where: str = "true"
    value: str = "1"
    when: str = ""
    fold: str = "sum"

    @property
    def relation(self) -> Relation:
        """The relation whose rows count."""
        return RELATIONS[self.over]

    @property
    def time(self) -> str:
        """Which rows in time."""
        return self.when or self.relation.when

    @property
    def number(self) -> str:
        """The number, as a phrase over the relation's rows."""
        return f"{self.fold}({self.value})" + ("" if self.where == "true" else f" filter (where {self.where})") + f" as {self.key}"

    @property
    def zero(self) -> Decimal | int:
        """The number over no rows."""
        return Decimal("0.00") if self.unit is Unit.MONEY else 0

    def exact(self, value: Any) -> Any:
        """A fetched number in the type of its unit: sums of counts arrive as whole numbers of another width."""
        return value.quantize(CENT) if self.unit is Unit.MONEY else int(value)

    @property
    def adds_up(self) -> bool:
        """Whether the records' parts sum to the number (a median is only taken over them)."""
        return self.fold == "sum"


Number = Decimal | int | None


@dataclass(frozen=True, slots=True)
class Derived:
    """A number computed from shown measures: a rate, a difference. None where a part is missing or a base is zero."""

    key: str
    title: str
    unit: Unit
    definition: str
    parts: tuple[Measure, ...]
    formula: Callable[..., Number]

    def of(self, row: Mapping[str, Any]) -> Number:
        """The number for one row of a table."""
        values = [row[part.key] for part in self.parts]
        return None if any(value is None for value in values) else self.formula(*values)


Figure = Measure | Derived


def parts_of(figure: Figure) -> tuple[Measure, ...]:
    """The measures that a figure is computed from: itself, or its parts."""
    return (figure,) if isinstance(figure, Measure) else figure.parts


def _money(key: str, title: str, definition: str, over: str, where: str = "true", value: str = "amount", when: str = "") -> Measure:
    return Measure(key, title, Unit.MONEY, definition, over, where, value, when)


def _count(key: str, title: str, definition: str, over: str, where: str = "true", when: str = "") -> Measure:
    return Measure(key, title, Unit.COUNT, definition, over, where, "1", when)


def _rate(key: str, title: str, definition: str, part: Measure, whole: Measure) -> Derived:
    return Derived(key, title, Unit.RATE, definition, (part, whole), ratio)


# ── plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
TARGET = _money(
    "target_amount",
    N_("Target"),
    N_("Target of the months in the period, each by its share of days, half-up to the cent."),
    "target",
    value="part",
)

# ── opportunities ────────────────────────────────────────────────────────────────────────────────────────────────────────────
NEW_COUNT = _count("new_count", N_("New opportunities"), N_("Opportunities created in the period."), "created")
NEW_AMOUNT = _money(
    "new_amount", N_("New amount"), N_("Expected amount, when created, of the opportunities created in the period."), "created"
)
OPEN_COUNT = _count(
    "open_count", N_("Open opportunities"), N_("Opportunities that stand “following” at the end of the state day."), "open_then"
)
OPEN_AMOUNT = _money(
    "open_amount",
    N_("Open amount"),
    N_("Expected amount of the opportunities that stand “following” at the end of the state day."),
    "open_then",
)
PROBABLE_PART = "round(amount * probability, 2)"
WEIGHTED = _money(
    "weighted_amount",
    N_("Weighted pipeline"),
    N_("Open amounts × the probability of their stage, each rounded half-up to the cent."),
    "open_then",
    value=PROBABLE_PART,
)
WEIGHTED_INSIDE = _money(
    "weighted_inside_amount",
    N_("Weighted, closing in the period"),
    N_("Weighted amounts with an expected close after the state day and inside the period."),
    "open_then",
    where="expected_close_on > $state and expected_close_on < $end",
    value=PROBABLE_PART,
)
SLIPPED = "expected_close_on < $state"
SLIPPED_COUNT = _count(
    "slipped_count",
    N_("Slipped opportunities"),
    N_("Still open at the end of the state day, expected to close before it."),
    "open_then",
    where=SLIPPED,
)
SLIPPED_AMOUNT = _money(
    "slipped_amount",
    N_("Slipped amount"),
    N_("Open amount of opportunities that were expected to close before the state day."),
    "open_then",
    where=SLIPPED,
)
OPEN_WITHOUT_AMOUNT = _count(
    "open_without_amount",
    N_("Open without an amount"),
    N_("Open opportunities whose expected amount is unknown: they count as 0 in amounts."),
    "open_then",
    where="not amount_known",
)


def _closing(status: str, title: str, amount_title: str, definition: str) -> tuple[Measure, Measure]:
    where = f"status = '{status}'"
    return _count(f"{status}_count", title, definition, "closed", where), _money(
        f"{status}_amount", amount_title, definition, "closed", where
    )


WON_COUNT, WON_AMOUNT = _closing(
    "won", N_("Won"), N_("Won amount"), N_("Opportunities won in the period: the date and amount of their valid contract.")
)
LOST_COUNT, LOST_AMOUNT = _closing(
    "lost",
    N_("Lost"),
    N_("Lost amount"),
    N_("Opportunities lost in the period and not reopened by the state day; expected amount at closing."),
)
STOPPED_COUNT, STOPPED_AMOUNT = _closing(
    "stopped",
    N_("Stopped"),
    N_("Stopped amount"),
    N_("Opportunities stopped in the period and not reopened by the state day; expected amount at closing."),
)
NOT_WON = "status in ('lost', 'stopped')"
NOT_WON_COUNT = _count(
    "not_won_count",
    N_("Lost and stopped"),
    N_("Opportunities lost or stopped in the period and not reopened by the state day."),
    "closed",
    NOT_WON,
)
NOT_WON_AMOUNT = _money(
    "not_won_amount",
    N_("Lost and stopped amount"),
    N_("Expected amount at closing of the opportunities lost or stopped in the period."),
    "closed",
    NOT_WON,
)
LOSS_WITHOUT_AMOUNT = _count(
    "not_won_without_amount",
    N_("Lost and stopped without an amount"),
    N_("Lost or stopped opportunities whose expected amount is unknown: they count as 0 in amounts."),
    "closed",
    f"{NOT_WON} and not amount_known",
)
LOST_LINE_AMOUNT = _money(
    "lost_amount", N_("Lost amount"), N_("Lost amount, split by the products of the opportunity."), "closed_line", "status = 'lost'"
)
STOPPED_LINE_AMOUNT = _money(
    "stopped_amount",
    N_("Stopped amount"),
    N_("Stopped amount, split by the products of the opportunity."),
    "closed_line",
    "status = 'stopped'",
)
NOT_WON_LINE_COUNT = _count(
    "not_won_count",
    N_("Lost and stopped"),
    N_("Opportunities lost or stopped with this product; one with several products counts in each row."),
    "closed_line",
    NOT_WON,
)
NOT_WON_LINE_AMOUNT = _money(
    "not_won_amount",
    N_("Lost and stopped amount"),
    N_("Lost and stopped amount, split by the products of the opportunity."),
    "closed_line",
    NOT_WON,
)
WIN_RATE = Derived(
    "win_rate",
    N_("Win rate"),
    Unit.RATE,
    N_("Won / (won + lost), by number."),
    (WON_COUNT, LOST_COUNT),
    lambda won, lost: ratio(won, won + lost),
)

# ── contracts and money ──────────────────────────────────────────────────────────────────────────────────────────────────────
SIGNED_COUNT = _count("signed_count", N_("Signings"), N_("Valid contracts signed in the period."), "signed")
SIGNED_AMOUNT = _money(
    "signed_amount", N_("Signed"), N_("Amount, as amended up to the state day, of the valid contracts signed in the period."), "signed"
)
SOLD_AMOUNT = _money(
    "sold_amount", N_("Sold amount"), N_("Lines, after discount, of the valid contracts signed in the period."), "signed_line"
)
RECEIVED = _money("received_amount", N_("Received"), N_("Receipts in the period, refunds being negative."), "received")
IN_PROGRESS = "status = 'in_progress'"
CONTRACT_COUNT = _count(
    "contract_count", N_("Contracts in progress"), N_("Contracts in progress at the end of the state day."), "balance", IN_PROGRESS
)
CONTRACT_AMOUNT = _money(
    "contract_amount", N_("Contract amount"), N_("Amount, as amended, of the contracts in progress."), "balance", IN_PROGRESS
)
RECEIVED_TO_DATE = _money(
    "received_to_date",
    N_("Received to date"),
    N_("Receipts up to the state day, refunds being negative."),
    "balance",
    IN_PROGRESS,
    "received",
)
OUTSTANDING = _money(
    "outstanding_amount", N_("Outstanding"), N_("Contract amount − received to date, not below 0."), "balance", IN_PROGRESS, "outstanding"
)
PREPAID = _money("prepaid_amount", N_("Prepaid"), N_("Received beyond the contract amount."), "balance", IN_PROGRESS, "prepaid")
WITHOUT_PLAN = _count(
    "without_plan",
    N_("Without a payment plan"),
    N_("Contracts in progress that have no payment plan: nothing of them is due."),
    "balance",
    f"{IN_PROGRESS} and not has_plan",
)
DUE = _money(
    "due_amount", N_("Due"), N_("Instalments due on or before the state day."), "instalment_state", f"{IN_PROGRESS} and due_on <= $state"
)
DUE_IN_PERIOD = _money(
    "due_in_period",
    N_("Due in the period"),
    N_("Instalments whose due date lies in the period."),
    "instalment_state",
    f"{IN_PROGRESS} and due_on >= $start and due_on < $end",
)
LATE = f"{IN_PROGRESS} and due_on < $state and open > 0"
OVERDUE = _money(
    "overdue_amount", N_("Overdue"), N_("Unpaid parts of the instalments due before the state day."), "instalment_state", LATE, "open"
)


def _ageing(key: str, title: str, days: str) -> Measure:
    definition = N_("Overdue, by the days that have passed since the due date.")
    return _money(key, title, definition, "instalment_state", f"{LATE} and $state - due_on {days}", "open")


AGEING = (
    _ageing("ageing_1_30", N_("1–30 days"), "between 1 and 30"),
    _ageing("ageing_31_60", N_("31–60 days"), "between 31 and 60"),
    _ageing("ageing_61_90", N_("61–90 days"), "between 61 and 90"),
    _ageing("ageing_over_90", N_("Over 90 days"), "> 90"),
)
COST = _money("cost_amount", N_("Cost"), N_("Costs up to the state day."), "cost_state", IN_PROGRESS)
MARGIN = Derived(
    "margin_amount",
    N_("Gross margin"),
    Unit.MONEY,
    N_("Contract amount − cost."),
    (CONTRACT_AMOUNT, COST),
    lambda amount, cost: amount - cost,
)
MARGIN_RATE = Derived(
    "margin_rate",
    N_("Margin rate"),
    Unit.RATE,
    N_("Gross margin / contract amount."),
    (CONTRACT_AMOUNT, COST),
    lambda amount, cost: ratio(amount - cost, amount),
)
SURPLUS = Derived(
    "received_less_cost",
    N_("Received − cost"),
    Unit.MONEY,
    N_("Received to date − cost."),
    (RECEIVED_TO_DATE, COST),
    lambda received, cost: received - cost,
)

# ── plan against what happened ───────────────────────────────────────────────────────────────────────────────────────────────
GAP = Derived("gap_amount", N_("Gap"), Unit.MONEY, N_("Target − signed."), (TARGET, SIGNED_AMOUNT), lambda target, signed: target - signed)
COMPLETION = _rate("completion_rate", N_("Completion"), N_("Signed / target."), SIGNED_AMOUNT, TARGET)
PROJECTED = Derived(
    "projected_completion",
    N_("Projected completion"),
    Unit.RATE,
    N_("(Signed + weighted amounts closing after the state day and inside the period) / target."),
    (SIGNED_AMOUNT, WEIGHTED_INSIDE, TARGET),
    lambda signed, weighted, target: ratio(signed + weighted, target),
)

# ── leads ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
IS_CONVERTED = "converted_on <= $state"
IS_FAILED = "failed_on <= $state"
IS_OPEN = f"not coalesce({IS_CONVERTED}, false) and not coalesce({IS_FAILED}, false)"
IS_HANDLED = "coalesce(first_handled_on <= $state, false)"
LEADS = _count("leads", N_("Leads"), N_("Leads that arrived in the period."), "lead")
CONVERTED = _count(
    "converted", N_("Converted"), N_("Of the leads that arrived in the period: converted by the state day."), "lead", IS_CONVERTED
)
FAILED = _count("failed", N_("Failed"), N_("Of the leads that arrived in the period: failed by the state day."), "lead", IS_FAILED)
WORKING = _count(
    "working",
    N_("Working"),
    N_("Of the leads that arrived in the period: handled, neither converted nor failed by the state day."),
    "lead",
    f"{IS_OPEN} and {IS_HANDLED}",
)
UNPROCESSED = _count(
    "unprocessed",
    N_("Unprocessed"),
    N_("Of the leads that arrived in the period: nobody has done anything by the state day."),
    "lead",
    f"{IS_OPEN} and not {IS_HANDLED}",
)
CONVERSIONS = _count(
    "conversions",
    N_("Conversions"),
    N_("Leads converted in the period, whenever they arrived."),
    "lead",
    when="converted_on >= $start and converted_on < $end and converted_on <= $state",
)
CONVERSION_RATE = _rate("conversion_rate", N_("Conversion rate"), N_("Converted / leads."), CONVERTED, LEADS)
CONVERSION_DAYS = Measure(
    "conversion_median_days",
    N_("Median days to conversion"),
    Unit.DAYS,
    N_("Median of the days from arrival to conversion, of the converted leads."),
    "lead",
    IS_CONVERTED,
    "converted_on - day",
    fold="median",
)
COHORT_WON = _count(
    "cohort_won_count",
    N_("Became signings"),
    N_("Of the leads that arrived in the period: won, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'won'",
)
COHORT_SIGNED = _money(
    "cohort_signed_amount",
    N_("Became signed"),
    N_("Of the leads that arrived in the period: signed amount, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'signed'",
)
COHORT_RECEIVED = _money(
    "cohort_received_amount",
    N_("Became received"),
    N_("Of the leads that arrived in the period: received amount, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'received'",
)
CAMPAIGN_COST = _money(
    "campaign_cost",
    N_("Campaign cost"),
    N_("Cost of the campaigns, each by its share of days in the period, half-up to the cent."),
    "campaign_cost",
    value="part",
)


def _per(cost: Decimal, number: int) -> Decimal | None:
    return from_cents(half_up(cents(cost), number)) if number else None


COST_PER_LEAD = Derived("cost_per_lead", N_("Cost per lead"), Unit.MONEY, N_("Campaign cost / leads."), (CAMPAIGN_COST, LEADS), _per)
COST_PER_SIGNING = Derived(
    "cost_per_signing",
    N_("Cost per signing"),
    Unit.MONEY,
    N_("Campaign cost / leads that became signings."),
    (CAMPAIGN_COST, COHORT_WON),
    _per,
)
