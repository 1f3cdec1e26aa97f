"""Every measure, once: which rows of which relation count, and what each adds. Two reports never disagree about one.

Definitions: docs/glossary.md. The number on a page and the records behind it are two readings of the same two phrases. Rates and
differences are computed from shown measures after aggregation, never averaged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm.money import CENT, cents, from_cents, half_up, ratio
from crm.rules.intervals import Interval, doubtful
from crm.vocabulary import Unit
from dashboard.i18n import Lazy, _l
from dashboard.queries.relations import AT_END, RELATIONS, Relation


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with one meaning. `title` and `definition` are message ids; `over` the relation, `where` which of its rows count,
    `value` what each adds, `when` its rows in time where they differ from the relation's own, `fold` how they become one number."""

    key: str
    title: Lazy | str
    unit: Unit
    definition: Lazy
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

    @property
    def reader(self) -> Callable[[Any], Any]:
        """What reads a fetched number in the type of its unit: a sum over nothing is zero, a median over nothing none."""
        if not self.adds_up:
            return lambda value: value
        zero = self.zero
        if self.unit is Unit.MONEY:
            return lambda value: zero if value is None else value.quantize(CENT)
        return lambda value: zero if value is None else int(value)

    @property
    def adds_up(self) -> bool:
        """Whether the records' parts sum to the number (a median is only taken over them)."""
        return self.fold == "sum"


Number = Decimal | int | None


@dataclass(frozen=True, slots=True)
class Derived:
    """A number computed from shown measures: a rate, a difference. None where a part is missing or a base is zero.

    Without a `formula` it is known among all rows and not from one: whoever has the rows fills it in.
    `cases`, of a rate of numbers: how many hits out of how many cases a row's parts come to. An amount has no cases.
    `of_total`: a share, whose other part is the first one in the table's total.
    """

    key: str
    title: Lazy
    unit: Unit
    definition: Lazy
    parts: tuple[Measure, ...]
    formula: Callable[..., Number] | None
    cases: Callable[[Mapping[str, Any]], tuple[int | None, int | None]] | None = None
    of_total: bool = False

    def of(self, row: Mapping[str, Any]) -> Number:
        """The number for one row of a table."""
        return self.computer(row)

    @property
    def computer(self) -> Callable[[Mapping[str, Any]], Number]:
        """What computes the number of each row of a long table."""
        keys, formula = [part.key for part in self.parts], self.formula
        if formula is None:
            return lambda row: None

        def compute(row: Mapping[str, Any]) -> Number:
            values = [row[key] for key in keys]
            return None if None in values else formula(*values)

        return compute

    def interval(self, row: Mapping[str, Any]) -> Interval | None:
        """How sure the rate of this row is, where it is one over few cases."""
        return doubtful(*self.cases(row)) if self.cases and row.get(self.key) is not None else None


Figure = Measure | Derived


def parts_of(figure: Figure) -> tuple[Measure, ...]:
    """The measures that a figure is computed from: itself, or its parts."""
    return (figure,) if isinstance(figure, Measure) else figure.parts


def _money(key: str, title: Lazy, definition: Lazy, over: str, where: str = "true", value: str = "amount", when: str = "") -> Measure:
    return Measure(key, title, Unit.MONEY, definition, over, where, value, when)


def _count(key: str, title: Lazy, definition: Lazy, over: str, where: str = "true", when: str = "", value: str = "1") -> Measure:
    return Measure(key, title, Unit.COUNT, definition, over, where, value, when)


def _rate(key: str, title: Lazy, definition: Lazy, part: Measure, whole: Measure) -> Derived:
    counted = part.unit is Unit.COUNT
    return Derived(
        key, title, Unit.RATE, definition, (part, whole), ratio, (lambda row: (row[part.key], row[whole.key])) if counted else None
    )


