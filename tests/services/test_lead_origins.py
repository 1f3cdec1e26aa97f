"""What a lead said goes along: who takes over its customer reads it, with every note, on the customer and on the opportunity."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.models import Lead, Opportunity
from crm.services import customers, lead_origins, leads
from crm.services.customers import AssignCustomer
from crm.services.leads import ConvertLead, WriteNote
from crm.vocabulary import OpportunityStatus
from tests.people import CLOUD_DRIVE, EAST, LIN, SPRING_EXPO, TODAY, WANG, WEST, ZHAO, a_customer, a_lead, actor, an_opportunity


def converted(session: Session, lead: Lead, login: str = "wang", **values: object) -> Opportunity:
    return leads.convert(session, actor(session, login), lead.id, ConvertLead(title="云盘", **values), today=TODAY)


def seen(session: Session, login: str, opportunity: Opportunity) -> list[tuple[str, str | None, list[str]]]:
    """Of each lead of an opportunity: who, converted by whom, what was noted."""
    found = lead_origins.of_opportunity(session, actor(session, login), opportunity)
    return [(one.contact, one.converted_by, [note.content for note in one.notes]) for one in found]


def test_the_notes_go_to_who_gets_the_customer_and_leave_who_had_the_lead(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, contact="钱女士", company="长江造船", owner=WANG, campaign=SPRING_EXPO, product=CLOUD_DRIVE)
        lead.note, lead.intent = "展会上聊过", "高"
        for content in ("约了周五", "要报价"):
            leads.note(session, actor(session, "wang"), lead.id, WriteNote(content=content), today=TODAY)
        opportunity = converted(session, lead)
        assert seen(session, "wang", opportunity) == []  # it waits in the pool now
        given = AssignCustomer(team_id=WEST, owner_id=ZHAO)
        customers.assign(session, actor(session, "chen"), opportunity.customer_id, given, version=1, today=TODAY)
        for login in ("zhao", "sun", "chen"):
            assert seen(session, login, opportunity) == [("钱女士", "王", ["要报价", "约了周五"])]
            (origin,) = lead_origins.of_customer(session, actor(session, login), opportunity.customer_id)
            assert (origin.id, origin.source, origin.campaign, origin.product, origin.intent, origin.note) == (
                lead.id, "网站", "春季展", "云盘", "高", "展会上聊过",
            )  # fmt: skip
        for login in ("wang", "lin", "fang", "ada"):
            assert seen(session, login, opportunity) == []
            assert lead_origins.of_customer(session, actor(session, login), opportunity.customer_id) == []


def test_a_lead_that_joins_stands_beside_the_one_it_began_with(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "恒力机械", owner=LIN)
        first = an_opportunity(session, customer=customer, owner=LIN, created=TODAY - timedelta(days=9))
        lost = an_opportunity(
            session, customer=customer, owner=LIN, created=TODAY - timedelta(days=90), status=OpportunityStatus.LOST,
            closed=TODAY - timedelta(days=30),
        )  # fmt: skip
        joining = a_lead(session, contact="孙先生", company="恒力机械", owner=WANG)
        joined = converted(session, joining)
        assert joined.lead_id is None
        assert [name for name, *_rest in seen(session, "lin", joined)] == ["孙先生"]
        assert seen(session, "lin", lost) == [], "it was over by then"
        assert [one.contact for one in lead_origins.of_customer(session, actor(session, "lin"), customer.id)] == ["孙先生"]
        assert first.team_id == EAST
