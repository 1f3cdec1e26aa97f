"""Collection progress 收款进度分析: what was planned to come in, what has met it, and how late the rest is.

Grain of `main`: one row per instalment due in the period, beside the receipts that met it; `overdue`: one per instalment that is overdue
at the end of the state day, whenever it was due; `contracts`: one per customer and contract in progress; `teams` (drill: `reps`): what is
owed to whom; `months`: planned by due date against received by date of receipt.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.receivables import (
    AGEING,
    CONTRACT_AMOUNT,
    DAYS_LATE,
    DUE_IN_PERIOD,
    MET_IN_PERIOD,
    MET_RATE,
    NEXT_DUE,
    NOT_YET_DUE,
    OUTSTANDING,
    OVERDUE,
    PREPAID,
    RECEIVED,
    RECEIVED_TO_DATE,
    WITHOUT_PLAN,
)
from dashboard.queries.report import Listing, Report, View

OWED = (OUTSTANDING, NOT_YET_DUE, OVERDUE, *AGEING, DAYS_LATE)
OF_CONTRACTS = (CONTRACT_AMOUNT, RECEIVED_TO_DATE, *OWED, PREPAID, WITHOUT_PLAN)

REPORT = Report(
    key="collection_progress",
    title=_l("Collection progress"),
    question=_l("Which instalments were due, what has met them, and how late is the rest?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE, Role.FINANCE}),
    headline=(DUE_IN_PERIOD, MET_RATE, RECEIVED, OUTSTANDING, OVERDUE, DAYS_LATE),
    views=(
        Listing("main", _l("Instalments due in the period"), DUE_IN_PERIOD, order="due_on"),
        Listing("overdue", _l("Overdue instalments"), OVERDUE, order="days_late"),
        View("contracts", _l("By contract"), ("customer", "contract"), (*OF_CONTRACTS, NEXT_DUE), order="overdue_amount", paged=True),
        View("teams", _l("By team"), ("team",), OF_CONTRACTS, order="outstanding_amount"),
        View("reps", _l("By rep"), ("team", "rep"), OF_CONTRACTS, order="outstanding_amount"),
        View("months", _l("By month"), ("month",), (DUE_IN_PERIOD, MET_IN_PERIOD, MET_RATE, RECEIVED)),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer"),
    opens={"teams": "reps"},
)
