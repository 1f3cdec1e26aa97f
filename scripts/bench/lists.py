"""How long the longest list takes on the server: opened, paged, filtered, in every order, searched by two Chinese characters."""

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, select

from crm.db import reading
from crm.models import Customer, Opportunity
from crm.scope import Actor
from crm.services.lists import PAGE, Place
from crm.services.opportunity_list import OPPORTUNITIES
from scripts.bench.bars import Bars

DEEP = 40
"""So many pages of each order are read, one after the other."""


def measure(engine: Engine, people: list[Actor], bars: Bars) -> None:
    """Everything that a person does with the list, as each of these people; the bar is that of the slowest twentieth."""
    taken = {"open": [], "page": [], "filter": [], "search": []}  # type: dict[str, list[float]]
    for actor in people:
        with reading(engine) as session:
            for wished in _orders():
                asked = OPPORTUNITIES.asked(wished)
                after: Place | None = None
                for number in range(DEEP):
                    begun = time.perf_counter()
                    rows = OPPORTUNITIES.page(session, actor, asked, after)
                    if number == 0:
                        OPPORTUNITIES.counted(session, actor, asked)
                    taken["page" if number else "open"].append((time.perf_counter() - begun) * 1000)
                    if len(rows) < PAGE:
                        break
                    after = OPPORTUNITIES.placed(asked, OPPORTUNITIES.place(session, asked, rows[-1].id))
            for what, wishes in (("filter", _filters()), ("search", _searches(session))):
                for wished in wishes:
                    begun = time.perf_counter()
                    asked = OPPORTUNITIES.asked(wished)
                    OPPORTUNITIES.page(session, actor, asked)
                    if what == "filter":  # the number of what is sought comes by itself, behind the rows
                        OPPORTUNITIES.counted(session, actor, asked)
                    taken[what].append((time.perf_counter() - begun) * 1000)
    for what, times in taken.items():
        bars.add(f"list of opportunities, {what}: p95", sorted(times)[int(len(times) * 0.95)], 100, "ms")


def _orders() -> Iterator[dict[str, Any]]:
    for sort in OPPORTUNITIES.sorts:
        for way in ("desc", "asc"):
            yield {"sort": sort, "dir": way}


def _filters() -> Iterator[dict[str, Any]]:
    """Each filter, in each order."""
    for some in ({"status": "following"}, {"status": ["lost", "stopped"]}, {"stage": 1}, {"team": 1}, {"rep": 5}, {"source": 1}):
        for order in _orders():
            yield some | order


def _searches(session: Any) -> Iterator[dict[str, Any]]:
    """Two characters of titles and names, frequent and rare ones."""
    titles = session.scalars(select(Opportunity.title).order_by(Opportunity.id).limit(20_000)).all()[::500]
    names = session.scalars(select(Customer.name).order_by(Customer.id).limit(20_000)).all()[::500]
    for text in (*titles, *names):
        yield {"q": text[:2]}
        yield {"q": text[-2:]}
