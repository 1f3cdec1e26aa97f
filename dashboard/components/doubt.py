"""How a rate over few cases is marked and told: briefly beside it, wholly where there is room or the pointer asks.

One row's intervals travel in it as `doubt`, by figure; they are arithmetic over what the row holds anyway.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from crm.rules.intervals import Interval
from dashboard.i18n import _, language, percent
from dashboard.queries.measure import Derived, Figure
from dashboard.queries.warehouse import Row


def doubted(rows: Sequence[Row], figures: Sequence[Figure]) -> list[Row]:
    """The rows, those with rates over few cases with their intervals in `doubt`."""
    rates = [figure for figure in figures if isinstance(figure, Derived) and figure.cases]
    if not rates:
        return list(rows)
    return [row | {"doubt": found} if (found := _intervals(row, rates)) else row for row in rows]


def _intervals(row: Row, rates: Sequence[Derived]) -> dict[str, Interval]:
    if "beyond" in row:
        return {}
    return {rate.key: interval for rate in rates if row[rate.key] is not None and (interval := rate.interval(row))}


def brief(interval: Interval) -> str:
    """14–61%."""
    return f"{percent(interval.low, 0).removesuffix('%')}–{percent(interval.high, 0)}"


def on_card(interval: Interval) -> str:
    """14–61%, only 11 cases."""
    return _("{range}, only {cases} cases", range=brief(interval), cases=interval.cases)


def told(interval: Interval) -> str:
    """What the interval is, and over how many cases."""
    return _(
        "Only {cases} cases: with 95% confidence between {low} and {high}.",
        cases=interval.cases,
        low=percent(interval.low),
        high=percent(interval.high),
    )


def said(row: Row) -> Row:
    """The row as it travels to a table: each interval as what stands beside its rate, and what is told of it."""
    if "doubt" not in row:
        return row
    return row | {"doubt": {key: _both(interval, language()) for key, interval in row["doubt"].items()}}


@lru_cache(maxsize=1024)  # of each language's there are 464 (crm/rules/intervals.py)
def _both(interval: Interval, _language: str) -> list[str]:
    return [brief(interval), told(interval)]


def of(row: Mapping[str, Any], key: str) -> Interval | None:
    """The interval of one of a row's rates, where it is in doubt."""
    return row.get("doubt", {}).get(key)  # type: ignore[no-any-return]


def noted(interval: Interval | None) -> str:
    """What stands behind a rate in a label: its interval in brackets, where it is in doubt."""
    return f" ({brief(interval)})" if interval else ""
