"""Every list asks the database only what an index answers: the plans of all that it asks, for each person, order and filter, are read.

On both databases: SQLite's with every change, PostgreSQL's in `make test-all`.
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import make_engine, reading
from crm.services import list_search, list_terms
from crm.services.lists import RecordList
from crm.services.searching import SEARCHED
from dashboard.app import LISTS as IN_THE_MENU
from dashboard.callbacks import audit_log
from dashboard.pages.master_lists import LISTS as MASTER
from tests.people import WANG, actor, company
from tests.plans import listening, read_whole, sorted_by_hand

LISTS = (*IN_THE_MENU, audit_log, *(SimpleNamespace(LIST=listed) for listed in MASTER.values()))

ASKED: dict[str, Any] = {"status": "following", "q": "云盘"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The company on either database."""
    if request.param == "sqlite":
        opened = make_engine(request.getfixturevalue("settings").url)
    else:
        opened = company(request.getfixturevalue("postgres_url"))
    yield opened
    opened.dispose()


def wishes(listed: RecordList[Any], session: Session) -> list[dict[str, Any]]:
    """Each order both ways, each filter, a search; together too."""
    orders: list[dict[str, Any]] = [{"sort": sort, "dir": way} for sort in listed.sorts for way in ("asc", "desc")]
    filters = [{name: value} for name, filter in listed.filters.items() for value in _values(filter.of)]
    return [
        *orders,
        *filters,
        *[order | some for order in orders for some in filters],
        *[{**one, **other} for one, other in combinations(filters, 2)],
        *[{name: [one.value for one in filter.of]} for name, filter in listed.filters.items() if isinstance(filter.of, type)],
        {"q": "云盘"},
        {"q": "%"},
        *({"q": "云盘"} | one for one in orders),
    ]


@pytest.mark.parametrize("module", LISTS, ids=lambda module: module.LIST.list.key)
def test_who_reaches_the_company_gets_rows_in_the_order_of_an_index(engine: Engine, module: Any) -> None:
    """A list of the whole company, or of one state of it, is never gathered to be sorted, whichever way it is ordered."""
    listed = module.LIST.list
    if listed.few or listed.short:
        pytest.skip("few rows, gathered by an index")
    paired = [{name: next(iter(filter.of)).value} for name, filter in listed.filters.items() if filter.paired and name == "status"]
    orders = [{"sort": sort, "dir": way} for sort in listed.sorts for way in ("asc", "desc")]
    with reading(engine) as session:
        chen = actor(session, "chen" if module.LIST.is_open_to(actor(session, "chen")) else "ada")
        for wished in [*orders, *(order | some for order in orders for some in paired)]:
            asked = listed.asked(wished)
            with listening(engine) as statements:
                listed.page(session, chen, asked)
            assert sorted_by_hand(engine, statements, listed.model.__tablename__) == [], wished


def _values(of: Any) -> list[Any]:
    """A value that the filter takes: a word of its set, or an id."""
    if of is list_terms.a_day:
        return ["2026-01-05"]
    return [next(iter(of)).value] if isinstance(of, type) else [WANG]


@pytest.mark.parametrize("module", LISTS, ids=lambda module: module.LIST.list.key)
@pytest.mark.parametrize("few", [10_000, 0])
def test_no_list_reads_a_whole_table(engine: Engine, module: Any, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each order both ways with each filter, filters together, several values, text. `few` 0: as if text were found everywhere."""
    monkeypatch.setattr(list_search, "FEW", few)
    listed, told, seen = module.LIST.list, set(), set[str]()
    for who in ("chen", "lin", "wang", "mei", "fang", "ada"):
        with reading(engine) as session:
            person = actor(session, who)
            if not module.LIST.is_open_to(person):
                continue
            for wished in wishes(listed, session):
                asked = listed.asked(wished)
                with listening(engine) as statements:
                    listed.page(session, person, asked)
                    listed.page(session, person, asked, listed.placed(asked, [_anything(listed, asked), 1]))
                    listed.counted(session, person, asked)
                told |= {f"{who}: {step}" for step in read_whole(engine, [one for one in statements if one[0] not in seen])}
                seen |= {statement for statement, _values in statements}
    assert told == set()


def _anything(listed: RecordList[Any], asked: Any) -> Any:
    """A value at which a page could begin."""
    of = listed.sorts[asked.sort].column.type.python_type
    value = next(iter(of)).value if issubclass(of, StrEnum) else {"date": "2026-01-05", "str": "A"}.get(of.__name__, 1)
    return [True, value] if listed.short else value


def test_what_is_searched_is_what_the_index_holds() -> None:
    for module in LISTS:
        listed = module.LIST.list
        assert not listed.searched or listed.short or set(listed.searched) <= set(SEARCHED[listed.model])
        for related in () if listed.short else listed.related:
            assert set(related.columns) <= set(SEARCHED[related.model])
