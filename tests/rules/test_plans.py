"""An amount in instalments: the parts sum to it to the cent, and fall on days that exist."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import CrmError
from crm.money import from_cents
from crm.rules import plans

D = Decimal
AMOUNTS = st.integers(12_000, 10**13).map(from_cents)
DAYS = st.dates(date(1990, 1, 1), date(2080, 1, 1))


@given(AMOUNTS, st.integers(1, plans.MOST), DAYS, st.integers(0, 12))
def test_equal_parts_sum_exactly_and_differ_by_a_cent_at_most(amount: Decimal, n: int, first: date, months: int) -> None:
    parts = plans.split(amount, plans.weights(str(n)), first, months)
    amounts = [part for _due_on, part in parts]
    assert sum(amounts) == amount
    assert len(amounts) == n
    assert max(amounts) - min(amounts) <= D("0.01")
    assert [due_on for due_on, _part in parts] == sorted(due_on for due_on, _part in parts)


@given(AMOUNTS, st.lists(st.integers(1, 9_999), min_size=1, max_size=6).filter(lambda bps: sum(bps) < 10_000), DAYS)
def test_percentages_sum_exactly_whatever_they_are(amount: Decimal, bps: list[int], first: date) -> None:
    said = [D(bp) / 100 for bp in [*bps, 10_000 - sum(bps)]]
    parts = plans.split(amount, plans.weights(" / ".join(f"{percent}" for percent in said) + " %"), first, 1)
    assert sum(part for _due_on, part in parts) == amount
    assert all(abs(part - amount * percent / 100) < D("0.01") for (_due_on, part), percent in zip(parts, said, strict=True))


def test_a_month_too_short_is_due_on_its_last_day() -> None:
    parts = plans.split(D("100.00"), plans.weights("3"), date(2027, 12, 31), 2)
    assert parts == [(date(2027, 12, 31), D("33.34")), (date(2028, 2, 29), D("33.33")), (date(2028, 4, 30), D("33.33"))]


@pytest.mark.parametrize("text", ["", "0", "-3", "121", "1.5", "three", "NaN", "30 70 x", "50 60", "0 100", "Infinity 1", "9" * 500])
def test_what_says_no_parts_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(CrmError) as refused:
        plans.weights(text)
    assert len(str(refused.value)) < 200


def test_cents_do_not_make_many_instalments() -> None:
    with pytest.raises(plans.AmountTooSmall):
        plans.split(D("0.02"), plans.weights("3"), date(2027, 1, 1), 1)
