"""How competition looks: how the encounters with each competitor ended, and what we are left for."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.competition import ENDED, REPORT
from dashboard.queries.measures.competing import ENCOUNTERS_WIN_RATE, WEAKNESSES

FIGURES = {
    "competitors": charts.stacked(_l("Encounters by competitor"), *ENDED, by=("competitor",), rate=ENCOUNTERS_WIN_RATE),
    "weaknesses": charts.ranked(_l("Our weaknesses"), WEAKNESSES, by="factor", view="weaknesses"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
