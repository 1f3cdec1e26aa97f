"""Signing bulletin 签单快报: what was signed, by whom, and with which products.

`main`: every signing. `teams`, `reps`: ranked by signed amount, which all reps may read (ranking.py). Grain of `products`: one row per
product, by the contracts' lines after discount; contracts without lines are in the row "not stated", so the rows sum to the contracts.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.signings import RANK_BY_SOLD, RANK_IN_COMPANY, SIGNED_AMOUNT, SIGNED_COUNT, SOLD_AMOUNT
from dashboard.queries.measures.targets import COMPLETION, TARGET
from dashboard.queries.placed import Placed
from dashboard.queries.ranking import Ranking
from dashboard.queries.report import Listing, Report

SIGNED = (SIGNED_AMOUNT, SIGNED_COUNT)

REPORT = Report(
    key="signing_bulletin",
    title=_l("Signing bulletin"),
    question=_l("What was signed, by whom, and with which products?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(SIGNED_COUNT, SIGNED_AMOUNT, TARGET, COMPLETION),
    views=(
        Listing("main", _l("Signings"), SIGNED_AMOUNT, order="signed_on"),
        Ranking("teams", _l("Ranking of teams"), ("team",), (RANK_IN_COMPANY, *SIGNED), order="signed_amount", everyone=True),
        Ranking("reps", _l("Ranking of reps"), ("team", "rep"), (RANK_IN_COMPANY, *SIGNED), order="signed_amount", everyone=True),
        Placed("products", _l("Ranking of products"), ("product",), (RANK_BY_SOLD, SOLD_AMOUNT), order="sold_amount"),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer"),
    opens={"teams": "reps", "products": "main"},
)
