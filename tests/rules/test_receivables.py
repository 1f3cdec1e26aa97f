"""What a customer owes, and how old it is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.receivables import Ageing, InstalmentPhase, aged, bucket, days_late, outstanding, phase, prepaid

TODAY = date(2025, 6, 30)
CENTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-5, None),
        (0, None),
        (1, Ageing.UP_TO_30),
        (30, Ageing.UP_TO_30),
        (31, Ageing.UP_TO_60),
        (60, Ageing.UP_TO_60),
        (61, Ageing.UP_TO_90),
        (90, Ageing.UP_TO_90),
        (91, Ageing.OVER_90),
        (4000, Ageing.OVER_90),
    ],
)
def test_the_buckets_begin_on_the_day_after(days, expected):
    assert bucket(days) is expected


@given(st.lists(st.tuples(st.integers(-100, 200).map(lambda n: TODAY - timedelta(days=n)), CENTS)))
def test_what_is_overdue_is_the_sum_of_its_ages(open_parts):
    ages = aged(open_parts, TODAY, 0)
    assert sum(ages.values()) == sum(amount for due_on, amount in open_parts if due_on < TODAY)
    assert set(ages) == set(Ageing)


@given(st.integers(-(10**9), 10**9), CENTS)
def test_outstanding_less_prepaid_is_amount_less_received(received, amount):
    assert outstanding(amount, received) - prepaid(amount, received) == amount - received
    assert min(outstanding(amount, received), prepaid(amount, received)) == 0 or received < 0
    assert outstanding(amount, received) >= 0


def test_money_stays_money():
    assert str(outstanding(Decimal("100.00"), Decimal("120.00"))) == "0.00"
    assert str(prepaid(Decimal("100.00"), Decimal("120.00"))) == "20.00"


def test_an_instalment_is_late_until_it_is_met():
    due = date(2025, 6, 1)
    assert days_late(due, None, TODAY) == 29
    assert days_late(due, date(2025, 6, 11), TODAY) == 10
    assert days_late(due, date(2025, 7, 5), TODAY) == 29  # met only after the day that is looked at
    assert days_late(due, date(2025, 5, 20), TODAY) == 0
    assert days_late(date(2025, 7, 1), None, TODAY) == 0


@pytest.mark.parametrize(
    ("due", "met", "expected"),
    [
        ("2025-06-29", 100, InstalmentPhase.PAID),
        ("2025-07-29", 100, InstalmentPhase.PAID),
        ("2025-06-29", 99, InstalmentPhase.OVERDUE),
        ("2025-06-30", 99, InstalmentPhase.DUE),
        ("2025-07-01", 99, InstalmentPhase.PARTLY),
        ("2025-07-01", 0, InstalmentPhase.FUTURE),
    ],
)
def test_how_an_instalment_stands_on_the_last_of_june(due, met, expected):
    assert phase(date.fromisoformat(due), 100, met, TODAY) is expected
