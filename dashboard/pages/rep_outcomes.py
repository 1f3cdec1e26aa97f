"""How opportunity outcomes look: how many each rep won, lost and gave up, and how that moves over the months."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries import measures as m
from dashboard.queries.rep_outcomes import REPORT

FIGURES = {
    "reps": charts.stacked(
        _l("Won, lost and stopped by rep"), m.WON_COUNT, m.LOST_COUNT, m.STOPPED_COUNT, by=("team", "rep"), rate=m.WIN_RATE
    ),
    "months": charts.months(_l("Won, lost and stopped by month"), m.WON_COUNT, m.LOST_COUNT, m.STOPPED_COUNT, stacked=True),
}
layout = partial(report_page.layout, REPORT, FIGURES)
