"""When a month's leads of a source can be judged, from the words: 90 % of the source's conversions so far had come by as many days."""

from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Kind
from tests.reports.oracle.books import Books
from tests.reports.oracle.facts import Fact
from tests.reports.oracle.sight import sees
from tests.reports.oracle.windows import Window, end_of_month


def ripe_on(books: Books, scope: Scope, cell: dict[str, Any], at: Window) -> date | None:
    """The day, for a cell with a month and perhaps a source; none where nothing was converted by the state day."""
    converted = [
        row
        for row in books.leads
        if row.converted_on and row.converted_on <= at.state
        and sees(scope, Fact(Kind.LEAD, {"team": row.arrival_team_id, "rep": row.arrival_owner_id}, {}))
    ]  # fmt: skip
    own = [row for row in converted if "source" in cell and row.source_id == cell["source"]]
    days = sorted((row.converted_on - row.arrived_on).days for row in own or converted)
    if not days:
        return None
    last_arrival = min(end_of_month(cell["month"]), at.last, at.state)
    return last_arrival + timedelta(days=days[ceil(Fraction(9, 10) * len(days)) - 1])
