"""When a month's leads of a source can be judged, from the words: 90% of the source's conversions so far had come by as many days."""

from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Kind
from tests.reports.oracle.books import Books
from tests.reports.oracle.facts import Fact
from tests.reports.oracle.sight import sees
from tests.reports.oracle.windows import Window, end_of_month

EVERY = object()
"""All sources."""


class Ripening:
    """How long conversions took that a person sees at the end of the state day, by source."""

    def __init__(self, books: Books, scope: Scope, at: Window) -> None:
        self.books, self.scope, self.at = books, scope, at

    @cached_property
    def waits(self) -> dict[Any, list[int]]:
        """The days of each conversion, of each source and of every one."""
        found: dict[Any, list[int]] = {}
        for row in self.books.leads:
            place = {"team": row.arrival_team_id, "rep": row.arrival_owner_id}
            if row.converted_on and row.converted_on <= self.at.state and sees(self.scope, Fact(Kind.LEAD, place, {})):
                for source in (row.source_id, EVERY):
                    found.setdefault(source, []).append((row.converted_on - row.arrived_on).days)
        return found

    def on(self, cell: dict[str, Any]) -> date | None:
        """The day of a cell with a month and perhaps a source; none where nothing was converted."""
        source = cell.get("source", EVERY)
        waits = sorted(self.waits.get(source) or self.waits.get(EVERY, []))
        if not waits:
            return None
        last_arrival = min(end_of_month(cell["month"]), self.at.last, self.at.state)
        return last_arrival + timedelta(days=waits[ceil(Fraction(9, 10) * len(waits)) - 1])
