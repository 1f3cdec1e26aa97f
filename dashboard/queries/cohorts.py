"""Cohorts of leads by month of arrival: which are still young, so that their rates will rise.

Each goes by its source: by the days within which 90% of the source's conversions up to the state day came, whenever these leads had
arrived; without a source among the dimensions, or a conversion of the source, by those of all sources. They are counted within the
reader's scope and whatever the filters: a filter leaves few cases, and makes no customer decide faster.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm.rules import ripening
from crm.scope import Scope
from dashboard.i18n import N_, _
from dashboard.queries.compose import Page, Statement
from dashboard.queries.dimensions import Names
from dashboard.queries.filters import Question
from dashboard.queries.measures.arrivals import IS_CONVERTED, RIPE_ON
from dashboard.queries.relations import RELATIONS
from dashboard.queries.report import Table, View, tabulated
from dashboard.queries.warehouse import Row, Warehouse


@dataclass(frozen=True, slots=True)
class Cohorts(View):
    """A table by month of arrival, perhaps among other dimensions; its rows say in `ripe_on` when they can be judged, in `young` whether
    that day is still to come, in `ripe_within` after how many days."""

    def run(
        self, scope: Scope, question: Question, warehouse: Warehouse, names: Names, page: Page | None = None, before: Question | None = None
    ) -> Table:
        """Its rows as this person may see them, each with its age."""
        table = tabulated(self, scope, question, warehouse, names, page)
        patience = Patience.read(scope, question, warehouse, names)
        return replace(table, rows=[row | patience.judged(row, question) for row in table.rows])


@dataclass(frozen=True, slots=True)
class Patience:
    """Within how many days after arrival 90% of the conversions came, by source and of all."""

    by_source: Mapping[int | None, int]
    of_all: int | None

    @classmethod
    def read(cls, scope: Scope, question: Question, warehouse: Warehouse, names: Names) -> "Patience":
        """What was known of it on the state day, within this person's scope."""
        statement = Statement(scope, replace(question, chosen={}), names.products)
        leads = statement.read(RELATIONS["lead"], IS_CONVERTED, ())
        query = statement.finish(f"select source_id, converted_on - day as days, count(*) as leads from {leads} group by all")
        sources: dict[int | None, dict[int, int]] = {}
        everything: dict[int, int] = {}
        for row in warehouse.fetch(query.sql, query.values):
            sources.setdefault(row["source_id"], {})[row["days"]] = row["leads"]
            everything[row["days"]] = everything.get(row["days"], 0) + row["leads"]
        found = {source: ripening.within(conversions) for source, conversions in sources.items()}
        return cls({source: days for source, days in found.items() if days is not None}, ripening.within(everything))

    def judged(self, row: Row, question: Question) -> Row:
        """When a cohort is ripe; nothing where nothing was converted yet."""
        days = self.by_source.get(row["source"], self.of_all) if "source" in row else self.of_all
        if days is None:
            return {}
        ripe = ripening.ripe_on(row["month"], min(question.period.last, question.state), days)
        return {RIPE_ON.key: ripe, "young": ripe > question.state, "ripe_within": days}


def told(rows: Iterable[Row]) -> str:
    """That some rows are young, and why; empty where none is."""
    days = {row.get("source_label"): row["ripe_within"] for row in rows if row.get("young")}
    if not days:
        return ""
    said = [_(OF_SOURCE, source=source, days=count) if source else _(OF_ALL, days=count) for source, count in days.items()]
    return _("Shaded: young cohorts, whose rates will still rise. 90% of the conversions so far came within: {days}.", days=said)


OF_SOURCE = N_("{source} {days} days")
OF_ALL = N_("{days} days of arrival")
