"""Money is exact: parts sum to the whole, halves go up, and nothing that is not an amount becomes one."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import money
from crm.money import AmountTooFine, AmountTooLarge, NotAnAmount

D = Decimal
AMOUNTS = st.integers(-(10**13), 10**13).map(money.from_cents)
WEIGHTS = st.lists(st.one_of(st.integers(0, 10**6), st.decimals(0, 10**6, places=3)), min_size=1, max_size=12)


def nearest(exact: Fraction, places: int) -> Decimal:
    """`exact` to so many places, half away from zero, by way of fractions."""
    scaled = abs(exact) * 10**places
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    return D(whole if exact >= 0 else -whole).scaleb(-places)


@pytest.mark.parametrize(
    ("computed", "rounded"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.0049", "0.00"),
        ("-0.001", "0.00"),
        ("2.675", "2.68"),
        ("1e3", "1000.00"),
        ("1e-9999", "0.00"),
        ("0e99", "0.00"),
    ],
)
def test_a_computed_amount_is_rounded_half_up_to_the_cent(computed, rounded):
    assert str(money.money(computed)) == rounded


@pytest.mark.parametrize("value", ["NaN", "-NaN", "sNaN", "Infinity", "-inf", "", "  ", "12 yuan", "1.2.3", "\0"])
def test_what_is_no_number_is_no_amount(value):
    with pytest.raises(NotAnAmount):
        money.exact_money(value)


@pytest.mark.parametrize("value", ["1e14", "-1e14", "9" * 30, "1e999999", "-1e999999999", "9999999999999.999"])
def test_an_amount_has_an_end(value):
    with pytest.raises(AmountTooLarge):
        money.exact_money(value)


def test_the_sentence_about_a_hundred_kilobytes_of_digits_is_short():
    with pytest.raises(AmountTooLarge) as error:
        money.exact_money("9" * 100_000)
    assert len(str(error.value)) < 120


def test_what_wang_wrote_is_never_rounded_behind_his_back():
    with pytest.raises(AmountTooFine):
        money.exact_money("0.001")
    assert str(money.exact_money("1200.5")) == "1200.50"
    assert str(money.exact_money("1200.500")) == "1200.50"


def test_a_fraction_of_a_cent_has_no_cents():
    with pytest.raises(AmountTooFine):
        money.cents(D("0.015"))


@given(st.integers(-(10**15), 10**15))
def test_cents_there_and_back(whole):
    amount = money.from_cents(whole)
    assert money.cents(amount) == whole
    assert amount.as_tuple().exponent == -2


@given(AMOUNTS, WEIGHTS)
def test_parts_sum_to_the_whole_and_lie_within_a_cent_of_their_share(total, weights):
    parts = money.apportion(total, weights)
    assert sum(parts) == total
    fair = (
        [Fraction(total) * Fraction(weight) / Fraction(sum(weights)) for weight in weights]
        if any(weights)
        else [Fraction(total) / len(weights)] * len(weights)
    )
    assert all(abs(Fraction(part) - share) < Fraction(1, 100) for part, share in zip(parts, fair, strict=True))


def test_the_cent_that_is_left_goes_to_the_largest_remainder_and_then_to_the_earlier():
    assert money.apportion(D("100.00"), [1, 1, 1]) == [D("33.34"), D("33.33"), D("33.33")]
    assert money.apportion(D("0.05"), [D("0.5"), D("0.3"), D("0.2")]) == [D("0.03"), D("0.01"), D("0.01")]
    assert money.apportion(D("-1.00"), [2, 1]) == [D("-0.67"), D("-0.33")]
    assert money.apportion(D("1.00"), [0, 0]) == [D("0.50"), D("0.50")]
    assert money.apportion(D("1.00"), []) == []


def test_a_negative_weight_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="negative"):
        money.apportion(D("1.00"), [1, -1])


@given(AMOUNTS, st.integers(1, 60))
def test_an_even_split_differs_by_a_cent_at_most(total, n):
    parts = money.split_evenly(total, n)
    assert sum(parts) == total
    assert len(parts) == n
    assert max(parts) - min(parts) <= D("0.01")


@given(AMOUNTS, st.decimals(0, 100, places=2))
def test_percent_means_hundredths(amount, percent):
    assert money.percent_of(amount, percent) == nearest(Fraction(amount) * Fraction(percent) / 100, 2)


@given(AMOUNTS, st.integers(0, 31), st.integers(28, 31))
def test_a_share_of_days(amount, days, of_days):
    assert money.prorate(amount, days, of_days) == nearest(Fraction(amount) * days / of_days, 2)


@given(AMOUNTS, AMOUNTS)
def test_a_ratio_has_six_places_and_none_over_zero(part, whole):
    expected = nearest(Fraction(part) / Fraction(whole), 6) if whole else None
    assert money.ratio(part, whole) == expected


def test_two_thirds():
    assert str(money.ratio(2, 3)) == "0.666667"
    assert str(money.ratio(D("-1.00"), 3)) == "-0.333333"
    assert money.ratio(5, 0) is None
