"""A bar: what was measured against what it may be, as a row of the table and a JSON line."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of docs/speed.md. `holds`: the measured value keeps the limit (a lower one is better, but for `at_least`)."""

    bar: str
    measured: float
    limit: float
    unit: str
    holds: bool


class Bars:
    """The bars of one run, printed as they come and appended to the file that BENCH_JSON names."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self._file = Path(os.environ["BENCH_JSON"]) if os.environ.get("BENCH_JSON") else None
        if self._file:
            self._file.write_text("")

    def add(self, bar: str, measured: float, limit: float, unit: str) -> None:
        """Record a measurement that must not exceed its limit."""
        self._keep(Bar(f"{bar} @ {self.scale:g}x", round(measured, 3), limit, unit, measured <= limit))

    def at_least(self, bar: str, measured: float, limit: float, unit: str) -> None:
        """Record a measurement that must reach its limit."""
        self._keep(Bar(f"{bar} @ {self.scale:g}x", round(measured, 3), limit, unit, measured >= limit))

    def _keep(self, row: Bar) -> None:
        print(f"{'holds' if row.holds else 'FAILS':6} {row.measured:>12,.1f} of {row.limit:>10,.1f} {row.unit:6} {row.bar}", flush=True)
        if self._file:
            with self._file.open("a") as out:
                out.write(json.dumps(asdict(row)) + "\n")


def p95(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


__all__ = ["Bar", "Bars", "median", "p95"]
