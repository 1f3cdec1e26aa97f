"""An open lead or customer hears what others do to it: what was said appears, the rest is offered, nothing typed is overwritten."""

import json
from collections.abc import Callable

import pytest
from dash import Dash
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.models import CompetitionRecord, Contact, Customer, OpportunityReader, Quote
from crm.vocabulary import QuoteStatus
from tests.pages.visitor import Visitor
from tests.people import (
    CRM_SUITE,
    LIN,
    RIVAL,
    TODAY,
    TRAVEL,
    WANG,
    ZHAO,
    a_contract,
    a_customer,
    a_lead,
    a_quote,
    an_opportunity,
    noon,
)


@pytest.fixture
def theirs(engine: Engine) -> dict[str, int]:
    """A lead and a customer of Wang's."""
    with transaction(engine) as session:
        customer = a_customer(session, "东海渔业", owner=WANG)
        contact = session.scalars(select(Contact.id).where(Contact.customer_id == customer.id)).one()
        return {"leads": a_lead(session, contact="钱女士", owner=WANG).id, "customers": customer.id, "contact": contact}


def token(page: str) -> str:
    return page.partition('"data-watch": "')[2].partition('"')[0]


def stamp(visitor: Visitor, token: str) -> str | None:
    said: str | None = visitor.get(f"/live?watch={token}").json["stamp"]
    return said


def heard(visitor: Visitor, output: str, id: int, version: int = 1) -> str:
    return json.dumps(visitor.call(output, [{"stamp": "x"}], [{"id": id, "version": version}]).json, ensure_ascii=False)


def test_a_lead_s_page_hears_a_note_and_a_change(wang: Visitor, lin: Visitor, zhao: Visitor, theirs: dict[str, int]) -> None:
    id = theirs["leads"]
    watched = token(wang.page(f"/leads/{id}"))
    before = stamp(wang, watched)
    lin.save("lead-note", {"content": "我来跟一下"}, {"id": id, "version": 1}, "k")
    assert stamp(wang, watched) != before
    assert stamp(zhao, watched) is None
    said = heard(wang, "lead-notes.children", id)
    assert "我来跟一下" in said
    assert '"lead-news": {"hidden": true}' in said  # a note of somebody else's leaves the lead as it was
    typed = {"contact_name": "钱经理", "phone": "13800001111", "source_id": 1, "owner_id": WANG}
    lin.save("edit-lead", typed, {"id": id, "version": 1}, "k2")
    assert '"lead-news": {"hidden": false}' in heard(wang, "lead-notes.children", id)
    shown = json.dumps(wang.call("lead-head.children", [1], [{"id": id, "version": 1}]).json, ensure_ascii=False)
    assert "13800001111" in shown
    assert '"version": 2' in shown


def test_a_customer_s_page_hears_of_opportunities_contacts_and_a_new_region(
    engine: Engine, wang: Visitor, lin: Visitor, theirs: dict[str, int]
) -> None:
    id = theirs["customers"]
    watched = token(wang.page(f"/customers/{id}"))
    stamps = [stamp(wang, watched)]
    lin.save("customer-contact", {"name": "林海"}, {"id": id, "contact": None}, "k1")
    stamps.append(stamp(wang, watched))
    with transaction(engine) as session:
        an_opportunity(session, "新船", customer=session.get_one(Customer, id))
    stamps.append(stamp(wang, watched))
    lin.save("edit-customer", {"name": "东海渔业", "region": "舟山"}, {"id": id, "version": 1}, "k2")
    stamps.append(stamp(wang, watched))
    assert len(set(stamps)) == 4
    said = heard(wang, "customer-deals.children", id)
    assert all(word in said for word in ("林海", "新船", "舟山", '"customer-news": {"hidden": false}'))


def test_an_opportunity_s_page_hears_of_offers_competition_and_readers(engine: Engine, wang: Visitor) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "新船", owner=WANG)
    watched = token(wang.page(f"/opportunities/{opportunity.id}"))
    stamps = [stamp(wang, watched)]
    happens: list[Callable[[Session], object]] = [
        lambda session: a_quote(session, opportunity, status=QuoteStatus.SUBMITTED),
        lambda session: session.execute(update(Quote).values(version=Quote.version + 1, status=QuoteStatus.APPROVED)),
        lambda session: session.add(
            CompetitionRecord(
                opportunity_id=opportunity.id, competitor_id=RIVAL, by_id=LIN, at=noon(TODAY), day=TODAY, recorded_on=TODAY, factors=[]
            )
        ),
        lambda session: session.add(
            OpportunityReader(opportunity_id=opportunity.id, user_id=ZHAO, granted_by_id=LIN, granted_at=noon(TODAY))
        ),
        lambda session: session.execute(update(OpportunityReader).values(withdrawn_at=noon(TODAY))),
    ]
    for act in happens:
        with transaction(engine) as session:
            act(session)
        stamps.append(stamp(wang, watched))
    assert len(set(stamps)) == 6