def _of_both(key: str, title: Lazy, definition: Lazy, part: Measure, other: Measure) -> Derived:
    """The rate of one of two parts in both of them together."""

    def cases(row: Mapping[str, Any]) -> tuple[int, int]:
        return row[part.key], row[part.key] + row[other.key]

    def formula(one: Any, rest: Any) -> Number:
        return ratio(one, one + rest)

    return Derived(key, title, Unit.RATE, definition, (part, other), formula, cases if part.unit is Unit.COUNT else None)


# ── plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
TARGET = _money(
    "target_amount",
    _l("Target"),
    _l("Target of the months in the period, each by its share of days, half-up to the cent."),
    "target",
    value="part",
)

# ── opportunities ────────────────────────────────────────────────────────────────────────────────────────────────────────────
NEW_COUNT = _count("new_count", _l("New opportunities"), _l("Opportunities created in the period."), "created")
NEW_AMOUNT = _money(
    "new_amount", _l("New amount"), _l("Expected amount, when created, of the opportunities created in the period."), "created"
)
OPEN_COUNT = _count(
    "open_count", _l("Open opportunities"), _l("Opportunities that stand “following” at the end of the state day."), "open_then"
)
OPEN_AMOUNT = _money(
    "open_amount",
    _l("Open amount"),
    _l("Expected amount of the opportunities that stand “following” at the end of the state day."),
    "open_then",
)
PROBABLE_PART = "round(amount * probability, 2)"
WEIGHTED = _money(
    "weighted_amount",
    _l("Weighted pipeline"),
    _l("Open amounts × the probability of their stage, each rounded half-up to the cent."),
    "open_then",
    value=PROBABLE_PART,
)
WEIGHTED_INSIDE = _money(
    "weighted_inside_amount",
    _l("Weighted, closing in the period"),
    _l("Weighted amounts with an expected close after the state day and inside the period."),
    "open_then",
    where="expected_close_on > $state and expected_close_on >= $start and expected_close_on < $end",
    value=PROBABLE_PART,
)
SLIPPED = "expected_close_on < $state"
SLIPPED_COUNT = _count(
    "slipped_count",
    _l("Slipped opportunities"),
    _l("Still open at the end of the state day, expected to close before it."),
    "open_then",
    where=SLIPPED,
)
SLIPPED_AMOUNT = _money(
    "slipped_amount",
    _l("Slipped amount"),
    _l("Open amount of opportunities that were expected to close before the state day."),
    "open_then",
    where=SLIPPED,
)
OPEN_WITHOUT_AMOUNT = _count(
    "open_without_amount",
    _l("Open without an amount"),
    _l("Open opportunities whose expected amount is unknown: they count as 0 in amounts."),
    "open_then",
    where="not amount_known",
)

NEGLECTED = _l("Open, its latest of follow-up, assignment and creation more than the company's limit of days before the state day.")
NEGLECTED_COUNT = _count("neglected_count", _l("Neglected"), NEGLECTED, "neglected")
NEGLECTED_AMOUNT = _money("neglected_amount", _l("Neglected amount"), NEGLECTED, "neglected")

# ── the bridge: how open at the start became open at the end ─────────────────────────────────────────────────────────────────
BRIDGE_START = _money("bridge_start", _l("Open at the start"), _l("Open amount at the end of the day before the period."), "open_seen")
BRIDGE_END = _money(
    "bridge_end",
    _l("Open at the end"),
    _l("Open amount at the end of the period's last day, as far as the state day has come."),
    "open_seen",
    when=AT_END,
)


def _step(key: str, title: Lazy, definition: Lazy, value: str = "delta") -> Measure:
    return _money(f"bridge_{key}", title, definition, "pipeline_change", f"step = '{key}'", value)


