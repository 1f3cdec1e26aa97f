"""How text is looked for in a list: by the index of pairs where few rows hold it, letter by letter along the list's order otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import Session

from crm.models import Base
from crm.services import searching
from crm.services.list_terms import Asked, Related, without_index

FEW = 10_000
"""So many rows that hold what is sought are fetched by the index of what is searched; more are met while walking in the list's order."""

GATHERED = 60_000
"""So many hits are gathered where few rows are within reach: any of these may be one, and none must be looked at."""


@dataclass(frozen=True, slots=True)
class Search:
    """What of the records of `model` is searched: columns of theirs, and text of related records."""

    model: type[Base]
    searched: Sequence[Any]
    related: Sequence[Related]

    @property
    def _id(self) -> Any:
        return self.model.__table__.c.id

    def few(self, session: Session, pairs: Sequence[str]) -> Select[int] | None:
        """The ids that the index of what is searched finds; None where they are so many that they are sooner met along the way.

        Each source is asked by itself and no further than `FEW`: taken together, all that they hold would be gathered first.
        """
        found = [searching.holding(session, self.model, pairs)] if self.searched else []
        if any(are_many(session, one, FEW) for one in found):
            return None
        for related in self.related:
            theirs = searching.holding(session, related.model, pairs)
            ids = select(related.key(self.model)).where(related.column.in_(theirs))
            if are_many(session, theirs, FEW) or are_many(session, ids, FEW):
                return None
            found.append(ids)
        return select(union(*found).subquery().c[0])

    def gathered(self, session: Session, text: str) -> list[ColumnElement[bool]] | None:
        """That the text stands there, said by the index of pairs alone: what is one pair, and no more than `GATHERED` hold it anywhere.

        The index knows more letters in two cases than the look at the text itself does: these are left to that.
        """
        if searching.grams(text) != [text] or len(text) != 2 or not (text.isascii() or text.lower() == text.upper()):
            return None
        found = [(self._id, searching.holding(session, self.model, [text]))] if self.searched else []
        for related in self.related:
            theirs = searching.holding(session, related.model, [text])
            if are_many(session, theirs, GATHERED):
                return None
            belong = theirs if related.by is not None else select(related.back).where(related.column.in_(theirs))
            found.append((related.by if related.by is not None else self._id, belong))
        if any(are_many(session, ids, GATHERED) for _column, ids in found):
            return None
        return [or_(*(without_index(column).in_(ids) for column, ids in found))]

    def contains(self, text: str) -> ColumnElement[bool]:
        """That the text stands there, letter by letter."""
        own = [column.icontains(text, autoescape=True) for column in self.searched]
        others = [self._said(related, text) for related in self.related]
        return or_(*own, *others)

    def _said(self, related: Related, text: str) -> ColumnElement[bool]:
        """That one of the related records says it.

        Not by `exists`: of that PostgreSQL makes a table of all records that say it, as soon as it thinks that many rows will be asked.
        """
        said = or_(*(column.icontains(text, autoescape=True) for column in related.columns))
        return select(1).where(related.joined(self.model), said).limit(1).scalar_subquery().is_not(None)


def are_many(session: Session, ids: Select[int], most: int) -> bool:
    """Whether more than `most` are found."""
    return (session.scalar(select(func.count()).select_from(ids.limit(most + 1).subquery())) or 0) > most


def is_unsayable(asked: Asked) -> bool:
    """Whether a text is sought that has neither letter nor digit."""
    return bool(asked.text) and not searching.grams(asked.text)
