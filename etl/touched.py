"""Whom a step of the follower touches: whose rows the records had whose rows it changed.

A record's rows lie in several relations, each row somebody's: the holder's of some days, the doer's of a deed. What a person reads of a
record may hang on rows of it that are not theirs (an opportunity is neglected where *nobody* followed up). So whoever had or has a row
of a record in any relation, made anew or not, counts as touched in every relation in which the record's rows changed, and nobody else
does: no report looks from one record's rows at another's, but for names, and those are everybody's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from etl.holders import Held
from etl.relations import Relation

Row = tuple[Any, ...]
Record = tuple[str, int]
"""What a relation calls a record's id, and the id: an opportunity and the deal that it became are one."""

HOLDERS = (("owner_id", "team_id"), ("holder_id", "holder_team_id"))
"""The columns that say whose a row is."""

NAMES = {"customer": "name"}
"""Relations in which names are looked up for whoever shows something of the record, and the column of the name: another name is another one
for everybody. A record's first name is news to nobody, since nothing was shown of it before."""


class Touched:
    """What one step changed, relation by relation, and whom that touches; `held`: who may have rows of the records in any relation."""

    def __init__(self, held: Iterable[Held] = ()) -> None:
        self._whole: set[str] = set()
        self._changed: dict[Record, set[str]] = defaultdict(set)
        self._owners: dict[Record, set[int | None]] = defaultdict(set)
        self._teams: dict[Record, set[int | None]] = defaultdict(set)
        for key, id, owner, team in held:
            self._owners[key, id].add(owner)
            self._teams[key, id].add(team)

    def everybody(self, relation: Relation) -> None:
        """The relation is another one for everybody: it belongs to nobody, or nobody looked whose rows changed."""
        self._whole.add(relation.name)

    def replaced(self, relation: Relation, columns: Sequence[str], before: Sequence[Row], after: Sequence[Row]) -> None:
        """Rows of some records stood there before, and stand there after."""
        key = columns.index(relation.key) if relation.key else None
        if key is not None:
            self._note(relation, columns, key, [*before, *after])
        if before == after:
            return
        was, now = Counter(map(repr, before)), Counter(map(repr, after))
        if was == now:
            return
        if key is None or _renamed(relation, columns, key, before, after):
            self._whole.add(relation.name)
            return
        for row in (*before, *after):
            if was[repr(row)] != now[repr(row)]:
                self._changed[relation.key, row[key]].add(relation.name)

    def _note(self, relation: Relation, columns: Sequence[str], key: int, rows: Sequence[Row]) -> None:
        """Whose these rows are."""
        for owner, team in HOLDERS:
            if owner in columns:
                of_owner, of_team = columns.index(owner), columns.index(team)
                for row in rows:
                    self._owners[relation.key, row[key]].add(row[of_owner])
                    self._teams[relation.key, row[key]].add(row[of_team])

    def write(self, writer: duckdb.DuckDBPyConnection, position: int) -> None:
        """Put it beside the warehouse's rows, in their transaction."""
        changed = self._whole.union(*self._changed.values())
        if not changed:
            return
        told = f"case when relation in ({_names(self._whole)}) then {position} else everybody end" if self._whole else "everybody"
        writer.execute(f"update mart.version set position = {position}, everybody = {told} where relation in ({_names(changed)})")
        alike: dict[tuple[str, str], set[str]] = defaultdict(set)
        for record, names in self._changed.items():
            alike[_ids(self._owners[record]), _ids(self._teams[record])] |= names - self._whole
        rows = [f"({position}, [{_names(names)}], {owners}, {teams})" for (owners, teams), names in alike.items() if names]
        if rows:
            writer.execute(f"insert into mart.touched values {', '.join(rows)}")


def forget(writer: duckdb.DuckDBPyConnection) -> None:
    """Keep of all steps only at which position a relation last changed: who knows no more takes what was read before that for changed."""
    writer.execute("update mart.version set everybody = position")
    writer.execute("delete from mart.touched")


def _renamed(relation: Relation, columns: Sequence[str], key: int, before: Sequence[Row], after: Sequence[Row]) -> bool:
    """Whether a record that others may show by its name has another one now, or none."""
    if relation.name not in NAMES:
        return False
    name = columns.index(NAMES[relation.name])
    called = {row[key]: row[name] for row in after}
    return any(called.get(row[key]) != row[name] for row in before)


def _names(names: set[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


def _ids(ids: set[int | None]) -> str:
    """A list of SQL; a row that nobody holds yet is no person's, nor is one without a team any team's."""
    return f"[{', '.join(str(id) for id in sorted(id for id in ids if id is not None))}]::integer[]"
