"""Days in every notation, and the one question that only a person can answer."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.importing.cells import DateOrder
from crm.importing.dates import FIRST, LAST, Sniffed, day, month, sniff_date_order
from crm.importing.faults import DateOrderUnknown, DayOutOfRange, NoSuchDay, NotADate, YearOfTwoDigits

MARCH = date(2026, 3, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-05", "2026/3/5", "2026.3.5", "2026年3月5日", "２０２６－０３－０５", "20260305", "2026-03-05T08:30:00Z",
        "2026-03-05 23:59", "2026/3/5 8:00:00", MARCH, datetime(2026, 3, 5, 12), 46086, 46086.9, 20260305, " 2026-3-5 ",
    ],
)  # fmt: skip
def test_a_day_needs_no_order_when_its_year_is_first_or_the_cell_is_a_date(cell):
    assert day(cell, None) == MARCH


def test_the_layout_says_whether_the_month_or_the_day_is_first():
    assert day("3/5/2026", DateOrder.MDY) == day("5.3.2026", DateOrder.DMY) == MARCH
    with pytest.raises(DateOrderUnknown):
        day("3/5/2026", None)
    with pytest.raises(DateOrderUnknown):
        day("13/5/2026", DateOrder.YMD)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2026-02-30", NoSuchDay), ("13/13/2026", NoSuchDay), ("2026-13-01", NoSuchDay), ("5/3/26", YearOfTwoDigits),
        ("26年3月5日", YearOfTwoDigits),
        ("soon", NotADate), ("2026", NotADate), ("", NotADate), ("2026-03", NotADate), (True, NotADate), (0, NotADate), (-5, NotADate),
        (float("nan"), NotADate), (float("inf"), NotADate), (1e12, NotADate), ("0001-01-01", DayOutOfRange), ("9999-12-31", DayOutOfRange),
        (date(1899, 12, 31), DayOutOfRange), (5, DayOutOfRange), ("9" * 100_000, NotADate),
    ],
)  # fmt: skip
def test_what_is_no_day_has_a_reason(cell, reason):
    with pytest.raises(reason):
        day(cell, DateOrder.MDY)


@pytest.mark.parametrize("cell", ["2026-03", "2026/3", "2026年3月", "202603", "2026年3月5日", 202603, MARCH, 46086])
def test_a_month_is_its_first_day(cell):
    assert month(cell, None) == date(2026, 3, 1)


@given(st.dates(FIRST, LAST))
def test_every_day_survives_every_notation(when):
    assert day(when.isoformat(), None) == when
    assert day(f"{when.month}/{when.day}/{when.year}", DateOrder.MDY) == when
    assert day(f"{when.day}.{when.month}.{when.year}", DateOrder.DMY) == when
    assert day(f"{when.year}年{when.month}月{when.day}日", None) == when


def test_one_day_above_twelve_settles_the_order_of_a_file():
    assert sniff_date_order(["3/5/2026", "3/25/2026", None, "2026-01-01"]) == Sniffed(DateOrder.MDY)
    assert sniff_date_order(["3/5/2026", "25/3/2026", 46086]) == Sniffed(DateOrder.DMY)


def test_no_order_is_asked_for_where_none_is_needed():
    assert sniff_date_order(["2026-03-05", "2026年3月5日", 46086, "soon", None]) == Sniffed(None)


def test_dates_that_settle_nothing_or_contradict_each_other_are_a_question():
    assert sniff_date_order(["3/5/2026", "4/5/2026"]) == Sniffed(None, "3/5/2026")
    assert sniff_date_order(["25/3/2026", "3/26/2026"]).ambiguous == "3/26/2026"
