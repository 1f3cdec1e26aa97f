"""How plan completion looks: each team's signings against its target, and the pace of the period."""

from functools import partial

from dashboard.components import charts, report_page
from dashboard.i18n import _l
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from dashboard.queries.measures.targets import PROJECTED_AMOUNT, TARGET
from dashboard.queries.plan_completion import REPORT

FIGURES = {
    "teams": charts.bullets(
        _l("Target, signed and projected by team"), actual=SIGNED_AMOUNT, target=TARGET, projected=PROJECTED_AMOUNT, by="team"
    ),
    "pace": charts.lines(_l("Signed against the pace of the target"), SIGNED_AMOUNT, TARGET, over="day", view="pace"),
}
layout = partial(report_page.layout, REPORT, FIGURES)
