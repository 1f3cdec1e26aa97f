"""How team activity looks: the teams ranked by what they signed, and by how often they spoke with customers."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.measures.pipeline import FOLLOW_UPS
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from dashboard.queries.team_activity import REPORT

FIGURES = {
    "signed": charts.ranked(_l("Signed by team"), SIGNED_AMOUNT, by="team"),
    "follow_ups": charts.ranked(_l("Follow-ups by team"), FOLLOW_UPS, by="team"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
