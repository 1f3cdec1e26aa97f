"""The pages of opportunities: what is out of reach is not there, nobody overwrites another unseen, nothing is saved twice."""

import json
from decimal import Decimal

import pytest
from dash import Dash
from sqlalchemy import Engine, func, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import AuditEntry, Comment, Department, FollowUp, FollowUpMethod, Opportunity
from crm.services import offers
from crm.vocabulary import AuditAct, OpportunityStatus
from dashboard.i18n import explain, use_language
from tests.pages import filling
from tests.pages.visitor import Visitor
from tests.people import (
    CALL,
    RIVAL,
    SERVICE_DESK,
    TALKS,
    TO_COMPETITOR,
    TOO_EXPENSIVE,
    VISIT,
    WANG,
    ZHAO,
    a_customer,
    a_follow_up,
    an_opportunity,
)

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())

TYPED = {"title": "云盘二期", "contact_id": None, "stage_id": TALKS, "expected_amount": "12万", "expected_close_on": "2026-12-24"}
DAYS = ("expected_close_on",)


@pytest.fixture
def deals(engine: Engine) -> dict[str, int]:
    """One opportunity of Wang's, one of Zhao's."""
    with transaction(engine) as session:
        return {
            "wang": an_opportunity(session, "恒力云盘", owner=WANG).id,
            "zhao": an_opportunity(session, "天府软件园培训", owner=ZHAO).id,
        }


def opened(engine: Engine, opportunity_id: int) -> Opportunity:
    with reading(engine) as session:
        return session.get_one(Opportunity, opportunity_id)


def edit(visitor: Visitor, opportunity_id: int, key: str = "key", version: int = 1, **typed: object) -> str:
    return visitor.save("edit-opportunity", TYPED | typed, {"id": opportunity_id, "version": version}, key, days=DAYS)


def test_another_teams_opportunity_looks_like_none(wang: Visitor, deals: dict[str, int]) -> None:
    """Its page, its forms, and what was never there: word for word the same."""
    nothing = wang.page("/opportunities/999999")
    assert NOT_THERE in nothing
    for path in ("", "/edit", "/close/lost", "/reopen"):
        assert wang.page(f"/opportunities/{deals['zhao']}{path}") == nothing
    assert wang.page("/opportunities/abc") == nothing
    assert wang.page(f"/opportunities/{'9' * 4000}") == nothing
    assert "天府" not in nothing


def test_a_forged_call_changes_nothing_of_anothers(engine: Engine, wang: Visitor, deals: dict[str, int]) -> None:
    """The page's state names Zhao's opportunity: the answer is the one for an opportunity that does not exist."""
    about, absent = {"id": deals["zhao"], "version": 1}, {"id": 999999, "version": 1}
    close = {"reason_id": TOO_EXPENSIVE, "competitor_id": None, "note": ""}
    for form, typed, more in (
        ("edit-opportunity", TYPED, ("key",)),
        ("close-opportunity", close, ("key",)),
        ("reopen-opportunity", {}, ("key",)),
        ("follow-up", {"method_id": CALL, "content": "偷看一下"}, ("key",)),
        ("comment", {"kind": "advice", "content": "偷看一下"}, ("key",)),
    ):
        kinds = {"kind": "lost"} if form == "close-opportunity" else {}
        days = DAYS if form == "edit-opportunity" else ()
        forged = wang.save(form, typed, about | kinds, *more, days=days)
        assert forged == wang.save(form, typed, absent | kinds, *more, days=days), form
        assert NOT_THERE in forged
    kept = opened(engine, deals["zhao"])
    assert (kept.title, kept.status, kept.version) == ("天府软件园培训", OpportunityStatus.FOLLOWING, 1)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(FollowUp)) == 0
        assert session.scalar(select(func.count()).select_from(Comment)) == 0


