"""How lead conversion looks: a funnel, and conversion by source over time."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.lead_conversion import REPORT
from dashboard.queries.measures.arrivals import COHORT_WON, CONVERSION_RATE, CONVERTED, LEADS

FIGURES = {
    "funnel": charts.funnel(_l("From lead to signing"), LEADS, CONVERTED, COHORT_WON),
    "over_time": charts.lines(
        _l("Conversion rate by source and month of arrival"),
        CONVERSION_RATE,
        over="month",
        by="source",
        weight=LEADS,
        view="months",
    ),
}
layout = partial(report_page.layout, REPORT, FIGURES)
