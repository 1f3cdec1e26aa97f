"""The one door to the warehouse: runs SQL, hands back rows, and tells which version of which relation it reads.

Where the rows come from is not known here: whoever makes a `Warehouse` gives it a function that opens a cursor.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from dashboard.queries.touched import Known, Reading, Touched

Row = dict[str, Any]


STEPS = """select position, relations, owners, teams from mart.touched where position > $since
    union all select everybody, [relation], null, null from mart.version where everybody > $since"""
"""What changed since a position, and whom that touches: nulls stand for everybody."""


def values_of(rows: Sequence[Row], keys: Sequence[str]) -> list[tuple[Any, ...]]:
    """What each row has under these keys, in their order."""
    return list(zip(*([row[key] for row in rows] for key in keys), strict=True)) if keys else [()] * len(rows)


class Versions(NamedTuple):
    """Up to which position the change log is in, and since when (UTC); and when what anybody reads last changed."""

    position: int
    applied_at: datetime | None
    touched: Touched

    def of(self, reading: Reading) -> int:
        """The position at which what somebody reads last changed: what was computed at an earlier one is out of date."""
        return self.touched.version(reading, self.position)


class Warehouse:
    """A derived, read-only copy of the business, laid out for reports."""

    def __init__(self, open_cursor: Callable[[], Any], known: Known | None = None) -> None:
        self._open = open_cursor
        self._known = known or Known()

    def fetch(self, sql: str, values: Mapping[str, object] | None = None) -> list[Row]:
        """The rows of `sql`; of `values` only those are bound that it names, since a statement refuses others."""
        return [row for rows in self.stream(sql, values) for row in rows]

    def stream(self, sql: str, values: Mapping[str, object] | None = None, size: int = 10_000) -> Iterator[list[Row]]:
        """The same in lots of `size`, so that a million rows are never in memory at once. In a `snapshot`, ask nothing else meanwhile."""
        with self.cursor() as cursor:
            cursor.execute(sql, {name: value for name, value in (values or {}).items() if f"${name}" in sql})
            columns = [column[0] for column in cursor.description]
            while lot := cursor.fetchmany(size):
                yield [dict(zip(columns, row, strict=True)) for row in lot]

    @contextmanager
    def snapshot(self) -> Iterator["Warehouse"]:
        """The warehouse as it stands now, whatever the follower writes meanwhile: for one thread, and for what must fit together."""
        with self.cursor() as cursor:
            cursor.execute("begin transaction")
            try:
                yield _Snapshot(cursor, self._known)
            finally:
                cursor.execute("rollback")

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor of its own, closed at the end."""
        cursor = self._open()
        try:
            yield cursor
        finally:
            cursor.close()

    def versions(self) -> Versions:
        """How far the warehouse is; what its steps touched is read once for each position, for all who ask."""
        (now,) = self.fetch("select position, applied_at, built_at from mart.state")
        touched = self._known.of(now["built_at"])
        if touched.position < now["position"]:
            since = touched.position
            touched.learn(self.fetch(STEPS, {"since": since}), now["position"])
        return Versions(now["position"], now["applied_at"], touched)

    def version(self, relations: Iterable[str]) -> int:
        """The position at which one of these relations last changed, for whomever."""
        return self.versions().of(Reading(whole=tuple(relations)))


class _Snapshot(Warehouse):
    """Everything through the one cursor whose transaction is the snapshot."""

    def __init__(self, cursor: Any, known: Known) -> None:
        super().__init__(lambda: cursor, known)
        self._versions: Versions | None = None

    def versions(self) -> Versions:
        """The same for as long as the snapshot lasts, so read once."""
        if self._versions is None:
            self._versions = super().versions()
        return self._versions

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """The one cursor of the snapshot."""
        yield self._open()
