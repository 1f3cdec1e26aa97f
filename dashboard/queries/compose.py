"""From measures and a grain to SQL: one arm for each relation, stacked and summed once more; and the records behind one number."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm.scope import Scope
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure
from dashboard.queries.phrases import both, cases, common, conditions, parts, phrases, shared
from dashboard.queries.relations import RELATIONS, Products, Relation, scoped
from dashboard.queries.special import figures_of, target_level


@dataclass(frozen=True, slots=True)
class Composed:
    """A statement and its parameters."""

    sql: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a long table: so many from `first` on, sorted by a figure (empty: the table's own order).

    `only`: instead of those, the rows of these groups, each the ids of the table's dimensions: what stands on a page that is known.
    """

    first: int = 0
    count: int = 100
    sort: str = ""
    ascending: bool = False
    only: tuple[tuple[int | None, ...], ...] | None = None


class Statement:
    """The scoped relations that a statement reads, each written once, and the parameters that they bring."""

    def __init__(self, scope: Scope, question: Question, products: Products) -> None:
        self.scope, self.question, self.products = scope, question, products
        self.named: dict[str, str] = {}
        self.values: dict[str, object] = dict(question.values)
        self.kept: frozenset[str] = KEPT

    def read(self, relation: Relation, when: str, by: tuple[str, ...]) -> str:
        """The name under which the relation's rows of that time can be selected from."""
        if relation.name == "target":
            return self._target(relation, target_level(by, self.scope, self.question))
        number = sum(1 for name in self.named if name.startswith(f"{relation.name}_then_"))
        name = relation.name if when == relation.when else f"{relation.name}_then_{number}"
        sql, values = scoped(relation, self.scope, self.question, self.products, when)
        if name not in self.named or relation == RELATIONS[relation.name]:  # else it stands there already, with more
            self.named[name] = sql
        self.values |= values
        return name

    def _target(self, relation: Relation, level: str) -> str:
        rows, values = scoped(relation, self.scope, self.question, self.products)
        self.named["target_own"] = rows
        self.named[f"target_of_{level}"] = figures_of(level)
        self.values |= values
        return f"target_of_{level}"

    def finish(self, body: str) -> Composed:
        """The whole statement around `body`."""
        ctes = ", ".join(f"{name} as {'' if name in self.kept else 'not '}materialized ({sql})" for name, sql in self.named.items())
        return Composed(f"with {ctes} {body}", self.values)


KEPT = frozenset({"page", "target_own"})
"""Steps that are small and read several times: computed once and kept; the others flow into where they are read."""


def compose(
    by: tuple[str, ...], measures: Sequence[Measure], scope: Scope, question: Question, products: Products, page: Page | None, order: str,
    population: Sequence[Measure] = (),
) -> Composed:  # fmt: skip
    """One statement for a view: a row per group with grain 0, and with grain 1 the total, as far as it does not follow from the groups
    (`rolls_up`). Columns: grain, the dimensions, the measures.

    `population`: the measures whose records say which groups a table by the page has; else the first one's.
    """
    statement = Statement(scope, question, products)
    if page is None:
        return statement.finish(_whole(statement, by, [_as_of_whole(measure) for measure in measures]))
    sort = _sort(measures, page, order)
    stacked = _stacked(_paged(statement, by, measures, page, order, population or measures[:1]), by, measures)
    return statement.finish(f"select * from ({stacked}) order by grain desc, {_ordered(sort.key, sort, page, by)}")


UNION = " union all by name "


