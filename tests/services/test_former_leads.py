"""A converted lead is read with its customer: who held it keeps date, source and state, and finds nothing else of it anywhere."""

from dataclasses import asdict

import pytest
from sqlalchemy import Engine, select

from crm.db import transaction
from crm.errors import NotFound
from crm.models import Base, Customer, Lead, LeadNote, Opportunity
from crm.services import former_leads, leads
from crm.services.former_leads import FORMER_LEADS
from crm.services.lead_list import LEADS
from crm.services.leads import AssignLead, ConvertLead
from crm.vocabulary import LeadStatus
from tests.people import EAST, LIN, TODAY, WANG, a_customer, a_lead, actor


def test_its_former_rep_keeps_date_source_and_state(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, contact="钱女士", company="秘密公司", owner=WANG)
        leads.assign(session, actor(session, "lin"), lead.id, AssignLead(owner_id=LIN), version=1)
        leads.assign(session, actor(session, "lin"), lead.id, AssignLead(owner_id=WANG), version=2)
        leads.convert(session, actor(session, "wang"), lead.id, ConvertLead(title="企业版"), today=TODAY)
        wang = actor(session, "wang")
        assert asdict(former_leads.find(session, wang, lead.id)) == {
            "id": lead.id, "arrived_on": TODAY, "source": "网站", "status": LeadStatus.CONVERTED,
        }  # fmt: skip
        asked = FORMER_LEADS.asked({})
        assert [row.id for row in FORMER_LEADS.page(session, wang, asked)] == [lead.id]
        assert FORMER_LEADS.counted(session, wang, asked) == 1
        for login in ("zhao", "sun", "lin", "chen", "mei", "fang", "ada"):
            assert FORMER_LEADS.page(session, actor(session, login), asked) == []
            with pytest.raises(NotFound):
                former_leads.find(session, actor(session, login), lead.id)


def test_nothing_else_of_it_is_within_their_reach(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, contact="钱女士", company="秘密公司", owner=WANG)
        leads.convert(session, actor(session, "wang"), lead.id, ConvertLead(title="企业版"), today=TODAY)
        wang = actor(session, "wang")
        models: tuple[type[Base], ...] = (Lead, LeadNote, Customer, Opportunity)
        assert [session.scalars(wang.scope.narrow(select(model), model)).all() for model in models] == [[], [], [], []]
        with pytest.raises(NotFound):
            leads.find(session, wang, lead.id)
        for text in ("钱女士", "秘密", lead.phone):
            assert LEADS.page(session, wang, LEADS.asked({"q": text})) == []
            assert FORMER_LEADS.page(session, wang, FORMER_LEADS.asked({"q": text})) == []


def test_who_still_reads_it_reads_it_whole(engine: Engine) -> None:
    with transaction(engine) as session:
        mine, lead = a_customer(session, "老客户", owner=WANG), a_lead(session, owner=WANG)
        leads.convert(session, actor(session, "wang"), lead.id, ConvertLead(title="又一单", customer_id=mine.id), today=TODAY)
        wang = actor(session, "wang")
        assert leads.find(session, wang, lead.id) is lead
        assert FORMER_LEADS.page(session, wang, FORMER_LEADS.asked({})) == []


def test_a_lead_that_was_given_to_another_rep_before_is_theirs_alone(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, owner=WANG)
        leads.assign(session, actor(session, "lin"), lead.id, AssignLead(owner_id=LIN), version=1)
        leads.convert(session, actor(session, "lin"), lead.id, ConvertLead(title="企业版"), today=TODAY)
        with pytest.raises(NotFound):
            former_leads.find(session, actor(session, "wang"), lead.id)
        assert former_leads.find(session, actor(session, "lin"), lead.id).id == lead.id
        assert lead.team_id is None
        assert EAST in actor(session, "lin").scope.team_ids
