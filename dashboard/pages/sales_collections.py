"""How collections look: what came in against what was due, month by month, and the teams ranked by what came in."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.measures.receivables import DUE_IN_PERIOD, RECEIVED
from dashboard.queries.sales_collections import REPORT

FIGURES = {
    "months": charts.months(_l("Received against due by month"), RECEIVED, DUE_IN_PERIOD),
    "teams": charts.ranked(_l("Received by team"), RECEIVED, by="team", view="teams"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
