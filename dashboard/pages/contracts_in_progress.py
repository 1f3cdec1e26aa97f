"""How contracts in progress look: what is outstanding by team, and how old the overdue part is."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.contracts_in_progress import REPORT
from dashboard.queries.measures.margins import COST
from dashboard.queries.measures.receivables import OUTSTANDING

FIGURES = {
    "outstanding": charts.ranked(_l("Outstanding by team"), OUTSTANDING, by="team", view="teams"),
    "costs": charts.ranked(_l("Costs by category"), COST, by="cost_category", view="costs"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
