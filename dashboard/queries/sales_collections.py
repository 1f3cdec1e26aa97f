"""Collections 销售收款情况: what came in during the period, from whom, and what is still outstanding.

Grain of `main`: one row per customer and contract on which something came in during the period or is outstanding at the end of the state
day. Money that came in is a deed of the contract's signer, what is outstanding a state of its carer: the rankings are of deeds alone.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.receivables import (
    COLLECTED,
    DUE_IN_PERIOD,
    OUTSTANDING,
    OVERDUE,
    OWING_COUNT,
    RANK_BY_RECEIVED,
    RECEIVED,
)
from dashboard.queries.placed import Placed
from dashboard.queries.report import Report, View

ACCOUNTS = COLLECTED
RANKED = (RANK_BY_RECEIVED, RECEIVED)

REPORT = Report(
    key="sales_collections",
    title=_l("Collections"),
    question=_l("What came in, from whom, against what was due, and what is still outstanding?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE, Role.FINANCE}),
    headline=(RECEIVED, DUE_IN_PERIOD, OUTSTANDING, OVERDUE, OWING_COUNT),
    views=(
        View(
            "main", _l("By contract"), ("customer", "contract"),
            (ACCOUNTS.amount, RECEIVED, ACCOUNTS.received, OUTSTANDING, ACCOUNTS.last_receipt),
            order="received_amount", paged=True, population=(ACCOUNTS.amount, RECEIVED),
        ),
        Placed("teams", _l("By team"), ("team",), RANKED, order="received_amount", everyone=True),
        Placed("reps", _l("By rep"), ("team", "rep"), RANKED, order="received_amount", everyone=True),
        Placed("customers", _l("By customer"), ("customer",), RANKED, order="received_amount", paged=True),
        View("months", _l("By month"), ("month",), (RECEIVED, DUE_IN_PERIOD)),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer"),
    opens={"teams": "reps"},
)  # fmt: skip