BRIDGE_RISING = (
    _step("new", _l("+ New"), _l("Open amount of the opportunities created in the period, as created.")),
    _step("reopened", _l("+ Reopened"), _l("Open amount just after they were reopened; a void that reopens counts as reopened.")),
    _step("grown", _l("+ Grown"), _l("By how much expected amounts were raised in the period.")),
    _step("received", _l("+ Received from others"), _l("Open amount of the opportunities that came from another holder.")),
)
BRIDGE_FALLING = (
    _step("shrunk", _l("− Shrunk"), _l("By how much expected amounts were lowered in the period."), "-delta"),
    _step("won", _l("− Won"), _l("Open amount, just before, of the opportunities that were won."), "-delta"),
    _step("lost", _l("− Lost"), _l("Open amount, just before, of the opportunities that were lost."), "-delta"),
    _step("stopped", _l("− Stopped"), _l("Open amount, just before, of the opportunities that were stopped."), "-delta"),
    _step("given", _l("− Given to others"), _l("Open amount of the opportunities that went to another holder."), "-delta"),
)
PULLED_IN = _count(
    "pulled_in_count",
    _l("Pulled in"),
    _l("How often an expected date was moved to an earlier day in the period."),
    "pipeline_change",
    "step = 'pulled_in'",
)
PUSHED_OUT = _count(
    "pushed_out_count",
    _l("Pushed out"),
    _l("How often an expected date was moved to a later day in the period."),
    "pipeline_change",
    "step = 'pushed_out'",
)
DATE_MOVES = _count(
    "date_moves",
    _l("Moves of the expected date"),
    _l("How often an expected date was moved in the period, to an earlier or a later day."),
    "pipeline_change",
    "step in ('pulled_in', 'pushed_out')",
)

# ── how opportunities ended ──────────────────────────────────────────────────────────────────────────────────────────────────


def _closing(status: str, title: Lazy, amount_title: Lazy, definition: Lazy, over: str = "closed") -> tuple[Measure, Measure]:
    where = f"status = '{status}'"
    return _count(f"{status}_count", title, definition, over, where), _money(f"{status}_amount", amount_title, definition, over, where)


WON_COUNT, WON_AMOUNT = _closing(
    "won",
    _l("Won opportunities"),
    _l("Won amount"),
    _l("Opportunities won in the period: the date and amount of their valid contract."),
    "won",
)
LOST_COUNT, LOST_AMOUNT = _closing(
    "lost",
    _l("Lost opportunities"),
    _l("Lost amount"),
    _l("Opportunities lost in the period and not reopened by the state day; expected amount at closing."),
)
STOPPED_COUNT, STOPPED_AMOUNT = _closing(
    "stopped",
    _l("Stopped opportunities"),
    _l("Stopped amount"),
    _l("Opportunities stopped in the period and not reopened by the state day; expected amount at closing."),
)
NOT_WON = "status in ('lost', 'stopped')"
NOT_WON_COUNT = _count(
    "not_won_count",
    _l("Lost and stopped"),
    _l("Opportunities lost or stopped in the period and not reopened by the state day."),
    "closed",
    NOT_WON,
)
NOT_WON_AMOUNT = _money(
    "not_won_amount",
    _l("Lost and stopped amount"),
    _l("Expected amount at closing of the opportunities lost or stopped in the period."),
    "closed",
    NOT_WON,
)
LOSS_WITHOUT_AMOUNT = _count(
    "not_won_without_amount",
    _l("Lost and stopped without an amount"),
    _l("Lost or stopped opportunities whose expected amount is unknown: they count as 0 in amounts."),
    "closed",
    f"{NOT_WON} and not amount_known",
)
LOST_LINE_AMOUNT = _money(
    "lost_amount", _l("Lost amount"), _l("Lost amount, split by the products of the opportunity."), "closed_line", "status = 'lost'"
)
STOPPED_LINE_AMOUNT = _money(
    "stopped_amount",
    _l("Stopped amount"),
    _l("Stopped amount, split by the products of the opportunity."),
    "closed_line",
    "status = 'stopped'",
)
NOT_WON_LINE_COUNT = _count(
    "not_won_count",
    _l("Lost and stopped"),
    _l("Opportunities lost or stopped with this product; one with several products counts in each row."),
    "closed_line",
    NOT_WON,
)
NOT_WON_LINE_AMOUNT = _money(
    "not_won_amount",
    _l("Lost and stopped amount"),
    _l("Lost and stopped amount, split by the products of the opportunity."),
    "closed_line",
    NOT_WON,
)
WIN_RATE = _of_both("win_rate", _l("Win rate"), _l("Won / (won + lost), by number."), WON_COUNT, LOST_COUNT)
WIN_RATE_BY_AMOUNT = _of_both("win_rate_by_amount", _l("Win rate by amount"), _l("Won / (won + lost), by amount."), WON_AMOUNT, LOST_AMOUNT)
CYCLE_MEDIAN = Measure(
    "cycle_median_days",
    _l("Median sales cycle"),
    Unit.DAYS,
    _l("Median of the days from creation to the contract's date, of the opportunities won in the period."),
    "won",
    value="cycle_days",
    fold="median",
)
CYCLE_DAYS = _count(
    "cycle_days",
    _l("Days of all sales cycles"),
    _l("Days from creation to the contract's date, summed over the opportunities won in the period."),
    "won",
    value="cycle_days",
)
CYCLE_MEAN = Derived(
    "cycle_mean_days",
    _l("Mean sales cycle"),
    Unit.DAYS,
    _l("Mean of the days from creation to the contract's date, of the opportunities won in the period."),
    (CYCLE_DAYS, WON_COUNT),
    ratio,
)

