"""A page asks for its headline only where no table beside it has said it already: both ways give the same figures."""

from collections.abc import Mapping, Sequence
from importlib import import_module

import pytest
from hypothesis import given, settings

from crm.scope import Actor
from dashboard.components.charts.drawing import Chart
from dashboard.components.report_body import pictures
from dashboard.queries import report as of
from dashboard.queries.answers import Answer
from dashboard.queries.compose import both, conditions
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report, View, narrowed, unsaid
from dashboard.queries.warehouse import Row
from tests.reports.conftest import Demo
from tests.reports.test_every_report import CASES, filter_states, opened


@pytest.mark.parametrize(("report", "login"), CASES)
def test_the_headline_told_by_a_table_is_the_headline(report: Report, login: str, demo: Demo) -> None:
    who = demo.actor(login)
    if not opened(report, who):
        pytest.skip("not this person's report")

    @settings(max_examples=1)
    @given(filter_states(report, demo, who))
    def check(filters: Filters) -> None:
        own = told(demo, who, report, filters, ())
        views = [view for view in report.views if isinstance(view, View)]
        for some in (views, *([view] for view in views)):
            beside = [demo.answers.table(report, view, who.scope, filters, demo.today) for view in some]
            assert told(demo, who, report, filters, beside) == own, [view.name for view in some]

    check()


def told(demo: Demo, who: Actor, report: Report, filters: Filters, beside: Sequence[Answer]) -> list[tuple[Row, Mapping[str, object]]]:
    """The headline and the compared one, with nothing kept."""
    demo.answers.forget()
    answer = demo.answers.headline(report, who.scope, filters, demo.today, beside)
    return [(table.total, table.missing) for table in (answer.table, answer.table_before) if table]


def test_the_executives_headlines_are_told_without_asking_again(demo: Demo) -> None:
    """So that the page is quick: the tables beside it say the headline of contracts, of plans and of collections."""
    chen = demo.actor("chen")
    question = demo.answers.question(Filters(), demo.today)
    for key, names in (("contracts_in_progress", ("teams",)), ("plan_completion", ("main",)), ("collection_progress", ("teams", "months"))):
        report = of(key)
        views = [view for view in report.views if isinstance(view, View) and view.name in names]
        tables = [demo.answers.table(report, view, chen.scope, Filters(), demo.today).table for view in views]
        assert not unsaid(report.top, tables, chen.scope, question)
        assert unsaid(report.top, [], chen.scope, question)


@pytest.mark.parametrize(("report", "login"), CASES)
def test_a_picture_is_the_same_whether_its_table_is_open_or_not(report: Report, login: str, demo: Demo) -> None:
    """Cut out of the open table, or asked for with its own figures only."""
    who = demo.actor(login)
    if not opened(report, who):
        pytest.skip("not this person's report")

    @settings(max_examples=1)
    @given(filter_states(report, demo, who))
    def check(filters: Filters) -> None:
        for chart in import_module(f"dashboard.pages.{report.key}").FIGURES.values():
            view = report.view(chart.view)
            assert isinstance(view, View)
            narrow = narrowed(view, {m.key for m in chart.draws}, who.scope)
            whole, asked = (demo.answers.table(report, each, who.scope, filters, demo.today) for each in (view, narrow))
            cut = demo.answers.cut(whole, narrow)
            assert drawn(chart, cut, who) == drawn(chart, asked, who), chart.view

    check()


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
