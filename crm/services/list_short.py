"""Short lists: all their rows are put in order here and not by the database, so that names stand by pinyin and what is retired comes last.

They are master data, a thousand rows where people have a million records. A page still begins behind the last row of the page before,
whatever was renamed or retired meanwhile.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from crm.rules.spelling import name_order
from crm.services.list_terms import Place, Sort

Standing = tuple[bool, Any]
"""Where a row of a short list stands: whether it is in use, and its value."""


@dataclass(frozen=True, slots=True)
class Short:
    """The order of a short list: what is in use first, whichever way the values are sorted."""

    sort: Sort
    active: Any
    descending: bool
    ranks: Sequence[Any] = ()

    def ids(self, session: Session, found: Select[int], after: Place | None) -> list[int]:
        """The ids that were found, in order, behind a place."""
        rows = session.execute(found.add_columns(self.active, self.sort.column)).all()
        keys = sorted((self._key((active, value), id) for id, active, value in rows), reverse=self.descending)
        if after is not None:
            behind = self._key(*after)
            keys = [key for key in keys if (key < behind if self.descending else key > behind)]
        return [key[-1] for key in keys]

    def _key(self, standing: Standing, id: int) -> tuple[bool, bool, Any, int]:
        """What sorts a row, the other way round where the largest come first: a missing value is the smallest."""
        active, value = standing
        return active is self.descending, value is not None, self._rank(value), id

    def _rank(self, value: Any) -> Any:
        if value is None:
            return 0
        if self.ranks:
            return self.ranks.index(value)
        return name_order(value) if isinstance(value, str) else value
