"""Every list asks the database only what an index answers: the plans of all that it asks, for each person, order and filter, are read."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from crm.db import reading
from crm.services import list_search, list_terms
from crm.services.lists import RecordList
from crm.services.searching import SEARCHED
from dashboard.app import LISTS as IN_THE_MENU
from dashboard.callbacks import audit_log
from dashboard.pages.master_lists import LISTS as MASTER
from tests.people import WANG, actor

SMALL = {"settings", "stages", "users", "teams", "lead_sources", "campaigns", "products", "competitors", "departments", "user_roles"}
"""Tables of a few hundred rows, which may be read whole."""

LISTS = (*IN_THE_MENU, audit_log, *(SimpleNamespace(LIST=listed) for listed in MASTER.values()))

ASKED: dict[str, Any] = {"status": "following", "q": "云盘"}


@contextmanager
def listening(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that the database is asked meanwhile, with their values."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    event.listen(engine, "before_cursor_execute", hear)
    yield asked
    event.remove(engine, "before_cursor_execute", hear)


def without_an_index(engine: Engine, statements: Sequence[tuple[str, Any]]) -> list[str]:
    """What reads a whole table of records, row by row."""
    found = []
    with engine.connect() as connection:
        for statement, values in statements:
            if not statement.lstrip().lower().startswith("select"):
                continue
            plan = connection.exec_driver_sql(f"explain query plan {statement}", values).all()
            scans = [row[3] for row in plan if re.fullmatch(r"SCAN (?!anon_)(\w+)", row[3]) and row[3].split()[1] not in SMALL]
            whole = [step for step in scans if not in_order_of_ids(statement, step.split()[1])]
            found += [f"{step}: {statement}" for step in whole]
    return found


def in_order_of_ids(statement: str, table: str) -> bool:
    """Whether a table is read from its one end, no further than the page goes: in the order of its ids a table lies itself."""
    return re.search(rf"ORDER BY {table}\.id (ASC|DESC)", statement) is not None and "LIMIT" in statement


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
    if listed.few:
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


def sorted_by_hand(engine: Engine, statements: Sequence[tuple[str, Any]], table: str) -> list[str]:
    """The statements that gather ids of the listed table before they put them in order."""
    found = []
    with engine.connect() as connection:
        for statement, values in statements:
            if statement.startswith(f"SELECT {table}.id \nFROM {table}"):
                plan = connection.exec_driver_sql(f"explain query plan {statement}", values).all()
                found += [statement for row in plan if "TEMP B-TREE" in row[3]]
    return found


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
                told |= {f"{who}: {step}" for step in without_an_index(engine, [one for one in statements if one[0] not in seen])}
                seen |= {statement for statement, _values in statements}
    assert told == set()


def _anything(listed: RecordList[Any], asked: Any) -> Any:
    """A value at which a page could begin."""
    of = listed.sorts[asked.sort].column.type.python_type
    return next(iter(of)).value if issubclass(of, StrEnum) else {"date": "2026-01-05", "str": "A"}.get(of.__name__, 1)


def test_what_is_searched_is_what_the_index_holds() -> None:
    for module in LISTS:
        listed = module.LIST.list
        assert not listed.searched or listed.short or set(listed.searched) <= set(SEARCHED[listed.model])
        for related in listed.related:
            assert set(related.columns) <= set(SEARCHED[related.model])
