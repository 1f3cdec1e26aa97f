"""Rows to be written in bulk: collected and bound before anybody is locked out, then written table by table in one transaction.

Every constraint and trigger of the database holds, as for single writes. A record that another row refers to is a `New`: its id is
drawn when it is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Dialect, Table, bindparam, func, select, text

from crm.errors import CrmError
from crm.models import Base
from crm.vocabulary import N_

LOT = 400
"""Rows of one statement: with many at once the database prepares for a row's failing (its triggers) once and not for each."""

MOST_VALUES = 30_000
"""Values that one statement can hold, on either database."""

One = TypeVar("One")


class ChangedSinceVerdict(CrmError):
    """Somebody wrote what the verdict was about."""

    message = N_("The company's data has changed since the file was checked. Nothing was imported; please check the file again.")


class New:
    """A record that an import creates. Its id is known once it is being written."""

    __slots__ = ("id",)

    def __init__(self) -> None:
        self.id = 0


Ref = int | New
"""A record that stands already, by its id, or one that comes along."""


def lots(rows: Iterable[One], size: int = LOT) -> Iterator[list[One]]:
    """`rows` in lists of at most `size`."""
    rest = iter(rows)
    while lot := list(islice(rest, size)):
        yield lot


class _Inserts:
    """New rows of one table, bound."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self.table = table
        self.columns = tuple(column for column in table.columns if not (column.name == "id" and column.primary_key))
        self._bind = [_binder(column.type.dialect_impl(dialect).bind_processor(dialect)) for column in self.columns]
        defaults: Any = {column.name: column.default for column in self.columns if column.default is not None and column.default.is_scalar}
        self._defaults: dict[str, Any] = {name: default.arg for name, default in defaults.items()}
        self.has_id = len(self.columns) < len(table.columns)
        self.news: list[New] = []
        self.rows: list[tuple[Any, ...]] = []
        self._cells = list(zip(self._bind, [column.name for column in self.columns], strict=True))
        self._places = [place for place, column in enumerate(self.columns) if column.foreign_keys or column.name == "subject_id"]
        self._waiting: set[int] = set()

    def add(self, new: New, values: Mapping[str, Any]) -> None:
        given = {**self._defaults, **values}
        self.rows.append(tuple([bind(given.get(name)) if bind else given.get(name) for bind, name in self._cells]))
        self.news.append(new)
        for place in self._places:
            if isinstance(self.rows[-1][place], New):
                self._waiting.add(place)

    def statement(self, mark: str, rows: int) -> str:
        names = [*(["id"] if self.has_id else []), *(column.name for column in self.columns)]
        written = ", ".join(f'"{name}"' for name in names)
        one = f"({', '.join([mark] * len(names))})"
        return f"insert into {self.table.name} ({written}) values {', '.join([one] * rows)}"

    def draw_ids(self, connection: Connection) -> None:
        """Give every new record its id: the next of the table, that nobody else can be given."""
        if not self.has_id or not self.news:
            return
        key = self.table.c.id
        if connection.dialect.name == "postgresql":
            drawn = "select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)"
            ids: Iterable[int] = connection.scalars(text(drawn), {"name": self.table.name, "count": len(self.news)})
        else:  # the one writer of the moment
            ids = range((connection.scalar(select(func.max(key))) or 0) + 1, 2**62)
        for new, number in zip(self.news, ids, strict=False):
            new.id = number

    def bound(self) -> Iterator[tuple[Any, ...]]:
        """The rows as the database takes them, once every record has its id."""
        waiting = sorted(self._waiting)
        for new, row in zip(self.news, self.rows, strict=True):
            if waiting:
                known = list(row)
                for place in waiting:
                    known[place] = _id(known[place])
                row = tuple(known)
            yield (new.id, *row) if self.has_id else row


def _binder(process: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    """What a column makes of a value; None where it takes it as it is."""
    if process is None:
        return None
    known = process
    return lambda value: None if value is None else known(value)


class Batch:
    """What one import writes. `tracked` lists each record with the version it will have and what stood there before, for the undo."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._inserts: dict[Table, _Inserts] = {}
        self._updates: dict[tuple[Table, tuple[str, ...]], list[dict[str, Any]]] = {}
        self._settings: list[tuple[Table, Ref, dict[str, Any]]] = []
        self._deletes: list[tuple[Table, str, Ref]] = []
        self.tracked: list[tuple[str, Ref, int, str]] = []
        self.created = 0
        self.changed = 0

    def add(self, model: type[Base], new: New | None = None, **values: Any) -> New:
        """A new row. The model's plain defaults stand for what is left out."""
        table = cast(Table, model.__table__)
        if table not in self._inserts:
            self._inserts[table] = _Inserts(table, self._dialect)
        made = new or New()
        self._inserts[table].add(made, values)
        return made

    def track(self, model: type[Base], ref: Ref, version: int = 1, before: str = "") -> None:
        """Keep that the import wrote this record; `version` 0 for one that has none."""
        self.tracked.append((cast(Table, model.__table__).name, ref, version, before))

    def update(self, model: type[Base], record_id: int, version: int, values: Mapping[str, Any]) -> None:
        """Change a record that stands at `version`; anything else found there is `ChangedSinceVerdict`."""
        table = cast(Table, model.__table__)
        names = tuple(sorted(values))
        row = {f"new_{name}": value for name, value in values.items()} | {"of_id": record_id, "of_version": version}
        self._updates.setdefault((table, names), []).append(row)

    def put(self, model: type[Base], ref: Ref, **values: Any) -> None:
        """Set columns after all rows are written, past the record's version: references of two to each other, what is derived."""
        self._settings.append((cast(Table, model.__table__), ref, values))

    def remove(self, model: type[Base], column: str, ref: Ref) -> None:
        """Remove the rows of a part, before new ones are written."""
        self._deletes.append((cast(Table, model.__table__), column, ref))

    def write(self, connection: Connection, progress: Callable[[int, int], None] = lambda done, of: None) -> None:
        """Write everything. The caller owns the transaction."""
        for table, column, ref in self._deletes:
            connection.execute(table.delete().where(table.c[column] == _id(ref)))
        for (table, names), rows in self._updates.items():  # an ended version makes room for its successor
            self._update(connection, table, names, [row for row in rows if not _awaits(row)])
        self.write_inserts(connection, progress)
        for (table, names), rows in self._updates.items():
            self._update(connection, table, names, [row for row in rows if _awaits(row)])
        for table, ref, values in self._settings:
            known = {name: _id(value) for name, value in values.items()}
            connection.execute(table.update().where(table.c.id == _id(ref)).values(known))

    def write_inserts(self, connection: Connection, progress: Callable[[int, int], None] = lambda done, of: None) -> None:
        """Write the new rows, each table after those it refers to."""
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        total, done = sum(len(inserts.rows) for inserts in self._inserts.values()), 0
        written = [self._inserts[table] for table in Base.metadata.sorted_tables if table in self._inserts]
        for inserts in written:
            inserts.draw_ids(connection)
        for inserts in written:
            for lot in lots(inserts.bound(), min(LOT, MOST_VALUES // len(inserts.table.columns))):
                connection.exec_driver_sql(inserts.statement(mark, len(lot)), tuple(chain.from_iterable(lot)))
                done += len(lot)
                progress(done, total)

    def _update(self, connection: Connection, table: Table, names: Sequence[str], rows: list[dict[str, Any]]) -> None:
        changed: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        statement = table.update().where(table.c.id == bindparam("of_id"))
        if "version" in table.c:
            statement = statement.where(table.c.version == bindparam("of_version"))
            changed["version"] = table.c.version + 1
        statement = statement.values(changed)
        for lot in lots(rows):
            known = [{key: _id(value) for key, value in row.items()} for row in lot]
            if connection.execute(statement, known).rowcount != len(lot):
                raise ChangedSinceVerdict()


def _awaits(row: Mapping[str, Any]) -> bool:
    """Whether a row refers to a record that is yet to be written."""
    return any(isinstance(value, New) for value in row.values())


def _id(ref: Any) -> Any:
    return ref.id if isinstance(ref, New) else ref


def earliest(*days: date | None) -> date | None:
    """The first of the days that are known."""
    return min((day for day in days if day is not None), default=None)
