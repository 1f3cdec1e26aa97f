"""Writing: all good rows or nothing, as the verbs would have left them; the same ids again change and never double."""

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.db import reading, transaction
from crm.importing.batch import ChangedSinceVerdict
from crm.importing.writing import FaultyRowsRefused, NothingToImport, import_file
from crm.models import (
    Assignment,
    AuditEntry,
    Change,
    Contract,
    ContractHistory,
    ContractLine,
    Customer,
    ImportedRecord,
    Instalment,
    Lead,
    LeadSource,
    LossReason,
    Opportunity,
    OpportunityHistory,
    OpportunityLine,
    Receipt,
    Team,
    User,
)
from crm.vocabulary import AuditAct, ContractStatus, LeadStatus, OpportunityAct, OpportunityStatus
from tests import people
from tests.importing.company import DEALS, DEALS_HEADER, LEADS, LEADS_HEADER, imported, undone, verdict_on
from tests.people import CLOUD_DRIVE, EAST, SIGNED, TALKS, WANG, WEB

INVOICES = """
name = "应收"
kind = "contracts"
system = "old"
[columns]
"编号" = ["number", "external_id"]
"客户" = "customer"
"签约" = "signed_on"
"金额" = "amount"
"应收" = "due_on"
"结清" = ["settled_on", "completed_on"]
[constants]
signer = "王"
status = "completed"
[[rules]]
when = { settled_on = "" }
set = { status = "in_progress" }
[unknown]
customer = "create"
"""


@pytest.fixture
def engine(database_url):
    engine = people.company(database_url)
    yield engine
    engine.dispose()


def all_of(engine, *columns, order=None):
    with reading(engine) as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(order if order is not None else columns[0])).all()]


def test_leads_stand_as_the_file_says(engine, tmp_path):
    rows = (
        "A1,张三,远洋公司,138 0000 0001,网站,王,2026-11-01,,\nA2,李四,,13800000002,抖音,王,2026-11-02,成功,2026-11-05\n"
        "A3,王五,,13800000003,抖音,王,2026-11-03,失败,2026-11-06\nA4,赵六,,13800000004,DOUYIN,王,2026-11-03,跟进中,\n"
    )
    run = imported(engine, tmp_path, LEADS, LEADS_HEADER + rows)
    columns = (
        Lead.contact_name,
        Lead.phone_key,
        Lead.status,
        Lead.first_handled_on,
        Lead.converted_on,
        Lead.failed_on,
        Lead.arrival_owner_id,
    )
    assert all_of(engine, *columns, order=Lead.id) == [
        ("张三", "+8613800000001", LeadStatus.UNPROCESSED, None, None, None, WANG),
        ("李四", "+8613800000002", LeadStatus.CONVERTED, date(2026, 11, 5), date(2026, 11, 5), None, WANG),
        ("王五", "+8613800000003", LeadStatus.FAILED, date(2026, 11, 6), None, date(2026, 11, 6), WANG),
        ("赵六", "+8613800000004", LeadStatus.WORKING, date(2026, 11, 3), None, None, WANG),
    ]
    assert {row[0] for row in all_of(engine, Lead.team_id)} == {EAST}
    assert [row[0] for row in all_of(engine, LeadSource.name, order=LeadSource.id)][3:] == ["抖音", "DOUYIN"]
    assert run.created_count == 6


def test_every_row_leaves_its_line_in_the_change_log_and_the_import_one_in_the_audit_log(engine, tmp_path):
    with reading(engine) as session:
        before = session.scalar(select(func.max(Change.position)))
    run = imported(engine, tmp_path, LEADS, LEADS_HEADER + "A1,张三,,13800000001,抖音,王,2026-11-01,,\n")
    with reading(engine) as session:
        touched = session.execute(select(Change.subject).where(Change.position > before)).scalars().all()
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == AuditAct.IMPORTED)).one()
    assert sorted(touched) == ["lead", "source"]
    assert (entry.subject_id, entry.by_id) == (run.id, people.ADA)
    assert '"created":2' in entry.after


