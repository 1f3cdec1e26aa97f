"""How collection progress looks: planned against received month by month, and how old what is overdue is in each team."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.collection_progress import REPORT
from dashboard.queries.measures.receivables import AGEING, DUE_IN_PERIOD, RECEIVED

FIGURES = {
    "months": charts.months(_l("Planned and received by month"), DUE_IN_PERIOD, RECEIVED),
    "ageing": charts.stacked(_l("Age of what is overdue, by team"), *AGEING, by=("team",), view="teams"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
