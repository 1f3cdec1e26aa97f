"""Leads: entered for a rep, worked on, failed or converted; the same contact is not entered twice."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import CrmError, Invalid, NotAllowed, NotFound
from crm.models import Customer, Lead, Opportunity, User
from crm.rules.leads import LeadIsClosed
from crm.services import customers, leads
from crm.services.contacts_taken import MatchedOn
from crm.services.customers import AssignCustomer
from crm.services.inputs import read
from crm.services.leads import AlreadyTakenCareOf, AssignLead, ConvertLead, CreateLead, FailLead, LeadAlreadyConverted, WriteNote
from crm.vocabulary import LeadStatus, OpportunityAct, OpportunityStatus
from tests.people import (
    CLOUD_DRIVE,
    EAST,
    EXPO,
    LIN,
    MEI,
    SPRING_EXPO,
    TALKS,
    TODAY,
    WANG,
    WEB,
    WEST,
    ZHAO,
    a_customer,
    a_lead,
    actor,
    an_opportunity,
)
from tests.services.stories import audited, kept, told

YESTERDAY = TODAY - timedelta(days=1)


def entered(session: Session, login: str, *, knowingly: bool = False, **values: Any) -> Lead:
    """A lead that somebody enters today; for Wang unless it says otherwise."""
    form = read(CreateLead, {"contact_name": "李", "phone": "139 1234 5678", "source_id": WEB, "owner_id": WANG, **values})
    return leads.create(session, actor(session, login), form, today=TODAY, knowingly=knowingly)


def noted(session: Session, login: str, lead: Lead) -> None:
    """A note that somebody writes today."""
    leads.note(session, actor(session, login), lead.id, read(WriteNote, {"content": "打了电话"}), today=TODAY)


def failed(session: Session, login: str, lead: Lead) -> Lead:
    """The lead after somebody closed it."""
    form = read(FailLead, {"reason": "空号"})
    return leads.fail(session, actor(session, login), lead.id, form, version=session.get_one(Lead, lead.id).version, today=TODAY)


def converted(session: Session, login: str, lead: Lead, **values: Any) -> Opportunity:
    """What a lead became when somebody converted it."""
    return leads.convert(session, actor(session, login), lead.id, read(ConvertLead, {"title": "云盘", **values}), today=TODAY)


def test_a_lead_arrives_with_the_credit_of_its_rep(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = entered(session, "mei", source_id=EXPO, campaign_id=SPRING_EXPO, company="长江科技有限公司", email="LI@Changjiang.cn")
        assert (lead.status, lead.owner_id, lead.team_id, lead.arrival_owner_id, lead.arrival_team_id, lead.arrived_on) == (
            LeadStatus.UNPROCESSED, WANG, EAST, WANG, EAST, TODAY,
        )  # fmt: skip
        assert (lead.phone_key, lead.email_key, lead.company_key) == ("+8613912345678", "li@changjiang.cn", "长江科技")
        assert told(session) == [(WANG, "{by} gave you the lead “{name}”.", {"by": "梅", "name": "李"})]
        assert [line[:3] for line in audited(session)] == [(MEI, "created", "leads")]


@pytest.mark.parametrize(
    ("login", "owner", "allowed"),
    [("wang", WANG, True), ("wang", ZHAO, False), ("lin", WANG, True), ("lin", ZHAO, False), ("chen", ZHAO, True), ("mei", ZHAO, True),
     ("mei", MEI, False), ("chen", 99, False)],
)  # fmt: skip
def test_for_whom_somebody_may_enter_a_lead(engine: Engine, login: str, owner: int, allowed: bool) -> None:
    with transaction(engine) as session:
        if allowed:
            assert entered(session, login, owner_id=owner).owner_id == owner
        else:
            with pytest.raises(Invalid) as refused:
                entered(session, login, owner_id=owner)
            assert refused.value.faults.keys() == {"owner_id"}


@pytest.mark.parametrize("login", ["fang", "xia", "ada"])
def test_who_has_nothing_to_do_with_leads(engine: Engine, login: str) -> None:
    with transaction(engine) as session:
        lead = a_lead(session)
        with pytest.raises(NotAllowed):
            entered(session, login)
        with pytest.raises(NotFound):
            leads.find(session, actor(session, login), lead.id)


@pytest.mark.parametrize(
    ("values", "fault"),
    [({"phone": ""}, "phone"), ({"phone": "12"}, "phone"), ({"email": "li"}, "email"), ({"source_id": 99}, "source_id"),
     ({"contact_name": ""}, "contact_name"), ({"product_id": 99}, "product_id"), ({"campaign_id": 9}, "campaign_id")],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(engine: Engine, values: dict[str, Any], fault: str) -> None:
    with transaction(engine) as session:
        with pytest.raises(Invalid) as refused:
            entered(session, "wang", **values)
        assert list(refused.value.faults) == [fault]


def test_a_contact_of_another_team_is_only_told_to_be_taken_care_of(engine: Engine) -> None:
    with transaction(engine) as session:
        entered(session, "chen", owner_id=ZHAO, contact_name="李总")
        for values in ({"phone": "+86-13912345678"}, {"phone": "０１３９１２３４５６７８".replace("０", "", 1)}):
            with pytest.raises(AlreadyTakenCareOf) as refused:
                entered(session, "wang", knowingly=True, **values)
            assert (refused.value.values["since"], refused.value.values["team"]) == (TODAY, "华西")
            (hit,) = refused.value.values["hits"]
            assert (hit.matched_on, hit.record_id, hit.name) == (MatchedOn.PHONE, None, "")
            assert "李总" not in repr(refused.value.values)


def test_a_contact_within_reach_is_entered_again_knowingly(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "长江", owner=WANG, phone="+8613912345678")
        with pytest.raises(AlreadyTakenCareOf) as refused:
            entered(session, "wang")
        (hit,) = refused.value.values["hits"]
        assert (hit.subject, hit.record_id, hit.name, hit.team) == ("customers", customer.id, "长江", "华东")
        assert entered(session, "wang", knowingly=True).status is LeadStatus.UNPROCESSED


def test_a_failed_lead_is_in_nobody_s_way(engine: Engine) -> None:
    with transaction(engine) as session:
        failed(session, "zhao", entered(session, "zhao", owner_id=ZHAO))
        assert entered(session, "wang").owner_id == WANG


def test_the_first_note_of_its_rep_makes_it_working(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, arrived=YESTERDAY)
        noted(session, "lin", lead)
        assert (lead.status, lead.first_handled_on) == (LeadStatus.UNPROCESSED, None)
        noted(session, "wang", lead)
        noted(session, "wang", lead)
        assert (lead.status, lead.first_handled_on) == (LeadStatus.WORKING, TODAY)
        assert len(leads.find(session, actor(session, "wang"), lead.id).notes) == 3
        for login in ("zhao", "sun"):
            with pytest.raises(NotFound):
                noted(session, login, lead)


def test_a_failed_lead_takes_no_further_action(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = failed(session, "wang", a_lead(session))
        assert (lead.status, lead.failed_on, lead.failure_reason) == (LeadStatus.FAILED, TODAY, "空号")
        for act in (lambda: noted(session, "wang", lead), lambda: failed(session, "wang", lead), lambda: converted(session, "wang", lead)):
            with pytest.raises(LeadIsClosed):
                act()


def test_a_lead_is_given_to_another_rep_and_the_credit_stays(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, owner=WANG)
        form = read(AssignLead, {"owner_id": ZHAO})
        with pytest.raises(NotAllowed):
            leads.assign(session, actor(session, "wang"), lead.id, form, version=1)
        with pytest.raises(Invalid):
            leads.assign(session, actor(session, "lin"), lead.id, form, version=1)
        leads.assign(session, actor(session, "chen"), lead.id, form, version=1)
        assert (lead.owner_id, lead.team_id, lead.arrival_owner_id, lead.arrival_team_id) == (ZHAO, WEST, WANG, EAST)


def test_success_opens_customer_and_opportunity_in_the_company_s_pool(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(
            session, contact="李总", company="长江", source=EXPO, campaign=SPRING_EXPO, product=CLOUD_DRIVE, phone="+8613912345678"
        )
        made = converted(session, "wang", lead)
        customer = session.get_one(Customer, made.customer_id)
        assert (customer.name, customer.owner_id, customer.team_id, customer.pooled_on, customer.source_lead_id) == (
            "长江", None, None, TODAY, lead.id,
        )  # fmt: skip
        assert [(contact.name, contact.phone) for contact in customers.find(session, actor(session, "chen"), customer.id).contacts] == [
            ("李总", "+8613912345678")
        ]
        assert (made.title, made.stage_id, made.source_id, made.campaign_id, made.lead_id, made.converted_by_id) == (
            "云盘", TALKS, EXPO, SPRING_EXPO, lead.id, WANG,
        )  # fmt: skip
        assert (made.owner_id, made.first_owner_id, [line.product_id for line in made.lines]) == (None, None, [CLOUD_DRIVE])
        assert kept(session, made, "act", "day", "by_id") == [(OpportunityAct.CREATED, TODAY, WANG)]
        assert (lead.status, lead.converted_on, lead.converted_by_id, lead.customer_id) == (LeadStatus.CONVERTED, TODAY, WANG, customer.id)
        with pytest.raises(NotFound):  # it is read with its customer, who waits in the pool
            leads.find(session, actor(session, "wang"), lead.id)
        form = read(AssignCustomer, {"team_id": WEST, "owner_id": ZHAO})
        customers.assign(session, actor(session, "chen"), customer.id, form, version=customer.version, today=TODAY)
        assert leads.find(session, actor(session, "zhao"), lead.id).arrival_owner_id == WANG


def test_a_second_conversion_changes_nothing_and_says_so(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session)
        converted(session, "wang", lead)
        with pytest.raises(LeadAlreadyConverted) as refused:
            converted(session, "chen", lead)
        assert refused.value.values == {"day": TODAY}
        assert session.scalar(select(func.count()).select_from(Opportunity)) == 1


def test_a_customer_with_an_owner_stays_with_them(engine: Engine) -> None:
    with transaction(engine) as session:
        standing = an_opportunity(session, customer=a_customer(session, "长江", owner=ZHAO, phone="+8613912345678"))
        lead = a_lead(session, phone="+8613912345678", owner=WANG)
        assert converted(session, "wang", lead).id == standing.id
        assert session.scalar(select(func.count()).select_from(Customer)) == 1
        assert (lead.owner_id, lead.customer_id) == (ZHAO, standing.customer_id)
        assert told(session) == [(ZHAO, "{by} converted a lead for your customer “{name}”.", {"by": "王", "name": "长江"})]


def test_or_it_opens_a_new_opportunity_for_that_owner(engine: Engine) -> None:
    with transaction(engine) as session:
        closed = an_opportunity(session, customer=a_customer(session, "长江", owner=ZHAO), status=OpportunityStatus.LOST)
        made = converted(session, "mei", a_lead(session, company="长江", owner=WANG))
        assert made.id != closed.id
        assert (made.customer_id, made.owner_id, made.first_owner_id, made.team_id) == (closed.customer_id, ZHAO, ZHAO, WEST)


def test_nobody_chooses_a_customer_out_of_reach(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=ZHAO)
        with pytest.raises(NotFound):
            converted(session, "wang", a_lead(session), customer_id=customer.id)


@pytest.mark.parametrize(("login", "refusal"), [("zhao", NotFound), ("sun", NotFound), ("fang", NotFound), ("ada", NotFound)])
def test_who_may_not_convert_or_fail(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, owner=WANG)
        with pytest.raises(refusal):
            converted(session, login, lead)
        with pytest.raises(refusal):
            failed(session, login, lead)


def test_money_of_a_new_opportunity_is_not_known(engine: Engine) -> None:
    with transaction(engine) as session:
        made = converted(session, "lin", a_lead(session, arrived=date(2026, 11, 1)))
        assert made.expected_amount is None
        assert made.expected_amount != Decimal(0)
        assert session.get_one(User, LIN).id == made.converted_by_id
