"""Who sees which rows: the scope against a rule written a second time, in plain Python, over random companies.

Here the rendering over the operational tables.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import (
    Base,
    Contact,
    Contract,
    Customer,
    Deputy,
    FollowUp,
    Instalment,
    Lead,
    Opportunity,
    OpportunityReader,
    Receipt,
    UserRole,
)
from crm.scope import HELD, PART_OF, Scope
from crm.services.reach import find, find_to
from crm.vocabulary import Kind, Permission, Role
from tests.people import (
    CHEN,
    EAST,
    LIN,
    SUN,
    TODAY,
    WANG,
    WEST,
    ZHAO,
    a_contract,
    a_follow_up,
    a_lead,
    a_plan,
    a_receipt,
    actor,
    an_opportunity,
    company,
    noon,
)

HOLDERS: tuple[tuple[int | None, int | None], ...] = (
    (WANG, EAST),
    (LIN, EAST),
    (None, EAST),
    (ZHAO, WEST),
    (SUN, WEST),
    (None, WEST),
    (None, None),
)
"""Who may hold a record: owner and team; the pools too."""

SEES = {"chen": set(HOLDERS), "lin": {h for h in HOLDERS if h[1] == EAST}, "sun": {h for h in HOLDERS if h[1] == WEST},
        "wang": {(WANG, EAST)}, "zhao": {(ZHAO, WEST)}, "fang": set(), "mei": set(), "xia": set(), "ada": set()}  # fmt: skip
"""Whose records each person sees, for what belongs to selling."""

EVERYTHING = set(HOLDERS)
MORE: dict[tuple[type[Base], str], set[tuple[int | None, int | None]]] = {
    (Lead, "mei"): EVERYTHING,
    **{(model, "fang"): EVERYTHING for model in (Customer, Contact, Contract, Instalment, Receipt)},
}
"""And what marketing and finance see beyond that."""

RECORDS = (Lead, Customer, Contact, Opportunity, FollowUp, Contract, Instalment, Receipt)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Iterator[Engine]:
    """The company without a record, on each kind of database; every example undoes what it wrote."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("scope") / "saleslens.db"
        path.write_bytes(sqlite_template.read_bytes())
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres").database(request.getfixturevalue("postgres_template"))
    engine = company(url)
    yield engine
    engine.dispose()


def populate(session: Session, holders: list[tuple[int | None, int | None]]) -> dict[type[Base], dict[int, tuple[int | None, int | None]]]:
    """One record of each kind for each of these holders; who holds which."""
    held: dict[type[Base], dict[int, tuple[int | None, int | None]]] = {model: {} for model in RECORDS}
    for holder in holders:
        owner, team = holder
        opportunity = an_opportunity(session, owner=owner, team=team)
        contract = a_contract(session, customer=session.get_one(Customer, opportunity.customer_id), amount="10")
        lead = a_lead(session, owner=owner)
        lead.team_id = team
        records: list[Any] = [
            lead, session.get_one(Customer, opportunity.customer_id), opportunity, contract,
            *session.scalars(select(Contact).where(Contact.customer_id == opportunity.customer_id)),
            a_follow_up(session, opportunity, by=owner or CHEN), *instalments(session, contract),
            a_receipt(session, contract, "1", TODAY),
        ]  # fmt: skip
        session.flush()
        for record in records:
            held[type(record)][record.id] = holder
    return held


def instalments(session: Session, contract: Contract) -> list[Instalment]:
    """The two instalments of the contract's plan."""
    return a_plan(session, contract, (TODAY, "4"), (TODAY + timedelta(days=30), "6"), on=contract.signed_on).instalments


def seen(session: Session, scope: Scope, model: type[Base]) -> set[int]:
    """The ids of `model` that a scope shows."""
    key = model.__table__.c.id
    return set(session.scalars(scope.narrow(select(key), model)))


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(holders=st.lists(st.sampled_from(HOLDERS), max_size=8))
def test_everybody_sees_what_the_rule_says(engine: Engine, holders: list[tuple[int | None, int | None]]) -> None:
    with reading(engine) as session:
        held = populate(session, holders)
        for login, whose in SEES.items():
            scope = actor(session, login).scope
            for model in RECORDS:
                expected = {id for id, holder in held[model].items() if holder in MORE.get((model, login), whose)}
                assert seen(session, scope, model) == expected, (login, model.__name__)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(holders=st.lists(st.sampled_from(HOLDERS), max_size=8), until=st.sampled_from([TODAY - timedelta(days=1), TODAY]))
