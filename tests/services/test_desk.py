"""The assignment desk: what a fair choice needs to know of each candidate, and of nobody beyond one's reach."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.models import Customer, User, UserStrength
from crm.services import customers, desk
from crm.services.customers import AssignCustomer
from crm.vocabulary import OpportunityStatus, StrengthKind
from tests.people import CLOUD_DRIVE, EAST, LIN, TODAY, TRAINING, WANG, WEST, a_customer, actor, an_opportunity

S = OpportunityStatus


def waiting(session: Session, team: int | None = EAST) -> Customer:
    """A customer in a pool who wants a cloud drive."""
    customer = a_customer(session, "长江造船", owner=None, team=team)
    customer.region = "江苏"
    an_opportunity(session, owner=None, team=team, customer=customer, lines={CLOUD_DRIVE: "1000.00"})
    return customer


def test_beside_each_rep_stands_what_a_choice_needs(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = waiting(session)
        session.add_all(
            [
                UserStrength(user_id=WANG, kind=StrengthKind.PRODUCT, value="云盘", product_id=CLOUD_DRIVE),
                UserStrength(user_id=WANG, kind=StrengthKind.REGION, value="四川"),
            ]
        )
        session.get_one(User, WANG).customer_limit = 1
        an_opportunity(session, owner=WANG, amount="300.00")
        for status, product in ((S.WON, CLOUD_DRIVE), (S.LOST, CLOUD_DRIVE), (S.STOPPED, CLOUD_DRIVE), (S.WON, TRAINING)):
            an_opportunity(session, owner=WANG, status=status, lines={product: "100.00"})
        lin, wang = sorted(desk.reps(session, actor(session, "lin"), EAST, [customer.id]), key=lambda one: one.id)
        assert (wang.id, lin.id) == (WANG, LIN)
        assert [(one.value, one.fits) for one in wang.strengths] == [("云盘", True), ("四川", False)]
        assert (wang.open_customers, wang.open_count, wang.open_amount, wang.is_full) == (1, 1, Decimal("300.00"), True)
        assert (wang.won, wang.closed, wang.last_assigned_on) == (1, 2, None)
        assert (lin.won, lin.closed, lin.open_count, lin.is_full) == (0, 0, 0, False)


def test_a_region_makes_opportunities_alike_too_and_an_assignment_is_remembered(engine: Engine) -> None:
    with transaction(engine) as session:
        customer, alike = waiting(session), a_customer(session, owner=LIN)
        alike.region = "江苏"
        an_opportunity(session, owner=LIN, customer=alike, status=S.WON)
        moved = waiting(session)
        customers.assign(session, actor(session, "lin"), moved.id, AssignCustomer(team_id=EAST, owner_id=LIN), version=moved.version,
                         today=TODAY - timedelta(days=2))  # fmt: skip
        lin = next(one for one in desk.reps(session, actor(session, "lin"), EAST, [customer.id]) if one.id == LIN)
        assert (lin.won, lin.closed, lin.last_assigned_on) == (1, 1, TODAY - timedelta(days=2))


def test_the_head_sees_every_team_and_a_lead_her_own_people(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = waiting(session, team=None)
        session.add(UserStrength(user_id=WANG, kind=StrengthKind.REGION, value="江苏"))
        an_opportunity(session, owner=WANG, status=S.LOST, lines={CLOUD_DRIVE: "1.00"})
        east, west = desk.teams(session, actor(session, "chen"), [customer.id])
        assert [(one.id, one.fitting, one.won, one.closed) for one in (east, west)] == [(EAST, 1, 0, 1), (WEST, 0, 0, 0)]
        for login in ("lin", "wang", "mei", "fang"):
            assert desk.teams(session, actor(session, login), [customer.id]) == []
            assert desk.reps(session, actor(session, login), WEST, [customer.id]) == []
