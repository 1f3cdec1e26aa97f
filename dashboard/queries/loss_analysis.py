"""Loss and stop analysis 输单及停止分析: why opportunities did not become contracts, where and to whom they were lost.

Grain of `main`: one row per reason; the other tables count the same by what they are called after (`teams`, drill: `reps`). A closing
counts by its day, as long as it stands at the end of the state day. `products` overlap: an opportunity with several products counts in
each of their rows, amounts are split; the total counts it once.
"""

from crm.money import ratio
from crm.vocabulary import Role, Unit
from dashboard.i18n import _l
from dashboard.queries.filters import Question
from dashboard.queries.measure import Derived
from dashboard.queries.measures.closings import (
    LOST_AMOUNT,
    LOST_COUNT,
    LOST_LINE_AMOUNT,
    NOT_WON_AMOUNT,
    NOT_WON_COUNT,
    NOT_WON_LINE_AMOUNT,
    NOT_WON_LINE_COUNT,
    STOPPED_AMOUNT,
    STOPPED_COUNT,
    STOPPED_LINE_AMOUNT,
    WIN_RATE,
    WON_COUNT,
)
from dashboard.queries.report import Report, View
from dashboard.queries.warehouse import Row

FIGURES = (NOT_WON_COUNT, NOT_WON_AMOUNT, LOST_COUNT, LOST_AMOUNT, STOPPED_COUNT, STOPPED_AMOUNT)
SHARE = Derived(
    "share", _l("Share"), Unit.RATE, _l("Lost and stopped of this row / of all rows, by number."), (NOT_WON_COUNT,), lambda count: None,
    lambda row: (row["not_won_count"], row["share_of"]), of_total=True,
)  # fmt: skip


def shares(rows: list[Row], total: Row, question: Question) -> list[Row]:
    """Each row's share of the whole number, and the running share of the rows from the top."""
    running = 0
    total["share_of"] = total["not_won_count"]
    for row in rows:
        row["share_of"] = total["not_won_count"]
        running += row["not_won_count"] or 0
        row["share"] = ratio(row["not_won_count"] or 0, total["not_won_count"] or 0)
        row["running_share"] = ratio(running, total["not_won_count"] or 0)
    total["share"] = ratio(total["not_won_count"] or 0, total["not_won_count"] or 0)
    return rows


BY_PRODUCT = (NOT_WON_LINE_COUNT, NOT_WON_LINE_AMOUNT, LOST_LINE_AMOUNT, STOPPED_LINE_AMOUNT)

REPORT = Report(
    key="loss_analysis",
    title=_l("Loss and stop analysis"),
    question=_l("Why were opportunities lost or stopped, where, and to whom?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(NOT_WON_COUNT, NOT_WON_AMOUNT, LOST_COUNT, STOPPED_COUNT, WON_COUNT, WIN_RATE),
    views=(
        View("main", _l("By reason"), ("reason",), (*FIGURES, SHARE), order="not_won_count", after=shares),
        View("stages", _l("By stage before"), ("stage",), FIGURES),
        View("products", _l("By product"), ("product",), BY_PRODUCT, order="not_won_count", overlapping=True),
        View("teams", _l("By team"), ("team",), (*FIGURES, WON_COUNT, WIN_RATE), order="not_won_count"),
        View("reps", _l("By rep"), ("team", "rep"), (*FIGURES, WON_COUNT, WIN_RATE), order="not_won_count"),
        View("competitors", _l("By competitor"), ("competitor",), (LOST_COUNT, LOST_AMOUNT), order="lost_count"),
        View("months", _l("By month"), ("month",), (*FIGURES, WON_COUNT, WIN_RATE)),
    ),
    filters=("team", "rep", "product", "source", "campaign", "stage", "reason", "competitor", "customer", "status"),
    opens={"teams": "reps", "stages": "main", "products": "main", "competitors": "main"},
)
