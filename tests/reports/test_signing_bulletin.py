"""Signing bulletin: every signing, newest first, and its products by the contracts' lines."""

from datetime import date
from decimal import Decimal

import pytest

from dashboard.queries.filters import Filters
from dashboard.queries.report import Listing, View
from dashboard.queries.signing_bulletin import REPORT
from tests.people import CHEN, CLOUD_DRIVE, CRM_SUITE, LIN, TODAY, WANG, ZHAO
from tests.reports.company import Company, actor


@pytest.fixture
def company() -> Company:
    return Company()


def test_every_signing_is_listed_with_what_was_sold(company: Company) -> None:
    customer = company.customer("大地集团")
    company.signed(
        date(2026, 11, 5),
        contract_id=company.contract("HT-1", customer, signed_on=date(2026, 11, 5)),
        amount=100,
        products=(CRM_SUITE, CLOUD_DRIVE),
    )
    company.signed(
        date(2026, 11, 20),
        contract_id=company.contract("HT-2", owner=ZHAO, signed_on=date(2026, 11, 20)),
        owner=ZHAO,
        amount=50,
        products=(),
    )
    company.signed(date(2026, 10, 31), amount=999)  # last month's
    main = REPORT.view("main")
    assert isinstance(main, Listing)
    found = company.answers.records(main.measure, {}, actor(CHEN).scope, Filters(), TODAY)
    assert [(row["number"], row["signed_on"], row["products"], row["adds"]) for row in found.rows] == [
        ("HT-1", date(2026, 11, 5), "客户管理套件、云盘", Decimal(100)),
        ("HT-2", date(2026, 11, 20), "未注明", Decimal(50)),
    ]
    own = company.answers.records(main.measure, {}, actor(WANG).scope, Filters(), TODAY)
    assert [(row["number"], row["customer"]) for row in own.rows] == [("HT-1", "大地集团")]


def test_a_contract_somebody_else_holds_now_shows_neither_customer_nor_products(company: Company) -> None:
    company.signed(contract_id=company.contract("HT-1", owner=ZHAO), owner=WANG, amount=100)
    (row,) = company.answers.records(REPORT.view("main").measure, {}, actor(WANG).scope, Filters(), TODAY).rows
    assert (row["number"], row["customer"], row["products"], row["id"], row["adds"]) == ("HT-1", None, None, None, Decimal(100))


def test_products_sum_to_the_contracts_amounts(company: Company) -> None:
    both, none = company.signed(amount=100, products=(CRM_SUITE, CLOUD_DRIVE)), company.signed(amount=50, products=())
    for contract, product, part in ((both, CRM_SUITE, 70), (both, CLOUD_DRIVE, 30), (none, None, 50)):
        company.fact("signed_line", TODAY, contract_id=contract["contract_id"], product_id=product, amount=part)
    products = REPORT.view("products")
    assert isinstance(products, View)
    table = company.answers.table(REPORT, products, actor(LIN).scope, Filters(), TODAY).table
    assert [(row["product"], row["sold_amount"], row["rank_by_sold"]) for row in table.rows] == [
        (CRM_SUITE, 70, 1), (None, 50, None), (CLOUD_DRIVE, 30, 2),
    ]  # fmt: skip
    assert table.total["sold_amount"] == Decimal("150.00")
