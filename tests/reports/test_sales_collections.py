"""Collections: contracts on which something came in or is outstanding; what came in counts for who signed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.report import View
from dashboard.queries.sales_collections import REPORT
from tests.people import CHEN, EAST, FANG, LIN, SUN, TODAY, WANG, WEST, ZHAO
from tests.reports.company import NOVEMBER, Company, actor

LAST_MONTH = NOVEMBER - timedelta(days=10)


@pytest.fixture
def company() -> Company:
    return Company()


def rows(company: Company, name: str = "main", who: int = FANG, filters: Filters | None = None) -> list[dict[str, Any]]:
    view = REPORT.view(name)
    assert isinstance(view, View)
    return company.answers.table(REPORT, view, actor(who).scope, filters or Filters(), TODAY).table.rows


def told(row: dict[str, Any]) -> tuple[Any, ...]:
    keys = ("contract_amount", "received_amount", "received_to_date", "outstanding_amount", "last_receipt_on")
    return (row["contract_label"], *(row[key] for key in keys))


def test_a_contract_is_listed_while_money_comes_in_or_is_missing(company: Company) -> None:
    paying = company.contract("HT-1")
    company.balance(contract_id=paying, amount=1000, received=300, last_receipt_on=TODAY)
    company.received(contract_id=paying, amount=100)
    paid_off = company.contract("HT-2")
    company.balance(contract_id=paid_off, amount=500, received=500, last_receipt_on=TODAY, status="completed")
    company.received(contract_id=paid_off, amount=500)
    waiting = company.contract("HT-3")
    company.balance(contract_id=waiting, amount=800)
    long_done = company.contract("HT-4")
    company.balance(LAST_MONTH, contract_id=long_done, amount=900, received=900, last_receipt_on=LAST_MONTH, status="completed")
    company.received(LAST_MONTH, contract_id=long_done, amount=900)
    assert [told(row) for row in rows(company)] == [
        ("HT-2", Decimal("500.00"), Decimal("500.00"), Decimal("500.00"), 0, TODAY),
        ("HT-1", Decimal("1000.00"), Decimal("100.00"), Decimal("300.00"), Decimal("700.00"), TODAY),
        ("HT-3", Decimal("800.00"), 0, 0, Decimal("800.00"), None),
    ]
    total = company.answers.table(REPORT, REPORT.top, actor(FANG).scope, Filters(), TODAY).table.total
    assert (total["received_amount"], total["outstanding_amount"], total["owing_count"]) == (Decimal("600.00"), Decimal("1500.00"), 2)


def test_what_came_in_counts_for_who_signed_and_what_is_missing_for_who_cares_for_it(company: Company) -> None:
    handed_over = company.contract("HT-1", owner=ZHAO)
    company.balance(contract_id=handed_over, owner=ZHAO, amount=1000, received=400, last_receipt_on=TODAY)
    company.received(contract_id=handed_over, owner=WANG, amount=400)
    assert {row["team"]: row["received_amount"] for row in rows(company, "teams")} == {EAST: Decimal("400.00"), WEST: 0}
    (hers,) = rows(company, who=WANG)
    assert (hers["received_amount"], hers["outstanding_amount"], hers["customer_held"]) == (Decimal("400.00"), 0, False)
    (his,) = rows(company, who=SUN)
    assert (his["received_amount"], his["outstanding_amount"]) == (0, Decimal("600.00"))
    assert rows(company, "reps", LIN)[0]["rep"] == WANG


def test_months_put_what_came_in_beside_what_was_due(company: Company) -> None:
    contract = company.contract()
    company.instalment(date(2026, 11, 10), contract_id=contract, amount=700)
    company.instalment(date(2026, 11, 30), contract_id=contract, amount=300, no=2, status="completed")
    company.instalment(date(2026, 12, 1), contract_id=contract, amount=999, no=3)
    company.received(date(2026, 11, 12), contract_id=contract, amount=650)
    company.received(date(2026, 11, 20), contract_id=contract, amount=-50)
    assert [(row["month"], row["received_amount"], row["due_in_period"]) for row in rows(company, "months", CHEN)] == [
        (NOVEMBER, Decimal("600.00"), Decimal("1000.00"))
    ]


def test_equal_amounts_share_a_rank_that_no_choice_of_teams_or_people_changes(company: Company) -> None:
    for owner, amount in ((WANG, 400), (ZHAO, 900), (LIN, 400), (SUN, -50)):
        company.received(contract_id=company.contract(owner=owner), owner=owner, amount=amount)
    company.fact("received", TODAY, None, receipt_id=99, contract_id=company.contract(owner=None), amount=10_000)
    places = {ZHAO: 1, LIN: 2, WANG: 2, SUN: 4, None: None}
    assert {row["rep"]: row["rank_by_received"] for row in rows(company, "reps")} == places
    chosen = {row["rep"]: row["rank_by_received"] for row in rows(company, "reps", CHEN, Filters().choose("rep", [WANG, SUN]))}
    assert chosen == {WANG: 2, SUN: 4}
    assert {row["team"]: row["rank_by_received"] for row in rows(company, "teams", CHEN, Filters().choose("team", [EAST]))} == {EAST: 2}
    for who, own in ((LIN, {LIN, WANG}), (WANG, {WANG})):
        assert {row["rep"]: row["rank_by_received"] for row in rows(company, "reps", who)} == dict.fromkeys(own), "others' rows are hidden"


def test_customers_are_ranked_within_reach_on_whatever_page_they_stand(company: Company) -> None:
    for number, (owner, amount) in enumerate(((WANG, 400), (ZHAO, 900), (WANG, 400), (WANG, 30))):
        contract = company.contract(customer=company.customer(f"客户{number}", owner), owner=owner)
        company.received(contract_id=contract, owner=owner, amount=amount)
    view = REPORT.view("customers")
    assert isinstance(view, View)
    ranked = {CHEN: [("客户1", 1), ("客户0", 2), ("客户2", 2), ("客户3", 4)], WANG: [("客户0", 1), ("客户2", 1), ("客户3", 3)]}
    for who, wanted in ranked.items():
        pages = [
            company.answers.table(REPORT, view, actor(who).scope, Filters(), TODAY, Page(first, 2, "received_amount", ascending))
            for ascending in (False, True)
            for first in (0, 2)
        ]
        found = [(row["customer_label"], row["rank_by_received"]) for page in pages for row in page.table.rows]
        assert sorted(found) == sorted(2 * wanted)


@pytest.mark.parametrize(("ascending", "wanted"), [(True, [-30, 0, 0, 50]), (False, [50, 0, 0, -30])])
def test_what_came_to_nothing_is_sorted_as_zero_on_whatever_page(ascending: bool, wanted: list[int], company: Company) -> None:
    """On two contracts nothing came in: they stand between the refund and the receipt, not behind both."""
    for amount in (50, -30, None, None):
        contract = company.contract()
        company.balance(contract_id=contract, amount=1000)
        if amount is not None:
            company.received(contract_id=contract, amount=amount)
    view = REPORT.view("main")
    assert isinstance(view, View)
    pages = [Page(first, 1, "received_amount", ascending) for first in range(4)]
    tables = [company.answers.table(REPORT, view, actor(FANG).scope, Filters(), TODAY, page).table for page in pages]
    assert [row["received_amount"] for table in tables for row in table.rows] == wanted
