"""The workbench by role: each sees what waits for them, counted within reach, and nothing that is not theirs."""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from dash import Dash
from sqlalchemy import Engine, func, select

from crm import audit, clock
from crm.backup import making
from crm.config import Settings
from crm.db import reading, transaction
from crm.models import Change, Quote
from crm.services import notices
from crm.vocabulary import AuditAct, OpportunityAct, QuoteStatus
from dashboard.i18n import _, use_language
from tests.pages.visitor import HERE, Visitor
from tests.people import EAST, LIN, TODAY, WANG, WEST, ZHAO, a_change, a_contract, a_customer, a_lead, actor, an_opportunity, noon

TILES: Mapping[str, set[str]] = {
    "chen": {"/leads?status=unprocessed", "/assign/teams", "/assign/reps", "/approvals", "/reports/plan_completion"},
    "lin": {"/leads?status=unprocessed", "/leads?care=neglected", "/assign/reps", "/approvals", "/reports/plan_completion"},
    "wang": {"/leads?status=unprocessed", "/reports/plan_completion", "/reports/collection_progress"},
    "fang": {"/reports/collection_progress"},
    "mei": {"/leads?status=unprocessed", "/reports/lead_conversion"},
    "xia": set(),
    "ada": set(),
}
"""Where the numbers of each person's workbench lead, among others."""


def main_of(visitor: Visitor) -> str:
    """The workbench, without the menu's copy beside it."""
    return visitor.page("/").partition("home-columns")[0]


@pytest.mark.parametrize("login", TILES)
def test_each_role_finds_what_waits_for_it(app: Dash, login: str) -> None:
    shown = Visitor(app).sign_in(login).page("/")
    assert all(address in shown for address in TILES[login])
    tiles = main_of(Visitor(app).sign_in(login))
    for address in ("/assign/teams", "/approvals"):
        assert (address in tiles) == (address in TILES[login]), address


def test_counts_are_those_of_ones_own_reach(app: Dash, engine: Engine) -> None:
    with transaction(engine) as session:
        for _lead in range(3):
            a_lead(session, owner=WANG)
        a_lead(session, owner=ZHAO)
        a_customer(session, owner=None, team=WEST)

    def number(login: str, label: str) -> str:
        with use_language("zh"):
            words = _(label)
        before = main_of(Visitor(app).sign_in(login)).partition(words)[0]
        return before.rpartition('"children": "')[0].rpartition('{"children": "')[2].partition('"')[0]

    assert number("wang", "Unprocessed leads") == "3"
    assert number("lin", "Unprocessed leads") == "3"
    assert number("zhao", "Unprocessed leads") == "1"
    assert number("chen", "Unprocessed leads") == "4"
    assert number("sun", "Customers without a rep") == "1"
    assert number("lin", "Customers without a rep") == "0"


def test_a_rejected_quote_comes_back_to_its_owner(app: Dash, engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "恒力云盘", owner=WANG)
        rejected = {"status": QuoteStatus.REJECTED, "submitted_by_id": WANG, "decided_by_id": LIN, "decision_note": "折扣太大"}
        session.add(
            Quote(opportunity_id=opportunity.id, revision=1, total=100, created_at=noon(TODAY), created_on=TODAY, created_by_id=WANG,
                  submitted_at=noon(TODAY), submitted_on=TODAY, decided_at=noon(TODAY), decided_on=TODAY, **rejected)
        )  # fmt: skip
    assert "折扣太大" in Visitor(app).sign_in("wang").page("/")
    for login in ("lin", "zhao"):
        assert "折扣太大" not in Visitor(app).sign_in(login).page("/")


def test_the_bell_the_workbench_and_an_open_page_count_the_same(app: Dash, engine: Engine) -> None:
    with transaction(engine) as session:
        deal = an_opportunity(session, "恒力云盘", owner=WANG)
        for number in range(70):
            notices.tell(session, WANG, "第 {number} 条", deal, deal.id, number=f"{number:03}")
    wang = Visitor(app).sign_in("wang")
    home = wang.page("/")
    assert '"id": "unread"' in (frame := json.dumps(wang.client.get("/_dash-layout").json))
    assert re.search(r'"children": "70", "id": "unread"', frame)
    assert wang.get("/live").json["unread"] == 70
    assert "通知（70）" in home
    assert "查看更早的（58）" in home
    assert ("第 058 条" in home, "第 057 条" in home) == (True, False)
    more = json.dumps(wang.call("home-news.children@", [1], [12]).json, ensure_ascii=False)
    assert ("第 008 条" in more, "第 007 条" in more, "查看更早的（8）" in more) == (True, False, True)
    assert "查看更早的" not in json.dumps(wang.call("home-news.children@", [1], [62]).json, ensure_ascii=False)
    assert "第 058 条" not in Visitor(app).sign_in("lin").page("/")


