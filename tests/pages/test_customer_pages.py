"""The pages of customers: the desk gives them, their page shows what is within reach, and nobody takes one that is not theirs to give."""

import json
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import Assignment, Contact, Customer, UserStrength
from crm.vocabulary import OpportunityStatus, StrengthKind
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Many, Visitor
from tests.people import CLOUD_DRIVE, EAST, LIN, WANG, WEST, ZHAO, a_contract, a_customer, an_opportunity

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())

REQUEST = {"startRow": 0, "endRow": 100, "sortModel": []}


@pytest.fixture
def pools(engine: Engine) -> dict[str, int]:
    """Two customers in the company's pool, one in each team's, one with Wang, one with Zhao."""
    with transaction(engine) as session:
        made = {
            "new": a_customer(session, "长江造船", owner=None),
            "newer": a_customer(session, "黄河重工", owner=None),
            "east": a_customer(session, "恒力机械", owner=None, team=EAST),
            "west": a_customer(session, "天府软件园", owner=None, team=WEST),
            "wang": a_customer(session, "东海渔业", owner=WANG),
            "zhao": a_customer(session, "西岭雪山", owner=ZHAO),
        }
        an_opportunity(session, "造船云盘", owner=None, customer=made["new"], lines={CLOUD_DRIVE: "1000.00"})
        session.add(UserStrength(user_id=WANG, kind=StrengthKind.PRODUCT, value="云盘", product_id=CLOUD_DRIVE))
        return {name: customer.id for name, customer in made.items()}


@pytest.fixture
def chen(app: Dash) -> Visitor:
    return Visitor(app).sign_in("chen")


def rows(visitor: Visitor, listed: str, **wished: object) -> str:
    return json.dumps(visitor.call(f"{listed}-table-main.getRowsResponse", [REQUEST], [wished, {}]).json, ensure_ascii=False)


def give(visitor: Visitor, listed: str, to: int, *customers: tuple[int, int]) -> str:
    """Press "assign" at the desk with these customers ticked."""
    ticked = [{"id": id, "version": version} for id, version in customers]
    pressed = Many(({"type": f"{listed}-give", "to": to}, 1))
    why = f'{{"field":"why","form":"{listed}-desk-form"}}.value'
    return json.dumps(visitor.call(why, [pressed], [ticked, "近", {}]).json, ensure_ascii=False)


def held(engine: Engine, id: int) -> tuple[int | None, int | None]:
    with reading(engine) as session:
        customer = session.get_one(Customer, id)
        return customer.team_id, customer.owner_id


def test_the_head_gives_two_to_a_team_and_its_lead_gives_one_to_a_rep(
    engine: Engine, chen: Visitor, lin: Visitor, pools: dict[str, int]
) -> None:
    waiting = rows(chen, "company_pool")
    assert all(name in waiting for name in ("长江造船", "黄河重工", "造船云盘"))
    assert "恒力机械" not in waiting
    desk = str(chen.call("company_pool-desk.children", [[{"id": pools["new"], "version": 1}]]).json)
    assert "华东" in desk
    give(chen, "company_pool", EAST, (pools["new"], 1), (pools["newer"], 1))
    assert [held(engine, pools[name]) for name in ("new", "newer")] == [(EAST, None), (EAST, None)]
    seen = str(lin.call("team_pool-desk.children", [[{"id": pools["new"], "version": 2}]]).json)
    assert "云盘 " in seen or "云盘" in seen
    assert "strength fits" in seen
    give(lin, "team_pool", WANG, (pools["new"], 2))
    assert held(engine, pools["new"]) == (EAST, WANG)
    with reading(engine) as session:
        assert [(one.by_id, one.to_owner_id, one.why) for one in session.scalars(select(Assignment).order_by(Assignment.id))][-1] == (
            LIN, WANG, "近",
        )  # fmt: skip