def test_the_list_holds_only_what_is_within_reach_whatever_is_asked(wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    request = {"startRow": 0, "endRow": 100, "sortModel": []}
    for wished in ({}, {"rep": [ZHAO]}, {"team": [2]}, {"q": "天府"}):
        for visitor in (wang, lin):
            assert "天府" not in str(visitor.call("opportunities-table-main.getRowsResponse", [request], [wished, {}]).json)
    rows = wang.call("opportunities-table-main.getRowsResponse", [request], [{}, {}]).json["response"]["opportunities-table-main"][
        "getRowsResponse"
    ]
    assert [row["title"] for row in rows["rowData"]] == ["恒力云盘"]
    assert rows["rowCount"] == 1


def test_an_edit_is_saved_with_amounts_as_people_write_them(engine: Engine, wang: Visitor, deals: dict[str, int]) -> None:
    answer = edit(wang, deals["wang"])
    saved = opened(engine, deals["wang"])
    assert f"/opportunities/{deals['wang']}" in answer
    assert (saved.title, saved.expected_amount, str(saved.expected_close_on)) == ("云盘二期", Decimal("120000.00"), "2026-12-24")


def test_a_form_sent_twice_acts_once(engine: Engine, wang: Visitor, deals: dict[str, int]) -> None:
    said = {"method_id": CALL, "content": "谈了方案"}
    about = {"id": deals["wang"], "version": 1}
    first, second = (wang.save("follow-up", said, about, "the same key") for _time in range(2))
    assert "谈了方案" in first
    assert "谈了方案" in second
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(FollowUp)) == 1


def test_the_second_saver_sees_what_the_first_changed(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    edit(lin, deals["wang"], key="lin's", title="恒力云盘", expected_amount="330000")
    answer = edit(wang, deals["wang"], key="wang's", title="恒力云盘（改）", expected_amount="100,000.00")
    assert "林" in answer
    assert "¥330,000.00" in answer
    assert opened(engine, deals["wang"]).title == "恒力云盘"


def test_keeping_mine_leaves_what_i_did_not_touch_as_they_saved_it(
    engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]
) -> None:
    edit(lin, deals["wang"], key="lin's", title="恒力云盘", expected_amount="330000", expected_close_on=None)
    mine = TYPED | {"title": "恒力云盘（改）", "expected_amount": "100,000.00", "expected_close_on": None}
    wang.save("edit-opportunity", mine, {"id": deals["wang"], "version": 1}, "wang's", 2, days=DAYS, press="keep")
    saved = opened(engine, deals["wang"])
    assert (saved.title, saved.expected_amount) == ("恒力云盘（改）", Decimal("330000.00"))


def test_keeping_mine_over_a_change_not_yet_seen_asks_again(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    edit(lin, deals["wang"], key="first", title="恒力云盘", expected_amount="330000")
    edit(lin, deals["wang"], key="second", version=2, title="恒力云盘", expected_amount="440000")
    mine = TYPED | {"title": "恒力云盘（改）"}
    answer = wang.save("edit-opportunity", mine, {"id": deals["wang"], "version": 1}, "wang's", 2, days=DAYS, press="keep")
    assert "¥440,000.00" in answer
    assert opened(engine, deals["wang"]).title == "恒力云盘"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": "  "}, "请填写此项"),
        ({"title": "x" * 201}, "201"),
        ({"expected_amount": "-1"}, "不能为负"),
        ({"expected_amount": "NaN"}, "NaN"),
        ({"expected_amount": "1e99"}, "过大"),
        ({"expected_amount": "0.001"}, "分"),
        ({"expected_close_on": "2026-02-30"}, "2026-02-30"),
        ({"stage_id": 4}, "签订合同"),
        ({"stage_id": 99}, "选择"),
    ],
)
def test_what_cant_be_saved_is_told_at_its_field(
    engine: Engine, wang: Visitor, deals: dict[str, int], typed: dict[str, object], sentence: str
) -> None:
    answer = edit(wang, deals["wang"], **typed)
    assert sentence in answer
    assert "_pages_location" not in answer  # nobody is led away from what they typed
    assert opened(engine, deals["wang"]).title == "恒力云盘"


def test_what_is_saved_is_said_in_a_quiet_line_and_what_is_not_is_not(wang: Visitor, deals: dict[str, int]) -> None:
    about = {"id": deals["wang"], "version": 1}
    written = wang.save("follow-up", {"method_id": CALL, "content": "谈了方案"}, about, "k1")
    assert ["已保存" in answer for answer in (written, edit(wang, deals["wang"]), edit(wang, deals["wang"], "k3", title=""))] == [
        True, True, False,
    ]  # fmt: skip
    split = filling.opened(wang, "write-quote-split", f"/opportunities/{deals['wang']}/quote")
    assert "已保存" not in split.press({"parts": "3"}).text