def test_the_administrator_sees_whether_a_backup_was_made(app: Dash, settings: Settings) -> None:
    ada = Visitor(app).sign_in("ada")
    assert "尚未备份" in ada.page("/")
    making.backup(settings, settings.home.parent / "backups")
    assert "最近备份" in ada.page("/")
    assert "最近备份" not in Visitor(app).sign_in("chen").page("/")


def followed(app: Dash, engine: Engine) -> None:
    """The reports have come to what was committed last."""
    with reading(engine) as session:
        position = session.scalar(select(func.max(Change.position))) or 0
    assert app.server.extensions["saleslens"].live.follows(position, 20)


def test_what_was_just_assigned_is_not_neglected(app: Dash, engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, "长江改造", owner=WANG, created=date(2026, 3, 2))
        given = an_opportunity(session, "刚分配", owner=None, team=EAST, created=date(2026, 3, 2))
        given.owner_id = WANG
        a_change(session, given, OpportunityAct.ASSIGNED, clock.today("Asia/Shanghai"))
    followed(app, engine)
    for login, shown in (("wang", True), ("lin", True), ("chen", True), ("zhao", False), ("fang", False)):
        words = Visitor(app).sign_in(login).page("/")
        assert ("长江改造" in words) == shown, login
        assert "刚分配" not in words, login


def test_finance_lead_and_carer_are_reminded_of_instalments(app: Dash, engine: Engine) -> None:
    today = clock.today("Asia/Shanghai")
    plan = [(today - timedelta(days=3), "10.01"), (today + timedelta(days=7), "20.02"), (today + timedelta(days=8), "30.03")]
    with transaction(engine) as session:
        a_contract(session, "HT-1", amount="60.06", plan=plan)
    followed(app, engine)
    for login, shown in (("fang", True), ("lin", True), ("wang", True), ("zhao", False), ("mei", False), ("ada", False)):
        words = Visitor(app).sign_in(login).page("/")
        assert [f"¥{open} · " in words for open in ("10.01", "20.02")] == [shown, shown], login
        assert "¥30.03 · " not in words, "too far ahead"


def test_a_lead_sees_the_stages_of_the_team(app: Dash, engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, owner=WANG, amount="123.45")
        an_opportunity(session, owner=ZHAO, amount="678.90")
    followed(app, engine)
    words = Visitor(app).sign_in("lin").page("/")
    assert "¥123.45" in words
    assert "678.90" not in words
    assert "¥123.45" not in Visitor(app).sign_in("fang").page("/")


@pytest.mark.parametrize(
    ("login", "speaks_of"),
    [("wang", "menu search waits reports person"), ("mei", "menu search waits reports person"),
     ("ada", "menu waits menu news person"), ("xia", "waits waits waits news person")],
)  # fmt: skip
def test_the_guided_tour_leads_past_what_one_has_until_somebody_ends_it_for_themselves(app: Dash, login: str, speaks_of: str) -> None:
    """Five stops, of what each has: Ada searches nothing, Xia has no menu."""
    visitor, other = Visitor(app).sign_in(login), Visitor(app).sign_in("fang")

    def stops(of: Visitor) -> list[str]:
        return re.findall('"data-stop": "([a-z]+)"', of.page("/"))

    assert stops(visitor) == speaks_of.split()
    end = {"headers": HERE | {"X-CSRFToken": visitor.token}}
    assert visitor.client.post("/profile/tour", data={"over": "yes"}, headers=HERE).status_code == 400  # without the session's token
    for _twice in range(2):
        assert visitor.client.post("/profile/tour", data={"over": "yes"}, **end).status_code == 204
    assert (stops(visitor), stops(Visitor(app).sign_in(login)), len(stops(other))) == ([], [], 5)
    assert visitor.client.post("/profile/tour", data={"over": "no"}, **end).status_code == 204
    assert stops(visitor) == speaks_of.split()


@pytest.mark.parametrize(
    ("login", "found"),
    [("chen", "客户、销售机会、合同、线索"), ("wang", "客户、销售机会、合同、线索"), ("fang", "合同"), ("mei", "线索")],
)
def test_the_tour_says_what_this_person_finds(app: Dash, login: str, found: str) -> None:
    assert f"在任何页面查找：{found}。" in Visitor(app).sign_in(login).page("/")


def test_the_administrator_sees_who_carried_unusually_many_rows_away(app: Dash, engine: Engine) -> None:
    """Lin takes five hundred leads, which is nothing; then one more, which never happened before."""
    ada, lin = Visitor(app).sign_in("ada"), Visitor(app).sign_in("lin")

    def take(rows: int) -> None:
        with transaction(engine) as session:
            said = {"filters": "", "format": "csv", "rows": rows}
            audit.write(session, actor(session, "lin"), AuditAct.EXPORTED, "leads", after=said)

    take(500)
    assert "/master/audit?act=exported" not in ada.page("/")
    take(1)
    shown = ada.page("/")
    assert f"/master/audit?act=exported&by={LIN}" in shown
    assert "501" in shown
    for visitor in (lin, Visitor(app).sign_in("chen")):
        assert "/master/audit?act=exported" not in visitor.page("/")