def test_lin_reassigns_one_customer_with_what_a_fair_choice_needs_beside_it(engine: Engine, lin: Visitor, pools: dict[str, int]) -> None:
    with transaction(engine) as session:
        theirs = a_customer(session, "南海渔业", owner=LIN)
        an_opportunity(session, owner=LIN, customer=theirs, lines={CLOUD_DRIVE: "1000.00"})
        an_opportunity(session, owner=WANG, amount="300.00")
        for status in (OpportunityStatus.WON, OpportunityStatus.LOST):
            an_opportunity(session, owner=WANG, status=status, lines={CLOUD_DRIVE: "100.00"})
            an_opportunity(session, owner=ZHAO, status=status, lines={CLOUD_DRIVE: "100.00"})
        id, version = theirs.id, theirs.version
    shown = lin.page(f"/customers/{id}/assign")
    assert all(said in shown for said in ("1 个客户，1 个机会，300", "50%（2 单中 1 单）", "strength fits", "当前负责"))
    assert "赵" not in shown
    assert "华西" not in shown
    about = {"id": id, "version": version}
    assert all(name in shown for name in ("王", "林"))
    east, west = (str(lin.call("customer-form-desk.children", [team], [WANG, about]).json) for team in (EAST, WEST))
    assert f"'value': {WANG}}}}}}}" in east, "who is chosen stays chosen in their own team"
    assert "'options': [], 'value': None" in west
    assert "50%" in east
    assert "candidate" not in west
    pressed = Many(({"type": "customer-form-to-rep", "to": WANG}, 1))
    chosen = lin.call('{"field":"owner_id","form":"assign-customer"}.value@', [pressed]).json
    assert chosen["response"] == {'{"field":"owner_id","form":"assign-customer"}': {"value": WANG}}
    lin.save("assign-customer", {"team_id": EAST, "owner_id": WANG, "why": "近"}, about, "key")
    assert held(engine, id) == (EAST, WANG)


def undo(visitor: Visitor, verb: str, *rows: tuple[int, ...]) -> str:
    """Press "undo" in a message about these rows, or forge one."""
    pressed, said = (Many(({"type": kind, "of": "x"}, value)) for kind, value in (("undo", 1), ("undone", {"verb": verb, "rows": rows})))
    return json.dumps(visitor.call("taken-back.data", [pressed], [said]).json, ensure_ascii=False)


def test_what_was_given_by_mistake_is_taken_back_from_the_message(engine: Engine, chen: Visitor, pools: dict[str, int]) -> None:
    said = give(chen, "company_pool", WEST, (pools["new"], 1))
    assert '"verb": "customers"' in said
    assert f'"rows": [[{pools["new"]}, 2]]' in said
    assert held(engine, pools["new"]) == (WEST, None)
    assert "已撤销：1" in undo(chen, "customers", (pools["new"], 2))
    assert held(engine, pools["new"]) == (None, None)
    assert "已不能撤销" in undo(chen, "customers", (pools["new"], 99)) or held(engine, pools["new"]) == (None, None)


def test_nobody_takes_back_what_is_not_theirs_to_assign(
    engine: Engine, chen: Visitor, wang: Visitor, lin: Visitor, pools: dict[str, int]
) -> None:
    give(chen, "company_pool", EAST, (pools["new"], 1))
    forged: tuple[tuple[str, Any], ...] = (
        ("customers", (pools["new"], 2)), ("customers", (pools["zhao"], 1)), ("customers", (pools["new"], "2; drop table")),
        ("leads", (pools["new"], 2)), ("nothing", (1, 2)), ("customers", ()), ("customers", (pools["new"], 2, WANG)),
    )  # fmt: skip
    for visitor in (wang, lin):
        for verb, row in forged:
            assert "已撤销" not in undo(visitor, verb, row)
    assert held(engine, pools["new"]) == (EAST, None)


