"""When somebody carries more rows away than is usual for them."""

from collections.abc import Iterable

ALWAYS_USUAL = 500
"""Rows that anybody may take in a day without being looked at."""

TIMES = 3
"""So many times what they took on their largest day before is unusual."""


def is_unusual(rows: int, days_before: Iterable[int]) -> bool:
    """Whether `rows`, taken in one day, stand out from what the same person took on the days before."""
    return rows > max(ALWAYS_USUAL, TIMES * max(days_before, default=0))