# ── work with customers ──────────────────────────────────────────────────────────────────────────────────────────────────────
FOLLOW_UPS = _count("followup_count", _l("Follow-ups"), _l("Follow-ups written in the period."), "follow_up")

# ── competition ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
ENCOUNTERS = _count(
    "encounters",
    _l("Encounters"),
    _l("Opportunities whose first record against that competitor lies in the period; in a total each counts once."),
    "encounter",
)


def _encounters(status: str, key: str, title: Lazy) -> Measure:
    definition = _l("Of these encounters: by the status of the opportunity at the end of the state day.")
    return _count(f"encounters_{key}", title, definition, "encounter", f"status = '{status}'")


ENCOUNTERS_WON = _encounters("won", "won", _l("Encounters won"))
ENCOUNTERS_LOST = _encounters("lost", "lost", _l("Encounters lost"))
ENCOUNTERS_STOPPED = _encounters("stopped", "stopped", _l("Encounters stopped"))
ENCOUNTERS_OPEN = _encounters("following", "open", _l("Encounters still open"))
AT_STAKE = _money(
    "at_stake_amount",
    _l("At stake"),
    _l("Expected amount of the encounters that are still open at the end of the state day."),
    "encounter",
    "status = 'following'",
)
ENCOUNTERS_WIN_RATE = _of_both(
    "encounters_win_rate", _l("Win rate against them"), _l("Encounters won / (won + lost)."), ENCOUNTERS_WON, ENCOUNTERS_LOST
)
COMPETITION_RECORDS = _count(
    "competition_records", _l("Competition records"), _l("Competition records whose day lies in the period."), "competition"
)
PRICED = "their_unit_price is not null and our_unit_price is not null"
PRICED_RECORDS = _count(
    "priced_records", _l("Records with both prices"), _l("Competition records with their unit price and ours."), "competition", PRICED
)
PRICE_DIFFERENCES = _money(
    "price_differences",
    _l("Sum of price differences"),
    _l("Their unit price − ours, after discount, in the latest quote by the end of the state day."),
    "competition",
    PRICED,
    "their_unit_price - our_unit_price",
)
STRENGTHS = _count(
    "strength_count",
    _l("Named as our strength"),
    _l("How often competition records of the period name it as our strength."),
    "competition_factor",
    "side = 'strength'",
)
WEAKNESSES = _count(
    "weakness_count",
    _l("Named as our weakness"),
    _l("How often competition records of the period name it as our weakness."),
    "competition_factor",
    "side = 'weakness'",
)

