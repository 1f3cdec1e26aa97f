"""What contracts are worth, what of it is due, received, overdue; refunds are negative receipts."""

from dataclasses import dataclass

from crm.vocabulary import Unit
from dashboard.i18n import Lazy, _l
from dashboard.queries.measure import Measure, count, money, place, rate

RECEIVED = money("received_amount", _l("Received"), _l("Receipts in the period, refunds being negative."), "received")
RANK_BY_RECEIVED = place(
    "rank_by_received",
    _l("Rank"),
    _l("By received amount, before team and rep filters; equal amounts share a rank. Customers are ranked within your reach."),
    RECEIVED,
)
IN_PROGRESS = "status = 'in_progress'"
CONTRACT_COUNT = count(
    "contract_count", _l("Number of contracts"), _l("Contracts in progress at the end of the state day."), "balance", IN_PROGRESS
)
CONTRACT_AMOUNT = money(
    "contract_amount", _l("Contract amount"), _l("Amount, as amended, of the contracts in progress."), "balance", IN_PROGRESS
)
RECEIVED_TO_DATE = money(
    "received_to_date",
    _l("Received to date"),
    _l("Receipts up to the state day, refunds being negative."),
    "balance",
    IN_PROGRESS,
    "received",
)
OUTSTANDING = money(
    "outstanding_amount", _l("Outstanding"), _l("Contract amount − received to date, not below 0."), "balance", IN_PROGRESS, "outstanding"
)
PREPAID = money("prepaid_amount", _l("Prepaid"), _l("Received beyond the contract amount."), "balance", IN_PROGRESS, "prepaid")
WITHOUT_PLAN = count(
    "without_plan",
    _l("Without a payment plan"),
    _l("Contracts in progress that have no payment plan: nothing of them is due."),
    "balance",
    f"{IN_PROGRESS} and not has_plan",
)
DUE = money(
    "due_amount", _l("Due"), _l("Instalments due on or before the state day."), "instalment_state", f"{IN_PROGRESS} and due_on <= $state"
)
DUE_INSIDE = "due_on >= $start and due_on < $end"
DUE_IN_PERIOD = money(
    "due_in_period",
    _l("Due in the period"),
    _l("Instalments whose due date lies in the period, of all contracts that stand at the end of the state day."),
    "instalment_state",
    DUE_INSIDE,
)
MET_IN_PERIOD = money(
    "met_in_period",
    _l("Of these: met"),
    _l("What receipts have met, by the end of the state day, of the instalments whose due date lies in the period."),
    "instalment_state",
    DUE_INSIDE,
    "met",
)
MET_RATE = rate("met_rate", _l("Share met"), _l("Met / due in the period."), MET_IN_PERIOD, DUE_IN_PERIOD)
NOT_YET_DUE = money(
    "not_yet_due",
    _l("Not yet due"),
    _l("Unpaid parts of the instalments due on the state day or later."),
    "instalment_state",
    f"{IN_PROGRESS} and due_on >= $state",
    "open",
)
DUE_SOON = money(
    "due_soon",
    _l("Due within 7 days"),
    _l("Unpaid parts of the instalments due on the state day or within the 7 days after it."),
    "instalment_state",
    f"{IN_PROGRESS} and due_on >= $state and due_on <= $state + 7 and open > 0",
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
    f"{IN_PROGRESS} and due_on < $state and due_on < coalesce(met_on, $state)",
    "coalesce(met_on, $state) - due_on",
    fold="max",
)
LATE = f"{IN_PROGRESS} and due_on < $state and open > 0"
OVERDUE = money(
    "overdue_amount", _l("Overdue"), _l("Unpaid parts of the instalments due before the state day."), "instalment_state", LATE, "open"
)


def _ageing(key: str, title: Lazy, days: str) -> Measure:
    definition = _l("Overdue, by the days that have passed since the due date.")
    return money(key, title, definition, "instalment_state", f"{LATE} and $state - due_on {days}", "open")


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
    money("contract_amount", _l("Contract amount"), _l("Amount of the contracts, as amended up to the state day."), "collected"),
    money(
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
OWING_COUNT = count(
    "owing_count",
    _l("Contracts with something outstanding"),
    _l("Contracts on which something is outstanding at the end of the state day."),
    "balance",
    f"{IN_PROGRESS} and outstanding > 0",
)
