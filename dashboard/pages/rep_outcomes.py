"""How opportunity outcomes look: how many each rep won, lost and gave up, and how that moves over the months."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.measures.closings import LOST_COUNT, STOPPED_COUNT, WIN_RATE, WON_COUNT
from dashboard.queries.rep_outcomes import REPORT

FIGURES = {
    "reps": charts.stacked(_l("Won, lost and stopped by rep"), WON_COUNT, LOST_COUNT, STOPPED_COUNT, by=("team", "rep"), rate=WIN_RATE),
    "months": charts.months(_l("Won, lost and stopped by month"), WON_COUNT, LOST_COUNT, STOPPED_COUNT, stacked=True),
}
layout = partial(report_page.layout, REPORT, FIGURES)