# ── contracts and money ──────────────────────────────────────────────────────────────────────────────────────────────────────
SIGNED_COUNT = _count("signed_count", _l("Signings"), _l("Valid contracts signed in the period."), "signed")
SIGNED_AMOUNT = _money(
    "signed_amount",
    _l("Signed amount"),
    _l("Amount, as amended up to the state day, of the valid contracts signed in the period."),
    "signed",
)
RANKED_AMOUNT = _money(
    "ranked_amount", _l("Signed amount in the ranking"), _l("Signed amount of everybody, as the ranking lists show it."), "ranking"
)


def _place(key: str, title: Lazy, definition: Lazy) -> Derived:
    return Derived(key, title, Unit.COUNT, definition, (SIGNED_AMOUNT,), None)


RANK_IN_TEAM = _place("rank_in_team", _l("Rank in the team"), _l("By signed amount in the team; equal amounts share a rank."))
RANK_IN_COMPANY = _place("rank_in_company", _l("Rank in the company"), _l("By signed amount in the company; equal amounts share a rank."))
RANK_MOVEMENT = _place(
    "rank_movement", _l("Movement"), _l("Ranks in the company that were gained (below zero: lost) since the compared period.")
)
SOLD_AMOUNT = _money(
    "sold_amount", _l("Sold amount"), _l("Lines, after discount, of the valid contracts signed in the period."), "signed_line"
)
RECEIVED = _money("received_amount", _l("Received"), _l("Receipts in the period, refunds being negative."), "received")
IN_PROGRESS = "status = 'in_progress'"
CONTRACT_COUNT = _count(
    "contract_count", _l("Number of contracts"), _l("Contracts in progress at the end of the state day."), "balance", IN_PROGRESS
)
CONTRACT_AMOUNT = _money(
    "contract_amount", _l("Contract amount"), _l("Amount, as amended, of the contracts in progress."), "balance", IN_PROGRESS
)
RECEIVED_TO_DATE = _money(
    "received_to_date",
    _l("Received to date"),
    _l("Receipts up to the state day, refunds being negative."),
    "balance",
    IN_PROGRESS,
    "received",
)
OUTSTANDING = _money(
    "outstanding_amount", _l("Outstanding"), _l("Contract amount − received to date, not below 0."), "balance", IN_PROGRESS, "outstanding"
)
PREPAID = _money("prepaid_amount", _l("Prepaid"), _l("Received beyond the contract amount."), "balance", IN_PROGRESS, "prepaid")
WITHOUT_PLAN = _count(
    "without_plan",
    _l("Without a payment plan"),
    _l("Contracts in progress that have no payment plan: nothing of them is due."),
    "balance",
    f"{IN_PROGRESS} and not has_plan",
)
DUE = _money(
    "due_amount", _l("Due"), _l("Instalments due on or before the state day."), "instalment_state", f"{IN_PROGRESS} and due_on <= $state"
)
DUE_INSIDE = "due_on >= $start and due_on < $end"
DUE_IN_PERIOD = _money(
    "due_in_period",
    _l("Due in the period"),
    _l("Instalments whose due date lies in the period, of all contracts that stand at the end of the state day."),
    "instalment_state",
    DUE_INSIDE,
)
MET_IN_PERIOD = _money(
    "met_in_period",
    _l("Of these: met"),
    _l("What receipts have met, by the end of the state day, of the instalments whose due date lies in the period."),
    "instalment_state",
    DUE_INSIDE,
    "met",
)
MET_RATE = _rate("met_rate", _l("Collection progress"), _l("Met / due in the period."), MET_IN_PERIOD, DUE_IN_PERIOD)
NOT_YET_DUE = _money(
    "not_yet_due",
    _l("Not yet due"),
    _l("Unpaid parts of the instalments due on the state day or later."),
    "instalment_state",
    f"{IN_PROGRESS} and due_on >= $state",
    "open",
)
NEXT_DUE = Measure(
    "next_due_on",
    _l("Next due date"),
    Unit.DAY,
    _l("The earliest due date, on the state day or later, of an instalment that is not fully met."),
    "instalment_state",
    f"{IN_PROGRESS} and due_on >= $state and open > 0",
    "due_on",
    fold="min",
)
DAYS_LATE = Measure(
    "days_late",
    _l("Most days late"),
    Unit.DAYS,
    _l("Days from the due date to the day on which the instalment was fully met, or else to the state day; of several the most."),
    "instalment_state",
    f"{IN_PROGRESS} and due_on < coalesce(met_on, $state)",
    "coalesce(met_on, $state) - due_on",
    fold="max",
)
LATE = f"{IN_PROGRESS} and due_on < $state and open > 0"
OVERDUE = _money(
    "overdue_amount", _l("Overdue"), _l("Unpaid parts of the instalments due before the state day."), "instalment_state", LATE, "open"
)


