"""The small lines beside a headline: each point is what the headline says of that period, the last one what it says now."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules.periods import Compare, Period, Preset, last_periods, period_of
from crm.scope import Actor
from dashboard.queries import REPORTS, past
from dashboard.queries.abreast import MOST_DAYS, abreast
from dashboard.queries.filters import Filters, Question
from dashboard.queries.past import lines
from dashboard.queries.report import Report, headline
from dashboard.queries.warehouse import Row, Warehouse
from tests.reports.asking import CASES, whatever_is_asked
from tests.reports.conftest import Demo


def each_by_itself(demo: Demo, who: Actor, report: Report, questions: Sequence[Question]) -> list[Row]:
    """What the headline says of each of these questions, asked one after the other."""
    warehouse, names = demo.answers.warehouse, demo.answers.names
    return [headline(report.top, (), who.scope, question, warehouse, names).total for question in questions]


def side_by_side(demo: Demo, who: Actor, report: Report, questions: Sequence[Question]) -> list[Row]:
    """The same, asked together."""
    return lines(report.top, who.scope, questions, demo.answers.warehouse, demo.answers.names)


@pytest.mark.parametrize(("report", "login"), CASES)
def test_each_point_is_what_the_report_says_of_that_period(report: Report, login: str, demo: Demo) -> None:
    """Whatever somebody has set; a period is asked for by its own ends, and under a past day as of its last day or that one."""

    def holds(who: Actor, filters: Filters) -> None:
        line = demo.answers.past(report, who.scope, filters, demo.today)
        question = demo.answers.question(filters, demo.today)
        periods = last_periods(filters.preset, question.period)
        assert len(line) == len(periods)
        for point, period in list(zip(line, periods, strict=True))[:-1]:
            until = min(period.last, filters.as_of) if filters.as_of else None
            alone = replace(filters, preset=Preset.CUSTOM, custom=period, as_of=until, compare=None)
            assert point == demo.answers.headline(report, who.scope, alone, demo.today).table.total, period
        assert line[-1] == demo.answers.headline(report, who.scope, filters, demo.today).table.total

    whatever_is_asked(demo, report, login, 2, holds)


@st.composite
def some_periods(draw: st.DrawFn) -> list[Period]:
    """Any periods, beside, over and far from each other, of a day or of years."""
    first, length = st.dates(date(2023, 6, 1), date(2026, 12, 1)), st.sampled_from([1, 1, 6, 7, 28, 31, 90, 365, 1200])
    return [Period.of(day, day + timedelta(days=draw(length) - 1)) for day in draw(st.lists(first, min_size=1, max_size=6))]


@pytest.mark.parametrize("login", ["chen", "lin", "wang", "fang", "mei"])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_periods_side_by_side_say_what_each_says_by_itself(report: Report, login: str, demo: Demo) -> None:
    """Of whatever periods, each seen at a day of its own: before it began, within it, when it was over or long after."""
    who = demo.actor(login)
    if not report.open_to(who.roles):
        pytest.skip("not this person's report")

    @settings(max_examples=2)
    @given(some_periods(), st.booleans(), st.data())
    def asked(periods: list[Period], known_then: bool, data: st.DataObject) -> None:
        plain = replace(demo.answers.question(Filters(), demo.today), past=known_then)
        days = st.integers(-40, 40)
        questions = [replace(plain, period=one, state=min(one.last + timedelta(days=data.draw(days)), demo.today)) for one in periods]
        assert side_by_side(demo, who, report, questions) == each_by_itself(demo, who, report, questions)

    asked()


UNITS = [
    (Preset.TODAY, 1),
    (Preset.THIS_WEEK, 1),
    (Preset.LAST_QUARTER, 2),
    (Preset.THIS_YEAR, 4),
]
"""Presets, and the month with which the fiscal year begins."""


@pytest.mark.parametrize("login", ["chen", "wang"])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_days_weeks_and_fiscal_years_go_back_by_their_own_unit(report: Report, login: str, demo: Demo) -> None:
    who = demo.actor(login)
    for preset, first_month in UNITS:
        now = replace(Filters(preset).question(demo.today, first_month), silences=demo.answers.names.silences)
        *before, present = last_periods(preset, period_of(preset, demo.today, first_month))
        assert present == now.period
        questions = [now.seen_in(period) for period in before]
        assert side_by_side(demo, who, report, questions) == each_by_itself(demo, who, report, questions), preset


@pytest.mark.parametrize("login", ["chen", "wang", "mei"])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_of_very_long_periods_the_days_are_not_listed(report: Report, login: str, demo: Demo) -> None:
    who = demo.actor(login)
    if not report.open_to(who.roles):
        pytest.skip("not this person's report")
    filters = Filters(Preset.CUSTOM, Period(date(2023, 1, 1), date(2027, 1, 1)))
    now = demo.answers.question(filters, demo.today)
    questions = [now.seen_in(period) for period in last_periods(Preset.CUSTOM, now.period)[:-1]]
    assert sum(question.period.days for question in questions) > MOST_DAYS
    asked = past.read_once(report.top, who.scope, now)
    assert "calendar" not in abreast(asked, who.scope, questions, demo.answers.names.products).sql
    assert side_by_side(demo, who, report, questions) == each_by_itself(demo, who, report, questions)


def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the warehouse from now on."""
    sent: list[str] = []
    stream: Callable[..., Iterator[list[Row]]] = Warehouse.stream

    def counted(self: Warehouse, sql: str, *rest: Any) -> Iterator[list[Row]]:
        sent.append(sql)
        return stream(self, sql, *rest)

    monkeypatch.setattr(Warehouse, "stream", counted)
    return sent


