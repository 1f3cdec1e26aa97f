# ruff: noqa: E501  (a case is a line)
"""The demo company is whole: people whom one can sign in as, every state, every awkward case, the crises worth finding."""

from datetime import date, timedelta

import argon2
import pytest

from crm import vocabulary as words
from tests.demo.conftest import TODAY, Book

STATES = [
    ("leads", "status", words.LeadStatus),
    ("opportunities", "status", words.OpportunityStatus),
    ("quotes", "status", words.QuoteStatus),
    ("contracts", "status", words.ContractStatus),
    ("comments", "kind", words.CommentKind),
    ("contract_history", "act", words.ContractAct),
    ("sales_targets", "unit", words.TargetUnit),
    ("user_strengths", "kind", words.StrengthKind),
    ("competition_record_factors", "side", words.CompetitionSide),
    ("user_roles", "role", words.Role),
]

CASES = {
    "a neglected lead": "leads where status = 'unprocessed' and arrived_on < date('2026-11-23', '-30 days')",
    "a lead onto an existing customer": "leads l join customers c on c.id = l.customer_id where c.source_lead_id <> l.id",
    "a lead whose customer has no opportunity of it": "leads where status = 'converted' and id not in (select lead_id from opportunities where lead_id is not null)",
    "a lead that only left an e-mail": "leads where phone = '' and email <> ''",
    "a customer in the company's pool": "customers where team_id is null and pooled_on is not null",
    "a customer in a team's pool": "customers where team_id is not null and owner_id is null and pooled_on is not null",
    "a customer without a lead": "customers where source_lead_id is null",
    "an assignment to another rep of the team": "assignments where from_owner_id <> to_owner_id and from_team_id = to_team_id",
    "an assignment to another team": "assignments where from_team_id <> to_team_id and from_owner_id is not null",
    "an assignment back to the pool": "assignments where from_team_id is not null and to_team_id is null",
    "an opportunity that changed hands": "opportunities where owner_id <> first_owner_id",
    "a reopened opportunity": "opportunity_history where act = 'reopened'",
    "one lost to a competitor": "opportunities where status = 'lost' and loss_competitor_id is not null",
    "one stopped after its contract was voided": "opportunity_history where act = 'voided' and status = 'stopped'",
    "one followed again after its contract was voided": "opportunity_history where act = 'voided' and status = 'following'",
    "an open one without an amount": "opportunities where expected_amount is null and status = 'following'",
    "one without a source": "opportunities where source_id is null",
    "one without lines": "opportunities where id not in (select opportunity_id from opportunity_lines)",
    "a slipped one": "opportunities where status = 'following' and expected_close_on < '2026-11-23'",
    "a published one": "opportunities where published_at is not null and status = 'won'",
    "a signing dated back": "contracts where recorded_on > signed_on",
    "an amended contract": "contract_history where act = 'amended'",
    "a void contract": "contracts where status = 'voided'",
    "a void contract whose money came and went": "contracts c join receipts r on r.contract_id = c.id and r.amount < 0 where c.status = 'voided'",
    "a contract with another carer": "contracts where owner_id <> signer_id and status = 'in_progress'",
    "a contract without a plan": "contracts where id not in (select contract_id from payment_plans where contract_id is not null)",
    "a contract without lines": "contracts where is_imported and id not in (select contract_id from contract_lines)",
    "a plan changed after money had come": "payment_plans p where revision = 2 and not proposed and exists (select 1 from receipts r where r.contract_id = p.contract_id and r.recorded_on < p.day)",
    "a proposed plan": "payment_plans where proposed",
    "a plan on a quote": "payment_plans where quote_id is not null",
    "a prepayment": "receipts where is_prepayment",
    "a refund": "receipts where amount < 0",
    "a cancelled receipt": "receipts where cancelled_on is not null",
    "a receipt that names two instalments": "(select receipt_id from receipt_instalments group by receipt_id having count(*) = 2)",
    "a receipt recorded later": "receipts where recorded_on > received_on",
    "a cancelled cost": "costs where cancelled_on is not null",
    "a contract that costs more than it brings": "(select 1 from contracts c join costs k on k.contract_id = c.id group by c.id having sum(k.amount) > c.amount)",
    "a leaver": "users where not active",
    "a person who changed team": "(select user_id from team_memberships group by user_id having count(*) = 2)",
    "an active rep without a target": "users u join user_roles r on r.user_id = u.id and r.role = 'rep' where u.active and u.id not in (select user_id from sales_targets where user_id is not null)",
    "a corrected target": "sales_targets where valid_to is not null",
    "a granted reader": "opportunity_readers where withdrawn_at is null",
    "a reader no more": "opportunity_readers where withdrawn_at is not null",
    "a decision that a quote follows": "quotes q join comments c on c.id = q.decision_id where c.kind = 'decision' and c.discount_bp > 0 and c.opportunity_id = q.opportunity_id",
    "a quote that the executive decided": "quotes where decided_by_id = 1",
    "an open problem": "follow_ups where department_id is not null and problem <> '' and problem_solved_at is null",
    "a solved problem": "follow_ups where problem_solved_at is not null and problem_answer <> ''",
    "a mended follow-up": "follow_up_versions",
    "a follow-up written down later": "follow_ups where recorded_on > day",
    "a retired stage that history names": "opportunity_history h join stages s on s.id = h.stage_id where not s.active",
    "a renamed stage": "(select stage_id from stage_versions group by stage_id having count(distinct name) = 2)",
    "a retired source with leads": "leads l join lead_sources s on s.id = l.source_id where not s.active",
    "a withdrawn product that was sold": "contract_lines l join products p on p.id = l.product_id where not p.active",
    "an open claim": "claims where settled_at is null",
    "a closed month": "closed_months",
    "a notification": "notifications where read_at is null or read_at is not null",
    "an amount that is not round": "contracts where amount % 100 <> 0",
}  # fmt: skip


