"""The follower: what was committed is in the warehouse shortly after, once and whole."""

import shutil
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from crm.db import transaction
from crm.models import Opportunity, Product, SignInAttempt, User
from crm.vocabulary import OpportunityAct
from etl import changes, sync
from etl.apply import apply
from etl.build import build
from etl.store import Versions
from etl.sync import Follower
from tests import people
from tests.etl.warehouse import rows, settings


@pytest.fixture
def engine(database_url) -> Engine:
    engine = people.company(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def follower(engine, tmp_path) -> Follower:
    """One that is stepped by hand."""
    follower = Follower(engine, settings(tmp_path))
    follower.open()
    yield follower
    follower.stop()


def versions_of(follower: Follower) -> dict[str, int]:
    return dict(rows(follower.store, "select relation, position from mart.version"))


def test_what_is_committed_is_there_after_a_step(engine, follower):
    assert not follower.step()
    with transaction(engine) as session:
        people.an_opportunity(session, amount="77.00")
    assert follower.step()
    assert rows(follower.store, "select amount from mart.open_now") == [(Decimal("77.00"),)]
    assert not follower.step()


def test_in_the_background_a_commit_arrives_by_itself(engine, tmp_path):
    with Follower(engine, settings(tmp_path)) as follower:
        with transaction(engine) as session:
            people.an_opportunity(session)
        follower.notify()
        assert follower.wait_for(changes.latest(engine), timeout=20)
        assert rows(follower.store, "select count(*) from mart.open_now") == [(1,)]
        assert follower.error is None


def test_while_the_server_is_busy_commits_go_together_but_nobody_who_waits_is_kept_waiting(engine, tmp_path, monkeypatch):
    monkeypatch.setattr(sync, "RESTS", 1e6)
    monkeypatch.setattr(sync, "LONGEST_REST", 60.0)
    with Follower(engine, settings(tmp_path), busy=lambda: True) as follower:
        with transaction(engine) as session:
            people.an_opportunity(session, "一")
        follower.notify()
        first = changes.latest(engine)
        assert eventually(lambda: follower.position >= first)
        for title in ("二", "三"):
            with transaction(engine) as session:
                people.an_opportunity(session, title)
            follower.notify()
        assert not eventually(lambda: follower.position > first, patience=1)  # it rests
        assert follower.wait_for(changes.latest(engine), timeout=20)
        assert rows(follower.store, "select title from mart.opportunity_record order by opportunity_id") == [("一",), ("二",), ("三",)]


def eventually(holds, patience=20.0) -> bool:
    """Whether it holds within so many seconds."""
    ends = time.monotonic() + patience
    while not (held := holds()) and time.monotonic() < ends:
        time.sleep(0.02)
    return held


def test_where_nobody_commits_nothing_is_asked(engine, follower, monkeypatch):
    follower.step()
    asked = []
    monkeypatch.setattr(sync, "apply", lambda store, of: asked.append(of) or apply(store, of))
    assert not follower.step()
    assert asked == []
    with transaction(engine) as session:
        people.an_opportunity(session)
    assert follower.step()
    assert asked == [engine]


def test_a_correction_by_hand_in_sql_is_seen(engine, follower):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session)
    follower.step()
    with transaction(engine) as session:
        session.execute(update(Opportunity).where(Opportunity.id == opportunity.id).values(title="改名"))
    assert follower.step()
    assert rows(follower.store, "select title from mart.opportunity_record") == [("改名",)]


def test_only_what_really_changed_gets_a_new_version(engine, follower):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session)
        contract = people.a_contract(session, opportunity=opportunity)
        people.a_receipt(session, contract, 100, date(2026, 5, 1))
    follower.step()
    before = versions_of(follower)
    with transaction(engine) as session:
        people.a_follow_up(session, session.get_one(Opportunity, opportunity.id))
    follower.step()
    after = versions_of(follower)
    assert {relation for relation in after if after[relation] != before[relation]} == {"follow_up", "opportunity_record"}


def test_a_new_product_moves_no_other_in_the_masks(engine, follower):
    with transaction(engine) as session:
        people.an_opportunity(session, lines={people.TRAINING: 10})
    follower.step()
    with transaction(engine) as session:
        product = Product(code="NEW", name="新品", list_price=Decimal(1), floor_price=Decimal(1))
        session.add(product)
        session.flush()
        people.an_opportunity(session, lines={product.id: 10, people.CRM_SUITE: 5})
    follower.step()
    assert rows(follower.store, "select product_ids, product_mask from mart.open_now order by opportunity_id") == [([3], 4), ([1, 4], 9)]


def test_a_renamed_person_only_touches_the_list_of_people(engine, follower):
    with transaction(engine) as session:
        people.an_opportunity(session)
    follower.step()
    before = versions_of(follower)
    with transaction(engine) as session:
        session.get_one(User, people.WANG).name = "王小明"
    follower.step()
    after = versions_of(follower)
    assert {relation for relation in after if after[relation] != before[relation]} == {"person"}
    assert rows(follower.store, "select name_key from mart.person where user_id = ?", people.WANG) == [("wang xiao ming 王小明",)]


