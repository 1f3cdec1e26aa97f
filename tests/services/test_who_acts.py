"""A person acts with their own roles, for the teams they lead, and for whom they stand in today."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotFound
from crm.models import Deputy, Opportunity, OpportunityReader, User
from crm.services.people import actor_of
from crm.vocabulary import Kind, Permission, Reach, Role
from tests.people import CHEN, EAST, LIN, SERVICE_DESK, TODAY, WANG, WEST, XIA, ZHAO, actor, an_opportunity, noon

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def seen(session, login: str, today: date = TODAY) -> set[str]:
    """The titles of the opportunities that somebody sees."""
    return set(session.scalars(actor(session, login, today).scope.narrow(select(Opportunity.title), Opportunity)))


def test_everybody_sees_what_is_theirs(engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, "王的", owner=WANG)
        an_opportunity(session, "赵的", owner=ZHAO)
        an_opportunity(session, "东部池", owner=None, team=EAST)
        an_opportunity(session, "公司池", owner=None)
        assert seen(session, "wang") == {"王的"}
        assert seen(session, "lin") == {"王的", "东部池"}
        assert seen(session, "sun") == {"赵的"}
        assert seen(session, "chen") == {"王的", "赵的", "东部池", "公司池"}
        assert [seen(session, login) for login in ("fang", "mei", "xia", "ada")] == [set()] * 4


def test_a_deputy_acts_for_the_teams_between_two_dates_and_keeps_their_own(engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, "王的", owner=WANG)
        an_opportunity(session, "赵的", owner=ZHAO)
        session.add(Deputy(principal_id=LIN, deputy_id=ZHAO, from_on=TODAY, until_on=TODAY))
        session.flush()
        assert [seen(session, "zhao", day) for day in (YESTERDAY, TODAY, TOMORROW)] == [{"赵的"}, {"王的", "赵的"}, {"赵的"}]
        zhao = actor(session, "zhao")
        assert (zhao.roles, zhao.scope.team_ids) == ({Role.REP, Role.TEAM_LEAD}, {EAST})
        assert zhao.may(Permission.REOPEN, Kind.OPPORTUNITY)


def test_who_stands_in_for_the_executive_reaches_the_company(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(Deputy(principal_id=CHEN, deputy_id=LIN, from_on=TODAY, until_on=TOMORROW))
        session.flush()
        assert actor(session, "lin").scope.over(Kind.OPPORTUNITY) is Reach.COMPANY


def test_nobody_stands_in_for_who_has_left(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(Deputy(principal_id=LIN, deputy_id=ZHAO, from_on=TODAY, until_on=TODAY))
        session.get_one(User, LIN).active = False
        session.flush()
        assert actor(session, "zhao").roles == {Role.REP}


def test_an_opened_opportunity_is_seen_until_it_is_withdrawn(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "赵的", owner=ZHAO)
        opened = OpportunityReader(opportunity_id=opportunity.id, user_id=WANG, granted_by_id=LIN, granted_at=noon(TODAY))
        session.add(opened)
        session.flush()
        assert seen(session, "wang") == {"赵的"}
        opened.withdrawn_at = noon(TOMORROW)
        session.flush()
        assert seen(session, "wang") == set()


def test_the_service_department_is_part_of_who_acts(engine: Engine) -> None:
    with reading(engine) as session:
        assert actor_of(session, XIA, TODAY).scope.department_id == SERVICE_DESK
        assert actor_of(session, WANG, TODAY).scope.department_id is None


def test_who_left_does_not_act(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(User, WANG).active = False
        session.flush()
        with pytest.raises(NotFound):
            actor_of(session, WANG, TODAY)


def test_two_leads_share_a_cached_answer_and_a_selling_lead_does_not(engine: Engine) -> None:
    with reading(engine) as session:
        lin = actor(session, "lin").scope
    assert lin.key == replace(lin, user_id=WEST + 100).key
    assert replace(lin, own_too=True).key != replace(lin, own_too=True, user_id=WEST + 100).key
