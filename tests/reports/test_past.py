"""The small lines beside a headline: each point is what the headline says of that period, the last one what it says now."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from crm.rules.periods import Period, Preset, last_periods
from dashboard.queries import REPORTS
from dashboard.queries.filters import Filters
from dashboard.queries.past import MOST_DAYS
from dashboard.queries.report import Report
from tests.reports.conftest import Demo


def months_back(day: date, count: int) -> Period:
    """The month so many months before that of `day`."""
    first = day.replace(day=1)
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1))


@pytest.mark.parametrize("login", ["chen", "wang"])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_each_point_is_the_headline_of_its_month(report: Report, login: str, demo: Demo) -> None:
    who = demo.actor(login)
    if not report.open_to(who.roles):
        pytest.skip("not this person's report")
    filters = Filters(Preset.THIS_MONTH)
    line = demo.answers.past(report, who.scope, filters, demo.today)
    assert len(line) == 12
    for back in (0, 1, 11):
        month = replace(filters, preset=Preset.CUSTOM, custom=months_back(demo.today, back))
        assert line[-1 - back] == demo.answers.headline(report, who.scope, month, demo.today).table.total, back


def test_a_line_under_a_past_day_ends_on_it_and_the_present_one_is_not_touched(demo: Demo) -> None:
    report, who = next(report for report in REPORTS if report.key == "collection_progress"), demo.actor("chen")
    then = Filters(Preset.THIS_YEAR, as_of=demo.today - timedelta(days=200))
    line = demo.answers.past(report, who.scope, then, demo.today)
    assert line[-1] == demo.answers.headline(report, who.scope, then, demo.today).table.total
    assert line[-1] != demo.answers.past(report, who.scope, replace(then, as_of=None), demo.today)[-1]


@pytest.mark.parametrize("key", ["sales_collections", "contracts_in_progress", "collection_progress"])
@pytest.mark.parametrize("preset", [Preset.THIS_WEEK, Preset.THIS_QUARTER, Preset.THIS_YEAR])
def test_what_is_read_once_for_all_periods_is_what_each_period_reads(key: str, preset: Preset, demo: Demo) -> None:
    report, who = next(report for report in REPORTS if report.key == key), demo.actor("lin")
    product = next(iter(demo.answers.names.products.bits))
    filters = Filters(preset, chosen=(("product", (product,)),), as_of=demo.today - timedelta(days=40))
    line = demo.answers.past(report, who.scope, filters, demo.today)
    periods = last_periods(preset, demo.answers.question(filters, demo.today).period)
    for point, period in zip(line, periods, strict=True):
        until = min(period.last, demo.today - timedelta(days=40))
        month = replace(filters, preset=Preset.CUSTOM, custom=period, as_of=until)
        assert point == demo.answers.headline(report, who.scope, month, demo.today).table.total, period
    assert any(point["overdue_amount"] for point in line)


def test_of_very_long_periods_the_days_are_not_listed(demo: Demo) -> None:
    report, who = next(report for report in REPORTS if report.key == "collection_progress"), demo.actor("chen")
    filters = Filters(Preset.CUSTOM, Period(date(2023, 1, 1), date(2027, 1, 1)))
    line = demo.answers.past(report, who.scope, filters, demo.today)
    assert len(line) * filters.custom.days > MOST_DAYS
    assert line[-1] == demo.answers.headline(report, who.scope, filters, demo.today).table.total
    before = replace(filters, custom=last_periods(Preset.CUSTOM, filters.custom)[-2])
    assert line[-2] == demo.answers.headline(report, who.scope, before, demo.today).table.total
