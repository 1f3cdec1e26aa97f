"""The guided hand-over: the step is the server's to say, and its end opens only when nothing is left."""

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.db import reading, transaction
from crm.errors import NotFound
from crm.models import Opportunity
from dashboard.i18n import _, explain, use_language
from tests.pages.visitor import Visitor
from tests.people import LIN, WANG, WEST, ZHAO, an_opportunity

with use_language("zh"):
    NOT_THERE = explain(NotFound())


@pytest.fixture
def held(engine: Engine) -> int:
    with transaction(engine) as session:
        return an_opportunity(session, "恒力云盘", owner=WANG).id


def test_step_by_step_until_nothing_is_open(app: Dash, engine: Engine, held: int) -> None:
    ada, chen = Visitor(app).sign_in("ada"), Visitor(app).sign_in("chen")
    assert "王" in ada.page("/hand-over")
    seen = ada.page(f"/hand-over/{WANG}")
    assert "hand-over-ask" in seen
    assert "恒力云盘" not in seen
    assert "/master/people/users/" not in seen
    assert '"reload": {"data": "key"}' in chen.save("hand-over", {"to_id": LIN, "why": "离职"}, {"id": WANG}, "key")
    with reading(engine) as session:
        assert session.get_one(Opportunity, held).owner_id == LIN
    assert f"/master/people/users/{WANG}" in ada.page(f"/hand-over/{WANG}")


def test_the_account_s_form_asks_what_becomes_of_open_work_where_there_is_some(app: Dash, engine: Engine, held: int) -> None:
    ada = Visitor(app).sign_in("ada")
    with use_language("zh"):
        asked = _("Open work when the team changes")
    assert asked in ada.page(f"/master/people/users/{WANG}")
    assert asked not in ada.page(f"/master/people/users/{ZHAO}")
    form = {"name": "王", "roles": ["rep"], "team_id": WEST, "language": "zh"}
    about = {"id": WANG, "version": 1}
    assert "王手上还有 2 条未完结的记录" in ada.save("edit-user", form, about, "first")
    ada.save("edit-user", form | {"parting": "goes_along"}, about, "second")
    with reading(engine) as session:
        opportunity = session.get_one(Opportunity, held)
        assert (opportunity.owner_id, opportunity.team_id) == (WANG, WEST)


def test_others_find_no_such_page(app: Dash, engine: Engine, held: int) -> None:
    for login in ("lin", "wang", "fang", "mei", "xia"):
        visitor = Visitor(app).sign_in(login)
        assert NOT_THERE in visitor.page("/hand-over"), login
        assert NOT_THERE in visitor.page(f"/hand-over/{WANG}"), login
        visitor.save("hand-over", {"to_id": LIN, "why": "离职"}, {"id": WANG}, "key")
    with reading(engine) as session:
        assert session.get_one(Opportunity, held).owner_id == WANG
