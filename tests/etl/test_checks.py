"""What the checks find: each kind of damage, named."""

from datetime import date
from decimal import Decimal

import pytest

from crm.db import transaction
from crm.models import Contract
from etl.build import build
from etl.checks import check, compare
from etl.store import Store
from tests import people
from tests.etl.warehouse import built, settings


@pytest.fixture
def engine(sqlite_url):
    engine = people.company(sqlite_url)
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session)
        people.a_follow_up(session, opportunity)
        plan = [(date(2026, 5, 1), 60000), (date(2026, 6, 1), 40000)]
        contract = people.a_contract(session, opportunity=opportunity, lines={1: 100000}, plan=plan)
        people.a_receipt(session, contract, 70000, date(2026, 5, 2))
        people.an_opportunity(session, amount="12.34")
    yield engine
    engine.dispose()


DAMAGE = {
    "one row per team_id": "insert into mart.team from mart.team",
    "intervals have days": "update mart.signed set valid_to = valid_from",
    "one row at a time per opportunity_id in view 1": (
        "insert into mart.open_now select * replace (date '2026-01-01' as valid_from) from mart.open_past"
    ),
    "customer_id exists": "delete from mart.customer where customer_id = 1",
    "sums to signed": "update mart.signed_line set amount = amount - 0.01",
    "sums to closed": "delete from mart.closed_line",
    "sums to what of each receipt counts": "delete from mart.allocation where no = 2",
    "nothing is met twice, and open is the rest": "update mart.instalment_state set open = 0",
    "outstanding or prepaid is the rest of the amount": "update mart.balance set outstanding = outstanding + 1",
    "received is the sum of the receipts seen by then": "delete from mart.received",
    "sum(amount) as in the books": "update mart.open_now set amount = 12.35",
    "count(*) as in the books": "delete from mart.follow_up",
    "what was won by contract is what was signed on an opportunity": "update mart.closed set amount = 1",
}


@pytest.mark.parametrize("rule", DAMAGE)
def test_a_check_finds(engine, tmp_path, rule):
    with built(engine, tmp_path) as store:
        assert check(engine, store) == []
        with store.write() as con:
            con.execute(DAMAGE[rule])
        assert rule in {fault.rule for fault in check(engine, store)}


def test_a_warehouse_that_is_behind_says_so(engine, tmp_path):
    with built(engine, tmp_path) as store:
        with transaction(engine) as session:
            people.a_receipt(session, session.get_one(Contract, 1), "0.01", date(2026, 5, 3))
        assert [(fault.relation, fault.rule) for fault in check(engine, store)] == [
            ("state", "everything committed is in"),
            ("received", "sum(amount) as in the books"),
        ]


def test_two_that_differ_in_a_cent_are_told_apart(engine, tmp_path):
    one, other = (Store(build(engine, settings(tmp_path / name)).path, 1, "1GB") for name in ("one", "other"))
    assert compare(one, other) == []
    with other.write() as con:
        con.execute("update mart.balance set cost = ? where valid_to = date '9999-12-31'", [Decimal("0.01")])
    assert [fault.relation for fault in compare(one, other)] == ["balance"]
    one.close()
    other.close()
