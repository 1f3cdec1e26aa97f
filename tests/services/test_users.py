"""Accounts: made by the administrator, changed, closed; nobody leaves with something open in their hands."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from crm.models import Assignment, Contract, Customer, Lead, Opportunity, Team, TeamMembership, User
from crm.services import holdings, people, users
from crm.services.holdings import StillHolds
from crm.services.inputs import read
from crm.services.users import CannotGoAlong, CreateUser, EditUser, LastAdministrator, NewPassword, NotOneself, PartingNotSaid
from crm.vocabulary import ContractAct, OpportunityAct, Role
from tests.people import (
    ADA,
    EAST,
    FOUNDED,
    LIN,
    PASSWORD,
    SUN,
    TODAY,
    WANG,
    WEST,
    XIA,
    ZHAO,
    a_contract,
    a_lead,
    actor,
    an_opportunity,
    noon,
)
from tests.services.stories import audited, kept, kept_of_contract, told

TOMORROW = TODAY + timedelta(days=1)


def hired(session: Session, by: str = "ada", **values: Any) -> User:
    """Somebody new in the East, by whose account it says."""
    form = {"login": "Qian", "name": "钱", "roles": ["rep"], "team_id": EAST, "password": "first-password", **values}
    return users.create(session, actor(session, by), read(CreateUser, form), today=TODAY)


def changed(session: Session, user_id: int, login: str = "ada", **values: Any) -> User:
    """Somebody, after the administrator changed the account."""
    form = read(EditUser, {"name": "王", "roles": ["rep"], "team_id": EAST, **values})
    return users.edit(session, actor(session, login), user_id, form, version=session.get_one(User, user_id).version, today=TOMORROW)


def closed(session: Session, user_id: int, login: str = "ada") -> User:
    """Somebody, after the account was closed."""
    return users.deactivate(session, actor(session, login), user_id, version=session.get_one(User, user_id).version)


def test_a_new_account_must_change_its_password(engine: Engine) -> None:
    with transaction(engine) as session:
        user = hired(session)
        assert (user.login, user.must_change_password, user.team_id) == ("qian", True, EAST)
        assert actor(session, "qian").roles == {Role.REP}
        assert isinstance(people.sign_in(session, "qian", "first-password", "", noon(TODAY)), User)
        assert next(line[:3] for line in audited(session)) == (ADA, "created", "users")
        assert session.scalars(select(TeamMembership.from_on).where(TeamMembership.user_id == user.id)).all() == [TODAY]


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"login": "WANG"}, {"login"}), ({"login": "a b"}, {"login"}), ({"password": "short"}, {"password"}), ({"roles": []}, {"roles"}),
        ({"roles": ["king"]}, {"roles.0"}), ({"team_id": None}, {"team_id"}), ({"roles": ["service"], "team_id": None}, {"department_id"}),
        ({"language": "fr"}, {"language"}), ({"team_id": 99}, {"team_id"}), ({"customer_limit": "0"}, {"customer_limit"}),
    ],
)  # fmt: skip
def test_an_account_that_can_not_be(engine: Engine, values: dict[str, Any], faults: set[str]) -> None:
    with transaction(engine) as session:
        with pytest.raises(Invalid) as refused:
            hired(session, **values)
        assert refused.value.faults.keys() == faults


def test_a_role_that_was_given_is_not_taken_back_unseen(engine: Engine) -> None:
    """Roles and strengths are lines of their own; who opened the account before they changed is told."""
    with transaction(engine) as session:
        opened = session.get_one(User, WANG).version
        changed(session, WANG, roles=["rep", "marketing"])
        with pytest.raises(ChangedMeanwhile):
            users.edit(
                session, actor(session, "ada"), WANG, read(EditUser, {"name": "王", "roles": ["rep"], "team_id": EAST}),
                version=opened, today=TOMORROW,
            )  # fmt: skip


@pytest.mark.parametrize("login", ["chen", "lin", "wang", "fang", "mei", "xia"])
def test_only_the_administrator_does(engine: Engine, login: str) -> None:
    with transaction(engine) as session:
        for act in (
            lambda: hired(session, login), lambda: changed(session, WANG, login), lambda: closed(session, WANG, login),
            lambda: users.activate(session, actor(session, login), WANG),
            lambda: users.give_password(session, actor(session, login), WANG, read(NewPassword, {"password": "given-password"})),
        ):  # fmt: skip
            with pytest.raises(NotAllowed):
                act()


def test_a_change_of_team_begins_the_day_it_is_made(engine: Engine) -> None:
    with transaction(engine) as session:
        moved = changed(session, ZHAO, team_id=EAST, roles=["rep", "team_lead"])
        assert (moved.team_id, [held.role for held in moved.roles]) == (EAST, [Role.REP, Role.TEAM_LEAD])
        rows = session.scalars(select(TeamMembership).where(TeamMembership.user_id == ZHAO).order_by(TeamMembership.id)).all()
        assert [(row.team_id, row.from_on, row.until_on) for row in rows] == [(WEST, FOUNDED, TOMORROW), (EAST, TOMORROW, None)]


def at_work(session: Session) -> tuple[Customer, Opportunity, Lead, Contract]:
    """What Wang of the East holds."""
    opportunity, lead = an_opportunity(session, owner=WANG), a_lead(session, owner=WANG)
    customer = session.get_one(Customer, opportunity.customer_id)
    return customer, opportunity, lead, a_contract(session, customer=customer)


def test_who_changes_team_is_asked_whether_the_customers_go_along(engine: Engine) -> None:
    with transaction(engine) as session:
        held = at_work(session)
        with pytest.raises(Invalid) as refused:
            changed(session, WANG, team_id=WEST)
        assert isinstance(refused.value.faults["parting"], PartingNotSaid)
        assert changed(session, WANG, name="王五").name == "王五", "nobody asks where the team stays"
        changed(session, WANG, team_id=WEST, parting="goes_along")
        customer, opportunity, lead, contract = held
        assert {(record.owner_id, record.team_id) for record in held} == {(WANG, WEST)}
        assert (opportunity.first_team_id, lead.arrival_team_id, contract.signer_team_id) == (EAST, EAST, EAST), "deeds stay"
        assert kept(session, opportunity, "act", "team_id")[-1] == (OpportunityAct.ASSIGNED, WEST)
        assert kept_of_contract(session, contract, "act", "team_id")[-1] == (ContractAct.CARER, WEST)
        moves = session.scalars(select(Assignment).where(Assignment.customer_id == customer.id)).all()
        assert [(move.from_team_id, move.to_team_id, move.to_owner_id, move.by_id) for move in moves] == [(EAST, WEST, WANG, ADA)]
        assert [who for who, message, _values in told(session) if "to your team" in message] == [SUN]


def test_or_they_stay_with_the_old_team(engine: Engine) -> None:
    with transaction(engine) as session:
        customer, opportunity, lead, contract = at_work(session)
        changed(session, WANG, team_id=WEST, parting="stays")
        assert (customer.owner_id, customer.team_id, customer.pooled_on) == (None, EAST, TOMORROW)
        assert (opportunity.owner_id, opportunity.team_id) == (None, EAST)
        assert {(lead.owner_id, lead.team_id), (contract.owner_id, contract.team_id)} == {(LIN, EAST)}, "these have somebody always"
        assert [who for who, message, _values in told(session) if "stay with your team" in message] == [LIN]
        assert holdings.holds(session, WANG) == {}


def test_who_sells_no_more_takes_nothing_along_and_a_team_wants_its_lead(engine: Engine) -> None:
    with transaction(engine) as session:
        at_work(session)
        for values in ({"roles": ["finance"]}, {"roles": ["finance"], "team_id": None}):
            with pytest.raises(Invalid) as refused:
                changed(session, WANG, parting="goes_along", **values)
            assert isinstance(refused.value.faults["parting"], CannotGoAlong)
        with pytest.raises(StillHolds, match="teams led"):
            changed(session, LIN, name="林", roles=["team_lead"], team_id=WEST, parting="goes_along")
        assert changed(session, WANG, roles=["finance"], team_id=None, parting="stays").team_id is None


def test_nobody_leaves_with_something_open(engine: Engine) -> None:
    with transaction(engine) as session:
        a_lead(session, owner=WANG)
        opportunity = an_opportunity(session, owner=WANG)
        a_contract(session, owner=WANG)
        assert holdings.holds(session, WANG) == {"leads": 1, "customers": 2, "opportunities": 1, "contracts": 1}
        with pytest.raises(StillHolds) as refused:
            closed(session, WANG)
        assert str(refused.value) == "王 still holds 5 open records (leads); hand them over first."
        assert opportunity.owner_id == WANG
        with pytest.raises(StillHolds):
            closed(session, LIN)  # leads a team
        session.get_one(Team, EAST).leader_id = None
        session.flush()
        assert not closed(session, LIN).active


def test_who_has_left_is_signed_out_at_once(engine: Engine) -> None:
    with transaction(engine) as session:
        assert people.signed_in(session, ZHAO, 0)
        closed(session, ZHAO)
        assert people.signed_in(session, ZHAO, 0) is None
        assert isinstance(people.sign_in(session, "zhao", PASSWORD, "", noon(TODAY)), people.SignInRefused)
        with pytest.raises(NotFound):
            people.actor_of(session, ZHAO, TODAY)
        users.activate(session, actor(session, "ada"), ZHAO)
        assert people.signed_in(session, ZHAO, 0) is None, "an old session does not come back to life"
        assert people.signed_in(session, ZHAO, 1)


def test_somebody_always_administers(engine: Engine) -> None:
    with transaction(engine) as session:
        with pytest.raises(NotOneself):
            closed(session, ADA)
        with pytest.raises(Invalid) as refused:
            changed(session, ADA, name="安达", roles=["finance"], team_id=None)
        assert isinstance(refused.value.faults["roles"], LastAdministrator)
        changed(session, XIA, name="夏", roles=["administrator"], team_id=None)
        assert changed(session, ADA, name="安达", roles=["finance"], team_id=None).id == ADA
        with pytest.raises(NotAllowed):
            closed(session, XIA)


def test_a_given_password_is_changed_at_the_next_sign_in(engine: Engine) -> None:
    with transaction(engine) as session:
        user = users.give_password(session, actor(session, "ada"), WANG, read(NewPassword, {"password": "given-password"}))
        assert (user.must_change_password, user.session_epoch) == (True, 1)
        assert isinstance(people.sign_in(session, "wang", "given-password", "", noon(TODAY)), User)
        with pytest.raises(Invalid):
            users.give_password(session, actor(session, "ada"), WANG, read(NewPassword, {"password": "wang"}))
