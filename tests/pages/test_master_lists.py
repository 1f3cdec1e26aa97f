"""Accounts, products and competitors: paged, narrowed and searched by the server, for who may read them."""

import json
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.db import transaction
from crm.models import Competitor, CompetitorAlias, Product, User
from crm.services.master_lists import COMPETITORS
from crm.vocabulary import PriceLevel
from tests.pages.visitor import Visitor
from tests.people import WANG, actor

FIRST = {"startRow": 0, "endRow": 100, "sortModel": []}


def rows(visitor: Visitor, key: str, wished: dict[str, Any] | None = None, order: dict[str, str] | None = None) -> list[dict[str, Any]]:
    request = FIRST | ({"sortModel": [order]} if order else {})
    answer = visitor.call(f"{key}-table-main.getRowsResponse", [request], [wished or {}, {}])
    found: dict[str, Any] = answer.json["response"].get(f"{key}-table-main", {"getRowsResponse": {"rowData": []}})["getRowsResponse"]
    return list(found["rowData"])


@pytest.fixture
def ada(app: Dash) -> Visitor:
    return Visitor(app).sign_in("ada")


@pytest.fixture
def fang(app: Dash) -> Visitor:
    return Visitor(app).sign_in("fang")


@pytest.fixture(autouse=True)
def products(engine: Engine) -> None:
    """A hundred and twenty products beside those of the company, one of them retired."""
    with transaction(engine) as session:
        for number in range(120):
            session.add(
                Product(
                    code=f"N-{number:03}", name=f"新品{number}", category="新品类", list_price=100 + number, floor_price=50,
                    active=number != 7,
                )
            )  # fmt: skip


def test_a_long_list_is_sent_a_page_at_a_time(ada: Visitor) -> None:
    shown = ada.page("/master/products/products")
    assert "新品7" not in shown
    assert "新品类" in shown
    first = rows(ada, "products", {"category": ["新品类"]})
    assert [row["code"] for row in first] == [f"N-{number:03}" for number in range(101) if number != 7]
    dearest = rows(ada, "products", {}, {"colId": "list_price", "sort": "desc"})
    assert dearest[0]["list_price"] >= dearest[1]["list_price"]
    assert [row["name"] for row in rows(ada, "products", {"state": ["retired"]})] == ["新品7"]
    assert [row["code"] for row in rows(ada, "products", {"q": "n-00"})] == [f"N-{number:03}" for number in (0, 1, 2, 3, 4, 5, 6, 8, 9, 7)]
    assert first[0]["href"] == f"/master/products/products/{first[0]['id']}"


def test_accounts_are_narrowed_to_a_role_and_found_by_name(ada: Visitor, engine: Engine) -> None:
    reps = rows(ada, "accounts", {"role": ["rep"]})
    assert {"wang", "zhao"} <= {row["login"] for row in reps}
    assert "ada" not in {row["login"] for row in reps}
    with transaction(engine) as session:
        session.get_one(User, WANG).name = "王小"
    assert [row["login"] for row in rows(ada, "accounts", {"q": "王小"})] == ["wang"]
    assert "password_hash" not in str(reps)


def test_who_does_not_administer_gets_no_account_and_no_product(wang: Visitor, fang: Visitor) -> None:
    for visitor in (wang, fang):
        assert rows(visitor, "accounts") == rows(visitor, "products") == []
    assert rows(fang, "competitors") == []


def test_a_rep_reads_the_competitors_and_is_led_to_no_form_that_they_may_not_use(wang: Visitor, ada: Visitor) -> None:
    theirs, administered = rows(wang, "competitors"), rows(ada, "competitors")
    assert [row["name"] for row in theirs] == [row["name"] for row in administered]
    assert {row["href"] for row in theirs} <= {None}


CALLED = ("云启", "安达", "Beta", "诚风", "恒力")


def test_names_stand_by_pinyin_and_what_is_retired_comes_last_whichever_way(engine: Engine) -> None:
    """Page by page too: each begins behind the last row of the one before, though that was retired meanwhile."""
    with transaction(engine) as session:
        session.query(CompetitorAlias).delete()
        session.query(Competitor).delete()
        session.add_all(Competitor(name=name, active=name not in ("安达", "诚风"), price_level=PriceLevel.LOWER) for name in CALLED)
    assert paged(engine, "asc") == ["Beta", "恒力", "云启", "安达", "诚风"]
    assert paged(engine, "desc") == ["云启", "恒力", "Beta", "诚风", "安达"]
    assert paged(engine, "asc", retired="恒力") == ["Beta", "恒力", "云启", "安达", "诚风", "恒力"]


def paged(engine: Engine, way: str, retired: str = "") -> list[str]:
    """The competitors' names, a row a page; one of them is retired once it was read."""
    asked, found, after = COMPETITORS.asked({"dir": way}), list[str](), None
    with transaction(engine) as session:
        ada = actor(session, "ada")
        while rows := COMPETITORS.page(session, ada, asked, after, count=1):
            found.append(rows[0].name)
            after = COMPETITORS.placed(asked, json.loads(json.dumps(COMPETITORS.place(session, asked, rows[0].id))))
            if rows[0].name == retired:
                session.get_one(Competitor, rows[0].id).active, retired = False, ""
    return found
