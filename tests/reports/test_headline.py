"""A page asks for its headline only where no table beside it has said it already: both ways give the same figures."""

import pytest
from hypothesis import given, settings

from dashboard.queries import report as of
from dashboard.queries.compose import both, conditions
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report, View
from tests.reports.conftest import Demo
from tests.reports.test_every_report import CASES, filter_states, opened


@pytest.mark.parametrize(("report", "login"), CASES)
def test_the_headline_told_by_a_table_is_the_headline(report: Report, login: str, demo: Demo) -> None:
    who = demo.actor(login)
    if not opened(report, who):
        pytest.skip("not this person's report")

    @settings(max_examples=3)
    @given(filter_states(report, demo, who))
    def check(filters: Filters) -> None:
        own = demo.answers.table(report, report.top, who.scope, filters, demo.today)
        for view in (view for view in report.views if isinstance(view, View)):
            told = demo.answers.told(report.top, demo.answers.table(report, view, who.scope, filters, demo.today), who.scope)
            assert told is None or (told.table.total, told.table.missing) == (own.table.total, own.table.missing), view.name
            if told and told.table_before and own.table_before:
                assert told.table_before.total == own.table_before.total, view.name

    check()


def test_the_executives_headlines_are_told_without_asking_again(demo: Demo) -> None:
    """So that the page is quick: at least the reports of contracts and of plans have a table that says their headline."""
    chen = demo.actor("chen")
    for key, view in (("contracts_in_progress", "teams"), ("plan_completion", "main")):
        report = of(key)
        shown = report.view(view)
        assert isinstance(shown, View)
        assert demo.answers.told(report.top, demo.answers.table(report, shown, chen.scope, Filters(), demo.today), chen.scope)


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
