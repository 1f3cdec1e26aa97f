"""How competition looks: how the encounters with each competitor ended, and what we are left for."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries import measures as m
from dashboard.queries.competition import ENDED, REPORT

FIGURES = {
    "competitors": charts.stacked(_l("Encounters by competitor"), *ENDED, by=("competitor",), rate=m.ENCOUNTERS_WIN_RATE),
    "weaknesses": charts.ranked(_l("Our weaknesses"), m.WEAKNESSES, by="factor", view="weaknesses"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