def _ageing(key: str, title: Lazy, days: str) -> Measure:
    definition = _l("Overdue, by the days that have passed since the due date.")
    return _money(key, title, definition, "instalment_state", f"{LATE} and $state - due_on {days}", "open")


AGEING = (
    _ageing("ageing_1_30", _l("1–30 days"), "between 1 and 30"),
    _ageing("ageing_31_60", _l("31–60 days"), "between 31 and 60"),
    _ageing("ageing_61_90", _l("61–90 days"), "between 61 and 90"),
    _ageing("ageing_over_90", _l("Over 90 days"), "> 90"),
)


@dataclass(frozen=True, slots=True)
class Accounts:
    """What stands on the accounts of the contracts that a table of collections lists, whatever their status."""

    amount: Measure
    received: Measure
    last_receipt: Measure


COLLECTED = Accounts(
    _money("contract_amount", _l("Contract amount"), _l("Amount of the contracts, as amended up to the state day."), "collected"),
    _money(
        "received_to_date",
        _l("Received to date"),
        _l("Receipts up to the state day, refunds being negative."),
        "collected",
        value="received",
    ),
    Measure(
        "last_receipt_on",
        _l("Last receipt"),
        Unit.DAY,
        _l("Day of the last money that came in, up to the state day."),
        "collected",
        "last_receipt_on is not null",
        "last_receipt_on",
        fold="max",
    ),
)
OWING_COUNT = _count(
    "owing_count",
    _l("Contracts with something outstanding"),
    _l("Contracts on which something is outstanding at the end of the state day."),
    "balance",
    f"{IN_PROGRESS} and outstanding > 0",
)
COST = _money("cost_amount", _l("Cost"), _l("Costs up to the state day."), "cost_state", IN_PROGRESS)
MARGIN = Derived(
    "margin_amount",
    _l("Gross margin"),
    Unit.MONEY,
    _l("Contract amount − cost."),
    (CONTRACT_AMOUNT, COST),
    lambda amount, cost: amount - cost,
)
MARGIN_RATE = Derived(
    "margin_rate",
    _l("Margin rate"),
    Unit.RATE,
    _l("Gross margin / contract amount."),
    (CONTRACT_AMOUNT, COST),
    lambda amount, cost: ratio(amount - cost, amount),
)
SURPLUS = Derived(
    "received_less_cost",
    _l("Received − cost"),
    Unit.MONEY,
    _l("Received to date − cost."),
    (RECEIVED_TO_DATE, COST),
    lambda received, cost: received - cost,
)

