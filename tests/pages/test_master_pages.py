"""The pages of master data: in the menu of whoever may, not there for anybody else; forged calls change nothing."""

from collections.abc import Mapping
from datetime import date

import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm import audit
from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import ClosedMonth, CompanySettings, LeadSource, SalesTarget, Stage, User
from crm.vocabulary import AuditAct
from dashboard import master_menu
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Many, Visitor
from tests.people import EAST, LIN, PROPOSAL, QUOTED, SIGNED, TALKS, WANG, WEB, a_contract, a_receipt, actor, an_opportunity

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())

MENU: Mapping[str, set[str]] = {
    "chen": {"sales", "competitors", "targets", "months", "audit"},
    "lin": {"sales", "competitors", "targets"},
    "wang": {"sales", "competitors", "targets"},
    "mei": {"sales", "competitors"},
    "fang": {"targets", "months"},
    "xia": set(),
    "ada": {"sales", "products", "competitors", "people", "settings", "audit"},
}
"""Who finds which pages of master data in the menu (permissions)."""


@pytest.fixture
def ada(app: Dash) -> Visitor:
    """The administrator, signed in."""
    return Visitor(app).sign_in("ada")


@pytest.fixture
def fang(app: Dash) -> Visitor:
    """Finance, signed in."""
    return Visitor(app).sign_in("fang")


@pytest.mark.parametrize("login", MENU)
def test_the_menu_has_what_a_person_may_open_and_nothing_else_opens(app: Dash, engine: Engine, login: str) -> None:
    with reading(engine) as session:
        entries = master_menu.entries(actor(session, login))
    assert {entry.path.removeprefix("/master/") for entry in entries} == MENU[login]
    visitor = Visitor(app).sign_in(login)
    for name in [*master_menu.GROUPS, *master_menu.PAGES]:
        shown = visitor.page(f"/master/{name}")
        assert (NOT_THERE in shown) != (name in MENU[login]), name


def test_a_source_is_added_renamed_and_retired(app: Dash, engine: Engine) -> None:
    mei = Visitor(app).sign_in("mei")
    mei.save("master-lead-sources", {"name": "短视频", "channel": "online"}, {"list": "lead-sources"}, "key")
    with reading(engine) as session:
        made = session.scalars(select(LeadSource).where(LeadSource.name == "短视频")).one()
    assert "短视频" in mei.page("/master/sales/lead-sources")
    about = {"list": "lead-sources", "id": made.id, "version": 1}
    mei.save("master-lead-sources", {"name": "视频号", "channel": "online"}, about, "another key")
    answer = str(mei.call("master-refused.children", [1], [about | {"version": 2}]).json)
    assert "/master/sales/lead-sources" in answer
    with reading(engine) as session:
        kept = session.get_one(LeadSource, made.id)
    assert (kept.name, kept.active) == ("视频号", False)


def test_forged_calls_change_no_master_data(engine: Engine, wang: Visitor, fang: Visitor) -> None:
    """Wang reads the sources, and may not touch them; for Fang there are none."""
    about = {"list": "lead-sources", "id": WEB, "version": 1}
    typed = {"name": "改名", "channel": "online"}
    assert NOT_ALLOWED in wang.save("master-lead-sources", typed, about, "key")
    assert NOT_ALLOWED in wang.save("master-lead-sources", typed, {"list": "lead-sources"}, "key")
    for visitor in (wang, fang):
        visitor.call("master-refused.children", [1], [about])
        visitor.call("stages-list.children", [[QUOTED, SIGNED, TALKS, PROPOSAL]])
        visitor.save("stage", {"name": "x", "probability_bp": "1"}, {"id": TALKS, "version": 1}, "key")
        visitor.call("stages-refused.children", [1], [{"id": PROPOSAL, "version": 1}])
        visitor.save("settings", {"company_name": "x", "zone": "UTC", "currency": "USD"}, {"version": 1}, "key")
        visitor.save("edit-user", {"name": "x", "roles": ["executive"], "language": "zh"}, {"id": WANG, "version": 1}, "key")
        visitor.save("give-password", {"password": "a new password"}, {"id": LIN}, "key")
        visitor.call("users-refused.children", [1], [{"id": LIN, "version": 1}])
        new = {"login": "evil", "password": "a new password", "name": "x", "roles": ["administrator"], "language": "zh"}
        visitor.save("new-user", new, {}, "key")
    with reading(engine) as session:
        assert session.get_one(LeadSource, WEB).version == 1
        assert session.scalars(select(Stage.id).order_by(Stage.position)).all() == [TALKS, PROPOSAL, QUOTED, SIGNED]
        assert session.get_one(CompanySettings, 1).version == 1
        assert session.scalars(select(User.login).where(User.login == "evil")).all() == []
        assert session.get_one(User, WANG).version == 1
        assert session.get_one(User, LIN).session_epoch == 0


def test_stages_are_put_into_another_order(engine: Engine, ada: Visitor) -> None:
    ada.call("stages-list.children", [[PROPOSAL, TALKS, QUOTED, SIGNED]])
    ada.call("stages-list.children", [["1; drop table stages"]])
    with reading(engine) as session:
        assert session.scalars(select(Stage.id).order_by(Stage.position)).all() == [PROPOSAL, TALKS, QUOTED, SIGNED]