def test_a_rep_may_not_reopen_and_a_lead_may(engine: Engine, wang: Visitor, lin: Visitor) -> None:
    with transaction(engine) as session:
        lost = an_opportunity(session, "丢掉的单", owner=WANG, status=OpportunityStatus.LOST).id
    about = {"id": lost, "version": opened(engine, lost).version}
    assert NOT_ALLOWED in wang.save("reopen-opportunity", {}, about, "key")
    assert opened(engine, lost).status is OpportunityStatus.LOST
    with reading(engine) as session:
        assert session.scalar(select(AuditEntry.by_id).where(AuditEntry.act == AuditAct.REFUSED)) == WANG
    assert f"/opportunities/{lost}" in lin.save("reopen-opportunity", {}, about, "key")
    assert opened(engine, lost).status is OpportunityStatus.FOLLOWING


def test_what_people_write_is_shown_as_text(engine: Engine, wang: Visitor, deals: dict[str, int]) -> None:
    with transaction(engine) as session:
        follow_up = a_follow_up(session, session.get_one(Opportunity, deals["wang"]))
        follow_up.content = "<img src=x onerror=alert(1)> **粗体**"
    page = wang.page(f"/opportunities/{deals['wang']}")
    assert "<img src=x onerror=alert(1)> **粗体**" in page
    assert "dangerously" not in page
    assert "Markdown" not in page


