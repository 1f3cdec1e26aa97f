"""Small numbers where a person's reach is aggregate: amounts over fewer than three contracts are not shown, nor what gives them away.

If the rows left out stand for fewer than three contracts together, the total minus the rest would tell: then the next smallest row is
left out too.
"""

from collections.abc import Sequence

from crm.vocabulary import Unit
from dashboard.queries.measure import Measure
from dashboard.queries.warehouse import Row

FEWEST = 3
"""Over so many contracts an amount may be shown."""

COUNT = "cohort_won_count"
"""The number of contracts that the amounts of a row are over."""


def veil(rows: Sequence[Row], total: Row, measures: Sequence[Measure]) -> None:
    """Take the amounts out of rows (and of the total) over too few contracts; `few` names the keys taken out."""
    keys = frozenset(m.key for m in measures if m.unit is Unit.MONEY)
    if not keys or COUNT not in total:
        return
    hidden = [row for row in rows if 0 < row[COUNT] < FEWEST]
    rest = sorted((row for row in rows if row[COUNT] >= FEWEST), key=lambda row: row[COUNT])
    if hidden and rest and sum(row[COUNT] for row in hidden) < FEWEST:
        hidden.append(rest[0])
    for row in (*hidden, *([total] if 0 < total[COUNT] < FEWEST else [])):
        row.update(dict.fromkeys(keys, None), few=keys)
