"""The change log read without gap: on PostgreSQL lines become visible in another order than they were written."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.models import Change, Customer, Opportunity
from etl import changes
from etl.sync import Follower
from tests import people
from tests.etl.warehouse import rows, settings


@pytest.fixture
def engine(database_url):
    engine = people.company(database_url)
    yield engine
    engine.dispose()


def since(engine, known: int) -> changes.Changes:
    with engine.connect() as connection:
        return changes.since(connection, known)


def test_each_record_is_named_once_however_often_it_was_touched(engine):
    known = changes.latest(engine)
    with transaction(engine) as session:
        customer = people.a_customer(session)
        opportunity = people.an_opportunity(session, customer=customer)
        people.a_follow_up(session, opportunity)
    found = since(engine, known)
    assert found.subjects == {"customer": {customer.id}, "opportunity": {opportunity.id}}
    assert found.position > known
    assert since(engine, found.position).subjects == {}


def test_what_is_rolled_back_was_never_there(engine):
    known = changes.latest(engine)
    with Session(engine.execution_options(writing=True)) as session:
        people.a_customer(session)
        session.rollback()
    assert since(engine, known).subjects == {}


def test_a_transaction_that_stays_open_across_another_is_not_missed(postgres_url, tmp_path):
    """Wang writes first and commits last; Zhao's commit in between must wait, or Wang's would lie behind the position reached."""
    engine = people.company(postgres_url)
    with transaction(engine) as session:
        wangs, zhaos = people.an_opportunity(session).id, people.an_opportunity(session, owner=people.ZHAO).id
    follower = Follower(engine, settings(tmp_path))
    follower.open()
    follower.step()
    titles = "select title from mart.opportunity_record order by opportunity_id"
    wang = Session(engine)
    wang.get_one(Opportunity, wangs).title = "王的"
    wang.flush()  # the transaction has its id, and its line of the log a position
    with transaction(engine) as zhao:
        zhao.get_one(Opportunity, zhaos).title = "赵的"
    assert not follower.step()
    wang.connection().execute(text("commit"))
    wang.close()
    assert follower.step()
    assert rows(follower.store, titles) == [("王的",), ("赵的",)]
    follower.stop()
    engine.dispose()


def test_a_line_with_a_lower_position_that_comes_later_is_not_missed(postgres_url, tmp_path):
    """Zhao begins later, takes the earlier line of the log, and commits after Wang."""
    engine = people.company(postgres_url)
    with transaction(engine) as session:
        one, other = people.a_customer(session, "一").id, people.a_customer(session, "二").id
    follower = Follower(engine, settings(tmp_path))
    follower.open()
    follower.step()
    wang, zhao = Session(engine), Session(engine)
    wang.execute(text("select pg_current_xact_id()"))
    zhao.get_one(Customer, other).region = "西"
    zhao.flush()
    wang.get_one(Customer, one).region = "东"
    wang.flush()
    assert wang.query(Change.xid).order_by(Change.position.desc()).first() < zhao.query(Change.xid).order_by(Change.position.desc()).first()
    wang.connection().execute(text("commit"))
    wang.close()
    assert follower.step()
    zhao.connection().execute(text("commit"))
    zhao.close()
    assert follower.step()
    assert rows(follower.store, "select region from mart.customer order by customer_id") == [("东",), ("西",)]
    follower.stop()
    engine.dispose()
