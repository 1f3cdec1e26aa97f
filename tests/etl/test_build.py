"""A warehouse built from everything: the same by the scanner and through Python, on either database."""

import shutil
import threading
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from crm.db import make_engine, transaction
from crm.vocabulary import ContractAct, LeadStatus, OpportunityAct, OpportunityStatus
from etl.apply import apply
from etl.build import build
from etl.checks import check
from etl.relations import RELATIONS
from etl.store import ROWS_TOGETHER, Store, Versions, WarehouseUnusable, connect_mart, create
from tests import people
from tests.etl.warehouse import at, built, rows, settings
from tests.people import CLOUD_DRIVE, CRM_SUITE, EAST, TRAINING, WANG, WEST, ZHAO


@pytest.fixture
def engine(database_url) -> Engine:
    engine = people.company(database_url)
    yield engine
    engine.dispose()


def a_year(engine: Engine) -> None:
    """A lead that was won and half paid, one lost, one still waiting for a team."""
    with transaction(engine) as session:
        lead = people.a_lead(session, arrived=date(2026, 3, 1), status=LeadStatus.CONVERTED, ended=date(2026, 3, 2), product=CLOUD_DRIVE)
        won = people.an_opportunity(session, lead=lead, lines={CRM_SUITE: "60000.10", CLOUD_DRIVE: "39999.90"}, created=date(2026, 3, 2))
        people.a_follow_up(session, won, date(2026, 3, 9))
        contract = people.a_contract(
            session, opportunity=won, lines={CRM_SUITE: "60000.10", CLOUD_DRIVE: "39999.90"},
            plan=[(date(2026, 5, 1), 50000), (date(2026, 6, 1), 50000)],
        )  # fmt: skip
        people.a_receipt(session, contract, "30000.01", date(2026, 5, 3))
        people.a_receipt(session, contract, "999", date(2026, 5, 4), cancelled=date(2026, 5, 6))
        people.a_cost(session, contract, "1234.56", date(2026, 5, 5))
        people.an_opportunity(session, owner=ZHAO, status=OpportunityStatus.LOST, closed=date(2026, 4, 4))
        people.an_opportunity(session, owner=None, amount=None)
        people.a_target(session, date(2026, 4, 1), 500000, team=EAST)


def test_the_scanner_and_python_make_the_same_warehouse(engine, tmp_path):
    a_year(engine)
    with built(engine, tmp_path / "scanned", scanning=True) as scanned, built(engine, tmp_path / "read", scanning=False) as read:
        for relation in RELATIONS:
            question = f"from mart.{relation.name} order by all"
            assert rows(scanned, question) == rows(read, question), relation.name
        assert rows(scanned, "select count(*) from mart.lead") == [(1,)]


def test_the_sums_are_those_of_the_books(engine, tmp_path):
    a_year(engine)
    today = at(date(2026, 11, 23))
    with built(engine, tmp_path) as store:
        assert rows(store, f"select team_id, owner_id, sum(amount) from mart.signed where {today} group by all") == [
            (EAST, WANG, Decimal("100000.00"))
        ]
        assert rows(store, f"select sum(amount) from mart.received where {today}") == [(Decimal("30000.01"),)]
        assert rows(store, f"select received, cost, outstanding, prepaid, last_receipt_on from mart.balance where {today}") == [
            (Decimal("30000.01"), Decimal("1234.56"), Decimal("69999.99"), Decimal("0.00"), date(2026, 5, 3))
        ]
        assert rows(store, f"select no, met, open from mart.instalment_state where {today} order by no") == [
            (1, Decimal("30000.01"), Decimal("19999.99")),
            (2, Decimal("0.00"), Decimal("50000.00")),
        ]
        assert rows(store, f"select status, team_id, amount from mart.closed where {today} order by status") == [
            ("lost", WEST, Decimal("100000.00")),
            ("won", EAST, Decimal("100000.00")),
        ]
        assert rows(store, "select owner_id, team_id, amount, amount_known from mart.open_now") == [(None, None, Decimal("0.00"), False)]
        assert rows(store, f"select step, amount, day from mart.cohort where {today} order by step") == [
            ("received", Decimal("30000.01"), date(2026, 3, 1)),
            ("signed", Decimal("100000.00"), date(2026, 3, 1)),
            ("won", Decimal("100000.00"), date(2026, 3, 1)),
        ]


def test_a_new_version_is_published_whole_and_the_old_one_goes(engine, tmp_path):
    versions = Versions(settings(tmp_path).warehouse_path)
    assert versions.current() is None
    first = build(engine, settings(tmp_path))
    assert versions.current() == first.path
    a_year(engine)
    second = build(engine, settings(tmp_path))
    versions.clean()
    assert versions.current() == second.path
    assert sorted(path.name for path in versions.folder.iterdir()) == ["2.duckdb", "current"]


def test_a_version_that_somebody_has_open_stays(engine, tmp_path):
    with built(engine, tmp_path) as store:
        build(engine, settings(tmp_path))
        Versions(settings(tmp_path).warehouse_path).clean()
        assert rows(store, "select count(*) from mart.team") == [(2,)]
        assert store.path.exists()


def test_a_build_that_fails_leaves_the_current_version_alone(engine, tmp_path):
    first = build(engine, settings(tmp_path))

    def stop(what: str) -> None:
        if what == "signed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(engine, settings(tmp_path), stop)
    versions = Versions(settings(tmp_path).warehouse_path)
    versions.clean()
    assert versions.current() == first.path
    assert sorted(path.name for path in versions.folder.iterdir()) == ["1.duckdb", "current"]