# ── plan against what happened ───────────────────────────────────────────────────────────────────────────────────────────────
GAP = Derived("gap_amount", _l("Gap"), Unit.MONEY, _l("Target − signed."), (TARGET, SIGNED_AMOUNT), lambda target, signed: target - signed)
COMPLETION = _rate("completion_rate", _l("Completion"), _l("Signed / target."), SIGNED_AMOUNT, TARGET)
PROJECTED = Derived(
    "projected_completion",
    _l("Projected completion"),
    Unit.RATE,
    _l("(Signed + weighted amounts closing after the state day and inside the period) / target."),
    (SIGNED_AMOUNT, WEIGHTED_INSIDE, TARGET),
    lambda signed, weighted, target: ratio(signed + weighted, target),
)

# ── leads ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
IS_CONVERTED = "converted_on <= $state"
IS_FAILED = "failed_on <= $state"
IS_OPEN = f"not coalesce({IS_CONVERTED}, false) and not coalesce({IS_FAILED}, false)"
IS_HANDLED = "coalesce(first_handled_on <= $state, false)"
LEADS = _count("leads", _l("Leads"), _l("Leads that arrived in the period."), "lead")
CONVERTED = _count(
    "converted", _l("Converted leads"), _l("Of the leads that arrived in the period: converted by the state day."), "lead", IS_CONVERTED
)
FAILED = _count("failed", _l("Failed"), _l("Of the leads that arrived in the period: failed by the state day."), "lead", IS_FAILED)
WORKING = _count(
    "working",
    _l("Working"),
    _l("Of the leads that arrived in the period: handled, neither converted nor failed by the state day."),
    "lead",
    f"{IS_OPEN} and {IS_HANDLED}",
)
UNPROCESSED = _count(
    "unprocessed",
    _l("Unprocessed"),
    _l("Of the leads that arrived in the period: nobody has done anything by the state day."),
    "lead",
    f"{IS_OPEN} and not {IS_HANDLED}",
)
CONVERSIONS = _count(
    "conversions",
    _l("Conversions"),
    _l("Leads converted in the period, whenever they arrived."),
    "lead",
    when="converted_on >= $start and converted_on < $end and converted_on <= $state",
)
CONVERSION_RATE = _rate("conversion_rate", _l("Conversion rate"), _l("Converted / leads."), CONVERTED, LEADS)
CONVERSION_DAYS = Measure(
    "conversion_median_days",
    _l("Median days to conversion"),
    Unit.DAYS,
    _l("Median of the days from arrival to conversion, of the converted leads."),
    "lead",
    IS_CONVERTED,
    "converted_on - day",
    fold="median",
)
COHORT_WON = _count(
    "cohort_won_count",
    _l("Became signings"),
    _l("Of the leads that arrived in the period: won, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'won'",
)
COHORT_SIGNED = _money(
    "cohort_signed_amount",
    _l("Became signed"),
    _l("Of the leads that arrived in the period: signed amount, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'signed'",
)
COHORT_RECEIVED = _money(
    "cohort_received_amount",
    _l("Became received"),
    _l("Of the leads that arrived in the period: received amount, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'received'",
)
CAMPAIGN_COST = _money(
    "campaign_cost",
    _l("Campaign cost"),
    _l("Cost of the campaigns, each by its share of days in the period, half-up to the cent."),
    "campaign_cost",
    value="part",
)


def _per(cost: Decimal, number: int) -> Decimal | None:
    return from_cents(half_up(cents(cost), number)) if number else None


PRICE_DIFFERENCE = Derived(
    "price_difference",
    _l("Mean price difference"),
    Unit.MONEY,
    _l("Mean of their unit price − ours, after discount, in the latest quote; below zero: they are cheaper."),
    (PRICE_DIFFERENCES, PRICED_RECORDS),
    _per,
)
COST_PER_LEAD = Derived("cost_per_lead", _l("Cost per lead"), Unit.MONEY, _l("Campaign cost / leads."), (CAMPAIGN_COST, LEADS), _per)
COST_PER_SIGNING = Derived(
    "cost_per_signing",
    _l("Cost per signing"),
    Unit.MONEY,
    _l("Campaign cost / leads that became signings."),
    (CAMPAIGN_COST, COHORT_WON),
    _per,
)
