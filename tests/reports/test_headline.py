"""A page asks for its headline only where no table beside it has said it already: both ways give the same figures."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import pytest

from crm.scope import Actor
from dashboard.components.charts.drawing import Chart
from dashboard.components.report_body import pictures
from dashboard.queries import report as of
from dashboard.queries.answers import Answer
from dashboard.queries.filters import Filters
from dashboard.queries.phrases import both, conditions
from dashboard.queries.report import Report, View, headline, narrowed
from dashboard.queries.warehouse import Row, Warehouse
from tests.reports.asking import CASES, whatever_is_asked
from tests.reports.conftest import Demo


@pytest.mark.parametrize(("report", "login"), CASES)
def test_the_headline_told_by_a_table_is_the_headline(report: Report, login: str, demo: Demo) -> None:
    def holds(who: Actor, filters: Filters) -> None:
        own = told(demo, who, report, filters, ())
        views = [view for view in report.views if isinstance(view, View)]
        for some in (views, *([view] for view in views)):
            beside = [demo.answers.table(report, view, who.scope, filters, demo.today) for view in some]
            assert told(demo, who, report, filters, beside) == own, [view.name for view in some]

    whatever_is_asked(demo, report, login, 1, holds)


def told(demo: Demo, who: Actor, report: Report, filters: Filters, beside: Sequence[Answer]) -> list[tuple[Row, Mapping[str, object]]]:
    """The headline and the compared one, with nothing kept."""
    demo.answers.forget()
    answer = demo.answers.headline(report, who.scope, filters, demo.today, beside)
    return [(table.total, table.missing) for table in (answer.table, answer.table_before) if table]


def no_cursor() -> Any:
    raise Asked


class Asked(Exception):
    """Something was asked of a warehouse that refuses."""


REFUSING = Warehouse(no_cursor)


@pytest.mark.parametrize(
    ("key", "names"),
    [("contracts_in_progress", ["teams"]), ("plan_completion", ["main"]), ("collection_progress", ["teams", "months"])],
)
def test_a_headline_that_totals_tell_is_told_without_asking(key: str, names: list[str], demo: Demo) -> None:
    """So that the page is quick: the tables beside it say the headline of contracts, of plans and of collections."""
    report, scope = of(key), demo.actor("chen").scope
    question = demo.answers.question(Filters(), demo.today)
    views = [view for view in report.views if isinstance(view, View) and view.name in names]
    tables = [demo.answers.table(report, view, scope, Filters(), demo.today).table for view in views]
    told = headline(report.top, tables, scope, question, REFUSING, demo.answers.names)
    assert told.total == report.top.run(scope, question, demo.answers.warehouse, demo.answers.names).total
    assert any(told.total.values())
    with pytest.raises(Asked):
        headline(report.top, tables[:-1], scope, question, REFUSING, demo.answers.names)


@pytest.mark.parametrize(("report", "login"), CASES)
def test_a_picture_is_the_same_whether_its_table_is_open_or_not(report: Report, login: str, demo: Demo) -> None:
    """Cut out of the open table, or asked for with its own figures only."""
    def holds(who: Actor, filters: Filters) -> None:
        for chart in import_module(f"dashboard.pages.{report.key}").FIGURES.values():
            view = report.view(chart.view)
            assert isinstance(view, View)
            narrow = narrowed(view, {m.key for m in chart.draws}, who.scope)
            whole, asked = (demo.answers.table(report, each, who.scope, filters, demo.today) for each in (view, narrow))
            cut = demo.answers.cut(whole, narrow)
            assert drawn(chart, cut, who) == drawn(chart, asked, who), chart.view

    whatever_is_asked(demo, report, login, 1, holds)


def drawn(chart: Chart, answer: Answer, who: Actor) -> object:
    return pictures({"one": chart}, {chart.view: answer}, "", who.user_id)


@pytest.mark.parametrize(
    ("where", "parts"),
    [
        ("true", ()),
        ("status = 'won'", ("status = 'won'",)),
        ("status = 'won' and day > $start", ("status = 'won'", "day > $start")),
        ("(a and b) or c and d", ("(a and b) or c and d",)),
        ("not (a and b) and c", ("not (a and b)", "c")),
    ],
)
def test_a_phrase_is_taken_apart_outside_of_its_brackets(where: str, parts: tuple[str, ...]) -> None:
    assert conditions(where) == parts


def test_phrases_are_joined_without_changing_their_meaning() -> None:
    assert both("a = 1", "b = 2") == "a = 1 and b = 2"
    assert both("a = 1 or c", "b = 2") == "(a = 1 or c) and b = 2"
    assert both("true", "b = 2") == "b = 2"
