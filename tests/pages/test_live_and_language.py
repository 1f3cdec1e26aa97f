"""What a person sets stays theirs, and errors are told in their language; nothing of what was typed is logged."""

import json
import logging

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.db import reading, transaction
from crm.models import Notification, Opportunity, User
from dashboard.callbacks import opportunity as opportunity_callbacks
from tests.pages.visitor import HERE, Many, Visitor
from tests.people import LIN, WANG, a_contract, a_customer, an_opportunity


def choose(visitor: Visitor, language: str) -> None:
    """Press the language's button."""
    visitor.call("reload.data", [Many(({"type": "language", "language": language}, 1))])


def test_the_language_is_the_persons_own(engine: Engine, wang: Visitor, lin: Visitor) -> None:
    choose(wang, "en")
    assert "Hello" in wang.page("/")
    assert "你好" in lin.page("/")
    assert 'lang="en"' in wang.get("/").text
    with reading(engine) as session:
        assert session.get_one(User, WANG).language == "en"


def test_the_theme_is_kept_for_every_browser(wang: Visitor) -> None:
    answer = wang.client.post("/profile/theme", data={"theme": "dark"}, headers=HERE | {"X-CSRFToken": wang.token})
    assert answer.status_code == 204
    assert 'data-theme="dark"' in Visitor(wang.app).sign_in("wang").get("/").text
    refused = wang.client.post("/profile/theme", data={"theme": "pink"}, headers=HERE | {"X-CSRFToken": wang.token})
    assert refused.status_code == 409


def test_notifications_are_counted_and_marked_as_read(engine: Engine, wang: Visitor, lin: Visitor) -> None:
    with transaction(engine) as session:
        deal = an_opportunity(session, "云盘", owner=WANG).id
    lin.save("comment", {"kind": "question", "content": "预算多少？"}, {"id": deal, "version": 1}, "key")
    assert wang.get("/live").json["unread"] == 1
    assert "云盘" in wang.page("/")
    wang.call("home-news.children", [1])
    assert wang.get("/live").json["unread"] == 0
    with reading(engine) as session:
        assert session.query(Notification).filter_by(user_id=LIN).count() == 0


def test_a_commit_moves_the_version_of_the_reports(wang: Visitor, engine: Engine) -> None:
    follower = wang.app.server.extensions["saleslens"].live
    before = wang.get("/live").json["position"]
    with transaction(engine) as session:
        an_opportunity(session, "云盘", owner=WANG)
    assert follower._follower.wait_for(before + 1, timeout=20)
    assert wang.get("/live").json["position"] > before


def test_a_fault_of_the_program_has_a_reference_and_tells_nothing_else(
    wang: Visitor, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with transaction(engine) as session:
        deal = an_opportunity(session, "云盘", owner=WANG).id

    def broken(*_: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr(opportunity_callbacks.overview, "of_opportunity", broken)
    with caplog.at_level(logging.ERROR, "saleslens.faults"):
        shown = wang.page(f"/opportunities/{deal}")
    line = json.loads(caplog.records[0].getMessage())
    assert line["reference"] in shown
    assert line["who"] == WANG
    assert "secret of the house" not in shown
    assert "Traceback" not in shown
    assert "secret of the house" in str(caplog.records[0].exc_info)


def test_a_request_leaves_one_line_without_what_was_typed(wang: Visitor, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with transaction(engine) as session:
        deal = an_opportunity(session, "云盘", owner=WANG).id
    with caplog.at_level(logging.INFO, "saleslens.requests"):
        wang.save("follow-up", {"method_id": 1, "content": "客户电话 13800001111"}, {"id": deal, "version": 1}, "key")
        wang.get("/opportunities?q=13800001111")
        wang.get("/live")
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    assert [line["status"] for line in lines] == [200, 200]
    assert all(line["who"] == WANG and line["ms"] >= 0 for line in lines)
    assert "13800001111" not in str(lines)
    with reading(engine) as session:
        assert session.get_one(Opportunity, deal).last_followed_up_on is not None


def test_the_list_leaves_the_house_only_with_who_may_carry_it(wang: Visitor, lin: Visitor, engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, "=cmd|'/c calc'!A1", owner=WANG)
    assert wang.get("/opportunities/export.csv").status_code == 403
    with lin.get("/opportunities/export.csv?q=cmd") as answer:
        text = answer.data.decode("utf-8-sig")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "cmd|" in text
    assert ",=cmd" not in text
    with lin.get("/opportunities/export.xlsx") as answer:
        assert answer.data[:2] == b"PK"


def test_the_search_stays_within_reach(wang: Visitor, zhao: Visitor, lin: Visitor, app: Dash, engine: Engine) -> None:
    """Wang finds what is his by its title, its customer and its contract; Zhao finds nothing; Fang finds the contract alone."""
    with transaction(engine) as session:
        customer = a_customer(session, "恒力重工", owner=WANG)
        opportunity = an_opportunity(session, "恒力云盘", customer=customer, owner=WANG)
        a_contract(session, "HL-2026-01", opportunity=opportunity, customer=customer, owner=WANG)
    assert [found["title"] for found in wang.get("/search?q=恒力").json] == ["恒力重工", "恒力云盘", "HL-2026-01"]
    assert [found["title"] for found in lin.get("/search?q=恒力").json] == ["恒力重工", "恒力云盘", "HL-2026-01"]
    assert zhao.get("/search?q=恒力").json == []
    assert [found["title"] for found in wang.get("/search?q=HL-2026").json] == ["HL-2026-01"]
    assert zhao.get("/search?q=HL-2026").json == []
    for found in Visitor(app).sign_in("fang").get("/search?q=恒力").json:
        assert found["href"].startswith("/contracts/")
