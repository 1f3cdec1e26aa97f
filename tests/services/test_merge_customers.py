"""Merging two customers: all of the one goes to the other, its place and its name lead on, and nobody merges beyond their reach."""

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, NotAllowed, NotFound
from crm.models import Assignment, Contact, Contract, Customer, Lead, Opportunity
from crm.services import claims, contacts_taken, customers, holdings, leads, merging
from crm.services.claims import OpenClaim
from crm.services.contacts_taken import Keys
from crm.services.inputs import read
from crm.services.leads import ConvertLead
from crm.services.merging import MergeCustomers, SameCustomer
from crm.vocabulary import OpportunityAct
from tests.people import CHEN, EAST, LIN, SUN, TODAY, WANG, WEST, ZHAO, a_contract, a_customer, a_lead, actor, an_opportunity
from tests.services.stories import audited, kept, told


def merged(session: Session, login: str, stays: Customer, goes: Customer, **values: str) -> Customer:
    """The one that stays, after somebody let the other go into it."""
    form = read(MergeCustomers, {"name": stays.name, **values})
    return merging.merge(session, actor(session, login), stays.id, goes.id, form, versions=(stays.version, goes.version), today=TODAY)


def ids(session: Session, model: type, customer: Customer) -> list[int]:
    return list(session.scalars(select(model.id).where(model.customer_id == customer.id).order_by(model.id)))


def test_all_of_the_one_goes_to_the_other(engine: Engine) -> None:
    with transaction(engine) as session:
        stays, goes = a_customer(session, "长江造船"), a_customer(session, "长江造船厂", owner=ZHAO, phone="+8613900000001")
        opened = an_opportunity(session, "云盘", customer=goes)
        contract = a_contract(session, "HT-1", opportunity=an_opportunity(session, customer=goes))
        lead = a_lead(session, phone="+8613900000001", owner=ZHAO)
        leads.convert(session, actor(session, "chen"), lead.id, ConvertLead(title="又一条", customer_id=goes.id), today=TODAY)
        claim = claims.open_claim(session, actor(session, "wang"), read(OpenClaim, {"phone": "13900000001", "reason": "老客户"}))
        before = {model: ids(session, model, stays) + ids(session, model, goes) for model in (Contact, Opportunity, Contract, Lead)}
        merged(session, "chen", stays, goes, region="上海", why="同一家")
        assert {model: ids(session, model, stays) for model in before} == before
        assert all(ids(session, model, goes) == [] for model in before)
        assert claim.customer_id == stays.id
        assert (opened.owner_id, opened.team_id, opened.first_owner_id, lead.owner_id) == (WANG, EAST, ZHAO, WANG)
        assert (contract.owner_id, contract.signer_id) == (ZHAO, ZHAO)
        assert kept(session, opened, "act", "owner_id", "by_id")[-1] == (OpportunityAct.ASSIGNED, WANG, CHEN)
        assert (stays.region, stays.owner_id, goes.merged_into_id, goes.owner_id) == ("上海", WANG, stays.id, None)
        line = session.scalars(select(Assignment).order_by(Assignment.id.desc())).first()
        assert line is not None
        moved = (line.customer_id, line.from_team_id, line.from_owner_id, line.to_owner_id, line.why)
        assert moved == (stays.id, WEST, ZHAO, WANG, "同一家")
        assert (ZHAO, "{by} merged your customer “{name}” with another one.", {"by": "陈", "name": "长江造船厂"}) in told(session)
        assert (CHEN, "changed", "contracts", {"customer_id": goes.id}, {"customer_id": stays.id}) in audited(session)