def _stacked(bodies: Sequence[str], by: tuple[str, ...], measures: Sequence[Measure], said: Mapping[str, str] | None = None) -> str:
    """Bodies on each other, summed once more. Each has other measures, or the same at another grain: of one group's rows only one knows a
    measure, unless it is `said` by which of its cases it is summed."""
    if len(bodies) == 1 and not said:
        numbers = (m.sent(m.key) if m.adds_up else m.key for m in measures)
        return f"select {', '.join(['grain', *by, *numbers])} from ({bodies[0]})"
    phrases = {m.key: f"sum({m.key})" for m in measures} | dict(said or {})
    numbers = (m.sent(phrases[m.key]) if m.adds_up else f"max({m.key}) as {m.key}" for m in measures)
    return f"select {', '.join(['grain', *by, *numbers])} from ({UNION.join(bodies)}) group by {', '.join(['grain', *by])}"


def _as_of_whole(measure: Measure) -> Measure:
    """The measure over the relation that its own is a part of, so that both are read in one pass."""
    relation = measure.relation
    if not relation.part_of:
        return measure
    where = measure.where if relation.part in conditions(measure.where) else both(measure.where, relation.part)
    return replace(measure, over=relation.part_of, where=where)


def arms_of(measures: Sequence[Measure], by: Sequence[str]) -> list[list[Measure]]:
    """The measures that are best read in one pass: of one relation, at one time.

    Where sums ask for fewer rows together than with what is no sum, that has a pass of its own: most rows are then looked at by one.
    So have, where nothing is grouped, those of a state's rows of which each chooses other days: two narrow passes are less than a wide one.
    """
    arms: dict[tuple[str, str, str], list[Measure]] = {}
    for measure in measures:
        arms.setdefault((measure.over, measure.time, "" if by else days_of(measure)), []).append(measure)
    found: list[list[Measure]] = []
    for (_over, _time, days), arm in arms.items():
        sums, others = [m for m in arm if m.adds_up], [m for m in arm if not m.adds_up]
        apart = sums and others and not days and len(common(sums)) > len(common(arm))
        found += [sums, others] if apart else [arm]
    return found


def days_of(measure: Measure) -> str:
    """Which days of a state's rows the measure chooses: the first condition that names one; empty where it takes them all."""
    if measure.relation.source or measure.relation.around or not measure.relation.is_state:
        return ""
    return next((condition for condition in conditions(measure.where) if "$" in condition), "")


def _whole(statement: Statement, by: tuple[str, ...], measures: Sequence[Measure]) -> str:
    """All groups. What sums up is read by groups only, and its total is the reader's to add (`total`); the rest is read at each grain."""
    grain, rolling = (0, [m for m in measures if rolls_up(m)]) if by else (1, list(measures))
    bodies: list[str] = []
    said: dict[str, str] = {}
    for found in arms_of(rolling, by):
        told = cases(found) if by else frozenset()
        if told:
            said |= phrases(found, len(bodies))
        bodies.append(_in_cases(statement, found, by, len(bodies), told) if told else _grained(statement, found, by, grain))
    for found in arms_of([m for m in measures if m not in rolling], by):
        bodies += [_grained(statement, found, by, 0), _grained(statement, found, (), 1)]
    return _stacked(bodies, by, measures, said)


def _in_cases(statement: Statement, measures: Sequence[Measure], by: tuple[str, ...], arm: int, told: frozenset[str]) -> str:
    """An arm whose groups are split by its cases."""
    relation, source = measures[0].relation, _source(statement, measures, by)
    sums = (f"sum({value}){f' filter (where {rest})' if rest else ''} as {part}" for (value, rest), part in parts(measures, arm).items())
    columns = ["0 as grain", *(_dimension(name, relation) for name in by), *sorted(told - set(by)), *sums]
    return f"select {', '.join(columns)} from {source}{_where(shared(measures)[0])} group by all"


def total(measure: Measure, parts: Iterable[Any]) -> Any:
    """What the numbers of all groups come to, of a measure that rolls up."""
    known = [part for part in parts if part is not None]
    return (sum(known) if measure.adds_up else {"max": max, "min": min}[measure.fold](known)) if known else None


