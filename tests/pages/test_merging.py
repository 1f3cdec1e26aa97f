"""Two customers become one on the page; a lead's former rep keeps three words of it; nobody reaches beyond theirs by forging."""

import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import Customer
from crm.services import leads
from crm.services.leads import ConvertLead
from dashboard.i18n import explain, use_language
from tests.pages.test_customer_pages import rows
from tests.pages.visitor import Visitor
from tests.people import TODAY, WANG, ZHAO, a_contract, a_customer, a_lead, actor, an_opportunity

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())


@pytest.fixture
def two(engine: Engine) -> dict[str, int]:
    """Two customers of Wang's that are the same, one of Zhao's."""
    with transaction(engine) as session:
        made = {
            "stays": a_customer(session, "东海渔业", owner=WANG, phone="+8613900000001"),
            "goes": a_customer(session, "东海渔业集团", owner=WANG, phone="+8613900000001"),
            "zhao": a_customer(session, "西岭雪山", owner=ZHAO),
        }
        a_contract(session, "HT-9", opportunity=an_opportunity(session, customer=made["goes"]))
        return {name: customer.id for name, customer in made.items()}


def about(stays: int, goes: int) -> dict[str, object]:
    return {"id": stays, "version": 1, "other": goes, "other_version": 1}


def test_a_lead_merges_two_of_the_team_s_customers(lin: Visitor, wang: Visitor, two: dict[str, int]) -> None:
    assert "东海渔业集团" in lin.page(f"/customers/{two['stays']}/merge")
    beside = lin.page(f"/customers/{two['stays']}/merge", f"?other={two['goes']}")
    assert all(said in beside for said in ("东海渔业集团", "+8613900000001", "合同"))
    lin.save("merge-customer", {"name": "东海渔业"}, about(two["stays"], two["goes"]), "k1")
    assert all(said in wang.page(f"/customers/{two['stays']}") for said in ("HT-9", "东海渔业集团"))
    gone = wang.page(f"/customers/{two['goes']}")
    assert f"/customers/{two['stays']}" in gone
    assert "HT-9" not in gone
    assert "东海渔业集团" not in rows(wang, "customers")
    assert NOT_THERE in lin.save("edit-customer", {"name": "偷"}, {"id": two["goes"], "version": 2}, "k2")


def test_sent_twice_it_acts_once(engine: Engine, lin: Visitor, two: dict[str, int]) -> None:
    sent = [lin.save("merge-customer", {"name": "东海渔业"}, about(two["stays"], two["goes"]), "once") for _ in range(2)]
    assert sent[0] == sent[1]
    with reading(engine) as session:
        assert session.get_one(Customer, two["goes"]).merged_into_id == two["stays"]


def test_nobody_merges_what_is_not_theirs_to_merge(app: Dash, engine: Engine, lin: Visitor, wang: Visitor, two: dict[str, int]) -> None:
    mei = Visitor(app).sign_in("mei")
    for visitor, stays, goes, said in (
        (wang, "stays", "goes", NOT_ALLOWED),
        (lin, "stays", "zhao", NOT_THERE),
        (lin, "zhao", "stays", NOT_THERE),
        (mei, "stays", "goes", NOT_THERE),
    ):
        assert said in visitor.save("merge-customer", {"name": "偷"}, about(two[stays], two[goes]), "key")
    assert NOT_ALLOWED in wang.page(f"/customers/{two['stays']}/merge")
    absent = lin.page(f"/customers/{two['stays']}/merge", "?other=999999")
    assert lin.page(f"/customers/{two['stays']}/merge", f"?other={two['zhao']}") == absent
    sought = lin.call("merge-other.options", ["西岭"], [{"id": two["stays"]}])
    assert sought.json["response"]["merge-other"]["options"] == []
    with reading(engine) as session:
        assert session.scalars(select(Customer.merged_into_id)).all() == [None, None, None]


def test_a_former_rep_reads_date_source_and_state_of_a_lead_and_no_more(engine: Engine, wang: Visitor, zhao: Visitor) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, contact="钱女士", company="秘密公司", owner=WANG)
        leads.convert(session, actor(session, "wang"), lead.id, ConvertLead(title="企业版"), today=TODAY)
        id, phone = lead.id, lead.phone
    secrets = ("钱女士", "秘密公司", "企业版", phone)
    shown = wang.page(f"/leads/{id}")
    assert all(said in shown for said in ("网站", TODAY.isoformat(), "成功"))
    listed = rows(wang, "former_leads")
    assert "网站" in listed
    searched = wang.get("/search?q=钱女士").text + rows(wang, "leads", q="钱女士") + rows(wang, "former_leads", q="钱女士")
    assert not any(secret in text for secret in secrets for text in (shown, listed, searched))
    assert "网站" not in rows(zhao, "former_leads")
    assert zhao.page(f"/leads/{id}") == zhao.page("/leads/999999")
    for path in ("/edit", "/convert", "/fail"):
        assert wang.page(f"/leads/{id}{path}") == wang.page(f"/leads/999999{path}")
    assert NOT_THERE in wang.save("lead-note", {"content": "还是我的"}, {"id": id, "version": 2}, "k")
    assert wang.get("/leads/former/export.csv").status_code in (403, 404)
