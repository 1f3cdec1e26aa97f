"""Assigning customers: from the company's pool to a team, from the team's to a rep, and back; opportunities follow."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from crm.models import Assignment, Customer, Opportunity, User
from crm.services import customers, opportunities
from crm.services.customers import AssignCustomer, CreateCustomer, NothingToAssign
from crm.services.inputs import read
from crm.vocabulary import OpportunityAct, OpportunityStatus, Role
from tests.people import CHEN, EAST, FANG, LIN, SUN, TODAY, WANG, WEST, ZHAO, a_customer, actor, an_opportunity
from tests.services.stories import audited, kept, told

YESTERDAY = TODAY - timedelta(days=1)


def assigned(session: Session, login: str, customer: Customer, team: int | None, owner: int | None = None, why: str = "") -> Customer:
    """The customer after somebody assigned it."""
    form = read(AssignCustomer, {"team_id": team, "owner_id": owner, "why": why})
    version = session.get_one(Customer, customer.id).version
    return customers.assign(session, actor(session, login), customer.id, form, version=version, today=TODAY)


def waiting(session: Session, login: str) -> list[str]:
    """The names of the customers that wait for somebody's decision."""
    return [customer.name for customer in customers.pool(session, actor(session, login))]


def test_from_the_company_s_pool_to_a_team_to_a_rep(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "长江", owner=None, created=YESTERDAY)
        opportunity = an_opportunity(session, "企业版", customer=customer, created=YESTERDAY)
        assert (waiting(session, "chen"), waiting(session, "lin")) == (["长江"], [])
        assigned(session, "chen", customer, EAST, why="上海客户")
        assert (waiting(session, "lin"), waiting(session, "sun"), customer.pooled_on) == (["长江"], [], TODAY)
        assigned(session, "lin", customer, EAST, WANG)
        assert (customer.owner_id, customer.pooled_on, waiting(session, "chen")) == (WANG, None, [])
        assert (opportunity.owner_id, opportunity.team_id) == (WANG, EAST)
        assert (opportunity.first_owner_id, opportunity.first_team_id) == (WANG, EAST)
        assert kept(session, opportunity, "act", "day", "by_id", "owner_id", "team_id") == [
            (OpportunityAct.CREATED, YESTERDAY, None, None, None),
            (OpportunityAct.ASSIGNED, TODAY, CHEN, None, EAST),
            (OpportunityAct.ASSIGNED, TODAY, LIN, WANG, EAST),
        ]
        rows = select(Assignment).order_by(Assignment.id)
        assert [
            (row.from_team_id, row.from_owner_id, row.to_team_id, row.to_owner_id, row.by_id, row.why) for row in session.scalars(rows)
        ] == [(None, None, EAST, None, CHEN, "上海客户"), (EAST, None, EAST, WANG, LIN, "")]
        assert told(session) == [(WANG, "{by} assigned the customer “{name}” to you.", {"by": "林", "name": "长江"})]
        assert [line[:3] for line in audited(session)] == [
            (CHEN, "changed", "customers"), (CHEN, "changed", "opportunities"),
            (LIN, "changed", "customers"), (LIN, "changed", "opportunities"),
        ]  # fmt: skip


def test_who_had_it_no_longer_sees_it_and_the_first_keeps_the_credit(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        lost = an_opportunity(
            session, customer=session.get_one(Customer, opportunity.customer_id), status=OpportunityStatus.LOST, closed=date(2026, 5, 5)
        )
        assigned(session, "chen", session.get_one(Customer, opportunity.customer_id), WEST, ZHAO)
        for login, sees in (("wang", False), ("lin", False), ("zhao", True), ("sun", True)):
            found = set(session.scalars(actor(session, login).scope.narrow(select(Opportunity.id), Opportunity)))
            assert found == ({opportunity.id, lost.id} if sees else set())
        assert (opportunity.first_owner_id, opportunity.first_team_id) == (WANG, EAST)
        assert kept(session, lost, "act", "owner_id") == [
            (OpportunityAct.CREATED, WANG), (OpportunityAct.LOST, WANG), (OpportunityAct.ASSIGNED, ZHAO),
        ]  # fmt: skip
        with pytest.raises(NotFound):
            opportunities.find(session, actor(session, "wang"), opportunity.id)


def test_back_to_the_pools(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "长江")
        assigned(session, "lin", customer, EAST)
        assert (customer.owner_id, customer.team_id, customer.pooled_on) == (None, EAST, TODAY)
        assigned(session, "chen", customer, None)
        assert (customer.team_id, waiting(session, "chen")) == (None, ["长江"])


@pytest.mark.parametrize(
    ("login", "team", "owner", "refusal"),
    [
        ("lin", WEST, None, NotAllowed),  # team to team is the executive's
        ("lin", None, None, NotAllowed),  # and back to the company's pool
        ("wang", EAST, None, NotAllowed),  # a rep gives nothing away
        ("sun", WEST, ZHAO, NotFound),
        ("zhao", WEST, ZHAO, NotFound),
        ("fang", EAST, None, NotAllowed),
        ("mei", EAST, None, NotFound),
        ("ada", EAST, None, NotFound),
    ],
)
def test_who_may_not(engine: Engine, login: str, team: int | None, owner: int | None, refusal: type[Exception]) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=WANG)
        with pytest.raises(refusal):
            assigned(session, login, customer, team, owner)


