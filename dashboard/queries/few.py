"""Small numbers where a person's reach is aggregate: amounts over fewer than three contracts are not shown, nor what gives them away.

If the rows left out stand for fewer than three contracts together, the total minus the rest would tell: then the next smallest row is
left out too. So it is within a source whose campaigns are listed: what the source comes to stands in a table of its own.
"""

from collections.abc import Sequence
from typing import Any

from crm.vocabulary import Unit
from dashboard.i18n import _l
from dashboard.queries.measure import Measure
from dashboard.queries.warehouse import Row

FEWEST = 3
"""Over so many contracts an amount may be shown."""

INSTEAD = _l("<3")
"""What stands in an amount's place."""

COUNT = "cohort_won_count"
"""The number of contracts that the amounts of a row are over."""


def veil(rows: Sequence[Row], total: Row, measures: Sequence[Measure], by: Sequence[str]) -> None:
    """Take the amounts out of rows (and of the total) over too few contracts; `few` names the keys taken out."""
    keys = frozenset(m.key for m in measures if m.unit is Unit.MONEY)
    if not keys or COUNT not in total:
        return
    hidden = [row for row in rows if 0 < row[COUNT] < FEWEST]
    for depth in range(len(by) - 1, -1, -1):
        for group in _groups(rows, by[:depth]):
            hidden += _more(group, hidden)
    for row in (*hidden, *([total] if 0 < total[COUNT] < FEWEST else [])):
        row.update(dict.fromkeys(keys, None), few=keys)


def instead(row: Row, key: str) -> str:
    """What stands in the place of a figure that was taken out; empty where it was not."""
    return str(INSTEAD) if key in row.get("few", ()) else ""


def _groups(rows: Sequence[Row], by: Sequence[str]) -> list[list[Row]]:
    """The rows that stand for one value of these dimensions together."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in by), []).append(row)
    return list(groups.values())


def _more(group: Sequence[Row], hidden: Sequence[Row]) -> list[Row]:
    """The row to leave out besides, where those that are left out are over too few contracts together."""
    out = [row for row in group if any(row is one for one in hidden)]
    rest = sorted((row for row in group if row[COUNT] >= FEWEST and not any(row is one for one in out)), key=lambda row: row[COUNT])
    return rest[:1] if out and sum(row[COUNT] for row in out) < FEWEST else []
