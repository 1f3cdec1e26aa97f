"""Rep ranking 个人销售业绩排名: where each rep stands in the team and in the company by what they signed, and how far they moved.

Grain of `main`: one row per team and rep; who changed teams stands in both, with what they signed in each. All reps may read names, teams,
ranks and signed amounts (ranking.py); the other figures are as far as one's scope.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.signings import RANK_IN_COMPANY, RANK_IN_TEAM, RANK_MOVEMENT, SIGNED_AMOUNT, SIGNED_COUNT
from dashboard.queries.measures.targets import COMPLETION, GAP, TARGET
from dashboard.queries.ranking import Ranking
from dashboard.queries.report import Report

RANKS = (RANK_IN_COMPANY, RANK_IN_TEAM, RANK_MOVEMENT)
FIGURES = (*RANKS, SIGNED_AMOUNT, SIGNED_COUNT, TARGET, COMPLETION)

REPORT = Report(
    key="rep_ranking",
    title=_l("Rep ranking"),
    question=_l("Who signed how much, and where does each stand in the team and in the company?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(SIGNED_AMOUNT, SIGNED_COUNT, TARGET, COMPLETION, GAP),
    views=(Ranking("main", _l("By rep"), ("team", "rep"), FIGURES, order="signed_amount", everyone=True),),
)
