"""Accounts: made by the administrator, changed, closed; nobody leaves with something open in their hands."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import Invalid, NotAllowed, NotFound
from crm.models import Team, TeamMembership, User
from crm.services import people, users
from crm.services.inputs import read
from crm.services.users import CreateUser, DescribeUser, LastAdministrator, NewPassword, NotOneself, StillHolds
from crm.vocabulary import OpportunityStatus, Role
from tests.people import ADA, EAST, FOUNDED, LIN, PASSWORD, TODAY, WANG, WEST, XIA, ZHAO, a_contract, a_lead, actor, an_opportunity, noon
from tests.services.stories import audited

TOMORROW = TODAY + timedelta(days=1)


def hired(session: Session, by: str = "ada", **values: Any) -> User:
    """Somebody new in the East, by whose account it says."""
    form = {"login": "Qian", "name": "钱", "roles": ["rep"], "team_id": EAST, "password": "first-password", **values}
    return users.create(session, actor(session, by), read(CreateUser, form), today=TODAY)


def changed(session: Session, user_id: int, login: str = "ada", **values: Any) -> User:
    """Somebody, after the administrator changed the account."""
    form = read(DescribeUser, {"name": "王", "roles": ["rep"], "team_id": EAST, **values})
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
        an_opportunity(session, owner=WANG, status=OpportunityStatus.LOST)
        with pytest.raises(StillHolds):
            changed(session, WANG, team_id=WEST)
        moved = changed(session, ZHAO, team_id=EAST, roles=["rep", "team_lead"])
        assert (moved.team_id, [held.role for held in moved.roles]) == (EAST, [Role.REP, Role.TEAM_LEAD])
        rows = session.scalars(select(TeamMembership).where(TeamMembership.user_id == ZHAO).order_by(TeamMembership.id)).all()
        assert [(row.team_id, row.from_on, row.until_on) for row in rows] == [(WEST, FOUNDED, TOMORROW), (EAST, TOMORROW, None)]


def test_nobody_leaves_with_something_open(engine: Engine) -> None:
    with transaction(engine) as session:
        a_lead(session, owner=WANG)
        opportunity = an_opportunity(session, owner=WANG)
        a_contract(session, owner=WANG)
        assert users.holds(session, WANG) == {"leads": 1, "customers": 2, "opportunities": 1, "contracts": 1}
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
