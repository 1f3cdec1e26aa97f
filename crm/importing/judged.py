"""A row of a file after the company has been asked about it, and what every kind of record needs in order to judge and to write one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import StrEnum, auto
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from crm.errors import CrmError
from crm.importing.directory import Directory
from crm.importing.faults import Fault
from crm.importing.fields import Field
from crm.importing.layouts import Layout
from crm.scope import Actor
from crm.vocabulary import N_


class Outcome(StrEnum):
    """What becomes of a row."""

    GOOD = auto()
    CHANGES = auto()
    UNCHANGED = auto()
    DUPLICATE = auto()
    FAULTY = auto()


OUTCOME_LABELS: Mapping[Outcome, str] = {
    Outcome.GOOD: N_("New"),
    Outcome.CHANGES: N_("Changes a record"),
    Outcome.UNCHANGED: N_("Unchanged"),
    Outcome.DUPLICATE: N_("Duplicate"),
    Outcome.FAULTY: N_("Faulty"),
}


@dataclass(slots=True)
class Judged:
    """One row: its values (names replaced by the records they mean), what is wrong with it, and what becomes of it.

    `note` says which record a duplicate is one of and what a change changes; `standing` is the record that stands already.
    """

    number: int
    values: dict[str, Any]
    supplied: frozenset[str]
    faults: list[Fault]
    outcome: Outcome = Outcome.GOOD
    note: CrmError | None = None
    standing: Any = None

    def stated(self, key: str) -> Any:
        """The value if the file itself states it; what the layout supplies changes nothing that stands."""
        return None if key in self.supplied else self.values.get(key)


@dataclass(frozen=True)
class Context:
    """What holds for the whole file."""

    actor: Actor
    layout: Layout
    names: Directory
    today: date
    zone: str
    now: datetime
    closed_months: frozenset[date] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field → the columns that feed it, as the file calls them."""

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields of the file's kind."""
        return self.layout.fields

    @property
    def system(self) -> str | None:
        """The old system that external ids belong to."""
        return self.layout.system or None

    def moment(self, day: date) -> datetime:
        """Noon of a business day: files know days, not hours."""
        return datetime.combine(day, time(12), ZoneInfo(self.zone)).astimezone(UTC)

    def refuse(self, row: Judged, key: str, reason: CrmError) -> None:
        """Hold something against a field of a row."""
        value = row.values.get(key)
        shown = "" if value is None or not isinstance(value, str | int | date) else str(value)
        row.faults.append(Fault(key, self.columns.get(key, ""), shown, reason))

    @property
    def note_of_import(self) -> str:
        """What stands as the reason of what an import did."""
        return self.layout.name


Progress = Callable[[str, int, int], None]
"""Told what is being done, how many rows are, of how many (0: not known yet)."""


def silent(what: str, done: int, of: int) -> None:
    """No progress wanted."""


def outcomes(rows: Iterable[Judged]) -> dict[Outcome, int]:
    """How many rows there are of each outcome."""
    counts = dict.fromkeys(Outcome, 0)
    for row in rows:
        counts[row.outcome] += 1
    return counts