@pytest.mark.parametrize(("table", "column", "of"), STATES, ids=[f"{table}.{column}" for table, column, _ in STATES])
def test_every_word_is_used(book: Book, table: str, column: str, of: type[words.StrEnum]) -> None:
    assert {row[0] for row in book.rows(f"select distinct {column} from {table}")} == {word.value for word in of}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_every_awkward_case_is_there(book: Book, case: str) -> None:
    assert book.value(f"select count(*) from {case}") > 0


def test_every_act_but_a_mere_edit_is_there(book: Book) -> None:
    acts = {row[0] for row in book.rows("select distinct act from opportunity_history")}
    assert acts == {act.value for act in words.OpportunityAct} - {"edited"}


def test_nothing_refers_to_what_is_not_there(book: Book) -> None:
    assert book.rows("pragma foreign_key_check") == []
    assert book.value("pragma integrity_check") == "ok"


def test_one_line_tells_the_followers_that_everything_changed(book: Book) -> None:
    assert [tuple(row) for row in book.rows("select subject, subject_id from change_log")] == [("everything", 0)]


def test_one_of_each_role_can_sign_in_and_nobody_else(book: Book) -> None:
    accounts = book.rows(
        "select u.id, login, u.name, password_hash, role, t.name as team, leader_id from users u join user_roles r on r.user_id = u.id"
        " left join teams t on t.id = u.team_id where is_demo and not must_change_password order by u.id"
    )
    assert [(row["login"], row["role"], row["team"]) for row in accounts] == [
        ("chen", "executive", None), ("lin", "team_lead", "华东"), ("wang", "rep", "华东"), ("sun", "team_lead", "华西"),
        ("zhao", "rep", "华西"), ("fang", "finance", None), ("mei", "marketing", None), ("xia", "service", None), ("ada", "administrator", None),
    ]  # fmt: skip
    assert [row["id"] == row["leader_id"] for row in accounts if row["role"] == "team_lead"] == [True, True]
    assert all(argon2.PasswordHasher().verify(row["password_hash"], "saleslens") for row in accounts[:2])
    assert book.value("select count(*) from users where password_hash is not null") == len(accounts)


def test_wang_has_something_to_do_in_the_morning(book: Book) -> None:
    assert book.value("select count(*) from opportunities where owner_id = 3 and status = 'following'") > 5
    assert book.value("select count(*) from contracts where signer_id = 3") > 10
    assert book.value("select count(*) from leads where owner_id = 3 and status in ('unprocessed', 'working')") > 0


def test_next_steps_are_of_these_days(book: Book) -> None:
    """Wang finds some that are due and some to come, a few days late at most; nobody plans on what was forgotten."""
    mine = "opportunities where owner_id = 3 and status = 'following' and next_step <> ''"
    today = TODAY
    steps = [date.fromisoformat(row["next_step_on"]) for row in book.rows(f"select next_step_on from {mine} order by 1")]
    assert len([day for day in steps if day < today]) >= 1
    assert len([day for day in steps if day >= today]) >= 2
    latest = book.value("select max(last_followed_up_on) from opportunities where owner_id = 3 and status = 'following'")
    assert date.fromisoformat(str(latest)) >= today - timedelta(days=80)
    oldest = book.value("select min(next_step_on) from opportunities where status = 'following'")
    assert date.fromisoformat(str(oldest)) >= today - timedelta(days=6)
    said = "select count(*) from follow_ups where next_step_on <= day"
    assert book.value(said) == 0, "a next step comes after what was said"


def test_the_problems_that_wait_are_of_the_last_months(book: Book) -> None:
    waiting = "follow_ups where problem <> '' and problem_solved_at is null"
    assert date.fromisoformat(str(book.value(f"select min(recorded_on) from {waiting}"))) >= TODAY - timedelta(days=120)
    assert book.value(f"select count(*) from {waiting} and department_id = 1") >= 1


def test_names_differ_within_a_team_and_companies_have_one_of_their_own(book: Book) -> None:
    assert book.rows("select team_id, name from users where team_id is not null group by 1, 2 having count(*) > 1") == []
    assert book.rows("select name_key from customers group by 1 having count(*) > 1") == []


