"""What a person keeps of a page for themselves: filter states under names, and which columns of a list they left out."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from crm.errors import CrmError, NotFound
from crm.models import SavedView
from crm.scope import Actor
from crm.services.inputs import LINE, Missing, clean
from crm.vocabulary import N_

MOST = 50
"""So many views a person keeps of one page."""

LONGEST = 4000

COLUMNS = "columns of "
"""Before a page's name: where its left out columns are kept."""


class TooManyViews(CrmError):
    """More than anybody finds again."""

    message = N_("You keep {most} views of this page already. Please remove one first.")


class ViewTooLong(CrmError):
    """A filter state of hundreds of values."""

    message = N_("These filters are too many to be kept as a view.")


@dataclass(frozen=True, slots=True)
class View:
    """A filter state as the address of its page has it."""

    id: int
    name: str
    state: str


def of_page(session: Session, actor: Actor, page: str) -> list[View]:
    """The person's own views of a page, the oldest first."""
    mine = select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.page == page).order_by(SavedView.id)
    return [View(view.id, view.name, view.state) for view in session.scalars(mine)]


def keep(session: Session, actor: Actor, page: str, name: str, state: str) -> SavedView:
    """Keep a filter state under a name; the same name again takes the new state."""
    called = clean(name, LINE)
    if not called:
        raise Missing()
    if len(state) > LONGEST:
        raise ViewTooLong()
    standing = session.scalar(_mine(actor, page).where(SavedView.name == called))
    if standing:
        standing.state = state
        return standing
    if len(session.scalars(_mine(actor, page)).all()) >= MOST:
        raise TooManyViews(most=MOST)
    view = SavedView(user_id=actor.user_id, page=page, name=called, state=state)
    session.add(view)
    session.flush()
    return view


def remove(session: Session, actor: Actor, view_id: int) -> None:
    """Forget one of the person's own views; of others' there is none."""
    mine = delete(SavedView).where(SavedView.id == view_id, SavedView.user_id == actor.user_id)
    if session.execute(mine.returning(SavedView.id)).first() is None:
        raise NotFound()


def left_out(session: Session, actor: Actor, page: str) -> frozenset[str]:
    """The columns that the person does not want to see on a page."""
    kept = session.scalar(_mine(actor, COLUMNS + page))
    return frozenset(json.loads(kept.state)) if kept else frozenset()


def leave_out(session: Session, actor: Actor, page: str, columns: Collection[str], known: Sequence[str]) -> None:
    """Remember which of the `known` columns the person does not want to see."""
    keep(session, actor, COLUMNS + page, COLUMNS.strip(), json.dumps(sorted(set(columns) & set(known))))


def _mine(actor: Actor, page: str) -> Select[SavedView]:
    return select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.page == page)
