"""Ninety percent of what happened: by nearest rank, held to its definition."""

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.ripening import ripe_on, within


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60), st.integers(1, 100))
def test_so_many_percent_came_within_those_days_and_not_within_fewer(days, percent):
    found = within(Counter(days), percent)
    assert 100 * sum(day <= found for day in days) >= percent * len(days)
    assert 100 * sum(day < found for day in days) < percent * len(days)


def test_ninety_percent_of_some_that_can_be_counted_on_fingers():
    assert within(dict.fromkeys(range(1, 11), 1)) == 9
    assert within(dict.fromkeys(range(1, 12), 1)) == 10
    assert within({3: 1}) == 3
    assert within({0: 9, 80: 1}) == 0
    assert within({}) is None


def test_a_cohort_is_as_old_as_its_last_arrival():
    assert ripe_on(date(2026, 2, 1), date(2026, 11, 23), 10) == date(2026, 3, 10)
    assert ripe_on(date(2026, 11, 1), date(2026, 11, 23), 10) == date(2026, 12, 3)
