"""How the rep ranking looks: a bar for each rep, the reader's own marked."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from dashboard.queries.rep_ranking import REPORT

FIGURES = {"ranking": charts.ranked(_l("Signed by rep"), SIGNED_AMOUNT, by="rep")}
layout = partial(report_page.layout, REPORT, FIGURES)
