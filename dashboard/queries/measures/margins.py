"""What contracts in progress have cost, and what is left of them."""

from crm.money import ratio
from crm.vocabulary import Unit
from dashboard.i18n import _l
from dashboard.queries.measure import Derived, money
from dashboard.queries.measures.receivables import CONTRACT_AMOUNT, IN_PROGRESS, RECEIVED_TO_DATE

COST = money("cost_amount", _l("Cost"), _l("Costs up to the state day."), "cost_state", IN_PROGRESS)
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
