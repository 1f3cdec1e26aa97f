"""The pages of quotes: written, revised with a decision in them, decided; out of reach is not there, a failed save leads nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import Comment, Opportunity, OpportunityReader, Quote
from crm.rules.quotes import OwnQuote, QuoteNotEditable, WaitsForDecision
from crm.vocabulary import QuoteStatus
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Visitor
from tests.people import CRM_SUITE, LIN, QUOTED, TODAY, TOO_EXPENSIVE, TRAINING, WANG, ZHAO, an_opportunity, noon

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED, OWN = explain(NotFound()), explain(NotAllowed()), explain(OwnQuote())
    NO_DRAFT = explain(QuoteNotEditable(status=QuoteStatus.SUBMITTED))

VALID = {"valid_until": (TODAY + timedelta(days=30)).isoformat(), "terms": ""}
SUITE = {"product_id": CRM_SUITE, "quantity": "2", "unit_price": "9.5万", "discount_bp": "0", "tax_rate_bp": "13"}
PLAN = {"due_on": "2026-12-31", "amount": "190,000.00", "condition": "", "no": ""}


@pytest.fixture
def deals(engine: Engine) -> dict[str, int]:
    """One opportunity of Wang's with a product, one of Zhao's."""
    with transaction(engine) as session:
        return {
            "wang": an_opportunity(session, "恒力云盘", owner=WANG, lines={TRAINING: "100000"}).id,
            "zhao": an_opportunity(session, "天府软件园培训", owner=ZHAO).id,
        }


def newest(engine: Engine, opportunity_id: int) -> Quote:
    with reading(engine) as session:
        quote = select(Quote).where(Quote.opportunity_id == opportunity_id).order_by(Quote.revision.desc())
        return session.scalars(quote.limit(1)).one()


def about(opportunity_id: int, quote: Quote | None = None, **more: Any) -> dict[str, Any]:
    known = (
        {"id": quote.id, "version": quote.version, "edits": quote.status is QuoteStatus.DRAFT} if quote else {"id": None, "edits": False}
    )
    return {"opportunity": opportunity_id, "decision": None, "back": "/", **known, **more}


def write(visitor: Visitor, of: dict[str, Any], *lines: dict[str, Any], key: str = "key", plan: Any = (PLAN,), **typed: Any) -> str:
    return visitor.save(
        "write-quote", VALID | typed, of, key, days=("valid_until",), rows={"lines": list(lines or (SUITE,)), "plan": list(plan)}
    )


def press(visitor: Visitor, form: str, of: dict[str, Any], *, button: str = "save", key: str = "key", **typed: Any) -> str:
    return visitor.save(form, typed, of, key, press=button)


def test_from_the_first_draft_to_an_approved_revision_with_a_decision_in_it(
    engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]
) -> None:
    id = deals["wang"]
    assert "5,000.00" in wang.page(f"/opportunities/{id}/quote")  # the product at its list price
    assert f"/opportunities/{id}/quotes" in write(wang, about(id))
    draft = newest(engine, id)
    assert (draft.revision, str(draft.total)) == (1, "190000.00")
    lin.save("comment", {"kind": "decision", "content": "可以", "discount_bp": "5"}, {"id": id, "version": 1}, "k")
    with reading(engine) as session:
        decision = session.scalars(select(Comment.id)).one()
    assert f"/opportunities/{id}/quote?decision={decision}" in wang.page(f"/opportunities/{id}")
    form = wang.page(f"/opportunities/{id}/quote", f"?decision={decision}")
    assert "90,250.00" in form
    assert "林决定再让 5 %" in form
    write(wang, about(id, draft, decision=decision), SUITE | {"unit_price": "90,250.00"}, key="2", plan=())
    press(wang, "submit-quote", about(id, newest(engine, id)))
    submitted = newest(engine, id)
    with reading(engine) as session:
        assert session.get_one(Opportunity, id).stage_id == QUOTED
    assert "批准" in lin.page(f"/opportunities/{id}/quotes")
    press(lin, "decide-quote", about(id, submitted), note="")
    approved = newest(engine, id)
    assert (approved.status, approved.decided_by_id, approved.decision_id, str(approved.total)) == (
        QuoteStatus.APPROVED, LIN, decision, "180500.00",
    )  # fmt: skip
    assert f"/quotes/{approved.id}/sign" in wang.page(f"/opportunities/{id}")
    write(wang, about(id, approved), key="3", plan=())
    assert newest(engine, id).revision == 2
    page = wang.page(f"/opportunities/{id}/quotes")
    assert "有变动" in page
    assert "已被新版替代" in page


def test_another_teams_quotes_look_like_none(engine: Engine, wang: Visitor, zhao: Visitor, deals: dict[str, int]) -> None:
    write(zhao, about(deals["zhao"]))
    theirs, nothing = newest(engine, deals["zhao"]), wang.page("/opportunities/999999/quotes")
    assert NOT_THERE in nothing
    assert wang.page(f"/opportunities/{deals['zhao']}/quotes") == wang.page(f"/opportunities/{deals['zhao']}/quote") == nothing
    of, absent = about(deals["wang"], theirs), about(deals["wang"], theirs, id=999999)
    for form, typed in (("submit-quote", {}), ("decide-quote", {"note": "x"})):
        assert press(wang, form, of, **typed) == press(wang, form, absent, **typed), form
    assert write(wang, of) == write(wang, absent)
    assert NOT_THERE in write(wang, about(deals["zhao"]))
    assert newest(engine, deals["zhao"]).version == theirs.version


def test_what_waits_or_is_over_is_said_on_a_page_that_leads_back(
    engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]
) -> None:
    id = deals["wang"]
    write(wang, about(id))
    press(wang, "submit-quote", about(id, newest(engine, id)))
    with use_language("zh"):
        waits = explain(WaitsForDecision(revision=1))
    page = wang.page(f"/opportunities/{id}/quote")
    assert waits in page
    assert '"H1"' in page
    lin.save("close-opportunity", {"reason_id": TOO_EXPENSIVE, "note": ""}, {"id": id, "version": 2, "kind": "lost"}, "k")
    assert "输单" in wang.page(f"/opportunities/{id}/quote")


def test_who_decides_reads_how_far_it_is_below_the_list_and_the_rep_whose_word_it_waits_for(
    engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]
) -> None:
    id = deals["wang"]
    write(wang, about(id), SUITE | {"unit_price": "95000", "discount_bp": "5"}, plan=())
    press(wang, "submit-quote", about(id, newest(engine, id)))
    assert "9.75 %" in lin.page(f"/opportunities/{id}/quotes")  # 95 000 less 5 % of 100 000
    assert "团队负责人" in wang.page(f"/opportunities/{id}")


def test_forged_presses_are_refused(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    id = deals["wang"]
    write(lin, about(id))
    press(wang, "submit-quote", about(id, newest(engine, id)))
    submitted = newest(engine, id)
    assert NOT_ALLOWED in press(wang, "decide-quote", about(id, submitted), note="自己批")
    assert OWN in press(lin, "decide-quote", about(id, submitted), note="我写的")
    assert NO_DRAFT in write(wang, about(id, submitted, edits=True))
    assert (newest(engine, id).status, newest(engine, id).version) == (QuoteStatus.SUBMITTED, submitted.version)


@pytest.mark.parametrize(
    ("line", "plan", "typed", "sentence"),
    [
        ({"quantity": "0"}, [], {}, "有效数量"),
        ({"unit_price": "0.001"}, [], {}, "分"),
        ({"unit_price": "-5"}, [], {}, "不能为负"),
        ({"discount_bp": "101"}, [], {}, "100"),
        ({"discount_bp": "abc"}, [], {}, "abc"),
        ({"product_id": 99}, [], {}, "选择"),
        ({}, [PLAN | {"amount": "190,000.01"}], {}, "0.01"),
        ({}, [PLAN | {"due_on": None}], {}, "请填写此项"),
        ({}, [], {"valid_until": "2020-01-01"}, "2020-01-01"),
    ],
)
def test_what_cant_be_offered_is_told_and_the_form_is_kept(
    engine: Engine, wang: Visitor, deals: dict[str, int], line: dict[str, Any], plan: list[Any], typed: dict[str, Any], sentence: str
) -> None:
    answer = write(wang, about(deals["wang"]), SUITE | line, plan=plan, **typed)
    assert sentence in answer
    assert "_pages_location" not in answer
    with reading(engine) as session:
        assert session.scalars(select(Quote)).all() == []


def test_a_form_sent_twice_makes_one_revision(engine: Engine, wang: Visitor, deals: dict[str, int]) -> None:
    assert write(wang, about(deals["wang"])) == write(wang, about(deals["wang"]))
    with reading(engine) as session:
        assert len(session.scalars(select(Quote)).all()) == 1


def test_the_second_who_edits_a_draft_chooses(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    id = deals["wang"]
    write(wang, about(id))
    opened = newest(engine, id)
    write(lin, about(id, opened), key="lin's", terms="含运费", plan=())
    answer = write(wang, about(id, opened), key="wang's", terms="不含运费", plan=())
    assert "含运费" in answer
    assert newest(engine, id).terms == "含运费"
    typed = VALID | {"terms": "不含运费"}
    seen = newest(engine, id).version
    wang.save(
        "write-quote", typed, about(id, opened), "wang's", seen, days=("valid_until",), rows={"lines": [SUITE], "plan": []}, press="keep"
    )
    assert newest(engine, id).terms == "不含运费"


def test_an_approval_of_what_was_not_seen_is_refused(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    id = deals["wang"]
    write(wang, about(id))
    seen = newest(engine, id)
    write(wang, about(id, seen), SUITE | {"unit_price": "91000"}, key="2", plan=())
    press(wang, "submit-quote", about(id, newest(engine, id)), key="3")
    answer = press(lin, "decide-quote", about(id, seen), key="4", note="")
    assert "王" in answer
    assert "保留" not in answer  # no way to approve over it unseen
    assert newest(engine, id).status is QuoteStatus.SUBMITTED


def test_an_amount_is_split_to_the_cent(wang: Visitor) -> None:
    columns = {"lines": [SUITE | {"quantity": "1", "unit_price": "100"}], "plan": []}
    typed = {"parts": "3", "first_due_on": "2026-12-31", "months": "2"}
    answer = split(wang, typed, columns)
    assert all(part in answer for part in ("33.34", "33.33", "2027-02-28", "2027-04-30"))
    assert "合计为 90" in split(wang, typed | {"parts": "30 60"}, columns)


def split(visitor: Visitor, typed: dict[str, Any], rows: dict[str, Any]) -> str:
    output = '{"form":"write-quote-split","part":"summary"}.children...'
    return visitor.save("write-quote-split", typed, *visitor._lines("write-quote", output, rows), days=("first_due_on",))


def test_a_colleague_who_may_read_the_opportunity_sees_no_offers(
    engine: Engine, app: Dash, wang: Visitor, zhao: Visitor, deals: dict[str, int]
) -> None:
    write(wang, about(deals["wang"]))
    with transaction(engine) as session:
        session.add(OpportunityReader(opportunity_id=deals["wang"], user_id=ZHAO, granted_by_id=LIN, granted_at=noon(TODAY)))
    assert "恒力云盘" in zhao.page(f"/opportunities/{deals['wang']}")
    assert "190,000.00" not in zhao.page(f"/opportunities/{deals['wang']}")
    assert NOT_THERE in zhao.page(f"/opportunities/{deals['wang']}/quotes")
    assert zhao.get(f"/quotes/{newest(engine, deals['wang']).id}/offer.pdf").status_code == 404


def test_finance_and_marketing_have_no_page_of_offers(app: Dash, deals: dict[str, int]) -> None:
    for login in ("fang", "mei", "xia", "ada"):
        assert NOT_THERE in Visitor(app).sign_in(login).page(f"/opportunities/{deals['wang']}/quotes"), login
