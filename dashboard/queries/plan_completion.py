"""Plan completion 销售计划完成情况: how far signings have come against the target, and where the period will end.

Grain of `main`: one row per team; `reps`: per rep; `pace`: per day, cumulative. The target row of a unit is its own figure, else the
sum of its parts, so the total need not be the sum of the teams.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from crm.money import from_cents, half_up
from crm.rules.periods import Period
from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries import measures as m
from dashboard.queries.filters import Question
from dashboard.queries.report import Listing, Report, View
from dashboard.queries.warehouse import Row

FIGURES = (m.TARGET, m.SIGNED_AMOUNT, m.COMPLETION, m.GAP, m.OPEN_AMOUNT, m.WEIGHTED, m.PROJECTED)


def pace(rows: list[Row], total: Row, question: Question) -> list[Row]:
    """A row per day of the period: signed up to that day (until the state day), and the target's share of the days gone by."""
    signed = {row["day"]: row["signed_amount"] for row in rows}
    period = _shown(rows, question)
    running, out = Decimal("0.00"), []
    for number in range(period.days):
        day = period.start + timedelta(days=number)
        running += signed.get(day, Decimal("0.00"))
        out.append({"day": day, "day_label": day.isoformat(), "signed_amount": running if day <= question.state else None})
    return out


def _shown(rows: Sequence[Row], question: Question) -> Period:
    """The period's days that the picture shows: of all time, those from the first signing to the state day."""
    if question.period.days <= 366 * 2:
        return question.period
    days = [row["day"] for row in rows] or [question.state]
    return Period.of(max(question.period.start, min(days)), max(question.state, min(days)))


def target_pace(target: Decimal, period: Period, day: int) -> Decimal:
    """The part of `target` that even progress over the period's days would have reached after `day` of them."""
    return from_cents(half_up(int(target * 100) * day, period.days))


REPORT = Report(
    key="plan_completion",
    title=_l("Plan completion"),
    question=_l("How far have signings come against the plan, and where will the period end?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(m.TARGET, m.SIGNED_AMOUNT, m.COMPLETION, m.GAP, m.PROJECTED, m.OPEN_AMOUNT),
    views=(
        View("main", _l("By team"), ("team",), FIGURES, order="signed_amount", everyone=True),
        View("reps", _l("By rep"), ("team", "rep"), FIGURES, order="signed_amount", everyone=True),
        View("pace", _l("Pace"), ("day",), (m.SIGNED_AMOUNT,), after=pace),
        View("months", _l("By month"), ("month",), (m.TARGET, m.SIGNED_AMOUNT, m.COMPLETION, m.GAP)),
        Listing("slipped", _l("Slipped opportunities"), m.SLIPPED_AMOUNT),
    ),
    opens={"main": "reps"},
)
