"""How the signing bulletin looks: reps and products ranked by what was signed."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.measures.signings import SIGNED_AMOUNT, SOLD_AMOUNT
from dashboard.queries.signing_bulletin import REPORT

FIGURES = {
    "reps": charts.ranked(_l("Signed by rep"), SIGNED_AMOUNT, by="rep", view="reps"),
    "products": charts.ranked(_l("Sold by product"), SOLD_AMOUNT, by="product", view="products"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