@pytest.mark.parametrize(("report", "login"), CASES)
def test_one_statement_says_all_past_periods(report: Report, login: str, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of medians, targets, what was neglected, and what is read in sums only: so that the lines of a page are cheap."""
    who = demo.actor(login)
    if not report.open_to(who.roles):
        pytest.skip("not this person's report")
    names, now = demo.answers.names, demo.answers.question(Filters(), demo.today)
    questions = [now.seen_in(period) for period in last_periods(Preset.THIS_MONTH, now.period)]
    sent = statements(monkeypatch)
    lines(report.top, who.scope, questions, demo.answers.warehouse, names)
    assert len(sent) == 1


def test_who_compares_is_shown_the_lines_that_are_there(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    report, who = next(report for report in REPORTS if report.key == "team_activity"), demo.actor("lin")
    filters, compared = Filters(Preset.LAST_MONTH), Filters(Preset.LAST_MONTH, compare=Compare.YEAR)
    with demo.answers.still() as answers:
        answers.forget()
        line = answers.past(report, who.scope, filters, demo.today)
        answers.headline(report, who.scope, compared, demo.today)
        sent = statements(monkeypatch)
        assert answers.past(report, who.scope, compared, demo.today) == line
        assert sent == []


def test_a_line_under_a_past_day_ends_on_it_and_the_present_one_is_not_touched(demo: Demo) -> None:
    report, who = next(report for report in REPORTS if report.key == "collection_progress"), demo.actor("chen")
    then = Filters(Preset.THIS_YEAR, as_of=demo.today - timedelta(days=200))
    line = demo.answers.past(report, who.scope, then, demo.today)
    assert line[-1] == demo.answers.headline(report, who.scope, then, demo.today).table.total
    assert line[-1] != demo.answers.past(report, who.scope, replace(then, as_of=None), demo.today)[-1]


def test_a_line_is_made_of_figures_that_differ(demo: Demo) -> None:
    """What the points are compared with says something: every figure of a headline moves from quarter to quarter."""
    who = demo.actor("chen")
    for report in REPORTS:
        line = demo.answers.past(report, who.scope, Filters(Preset.THIS_QUARTER), demo.today)
        assert len(line) == 12
        for figure in report.headline:
            assert len({point[figure.key] for point in line}) > 1, figure.key