def test_a_step_that_fails_shows_and_leaves_the_warehouse_whole(engine, follower, monkeypatch):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, amount=5)
    follower.step()
    reached = follower.store.state()
    with transaction(engine) as session:
        opportunity = session.get_one(Opportunity, opportunity.id)
        opportunity.expected_amount = Decimal(9)
        people.a_change(session, opportunity, OpportunityAct.AMOUNT, people.TODAY)
    with monkeypatch.context() as patch:
        patch.setattr("etl.relations.inserting", _out_of_disk)
        with pytest.raises(OSError, match="disk"):
            follower.step()
        assert follower.store.state() == reached
        assert rows(follower.store, "select amount from mart.open_now") == [(Decimal("5.00"),)]
    assert follower.step()
    assert rows(follower.store, "select amount from mart.open_now") == [(Decimal("9.00"),)]


def _out_of_disk(relation: object) -> str:
    raise OSError("no space left on disk")


def test_it_goes_over_to_a_version_that_was_published_elsewhere(engine, follower, tmp_path):
    first = follower.store.path
    reader = follower.cursor()
    published = build(engine, settings(tmp_path))
    with transaction(engine) as session:
        people.an_opportunity(session)
    follower.step()
    assert follower.store.path == published.path
    assert rows(follower.store, "select count(*) from mart.open_now") == [(1,)]
    assert reader.execute("select count(*) from mart.open_now").fetchall() == [(0,)]
    assert first.exists()
    reader.close()
    del reader
    follower.step()
    assert not first.exists()


def test_a_damaged_warehouse_is_built_anew_at_the_start(engine, tmp_path):
    path = build(engine, settings(tmp_path)).path
    path.write_bytes(b"not a warehouse")
    with transaction(engine) as session:
        people.an_opportunity(session)
    with Follower(engine, settings(tmp_path)) as follower:
        assert rows(follower.store, "select count(*) from mart.open_now") == [(1,)]
        assert not path.exists()
        assert Versions(settings(tmp_path).warehouse_path).current() == follower.store.path


def test_a_warehouse_behind_a_pruned_log_is_built_anew(engine, tmp_path):
    first = build(engine, settings(tmp_path))
    with transaction(engine) as session:
        people.an_opportunity(session)
    with transaction(engine) as session:
        people.an_opportunity(session)
    assert changes.prune(engine, changes.latest(engine), margin=1) > 0
    with Follower(engine, settings(tmp_path)) as follower:
        assert follower.store.path != first.path
        assert rows(follower.store, "select count(*) from mart.open_now") == [(2,)]


def test_pruning_spares_what_the_warehouse_still_needs(engine, follower):
    follower.step()
    with transaction(engine) as session:
        people.an_opportunity(session)
    changes.prune(engine, follower.position, margin=1)
    assert follower.step()
    assert rows(follower.store, "select count(*) from mart.open_now") == [(1,)]


def test_a_database_put_in_the_place_of_another_is_not_mistaken_for_it(sqlite_template, tmp_path):
    """Both logs end alike: one line that says everything changed."""
    for name in ("一", "二"):
        path = Path(shutil.copy(sqlite_template, tmp_path / "saleslens.db"))
        engine = people.company(f"sqlite:///{path}")
        with transaction(engine) as session:
            people.a_customer(session, name)
        with Follower(engine, settings(tmp_path)) as follower:
            assert rows(follower.store, "select name from mart.customer") == [(name,)]
        engine.dispose()


def test_beside_another_process_it_keeps_a_warehouse_of_its_own(engine, tmp_path):
    path = build(engine, settings(tmp_path)).path
    code = f"import duckdb, sys; held = duckdb.connect({str(path)!r}); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with Follower(engine, settings(tmp_path)) as follower:
            assert follower.store.path != path
            assert Versions(settings(tmp_path).warehouse_path).current() == path
            with transaction(engine) as session:
                people.an_opportunity(session)
            follower.step()
            assert rows(follower.store, "select count(*) from mart.open_now") == [(1,)]
            assert path.exists()
        other.stdin.close()


def test_what_commits_elsewhere_in_the_cluster_does_not_keep_anybody_waiting(engine, tmp_path):
    """Positions move on although nothing that the warehouse reads has changed."""
    with Follower(engine, settings(tmp_path)) as follower:
        with transaction(engine) as session:
            session.add(SignInAttempt(login="wang", address="127.0.0.1", at=people.noon(people.TODAY), succeeded=True))
        assert follower.wait_for(changes.latest(engine), timeout=20)


def test_many_changes_at_once_are_built_anew(engine, follower, monkeypatch):
    monkeypatch.setattr("etl.apply.MOST", 3)
    first = follower.store.path
    with transaction(engine) as session:
        for _ in range(5):
            people.an_opportunity(session)
    follower.step()
    assert follower.store.path != first
    assert rows(follower.store, "select count(*) from mart.open_now") == [(5,)]
