"""The headline of many periods: the small lines, whose points ask the same of other days.

What each of the periods comes to is said by one statement (`abreast`). A figure over rows that this can't pick out for all periods
together is asked for period by period.
"""

from collections.abc import Sequence
from typing import Any

from crm.scope import Scope
from dashboard.queries.abreast import abreast, can_stand_abreast
from dashboard.queries.dimensions import Names
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure
from dashboard.queries.report import View, asked_of, completed
from dashboard.queries.warehouse import Row, Warehouse


def lines(view: View, scope: Scope, questions: Sequence[Question], warehouse: Warehouse, names: Names) -> list[Row]:
    """The one row of `view` for each of these questions, which differ in their days only, in their order."""
    together = read_once(view, scope, questions[0]) if questions else ()
    known: list[dict[Measure, Any]] = [{m: m.reader(None) for m in together} for _ in questions]
    if together:
        query = abreast(together, scope, questions, names.products)
        by_key = {m.key: m for m in together}
        for row in warehouse.fetch(query.sql, query.values):
            told = known[row["period_no"]]
            told |= {by_key[key]: by_key[key].reader(value) for key, value in row.items() if value is not None and key in by_key}
    return [completed(view, told, scope, question, warehouse, names).total for told, question in zip(known, questions, strict=True)]


def read_once(view: View, scope: Scope, question: Question) -> tuple[Measure, ...]:
    """The measures of a headline that one statement says of all periods."""
    return tuple(m for m in asked_of(view, scope, question) if can_stand_abreast(m.relation))
