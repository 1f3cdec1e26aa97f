"""The shape that every report has: words that stand in the glossary, known dimensions, and SQL that reads nothing but scoped relations.

Architecture: a report can't forget the scope, since there is no way to name the rows that lie outside of it. This is where a machine
says so: whatever `compose` yields is parsed, and a table of the warehouse appears only where `relations.scoped` put it, under the
condition that `Scope.visible` gave.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from crm.rules.periods import Period, Preset, last_periods
from crm.scope import Actor, Scope
from crm.vocabulary import Kind, Reach
from dashboard.queries import REPORTS, abreast, measures, past
from dashboard.queries.compose import Composed, Page
from dashboard.queries.dimensions import DIMENSIONS
from dashboard.queries.filters import CHOICES, Question
from dashboard.queries.measure import Derived, Measure, parts_of
from dashboard.queries.records import KINDS, listed
from dashboard.queries.relations import RELATIONS, Products, Relation, lacking, scoped, sees
from dashboard.queries.report import Listing, Report, View, columns_of, composed
from tests.people import CHEN, FANG, LIN, MEI, TODAY, WANG
from tests.reports.company import Company, actor

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")

VIEWS = [pytest.param(report, view, id=f"{report.key}-{view.name}") for report in REPORTS for view in (report.top, *report.views)]
PEOPLE = (CHEN, LIN, WANG, MEI, FANG)

LOOKED_UP = {"customer", "contract_record", "opportunity_record", "allocation", "follow_up", "stage_version"}
"""What gives a list its names, instalments their receipts, and what stood open its probability and whom it heard from: joined to rows
that are scoped already."""


@pytest.fixture(scope="module")
def company() -> Company:
    return Company()


def shown_in(view: View | Listing) -> list[Measure]:
    return [view.measure] if isinstance(view, Listing) else list(view.measures)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def declared() -> Iterator[Measure | Derived]:
    """Every figure that there is: those of `measures`, and those that a report declares for itself."""
    subjects = [import_module(f"{measures.__name__}.{subject.name}") for subject in iter_modules(measures.__path__)]
    named = [value for subject in subjects for value in vars(subject).values()]
    listed = (value for value in named if isinstance(value, tuple))
    yield from (value for value in chain(named, *listed) if isinstance(value, Measure | Derived))
    yield from chain.from_iterable(report.figures.values() for report in REPORTS)


@pytest.mark.parametrize("key", sorted({figure.key for figure in declared()}))
def test_a_figure_stands_in_the_glossary(key: str) -> None:
    assert f"`{key}`" in GLOSSARY


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_report_stands_in_the_glossary(report: Report) -> None:
    assert f"`{report.key}`" in GLOSSARY


@pytest.mark.parametrize("name", [*DIMENSIONS, *CHOICES])
def test_a_dimension_stands_in_the_glossary(name: str) -> None:
    assert re.search(rf"`{name}`", GLOSSARY)


def test_a_key_means_one_figure_but_for_those_split_by_product_or_of_collected_contracts() -> None:
    found: dict[str, set[tuple[Any, ...]]] = {}
    for figure in declared():
        if isinstance(figure, Measure) and not figure.over.endswith("_line") and figure.over != "collected":
            found.setdefault(figure.key, set()).add((figure.over, figure.where, figure.value, figure.time, figure.fold))
    assert {key: meanings for key, meanings in found.items() if len(meanings) > 1} == {}


# ── declarations ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("report", "view"), VIEWS)
def test_a_table_is_declared_in_words_that_exist(report: Report, view: View | Listing) -> None:
    assert report.view(view.name) == view
    assert [m.over for m in shown_in(view) if m.over not in RELATIONS] == []
    if isinstance(view, View):
        assert set(view.by) <= set(DIMENSIONS)
        assert view.order in {"", *(part.key for figure in view.figures for part in (figure, *parts_of(figure)))}
        assert view.order or not view.paged, "what is fetched by the page needs an order"


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_report_is_declared_in_words_that_exist(report: Report) -> None:
    names = [view.name for view in report.views]
    assert names[0] == "main"
    assert len(set(names)) == len(names)
    assert "headline" not in names
    assert set(report.filters) <= set(CHOICES)
    assert {"team", "rep", "product", "source"} <= set(report.filters)
    assert {*report.opens, *report.opens.values()} <= set(names)
    assert 3 <= len(report.headline) <= 6


@pytest.mark.parametrize("relation", RELATIONS.values(), ids=lambda relation: relation.name)
def test_a_relation_speaks_of_columns_that_the_warehouse_has(relation: Relation, company: Company) -> None:
    made_of = re.sub(r"\$\w+", "date '2026-11-23'", relation.table.replace("$unseen", "2"))
    columns = {name for (name,) in company.connection.execute(f"select column_name from (describe select * from {made_of})").fetchall()}
    assert {*relation.filters.values(), relation.key} <= columns
    assert relation.record in KINDS or relation.name == "ranking"


# ── SQL ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def questions(report: Report) -> list[Question]:
    """What can be asked: nothing chosen, what every fact knows, everything at once on a past day."""
    plain = Question(Period.of(date(2026, 11, 1), date(2026, 11, 30)), TODAY, TODAY)
    everything = replace(plain, chosen=dict.fromkeys(report.filters, (1,)), past=True, state=date(2026, 11, 9))
    return [plain, replace(plain, chosen={"team": (1, 2), "product": (1,)}), everything]


def statements(company: Company, report: Report, view: View | Listing, who: Actor) -> Iterator[Composed]:
    """Every SQL that a person can cause with this table: its own, and those of the records behind its numbers."""
    names = company.answers.names
    for question in questions(report):
        if isinstance(view, View) and any(not lacking(m.relation, question) and sees(m.relation, who.scope) for m in view.measures):
            yield composed(view, who.scope, question, names)
        if view == report.top and (once := past.read_once(view, who.scope, question)):
            before = [question.seen_in(period) for period in last_periods(Preset.THIS_MONTH, question.period)]
            yield abreast.abreast(once, who.scope, before, names.products)
        by = view.grain(who.scope) if isinstance(view, View) else ()
        figures = columns_of(view, names) if isinstance(view, View) else (view.measure,)
        for measure in {part.key: part for figure in figures for part in parts_of(figure)}.values():
            for cell in ({}, dict.fromkeys(by)):
                yield listed(measure, tuple(cell), cell, who.scope, question, names, Page(count=10))


def warehouse_tables(node: exp.Expression) -> set[str]:
    return {table.name for table in node.find_all(exp.Table) if table.db == "mart"}


def own_names(tree: exp.Expression) -> dict[str, exp.Expression]:
    """The named queries that stand before the statement's own."""
    with_ = tree.find(exp.With)
    return {cte.alias: cte.this for cte in with_.expressions} if with_ else {}


