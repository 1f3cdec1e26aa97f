"""How team follow-up looks: where each team's opportunities stand, and the way from open at the start to open at the end."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.measures.bridge import BRIDGE_END, BRIDGE_FALLING, BRIDGE_RISING, BRIDGE_START
from dashboard.queries.measures.pipeline import OPEN_COUNT
from dashboard.queries.team_followup import REPORT

FIGURES = {
    "stages": charts.heat(_l("Open opportunities by team and stage"), OPEN_COUNT, by="team", across="stage", view="stages"),
    "bridge": charts.bridge(_l("How the pipeline moved"), BRIDGE_START, BRIDGE_RISING, BRIDGE_FALLING, BRIDGE_END, view="bridge"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