def test_its_address_and_its_name_lead_on_and_nobody_s_reach_holds_it(engine: Engine) -> None:
    with transaction(engine) as session:
        last, stays, goes = (a_customer(session, name) for name in ("三", "二二二", "一一一"))
        merged(session, "lin", stays, goes)
        merged(session, "lin", last, stays)
        assert merging.went_into(session, actor(session, "wang"), goes.id) == ("一一一", last)
        assert merging.merged_names(session, last.id) == ["二二二", "一一一"]
        for login in ("chen", "lin", "wang", "fang"):
            with pytest.raises(NotFound):
                customers.find(session, actor(session, login), goes.id)
        for login in ("zhao", "sun", "mei", "ada"):
            with pytest.raises(NotFound):
                merging.went_into(session, actor(session, login), goes.id)
        hits = contacts_taken.hits(session, actor(session, "wang"), Keys("", "", "一一一"))
        assert [(hit.record_id, hit.name) for hit in hits] == [(last.id, "三")]
        assert contacts_taken.customer_of(session, Keys("", "", "二二二")) is last
        assert customers.pool(session, actor(session, "chen")) == []
        assert holdings.holds(session, WANG) == {"customers": 1}


def test_two_contacts_that_are_the_same_become_one(engine: Engine) -> None:
    with transaction(engine) as session:
        stays, goes = a_customer(session, phone="+8613900000001"), a_customer(session, phone="+8613900000001")
        kept_one, same = (session.scalars(select(Contact).where(Contact.customer_id == one.id)).one() for one in (stays, goes))
        same.title = "采购"
        opportunity = an_opportunity(session, customer=goes)
        opportunity.contact_id = same.id
        session.flush()
        merged(session, "lin", stays, goes)
        assert (ids(session, Contact, stays), kept_one.title, opportunity.contact_id) == ([kept_one.id], "采购", kept_one.id)
        assert ("deleted", "contacts") in [line[1:3] for line in audited(session)]


def test_both_are_shown_beside_each_other_with_what_moves(engine: Engine) -> None:
    with transaction(engine) as session:
        stays, goes = a_customer(session, "甲", phone="+8613900000001"), a_customer(session, "乙", owner=LIN, phone="+8613900000001")
        an_opportunity(session, customer=goes)
        stays.note, goes.note, goes.industry = "旧", "新", "造船"
        session.flush()
        shown = merging.pair(session, actor(session, "lin"), stays.id, goes.id)
        assert shown.counts[:3] == [("Contacts", 1, 1), ("Opportunities", 0, 1), ("Contracts", 0, 0)]
        assert (shown.proposed["name"], shown.proposed["industry"], shown.proposed["note"]) == ("甲", "造船", "旧\n\n新")
        assert shown.changes_hands
        assert merging.alike(session, actor(session, "lin"), stays.id) == [(goes.id, "乙")]
        assert merging.others(session, actor(session, "lin"), stays.id, "乙") == [(goes.id, "乙")]
        with pytest.raises(SameCustomer):
            merging.pair(session, actor(session, "lin"), stays.id, stays.id)


@pytest.mark.parametrize(
    ("login", "refusal"),
    [("wang", NotAllowed), ("lin", NotFound), ("sun", NotFound), ("fang", NotAllowed), ("mei", NotFound), ("ada", NotFound)],
)
def test_who_may_not(engine: Engine, login: str, refusal: type[Exception]) -> None:
    with transaction(engine) as session:
        stays, goes = a_customer(session, owner=WANG), a_customer(session, owner=SUN)
        with pytest.raises(refusal):
            merged(session, login, stays, goes)
        assert merging.alike(session, actor(session, "chen"), stays.id) == []
        assert goes.merged_into_id is None


def test_two_people_at_once(engine: Engine) -> None:
    with transaction(engine) as session:
        stays, goes = a_customer(session), a_customer(session)
        form = read(MergeCustomers, {"name": "甲"})
        with pytest.raises(ChangedMeanwhile):
            merging.merge(session, actor(session, "lin"), stays.id, goes.id, form, versions=(1, 7), today=TODAY)
        merging.merge(session, actor(session, "lin"), stays.id, goes.id, form, versions=(1, 1), today=TODAY)
        with pytest.raises(NotFound):
            merging.merge(session, actor(session, "chen"), goes.id, stays.id, form, versions=(2, 2), today=TODAY)
