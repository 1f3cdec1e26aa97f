"""The two relations that are more than a table under a filter: targets, whose rows depend on the grain, and campaign costs.

A unit without a figure of its own for a month has the sum of its parts; so which target rows count depends on whether a company, a
team or a rep is asked about, and a person who sees only teams is never given the company's figure.
"""

from crm.scope import Scope
from crm.vocabulary import Kind, Reach
from dashboard.queries.filters import Question


def half_up(amount: str, days: str, of_days: str) -> str:
    """SQL of the share of `amount` that falls on `days` of `of_days`, in whole cents, since a division of decimals gives a double."""
    return f"(((2 * (100 * {amount})::bigint * {days} + {of_days}) // (2 * {of_days})) * 0.01::decimal(3, 2))::decimal(18, 2)"


DAYS_OF_MONTH = "date_diff('day', month, (month + interval 1 month)::date)"
DAYS_INSIDE = "date_diff('day', greatest(month, $start), least((month + interval 1 month)::date, $end))"

PLANNED = "month >= date_trunc('month', $start)::date and month < $end and valid_from <= $known and valid_to > $known"
"""The targets of the months that the period touches."""
PRORATED = f"(select *, {half_up('amount', DAYS_INSIDE, DAYS_OF_MONTH)} as part from {{rows}})"
"""Each by its share of days, half-up to the cent."""

WITHOUT_OWN = "({month}, team_id) not in (select ({month}, team_id) from target_own where unit = 'team')"
LEVELS = {
    "company": f"""unit = 'company'
        or (({{month}}) not in (select ({{month}}) from target_own where unit = 'company') and (unit = 'team' or {WITHOUT_OWN}))""",
    "team": f"unit = 'team' or (unit = 'rep' and {WITHOUT_OWN})",
    "rep": "unit = 'rep'",
}
"""Which rows are the figures of a unit: its own for the month, else those of its parts."""


def figures_of(level: str, month: str = "month") -> str:
    """The rows of `target_own` that are the figures of such units; `month`: the columns that tell its months apart."""
    return f"select * from target_own where {LEVELS[level].format(month=month)}"


def target_level(by: tuple[str, ...], scope: Scope, question: Question) -> str:
    """Whose figures are summed: the company's own only where all of it is seen and asked about."""
    reach = scope.over(Kind.TARGET)
    if "rep" in by or "rep" in question.chosen or reach is Reach.OWN:
        return "rep"
    if "team" in by or "team" in question.chosen or reach is Reach.TEAMS:
        return "team"
    return "company"


CAMPAIGN_DAYS = "(until_on - from_on + 1)"
CAMPAIGN_INSIDE = "greatest(0, least(until_on + 1, $end, $state + 1) - greatest(from_on, $start))"
CAMPAIGN_COST = f"""(select campaign_id, source_id, from_on, until_on, cost as amount,
    {half_up("cost", CAMPAIGN_INSIDE, CAMPAIGN_DAYS)} as part
    from {{rows}} where from_on < $end and from_on <= $state and until_on >= $start)"""
"""Campaigns that lie in the period, each with the share of its cost that falls on the days inside and not after the state day,
half-up to the cent."""
