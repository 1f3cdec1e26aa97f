"""Taking an import back: what it brought goes, what it changed returns, what people have touched since stays and is named."""

import pytest
from sqlalchemy import func, select

from crm.db import reading, transaction
from crm.importing.runs import NoSuchImport
from crm.importing.undo import UndoneAlready, undo
from crm.models import Base, Customer, FormerOpportunityLine, ImportRun, Lead, Opportunity, OpportunityHistory, OpportunityLine
from crm.services import leads
from crm.services.leads import FailLead
from crm.vocabulary import ImportStatus, OpportunityAct
from tests import people
from tests.importing.company import DEALS, DEALS_HEADER, LEADS, LEADS_HEADER, imported, undone
from tests.people import CLOUD_DRIVE, TODAY, TRAINING

KEPT = {"audit_entries", "audit_seals", "change_log", "import_runs", "imported_records"}


@pytest.fixture
def engine(database_url):
    engine = people.company(database_url)
    yield engine
    engine.dispose()


def counts(engine):
    with reading(engine) as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in KEPT]
        return {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables}


DEAL = DEALS_HEADER + "7,大单,新客户,王,新品,100,2026-01-10,签约,2026-02-01,\n8,小单,新客户,王,云盘,5,2026-01-10,输单,2026-02-01,太远\n"


def test_everything_that_an_import_brought_goes(engine, tmp_path):
    before = counts(engine)
    run = imported(engine, tmp_path, DEALS, DEAL)
    assert counts(engine) != before
    done = undone(engine, run)
    assert (done.spared, done.restored) == ([], 0)
    assert counts(engine) == before
    with reading(engine) as session:
        kept = session.get_one(ImportRun, run.id)
    assert (kept.status, kept.undone_by_id) == (ImportStatus.UNDONE, people.ADA)


def test_what_people_changed_since_stays_with_what_it_stands_on(engine, tmp_path):
    text = LEADS_HEADER + "A1,张三,,13800000001,抖音,王,2026-11-01,,\nA2,李四,,13800000002,抖音,王,2026-11-01,,\n"
    run = imported(engine, tmp_path, LEADS, text)
    with transaction(engine) as session:
        lead = session.scalars(select(Lead).where(Lead.contact_name == "张三")).one()
        leads.fail(session, people.actor(session, "wang"), lead.id, FailLead(reason="空号"), version=1, today=TODAY)
    done = undone(engine, run)
    assert [(one.subject, one.name, one.changed) for one in done.spared] == [("leads", "张三", True), ("lead_sources", "抖音", False)]
    with reading(engine) as session:
        assert session.scalars(select(Lead.contact_name)).all() == ["张三"]


def test_a_customer_with_an_opportunity_of_somebodys_own_stays(engine, tmp_path):
    run = imported(engine, tmp_path, DEALS, DEAL)
    with transaction(engine) as session:
        people.an_opportunity(session, "后来的", customer=session.scalars(select(Customer)).one())
    done = undone(engine, run)
    assert [(one.subject, one.name) for one in done.spared] == [("customers", "新客户")]
    with reading(engine) as session:
        assert session.scalars(select(Opportunity.title)).all() == ["后来的"]


def lines(engine, model):
    """Product, amount and the first act of each line."""
    with reading(engine) as session:
        return [tuple(row) for row in session.execute(select(model.product_id, model.amount, model.since_seq).order_by(model.id))]


def test_what_an_import_changed_is_again_what_it_was(engine, tmp_path):
    imported(engine, tmp_path, DEALS, DEALS_HEADER + "7,大单,新客户,王,云盘,100,2026-01-10,跟进,,\n")
    run = imported(engine, tmp_path, DEALS, DEALS_HEADER + "7,大单二,新客户,王,培训,120,2026-01-10,签约,2026-03-01,\n")
    assert lines(engine, FormerOpportunityLine) == [(CLOUD_DRIVE, 100, 1)]
    assert lines(engine, OpportunityLine) == [(TRAINING, 120, 2)]
    done = undone(engine, run)
    assert (done.restored, done.spared) == (1, [])
    assert lines(engine, FormerOpportunityLine) == []
    assert lines(engine, OpportunityLine) == [(CLOUD_DRIVE, 100, 1)]
    with reading(engine) as session:
        deal = session.scalars(select(Opportunity)).one()
        acts = session.scalars(select(OpportunityHistory.act)).all()
    assert (deal.title, deal.expected_amount, deal.status.value, deal.closed_on, deal.version) == ("大单", 100, "following", None, 3)
    assert acts == [OpportunityAct.CREATED]


def test_an_import_is_undone_once_and_by_who_may_import(engine, tmp_path):
    run = imported(engine, tmp_path, DEALS, DEAL)
    with pytest.raises(NoSuchImport), transaction(engine) as session:
        undo(session, people.actor(session, "mei"), run.id)
    undone(engine, run)
    with pytest.raises(UndoneAlready):
        undone(engine, run)
    with pytest.raises(NoSuchImport), transaction(engine) as session:
        undo(session, people.actor(session, "ada"), 999)
