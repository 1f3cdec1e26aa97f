"""An assignment made by mistake is taken back by who made it: as if the customer had never left."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import clock
from crm.db import transaction
from crm.errors import ChangedMeanwhile, NotAllowed, NotFound
from crm.models import Assignment, Customer, Opportunity, User
from crm.services import customers, leads, offers, taking_back
from crm.services.customers import AssignCustomer, CustomerLimitReached
from crm.services.inputs import read
from crm.services.leads import AssignLead
from crm.services.taking_back import NotToBeTakenBack
from crm.vocabulary import OpportunityAct
from tests.people import CHEN, EAST, LIN, SUN, TODAY, WANG, WEST, ZHAO, a_customer, a_lead, actor, an_opportunity
from tests.services.stories import kept, told

MARCH = date(2026, 3, 2)


def given(session: Session, login: str, customer: Customer, team: int | None, owner: int | None = None) -> Customer:
    """The customer after somebody gave it away."""
    form = read(AssignCustomer, {"team_id": team, "owner_id": owner})
    (moved,) = customers.assign_many(session, actor(session, login), [(customer.id, customer.version)], form, today=TODAY)
    session.flush()
    return moved


def taken_back(session: Session, login: str, *of: Customer) -> Sequence[Customer]:
    """These customers after somebody took back what was last done with them."""
    return taking_back.take_back(session, actor(session, login), [(one.id, one.version) for one in of], today=TODAY)


def test_who_was_given_it_by_mistake_has_neither_the_customer_nor_the_credit(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "长江", owner=None, created=MARCH)
        opportunity = an_opportunity(session, "企业版", customer=customer, created=MARCH)
        waited = customer.pooled_on
        given(session, "chen", customer, WEST, ZHAO)
        assert (opportunity.first_owner_id, opportunity.first_team_id, customer.pooled_on) == (ZHAO, WEST, None)
        taken_back(session, "chen", customer)
        assert (customer.team_id, customer.owner_id, customer.pooled_on, waited is None) == (None, None, waited, False)
        assert (opportunity.first_owner_id, opportunity.first_team_id, opportunity.owner_id) == (None, None, None)
        acts = [(OpportunityAct.CREATED, None), (OpportunityAct.ASSIGNED, ZHAO), (OpportunityAct.ASSIGNED, None)]
        assert kept(session, opportunity, "act", "owner_id") == acts
        assert [(one.to_owner_id, one.by_id) for one in session.scalars(select(Assignment).order_by(Assignment.id))] == [
            (ZHAO, CHEN), (None, CHEN),
        ]  # fmt: skip
        given(session, "chen", customer, EAST, WANG)
        assert (opportunity.first_owner_id, opportunity.first_team_id) == (WANG, EAST)


def test_who_had_it_before_has_it_again_with_the_credit_and_is_not_told(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        customer = session.get_one(Customer, opportunity.customer_id)
        given(session, "chen", customer, WEST, ZHAO)
        taken_back(session, "chen", customer)
        assert (customer.owner_id, opportunity.owner_id, opportunity.first_owner_id) == (WANG, WANG, WANG)
        assert [whom for whom, _message, _values in told(session)] == [ZHAO]


def test_only_who_did_it_takes_it_back_soon_once_and_while_nothing_has_changed(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = session.get_one(Customer, an_opportunity(session, owner=LIN).customer_id)
        given(session, "lin", customer, EAST, WANG)
        for login, refusal in (("chen", NotToBeTakenBack), ("wang", NotAllowed), ("sun", NotFound), ("zhao", NotFound)):
            with pytest.raises(refusal):
                taken_back(session, login, customer)
        with pytest.raises(ChangedMeanwhile):
            taking_back.take_back(session, actor(session, "lin"), [(customer.id, customer.version - 1)], today=TODAY)
        with clock.at(clock.now() + timedelta(minutes=11)), pytest.raises(NotToBeTakenBack):
            taken_back(session, "lin", customer)
        taken_back(session, "lin", customer)
        assert customer.owner_id == LIN


def test_who_has_no_room_any_more_gets_nothing_back(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(User, WANG).customer_limit = 1
        customer = session.get_one(Customer, an_opportunity(session, owner=WANG).customer_id)
        given(session, "lin", customer, EAST, LIN)
        an_opportunity(session, owner=WANG)
        with pytest.raises(CustomerLimitReached):
            taken_back(session, "lin", customer)


def test_leads_go_back_to_whom_they_came_from(engine: Engine) -> None:
    with transaction(engine) as session:
        mine, theirs = a_lead(session, owner=WANG), a_lead(session, owner=LIN)
        lin = actor(session, "lin")
        moved = leads.assign_many(session, lin, [(mine.id, mine.version)], AssignLead(owner_id=LIN))
        assert moved[0].owner_id == LIN
        for login in ("zhao", "fang", "xia"):
            with pytest.raises((NotFound, NotAllowed)):
                taking_back.take_back_leads(session, actor(session, login), [(mine.id, mine.version, WANG)])
        taking_back.take_back_leads(session, lin, [(mine.id, mine.version, WANG)])
        assert (mine.owner_id, mine.team_id, theirs.owner_id) == (WANG, EAST, LIN)
        assert told(session) == []


def test_offered_is_exactly_who_the_verb_accepts(engine: Engine) -> None:
    """Everybody is tried for every team: who is offered gets it, who is not is refused."""
    with transaction(engine) as session:
        session.get_one(User, ZHAO).customer_limit = 1
        an_opportunity(session, owner=ZHAO)
        session.get_one(User, SUN).active = False
        customer = session.get_one(Customer, an_opportunity(session, owner=LIN).customer_id)
        session.flush()
        everybody = session.scalars(select(User.id)).all()
        for login in ("chen", "lin"):
            who = actor(session, login)
            offered = {(team, id) for team in (EAST, WEST) for id, _name in offers.takers(session, who, customer, team)}
            accepted = set()
            for team in (EAST, WEST):
                for id in everybody:
                    with session.begin_nested() as attempt:
                        try:
                            form = read(AssignCustomer, {"team_id": team, "owner_id": id})
                            customers.assign(session, who, customer.id, form, version=customer.version, today=TODAY)
                            accepted.add((team, id))
                        except Exception:
                            pass
                        attempt.rollback()
            assert offered - {(EAST, LIN)} == accepted, login  # who has it stands there too
            assert (EAST, WANG) in accepted
        assert session.scalars(select(Opportunity.owner_id).where(Opportunity.customer_id == customer.id)).all() == [LIN]