def test_the_head_sees_the_teams_too_and_nobody_reads_the_desk_of_anothers_customer(
    chen: Visitor, wang: Visitor, lin: Visitor, pools: dict[str, int]
) -> None:
    seen = chen.page(f"/customers/{pools['wang']}/assign")
    assert all(said in seen for said in ("customer-form-to-team", "customer-form-to-rep", "华西"))
    theirs = {"id": pools["zhao"], "version": 1}
    for visitor in (wang, lin):
        assert "candidate" not in str(visitor.call("customer-form-desk.children", [WEST], [None, theirs]).json)
    assert "candidate" not in str(wang.call("customer-form-desk.children", [EAST], [None, {"id": pools["wang"], "version": 1}]).json)


def test_all_or_none_are_given(engine: Engine, chen: Visitor, pools: dict[str, int]) -> None:
    give(chen, "company_pool", EAST, (pools["new"], 1), (pools["newer"], 7))
    assert [held(engine, pools[name]) for name in ("new", "newer")] == [(None, None), (None, None)]


@pytest.mark.parametrize(("listed", "to", "name"), [("company_pool", EAST, "new"), ("team_pool", WANG, "west"), ("team_pool", 0, "east")])
def test_a_lead_gives_only_within_the_team(engine: Engine, lin: Visitor, pools: dict[str, int], listed: str, to: int, name: str) -> None:
    before = held(engine, pools[name])
    give(lin, listed, to, (pools[name], 1))
    assert held(engine, pools[name]) == before


def test_a_rep_gives_nothing_and_sees_no_pool(engine: Engine, wang: Visitor, pools: dict[str, int]) -> None:
    nothing = wang.page("/nothing-here")
    assert NOT_THERE in nothing
    for path in ("/assign/teams", "/assign/reps", "/claims"):
        assert NOT_THERE in wang.page(path)
    for listed in ("company_pool", "team_pool"):
        assert "恒力" not in rows(wang, listed)
    give(wang, "team_pool", WANG, (pools["east"], 1))
    assert held(engine, pools["east"]) == (EAST, None)


def test_the_lists_hold_each_persons_reach(lin: Visitor, wang: Visitor, chen: Visitor, pools: dict[str, int]) -> None:
    assert "天府软件园" not in rows(lin, "team_pool")
    assert "天府软件园" in rows(chen, "team_pool")
    mine = rows(wang, "customers")
    assert "东海渔业" in mine
    assert not any(name in mine for name in ("西岭雪山", "恒力机械", "长江造船"))
    assert "西岭雪山" not in rows(wang, "customers", q="西岭")


def test_another_teams_customer_looks_like_none(wang: Visitor, pools: dict[str, int]) -> None:
    nothing = wang.page("/customers/999999")
    assert NOT_THERE in nothing
    for path in ("", "/edit", "/assign", "/contacts/new"):
        assert wang.page(f"/customers/{pools['zhao']}{path}") == nothing


def test_finance_reads_a_customer_s_name_and_money_and_nothing_else_of_it(app: Dash, engine: Engine, pools: dict[str, int]) -> None:
    fang = Visitor(app).sign_in("fang")
    with transaction(engine) as session:
        a_contract(session, "HT-3", customer=session.get_one(Customer, pools["zhao"]), amount="300.00")
        an_opportunity(session, "雪场云盘", customer=session.get_one(Customer, pools["zhao"]))
    seen = fang.page(f"/customers/{pools['zhao']}")
    assert all(said in seen for said in ("西岭雪山", "HT-3", "¥300.00"))
    assert not any(secret in seen for secret in ("张经理", "雪场云盘", "/edit", "/assign"))
    for path in ("/edit", "/assign", "/contacts/new", "/merge"):
        assert fang.page(f"/customers/{pools['zhao']}{path}") == fang.page(f"/customers/999999{path}")
    assert NOT_THERE in fang.page("/customers")
    assert fang.page(f"/customers/{pools['wang']}") == fang.page("/customers/999999")
    assert "东海渔业" not in rows(fang, "customers")


