"""A person's profile: a lead names a deputy there and ends it; others are shown no such form, and forge none."""

import json

from dash import Dash
from sqlalchemy import Engine, select

from crm import clock
from crm.db import reading
from crm.errors import NotAllowed, NotFound
from crm.models import Deputy
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Many, Visitor
from tests.people import LIN, WANG, ZHAO

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())

TODAY = clock.today("Asia/Shanghai")


def name(visitor: Visitor, who: int, submission: str = "k") -> str:
    typed = {"deputy_id": who, "from_on": TODAY.isoformat(), "until_on": TODAY.isoformat()}
    return visitor.save("name-deputy", typed, {"here": "/profile"}, submission, days=("from_on", "until_on"))


def end(visitor: Visitor, deputy_id: int) -> str:
    pressed = Many(({"type": "end-deputy", "deputy": deputy_id}, 1))
    return json.dumps(visitor.call("profile-deputies.children", [pressed]).json, ensure_ascii=False)


def test_lin_names_zhao_who_reaches_her_team_at_once_until_she_ends_it(engine: Engine, lin: Visitor, zhao: Visitor) -> None:
    assert "/assign/reps" not in zhao.page("/")
    assert all('"reload": {"data": "twice"}' in name(lin, ZHAO, "twice") for _time in range(2))
    with reading(engine) as session:
        (named,) = session.scalars(select(Deputy)).all()
        assert (named.principal_id, named.deputy_id, named.from_on, named.until_on) == (LIN, ZHAO, TODAY, TODAY)
    assert "/assign/reps" in zhao.page("/")
    assert "林" in zhao.page("/profile")
    assert "赵" in lin.page("/profile")
    assert "赵" not in end(lin, named.id)
    assert "/assign/reps" not in zhao.page("/")


def test_others_see_no_form_and_forge_none(app: Dash, engine: Engine, lin: Visitor, wang: Visitor, zhao: Visitor) -> None:
    name(lin, ZHAO)
    for login in ("wang", "zhao", "fang", "mei", "xia", "ada"):  # Zhao stands in, and passes nothing on
        visitor = Visitor(app).sign_in(login)
        assert "name-deputy" not in visitor.page("/profile")
        assert NOT_ALLOWED in name(visitor, WANG, f"k-{login}")
    assert "name-deputy" in Visitor(app).sign_in("sun").page("/profile")
    for visitor in (zhao, wang, Visitor(app).sign_in("sun")):
        end(visitor, 1)
    with reading(engine) as session:
        assert [one.deputy_id for one in session.scalars(select(Deputy))] == [ZHAO]