def check(sql: str, scope: Scope) -> None:
    """Parse `sql` and hold it to the rule."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    named = own_names(tree)
    tables = list(tree.find_all(exp.Table))
    inside = {id(table) for query in named.values() for table in query.find_all(exp.Table)}
    assert {table.db for table in tables} <= {"", "mart"}
    assert {table.name for table in tables if not table.db} <= set(named)
    assert {table.name for table in tables if table.db and id(table) not in inside} <= LOOKED_UP
    for name, query in named.items():
        if warehouse_tables(query):
            relation = RELATIONS.get(re.sub("_then_[0-9]+$|_own$", "", name))
            assert relation is not None, f"{name} reads the warehouse and is no relation"
            assert warehouse_tables(query) <= made_of(relation.name)
            assert condition(relation, scope) <= conditions(query), f"{name} is not under the scope"


@cache
def made_of(relation: str) -> set[str]:
    """The tables of the warehouse that a relation reads."""
    return warehouse_tables(sqlglot.parse_one(f"select * from {RELATIONS[relation].table}", dialect="duckdb"))


def conditions(query: exp.Expression) -> set[str]:
    """What a query asks of each of its rows."""
    where = query.args.get("where")
    return {part.unnest().sql("duckdb") for part in where.this.flatten()} if where else set()


def condition(relation: Relation, scope: Scope) -> set[str]:
    """What the scope asks of each row of a relation; nothing where all rows are seen, or all in sums."""
    if relation.aggregate is not None and scope.over(relation.aggregate) is Reach.NOTHING and relation.aggregate not in scope.aggregate:
        return {"FALSE"}
    if scope.over(relation.kind) is Reach.NOTHING and relation.kind in scope.aggregate:
        return set()
    phrase, _values = scope.visible(relation.kind)
    return {sqlglot.parse_one(phrase, dialect="duckdb").unnest().sql("duckdb")} - {"TRUE"}


@pytest.mark.parametrize(("report", "view"), VIEWS)
def test_sql_reads_nothing_but_scoped_relations(report: Report, view: View | Listing, company: Company) -> None:
    for who in map(actor, PEOPLE):
        if not report.open_to(who.roles):
            continue
        for sql in {found.sql for found in statements(company, report, view, who)}:
            check(sql, who.scope)


def test_a_report_that_reads_around_the_scope_is_found() -> None:
    scope = actor(WANG).scope
    good, _values = scoped(RELATIONS["signed"], scope, questions(REPORTS[0])[0], Products({}))
    check(f"with signed as ({good}) select sum(amount) from signed", scope)
    for bad in (
        f"with signed as ({good}) select sum(amount) from mart.signed",
        "with signed as (select * from mart.signed) select sum(amount) from signed",
        f"with signed as ({good}) select (select count(*) from mart.lead) from signed",
        f"with signed as ({good}), secret as (select * from mart.balance) select 1 from signed, secret",
        f"with signed as ({good}) select * from operational.leads",
        f"with signed as ({good}) select * from lead",
    ):
        with pytest.raises(AssertionError):
            check(bad, scope)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("kind", Kind)
def test_the_phrase_of_a_scope_is_never_empty(kind: Kind, who: int) -> None:
    phrase, values = actor(who).scope.visible(kind)
    assert phrase
    assert set(re.findall(r"\$(\w+)", phrase)) == set(values)


@pytest.mark.parametrize(("report", "view"), VIEWS)
def test_sql_runs_with_just_the_values_that_it_names(report: Report, view: View | Listing, company: Company) -> None:
    for found in statements(company, report, view, actor(LIN)):
        named = set(re.findall(r"\$(\w+)", found.sql))
        assert named <= set(found.values)
        company.warehouse.fetch(found.sql, found.values)
