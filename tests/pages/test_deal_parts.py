"""What stands beside an opportunity, on the page and forged: competition, a colleague who may read it, a won one as an example."""

import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import CompetitionRecord, Opportunity, OpportunityReader
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Many, Visitor
from tests.people import PRICE, RIVAL, WANG, ZHAO, a_contract, a_follow_up, an_opportunity

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())

RECORD = {
    "competitor_id": RIVAL, "their_product": "云盘标准版", "their_unit_price": "9,800", "our_product_id": None, "strengths": [PRICE],
    "weaknesses": [], "note": "报价更低",
}  # fmt: skip


@pytest.fixture
def deals(engine: Engine) -> dict[str, int]:
    """An open opportunity of Wang's, a won one, and one of Zhao's."""
    with transaction(engine) as session:
        mine, won, theirs = (
            an_opportunity(session, title, owner=owner) for title, owner in (("恒力", WANG), ("续约", WANG), ("天府", ZHAO))
        )
        a_follow_up(session, won)
        a_contract(session, opportunity=won)
        return {"mine": mine.id, "won": won.id, "theirs": theirs.id}


def press(visitor: Visitor, reader: int) -> str:
    return visitor.call("sharing-readers.children", [Many(({"type": "withdraw-reader", "reader": reader}, 1))], [{}]).text


def publish(visitor: Visitor, id: int) -> str:
    return visitor.call("sharing-said.children", [1], [{"id": id}]).text


def test_whom_we_met_is_written_and_corrected(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    about = {"id": deals["mine"], "back": "/"}
    assert f"/opportunities/{deals['mine']}" in wang.save("record-competition", RECORD, about, "k1")
    wang.save("record-competition", RECORD, about, "k1")  # a double click
    page = wang.page(f"/opportunities/{deals['mine']}")
    assert "远景科技" in page
    assert "9,800.00" in page
    assert "报价更低" in wang.page("/competition/1/edit")
    seen = {"id": 1, "back": "/", "was": RECORD}
    lin.save("edit-competition", RECORD | {"note": "又降了"}, seen, "k2")
    assert "林" in wang.save("edit-competition", RECORD | {"note": "没降"}, seen, "k3")  # he saw what it was before
    assert "又降了" in wang.page("/competition/1/edit")
    with reading(engine) as session:
        assert len(session.scalars(select(CompetitionRecord.id)).all()) == 1


def test_competition_at_anothers_opportunity_is_none(engine: Engine, wang: Visitor, zhao: Visitor, deals: dict[str, int]) -> None:
    assert wang.page(f"/opportunities/{deals['theirs']}/competition") == wang.page("/opportunities/999999/competition")
    zhao.save("record-competition", RECORD, {"id": deals["theirs"], "back": "/"}, "k1")
    assert wang.page("/competition/1/edit") == wang.page("/competition/999999/edit")
    for form, id in (("record-competition", deals["theirs"]), ("edit-competition", 1)):
        about = {"back": "/", "was": RECORD}
        refused = [wang.save(form, RECORD | {"note": "偷"}, about | {"id": which}, f"{form} {which}") for which in (id, 999999)]
        assert refused[0] == refused[1]
        assert NOT_THERE in refused[0]
    with reading(engine) as session:
        assert session.scalars(select(CompetitionRecord.note)).all() == ["报价更低"]


def test_a_colleague_reads_until_it_is_withdrawn(
    engine: Engine, app: Dash, wang: Visitor, lin: Visitor, zhao: Visitor, deals: dict[str, int]
) -> None:
    address, about = f"/opportunities/{deals['mine']}", {"id": deals["mine"], "back": "/"}
    assert NOT_THERE in zhao.page(address)
    lin.save("let-read", {"user_id": ZHAO}, about, "k1")
    assert "恒力" in zhao.page(address)
    assert f"{address}/edit" not in zhao.page(address)
    assert NOT_ALLOWED in zhao.save("let-read", {"user_id": WANG}, about, "k2")
    assert NOT_ALLOWED in zhao.save("record-competition", RECORD, about, "k3")
    for visitor in (wang, zhao):  # neither its rep nor the reader ends it
        press(visitor, 1)
        assert "恒力" in zhao.page(address)
    assert "赵" not in press(lin, 1)
    assert NOT_THERE in zhao.page(address)
    with reading(engine) as session:
        assert session.scalars(select(OpportunityReader)).one().withdrawn_at is not None


def test_nobody_lets_others_read_what_is_not_theirs_to_show(engine: Engine, wang: Visitor, lin: Visitor, deals: dict[str, int]) -> None:
    assert NOT_ALLOWED in wang.save("let-read", {"user_id": ZHAO}, {"id": deals["mine"], "back": "/"}, "k1")
    hidden = [lin.save("let-read", {"user_id": WANG}, {"id": id, "back": "/"}, f"k{id}") for id in (deals["theirs"], 999999)]
    assert hidden[0] == hidden[1]
    with reading(engine) as session:
        assert session.scalars(select(OpportunityReader)).all() == []


def test_a_won_opportunity_is_an_example_until_it_is_taken_back(
    engine: Engine, app: Dash, wang: Visitor, lin: Visitor, zhao: Visitor, deals: dict[str, int]
) -> None:
    assert NOT_ALLOWED in publish(wang, deals["won"])
    assert "已签约" in publish(lin, deals["mine"])  # only what was won
    hidden = [publish(lin, id) for id in (deals["theirs"], 999999)]
    assert hidden[0] == hidden[1]
    assert f"/examples/{deals['won']}" not in zhao.page("/examples")
    publish(lin, deals["won"])
    assert f"/examples/{deals['won']}" in zhao.page("/examples")
    example = zhao.page(f"/examples/{deals['won']}")
    assert NOT_THERE not in example
    assert "谈了方案" in example
    assert NOT_THERE in zhao.page(f"/opportunities/{deals['won']}")
    assert NOT_THERE in Visitor(app).sign_in("fang").page(f"/examples/{deals['won']}")
    publish(lin, deals["won"])
    assert NOT_THERE in zhao.page(f"/examples/{deals['won']}")
    with reading(engine) as session:
        assert session.get_one(Opportunity, deals["won"]).published_at is None
