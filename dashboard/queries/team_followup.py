"""Team follow-up 团队机会跟进情况: what stands open in which stage, whom nobody has spoken to for long, and how the pipeline moved.

Grain of `main`: one row per team (drill: `reps`); the stages are the company's own, in its own order. `opportunities`: the open ones with
their last follow-up and next step; `neglected`: those that were silent for too long. `bridge` (drill: `bridge_reps`): open at the start
+ new + reopened + grown + received − shrunk − won − lost − stopped − given = open at the end, to the cent for every team and rep;
`date_moves`: the moves of the expected date, which add nothing to it.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.bridge import BRIDGE_END, BRIDGE_FALLING, BRIDGE_RISING, BRIDGE_START, DATE_MOVES, PULLED_IN, PUSHED_OUT
from dashboard.queries.measures.pipeline import FOLLOW_UPS, NEGLECTED_AMOUNT, NEGLECTED_COUNT, OPEN_AMOUNT, OPEN_COUNT
from dashboard.queries.report import Listing, Report, View

FIGURES = (OPEN_COUNT, OPEN_AMOUNT, NEGLECTED_COUNT, NEGLECTED_AMOUNT, FOLLOW_UPS)
STAGES = ("stage", (OPEN_COUNT, OPEN_AMOUNT))
BRIDGE = (BRIDGE_START, *BRIDGE_RISING, *BRIDGE_FALLING, BRIDGE_END, PULLED_IN, PUSHED_OUT)

REPORT = Report(
    key="team_followup",
    title=_l("Team follow-up"),
    question=_l("What is open at each stage, which opportunities have gone quiet, and how has the pipeline moved?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(OPEN_COUNT, OPEN_AMOUNT, NEGLECTED_COUNT, NEGLECTED_AMOUNT, FOLLOW_UPS),
    views=(
        View("main", _l("By team"), ("team",), FIGURES, order="open_amount", everyone=True, pivot=STAGES),
        View("reps", _l("By rep"), ("team", "rep"), FIGURES, order="open_amount", everyone=True, pivot=STAGES),
        View("stages", _l("By stage and team"), ("stage", "team"), (OPEN_COUNT, OPEN_AMOUNT, NEGLECTED_COUNT)),
        Listing("opportunities", _l("Open opportunities"), OPEN_AMOUNT),
        Listing("neglected", _l("Neglected opportunities"), NEGLECTED_AMOUNT),
        View("bridge", _l("Pipeline bridge by team"), ("team",), BRIDGE, order="bridge_start"),
        View("bridge_reps", _l("Pipeline bridge by rep"), ("team", "rep"), BRIDGE, order="bridge_start"),
        Listing("date_moves", _l("Moves of the expected date"), DATE_MOVES, order="day"),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer", "stage"),
    opens={"main": "reps", "bridge": "bridge_reps"},
)