def test_a_damaged_or_foreign_file_is_refused_with_its_name(engine, tmp_path):
    path = build(engine, settings(tmp_path)).path
    whole = path.read_bytes()
    path.write_bytes(b"x" * 4096 + whole[4096:])
    with pytest.raises(WarehouseUnusable, match="can't be opened"):
        Store(path)
    path.unlink()
    with pytest.raises(WarehouseUnusable, match="missing"):
        Store(path)


def test_a_quote_in_the_name_of_the_home_does_no_harm(engine, sqlite_template, tmp_path):
    home = tmp_path / "Lin's home"
    home.mkdir()
    people.company(f"sqlite:///{shutil.copy(sqlite_template, home / 'saleslens.db')}").dispose()
    with built(make_engine(f"sqlite:///{home / 'saleslens.db'}"), home, scanning=True) as store:
        assert rows(store, "select count(*) from mart.person") == [(9,)]


def test_a_lost_amount_is_split_by_the_lines_to_the_cent(engine, tmp_path):
    with transaction(engine) as session:
        lines = {CRM_SUITE: "1.00", TRAINING: "2.00"}
        lost = people.an_opportunity(session, amount="100.00", lines=lines, status=OpportunityStatus.LOST).id
        people.an_opportunity(session, amount="70.00", status=OpportunityStatus.STOPPED)
    with built(engine, tmp_path) as store:
        parts = "select opportunity_id = ?, product_id, amount from mart.closed_line order by amount desc"
        assert rows(store, parts, lost) == [
            (False, None, Decimal("70.00")),
            (True, TRAINING, Decimal("66.67")),
            (True, CRM_SUITE, Decimal("33.33")),
        ]


def test_an_amendment_dated_back_before_a_hand_over_leaves_the_carer_of_that_time(engine, tmp_path):
    with transaction(engine) as session:
        contract = people.a_contract(session, signed=date(2026, 3, 1), amount="100.00")
        contract.owner_id, contract.team_id = ZHAO, WEST
        people.a_contract_change(session, contract, ContractAct.CARER, date(2026, 3, 25))
        contract.amount = Decimal("130.00")
        people.a_contract_change(session, contract, ContractAct.AMENDED, date(2026, 3, 10), recorded=date(2026, 4, 1))
    stood = "select owner_id, amount from mart.balance where "
    with built(engine, tmp_path) as store:
        assert rows(store, stood + at(date(2026, 3, 15))) == [(WANG, Decimal("130.00"))]
        assert rows(store, stood + at(date(2026, 3, 15), basis=2)) == [(WANG, Decimal("100.00"))]
        assert rows(store, stood + at(date(2026, 3, 26))) == [(ZHAO, Decimal("130.00"))]
        assert rows(store, stood + at(date(2026, 3, 26), basis=2)) == [(ZHAO, Decimal("100.00"))]


def test_who_lost_it_keeps_the_loss_though_it_went_to_another_on_the_same_day(engine, tmp_path):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, status=OpportunityStatus.LOST, closed=date(2026, 5, 2))
        opportunity.owner_id, opportunity.team_id = ZHAO, WEST
        people.a_change(session, opportunity, OpportunityAct.ASSIGNED, date(2026, 5, 2))
    with built(engine, tmp_path) as store:
        assert rows(store, "select status, owner_id, team_id from mart.closed") == [("lost", WANG, EAST)]


def test_without_the_scanner_the_rows_pass_through_python(engine, tmp_path, monkeypatch, caplog):
    """An installation whose scanner is missing, or not of DuckDB's version."""
    for package in ("duckdb_extension_sqlite_scanner", "duckdb_extension_postgres_scanner"):
        (tmp_path / "empty" / package).mkdir(parents=True)
        (tmp_path / "empty" / package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "empty")
    a_year(engine)
    with built(engine, tmp_path, scanning=True) as store:
        assert rows(store, "select count(*) from mart.lead") == [(1,)]
        assert check(engine, store) == []
    assert "reading through Python, which takes longer" in caplog.text


def test_a_build_while_people_write_is_one_moment_and_the_rest_follows(engine, tmp_path):
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with transaction(engine) as session:
                people.a_contract(session, opportunity=people.an_opportunity(session, amount=5), amount=5, lines={CRM_SUITE: 5})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        store = Store(build(engine, settings(tmp_path), scanning=True).path, threads=1, memory="1GB")
    finally:
        stop.set()
        writer.join()
    moment = (
        "select (select count(*) from mart.created), (select count(*) from mart.signed), (select sum(amount) from mart.signed_line) / 5"
    )
    assert len(set(rows(store, moment)[0])) == 1
    apply(store, engine)
    assert check(engine, store) == []
    store.close()


def test_rows_lie_in_blocks_that_stay_as_small_when_the_file_is_opened_again(tmp_path):
    con = connect_mart(tmp_path / "w.duckdb", 2, "1GB")
    create(con)
    con.execute("insert into mart.customer (customer_id) select unnest(range(60_000))")
    con.close()
    con = connect_mart(tmp_path / "w.duckdb", 2, "1GB")
    con.execute("delete from mart.customer where customer_id in (1, 40_000)")
    con.execute("insert into mart.customer (customer_id) select unnest(range(60_000, 70_000))")
    con.execute("checkpoint mart")
    blocks = "select sum(count) from pragma_storage_info('mart.customer') where column_name = 'customer_id' and segment_type = 'INTEGER'"
    sizes = [size for (size,) in con.execute(f"{blocks} group by row_group_id").fetchall()]
    assert con.execute("select count(*) from mart.customer").fetchone() == (69_998,)
    assert max(sizes) <= ROWS_TOGETHER
    con.close()
