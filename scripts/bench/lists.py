"""How long the long lists take on the server: opened, paged, filtered, in every order, searched by two Chinese characters."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import reading
from crm.models import Contract, Customer, Lead, Opportunity
from crm.scope import Actor
from crm.services.contract_list import CONTRACTS
from crm.services.customer_list import CUSTOMERS
from crm.services.lead_list import LEADS
from crm.services.list_terms import Place
from crm.services.lists import PAGE, RecordList
from crm.services.opportunity_list import OPPORTUNITIES
from crm.vocabulary import Kind, Permission
from scripts.bench.bars import Bars, p95

DEEP = 20
"""So many pages of each order are read, one after the other."""

LISTS: Sequence[tuple[RecordList[Any], Kind]] = (
    (OPPORTUNITIES, Kind.OPPORTUNITY),
    (LEADS, Kind.LEAD),
    (CUSTOMERS, Kind.CUSTOMER),
    (CONTRACTS, Kind.CONTRACT),
)

CHOSEN: Mapping[str, Sequence[dict[str, Any]]] = {
    "opportunities": (
        {"status": "following"}, {"status": ["lost", "stopped"]}, {"status": "won"}, {"stage": 1}, {"team": 1}, {"rep": 5}, {"source": 1},
        {"status": "following", "stage": 2}, {"status": "won", "source": 2}, {"status": "lost", "team": 1},
    ),
    "leads": (
        {"status": "unprocessed"}, {"status": ["converted", "failed"]}, {"care": "neglected"}, {"source": 1}, {"campaign": 3}, {"team": 1},
        {"rep": 5}, {"status": "failed", "source": 2}, {"status": "working", "team": 1},
    ),
    "customers": ({"team": 1}, {"team": [1, 2, 3]}, {"rep": 5}),
    "contracts": (
        {"status": "in_progress"}, {"status": ["completed", "voided"]}, {"team": 1}, {"rep": 5}, {"status": "completed", "team": 1},
    ),
}  # fmt: skip
"""What each list is narrowed to, in each order."""


def measure(engine: Engine, people: list[Actor], bars: Bars) -> None:
    """Everything that a person does with a list, as each of these people who opens it; the bar is that of the slowest twentieth.

    Measured is what the rows cost, and where they are not searched the number of them; that of what is searched comes by itself behind
    them, and is a row of its own.
    """
    for listed, kind in LISTS:
        taken: dict[str, list[float]] = {"open": [], "page": [], "filter": [], "search": [], "number of what is searched": []}
        for actor in people:
            if actor.may(Permission.READ, kind):
                with reading(engine) as session:
                    _ask(session, actor, listed, taken)
        for what, times in taken.items():
            bars.add(f"list of {listed.key}, {what}: p95", p95(times), 100, "ms")


def _ask(session: Session, actor: Actor, listed: RecordList[Any], taken: Mapping[str, list[float]]) -> None:
    for wished in _orders(listed):
        _walk(session, actor, listed, wished, taken)
    for wished in (some | order for some in CHOSEN[listed.key] for order in _orders(listed)):
        taken["filter"].append(_timed(session, actor, listed, wished, rows=True, number=True))
    for wished in _searches(session, listed):
        taken["search"].append(_timed(session, actor, listed, wished, rows=True))
        taken["number of what is searched"].append(_timed(session, actor, listed, wished, number=True))


def _walk(session: Session, actor: Actor, listed: RecordList[Any], wished: dict[str, Any], taken: Mapping[str, list[float]]) -> None:
    """Pages from the first on, each behind the one before it."""
    asked = listed.asked(wished)
    taken["open"].append(_timed(session, actor, listed, wished, rows=True, number=True))
    after: Place | None = None
    for number in range(DEEP):
        begun = time.perf_counter()
        rows = listed.page(session, actor, asked, after)
        if number:
            taken["page"].append((time.perf_counter() - begun) * 1000)
        if len(rows) < PAGE:
            break
        after = listed.placed(asked, listed.place(session, asked, rows[-1].id))


def _timed(
    session: Session, actor: Actor, listed: RecordList[Any], wished: dict[str, Any], *, rows: bool = False, number: bool = False
) -> float:
    """Milliseconds for the first rows that are wished for, their number, or both."""
    begun = time.perf_counter()
    asked = listed.asked(wished)
    if rows:
        listed.page(session, actor, asked)
    if number:
        listed.counted(session, actor, asked)
    return (time.perf_counter() - begun) * 1000


def _orders(listed: RecordList[Any]) -> Iterator[dict[str, Any]]:
    for sort in listed.sorts:
        for way in ("desc", "asc"):
            yield {"sort": sort, "dir": way}


def _searches(session: Session, listed: RecordList[Any]) -> Iterator[dict[str, Any]]:
    """Two characters of what is searched there, frequent and rare ones."""
    columns = {
        "opportunities": (Opportunity.title, Customer.name),
        "leads": (Lead.contact_name, Lead.company),
        "customers": (Customer.name,),
        "contracts": (Contract.number, Customer.name),
    }
    for column in columns[listed.key]:
        for text in session.scalars(select(column).order_by(column.class_.id).limit(20_000)).all()[::1_000]:
            if len(text) > 1:
                yield {"q": text[:2]}
                yield {"q": text[-2:]}