def test_a_stand_in_sees_both_and_only_while_it_lasts(engine: Engine, holders: list[tuple[int | None, int | None]], until: date) -> None:
    with reading(engine) as session:
        held = populate(session, holders)
        session.add(Deputy(principal_id=LIN, deputy_id=ZHAO, from_on=date(2026, 1, 1), until_on=until))
        session.flush()
        whose = SEES["zhao"] | (SEES["lin"] if until >= TODAY else set())
        scope = actor(session, "zhao").scope
        for model in RECORDS:
            assert seen(session, scope, model) == {id for id, holder in held[model].items() if holder in whose}, model.__name__


def test_nobody_without_a_role_sees_anything(engine: Engine) -> None:
    with reading(engine) as session:
        populate(session, list(HOLDERS))
        for model in (*HELD, *PART_OF):
            assert seen(session, Scope(WANG, frozenset({EAST, WEST})), model) == set(), model.__name__


def test_to_find_is_to_be_allowed(engine: Engine) -> None:
    with reading(engine) as session:
        held = populate(session, list(HOLDERS))
        for login in SEES:
            who = actor(session, login)
            for model in RECORDS:
                reached = seen(session, who.scope, model)
                for record_id in held[model]:
                    if record_id in reached:
                        assert find(session, who, model, record_id).id == record_id  # type: ignore[attr-defined]
                    else:
                        with pytest.raises(NotFound):
                            find(session, who, model, record_id)


def test_what_was_opened_to_a_colleague_is_read_and_nothing_else(engine: Engine) -> None:
    with reading(engine) as session:
        opportunity, other = an_opportunity(session, owner=ZHAO), an_opportunity(session, owner=ZHAO)
        follow_up = a_follow_up(session, opportunity, by=ZHAO)
        a_follow_up(session, other, by=ZHAO)
        contract = a_contract(session, opportunity=opportunity)
        session.add(OpportunityReader(opportunity_id=opportunity.id, user_id=WANG, granted_by_id=SUN, granted_at=noon(TODAY)))
        session.flush()
        scope = actor(session, "wang").scope
        assert (seen(session, scope, Opportunity), seen(session, scope, FollowUp)) == ({opportunity.id}, {follow_up.id})
        assert (seen(session, scope, Contract), seen(session, scope, Customer)) == (set(), set())
        assert contract.owner_id == ZHAO


def test_a_permission_reaches_as_far_as_the_role_that_brings_it(engine: Engine) -> None:
    with reading(engine) as session:
        session.add(UserRole(user_id=WANG, role=Role.FINANCE))
        mine, theirs = a_contract(session, owner=WANG), a_contract(session, owner=ZHAO)
        open_here, open_there = an_opportunity(session, owner=WANG), an_opportunity(session, owner=ZHAO)
        session.flush()
        wang = actor(session, "wang")
        assert seen(session, wang.scope, Contract) == {mine.id, theirs.id}
        assert find_to(session, wang, Permission.CREATE, Kind.RECEIPT, Contract, theirs.id) is theirs
        assert find_to(session, wang, Permission.SIGN, Kind.CONTRACT, Contract, mine.id) is mine
        with pytest.raises(NotAllowed):
            find_to(session, wang, Permission.SIGN, Kind.CONTRACT, Contract, theirs.id)
        assert find_to(session, wang, Permission.SIGN, Kind.CONTRACT, Opportunity, open_here.id) is open_here
        with pytest.raises(NotFound):
            find_to(session, wang, Permission.SIGN, Kind.CONTRACT, Opportunity, open_there.id)


def test_a_lead_s_own_customers_in_another_team_are_not_seen_by_the_lead_alone(engine: Engine) -> None:
    """A lead reaches their team; who also sells reaches what they hold besides."""
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=LIN)
        opportunity.team_id = WEST
        session.flush()
        lin = actor(session, "lin").scope
        assert seen(session, lin, Opportunity) == set()
        assert seen(session, replace(lin, own_too=True), Opportunity) == {opportunity.id}
        session.rollback()
