"""The headline of many periods: the small lines, whose points ask the same of other days.

Sums over states of which each period chooses few by a day of theirs (what fell due in it, what was overdue at its end) are read once for
all periods, each row beside those in which it counts; the table is asked only for days that one of the periods has. The other figures are
asked for period by period: of deeds a period reads its own days anyway, and of balances most rows count in most periods. What shares a pass
with one of them stays with it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crm.scope import Scope
from dashboard.queries.compose import UNION, Composed, Statement, arms_of, conditions, days_of, shared
from dashboard.queries.dimensions import Names
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure
from dashboard.queries.relations import Products, is_aggregate
from dashboard.queries.report import View, asked_of, completed
from dashboard.queries.warehouse import Row, Warehouse

PERIOD_DAY = re.compile(r"\$(start|end|state)\b")
COMPARISON = re.compile(r"\w+ [<>]=? \$(start|end|state)")
"""A condition that, where it holds in one of the periods, holds with the earliest or latest of their days too."""
BEGINS = re.compile(r"(\w+) >= \$start")
MOST_DAYS = 10_000
"""Of longer periods the days are not listed."""


def lines(view: View, scope: Scope, questions: Sequence[Question], warehouse: Warehouse, names: Names) -> list[Row]:
    """The one row of `view` for each of these questions, which differ in their days only, in their order."""
    together = read_once(view, scope, questions[0]) if questions else []
    known: list[dict[Measure, Any]] = [{} for _ in questions]
    if together:
        query = side_by_side(together, scope, questions, names.products)
        found = {row["period_no"]: row for row in warehouse.fetch(query.sql, query.values)}
        known = [{m: m.reader(found.get(no, {}).get(m.key)) for m in together} for no in range(len(questions))]
    return [completed(view, told, scope, question, warehouse, names).total for told, question in zip(known, questions, strict=True)]


def read_once(view: View, scope: Scope, question: Question) -> list[Measure]:
    """The measures of a headline whose rows of all periods are read in one pass."""
    passes = arms_of(asked_of(view, scope, question), ())
    return [m for found in passes if all(days_of(m) and m.adds_up and not is_aggregate(m.relation, scope) for m in found) for m in found]


def side_by_side(measures: Sequence[Measure], scope: Scope, questions: Sequence[Question], products: Products) -> Composed:
    """One statement: a row for each period, by its number, that has any rows. Columns: period_no, the measures."""
    statement = Statement(scope, questions[0], products)
    statement.values |= _days(questions)
    listed = sum(question.period.days for question in questions) <= MOST_DAYS
    alike: dict[tuple[str, str], list[Measure]] = {}
    for measure in measures:
        alike.setdefault((measure.over, measure.where), []).append(measure)
    bodies = [_body(statement, found, listed) for found in alike.values()]
    rows = ", ".join(f"({no}, $from_{no}::date, $until_{no}::date, $at_{no}::date)" for no in range(len(questions)))
    statement.named["asked"] = f"select * from (values {rows}) as periods (period_no, start_day, end_day, state_day)"
    statement.named["calendar"] = "select *, unnest(range(start_day, end_day, interval 1 day))::date as calendar_day from asked"
    sums = ", ".join(f"sum({m.key}) as {m.key}" for m in measures)
    return statement.finish(f"select period_no, {sums} from ({UNION.join(bodies)}) group by period_no")


def _days(questions: Sequence[Question]) -> dict[str, object]:
    """The days of all periods, and the widest of each kind."""
    days = {"start": [q.period.start for q in questions], "end": [q.period.end for q in questions], "state": [q.state for q in questions]}
    values: dict[str, object] = {f"earliest_{name}": min(found) for name, found in days.items()}
    values |= {f"latest_{name}": max(found) for name, found in days.items()}
    for name, called in (("start", "from"), ("end", "until"), ("state", "at")):
        values |= {f"{called}_{no}": day for no, day in enumerate(days[name])}
    return values


def _body(statement: Statement, measures: Sequence[Measure], listed: bool) -> str:
    """One pass over a relation: its rows of any of the periods, beside those in which each counts."""
    asked, left = shared(measures)
    wanted = (*conditions(measures[0].time), *asked)
    of_periods = [condition for condition in wanted if PERIOD_DAY.search(condition)]
    always = [condition for condition in wanted if condition not in of_periods]
    widest = [_widest(condition) for condition in of_periods if COMPARISON.fullmatch(condition)]
    source = statement.read(measures[0].relation, " and ".join([*always, *widest]), ())
    numbers = ", ".join(replace(m, where=_of_period(m.where), value=_of_period(m.value)).number for m in left)
    beside, matches = _beside(of_periods) if listed else ("asked", of_periods)
    return f"select period_no, {numbers} from {source}, {beside} where {' and '.join(map(_of_period, matches))} group by period_no"


def _beside(of_periods: Sequence[str]) -> tuple[str, Sequence[str]]:
    """What a row is laid beside, and by which conditions: where a day of its own lies inside of the period, by that day."""
    begins = next((found for condition in of_periods if (found := BEGINS.fullmatch(condition))), None)
    if begins is None or (ends := f"{begins[1]} < $end") not in of_periods:
        return "asked", of_periods
    return "calendar as asked", [f"{begins[1]} = calendar_day", *(one for one in of_periods if one not in (begins[0], ends))]


def _widest(condition: str) -> str:
    """A comparison with a day of the period, for all periods together."""
    outermost = "earliest" if ">" in condition else "latest"
    return PERIOD_DAY.sub(rf"${outermost}_\1", condition)


def _of_period(phrase: str) -> str:
    """The phrase about the period that stands beside the row."""
    return PERIOD_DAY.sub(r"asked.\1_day", phrase)
