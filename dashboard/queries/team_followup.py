"""Team follow-up 团队机会跟进情况: what stands open in which stage, whom nobody has spoken to for long, and how the pipeline moved.

Grain of `main`: one row per team (drill: `reps`); the stages are the company's own, in its own order. `opportunities`: the open ones with
their last follow-up and next step; `neglected`: those that were silent for too long. `bridge` (drill: `bridge_reps`): open at the start
+ new + reopened + grown + received − shrunk − won − lost − stopped − given = open at the end, to the cent for every team and rep;
`date_moves`: the moves of the expected date, which add nothing to it.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries import measures as m
from dashboard.queries.report import Listing, Report, View

FIGURES = (m.OPEN_COUNT, m.OPEN_AMOUNT, m.NEGLECTED_COUNT, m.NEGLECTED_AMOUNT, m.FOLLOW_UPS)
STAGES = ("stage", (m.OPEN_COUNT, m.OPEN_AMOUNT))
BRIDGE = (m.BRIDGE_START, *m.BRIDGE_RISING, *m.BRIDGE_FALLING, m.BRIDGE_END, m.PULLED_IN, m.PUSHED_OUT)

REPORT = Report(
    key="team_followup",
    title=_l("Team follow-up"),
    question=_l("What stands open in which stage, whom has nobody spoken to for long, and how did the pipeline move?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(m.OPEN_COUNT, m.OPEN_AMOUNT, m.NEGLECTED_COUNT, m.NEGLECTED_AMOUNT, m.FOLLOW_UPS),
    views=(
        View("main", _l("By team"), ("team",), FIGURES, order="open_amount", everyone=True, pivot=STAGES),
        View("reps", _l("By rep"), ("team", "rep"), FIGURES, order="open_amount", everyone=True, pivot=STAGES),
        View("stages", _l("By stage and team"), ("stage", "team"), (m.OPEN_COUNT, m.OPEN_AMOUNT, m.NEGLECTED_COUNT)),
        Listing("opportunities", _l("Open opportunities"), m.OPEN_AMOUNT),
        Listing("neglected", _l("Neglected opportunities"), m.NEGLECTED_AMOUNT),
        View("bridge", _l("Pipeline bridge by team"), ("team",), BRIDGE, order="bridge_start"),
        View("bridge_reps", _l("Pipeline bridge by rep"), ("team", "rep"), BRIDGE, order="bridge_start"),
        Listing("date_moves", _l("Moves of the expected date"), m.DATE_MOVES, order="day"),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer", "stage"),
    opens={"main": "reps", "bridge": "bridge_reps"},
)
