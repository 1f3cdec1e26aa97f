"""Collection progress: each instalment beside the receipts that met it, and how late it is at the end of the state day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.rules.periods import Preset
from crm.rules.receivables import days_late, phase
from crm.scope import Scope
from dashboard.queries import report
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.report import Listing, View
from tests.people import CHEN, EAST, FANG, MEI, TODAY, WANG, WEST, ZHAO
from tests.reports.company import Company, actor

REPORT = report("collection_progress")
DAY = timedelta(days=1)


@pytest.fixture
def company() -> Company:
    return Company()


def scope(who: int) -> Scope:
    return actor(who).scope


def listed(company: Company, name: str = "main", who: int = CHEN, filters: Filters | None = None) -> list[dict[str, Any]]:
    view = REPORT.view(name)
    assert isinstance(view, Listing)
    return company.answers.records(view.measure, {}, scope(who), filters or Filters(), TODAY, Page(count=50)).rows


def rows(company: Company, name: str, who: int = CHEN, filters: Filters | None = None) -> list[dict[str, Any]]:
    view = REPORT.view(name)
    assert isinstance(view, View)
    return company.answers.table(REPORT, view, scope(who), filters or Filters(), TODAY).table.rows


def met(company: Company, contract: int, no: int, receipt: int, day: date, amount: Any, **values: Any) -> None:
    said = {"contract_id": contract, "no": no, "receipt_id": receipt, "day": day, "received_on": day, "basis": 0, "amount": amount}
    company.put("allocation", **said | values)


def test_an_instalment_stands_beside_the_receipts_that_met_it(company: Company) -> None:
    contract = company.contract("HT-1", company.customer("大地"))
    company.instalment(date(2026, 11, 10), amount=1000, met=700, contract_id=contract)
    met(company, contract, 1, 8, date(2026, 11, 12), 500)
    met(company, contract, 1, 9, date(2026, 11, 15), 300)
    met(company, contract, 1, 9, date(2026, 11, 16), -100, received_on=date(2026, 11, 15))  # it was allocated anew
    met(company, contract, 1, 10, date(2026, 11, 16), 50)
    met(company, contract, 1, 10, date(2026, 11, 17), -50, received_on=date(2026, 11, 16))
    met(company, contract, 2, 11, date(2026, 11, 17), 999)  # another instalment's
    met(company, contract, 1, 12, TODAY + DAY, 300)  # not there yet
    (row,) = listed(company)
    assert row["receipts"] == "2026-11-12 500.00; 2026-11-15 200.00"
    assert (row["phase"], row["days_late"], row["adds"], row["met"]) == ("overdue", 13, 1000, 700)
    assert (row["number"], row["customer"]) == ("HT-1", "大地")


@given(
    st.integers(-40, 40).map(lambda days: TODAY + days * DAY),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(0, 40).map(lambda days: TODAY - days * DAY),
)
@settings(max_examples=40)
def test_state_and_days_late_are_those_of_the_contracts_page(due_on: date, amount: int, paid: int, met_on: date) -> None:
    company, paid = Company(), min(amount, paid)
    settled = met_on if paid == amount else None
    company.instalment(due_on, amount=amount, met=paid, met_on=settled, since=date(2026, 1, 1))
    (row,) = listed(company, filters=Filters(Preset.ALL))
    assert row["phase"] == phase(due_on, amount, paid, TODAY).value
    assert row["days_late"] == days_late(due_on, settled, TODAY)
    (of_contract,) = rows(company, "teams") or [{"days_late": None}]
    assert (of_contract["days_late"] or 0) == row["days_late"]


def test_a_contract_says_when_the_next_instalment_is_due_and_how_old_the_overdue_ones_are(company: Company) -> None:
    contract = company.contract()
    company.balance(contract_id=contract, amount=600, received=100, since=date(2026, 6, 1))
    for no, (due, paid) in enumerate([("2026-10-01", 100), ("2026-10-20", 0), ("2026-08-01", 0), ("2026-12-24", 0), ("2027-01-24", 0)], 1):
        company.instalment(date.fromisoformat(due), amount=100, met=paid, no=no, contract_id=contract, since=date(2026, 6, 1))
    company.instalment(TODAY, amount=100, met=0, no=6, contract_id=contract, since=date(2026, 6, 1))
    (row,) = rows(company, "contracts")
    assert (row["next_due_on"], row["days_late"]) == (TODAY, (TODAY - date(2026, 8, 1)).days)
    assert (row["overdue_amount"], row["ageing_31_60"], row["ageing_over_90"], row["not_yet_due"]) == (200, 100, 100, 300)
    assert row["outstanding_amount"] == row["overdue_amount"] + row["not_yet_due"] == 500


def test_planned_counts_by_due_date_and_received_by_its_own(company: Company) -> None:
    contract = company.contract()
    company.instalment(date(2026, 10, 31), amount=300, met=300, met_on=date(2026, 11, 2), contract_id=contract, status="completed")
    company.instalment(date(2026, 12, 1), amount=50, contract_id=contract, no=2)
    company.received(date(2026, 11, 2), amount=300, contract_id=contract)
    found = rows(company, "months", filters=Filters(Preset.THIS_YEAR))
    assert [(row["month_label"], row["due_in_period"], row["met_in_period"], row["received_amount"]) for row in found] == [
        ("2026-10", 300, 300, 0), ("2026-11", 0, 0, 300), ("2026-12", 50, 0, 0),
    ]  # fmt: skip
    assert found[0]["met_rate"] == Decimal("1.000000")


def test_rows_of_one_contract_stand_on_one_page_only(company: Company) -> None:
    contract = company.contract()
    for no in range(1, 8):
        company.instalment(date(2026, 11, no), amount=100, no=no, contract_id=contract)
    view = REPORT.view("main")
    assert isinstance(view, Listing)
    pages = [company.answers.records(view.measure, {}, scope(CHEN), Filters(), TODAY, Page(first, 3)).rows for first in (0, 3, 6)]
    assert [row["no"] for page in pages for row in page] == [1, 2, 3, 4, 5, 6, 7]


def test_finance_sees_the_company_a_rep_what_they_care_for_and_marketing_nothing(company: Company) -> None:
    for owner in (WANG, ZHAO):
        company.instalment(date(2026, 11, 2), owner, amount=100)
    assert {row["team"] for row in rows(company, "teams", FANG)} == {EAST, WEST}
    assert [row["rep_id"] for row in listed(company, "overdue", WANG)] == [WANG]
    assert not REPORT.open_to(actor(MEI).roles)
