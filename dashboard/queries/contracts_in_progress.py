"""Contracts in progress 在建合同收款及成本总汇表: what is due, received, outstanding and spent on each contract that is not finished.

Grain of `main`: one row per customer and contract in progress at the end of the state day, costs by category; `customers`, `teams`: the
same sums by customer and by team; `ageing`: overdue by the days past due, per team.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries import measures as m
from dashboard.queries.report import Report, View

MONEY = (m.CONTRACT_AMOUNT, m.DUE, m.RECEIVED_TO_DATE, m.OUTSTANDING, m.OVERDUE)
MARGIN = (m.COST, m.MARGIN, m.MARGIN_RATE, m.SURPLUS)

REPORT = Report(
    key="contracts_in_progress",
    title=_l("Contracts in progress"),
    question=_l("What is due, received, outstanding and spent on the contracts that are not finished?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE, Role.FINANCE}),
    headline=(m.CONTRACT_COUNT, m.CONTRACT_AMOUNT, m.RECEIVED_TO_DATE, m.OUTSTANDING, m.OVERDUE, m.MARGIN),
    views=(
        View(
            "main", _l("By contract"), ("customer", "contract"), (*MONEY, *MARGIN),
            order="outstanding_amount", paged=True, pivot=("cost_category", (m.COST,)),
        ),
        View("teams", _l("By team"), ("team",), (m.CONTRACT_COUNT, *MONEY, *MARGIN), order="outstanding_amount"),
        View("customers", _l("By customer"), ("customer",), (m.CONTRACT_COUNT, *MONEY, *MARGIN), order="outstanding_amount", paged=True),
        View("costs", _l("Costs by category"), ("cost_category",), (m.COST,), order="cost_amount"),
        View("ageing", _l("Ageing by team"), ("team",), (m.OVERDUE, *m.AGEING), order="overdue_amount"),
    ),
    filters=("team", "rep", "product", "source", "customer"),
    opens={"teams": "main", "ageing": "main"},
)  # fmt: skip
