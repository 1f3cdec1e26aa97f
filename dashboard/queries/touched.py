"""When what a person reads last changed: whom the follower's steps touched, kept in memory and asked in microseconds.

A version is a position of the change log. Two versions of one reading that are equal stand for the same rows; rows that are other than
before always have a higher version, while a higher version may stand for the same rows.
"""

from collections.abc import Hashable, Iterable, Mapping
from threading import Lock
from typing import Any, NamedTuple

BEGINNING = -1
"""Before every position."""


class Reading(NamedTuple):
    """What one person reads: tables with the rows of everybody, with those of some people, with those of some teams."""

    whole: tuple[str, ...] = ()
    owned: tuple[tuple[str, int], ...] = ()
    teams: tuple[tuple[str, int], ...] = ()


class Touched:
    """Of one warehouse, up to `position`: when each table last changed; when for everybody; and when for whom among people and teams.

    Of several changes only the last is kept. So for a reader who stands further back than what is known here, the version of what was
    changed since is the reader's own position, which is never too low.
    """

    def __init__(self) -> None:
        self.position = BEGINNING
        self._lock = Lock()
        self._changed: dict[str, int] = {}
        self._everybody: dict[str, int] = {}
        self._owned: dict[tuple[str, int], int] = {}
        self._teams: dict[tuple[str, int], int] = {}

    def learn(self, steps: Iterable[Mapping[str, Any]], position: int) -> None:
        """Take in what changed since `self.position`, up to `position` at least."""
        with self._lock:
            for step in steps:
                for table in step["relations"]:
                    self._note(table, step["position"], step["owners"], step["teams"])
            self.position = max(self.position, position)

    def _note(self, table: str, at: int, owners: list[int] | None, teams: list[int] | None) -> None:
        self._changed[table] = max(self._changed.get(table, BEGINNING), at)
        if owners is None or teams is None:
            self._everybody[table] = max(self._everybody.get(table, BEGINNING), at)
            return
        for known, ids in ((self._owned, owners), (self._teams, teams)):
            for id in ids:
                known[table, id] = max(known.get((table, id), BEGINNING), at)

    def latest(self, reading: Reading) -> int:
        """The position at which that last changed, as far as is known here."""
        found = [self._changed.get(table, BEGINNING) for table in reading.whole]
        for known, tables in ((self._owned, reading.owned), (self._teams, reading.teams)):
            for table in tables:
                found += (known.get(table, BEGINNING), self._everybody.get(table[0], BEGINNING))
        return max(found, default=BEGINNING)

    def version(self, reading: Reading, position: int) -> int:
        """The same for a reader who stands at `position`, who may know less."""
        return min(self.latest(reading), position)


class Known:
    """What is known of each warehouse, for all who read: it goes by when it was built, so that another one is known anew."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._of: dict[Hashable, Touched] = {}

    def of(self, built: Hashable) -> Touched:
        """What is known of the warehouse that was built then; of older ones than the last but one nothing is kept."""
        with self._lock:
            if built not in self._of:
                self._of = dict([*self._of.items()][-1:])
                self._of[built] = Touched()
            return self._of[built]