def _source(statement: Statement, measures: Sequence[Measure], by: tuple[str, ...]) -> str:
    """The relation that measures read; without what is laid around its rows where none of them speaks of that."""
    relation = measures[0].relation
    plain = relation.adds and not any(re.search(rf"\b{relation.adds}\b", f"{m.value} {m.where}") for m in measures)
    return statement.read(replace(relation, around="") if plain else relation, measures[0].time, by)


def _paged(
    statement: Statement, by: tuple[str, ...], measures: Sequence[Measure], page: Page, order: str, population: Sequence[Measure]
) -> list[str]:
    """Arms for the groups of one page: first which groups those are, then their figures; with the first page comes the total.

    Which groups there are is said by the population: a contract in progress has a balance, but need not have costs.
    """
    sort = _sort(measures, page, order)
    statement.named["page"] = _these(statement, by, page) if page.only is not None else _groups(statement, by, population, sort, page)
    bodies = [_grained(statement, found, by, 0, among=True) for found in arms_of(measures, by)]
    if page.first == 0:
        bodies += [_grained(statement, found, (), 1) for found in arms_of(measures, by)]
    return bodies


def _these(statement: Statement, by: tuple[str, ...], page: Page) -> str:
    """The groups that a page names, as lists of their ids."""
    for place, name in enumerate(by):
        statement.values[f"page_{name}"] = [cell[place] for cell in page.only or ()]
    return f"select {', '.join(f'unnest($page_{name}::bigint[]) as {name}' for name in by)}"


def _sort(measures: Sequence[Measure], page: Page, order: str) -> Measure:
    """The figure by which the rows of a page are sorted."""
    return next((m for m in measures if m.key == (page.sort or order)), measures[0])


def _ordered(key: str, sort: Measure, page: Page, by: Sequence[str]) -> str:
    """The order of a page's rows, which is the same each time: a row is on one page and on no other. A sum over nothing is read as zero."""
    value = f"coalesce({key}, 0)" if sort.adds_up else key
    return f"{value} {'asc' if page.ascending else 'desc'} nulls last, {', '.join(by)}"


def _groups(statement: Statement, by: tuple[str, ...], population: Sequence[Measure], sort: Measure, page: Page) -> str:
    """The groups of a page and one more, in their order."""
    names = ", ".join(by)
    limit = f"{_ordered('sorted', sort, page, by)} limit {page.count + 1} offset {page.first}"
    base = population[0]
    here = len(population) == 1 and (sort.over, sort.time) == (base.over, base.time)
    if here and base.relation.single and sort.where == base.where and set(by) >= {base.relation.record}:
        columns = ", ".join(_dimension(name, base.relation) for name in by)
        source = f"{statement.read(base.relation, base.time, by)} where {base.where}"
        return f"select {names} from (select {columns}, {sort.value} as sorted from {source}) order by {limit}"
    value = f"{sort.fold}({sort.value}) filter (where {sort.where})" if here else "null"
    groups = " union ".join(_group(statement, by, base, value) for base in population)
    if not here:
        arm = _grained(statement, [sort], by, 0)
        matches = " and ".join(f"g.{name} is not distinct from s.{name}" for name in by)
        groups = (
            f"select {', '.join(f'g.{name}' for name in by)}, s.{sort.key} as sorted from ({groups}) g left join ({arm}) s on {matches}"
        )
    return f"select {names} from ({groups}) order by {limit}"


def _group(statement: Statement, by: tuple[str, ...], base: Measure, value: str) -> str:
    """The groups in which a measure has records, each with the figure that it is sorted by."""
    source = statement.read(base.relation, base.time, by)
    columns = ", ".join(_dimension(name, base.relation) for name in by)
    return f"select {columns}, {value} as sorted from {source} where {base.where} group by all"


