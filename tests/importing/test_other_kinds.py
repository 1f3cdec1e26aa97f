"""What a company has beside leads and deals: plans, receipts, costs, follow-ups, targets, all by the same importer."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from crm.db import reading, transaction
from crm.importing.fields import RecordKind
from crm.importing.records import RECORDS
from crm.models import Contract, Cost, FollowUp, Instalment, Opportunity, PaymentPlan, Receipt, SalesTarget
from crm.vocabulary import ContractStatus, TargetUnit
from tests import people
from tests.importing.company import imported, said, undone, verdict_on
from tests.people import EAST, TODAY, WANG


def layout(kind, **columns):
    named = "\n".join(f'"{column}" = "{key}"' for key, column in columns.items())
    return f'name = "表"\nkind = "{kind}"\nsystem = "old"\n[columns]\n{named}\n'


@pytest.fixture
def engine(database_url):
    engine = people.company(database_url)
    with transaction(engine) as session:
        contract = people.a_contract(session, "HT-1", amount="1000.00", signed=date(2026, 4, 1))
        contract.is_imported = True
        people.an_opportunity(session, "大单")
    yield engine
    engine.dispose()


def all_of(engine, *columns):
    with reading(engine) as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(columns[0])).all()]


PLAN = layout("instalments", contract="合同", due_on="应收", amount="金额")
RECEIPTS = layout("receipts", contract="合同", received_on="日期", amount="金额", note="备注", external_id="编号")


def test_every_kind_has_its_records():
    assert set(RECORDS) == set(RecordKind)


def test_the_instalments_of_a_contract_make_its_plan(engine, tmp_path):
    text = "合同,应收,金额\nHT-1,2026-05-01,400\nHT-1,2026-06-01,600\n"
    imported(engine, tmp_path, PLAN, text)
    assert all_of(engine, Instalment.no, Instalment.due_on, Instalment.amount) == [
        (1, date(2026, 5, 1), Decimal(400)),
        (2, date(2026, 6, 1), Decimal(600)),
    ]
    assert all_of(engine, PaymentPlan.revision, PaymentPlan.day) == [(1, date(2026, 4, 1))]
    assert [row.outcome.value for row in verdict_on(engine, tmp_path, PLAN, text).rows] == ["unchanged", "unchanged"]


def test_a_plan_that_does_not_sum_is_no_plan(engine, tmp_path):
    verdict = verdict_on(engine, tmp_path, PLAN, "合同,应收,金额\nHT-1,2026-05-01,400\nHT-1,2026-06-01,500\n")
    assert [row.outcome.value for row in verdict.rows] == ["faulty", "faulty"]
    assert "difference is 100" in said(verdict.rows[0])[0]


def test_receipts_complete_what_was_imported_on_the_day_it_was_fully_received(engine, tmp_path):
    run = imported(engine, tmp_path, RECEIPTS, "合同,日期,金额,备注,编号\nHT-1,2026-05-03,400,,R1\nHT-1,2026-06-09,600,,R2\n")
    assert all_of(engine, Receipt.received_on, Receipt.recorded_on, Receipt.amount) == [
        (date(2026, 5, 3), date(2026, 5, 3), Decimal(400)),
        (date(2026, 6, 9), date(2026, 6, 9), Decimal(600)),
    ]
    assert all_of(engine, Contract.number, Contract.status, Contract.completed_on) == [("HT-1", ContractStatus.COMPLETED, date(2026, 6, 9))]
    assert undone(engine, run).spared == []
    assert all_of(engine, Contract.number, Contract.status, Contract.completed_on) == [("HT-1", ContractStatus.IN_PROGRESS, None)]
    assert all_of(engine, Receipt.id) == []


def test_neither_more_than_is_outstanding_nor_back_more_than_came_in(engine, tmp_path):
    rows = "HT-1,2026-05-03,900,,R1\nHT-1,2026-05-04,200,,R2\nHT-1,2026-05-05,-950,退,R3\nHT-1,2026-05-05,-10,,R4\nHT-9,2026-05-05,1,,R5\n"
    verdict = verdict_on(engine, tmp_path, RECEIPTS, "合同,日期,金额,备注,编号\n" + rows)
    assert [row.outcome.value for row in verdict.rows] == ["good", "faulty", "faulty", "faulty", "faulty"]
    assert said(verdict.rows[3]) == ["A refund needs a note that says why."]
    assert said(verdict.rows[4]) == ["Nothing is known of the Contract “HT-9”."]


def test_costs_have_categories(engine, tmp_path):
    text = "合同,类别,日期,金额\nHT-1,差旅,2026-05-03,88.5\nHT-1,没有的,2026-05-03,1\n"
    costs = layout("costs", contract="合同", category="类别", paid_on="日期", amount="金额")
    assert imported(engine, tmp_path, costs, text, good_only=True).faulty_count == 1
    assert all_of(engine, Cost.paid_on, Cost.recorded_on, Cost.amount) == [(date(2026, 5, 3), date(2026, 5, 3), Decimal("88.50"))]


def test_follow_ups_show_on_their_opportunity_and_go_again(engine, tmp_path):
    notes = layout("follow_ups", opportunity="机会", writer="谁", day="日期", method="方式", content="内容", next_step="下一步")
    text = "机会,谁,日期,方式,内容,下一步\n大单,王,2026-05-03,电话,谈了价格,寄方案\n大单,王,2026-05-01,电话,初次联系,\n"
    run = imported(engine, tmp_path, notes, text)
    assert all_of(engine, FollowUp.day, FollowUp.recorded_on, FollowUp.by_id, FollowUp.team_id) == [
        (date(2026, 5, 1), date(2026, 5, 1), WANG, EAST),
        (date(2026, 5, 3), date(2026, 5, 3), WANG, EAST),
    ]
    assert all_of(engine, Opportunity.last_followed_up_on, Opportunity.next_step) == [(date(2026, 5, 3), "寄方案")]
    assert [row.outcome.value for row in verdict_on(engine, tmp_path, notes, text).rows] == ["duplicate", "duplicate"]
    undone(engine, run)
    assert all_of(engine, Opportunity.last_followed_up_on, Opportunity.next_step) == [(None, "")]


def test_a_changed_target_is_a_new_version_and_the_past_keeps_its_own(engine, tmp_path):
    targets = layout("targets", month="月份", team="团队", rep="销售", amount="金额")
    imported(engine, tmp_path, targets, "月份,团队,销售,金额\n2026-03,,,5000\n2026-03,华东,,3000\n2026-03,,王,1000\n")
    assert {unit for (unit,) in all_of(engine, SalesTarget.unit)} == set(TargetUnit)
    assert {since for (since,) in all_of(engine, SalesTarget.valid_from)} == {date(2026, 3, 1)}
    run = imported(engine, tmp_path, targets, "月份,团队,销售,金额\n2026-03,,,6000\n2026-03,华东,,3000\n2026-03,,王,1000\n")
    assert run.changed_count == 1
    versions = all_of(engine, SalesTarget.valid_from, SalesTarget.valid_to, SalesTarget.amount, SalesTarget.unit)
    company = [row[:3] for row in versions if row[3] is TargetUnit.COMPANY]
    assert company == [(date(2026, 3, 1), company[1][0], Decimal(5000)), (company[1][0], None, Decimal(6000))]
    assert company[1][0] >= TODAY
    undone(engine, run)
    assert len(all_of(engine, SalesTarget.id)) == 3