def test_a_customer_is_edited_and_gets_a_contact(engine: Engine, wang: Visitor, pools: dict[str, int]) -> None:
    about = {"id": pools["wang"], "version": 1}
    wang.save("edit-customer", {"name": "东海渔业集团", "region": "舟山"}, about, "k1")
    wang.save("customer-contact", {"name": "林海", "phone": "139 0000 0001"}, {"id": pools["wang"], "contact": None}, "k2")
    shown = wang.page(f"/customers/{pools['wang']}")
    assert all(said in shown for said in ("东海渔业集团", "舟山", "林海"))
    with reading(engine) as session:
        assert session.scalars(select(Contact).where(Contact.name == "林海")).one().phone_key == "+8613900000001"


def test_forged_forms_change_nothing_of_anothers(engine: Engine, wang: Visitor, lin: Visitor, pools: dict[str, int]) -> None:
    theirs, absent = {"id": pools["zhao"], "version": 1}, {"id": 999999, "version": 1}
    with reading(engine) as session:
        contact = session.scalars(select(Contact.id).where(Contact.customer_id == pools["zhao"])).one()
    for form, typed, more in (
        ("edit-customer", {"name": "偷"}, {}),
        ("customer-contact", {"name": "偷"}, {"contact": None}),
        ("assign-customer", {"team_id": EAST, "owner_id": WANG}, {}),
    ):
        for visitor in (wang, lin):
            forged = visitor.save(form, typed, theirs | more, "key")
            assert forged == visitor.save(form, typed, absent | more, "key"), form
            assert NOT_THERE in forged, form
    assert NOT_THERE in wang.save("customer-contact", {"name": "偷"}, {"id": pools["wang"], "contact": contact}, "key")
    assert NOT_ALLOWED in wang.save("assign-customer", {"team_id": EAST, "owner_id": None}, {"id": pools["wang"], "version": 1}, "key")
    assert held(engine, pools["zhao"]) == (WEST, ZHAO)


def test_the_page_sums_the_money_within_reach(engine: Engine, wang: Visitor, pools: dict[str, int]) -> None:
    with transaction(engine) as session:
        customer = session.get_one(Customer, pools["wang"])
        an_opportunity(session, "老项目", owner=WANG, customer=customer, status=OpportunityStatus.LOST, amount="5.00")
    shown = wang.page(f"/customers/{pools['wang']}")
    assert "老项目" in shown
    assert "¥0.00" in shown


def test_the_head_enters_a_customer_once_and_nobody_else_does(engine: Engine, chen: Visitor, lin: Visitor, pools: dict[str, int]) -> None:
    typed = {"name": "南海船厂", "contact_name": "何经理", "phone": "13900000077"}
    assert NOT_THERE in lin.page("/customers/new")
    assert NOT_ALLOWED in lin.save("new-customer", typed, {}, "k")
    chen.save("new-customer", typed, {}, "k")
    assert "南海船厂" in chen.save("new-customer", typed | {"name": "南海船厂（新）"}, {}, "k2")
    with reading(engine) as session:
        (made,) = session.scalars(select(Customer).where(Customer.name.contains("南海船厂"))).all()
        assert (made.team_id, made.owner_id) == (None, None)


def test_several_customers_go_to_another_rep_at_once(engine: Engine, lin: Visitor, wang: Visitor, pools: dict[str, int]) -> None:
    def give_all(visitor: Visitor, to: int, *ids: int) -> None:
        visitor.call("customers-filters.data@", [1], [[{"id": id, "version": 1} for id in ids], to, {}])

    give_all(lin, LIN, pools["wang"], pools["zhao"])  # one is not hers to give
    give_all(wang, LIN, pools["wang"])
    give_all(lin, ZHAO, pools["wang"])  # not one of her people
    assert held(engine, pools["wang"]) == (EAST, WANG)
    give_all(lin, LIN, pools["wang"], pools["east"])
    assert [held(engine, pools[name]) for name in ("wang", "east")] == [(EAST, LIN), (EAST, LIN)]
