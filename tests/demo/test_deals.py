# ruff: noqa: E501  (a question to the records is a line)
"""Quotes, contracts and money obey the very rules that the verbs obey."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from crm.money import from_cents
from crm.rules import contracts as rules
from crm.rules import quotes as quoting
from crm.vocabulary import ContractStatus
from tests.demo.conftest import TODAY, Book

LIMIT = Decimal("0.10")


def _lines(book: Book) -> dict[int, list[quoting.Line]]:
    return {
        quote: [
            quoting.Line(
                row["product_id"],
                Decimal(row["quantity_milli"]) / 1000,
                from_cents(row["unit_price"]),
                Decimal(row["discount_bp"]) / 10_000,
            )
            for row in rows
        ]
        for quote, rows in book.grouped("select quote_id, l.* from quote_lines l order by quote_id, position").items()
    }


def test_quotes_come_to_what_their_lines_come_to(book: Book) -> None:
    lines = _lines(book)
    for quote in book.rows("select * from quotes"):
        assert quoting.total(lines[quote["id"]]) == from_cents(quote["total"])
    for row in book.rows("select * from quote_lines"):
        exact = Fraction(row["quantity_milli"], 1000) * row["unit_price"] * Fraction(10_000 - row["discount_bp"], 10_000)
        assert abs(exact - row["amount"]) <= Fraction(1, 2)


def test_who_decides_on_a_quote(book: Book) -> None:
    lines = _lines(book)
    prices = {
        row["id"]: quoting.Prices(from_cents(row["list_price"]), from_cents(row["floor_price"]))
        for row in book.rows("select * from products")
    }
    for quote in book.rows("select * from quotes where decided_by_id is not null"):
        assert quote["decided_by_id"] != quote["submitted_by_id"]
        assert quote["decided_at"] > quote["submitted_at"] > quote["created_at"]
        if quoting.needs_executive(lines[quote["id"]], prices, LIMIT):
            assert quote["decided_by_id"] == 1


def test_revisions_count_up_and_only_the_last_is_alive(book: Book) -> None:
    for quotes in book.grouped("select opportunity_id, q.* from quotes q order by opportunity_id, revision").values():
        assert [quote["revision"] for quote in quotes] == list(range(1, len(quotes) + 1))
        assert all(quote["status"] in {"superseded", "signed"} for quote in quotes[:-1])
        for quote in quotes:
            assert (quote["status"] == "draft") == (quote["submitted_on"] is None)
            assert (quote["status"] in {"draft", "submitted"}) == (quote["decided_on"] is None)
            assert (quote["status"] == "expired") <= (quote["valid_until"] is not None and quote["valid_until"] < TODAY.isoformat())
            assert (quote["status"] == "approved") <= (quote["valid_until"] is not None and quote["valid_until"] >= TODAY.isoformat())


def test_a_decision_takes_its_value_off_the_unit_prices_of_the_next_revision(book: Book) -> None:
    lines = _lines(book)
    decided = book.rows(
        "select q.id, p.id as before, discount_bp from quotes q join comments c on c.id = q.decision_id"
        " join quotes p on p.opportunity_id = q.opportunity_id and p.revision = q.revision - 1"
    )
    assert decided
    for row in decided:
        assert lines[row["id"]] == quoting.more_off(lines[row["before"]], Decimal(row["discount_bp"]) / 100)


def test_a_contract_is_what_its_quote_said_until_it_is_amended(book: Book) -> None:
    signed = book.rows(
        "select c.*, q.total, q.status as quote, q.decided_on, q.valid_until, h.amount as first from contracts c join quotes q on q.id = c.quote_id"
        " join contract_history h on h.contract_id = c.id and h.seq = 1"
    )
    for contract in signed:
        assert (contract["quote"], contract["total"]) == ("signed", contract["first"])
        assert contract["decided_on"] <= contract["signed_on"] <= contract["valid_until"]
    assert book.value("select count(*) from quotes where status = 'signed'") - len(signed) == book.value(
        "select count(*) from contracts where quote_id is null"
    )
    wrong = "select c.id from contracts c join contract_lines l on l.contract_id = c.id group by c.id having sum(l.amount) <> c.amount"
    assert book.rows(wrong) == []


def test_a_contract_is_what_its_last_act_left(book: Book) -> None:
    histories = book.grouped("select contract_id, h.* from contract_history h order by contract_id, seq")
    for now in book.rows("select * from contracts"):
        history = histories.pop(now["id"])
        assert [line["seq"] for line in history] == list(range(1, len(history) + 1))
        assert (history[0]["act"], history[0]["day"], history[0]["recorded_on"]) == ("signed", now["signed_on"], now["recorded_on"])
        assert (history[0]["owner_id"], history[0]["team_id"]) == (now["signer_id"], now["signer_team_id"])
        last = history[-1]
        assert [now[name] for name in ("status", "amount", "owner_id", "team_id")] == [
            last[name] for name in ("status", "amount", "owner_id", "team_id")
        ]
        assert [line["recorded_on"] for line in history] == sorted(line["recorded_on"] for line in history)
        ended = {line["act"]: line["day"] for line in history}
        assert (now["completed_on"], now["voided_on"]) == (ended.get("completed"), ended.get("voided"))
    assert histories == {}


def test_plans_sum_to_what_the_contract_was_then(book: Book) -> None:
    amounts = book.grouped(
        "select contract_id, amount, recorded_on from contract_history where act in ('signed', 'amended') order by contract_id, seq"
    )
    instalments = book.grouped("select plan_id, no, amount from instalments order by plan_id, no")
    plans = book.grouped("select contract_id, p.* from payment_plans p where contract_id is not null order by contract_id, revision")
    for contract, versions in plans.items():
        assert [plan["revision"] for plan in versions] == list(range(1, len(versions) + 1))
        for plan in versions:
            amount = [line["amount"] for line in amounts[contract] if line["recorded_on"] <= plan["recorded_on"]][-1]
            rules.check_plan([(part["no"], from_cents(part["amount"])) for part in instalments[plan["id"]]], from_cents(amount))
    assert (
        book.rows("select i.id from instalments i join payment_plans p on p.id = i.plan_id where i.contract_id is not p.contract_id") == []
    )


def test_money_never_exceeds_the_amount_but_as_a_prepayment(book: Book) -> None:
    amounts = {row["id"]: row["amount"] for row in book.rows("select id, amount from contracts")}
    for contract, receipts in book.grouped(
        "select contract_id, r.* from receipts r where cancelled_on is null order by contract_id, received_on, amount < 0, id"
    ).items():
        received = Decimal(0)
        for receipt in receipts:
            amount = from_cents(receipt["amount"])
            rules.check_receipt(amount, from_cents(amounts[contract]), received, is_prepayment=bool(receipt["is_prepayment"]))
            received += amount
    assert book.rows("select r.id from receipts r join contracts c on c.id = r.contract_id where received_on < c.signed_on") == []
    named = "select n.receipt_id from receipt_instalments n join receipts r on r.id = n.receipt_id where r.contract_id <> n.contract_id"
    assert book.rows(named) == []
    unknown = "select n.receipt_id from receipt_instalments n where not exists (select 1 from instalments i where i.contract_id = n.contract_id and i.no = n.no)"
    assert book.rows(unknown) == []


def test_completed_means_fully_received_and_void_means_nothing_kept(book: Book) -> None:
    received = "coalesce((select sum(r.amount) from receipts r where r.contract_id = c.id and cancelled_on is null {}), 0)"
    for contract in book.rows(
        f"select c.*, {received.format('and recorded_on <= completed_on')} as received from contracts c where status = 'completed'"
    ):
        rules.check_complete(ContractStatus.IN_PROGRESS, from_cents(contract["amount"]), from_cents(contract["received"]))
    for contract in book.rows(f"select c.*, {received.format('')} as received from contracts c where status = 'voided'"):
        rules.check_void(ContractStatus.IN_PROGRESS, from_cents(contract["received"]))


def test_some_money_is_late_and_some_never_comes(book: Book) -> None:
    paid = "(select coalesce(sum(r.amount), 0) from receipts r where r.contract_id = c.id and r.cancelled_on is null)"
    due = "(select sum(i.amount) from instalments i where i.plan_id = (select max(id) from payment_plans p where p.contract_id = c.id and not proposed) and i.due_on < '2026-11-23')"
    rows = book.rows(f"select c.id, {paid} as paid, {due} as due from contracts c where status = 'in_progress'")
    assert any(row["due"] and row["paid"] < row["due"] for row in rows)
    assert any(row["due"] and row["paid"] >= row["due"] for row in rows)


def test_finance_closed_months_before_anybody_could_date_something_back_into_them(book: Book) -> None:
    for table, day in (("receipts", "received_on"), ("contracts", "signed_on"), ("costs", "paid_on")):
        late = f"select r.id from {table} r join closed_months m on date({day}, 'start of month') = m.month where r.recorded_on > date(m.closed_at)"
        assert book.rows(late) == [], table


def test_targets_are_worth_aiming_at(book: Book) -> None:
    for year in range(2022, 2026):
        target = book.value(
            f"select sum(amount) from sales_targets where unit = 'company' and valid_to is null and month between '{date(year, 1, 1)}' and '{date(year, 12, 31)}'"
        )
        signed = book.value(
            f"select sum(amount) from contracts where status <> 'voided' and signed_on between '{date(year, 1, 1)}' and '{date(year, 12, 31)}'"
        )
        assert 0.4 < signed / target < 1.8, year