def places(
    by: tuple[str, ...], measure: Measure, scope: Scope, question: Question, products: Products, cells: Sequence[tuple[int | None, ...]]
) -> Composed:
    """SQL of the `place` that each of these groups has among all by a measure, the largest first; without a name it has none."""
    statement = Statement(scope, question, products)
    statement.named["page"] = _these(statement, by, Page(only=tuple(cells)))
    named = " and ".join(f"{name} is not null" for name in by)
    ranked = f"select *, rank() over (order by {measure.key} desc) as place from ({_grained(statement, [measure], by, 0)}) where {named}"
    matches = " and ".join(f"r.{name} = page.{name}" for name in by)
    return statement.finish(f"select r.* from ({ranked}) r semi join page on ({matches})")


FOLDS_AGAIN = frozenset({"sum", "max", "min"})
"""What can be taken over groups as over their rows."""


def rolls_up(measure: Measure) -> bool:
    """Whether a total follows from its groups: not for medians, for targets (a unit's own figure), nor where a record has several rows."""
    return measure.fold in FOLDS_AGAIN and measure.over != "target" and not _several(measure)


SPLIT: Mapping[str, tuple[str, frozenset[str]]] = {
    "closed_line": ("product", frozenset({"1"})),
    "encounter": ("competitor", frozenset({"1", "amount"})),
}
"""Relations in which an opportunity has several rows: the dimension that tells them apart, and the values that are to count once."""


def _several(measure: Measure) -> bool:
    """Whether the measure counts records that have several rows in its relation."""
    return measure.over in SPLIT and measure.value in SPLIT[measure.over][1]


def number(measure: Measure, by: Sequence[str]) -> str:
    """The number at this grain; where rows of a record come together, it counts once."""
    return _once(measure) if _several(measure) and SPLIT[measure.over][0] not in by else measure.number


def _dimension(name: str, relation: Relation) -> str:
    return f"{DIMENSIONS[name].phrase(relation)} as {name}"


def _grained(statement: Statement, measures: Sequence[Measure], by: tuple[str, ...], grain: int, among: bool = False) -> str:
    """An arm at one grain by itself, its rows marked with `grain`; `among` the groups of the page only."""
    relation = measures[0].relation
    source = _source(statement, measures, by)
    if among:
        matches = " and ".join(f"{DIMENSIONS[name].phrase(relation)} is not distinct from page.{name}" for name in by)
        source = f"{source} semi join page on ({matches})"
    asked, left = shared(measures)
    numbers = [number(m, by) for m in left]
    columns = ", ".join([f"{grain} as grain", *(_dimension(name, relation) for name in by), *numbers])
    return f"select {columns} from {source}{_where(asked)}" + (" group by all" if by else "")


def _where(asked: Sequence[str]) -> str:
    return f" where {' and '.join(asked)}" if asked else ""


def _once(measure: Measure) -> str:
    """The number in which a record with several rows counts once."""
    if measure.value == "1":
        return f"count(distinct opportunity_id) filter (where {measure.where}) as {measure.key}"
    each = f"list(distinct {{id: opportunity_id, value: {measure.value}}}) filter (where {measure.where})"
    return f"coalesce(list_sum(list_transform({each}, one -> one.value)), 0) as {measure.key}"


def records(
    measure: Measure, by: tuple[str, ...], cell: Mapping[str, Any], scope: Scope, question: Question, products: Products
) -> tuple[Statement, str]:
    """The rows behind one number of one cell, as a phrase to select from: the measure's own rows in time, scope and filters."""
    statement = Statement(scope, question, products)
    source = statement.read(measure.relation, measure.time, by)
    phrases = [measure.where]
    for name, value in cell.items():
        statement.values[f"cell_{name}"] = value
        phrases.append(f"{DIMENSIONS[name].phrase(measure.relation)} is not distinct from $cell_{name}")
    where = " and ".join(f"({phrase})" for phrase in phrases)
    first = ""
    if _several(measure) and (split := SPLIT[measure.over][0]) not in cell:
        last = DIMENSIONS[split].phrase(measure.relation)
        first = f" qualify row_number() over (partition by opportunity_id order by day, {last} nulls last) = 1"
    return statement, f"(select *, {measure.value} as adds from {source} where {where}{first})"
