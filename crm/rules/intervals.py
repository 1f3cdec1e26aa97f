"""How sure a rate over few cases is: the Wilson score interval of a proportion, at 95 %.

Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
Association 22 (1927), 209-212. It holds for small numbers and for rates near 0 and 1, where the usual plus-minus does not: all true rates
p whose score |p − rate| / √(p (1 − p) / cases) is at most z.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache
from typing import NamedTuple

Z = Decimal("1.959963984540054")
"""97.5 % of the normal distribution lie below it: 95 % between it and its negative."""

FEW = 30
"""A rate over fewer cases is shown with its interval."""

PLACES = Decimal("0.000001")


class Interval(NamedTuple):
    """Between which rates the true one lies, 19 times in 20, and over how many cases that was found."""

    low: Decimal
    high: Decimal
    cases: int


@lru_cache(maxsize=1024)  # of fewer than FEW cases there are 464
def wilson(hits: int, cases: int) -> Interval:
    """The interval of `hits` out of `cases` (at least one), 6 places half-up, within 0 and 1."""
    with localcontext(prec=40):
        rate, z2 = Decimal(hits) / cases, Z * Z
        centre = rate + z2 / (2 * cases)
        reach = Z * (rate * (1 - rate) / cases + z2 / (4 * cases * cases)).sqrt()
        low, high = ((centre + end) / (1 + z2 / cases) for end in (-reach, reach))
        return Interval(max(low, Decimal(0)).quantize(PLACES, ROUND_HALF_UP), min(high, Decimal(1)).quantize(PLACES, ROUND_HALF_UP), cases)


def doubtful(hits: int | None, cases: int | None) -> Interval | None:
    """The interval of a rate over few cases; None where there are enough of them, or none at all."""
    return wilson(hits or 0, cases) if cases and 0 < cases < FEW else None
