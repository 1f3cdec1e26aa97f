"""The views that people keep of a report: each person's own, opened with what is left of them; one may be what the report opens with."""

import json
import re
from typing import Any

from sqlalchemy import Engine, select, update

from crm.db import reading, transaction
from crm.models import SavedView
from tests.pages.visitor import Many, Visitor
from tests.people import EAST, WEST

PATH = "/reports/loss_analysis"
YEAR = "?period=this_year&compare=year&product=1"


def said(answer: Any) -> str:
    """An answer as text."""
    return json.dumps(answer.json, ensure_ascii=False)


def keep(visitor: Visitor, name: str, state: str) -> str:
    """What the page shows once somebody kept their filters under a name."""
    return said(visitor.call("loss_analysis-view-name.value", [{"name": name, "state": state}]))


def press(visitor: Visitor, act: str, view: int, what: str = "n_clicks") -> str:
    """What the page shows once somebody pressed a view's button."""
    name = json.dumps({"type": f"loss_analysis-{act}-view", "view": ["ALL"]}, separators=(",", ":"))
    callback = next(one for one in visitor.app._callback_list if any(given["id"] == name for given in one["inputs"]))
    return said(visitor.call(callback["output"], [Many(({"type": f"loss_analysis-{act}-view", "view": view}, 1))]))


def rename(visitor: Visitor, view: int, name: str) -> str:
    id = {"type": "loss_analysis-called-view", "view": view}
    pressed = Many(({"type": "loss_analysis-call-view", "view": view}, 1))
    callback = next(one for one in visitor.app._callback_list if any("loss_analysis-call-view" in given["id"] for given in one["inputs"]))
    return said(visitor.call(callback["output"], [pressed, Many((id, None))], [Many((id, name))]))


def views(engine: Engine) -> dict[str, tuple[int, str]]:
    with reading(engine) as session:
        kept = session.scalars(select(SavedView).where(SavedView.page == "reports/loss_analysis"))
        return {view.name: (view.id, view.state) for view in kept}


def chosen(page: str) -> Any:
    """The filter state that a page opens with."""
    found = re.search(r'\{"props": \{"id": "loss_analysis-filters", "data": (\{.*?\})\}', page)
    return json.loads(found[1]) if found else None


def test_filters_are_kept_under_a_name_as_they_were_typed(engine: Engine, wang: Visitor, lin: Visitor) -> None:
    assert "今年" in keep(wang, " 今年 ", YEAR)
    assert {name: state for name, (_id, state) in views(engine).items()} == {"今年": "period=this_year&compare=year&product=1"}
    assert f'"{PATH}?period=this_year&compare=year&product=1"' in wang.page(PATH)
    assert "pop-entry" not in lin.page(PATH)


def test_an_address_that_says_nothing_opens_what_the_person_chose(engine: Engine, wang: Visitor, lin: Visitor) -> None:
    keep(wang, "今年", YEAR)
    (id, _state) = views(engine)["今年"]
    assert chosen(wang.page(PATH))["period"] == "this_month"
    press(wang, "pin", id)
    assert chosen(wang.page(PATH)) == {"period": "this_year", "compare": "year", "product": [1]}
    assert chosen(wang.page(PATH, "?period=this_month"))["period"] == "this_month"
    assert chosen(lin.page(PATH))["period"] == "this_month"
    keep(wang, "去年", "?period=last_year")
    press(wang, "pin", views(engine)["去年"][0])
    assert chosen(wang.page(PATH))["period"] == "last_year"
    press(wang, "pin", views(engine)["去年"][0])
    assert chosen(wang.page(PATH))["period"] == "this_month"


def test_nobody_touches_the_views_of_others(engine: Engine, wang: Visitor, lin: Visitor) -> None:
    keep(wang, "今年", YEAR)
    (id, _state) = views(engine)["今年"]
    press(lin, "remove", id)
    press(lin, "pin", id)
    rename(lin, id, "林的")
    assert list(views(engine)) == ["今年"]
    assert chosen(lin.page(PATH))["period"] == "this_month"
    rename(wang, id, "本年输单")
    assert list(views(engine)) == ["本年输单"]
    press(wang, "pin", id)
    press(wang, "remove", id)
    with reading(engine) as session:
        assert session.scalars(select(SavedView)).all() == []


def test_two_views_have_two_names_and_one_name_keeps_the_last(engine: Engine, wang: Visitor) -> None:
    keep(wang, "今年", YEAR)
    keep(wang, "去年", "?period=last_year")
    assert "您已有一个名为“今年”的视图" in rename(wang, views(engine)["去年"][0], "今年")
    assert sorted(views(engine)) == ["今年", "去年"]
    keep(wang, "今年", "?period=this_quarter")
    assert views(engine)["今年"][1] == "period=this_quarter"


def test_a_view_survives_what_is_gone(engine: Engine, lin: Visitor) -> None:
    keep(lin, "两队", f"?period=this_year&team={EAST}")
    (id, _state) = views(engine)["两队"]
    press(lin, "pin", id)
    with transaction(engine) as session:
        session.execute(update(SavedView).where(SavedView.id == id).values(state=f"period=this_year&team={EAST}&team={WEST}&team=99"))
    page = lin.page(PATH)
    assert chosen(page) == {"period": "this_year", "compare": "none", "team": [EAST]}
    assert "“两队”中已不存在的值已略去。" in page
    with transaction(engine) as session:
        session.execute(update(SavedView).where(SavedView.id == id).values(state="period=never&colour=red"))
    assert chosen(lin.page(PATH))["period"] == "this_month"


def test_nonsense_is_not_kept(engine: Engine, wang: Visitor) -> None:
    for state in ("?colour=red", "?period=never", "?team=" + "1" * 5000, "?from=2026-02-01&to=2026-01-01"):
        keep(wang, "x", state)
    keep(wang, "  ", YEAR)
    assert views(engine) == {}


def test_the_open_table_is_kept_with_the_filters(wang: Visitor, engine: Engine) -> None:
    keep(wang, "各月", f"{YEAR}&table=months")
    assert f'"{PATH}?period=this_year&compare=year&product=1&table=months"' in wang.page(PATH)
    assert '"value": "months"' in wang.page(PATH, "?period=this_year&table=months")
    assert "没有“nonsense”" in wang.page(PATH, "?table=nonsense")