def test_an_open_page_hears_that_something_was_said(wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    page = wang.page(f"/opportunities/{deals['wang']}")
    token = page.partition('"data-watch": "')[2].partition('"')[0]
    before = wang.get(f"/live?watch={token}").json["stamp"]
    lin.save("comment", {"kind": "advice", "content": "先确认预算"}, {"id": deals["wang"], "version": 1}, "key")
    after = wang.get(f"/live?watch={token}").json
    assert after["stamp"] != before
    assert after["unread"] == 1


def test_the_token_of_an_open_page_serves_nobody_else(wang: Visitor, zhao: Visitor, deals: dict[str, int]) -> None:
    page = wang.page(f"/opportunities/{deals['wang']}")
    token = page.partition('"data-watch": "')[2].partition('"')[0]
    assert zhao.get(f"/live?watch={token}").json["stamp"] is None
    assert zhao.get(f"/live?watch={token[:-2]}xx").json["stamp"] is None


def test_its_writer_mends_a_follow_up_and_nobody_else(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    wang.save("follow-up", {"method_id": CALL, "content": "谈了方案"}, {"id": deals["wang"], "version": 1}, "key")
    with reading(engine) as session:
        written = session.scalars(select(FollowUp.id)).one()
    mended = {"method_id": CALL, "content": "谈了价格"}
    assert NOT_THERE in lin.page(f"/follow-ups/{written}/edit")
    lin.save("mend-follow-up", mended, {"id": written, "back": "/"}, "lin's")
    with reading(engine) as session:
        assert session.get_one(FollowUp, written).content == "谈了方案"
    assert "谈了方案" in wang.page(f"/follow-ups/{written}/edit")
    wang.save("mend-follow-up", mended, {"id": written, "back": "/"}, "wang's")
    with reading(engine) as session:
        assert session.get_one(FollowUp, written).content == "谈了价格"


def test_what_a_follow_up_said_before_is_read_by_all_who_see_it(wang: Visitor, lin: Visitor, engine: Engine, deals: dict[str, int]) -> None:
    about = {"id": deals["wang"], "version": 1}
    wang.save("follow-up", {"method_id": CALL, "content": "谈了方案", "feedback": "太贵"}, about, "key")
    assert "编辑过" not in lin.page(f"/opportunities/{deals['wang']}")
    wang.save("mend-follow-up", {"method_id": CALL, "content": "谈了价格"}, {"id": 1, "back": "/"}, "mended")
    page = lin.page(f"/opportunities/{deals['wang']}")
    assert all(word in page for word in ("谈了价格", "编辑过", "谈了方案", "太贵"))


def test_a_retired_method_or_department_is_offered_by_no_form_but_where_it_stands(
    wang: Visitor, engine: Engine, deals: dict[str, int]
) -> None:
    page, about = f"/opportunities/{deals['wang']}", {"id": deals["wang"], "version": 1}
    wang.save("follow-up", {"method_id": CALL, "content": "谈了方案", "problem": "慢", "department_id": SERVICE_DESK}, about, "key")
    with transaction(engine) as session:
        session.get_one(FollowUpMethod, CALL).active = False
        session.get_one(Department, SERVICE_DESK).active = False
    form, mended = filling.opened(wang, "follow-up", page), filling.opened(wang, "mend-follow-up", "/follow-ups/1/edit")
    assert (CALL in form.offered("method_id"), SERVICE_DESK in form.offered("department_id")) == (False, False)
    assert form.value("method_id") == VISIT
    assert (CALL in mended.offered("method_id"), SERVICE_DESK in mended.offered("department_id")) == (True, True)
    assert not mended.press({"content": "谈了价格"}).refused


def test_a_new_opportunity_begins_with_the_customer_it_was_opened_from(wang: Visitor, engine: Engine, deals: dict[str, int]) -> None:
    with reading(engine) as session:
        mine, theirs = (session.get_one(Opportunity, deals[whose]).customer_id for whose in ("wang", "zhao"))
    assert f"/opportunities/new?customer={mine}" in wang.page(f"/customers/{mine}")
    assert f'"href": "/customers/{mine}"' in wang.page(f"/opportunities/{deals['wang']}")
    for asked, value in ((mine, mine), (theirs, None), (999999, None)):
        form = filling.opened(wang, "new-opportunity", f"/opportunities/new?customer={asked}")
        assert (form.value("customer_id"), bool(form.offered("contact_id")), form.value("stage_id")) == (value, value is not None, TALKS)


def test_a_loss_begins_with_the_one_competitor_that_was_met(wang: Visitor, engine: Engine, deals: dict[str, int]) -> None:
    address = f"/opportunities/{deals['wang']}/close/lost"
    assert filling.opened(wang, "close-opportunity", address).value("competitor_id") is None
    met = {"competitor_id": RIVAL, "strengths": [], "weaknesses": [], "their_unit_price": "", "their_product": "", "note": ""}
    wang.save("record-competition", met, {"id": deals["wang"], "back": "/"}, "k1")
    form = filling.opened(wang, "close-opportunity", address)
    assert form.value("competitor_id") == RIVAL
    assert not form.press({"reason_id": TO_COMPETITOR}).refused
    assert opened(engine, deals["wang"]).loss_competitor_id == RIVAL


def test_a_customer_found_by_typing_is_taken_however_many_there_are(wang: Visitor, engine: Engine, deals: dict[str, int]) -> None:
    with transaction(engine) as session:
        first = a_customer(session, "最早的客户", owner=WANG).id
        for number in range(offers.MOST):
            a_customer(session, f"客户{number}", owner=WANG)
    field = '{"field":"contact_id","form":"new-opportunity"}.options'
    assert "张经理" in json.dumps(wang.call(field, [first]).json, ensure_ascii=False)


def test_a_solved_problem_is_read_with_its_answer(engine: Engine, app: Dash, wang: Visitor, zhao: Visitor, deals: dict[str, int]) -> None:
    with transaction(engine) as session:
        problem = a_follow_up(session, session.get_one(Opportunity, deals["wang"]), problem="发票抬头有误").id
    xia = Visitor(app).sign_in("xia")
    xia.save("solve-problem", {"answer": "已重开发票"}, {"id": problem, "back": "/"}, "key")
    for visitor in (xia, wang):
        assert all(word in visitor.page(f"/problems/{problem}") for word in ("已重开发票", "夏"))
        assert not filling.opened(visitor, "solve-problem", f"/problems/{problem}").is_there
    assert all(word in wang.page(f"/opportunities/{deals['wang']}") for word in ("已重开发票", "夏"))
    assert NOT_THERE in zhao.page(f"/problems/{problem}")


def test_the_department_solves_the_problem_and_sees_nothing_else(engine: Engine, app: Dash, zhao: Visitor, deals: dict[str, int]) -> None:
    with transaction(engine) as session:
        problem = a_follow_up(session, session.get_one(Opportunity, deals["wang"]), problem="发票抬头有误").id
    xia = Visitor(app).sign_in("xia")
    assert "发票抬头有误" in xia.page("/")
    assert "发票抬头有误" in xia.page(f"/problems/{problem}")
    assert NOT_THERE in xia.page(f"/opportunities/{deals['wang']}")
    assert NOT_THERE in zhao.page(f"/problems/{problem}")
    xia.save("solve-problem", {"answer": "已重开发票"}, {"id": problem, "back": "/"}, "key")
    with reading(engine) as session:
        assert session.get_one(FollowUp, problem).problem_answer == "已重开发票"
