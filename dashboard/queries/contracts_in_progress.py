"""Contracts in progress 在建合同收款及成本总汇表: what is due, received, outstanding and spent on each contract that is not finished.

Grain of `main`: one row per customer and contract in progress at the end of the state day, costs by category; `customers`, `teams`: the
same sums by customer and by team (drill: `reps`); `ageing`: overdue by the days past due, per team.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.margins import COST, MARGIN, MARGIN_RATE, SURPLUS
from dashboard.queries.measures.receivables import AGEING, CONTRACT_AMOUNT, CONTRACT_COUNT, DUE, OUTSTANDING, OVERDUE, RECEIVED_TO_DATE
from dashboard.queries.report import Report, View

MONEY = (CONTRACT_AMOUNT, DUE, RECEIVED_TO_DATE, OUTSTANDING, OVERDUE)
MARGINS = (COST, MARGIN, MARGIN_RATE, SURPLUS)

REPORT = Report(
    key="contracts_in_progress",
    title=_l("Contracts in progress"),
    question=_l("What is due, received, outstanding and spent on the contracts that are not finished?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE, Role.FINANCE}),
    headline=(CONTRACT_COUNT, CONTRACT_AMOUNT, RECEIVED_TO_DATE, OUTSTANDING, OVERDUE, MARGIN),
    views=(
        View(
            "main", _l("By contract"), ("customer", "contract"), (*MONEY, *MARGINS),
            order="outstanding_amount", paged=True, pivot=("cost_category", (COST,)),
        ),
        View("teams", _l("By team"), ("team",), (CONTRACT_COUNT, *MONEY, *MARGINS), order="outstanding_amount"),
        View("reps", _l("By rep"), ("team", "rep"), (CONTRACT_COUNT, *MONEY, *MARGINS), order="outstanding_amount"),
        View("customers", _l("By customer"), ("customer",), (CONTRACT_COUNT, *MONEY, *MARGINS), order="outstanding_amount", paged=True),
        View("costs", _l("Costs by category"), ("cost_category",), (COST,), order="cost_amount"),
        View("ageing", _l("Ageing by team"), ("team",), (OVERDUE, *AGEING), order="overdue_amount"),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer"),
    opens={"teams": "reps", "reps": "main", "ageing": "main"},
)  # fmt: skip
