"""Tables that rank what stands in them by their own order: products by what was sold of them, teams, people and customers by what they
paid in. Who signed how much is ranked elsewhere (ranking.py): those lists show more than one's reach.

Competition ranks, the largest first. Team and rep filters choose rows of a table of teams or people, and change no rank in it; in a table
of anything else they change the figures, and so the ranks. Who waits to be assigned, and what is not stated, has no rank. Teams and people
have theirs in the company, so that it is the same for everybody; who does not see all of it is shown none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Reach
from dashboard.queries.compose import Page, places
from dashboard.queries.dimensions import Names
from dashboard.queries.filters import Question
from dashboard.queries.measure import Derived
from dashboard.queries.ranking import FREE, Cell, unfiltered
from dashboard.queries.ranking import places as among
from dashboard.queries.report import Table, View, gathered, tabulated
from dashboard.queries.warehouse import Warehouse, values_of


@dataclass(frozen=True)
class Placed(View):
    """A table of which the figure without a formula is the row's rank by what the table is sorted by."""

    def run(
        self, scope: Scope, question: Question, warehouse: Warehouse, names: Names, page: Page | None = None, before: Question | None = None
    ) -> Table:
        """Its rows as this person may see them, each with its rank."""
        table = tabulated(self, scope, question, warehouse, names, page)
        place = next((figure for figure in self.figures if isinstance(figure, Derived) and figure.formula is None), None)
        if place is None or table.missing or not self._sees_all(place, scope):
            return table
        found = self._ranks(table, place, scope, question, warehouse, names)
        placed = zip(values_of(table.rows, table.by), table.rows, strict=True)
        return replace(table, rows=[row | {place.key: found.get(cell)} for cell, row in placed])

    def _sees_all(self, place: Derived, scope: Scope) -> bool:
        """Whether the person sees all who are to be ranked."""
        return not FREE & set(self.by) or scope.over(place.parts[0].relation.kind) is Reach.COMPANY

    def _ranks(
        self, table: Table, place: Derived, scope: Scope, question: Question, warehouse: Warehouse, names: Names
    ) -> Mapping[Cell, Any]:
        if self.paged:
            query = places(self.by, place.parts[0], scope, question, names.products, values_of(table.rows, self.by))
            ranked = warehouse.fetch(query.sql, query.values)
            return dict(zip(values_of(ranked, self.by), (row["place"] for row in ranked), strict=True))
        rows = table.rows
        if FREE & set(self.by) and FREE & question.chosen.keys():
            field = View(f"{self.name}/all", self.title, self.by, place.parts, self.order, self.everyone)
            rows = gathered(field, scope, unfiltered(question), warehouse, names).rows
        amounts = dict(zip(values_of(rows, self.by), (row[self.order] for row in rows), strict=True))
        return {cell: place.in_company for cell, place in among(amounts).items()}