def test_leavers_hold_nothing_open(book: Book) -> None:
    gone = "(select id from users where not active)"
    assert book.value(f"select count(*) from customers where owner_id in {gone}") == 0
    assert book.value(f"select count(*) from opportunities where owner_id in {gone}") == 0
    assert book.value(f"select count(*) from leads where owner_id in {gone} and status in ('unprocessed', 'working')") == 0
    assert book.value(f"select count(*) from contracts where owner_id in {gone} and status <> 'voided'") == 0


def test_whatever_somebody_holds_belongs_to_their_team(book: Book) -> None:
    for table in ("customers", "opportunities"):
        assert book.rows(f"select r.id from {table} r join users u on u.id = r.owner_id where u.team_id <> r.team_id") == []
    for table, state in (("leads", "in ('unprocessed', 'working')"), ("contracts", "<> 'voided'")):
        held = f"select r.id from {table} r join users u on u.id = r.owner_id where u.team_id <> r.team_id and r.status {state}"
        assert book.rows(held) == []


def test_leads_go_through_their_states_in_order_and_nothing_lies_in_the_future(book: Book) -> None:
    assert (
        book.rows(
            "select id from leads where first_handled_on < arrived_on or converted_on < first_handled_on or failed_on < first_handled_on"
        )
        == []
    )
    assert book.rows("select id from leads where (status = 'unprocessed') <> (first_handled_on is null)") == []
    assert book.rows("select id from leads where (status = 'converted') <> (customer_id is not null)") == []
    assert book.rows("select id from leads where (status = 'failed') <> (failure_reason <> '')") == []
    for table, column in (
        ("leads", "arrived_on"), ("opportunity_history", "recorded_on"), ("contracts", "recorded_on"), ("receipts", "recorded_on"),
        ("follow_ups", "recorded_on"), ("quotes", "decided_on"), ("costs", "recorded_on"), ("assignments", "day"), ("customers", "created_on"),
        ("contract_history", "recorded_on"), ("payment_plans", "recorded_on"), ("comments", "date(at)"), ("competition_records", "day"),
    ):  # fmt: skip
        assert book.value(f"select max({column}) from {table}") <= TODAY.isoformat(), table


def test_instants_lie_on_their_business_days_in_shanghai(book: Book) -> None:
    for table, instant, on in (
        ("leads", "created_at", "arrived_on"), ("customers", "created_at", "created_on"), ("opportunity_history", "at", "recorded_on"),
        ("opportunities", "created_at", "created_on"), ("contract_history", "at", "recorded_on"), ("follow_ups", "at", "recorded_on"),
        ("receipts", "created_at", "recorded_on"), ("assignments", "at", "day"), ("quotes", "submitted_at", "submitted_on"),
    ):  # fmt: skip
        assert book.rows(f"select id from {table} where date({instant}, '+8 hours') <> {on}") == [], table


def _ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def test_the_crises_can_be_found(book: Book) -> None:
    before = book.value(f"select count(*) from contracts where signer_team_id = 3 and signed_on between '{_ago(860)}' and '{_ago(430)}'")
    after = book.value(f"select count(*) from contracts where signer_team_id = 3 and signed_on > '{_ago(430)}'")
    assert after < before * 0.6
    source = book.value("select id from lead_sources where name = '搜索推广'")
    rate = "select 1.0 * sum(status = 'converted') / count(*) from leads where source_id = {} and arrived_on between '{}' and '{}'"
    assert book.value(rate.format(source, _ago(240), _ago(60))) < 0.6 * book.value(rate.format(source, _ago(1500), _ago(300)))
    product = book.value("select id from products where name like '%潜伏式搬运车'")
    sold = "select count(*) from contract_lines l join contracts c on c.id = l.contract_id where l.product_id = {} and signed_on > '{}'"
    assert book.value(sold.format(product, _ago(200))) == 0
    price = "select avg(1.0 * their_unit_price / list_price) from competition_records r join products p on p.id = our_product_id where competitor_id = 2 and day {} '{}'"
    assert book.value(price.format(">", _ago(239))) < 0.75 * book.value(price.format("<", _ago(241)))


def test_a_large_customer_stopped_paying(book: Book) -> None:
    received = "(select coalesce(sum(r.amount), 0) from receipts r where r.contract_id = c.id and r.cancelled_on is null)"
    due = (
        "(select coalesce(sum(i.amount), 0) from instalments i join payment_plans p on p.id = i.plan_id"
        f" where p.contract_id = c.id and p.revision = 1 and i.due_on < '{TODAY}')"
    )
    overdue = f"select customer_id, sum({due} - {received}) as late from contracts c where status = 'in_progress' group by 1 order by 2 desc limit 2"
    worst, second = book.rows(overdue)
    assert worst["late"] > second["late"]
    last = (
        f"select max(r.received_on) from receipts r join contracts c on c.id = r.contract_id where c.customer_id = {worst['customer_id']}"
    )
    assert book.value(last) < _ago(225)
