"""How loss analysis looks: the reasons in their order of weight, and how lost and stopped move over the months."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.loss_analysis import REPORT
from dashboard.queries.measures.closings import LOST_COUNT, STOPPED_COUNT

FIGURES = {
    "reasons": charts.pareto(_l("Reasons by number"), LOST_COUNT, STOPPED_COUNT, by="reason"),
    "months": charts.months(_l("Lost and stopped by month"), LOST_COUNT, STOPPED_COUNT, stacked=True),
}
layout = partial(report_page.layout, REPORT, FIGURES)
