"""What the workbench lists of the reports: neglected opportunities, instalments that are due or overdue, the team's stages.

Rules and reach are the reports' own: what counts as neglected or overdue is said by their measures and nowhere else.
"""

from datetime import date, timedelta
from typing import Any

from crm.rules.periods import Period, Preset
from crm.scope import Actor
from crm.vocabulary import Role
from dashboard import session
from dashboard.callbacks.home_figures import report_address
from dashboard.pages import home as page
from dashboard.pages.home import Owed, Silent
from dashboard.queries import collection_progress, team_followup
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Measure
from dashboard.queries.measures.pipeline import NEGLECTED_AMOUNT
from dashboard.queries.measures.receivables import DUE_SOON, OVERDUE

SHOWN = 12
"""So many are listed; the number of all is said."""

REMINDED = frozenset({Role.REP, Role.TEAM_LEAD, Role.FINANCE})
"""Who is reminded of instalments."""


def neglected(actor: Actor, today: date) -> Any:
    """Open opportunities that nobody has followed up for too long, first those that may bring most, as the report lists them.

    None for who does not open that report.
    """
    if not team_followup.REPORT.open_to(actor.roles):
        return None
    answers = session.application().answers
    found = answers.records(NEGLECTED_AMOUNT, {}, actor.scope, Filters(), today, Page(count=SHOWN))
    days = answers.names.settings.get("opportunity_neglected_days", 0)
    rows = [Silent(row["id"], row["title"], row["customer"], row["adds"], row["days_silent"]) for row in found.rows]
    return page.neglected(days, found.count, rows, report_address(team_followup.REPORT.key, Filters()))


def instalments(actor: Actor, today: date) -> list[Any]:
    """Instalments that are overdue, and those due within a week, for who is reminded of them."""
    if not actor.roles & REMINDED:
        return []
    week = Filters(Preset.CUSTOM, Period.of(today, today + timedelta(days=7)))
    return [_owed(actor, today, OVERDUE, Filters()), _owed(actor, today, DUE_SOON, week)]


def _owed(actor: Actor, today: date, measure: Measure, shown_by: Filters) -> Any:
    oldest = Page(count=SHOWN, sort="due_on", ascending=True)
    found = session.application().answers.records(measure, {}, actor.scope, Filters(), today, oldest)
    rows = [Owed(row["id"], row["number"], row["customer"], row["no"], row["due_on"], row["adds"]) for row in found.rows]
    way = report_address(collection_progress.REPORT.key, shown_by)
    return page.owed(str(measure.title), str(measure.definition), found.count, found.value, rows, way)


def stages(actor: Actor, today: date) -> Any:
    """What stands open in which stage, for who leads a team."""
    if Role.TEAM_LEAD not in actor.roles:
        return None
    report = team_followup.REPORT
    answer = session.application().answers.table(report, report.view("stages"), actor.scope, Filters(), today)
    return page.stages(answer.table.rows)
