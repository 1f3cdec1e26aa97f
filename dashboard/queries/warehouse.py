"""The one door to the warehouse: runs SQL, hands back rows, and tells which version of which relation it reads.

Where the rows come from is not known here: whoever makes a `Warehouse` gives it a function that opens a cursor.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple, Protocol

Row = dict[str, Any]


class Cursor(Protocol):
    """What a query needs of a database cursor."""

    description: Any

    def execute(self, query: str, parameters: object = None, /) -> Any: ...

    def fetchmany(self, size: int = ..., /) -> list[Any]: ...

    def close(self) -> None: ...


class Versions(NamedTuple):
    """The position at which each table last changed; up to which position the change log is in, and since when (UTC)."""

    changed: Mapping[str, int]
    position: int
    applied_at: datetime | None


class Warehouse:
    """A derived, read-only copy of the business, laid out for reports."""

    def __init__(self, open_cursor: Callable[[], Any]) -> None:
        self._open = open_cursor

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
                yield _Snapshot(cursor)
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
        """How far each table is, in one look."""
        rows = self.fetch("select relation, version.position, state.position as at, applied_at from mart.version, mart.state")
        return Versions(
            {row["relation"]: row["position"] for row in rows}, rows[0]["at"] if rows else 0, rows[0]["applied_at"] if rows else None
        )

    def version(self, relations: Iterable[str]) -> int:
        """The position at which one of these relations last changed: what was computed at an earlier one is out of date."""
        changed = self.versions().changed
        return max((changed.get(name, 0) for name in relations), default=0)


class _Snapshot(Warehouse):
    """Everything through the one cursor whose transaction is the snapshot."""

    def __init__(self, cursor: Any) -> None:
        super().__init__(lambda: cursor)
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
