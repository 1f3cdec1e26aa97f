"""Team activity 销售团队工作情况: what each team began, signed and collected in the period, and how often it spoke with customers.

Grain of `main`: one row per team; `reps`: per rep. All of it are deeds: each counts for who did it then, whoever holds the record today.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.pipeline import FOLLOW_UPS, NEW_AMOUNT, NEW_COUNT
from dashboard.queries.measures.receivables import RECEIVED
from dashboard.queries.measures.signings import SIGNED_AMOUNT, SIGNED_COUNT
from dashboard.queries.report import Report, View

FIGURES = (NEW_COUNT, NEW_AMOUNT, SIGNED_COUNT, SIGNED_AMOUNT, RECEIVED, FOLLOW_UPS)

REPORT = Report(
    key="team_activity",
    title=_l("Team activity"),
    question=_l("What did each team begin, sign and collect, and how often did it speak with customers?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=FIGURES,
    views=(
        View("main", _l("By team"), ("team",), FIGURES, order="signed_amount", everyone=True),
        View("reps", _l("By rep"), ("team", "rep"), FIGURES, order="signed_amount", everyone=True),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer"),
    opens={"main": "reps"},
)
