"""Unusual is what stands out from the person's own days; little is usual for everybody."""

import pytest

from crm.rules.exporting import is_unusual


@pytest.mark.parametrize(
    ("rows", "before", "unusual"),
    [(500, [], False), (501, [], True), (501, [200, 3], False), (601, [200, 3], True), (9000, [3000], False), (9001, [3000, 1], True)],
)
def test_what_stands_out(rows: int, before: list[int], unusual: bool) -> None:
    assert is_unusual(rows, before) is unusual
