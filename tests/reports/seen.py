"""What one person of the demo company reads under one filter state: tables, the figure of each unit, the records behind a number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm.scope import Actor
from crm.vocabulary import Kind, Reach
from dashboard.queries.answers import Answers
from dashboard.queries.filters import Filters, Question
from dashboard.queries.measure import Measure
from dashboard.queries.records import Records
from dashboard.queries.report import Report, Table, View
from tests.reports.conftest import Demo
from tests.reports.oracle.compare import WHOLE

Cells = dict[tuple[Any, ...], Any]


@dataclass(frozen=True)
class Seen:
    """What one person reads under one filter state."""

    answers: Answers
    who: Actor
    filters: Filters
    today: date

    @property
    def question(self) -> Question:
        """The days that the filters mean."""
        return self.answers.question(self.filters, self.today)

    def shown(self, report: Report, view: View) -> Table:
        """A table, with all its rows."""
        return self.answers.table(report, view, self.who.scope, self.filters, self.today, WHOLE if view.paged else None).table

    def table(self, report: Report, name: str) -> Table:
        """The table of that name."""
        view = report.view(name)
        assert isinstance(view, View)
        return self.shown(report, view)

    def units(self, report: Report, name: str, key: str) -> Cells:
        """One figure of each row, where there is any; of rankings the rows within reach."""
        found = self.table(report, name)
        return {tuple(row[name] for name in found.by): row[key] for row in found.rows if row[key] and not row.get("beyond")}

    def records(self, measure: Measure) -> Records:
        """The records behind a measure's total."""
        return self.answers.records(measure, {}, self.who.scope, self.filters, self.today)

    def reaches(self, kind: Kind) -> Reach:
        """How far the person sees."""
        return self.who.scope.over(kind)


def views(report: Report) -> Iterator[View]:
    """The tables of a report that have a grain and figures."""
    yield from (view for view in report.views if isinstance(view, View) and view.name != "pace")


def summed(rows: list[dict[str, Any]], key: str) -> Decimal:
    """What the rows come to."""
    return sum((row[key] for row in rows if row[key] is not None), Decimal(0))


def who_may(reports: tuple[Report, ...], demo: Demo, logins: Iterable[str]) -> list[Actor]:
    """Those who may open all of these reports."""
    return [demo.actor(login) for login in logins if all(report.open_to(demo.actor(login).roles) for report in reports)]