def test_an_open_contract_and_open_quotes_say_that_somebody_changed_them(engine: Engine, app: Dash, wang: Visitor, lin: Visitor) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "新船", owner=WANG)
        quote = a_quote(session, opportunity, lines={CRM_SUITE: "100000"}, status=QuoteStatus.SUBMITTED)
        contract = a_contract(session, opportunity=an_opportunity(session, owner=WANG))
    fang = Visitor(app).sign_in("fang")
    paid = {"amount": "9", "received_on": TODAY.isoformat(), "method": "transfer", "instalments": [], "is_prepayment": [], "note": ""}
    spent = {"category_id": TRAVEL, "paid_on": TODAY.isoformat(), "amount": "9", "note": ""}
    about = {"id": contract.id, "version": 1, "back": "/"}
    acts: dict[str, list[Callable[[], str]]] = {
        f"/contracts/{contract.id}": [
            lambda: fang.save("receive-money", paid, about, "k1", days=("received_on",)),
            lambda: fang.save("pay-cost", spent, about, "k2", days=("paid_on",)),
        ],
        f"/opportunities/{opportunity.id}/quotes": [
            lambda: lin.save("decide-quote", {"note": "可以"}, {"id": quote.id, "version": quote.version, "back": "/"}, "k3")
        ],
    }
    forms = f"/opportunities/{opportunity.id}/quotes", f"/opportunities/{opportunity.id}/quote"
    assert [bool(token(wang.page(path))) for path in (*forms[:1], f"/contracts/{contract.id}/plan")] == [True, True]
    heard = [wang.call("act-news.hidden", [{"stamp": said}], [{"stamp": "as drawn"}]).text for said in ("as drawn", "another")]
    assert ['"hidden":true' in heard[0], '"hidden":false' in heard[1]] == [True, True]
    assert not token(wang.page(forms[1])), "while it waits there is no form to hear with"
    for address, changes in acts.items():
        page = wang.page(address)
        drawn, line = page.partition('"stamp": "')[2].partition('"')[0], f"{'contract' if 'contracts' in address else 'quotes'}-news.hidden"
        for change in changes:
            before = stamp(wang, token(page))
            change()
            now = stamp(wang, token(page))
            assert now != before
            heard = [wang.call(line, [{"stamp": said}], [{"stamp": drawn}]).text for said in (drawn, now)]
            assert ['"hidden":true' in heard[0], '"hidden":false' in heard[1]] == [True, True]


@pytest.mark.parametrize(
    ("kind", "form", "typed", "line"),
    [
        ("leads", "edit-lead", {"contact_name": "钱经理", "phone": "13800001111", "source_id": 1, "owner_id": WANG}, "lead-form-news"),
        ("customers", "edit-customer", {"name": "东海渔业集团"}, "customer-form-news"),
    ],
)
def test_an_open_form_says_that_somebody_saved_meanwhile(
    wang: Visitor, lin: Visitor, theirs: dict[str, int], kind: str, form: str, typed: dict[str, object], line: str
) -> None:
    about = {"id": theirs[kind], "version": 1}
    assert token(wang.page(f"/{kind}/{theirs[kind]}/edit"))
    assert '"hidden": true' in heard(wang, f"{line}.hidden", theirs[kind])
    lin.save(form, typed, about, "k1")
    assert '"hidden": false' in heard(wang, f"{line}.hidden", theirs[kind])
    again = wang.save(form, typed | {"region": "上海"}, about, "k2")
    assert "林" in again
    assert "conflict" in again


def test_two_people_save_one_contact(wang: Visitor, lin: Visitor, theirs: dict[str, int]) -> None:
    about = {"id": theirs["customers"], "contact": theirs["contact"], "was": {"name": "张经理", "title": "", "phone": "", "email": ""}}
    lin.save("customer-contact", {"name": "张总"}, about, "k1")
    refused = wang.save("customer-contact", {"name": "小张"}, about, "k2")
    assert "林" in refused
    assert "张总" in wang.page(f"/customers/{theirs['customers']}")


def test_a_token_of_nothing_tells_nothing(app: Dash, wang: Visitor, theirs: dict[str, int]) -> None:
    watched = token(wang.page(f"/customers/{theirs['customers']}"))
    assert stamp(wang, watched[:-2] + "xx") is None
    assert stamp(Visitor(app).sign_in("chen"), watched) is None
