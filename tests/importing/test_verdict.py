"""The verdict: what becomes of each row, told before anything is written, in one look at the company."""

import pytest
from sqlalchemy import event

from crm.db import transaction
from crm.errors import NotAllowed
from crm.models import User
from crm.vocabulary import LeadStatus
from tests import people
from tests.importing.company import DEALS, DEALS_HEADER, LEADS, LEADS_HEADER, said, verdict_on
from tests.people import WANG, a_customer, a_lead


@pytest.fixture
def engine(database_url):
    engine = people.company(database_url)
    yield engine
    engine.dispose()


def outcomes(verdict):
    return [(row.number, row.outcome.value) for row in verdict.rows]


def test_new_faulty_and_doubled_rows_are_told_apart(engine, tmp_path):
    rows = "A1,张三,,13800000001,网站,王,2026-11-01,,\nA2,李四,,13800000001,网站,王,2026-11-01,,\nA3,王五,,138,网站,王,2026-11-01,,\n"
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + rows)
    assert outcomes(verdict) == [(2, "good"), (3, "duplicate"), (4, "faulty")]
    assert said(verdict.rows[1]) == ["The same contact as row 2 (by phone)."]
    assert said(verdict.rows[2]) == ["This is not a telephone number."]


def test_what_the_company_has_is_a_duplicate_and_tells_only_since_when_and_by_whom(engine, tmp_path):
    with transaction(engine) as session:
        a_customer(session, "远洋物流", owner=WANG)
        a_lead(session, contact="秘密", phone="+8613900000009", owner=WANG)
    rows = "A1,张三,远洋物流有限公司,13800000001,网站,王,2026-11-01,,\nA2,李四,,139 0000 0009,网站,王,2026-11-01,,\n"
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + rows)
    assert outcomes(verdict) == [(2, "duplicate"), (3, "duplicate")]
    assert said(verdict.rows[0]) == ["This contact is taken care of already, since 2024-01-01 by 华东."]
    assert "秘密" not in "".join(said(verdict.rows[1]))


def test_a_failed_lead_is_nobodys_any_more(engine, tmp_path):
    with transaction(engine) as session:
        a_lead(session, phone="+8613900000009", status=LeadStatus.FAILED)
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + "A2,李四,,13900000009,网站,王,2026-11-01,,\n")
    assert outcomes(verdict) == [(2, "good")]


def test_unknown_names_are_created_or_refused_as_the_layout_says(engine, tmp_path):
    rows = "A1,张三,,13800000001,抖音,王,2026-11-01,,\nA2,李四,,13800000002,抖音,谁,2026-11-01,,\n"
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + rows)
    assert outcomes(verdict) == [(2, "good"), (3, "faulty")]
    assert said(verdict.rows[1]) == ["Nothing is known of the Person “谁”."]
    assert [(one.named.value, one.spelled, one.count) for one in verdict.besides()] == [("source", "抖音", 1)]


def test_a_faulty_row_brings_nothing_along(engine, tmp_path):
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + "A1,张三,,1,抖音,王,2026-11-01,,\n")
    assert verdict.besides() == []


def test_two_people_of_one_name_are_neither(engine, tmp_path):
    with transaction(engine) as session:
        session.add(User(login="wang2", name="王", team_id=people.WEST))
    rows = "A1,张三,,13800000001,网站,王,2026-11-01,,\nA2,李四,,13800000002,网站,wang2,2026-11-01,,\n"
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + rows)
    assert outcomes(verdict) == [(2, "faulty"), (3, "good")]
    assert said(verdict.rows[0]) == ["There are several records of the kind Person called “王”; use the id or the login."]


def test_nothing_has_happened_tomorrow(engine, tmp_path):
    verdict = verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + "A1,张三,,13800000001,网站,王,2199-11-01,,\n")
    assert said(verdict.rows[0]) == ["2199-11-01 is in the future."]


def test_what_is_open_needs_somebody_who_is_there(engine, tmp_path):
    with transaction(engine) as session:
        session.get_one(User, WANG).active = False
    rows = "1,甲,客户甲,王,云盘,100,2026-01-01,跟进,,\n2,乙,客户乙,王,云盘,100,2026-01-01,输单,2026-02-01,价格太高\n"
    verdict = verdict_on(engine, tmp_path, DEALS, DEALS_HEADER + rows)
    assert outcomes(verdict) == [(2, "faulty"), (3, "good")]


def test_a_contract_number_is_taken_once(engine, tmp_path):
    with transaction(engine) as session:
        people.a_contract(session, "HT-1")
    rows = "1,甲,客户甲,王,云盘,100,2026-01-01,签约,2026-02-01,\n2,乙,客户乙,王,云盘,100,2026-01-01,签约,2026-02-01,\n"
    verdict = verdict_on(engine, tmp_path, DEALS, DEALS_HEADER + rows)
    assert said(verdict.rows[0]) == ["There is a contract with this number already."]
    assert outcomes(verdict) == [(2, "faulty"), (3, "good")]


def test_marketing_imports_leads_and_nothing_else(engine, tmp_path):
    text = LEADS_HEADER + "A1,张三,,13800000001,抖音,王,2026-11-01,,\n"
    assert outcomes(verdict_on(engine, tmp_path, LEADS, text, "mei")) == [(2, "good")]
    with pytest.raises(NotAllowed):
        verdict_on(engine, tmp_path, DEALS, DEALS_HEADER + "1,甲,客户甲,王,云盘,100,2026-01-01,跟进,,\n", "mei")
    with pytest.raises(NotAllowed):
        verdict_on(engine, tmp_path, LEADS, text, "wang")


def test_what_a_person_may_not_create_is_unknown_to_them(engine, tmp_path):
    layout = LEADS.replace('rep = "refuse"', 'rep = "create"')
    rows = LEADS_HEADER + "A1,张三,,13800000001,网站,新人,2026-11-01,,\n"
    assert outcomes(verdict_on(engine, tmp_path, layout, rows, "mei")) == [(2, "faulty")]
    assert outcomes(verdict_on(engine, tmp_path, layout, rows, "ada")) == [(2, "good")]


def test_a_verdict_asks_as_many_questions_for_many_rows_as_for_few(sqlite_url, tmp_path):
    engine = people.company(sqlite_url)
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    counts = []
    for count in (2, 2, 300):
        asked.clear()
        rows = "".join(f"A{i},客户{i},,139{i:08d},来源{i},王,2026-11-01,,\n" for i in range(count))
        assert len(verdict_on(engine, tmp_path, LEADS, LEADS_HEADER + rows).rows) == count
        counts.append(len(asked))
    assert counts[1] == counts[2], asked
    assert {statement.split()[0].lower() for statement in asked} == {"begin", "select"}
    assert "begin immediate" not in asked
    engine.dispose()
