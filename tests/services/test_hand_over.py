"""Somebody leaves: everything open goes to one person or to the team's pool, in one act; what they did stays theirs."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import Invalid, NotAllowed, NotFound
from crm.models import Customer, Team, User
from crm.services import hand_over, holdings, users
from crm.services.hand_over import HandOver
from crm.services.inputs import read
from crm.vocabulary import ContractAct, LeadStatus, OpportunityAct, OpportunityStatus
from tests.people import ADA, CHEN, EAST, FANG, LIN, TODAY, WANG, WEST, ZHAO, a_contract, a_customer, a_lead, actor, an_opportunity
from tests.services.stories import kept, kept_of_contract, told


def handed_over(session: Session, login: str, user_id: int, to: int | None) -> User:
    """Somebody, after somebody handed over what was theirs."""
    return hand_over.hand_over(session, actor(session, login), user_id, read(HandOver, {"to_id": to, "why": "离职"}), today=TODAY)


def test_everything_open_goes_at_once_and_the_account_can_be_closed(engine: Engine) -> None:
    with transaction(engine) as session:
        lead, done = a_lead(session, owner=WANG), a_lead(session, owner=WANG, status=LeadStatus.FAILED)
        opportunity = an_opportunity(session, owner=WANG)
        elsewhere = an_opportunity(session, customer=a_customer(session, owner=ZHAO))
        elsewhere.owner_id, elsewhere.team_id = WANG, EAST  # as an import may have brought it
        contract = a_contract(session, customer=session.get_one(Customer, opportunity.customer_id))
        handed_over(session, "chen", WANG, ZHAO)
        for record in (lead, opportunity, elsewhere, contract, session.get_one(Customer, opportunity.customer_id)):
            assert (record.owner_id, record.team_id) == (ZHAO, WEST), record
        assert (done.owner_id, lead.arrival_owner_id, opportunity.first_owner_id, contract.signer_id) == (WANG, WANG, WANG, WANG)
        assert kept(session, opportunity, "act", "owner_id", "by_id")[1:] == [(OpportunityAct.ASSIGNED, ZHAO, CHEN)]
        assert kept_of_contract(session, contract, "act", "owner_id", "reason")[1:] == [(ContractAct.CARER, ZHAO, "离职")]
        assert told(session) == [(ZHAO, "{by} handed everything of {person} over to you.", {"by": "陈", "person": "王"})]
        assert holdings.holds(session, WANG) == {}
        assert not users.deactivate(session, actor(session, "ada"), WANG, version=1).active


def test_or_it_waits_in_the_team_s_pool(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG, status=OpportunityStatus.FOLLOWING)
        customer = session.get_one(Customer, opportunity.customer_id)
        handed_over(session, "chen", WANG, None)
        assert (customer.owner_id, customer.team_id, customer.pooled_on) == (None, EAST, TODAY)
        assert (opportunity.owner_id, opportunity.team_id) == (None, EAST)


def test_leads_and_contracts_have_somebody_always(engine: Engine) -> None:
    with transaction(engine) as session:
        lead, contract = a_lead(session, owner=WANG), a_contract(session, owner=WANG)
        east = session.get_one(Team, EAST)
        east.leader_id = None
        with pytest.raises(Invalid) as refused:
            handed_over(session, "chen", WANG, None)
        assert isinstance(refused.value.faults["to_id"], holdings.NobodyLeads)
        east.leader_id = LIN
        handed_over(session, "chen", WANG, None)
        assert (lead.owner_id, lead.team_id, contract.owner_id, contract.signer_id) == (LIN, EAST, LIN, WANG)


def test_who_takes_over_sells_and_is_somebody_else(engine: Engine) -> None:
    with transaction(engine) as session:
        for to in (WANG, FANG, 99):
            with pytest.raises(Invalid) as refused:
                handed_over(session, "chen", WANG, to)
            assert refused.value.faults.keys() == {"to_id"}
        with pytest.raises(NotFound):
            handed_over(session, "chen", 99, LIN)


@pytest.mark.parametrize("login", ["lin", "wang", "fang", "mei", "xia", "ada"])
def test_it_is_the_executive_s_to_do(engine: Engine, login: str) -> None:
    with transaction(engine) as session, pytest.raises(NotAllowed):
        handed_over(session, login, WANG, LIN)


def test_it_cannot_finish_while_anything_is_open_and_each_side_calls_the_other(engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, owner=WANG)
        ada, chen = actor(session, "ada"), actor(session, "chen")
        hand_over.ask(session, ada, WANG)
        with pytest.raises(holdings.StillHolds):
            hand_over.ask(session, chen, WANG)
        with pytest.raises(holdings.StillHolds):
            users.deactivate(session, ada, WANG, version=1)
        handed_over(session, "chen", WANG, LIN)
        assert hand_over.leaver(session, chen, WANG)[1] == {}
        hand_over.ask(session, chen, WANG)
        assert [who for who, message, _values in told(session) if "{person}" in message and "to you" not in message] == [CHEN, ADA]


@pytest.mark.parametrize("login", ["lin", "wang", "fang", "mei", "xia"])
def test_others_neither_start_nor_look(engine: Engine, login: str) -> None:
    with transaction(engine) as session:
        somebody = actor(session, login)
        for look in (lambda: hand_over.leavers(session, somebody), lambda: hand_over.leaver(session, somebody, WANG),
                     lambda: hand_over.ask(session, somebody, WANG)):  # fmt: skip
            with pytest.raises(NotAllowed):
                look()
