"""A step of the follower makes only what a change can alter, of only what that is made from: and what it leaves out is empty indeed."""

import shutil
from random import Random

import duckdb
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, select, text, update

from crm import schema
from crm.db import transaction
from crm.models import Contract, Opportunity
from etl import changes, holders, operational, receivables, relations
from etl.apply import apply
from etl.operational import CATALOG, SOURCES
from etl.relations import DEALS_CONTRACTS, RELATIONS, STEPS
from etl.store import create
from tests import people
from tests.etl import deeds
from tests.etl.warehouse import built, rows
from tests.people import CRM_SUITE


@pytest.fixture
def engine(database_url) -> Engine:
    engine = people.company(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Empty tables of a warehouse, and an empty catalog beside them."""
    con = duckdb.connect()
    con.execute("attach ':memory:' as mart")
    create(con)
    con.execute(f"attach ':memory:' as {CATALOG}")
    operational.create(con)
    yield con
    con.close()


def parts_of(engine: Engine, act) -> set[tuple[str, str | None]]:
    """What the change log says of an act."""
    known = changes.latest(engine)
    with transaction(engine) as session:
        act(session)
    with engine.connect() as connection:
        return set(changes.since(connection, known).parts)


def test_the_log_says_which_part_of_a_record_was_written(engine):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session)
        contract = people.a_contract(session, opportunity=opportunity)
    of_it = update(Opportunity).where(Opportunity.id == opportunity.id)
    of_contract = update(Contract).where(Contract.id == contract.id)
    assert parts_of(engine, lambda session: session.execute(of_it.values(next_step="再打"))) == {("opportunity", "record")}
    assert parts_of(engine, lambda session: session.execute(of_it.values(source_id=2))) == {("opportunity", "opportunities")}
    assert parts_of(engine, lambda session: session.execute(of_contract.values(number="改"))) == {("contract", "record")}
    assert parts_of(engine, lambda session: session.execute(of_contract.values(source_id=2))) == {("contract", "contracts")}
    assert parts_of(engine, lambda session: people.a_follow_up(session, opportunity)) == {("opportunity", "follow_ups")}


def test_a_follow_up_makes_two_relations_anew_and_a_receipt_none_of_the_signing():
    def altered(*parts: tuple[str, str]) -> list[str]:
        subjects = {"deal", *(subject for subject, _ in parts)}
        return [relation.name for relation in relations.altered(subjects, relations.written(set(parts)))]

    assert altered(("opportunity", "follow_ups"), ("opportunity", "record")) == ["opportunity_record", "follow_up"]
    assert altered(("contract", "receipts"), ("contract", "record")) == [
        "contract_record", "received", "balance", "cost_state", "cohort", "allocation", "instalment_state",
    ]  # fmt: skip


def test_lines_of_the_log_from_before_it_named_parts_make_everything_anew(engine, tmp_path):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, amount=5, lines={CRM_SUITE: 5})
    with built(engine, tmp_path) as store:
        with transaction(engine) as session:
            session.execute(update(Opportunity).where(Opportunity.id == opportunity.id).values(campaign_id=1, title="改名"))
            session.execute(text("update change_log set part = null"))
        apply(store, engine)
        assert rows(store, "select campaign_id from mart.open_now union all select campaign_id from mart.created") == [(1,), (1,)]
        assert rows(store, "select title from mart.opportunity_record") == [("改名",)]


def test_what_the_log_calls_the_record_s_own_nothing_else_is_made_from(con):
    """Were another relation made from such a column, its statement would fail without it."""
    told = ScriptDirectory(str(schema.MIGRATIONS)).get_revision("0014").module.TOLD
    for table, columns in told.items():
        for column in set(SOURCES[table].columns.split()) - set(columns.split()):
            con.execute(f"alter table {CATALOG}.{table} drop column {column}")
    for step in STEPS:
        con.execute(f"create or replace {step.kind} {CATALOG}.{step.name} as {step.sql}")
        if step.name == "to_apportion":
            receivables.apportion_lines(con)
    receivables.run(con)
    for relation in RELATIONS:
        if relation.name not in {"opportunity_record", "contract_record"}:
            con.execute(relations.inserting(relation))
        else:
            with pytest.raises(duckdb.BinderException):
                con.execute(relations.inserting(relation))


@pytest.fixture(scope="module")
def busy_spring(sqlite_template, tmp_path_factory) -> Engine:
    """A company in which whatever can happen has happened, and nothing was struck."""
    engine = people.company(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('spring') / 'saleslens.db')}")
    chance = Random(20260401)
    struck = {deeds.follow_up_is_struck, deeds.competition_is_struck, deeds.contract_lines_change, deeds.contract_vanishes}
    born = [deeds.lead_arrives, deeds.lead_converts] * 4
    for act in chance.choices([*born, *(act for act in deeds.ACTS if act not in struck)], k=300):
        with transaction(engine) as session:
            act(session, Random(chance.randrange(2**32)))
    yield engine
    engine.dispose()


GATED = [each for each in (*STEPS, *RELATIONS) if each.only_of]


@pytest.mark.parametrize("gated", GATED, ids=lambda each: each.name)
def test_where_what_it_is_made_of_is_missing_it_has_no_rows(busy_spring, con, gated):
    """Everything else is there; and with it all, there are some."""
    assert _made(busy_spring, con, gated.name, without=()) > 0
    assert _made(busy_spring, con, gated.name, without=gated.only_of) == 0


def _made(engine: Engine, con: duckdb.DuckDBPyConnection, name: str, without: tuple[str, ...]) -> int:
    """How many rows a step or relation has when the whole company is laid, but for the rows of these phrases."""
    with engine.connect() as connection:
        for table in SOURCES:
            operational.create_one(con, table)
            operational.read(connection, con, table)
    steps = {step.name for step in STEPS}
    for phrase in without:
        if phrase.partition(" ")[0] not in steps:
            con.execute(f"delete from {CATALOG}.{'contracts' if phrase == DEALS_CONTRACTS else phrase}")
    for step in STEPS:
        con.execute(f"create or replace {step.kind} {CATALOG}.{step.name} as {step.sql}")
        if step.name in without:
            con.execute(f"delete from {CATALOG}.{step.name}")
        if step.name == "to_apportion":
            receivables.apportion_lines(con)
    receivables.run(con)
    for relation in RELATIONS:
        con.execute(f"delete from mart.{relation.name}")
        con.execute(relations.inserting(relation))
    place = f"{CATALOG}.{name}" if name in steps else f"mart.{name}"
    return con.execute(f"select count(*) from {place}").fetchone()[0]


def test_whoever_has_a_row_of_a_record_anywhere_is_known_without_the_row(busy_spring, tmp_path):
    with busy_spring.connect() as connection:
        ids = {"deal": list(connection.scalars(select(Opportunity.id))), "contract": list(connection.scalars(select(Contract.id)))}
        held = list(holders.of(connection, ids))
    owners, teams = {(key, id, owner) for key, id, owner, _ in held}, {(key, id, team) for key, id, _, team in held}
    seen = 0
    with built(busy_spring, tmp_path) as store:
        for relation in RELATIONS:
            columns = {name for name, *_ in rows(store, f"describe mart.{relation.name}")}
            if relation.key in {"opportunity_id", "contract_id"} and "owner_id" in columns:
                for id, owner, team in rows(store, f"select {relation.key}, owner_id, team_id from mart.{relation.name}"):
                    assert owner is None or (relation.key, id, owner) in owners, relation.name
                    assert team is None or (relation.key, id, team) in teams, relation.name
                    seen += 1
    assert seen > 500
