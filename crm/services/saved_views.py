"""What a person keeps of a page for themselves: filter states under names, the one that it opens with, which columns they left out, and
that the guided tour is over for them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.errors import CrmError, NotFound
from crm.models import SavedView
from crm.scope import Actor
from crm.services.input_faults import Missing
from crm.services.input_types import LINE, clean
from crm.vocabulary import N_

MOST = 50
"""So many views a person keeps of one page."""

LONGEST = 4000

COLUMNS = "columns of "
"""Before a page's name: where its left out columns are kept."""


TOUR = "tour"
"""Where it is kept that somebody ended the guided tour."""


class TooManyViews(CrmError):
    """More than anybody finds again."""

    message = N_("You keep {most} views of this page already. Please remove one first.")


class ViewNameTaken(CrmError):
    """Two views of one page under one name."""

    message = N_("You have another view called “{name}”.")


class ViewTooLong(CrmError):
    """A filter state of hundreds of values."""

    message = N_("These filters are too many to be kept as a view.")


@dataclass(frozen=True, slots=True)
class View:
    """A filter state as the address of its page has it. `opens`: the page opens with it where its address says nothing."""

    id: int
    name: str
    state: str
    opens: bool = False


def of_page(session: Session, actor: Actor, page: str) -> list[View]:
    """The person's own views of a page, the oldest first."""
    return [View(view.id, view.name, view.state, view.opens) for view in session.scalars(_mine(actor, page).order_by(SavedView.id))]


def keep(session: Session, actor: Actor, page: str, name: str, state: str) -> SavedView:
    """Keep a filter state under a name; the same name again takes the new state."""
    called = _called(name)
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


def remove(session: Session, actor: Actor, page: str, view_id: int) -> None:
    """Forget one of the person's own views of a page; of others' there is none."""
    session.delete(_own(session, actor, page, view_id))


def rename(session: Session, actor: Actor, page: str, view_id: int, name: str) -> None:
    """Call one of the person's own views otherwise; `ViewNameTaken` where another one of the page is called so."""
    view, called = _own(session, actor, page, view_id), _called(name)
    if session.scalar(_mine(actor, page).where(SavedView.name == called, SavedView.id != view.id)):
        raise ViewNameTaken(name=called)
    view.name = called


def open_with(session: Session, actor: Actor, page: str, view_id: int | None) -> None:
    """Let the page open with one of the person's own views from now on; None: as it does by itself."""
    chosen = _own(session, actor, page, view_id) if view_id is not None else None
    for view in session.scalars(_mine(actor, page).where(SavedView.opens)):
        view.opens = False
    session.flush()  # before another one does: the database lets no two of them open one page
    if chosen is not None:
        chosen.opens = True


def left_out(session: Session, actor: Actor, page: str) -> frozenset[str]:
    """The columns that the person does not want to see on a page."""
    kept = session.scalar(_mine(actor, COLUMNS + page))
    return frozenset(json.loads(kept.state)) if kept else frozenset()


def leave_out(session: Session, actor: Actor, page: str, columns: Collection[str], known: Sequence[str]) -> None:
    """Remember which of the `known` columns the person does not want to see."""
    keep(session, actor, COLUMNS + page, COLUMNS.strip(), json.dumps(sorted(set(columns) & set(known))))


def tour_is_over(session: Session, actor: Actor) -> bool:
    """Whether the person has ended the guided tour, or skipped it."""
    return session.scalar(_mine(actor, TOUR).limit(1)) is not None


def end_tour(session: Session, actor: Actor) -> None:
    """Show the person the guided tour no more."""
    keep(session, actor, TOUR, TOUR, "")


def begin_tour(session: Session, actor: Actor) -> None:
    """Show the person the guided tour again."""
    for kept in session.scalars(_mine(actor, TOUR)).all():
        session.delete(kept)


def _called(name: str) -> str:
    called = clean(name, LINE)
    if not called:
        raise Missing()
    return called


def _own(session: Session, actor: Actor, page: str, view_id: int) -> SavedView:
    view = session.scalar(_mine(actor, page).where(SavedView.id == view_id))
    if view is None:
        raise NotFound()
    return view


def _mine(actor: Actor, page: str) -> Select[SavedView]:
    return select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.page == page)
