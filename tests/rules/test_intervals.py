"""The interval of a rate over few cases: held to the equation that defines it, and to published values."""

from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.intervals import FEW, PLACES, Z, doubtful, wilson

PROPORTIONS = st.integers(1, 500).flatmap(lambda cases: st.tuples(st.integers(0, cases), st.just(cases)))


@given(PROPORTIONS)
def test_the_rate_lies_inside_and_both_ends_are_rates(found):
    hits, cases = found
    low, high, _cases = wilson(hits, cases)
    assert 0 <= low <= (Decimal(hits) / cases).quantize(PLACES) <= high <= 1
    assert low < high


@given(PROPORTIONS)
def test_each_end_is_a_rate_whose_score_is_exactly_the_limit(found):
    """The definition itself: at the ends, the found rate lies z standard deviations away from the true one."""
    hits, cases = found
    for end in wilson(hits, cases)[:2]:
        true = float(end)
        if 0.001 < true < 0.999:
            assert abs(hits / cases - true) == pytest.approx(float(Z) * sqrt(true * (1 - true) / cases), rel=1e-3, abs=1e-5)


@given(PROPORTIONS)
def test_what_is_true_of_hits_is_true_of_misses(found):
    hits, cases = found
    low, high, _cases = wilson(hits, cases)
    other_low, other_high, _cases = wilson(cases - hits, cases)
    assert (abs(1 - high - other_low) <= PLACES, abs(1 - low - other_high) <= PLACES) == (True, True)


@given(PROPORTIONS, st.integers(2, 9))
def test_the_same_rate_over_more_cases_is_surer(found, times):
    hits, cases = found
    few, many = wilson(hits, cases), wilson(hits * times, cases * times)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [(81, 263, "0.2553", "0.3662"), (15, 148, "0.0624", "0.1605"), (0, 20, "0.0000", "0.1611"), (1, 29, "0.0061", "0.1718")],
)
def test_published_values(hits, cases, low, high):
    """Those of R. G. Newcombe, "Two-sided confidence intervals for the single proportion" (Statistics in Medicine 17, 1998)."""
    assert [round(end, 4) for end in wilson(hits, cases)[:2]] == [Decimal(low), Decimal(high)]


def test_only_few_cases_are_in_doubt():
    assert doubtful(3, FEW) is None
    assert doubtful(3, FEW - 1) == wilson(3, FEW - 1)
    assert doubtful(None, None) is doubtful(0, 0) is None
