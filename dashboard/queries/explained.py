"""How a number was computed: the rows that count, those that are left out and why, and the statement that says so.

Asked only when somebody opens it. All of it goes through the same relations as the number itself, within the reader's scope: what they
may not see is in no count.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from crm.scope import Scope
from crm.vocabulary import Unit
from dashboard.i18n import Lazy, _l
from dashboard.queries.compose import Composed, records
from dashboard.queries.dimensions import DIMENSIONS, Names
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure
from dashboard.queries.measures.arrivals import IS_CONVERTED
from dashboard.queries.measures.receivables import WITHOUT_PLAN
from dashboard.queries.phrases import both
from dashboard.queries.records import WITHIN, behind_in_sum
from dashboard.queries.relations import DEED, IN_PERIOD, lacking, lists
from dashboard.queries.warehouse import Warehouse

NO_EXPECTED_DATE = (_l("No expected date of closing is stated"), "expected_close_on is null")
PRICES = (
    (_l("Their price is not known"), "their_unit_price is null"),
    (_l("No quote of ours has the product"), "their_unit_price is not null and our_unit_price is null"),
)

OMITTED: Mapping[str, tuple[tuple[Lazy, str], ...]] = {
    "slipped_count": (NO_EXPECTED_DATE,),
    "slipped_amount": (NO_EXPECTED_DATE,),
    "weighted_inside_amount": (NO_EXPECTED_DATE,),
    "priced_records": PRICES,
    "price_differences": PRICES,
    "conversion_median_days": ((_l("Not converted by the state day"), f"not coalesce({IS_CONVERTED}, false)"),),
}
"""Measure → why rows of its relation do not count, and which those are."""

ESTIMATED = frozenset({"created", "open_then", "open_seen", "neglected", "closed", "won", "closed_line"})
"""Relations whose amount nobody may have stated: such a row counts with 0."""

BY_PLAN = frozenset({"due_amount", "due_in_period", "met_in_period", "not_yet_due", "overdue_amount"})
"""Measures that a contract without a payment plan adds nothing to."""

SHOWN = 20
"""So many values of a parameter are written out."""

GONE = f"{IN_PERIOD} and basis <> $unseen::utinyint and valid_to <= $state"
LATER = "day >= $start and day < $end and day > $state and basis <> $unseen::utinyint"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """So many rows do not count, or count with 0, and why."""

    why: Lazy
    count: int


@dataclass(frozen=True, slots=True)
class Explained:
    """One measure in one cell: its rows, what they come to, what is left out, the statement. None where single rows are out of reach."""

    measure: Measure
    count: int | None
    value: Any
    left_out: tuple[LeftOut, ...]
    statement: Composed | None


@dataclass(frozen=True, slots=True)
class Asking:
    """What a number is asked about."""

    measure: Measure
    cell: Mapping[str, Any]
    scope: Scope
    question: Question
    warehouse: Warehouse
    names: Names

    def number(self, where: str, question: Question | None = None, when: str = "") -> int:
        """How many rows of the measure's relation a phrase is true of, in the same cell."""
        about = replace(self.measure, where=where, when=when or self.measure.when, value="1", fold="sum")
        query = behind_in_sum(about, tuple(self.cell), self.cell, self.scope, question or self.question, self.names)
        return int(self.warehouse.fetch(query.sql, query.values)[0]["count"])

    def other(self, when: str) -> int:
        """How many things have rows at that time, but none that stands."""
        about = replace(self.measure, when=when, value="1")
        by = tuple(self.cell)
        statement, rows = records(about, by, self.cell, self.scope, self.question, self.names.products)
        standing = statement.read(self.measure.relation, self.measure.time, by)
        keys = (self.measure.relation.key, *WITHIN.get(self.measure.over, ()))
        same = " and ".join(f"f.{key} is not distinct from s.{key}" for key in keys)
        query = statement.finish(
            f"select count(*) as count from (select distinct {', '.join(keys)} from {rows}) f anti join {standing} s on {same}"
        )
        return int(self.warehouse.fetch(query.sql, query.values)[0]["count"])


def explained(
    measure: Measure, cell: Mapping[str, Any], scope: Scope, question: Question, warehouse: Warehouse, names: Names
) -> Explained:  # fmt: skip
    """How `measure` comes to its number in a cell (dimension → id; empty: the total)."""
    if not lists(measure.relation, scope) or lacking(measure.relation, question):
        return Explained(measure, None, None, (), None)
    query = behind_in_sum(measure, tuple(cell), cell, scope, question, names)
    (row,) = warehouse.fetch(query.sql, query.values)
    asking = Asking(measure, cell, scope, question, warehouse, names)
    left = (*_unstated(asking), *_unfiltered(asking), *_otherwise(asking), *_unplanned(asking))
    return Explained(measure, row["count"], measure.reader(row["value"]), tuple(found for found in left if found.count), query)


def _unstated(asking: Asking) -> list[LeftOut]:
    """Rows that do not count by the measure's own words, and those that count with 0."""
    measure = asking.measure
    found = [LeftOut(why, asking.number(where)) for why, where in OMITTED.get(measure.key, ())]
    if measure.unit is Unit.MONEY and measure.over in ESTIMATED:
        number = asking.number(both(measure.where, "not amount_known"))
        found.append(LeftOut(_l("Counted with 0: nobody stated an amount"), number))
    return found


def _unfiltered(asking: Asking) -> list[LeftOut]:
    """Rows that a filter passes over because they say nothing of its dimension."""
    measure, chosen = asking.measure, asking.question.chosen
    found = []
    for name in chosen if measure.over not in ("target", "ranking") else ():
        column = measure.relation.filters[name]
        nothing = "len(product_ids) = 0" if name == "product" else f"{column} is null"
        free = replace(asking.question, chosen={key: ids for key, ids in chosen.items() if key != name})
        why = _l("Passed over by the filter: no {dimension} is stated", dimension=DIMENSIONS[name].title)
        found.append(LeftOut(why, asking.number(both(measure.where, nothing), free)))
    return found


def _otherwise(asking: Asking) -> list[LeftOut]:
    """Deeds of the period that no longer stand on the state day, or lie after it."""
    if asking.measure.time != DEED:
        return []
    found = [LeftOut(_l("Taken back by the state day: voided, reopened or cancelled"), asking.other(GONE))]
    if asking.question.past and asking.question.state < asking.question.period.last:
        found.append(LeftOut(_l("In the period, but after the state day"), asking.other(LATER)))
    return found


def _unplanned(asking: Asking) -> list[LeftOut]:
    """Contracts that have no payment plan, where it is instalments that are summed."""
    known = {"team", "rep", "customer", "contract"}
    if asking.measure.key not in BY_PLAN or not set(asking.cell) <= known or not lists(WITHOUT_PLAN.relation, asking.scope):
        return []
    number = replace(asking, measure=WITHOUT_PLAN).number(WITHOUT_PLAN.where)
    return [LeftOut(_l("Contracts without a payment plan: nothing of them is due"), number)]


def written(value: object) -> str:
    """A parameter of a statement for reading: a long list by its beginning and how many more there are."""
    values = list(value) if isinstance(value, (list, tuple, set, frozenset)) else None
    if values is None or len(values) <= SHOWN:
        return repr(values if values is not None else str(value))
    return f"{values[:SHOWN]!r} + {len(values) - SHOWN}"
