"""Chen looks at this month, at last quarter, and at what they are compared with."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.periods import (
    Compare,
    DayOutOfRange,
    MonthShare,
    Period,
    PeriodEndsBeforeItBegins,
    Preset,
    Window,
    compared,
    last_periods,
    months_of,
    period_of,
    state_day,
)

D = date.fromisoformat
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
FIRST_MONTHS = st.integers(1, 12)
CALENDAR = [preset for preset in Preset if preset not in (Preset.ALL, Preset.CUSTOM)]
THIS = [Preset.TODAY, Preset.THIS_WEEK, Preset.THIS_MONTH, Preset.THIS_QUARTER, Preset.THIS_YEAR, Preset.LAST_12_MONTHS]
CUSTOM = Preset.CUSTOM


def span(text: str) -> Period:
    """ "2025-01-01..2025-01-31", both ends inclusive."""
    first, last = text.split("..")
    return Period.of(D(first), D(last))


@pytest.mark.parametrize(
    ("preset", "first_month", "expected"),
    [
        (Preset.TODAY, 1, "2026-11-23..2026-11-23"),
        (Preset.THIS_WEEK, 1, "2026-11-23..2026-11-29"),  # the 23rd is a Monday
        (Preset.THIS_MONTH, 1, "2026-11-01..2026-11-30"),
        (Preset.LAST_MONTH, 1, "2026-10-01..2026-10-31"),
        (Preset.THIS_QUARTER, 1, "2026-10-01..2026-12-31"),
        (Preset.LAST_QUARTER, 1, "2026-07-01..2026-09-30"),
        (Preset.THIS_YEAR, 1, "2026-01-01..2026-12-31"),
        (Preset.LAST_YEAR, 1, "2025-01-01..2025-12-31"),
        (Preset.LAST_12_MONTHS, 1, "2025-12-01..2026-11-30"),
        (Preset.THIS_QUARTER, 3, "2026-09-01..2026-11-30"),
        (Preset.LAST_QUARTER, 3, "2026-06-01..2026-08-31"),
        (Preset.THIS_YEAR, 4, "2026-04-01..2027-03-31"),
        (Preset.THIS_YEAR, 12, "2025-12-01..2026-11-30"),
        (Preset.LAST_YEAR, 12, "2024-12-01..2025-11-30"),
        (Preset.LAST_MONTH, 7, "2026-10-01..2026-10-31"),
        (Preset.ALL, 1, "1900-01-01..2199-12-31"),
    ],
)
def test_what_a_preset_means_on_23_november_2026(preset, first_month, expected):
    assert period_of(preset, D("2026-11-23"), first_month) == span(expected)


def test_last_month_in_january_is_december():
    assert period_of(Preset.LAST_MONTH, D("2026-01-31")) == span("2025-12-01..2025-12-31")


def test_a_custom_period_has_no_name():
    with pytest.raises(ValueError, match="custom"):
        period_of(CUSTOM, D("2026-11-23"))


@given(st.sampled_from(THIS), DAYS, FIRST_MONTHS)
def test_this_unit_holds_today_and_begins_its_last_one_day_later(preset, today, first_month):
    period = period_of(preset, today, first_month)
    assert today in period
    if preset is not Preset.LAST_12_MONTHS:
        assert period_of(preset, period.start, first_month) == period_of(preset, period.last, first_month) == period
        assert period_of(preset, period.end, first_month).start == period.end


@given(DAYS, DAYS)
def test_both_ends_are_written_inclusive(one, other):
    period = Period.of(min(one, other), max(one, other))
    assert (period.start, period.last) == (min(one, other), max(one, other))
    assert period.days == (period.last - period.start).days + 1
    assert period.last in period
    assert period.end not in period


def test_a_period_that_ends_before_it_begins_says_so():
    with pytest.raises(PeriodEndsBeforeItBegins) as error:
        Period.of(D("2025-03-31"), D("2025-03-01"))
    assert str(error.value) == "The period ends (2025-03-01) before it begins (2025-03-31)."


@pytest.mark.parametrize(("first", "last"), [("1899-12-31", "2025-01-01"), ("2025-01-01", "2200-01-01"), ("0001-01-01", "9999-12-31")])
def test_a_period_of_absurd_length_says_which_day_it_is(first, last):
    with pytest.raises(DayOutOfRange):
        Period.of(D(first), D(last))


def test_the_state_day_is_as_of_or_the_earlier_of_last_day_and_today():
    march = span("2025-03-01..2025-03-31")
    assert state_day(march, None, D("2026-11-23")) == D("2025-03-31")
    assert state_day(march, None, D("2025-03-09")) == D("2025-03-09")
    assert state_day(march, D("2025-02-01"), D("2025-03-09")) == D("2025-02-01")


@pytest.mark.parametrize(
    ("preset", "period", "at", "previous", "year"),
    [
        # finished: the whole unit before, whatever its length
        (Preset.LAST_MONTH, "2025-03-01..2025-03-31", "2025-03-31", "2025-02-01..2025-02-28", "2024-03-01..2024-03-31"),
        (Preset.LAST_MONTH, "2025-02-01..2025-02-28", "2025-02-28", "2025-01-01..2025-01-31", "2024-02-01..2024-02-28"),
        (Preset.LAST_QUARTER, "2025-04-01..2025-06-30", "2025-06-30", "2025-01-01..2025-03-31", "2024-04-01..2024-06-30"),
        (Preset.LAST_12_MONTHS, "2024-04-01..2025-03-31", "2025-03-31", "2023-04-01..2024-03-31", "2023-04-01..2024-03-31"),
        (Preset.TODAY, "2024-02-29..2024-02-29", "2024-02-29", "2024-02-28..2024-02-28", "2023-02-28..2023-02-28"),
        # unfinished: up to the same day, clamped
        (Preset.THIS_MONTH, "2025-03-01..2025-03-31", "2025-03-30", "2025-02-01..2025-02-28", "2024-03-01..2024-03-30"),
        (Preset.THIS_MONTH, "2026-11-01..2026-11-30", "2026-11-23", "2026-10-01..2026-10-23", "2025-11-01..2025-11-23"),
        (Preset.THIS_QUARTER, "2025-04-01..2025-06-30", "2025-05-31", "2025-01-01..2025-02-28", "2024-04-01..2024-05-31"),
        (Preset.THIS_YEAR, "2024-01-01..2024-12-31", "2024-02-29", "2023-01-01..2023-02-28", "2023-01-01..2023-02-28"),
        (Preset.THIS_WEEK, "2026-11-23..2026-11-29", "2026-11-25", "2026-11-16..2026-11-18", "2025-11-23..2025-11-25"),
        # custom: as many days just before
        (CUSTOM, "2025-01-01..2025-03-31", "2025-03-31", "2024-10-03..2024-12-31", "2024-01-01..2024-03-31"),
        (CUSTOM, "2025-01-01..2025-03-31", "2025-02-15", "2024-11-16..2024-12-31", "2024-01-01..2024-02-15"),
        (CUSTOM, "2024-02-29..2024-02-29", "2024-02-29", "2024-02-28..2024-02-28", "2023-02-28..2023-02-28"),
    ],
)
def test_what_a_period_is_compared_with(preset, period, at, previous, year):
    for mode, expected in ((Compare.PREVIOUS, previous), (Compare.YEAR, year)):
        assert compared(preset, span(period), mode, D(at)) == Window(span(expected), span(expected).last)


def test_a_quarter_seen_long_after_its_end_is_compared_with_one_seen_as_long_after():
    q1 = span("2025-01-01..2025-03-31")
    assert compared(CUSTOM, q1, Compare.YEAR, D("2025-09-30")) == Window(span("2024-01-01..2024-03-31"), D("2024-09-30"))
    assert compared(Preset.LAST_QUARTER, q1, Compare.PREVIOUS, D("2025-05-31")) == Window(span("2024-10-01..2024-12-31"), D("2025-02-28"))


def test_what_has_nothing_to_be_compared_with():
    everything = period_of(Preset.ALL, D("2026-11-23"))
    assert compared(Preset.ALL, everything, Compare.PREVIOUS, D("2026-11-23")) is None
    assert compared(Preset.ALL, everything, Compare.YEAR, D("2026-11-23")) is None
    next_year = span("2027-01-01..2027-12-31")
    assert compared(CUSTOM, next_year, Compare.PREVIOUS, D("2026-11-23")) is None
    first_ever = span("1900-01-01..1900-12-31")
    assert compared(CUSTOM, first_ever, Compare.PREVIOUS, D("1900-12-31")) is None
    assert compared(CUSTOM, first_ever, Compare.YEAR, D("1900-12-31")) is None


@given(st.sampled_from(CALENDAR), DAYS, FIRST_MONTHS, st.integers(0, 400))
def test_the_previous_window_begins_a_unit_earlier_and_never_touches_the_period(preset, today, first_month, later):
    period = period_of(preset, today, first_month)
    window = compared(preset, period, Compare.PREVIOUS, period.start + timedelta(days=later))
    assert window.period.last < period.start
    whole = compared(preset, period, Compare.PREVIOUS, period.last).period
    assert whole.end == period.start
    assert window.period.start == whole.start
    assert window.period.end <= whole.end
    assert window.state_day >= window.period.last


@given(DAYS, st.integers(0, 500), st.integers(0, 600))
def test_a_custom_window_has_as_many_days_as_have_been_seen(first, more, seen):
    period = Period.of(first, first + timedelta(days=more))
    window = compared(CUSTOM, period, Compare.PREVIOUS, first + timedelta(days=seen))
    assert window.period.end == period.start
    assert window.period.days == min(more, seen) + 1


@given(st.sampled_from(CALENDAR), DAYS, FIRST_MONTHS)
def test_the_twelve_periods_of_a_small_line_follow_one_another(preset, today, first_month):
    period = period_of(preset, today, first_month)
    periods = last_periods(preset, period)
    assert len(periods) == 12
    assert periods[-1] == period
    assert all(earlier.end == later.start for earlier, later in pairwise(periods))
    assert all(compared(preset, later, Compare.PREVIOUS, later.last).period == earlier for earlier, later in pairwise(periods))


def test_small_lines_of_custom_periods_and_of_all_time():
    ten_days = span("2025-03-01..2025-03-10")
    assert last_periods(CUSTOM, ten_days, 3) == [span("2025-02-09..2025-02-18"), span("2025-02-19..2025-02-28"), ten_days]
    assert last_periods(CUSTOM, span("1900-01-05..1900-01-06")) == [
        span(p) for p in ("1900-01-01..1900-01-02", "1900-01-03..1900-01-04", "1900-01-05..1900-01-06")
    ]
    everything = period_of(Preset.ALL, D("2026-11-23"))
    assert last_periods(Preset.ALL, everything) == [everything]


def test_the_months_of_a_period_with_their_shares():
    assert months_of(span("2024-01-30..2024-03-10")) == [
        MonthShare(D("2024-01-01"), 2, 31),
        MonthShare(D("2024-02-01"), 29, 29),
        MonthShare(D("2024-03-01"), 10, 31),
    ]


@given(DAYS, st.integers(0, 1000))
def test_the_months_of_a_period_hold_all_its_days(first, more):
    period = Period.of(first, first + timedelta(days=more))
    shares = months_of(period)
    assert sum(share.days for share in shares) == period.days
    assert all(0 < share.days <= share.of_days for share in shares)
    assert all(share.days == share.of_days for share in shares[1:-1])