@pytest.mark.parametrize(
    ("team", "owner", "faults"),
    [
        (EAST, ZHAO, {"owner_id": "NotInTeam"}),
        (EAST, FANG, {"owner_id": "NotAChoice"}),
        (EAST, 99, {"owner_id": "NotAChoice"}),
        (99, None, {"team_id": "NotAChoice"}),
        (None, ZHAO, {"team_id": "Missing", "owner_id": "NotInTeam"}),
    ],
)
def test_a_customer_goes_to_a_seller_of_the_team(engine: Engine, team: int | None, owner: int, faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=WANG)
        with pytest.raises(Invalid) as refused:
            assigned(session, "chen", customer, team, owner)
        assert {key: type(error).__name__ for key, error in refused.value.faults.items()} == faults


def test_nobody_gets_more_than_their_limit(engine: Engine) -> None:
    with transaction(engine) as session:
        an_opportunity(session, owner=WANG)
        an_opportunity(session, owner=WANG, status=OpportunityStatus.LOST)
        customer = a_customer(session, owner=None, team=EAST)
        session.get_one(User, WANG).customer_limit = 1
        session.flush()
        with pytest.raises(Invalid) as refused:
            assigned(session, "lin", customer, EAST, WANG)
        assert str(refused.value.faults["owner_id"]) == "王 already looks after 1 customers with open opportunities, which is their limit."
        session.get_one(User, WANG).customer_limit = 2
        session.flush()
        assert assigned(session, "lin", customer, EAST, WANG).owner_id == WANG


def test_who_left_gets_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=None, team=EAST)
        session.get_one(User, WANG).active = False
        session.flush()
        with pytest.raises(Invalid):
            assigned(session, "lin", customer, EAST, WANG)


def test_two_leads_at_once(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=None, team=EAST)
        assigned(session, "lin", customer, EAST, WANG)
        form = read(AssignCustomer, {"team_id": EAST, "owner_id": LIN})
        with pytest.raises(ChangedMeanwhile) as refused:
            customers.assign(session, actor(session, "chen"), customer.id, form, version=1, today=TODAY)
        assert refused.value.values["changes"]["owner_id"] == (WANG, None)
        with pytest.raises(NothingToAssign):
            assigned(session, "lin", customer, EAST, WANG)


def test_only_who_assigns_has_a_pool(engine: Engine) -> None:
    with transaction(engine) as session:
        for login in ("wang", "fang", "mei", "xia", "ada"):
            with pytest.raises(NotAllowed):
                customers.pool(session, actor(session, login))


def test_the_executive_enters_a_customer_into_the_pool(engine: Engine) -> None:
    form = read(CreateCustomer, {"name": "长江 有限公司", "phone": "139 1234 5678", "contact_name": "张"})
    with transaction(engine) as session:
        made = customers.create(session, actor(session, "chen"), form, today=TODAY)
        assert (made.team_id, made.owner_id, made.pooled_on, made.name_key) == (None, None, TODAY, "长江")
        assert [contact.phone_key for contact in customers.find(session, actor(session, "chen"), made.id).contacts] == ["+8613912345678"]
        for login in ("lin", "wang", "mei"):
            with pytest.raises(NotAllowed):
                customers.create(session, actor(session, login), form, today=TODAY)


def test_a_lead_who_sells_too_may_own_customers(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=None, team=WEST)
        assert assigned(session, "sun", customer, WEST, SUN).owner_id == SUN
        assert Role.TEAM_LEAD in actor(session, "sun").roles