def test_a_won_row_is_an_opportunity_and_a_signed_contract(engine, tmp_path):
    imported(engine, tmp_path, DEALS, DEALS_HEADER + '7,大单,新客户,王,云盘,"12,345.60",2025-01-10,签约,2025-03-01,\n')
    with reading(engine) as session:
        won = session.scalars(select(Opportunity)).one()
        contract = session.scalars(select(Contract)).one()
        customer = session.get_one(Customer, won.customer_id)
        line = session.scalars(select(ContractLine)).one()
        expected = session.scalars(select(OpportunityLine)).one()
    assert (won.status, won.stage_id, won.closed_on, won.first_owner_id) == (OpportunityStatus.WON, SIGNED, date(2025, 3, 1), WANG)
    assert (contract.number, str(contract.amount), contract.signed_on) == ("HT-7", "12345.60", date(2025, 3, 1))
    assert contract.recorded_on == date(2025, 3, 1)
    assert (contract.opportunity_id, contract.is_imported, contract.status) == (won.id, True, ContractStatus.IN_PROGRESS)
    assert (line.product_id, line.amount, expected.amount) == (CLOUD_DRIVE, contract.amount, contract.amount)
    assert (customer.owner_id, customer.team_id, customer.pooled_on, customer.created_on) == (WANG, EAST, None, date(2025, 1, 10))
    history = all_of(
        engine,
        OpportunityHistory.seq,
        OpportunityHistory.act,
        OpportunityHistory.day,
        OpportunityHistory.recorded_on,
        OpportunityHistory.stage_id,
    )
    assert history == [
        (1, OpportunityAct.CREATED, date(2025, 1, 10), date(2025, 1, 10), TALKS),
        (2, OpportunityAct.WON, date(2025, 3, 1), date(2025, 3, 1), SIGNED),
    ]
    assert all_of(engine, Assignment.to_owner_id) == [(WANG,)]


def test_reasons_for_losing_and_stopping_are_two_lists(engine, tmp_path):
    rows = "1,甲,客户甲,王,云盘,1,2026-01-01,输单,2026-02-01,没有预算\n2,乙,客户乙,王,云盘,1,2026-01-01,停止,2026-02-01,没有预算\n"
    imported(engine, tmp_path, DEALS, DEALS_HEADER + rows)
    with reading(engine) as session:
        named = session.execute(
            select(Opportunity.title, LossReason.id, LossReason.kind).join(LossReason, LossReason.id == Opportunity.loss_reason_id)
        ).all()
    assert sorted((row.title, row.kind.value) for row in named) == [("乙", "stopped"), ("甲", "lost")]
    assert people.NO_BUDGET in {row.id for row in named}


def test_an_invoice_is_due_once_received_once_and_completed_that_day(engine, tmp_path):
    rows = "编号,客户,签约,金额,应收,结清\n0001,甲公司,2026-01-02,55.94,2026-02-01,2026-01-15\n0002,乙公司,2026-01-02,10,2026-02-01,\n"
    imported(engine, tmp_path, INVOICES, rows)
    assert all_of(engine, Contract.number, Contract.status, Contract.completed_on) == [
        ("0001", ContractStatus.COMPLETED, date(2026, 1, 15)),
        ("0002", ContractStatus.IN_PROGRESS, None),
    ]
    assert [(str(amount), due) for amount, due in all_of(engine, Instalment.amount, Instalment.due_on, order=Instalment.id)] == [
        ("55.94", date(2026, 2, 1)),
        ("10.00", date(2026, 2, 1)),
    ]
    assert [(str(amount), day, day2) for amount, day, day2 in all_of(engine, Receipt.amount, Receipt.received_on, Receipt.recorded_on)] == [
        ("55.94", date(2026, 1, 15), date(2026, 1, 15))
    ]
    assert all_of(engine, ContractHistory.contract_id, ContractHistory.seq, order=ContractHistory.id) == [(1, 1), (1, 2), (2, 1)]


def test_the_same_ids_again_change_and_history_goes_on(engine, tmp_path):
    imported(
        engine, tmp_path, DEALS, DEALS_HEADER + "7,大单,新客户,王,云盘,100,2026-01-10,跟进,,\n8,小单,新客户,王,云盘,5,2026-01-10,跟进,,\n"
    )
    rows = "7,大单,新客户,王,云盘,120,2026-01-10,签约,2026-03-01,\n8,小单,新客户,王,云盘,5,2026-01-10,跟进,,\n"
    run = imported(engine, tmp_path, DEALS, DEALS_HEADER + rows)
    assert (run.created_count, run.changed_count) == (0, 1)
    history = all_of(engine, OpportunityHistory.act, OpportunityHistory.day, order=OpportunityHistory.id)
    assert history[-1] == (OpportunityAct.WON, date(2026, 3, 1))
    assert all_of(engine, Opportunity.external_id, Opportunity.version, Opportunity.status) == [
        ("7", 2, OpportunityStatus.WON),
        ("8", 1, OpportunityStatus.FOLLOWING),
    ]
    assert len(all_of(engine, Contract.number)) == 1
    with pytest.raises(NothingToImport):
        imported(engine, tmp_path, DEALS, DEALS_HEADER + rows)


