"""Plan completion 销售计划完成情况: how far signings have come against the target, and where the period will end.

Grain of `main`: one row per team; `reps`, `slipped_reps`: per rep; `pace`: per day, cumulative. The target row of a unit
is its own figure, else the sum of its parts, so the total need not be the sum of the teams.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from crm.money import ZERO, prorate
from crm.rules.periods import Period, months_of
from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.filters import Question
from dashboard.queries.measures.pipeline import OPEN_AMOUNT, SLIPPED_AMOUNT, SLIPPED_COUNT, WEIGHTED
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from dashboard.queries.measures.targets import COMPLETION, GAP, PROJECTED, PROJECTED_AMOUNT, TARGET
from dashboard.queries.report import Listing, Report, View
from dashboard.queries.warehouse import Row

FIGURES = (TARGET, SIGNED_AMOUNT, COMPLETION, GAP, OPEN_AMOUNT, WEIGHTED, PROJECTED_AMOUNT, PROJECTED)


def pace(rows: list[Row], total: Row, question: Question) -> list[Row]:
    """A row per day: signed up to that day (until the state day), and the target that even progress within each month asks for.

    Of all time, the days from the first signing or target on.
    """
    by_day = {row["day"]: row for row in rows}
    period = _shown(by_day, question)
    wanted = {share.month: share for share in months_of(period)}
    signed, asked, out = ZERO, ZERO, []
    for day in (period.start + timedelta(days=number) for number in range(period.days)):
        signed += by_day.get(day, {}).get("signed_amount") or ZERO
        share = wanted[day.replace(day=1)]
        target = by_day.get(share.month, {}).get("target_amount")
        gone = (day - max(share.month, period.start)).days + 1
        out.append(
            {
                "day": day,
                "day_label": day.isoformat(),
                "signed_amount": signed if day <= question.state else None,
                "target_amount": None if target is None else asked + prorate(target, gone, share.days),
            }
        )
        if gone == share.days:
            asked += target or ZERO
    return out


def _shown(by_day: Mapping[date, Row], question: Question) -> Period:
    """The period, without the years before the first record and after the last."""
    first = min((*by_day, question.state), default=question.state)
    last = max((*by_day, question.state), default=question.state)
    start = max(question.period.start, first.replace(day=1)) if question.period.days > FEW_YEARS else question.period.start
    return Period.of(start, min(question.period.last, last) if question.period.days > FEW_YEARS else question.period.last)


FEW_YEARS = 3 * 366
"""A longer period (all time) is shown from its first record to its last."""


REPORT = Report(
    key="plan_completion",
    title=_l("Plan completion"),
    question=_l("How far have signings come against the plan, and where will the period end?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(TARGET, SIGNED_AMOUNT, COMPLETION, GAP, PROJECTED, OPEN_AMOUNT),
    views=(
        View("main", _l("By team"), ("team",), FIGURES, order="signed_amount", everyone=True),
        View("reps", _l("By rep"), ("team", "rep"), FIGURES, order="signed_amount", everyone=True),
        View("pace", _l("Pace"), ("day",), (SIGNED_AMOUNT, TARGET), after=pace, running=True),
        View("months", _l("By month"), ("month",), (TARGET, SIGNED_AMOUNT, COMPLETION, GAP)),
        View("slipped_reps", _l("Slipped by rep"), ("team", "rep"), (SLIPPED_COUNT, SLIPPED_AMOUNT), order="slipped_amount"),
        Listing("slipped", _l("Slipped opportunities"), SLIPPED_AMOUNT),
    ),
    opens={"main": "reps"},
)
