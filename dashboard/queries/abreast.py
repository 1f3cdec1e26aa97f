"""Several periods side by side: one statement that says what a headline comes to in each of them.

The scoped and chosen rows that lie in any of the periods are picked out first, each then laid beside the periods in which it counts; a
phrase of a measure about *the* period's days becomes one about those of the period that stands beside the row.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from crm.scope import Scope
from crm.vocabulary import Reach
from dashboard.queries.compose import UNION, Composed, Statement, arms_of, number
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure
from dashboard.queries.phrases import conditions, shared
from dashboard.queries.relations import Products, Relation, scoped
from dashboard.queries.special import figures_of, target_level

PERIOD_DAY = re.compile(r"\$(start|end|state|known|silent_since)\b")
DAYS = {"start": "from", "end": "until", "state": "at", "known": "seen_at", "silent_since": "quiet_from"}
"""The days of a period by the names of a question's parameters, and what they are called in the statement, with the period's number."""

COMPARISON = re.compile(r"\w+ [<>]=? (date_trunc\('month', )?\$(start|end|state|known)(\)::date)?( [+-] \d+)?")
"""A condition that, where it holds in one of the periods, holds with the earliest or latest of their days too."""
BEGINS = re.compile(r"(\w+) >= \$start")
MOST_DAYS = 10_000
"""Of longer periods the days are not listed."""


PARTS = frozenset({Reach.OWN, Reach.TEAMS})
"""Reach over so few rows that it is cheaper to pick them out of a table once than to read of it only what each pass needs."""


def can_stand_abreast(relation: Relation) -> bool:
    """Whether the relation's rows can be picked out before they are laid beside the periods: not where which rows there are depends on
    the period in another way than by its conditions."""
    return not PERIOD_DAY.search(relation.rows)


def abreast(measures: Sequence[Measure], scope: Scope, questions: Sequence[Question], products: Products) -> Composed:
    """One statement about `questions`, which differ in their days only. Columns: period_no, the measures.

    A period has a row for each pass over a relation that found anything in it; of these only one knows a measure.
    """
    statement = _Periods(scope, questions, products)
    return statement.finish(UNION.join([statement.arm(found) for found in arms_of(measures, ())]))


class _Periods(Statement):
    """A statement about several periods, which stand in it as `asked`."""

    def __init__(self, scope: Scope, questions: Sequence[Question], products: Products) -> None:
        super().__init__(scope, questions[0], products)
        self.values |= _days(questions)
        self.listed = sum(question.period.days for question in questions) <= MOST_DAYS
        rows = (", ".join([str(no), *(f"${called}_{no}::date" for called in DAYS.values())]) for no in range(len(questions)))
        columns = ", ".join(f"{day}_day" for day in DAYS)
        self.named["asked"] = f"select * from (values ({'), ('.join(rows)})) as periods (period_no, {columns})"

    def arm(self, measures: Sequence[Measure]) -> str:
        """One pass over a relation, a row for each period in which it has any."""
        relation = measures[0].relation
        asked, left = shared(measures)
        outside = asked if relation.around else []
        rows = self._beside(relation, measures[0].time, [] if relation.around else asked)
        source = _of_period(relation.made_of(f"({rows})"))
        if relation.name == "target":
            source = self._figures(source)
        where = f" where {' and '.join(map(_of_period, outside))}" if outside else ""
        numbers = ", ".join(number(replace(m, where=_of_period(m.where), value=_of_period(m.value)), ()) for m in left)
        return f"select period_no, {numbers} from {source}{where} group by period_no"

    def _beside(self, relation: Relation, time: str, asked: Sequence[str]) -> str:
        """The relation's rows beside the periods in which they count."""
        always, of_periods = _apart((*conditions(time), *asked))
        part = self.scope.over(relation.kind) in PARTS
        picked = _apart(conditions(time)) if part else (always, of_periods)
        rows = self._picked(relation, [*picked[0], *map(_widest, filter(COMPARISON.fullmatch, picked[1]))], part)
        left = [condition for condition in always if condition not in picked[0]]
        periods, matches = self._periods_by(of_periods)
        where = " and ".join([*left, *map(_of_period, matches)])
        return f"select * from {rows}, {periods}" + (f" where {where}" if where else "")

    def _picked(self, relation: Relation, wanted: Sequence[str], once: bool) -> str:
        """The name of the rows of one table that are within reach, chosen and wanted; `once`: what several passes read is kept."""
        sql, values = scoped(replace(relation, around=""), self.scope, self.question, self.products, " and ".join(wanted) or "true")
        self.values |= values
        for name, known in self.named.items():
            if known == sql:
                self.kept |= {name} if once else set()
                return name
        name = f"{relation.name}_then_{len(self.named)}"
        self.named[name] = sql
        return name

    def _periods_by(self, of_periods: Sequence[str]) -> tuple[str, Sequence[str]]:
        """What a row is laid beside, and by which conditions: where a day of its own lies inside of the period, by that day."""
        begins = next((found for condition in of_periods if (found := BEGINS.fullmatch(condition))), None)
        if not self.listed or begins is None or (ends := f"{begins[1]} < $end") not in of_periods:
            return "asked", of_periods
        self.named["calendar"] = "select *, unnest(range(start_day, end_day, interval 1 day))::date as calendar_day from asked"
        return "calendar", [f"{begins[1]} = calendar_day", *(one for one in of_periods if one not in (begins[0], ends))]

    def _figures(self, source: str) -> str:
        """The targets of the level that is asked about."""
        level = target_level((), self.scope, self.question)
        self.named["target_own"] = f"select * from {source}"
        self.named[f"target_of_{level}"] = figures_of(level, "period_no, month")
        return f"target_of_{level}"


def _days(questions: Sequence[Question]) -> dict[str, object]:
    """The days of all periods, and the widest of each kind."""
    values: dict[str, object] = {}
    for day, called in DAYS.items():
        found: list[date | None] = [question.days[day] for question in questions]
        values |= {f"{called}_{no}": one for no, one in enumerate(found)}
        known = [one for one in found if one is not None]
        values |= {f"earliest_{day}": min(known, default=None), f"latest_{day}": max(known, default=None)}
    return values


def _apart(wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """The conditions that hold or not whatever the period, and those about its days."""
    of_periods = [condition for condition in wanted if PERIOD_DAY.search(condition)]
    return [condition for condition in wanted if condition not in of_periods], of_periods


def _widest(condition: str) -> str:
    """A comparison with a day of the period, for all periods together."""
    outermost = "earliest" if ">" in condition else "latest"
    return PERIOD_DAY.sub(rf"${outermost}_\1", condition)


def _of_period(phrase: str) -> str:
    """The phrase about the period that stands beside the row."""
    return PERIOD_DAY.sub(r"\1_day", phrase)