def test_settings_are_changed_and_at_once_hold(engine: Engine, ada: Visitor) -> None:
    typed = {
        "company_name": "东西软件", "zone": "Asia/Shanghai", "currency": "CNY", "fiscal_year_first_month": "4", "lead_neglected_days": "5",
        "pool_neglected_days": "3", "opportunity_neglected_days": "14", "approval_discount_bp": "12.5", "ranking_visible": [],
        "upload_max_mb": "20", "upload_max_rows": "1000",
    }  # fmt: skip
    answer = ada.save("settings", typed, {"version": 1}, "key")
    assert "已保存" in answer
    with reading(engine) as session:
        kept = session.get_one(CompanySettings, 1)
    assert (kept.fiscal_year_first_month, kept.approval_discount_bp, kept.ranking_visible, kept.upload_max_rows) == (4, 1250, False, 1000)
    assert "12.5" in ada.page("/master/settings")


def test_who_holds_something_open_is_led_to_the_hand_over(engine: Engine, ada: Visitor) -> None:
    with transaction(engine) as session:
        an_opportunity(session, owner=WANG)
        version = session.get_one(User, WANG).version
    assert f"/hand-over/{WANG}" in ada.page(f"/master/people/users/{WANG}")
    answer = ada.call("users-refused.children", [1], [{"id": WANG, "version": version}]).json
    assert "王" in str(answer)
    assert "users-refused" in str(answer)
    with reading(engine) as session:
        assert session.get_one(User, WANG).active


def test_an_account_with_its_strengths(engine: Engine, ada: Visitor) -> None:
    typed = {
        "name": "王小", "roles": ["rep"], "team_id": EAST, "department_id": None, "customer_limit": "30", "language": "zh",
        "strong_products": [1], "strong_industries": "零售，制造", "strong_regions": "浙江",
    }  # fmt: skip
    with reading(engine) as session:
        version = session.get_one(User, WANG).version
    ada.save("edit-user", typed, {"id": WANG, "version": version}, "key")
    shown = ada.page(f"/master/people/users/{WANG}")
    assert all(word in shown for word in ("王小", "零售, 制造", "浙江"))


def test_finance_closes_a_month_and_the_executive_reopens_it(app: Dash, engine: Engine, fang: Visitor, wang: Visitor) -> None:
    with transaction(engine) as session:
        a_receipt(session, a_contract(session), "100", date(2026, 5, 4))
    chen = Visitor(app).sign_in("chen")
    month = "2026-05-01"
    assert month[:7] in fang.page("/master/months")

    def press(visitor: Visitor, act: str) -> str:
        pressed = {"type": "month", "month": month, "act": act}
        return str(visitor.call("months-table.children", [Many((pressed, 1))]).json)

    def closed() -> bool:
        with reading(engine) as session:
            row = session.scalar(select(ClosedMonth))
            return row is not None and row.reopened_at is None

    assert NOT_ALLOWED in press(wang, "close")
    assert NOT_ALLOWED in press(chen, "close")
    assert not closed()
    press(fang, "close")
    assert closed()
    assert NOT_ALLOWED in press(fang, "reopen")
    press(chen, "reopen")
    assert not closed()


def test_targets_are_saved_from_the_grid_and_forged_cells_are_not(engine: Engine, lin: Visitor, wang: Visitor) -> None:
    mine, theirs = {"row": "rep-3", "month": "2026-03-01", "amount": "12000"}, {"row": "rep-5", "month": "2026-03-01", "amount": "9"}
    for visitor, cells in ((wang, [mine]), (lin, [mine, theirs]), (lin, "drop"), (lin, [{}])):
        visitor.call("targets-said.children", [cells], [2026])
    with reading(engine) as session:
        assert session.scalars(select(SalesTarget.id)).all() == []
    lin.call("targets-said.children", [[mine]], [2026])
    assert "12000" in lin.page("/master/targets", "?year=2026")
    assert "12000" in wang.page("/master/targets", "?year=2026")
    assert "12000" not in wang.page("/master/targets", "?year=2025")


def test_the_log_tells_who_did_what_and_the_values_only_to_whom_they_belong(app: Dash, engine: Engine, ada: Visitor) -> None:
    """Ada administers and sees no business; Chen sees the opportunity, and none of the settings."""
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "天府软件园培训", owner=WANG)
        audit.created(session, actor(session, "wang"), opportunity)
        audit.created(session, actor(session, "ada"), session.get_one(LeadSource, WEB))
        audit.write(session, actor(session, "ada"), AuditAct.CHANGED, "departments", 1, before={"name": "老部门"}, after={"name": "新部门"})

    def lines(visitor: Visitor, **wished: object) -> str:
        request = {"startRow": 0, "endRow": 100, "sortModel": []}
        answer = visitor.call("audit-table-main.getRowsResponse", [request], [wished, {}]).json
        return str(answer["response"]["audit-table-main"]["getRowsResponse"]["rowData"])

    chen = Visitor(app).sign_in("chen")
    assert "天府" in lines(chen)
    assert "老部门" not in lines(chen)
    assert "天府" not in lines(ada)
    assert "老部门 → 新部门" in lines(ada)
    assert "新部门" not in lines(ada, subject=["opportunities"])
    assert "departments" not in lines(ada, by=[WANG])
    with ada.get("/master/audit/export.csv") as file:
        assert "老部门" in file.text
    assert chen.get("/master/audit/export.csv").text == NOT_ALLOWED
    assert "没有" in str(ada.call("audit-seals.children", [1]).json)
    refused = Visitor(app).sign_in("lin").call("audit-table-main.getRowsResponse", [{"startRow": 0, "endRow": 9}], [{}, {}])
    assert "rowData" not in refused.text
