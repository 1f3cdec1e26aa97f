"""After two customers were merged, a file that still names the one that was given up speaks of the one that stays."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.models import Contract, Customer, Opportunity
from crm.services import merging
from crm.services.inputs import read
from crm.services.merging import MergeCustomers
from tests import people
from tests.importing.company import imported, said, verdict_on
from tests.importing.test_other_kinds import layout
from tests.people import TODAY

DEALS = layout("opportunities", title="标题", customer="客户", owner="销售", stage="阶段", created_on="日期", external_id="编号")
CONTRACTS = layout("contracts", number="合同号", customer="客户", signer="签约人", signed_on="日期", amount="金额")
CUSTOMERS = layout("customers", name="名称", region="地区", external_id="编号")


@pytest.fixture
def engine(database_url: str) -> Engine:
    """长江科技 of Wang's, into which 长江 (Wang's too, and 77 in the old system) went."""
    engine = people.company(database_url)
    with transaction(engine) as session:
        stays, goes = people.a_customer(session, "长江科技"), people.a_customer(session, "长江")
        goes.external_system, goes.external_id, goes.name_key, stays.name_key = "old", "77", "长江", "长江科技"
        session.flush()
        values = read(MergeCustomers, {"name": "长江科技", "region": "武汉"})
        lin = people.actor(session, "lin")
        merging.merge(session, lin, stays.id, goes.id, values, versions=(stays.version, goes.version), today=TODAY)
    return engine


def customers_of(engine: Engine, model: type[Opportunity] | type[Contract]) -> set[str]:
    with reading(engine) as session:
        return set(session.scalars(select(Customer.name).join(model, model.customer_id == Customer.id)))


@pytest.mark.parametrize("called", ["长江", "77", "长江科技"])
def test_what_names_it_comes_to_the_one_that_stays(engine: Engine, tmp_path: Path, called: str) -> None:
    imported(engine, tmp_path, DEALS, f"标题,客户,销售,阶段,日期,编号\n云盘,{called},王,前期洽谈,2026-05-04,1\n")
    imported(engine, tmp_path, CONTRACTS, f"合同号,客户,签约人,日期,金额\nHT-1,{called},王,2026-05-04,100\n")
    assert customers_of(engine, Opportunity) == customers_of(engine, Contract) == {"长江科技"}
    engine.dispose()


def test_the_customer_itself_comes_back_neither_as_a_second_one_nor_over_the_first(engine: Engine, tmp_path: Path) -> None:
    (row,) = verdict_on(engine, tmp_path, CUSTOMERS, "名称,地区,编号\n长江,上海,77\n").rows
    assert row.outcome.value == "duplicate"
    assert "长江科技" in said(row)[0]
    (row,) = verdict_on(engine, tmp_path, CUSTOMERS, "名称,地区,编号\n长江,上海,78\n").rows
    assert row.outcome.value == "duplicate"
    with reading(engine) as session:
        stays = session.scalars(select(Customer).where(Customer.merged_into_id.is_(None))).one()
        assert (stays.name, stays.region, stays.created_on) == ("长江科技", "武汉", date(2024, 1, 1))
    engine.dispose()
