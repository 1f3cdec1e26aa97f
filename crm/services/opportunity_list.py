"""The list of opportunities: filtered, searched, sorted and paged by the database, within the person's reach.

A page is found by its ids alone, over an index, and only then are its rows read. The list ends after `MOST` rows: nobody reads
further, they search; so no page costs more than a walk over that many index entries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from crm.models import Customer, Opportunity, Stage, Team, User
from crm.scope import Actor
from crm.services.inputs import NotAChoice, clean
from crm.vocabulary import OpportunityStatus

MOST = 10_000
"""So many rows are counted and shown; a longer list says that it goes on."""

PAGE = 100
LONGEST_PAGE = 500


class Order(StrEnum):
    """What the list can be sorted by."""

    CREATED_ON = auto()
    EXPECTED_AMOUNT = auto()
    EXPECTED_CLOSE_ON = auto()
    STAGE = auto()
    LAST_FOLLOWED_UP_ON = auto()
    STATUS = auto()


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. An empty tuple asks for all; `text` is sought in the title and the customer's name."""

    statuses: tuple[OpportunityStatus, ...] = ()
    stages: tuple[int, ...] = ()
    teams: tuple[int, ...] = ()
    reps: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()
    text: str = ""
    order: Order = Order.CREATED_ON
    descending: bool = True

    @classmethod
    def of(cls, wished: Mapping[str, Any]) -> "Asked":
        """What an address or a page asks for: `NotAChoice` for a value that nobody offered."""
        try:
            return cls(
                statuses=tuple(OpportunityStatus(value) for value in _several(wished.get("status"))),
                stages=_ids(wished.get("stage")),
                teams=_ids(wished.get("team")),
                reps=_ids(wished.get("rep")),
                sources=_ids(wished.get("source")),
                text=clean(wished.get("q") or ""),
                order=Order(wished.get("sort") or Order.CREATED_ON),
                descending=wished.get("dir", "desc") != "asc",
            )
        except ValueError:
            raise NotAChoice() from None


@dataclass(frozen=True, slots=True)
class Row:
    """One opportunity in the list."""

    id: int
    title: str
    customer: str
    status: OpportunityStatus
    stage: str
    expected_amount: Decimal | None
    expected_close_on: date | None
    owner: str | None
    team: str | None
    created_on: date
    last_followed_up_on: date | None
    next_step_on: date | None = field(default=None)


def page(session: Session, actor: Actor, asked: Asked, start: int = 0, count: int = PAGE) -> list[Row]:
    """The rows from place `start` on, at most `count` and none beyond `MOST`."""
    start, count = max(start, 0), min(max(count, 0), LONGEST_PAGE)
    ids = _found(actor, asked).order_by(*_order(session, asked)).offset(start).limit(max(min(count, MOST - start), 0))
    found = session.scalars(ids).all()
    rows = {row.id: row for row in _rows(session, found)}
    return [rows[id] for id in found]


def everything(session: Session, actor: Actor, asked: Asked) -> list[Row]:
    """All that the list shows, for an export: the same rows in the same order."""
    return [row for start in range(0, MOST, LONGEST_PAGE) for row in page(session, actor, asked, start, LONGEST_PAGE)]


def counted(session: Session, actor: Actor, asked: Asked) -> int:
    """How many there are, exactly up to `MOST`; `MOST` + 1 means more."""
    found = _found(actor, asked).limit(MOST + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _found(actor: Actor, asked: Asked) -> Select[int]:
    """The ids of what was asked for and is within reach."""
    statement = actor.scope.narrow(select(Opportunity.id), Opportunity).where(*_chosen(asked))
    if asked.text:
        statement = statement.join(Customer, Customer.id == Opportunity.customer_id).where(
            or_(Opportunity.title.icontains(asked.text, autoescape=True), Customer.name.icontains(asked.text, autoescape=True))
        )
    return statement


def _chosen(asked: Asked) -> list[ColumnElement[bool]]:
    columns: tuple[tuple[Any, Sequence[Any]], ...] = (
        (Opportunity.status, asked.statuses),
        (Opportunity.stage_id, asked.stages),
        (Opportunity.team_id, asked.teams),
        (Opportunity.owner_id, asked.reps),
        (Opportunity.source_id, asked.sources),
    )
    return [column.in_(values) for column, values in columns if values]


def _order(session: Session, asked: Asked) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The order asked for, then by id, so that it is one order; what has no value comes last when the largest come first."""
    column: Any = {
        Order.CREATED_ON: Opportunity.created_on,
        Order.EXPECTED_AMOUNT: Opportunity.expected_amount,
        Order.EXPECTED_CLOSE_ON: Opportunity.expected_close_on,
        Order.LAST_FOLLOWED_UP_ON: Opportunity.last_followed_up_on,
        Order.STATUS: Opportunity.status,
    }.get(asked.order)
    if column is None:
        positions = dict(session.execute(select(Stage.id, Stage.position)).all())
        column = case(positions, value=Opportunity.stage_id)
    if asked.order in (Order.CREATED_ON, Order.STATUS, Order.STAGE):
        return (column.desc(), Opportunity.id.desc()) if asked.descending else (column.asc(), Opportunity.id.asc())
    return (column.desc().nulls_last(), Opportunity.id.desc()) if asked.descending else (column.asc().nulls_first(), Opportunity.id.asc())


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    statement = (
        select(
            Opportunity.id, Opportunity.title, Customer.name, Opportunity.status, Stage.name, Opportunity.expected_amount,
            Opportunity.expected_close_on, User.name, Team.name, Opportunity.created_on, Opportunity.last_followed_up_on,
            Opportunity.next_step_on,
        )
        .join(Customer, Customer.id == Opportunity.customer_id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .join(User, User.id == Opportunity.owner_id, isouter=True)
        .join(Team, Team.id == Opportunity.team_id, isouter=True)
        .where(Opportunity.id.in_(ids))
    )  # fmt: skip
    return [Row(*row) for row in session.execute(statement)]


def _several(value: Any) -> list[Any]:
    if value in (None, ""):
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _ids(value: Any) -> tuple[int, ...]:
    return tuple(_reference(one) for one in _several(value))


def _reference(value: Any) -> int:
    """An id as an address says it; `ValueError` for what can be none."""
    number = int(str(value)[:20])
    if not 0 < number < 2**31:
        raise ValueError(value)
    return number
