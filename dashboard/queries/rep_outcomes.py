"""Opportunity outcomes 个人机会完结情况: how each rep's opportunities ended, how long the won ones took, and what is still open.

Grain of `main`: one row per rep of a team; `teams`: per team (drill: `main`); the total is the company. A closing is a deed of the owner
then, and counts by its day as long as it stands at the end of the state day; what is still open belongs to who holds it on that day.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.closings import (
    CYCLE_MEAN,
    CYCLE_MEDIAN,
    LOST_AMOUNT,
    LOST_COUNT,
    NOT_WON_AMOUNT,
    STOPPED_AMOUNT,
    STOPPED_COUNT,
    WIN_RATE,
    WIN_RATE_BY_AMOUNT,
    WON_AMOUNT,
    WON_COUNT,
)
from dashboard.queries.measures.pipeline import OPEN_AMOUNT, OPEN_COUNT
from dashboard.queries.report import Listing, Report, View

ENDED = (WON_COUNT, WON_AMOUNT, LOST_COUNT, LOST_AMOUNT, STOPPED_COUNT, STOPPED_AMOUNT)
RATES = (WIN_RATE, WIN_RATE_BY_AMOUNT, CYCLE_MEDIAN, CYCLE_MEAN)
FIGURES = (*ENDED, OPEN_COUNT, OPEN_AMOUNT, *RATES)

REPORT = Report(
    key="rep_outcomes",
    title=_l("Opportunity outcomes"),
    question=_l("How did each rep's opportunities end, how long did the won ones take, and what is still open?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(WON_COUNT, WON_AMOUNT, LOST_COUNT, WIN_RATE, CYCLE_MEDIAN, OPEN_COUNT),
    views=(
        View("main", _l("By rep"), ("team", "rep"), FIGURES, order="won_amount", everyone=True),
        View("teams", _l("By team"), ("team",), FIGURES, order="won_amount", everyone=True),
        View("months", _l("By month"), ("month",), (*ENDED, *RATES)),
        Listing("won", _l("Won opportunities"), WON_AMOUNT),
        Listing("not_won", _l("Lost and stopped opportunities"), NOT_WON_AMOUNT),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer", "stage"),
    opens={"teams": "main"},
)