def test_the_very_same_file_is_recognised_though_its_rows_have_no_ids(engine, tmp_path):
    layout = DEALS.replace('"编号" = "external_id"\n', "").replace("HT-{external_id}", "HT-{title}")
    text = DEALS_HEADER + ",大单,新客户,王,云盘,100,2026-01-10,跟进,,\n"
    run = imported(engine, tmp_path, layout, text)
    again = verdict_on(engine, tmp_path, layout, text)
    assert [row.outcome.value for row in again.rows] == ["duplicate"]
    assert str(again.rows[0].note) == "This row was imported before, with the same file."
    assert any("This very file was imported before" in str(notice) for notice in again.notices)
    undone(engine, run)
    assert [row.outcome.value for row in verdict_on(engine, tmp_path, layout, text).rows] == ["good"]


def test_faulty_rows_stop_everything_unless_the_good_ones_are_chosen(engine, tmp_path):
    text = LEADS_HEADER + "A1,张三,,13800000001,网站,王,2026-11-01,,\nA2,李四,,1,网站,王,2026-11-01,,\n"
    with pytest.raises(FaultyRowsRefused):
        imported(engine, tmp_path, LEADS, text)
    assert all_of(engine, Lead.id) == []
    assert imported(engine, tmp_path, LEADS, text, good_only=True).faulty_count == 1
    assert all_of(engine, Lead.contact_name) == [("张三",)]


def test_duplicates_come_along_where_the_person_says_so(engine, tmp_path):
    text = LEADS_HEADER + "A1,张三,,13800000001,网站,王,2026-11-01,,\nA2,李四,,13800000001,网站,王,2026-11-01,,\n"
    imported(engine, tmp_path, LEADS, text, duplicates=True)
    assert len(all_of(engine, Lead.id)) == 2


def test_a_lead_that_somebody_entered_meanwhile_stops_the_import(engine, tmp_path):
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + "A1,张三,,13800000001,抖音,王,2026-11-01,,\n")
    with transaction(engine) as session:
        people.a_lead(session, phone="+8613800000001")
    with pytest.raises(ChangedSinceVerdict):
        import_file(engine, verdict)
    assert len(all_of(engine, Lead.id)) == 1
    assert len(all_of(engine, LeadSource.id)) == 3


def test_a_record_that_somebody_changed_meanwhile_stops_the_import(engine, tmp_path):
    imported(engine, tmp_path, LEADS, LEADS_HEADER + "A1,张三,,13800000001,网站,王,2026-11-01,,\n")
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + "A1,张三丰,,13800000001,网站,王,2026-11-01,,\n")
    with transaction(engine) as session:
        session.scalars(select(Lead)).one().note = "打过电话"
    with pytest.raises(ChangedSinceVerdict):
        import_file(engine, verdict)


def test_a_team_and_its_lead_come_along_with_their_people(engine, tmp_path):
    layout = """
name = "人员"
kind = "people"
[columns]
"姓名" = "name"
"登录名" = "login"
"团队" = "team"
"主管" = "team_lead"
[constants]
roles = "rep"
[unknown]
team = "create"
team_lead = "create"
"""
    imported(engine, tmp_path, layout, "姓名,登录名,团队,主管\n钱,QIAN,华北,周\n吴,wu,华北,周\n")
    with reading(engine) as session:
        north = session.scalars(select(Team).where(Team.name == "华北")).one()
        members = session.execute(select(User.login, User.name).where(User.team_id == north.id).order_by(User.id)).all()
        leader = session.get_one(User, north.leader_id)
    assert leader.name == "周"
    assert {tuple(row) for row in members} == {("周", "周"), ("qian", "钱"), ("wu", "吴")}
    assert leader.password_hash is None


def test_what_was_written_is_kept_for_the_undo(engine, tmp_path):
    run = imported(engine, tmp_path, DEALS, DEALS_HEADER + "7,大单,新客户,王,新品,100,2026-01-10,签约,2026-02-01,\n")
    kept = all_of(engine, ImportedRecord.subject, ImportedRecord.version)
    assert run.id
    assert sorted(kept) == [("contracts", 1), ("customers", 1), ("opportunities", 1), ("products", 1)]


def test_leads_keep_the_source_they_name(engine, tmp_path):
    imported(engine, tmp_path, LEADS, LEADS_HEADER + "A1,张三,,13800000001,网站,王,2026-11-01,,\n")
    assert all_of(engine, Lead.source_id) == [(WEB,)]
