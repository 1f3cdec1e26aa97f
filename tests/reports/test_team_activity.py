"""Team activity: what a team did in the period counts for it, whoever has the records by now."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.rules.periods import Period, Preset
from dashboard.queries.filters import Filters
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from dashboard.queries.report import View, composed
from dashboard.queries.team_activity import REPORT
from tests.people import CHEN, CLOUD_DRIVE, CRM_SUITE, EAST, LIN, SUN, TODAY, WANG, WEST, ZHAO
from tests.reports.company import Company, actor

THIS_MONTH = Filters()
OCTOBER = TODAY.replace(day=1) - timedelta(days=3)
FIGURES = tuple(figure.key for figure in REPORT.headline)


@pytest.fixture
def company() -> Company:
    return Company()


def figures(company: Company, who: int = CHEN, filters: Filters = THIS_MONTH, view: str = "main") -> dict[int | None, tuple[object, ...]]:
    """The rows of a table by team (reps: by rep), with their figures in the order of the columns."""
    table = company.answers.table(REPORT, REPORT.view(view), actor(who).scope, filters, TODAY).table
    return {row["rep" if view == "reps" else "team"]: tuple(row[key] for key in FIGURES) for row in table.rows}


def test_a_team_has_what_its_people_did_in_the_period(company: Company) -> None:
    company.created(amount="100.10")
    company.created(OCTOBER)  # last month's
    company.signed(amount="5000.50")
    company.received(amount=3000)
    company.received(amount=-500)  # a refund
    company.follow_up()
    company.follow_up()
    company.follow_up(owner=ZHAO)
    assert figures(company) == {
        EAST: (1, Decimal("100.10"), 1, Decimal("5000.50"), Decimal("2500.00"), 2),
        WEST: (0, Decimal("0.00"), 0, Decimal("0.00"), Decimal("0.00"), 1),
    }
    assert figures(company, LIN) == {EAST: figures(company)[EAST]}


def test_money_counts_for_who_signed_though_another_holds_the_contract(company: Company) -> None:
    contract = company.contract(owner=ZHAO)  # cared for in the West today
    company.signed(contract_id=contract, owner=WANG, amount=9000)
    company.received(contract_id=contract, owner=WANG, amount=4000)
    assert figures(company, view="reps")[WANG][2:5] == (1, Decimal("9000.00"), Decimal("4000.00"))
    assert figures(company, SUN, view="reps")[ZHAO] == (0, 0, 0, 0, 0, 0)
    (behind,) = company.answers.records(SIGNED_AMOUNT, {"rep": WANG}, actor(WANG).scope, THIS_MONTH, TODAY).rows
    assert (behind["adds"], behind["customer"], behind["id"]) == (Decimal("9000.00"), None, None)


def test_what_nobody_has_been_given_yet_waits_in_a_row_that_only_the_company_sees(company: Company) -> None:
    company.created(owner=None, amount=700)
    assert figures(company)[None] == (1, Decimal("700.00"), 0, 0, 0, 0)
    assert None not in figures(company, LIN)


def test_a_product_filter_takes_whole_records_that_contain_it(company: Company) -> None:
    company.signed(amount=300, products=(CRM_SUITE, CLOUD_DRIVE))
    company.follow_up(products=(CRM_SUITE,))
    drive = Filters(Preset.CUSTOM, Period.of(date(2026, 1, 1), TODAY)).choose("product", [CLOUD_DRIVE])
    assert figures(company, filters=drive)[EAST] == (0, 0, 1, Decimal("300.00"), 0, 0)


def test_amounts_leave_the_warehouse_in_whole_cents_and_are_read_to_the_cent(company: Company) -> None:
    company.signed(amount="5000.50")
    company.signed(owner=ZHAO, amount="0.07")
    question = company.answers.question(THIS_MONTH, TODAY)
    view = REPORT.view("main")
    assert isinstance(view, View)
    query = composed(view, actor(CHEN).scope, question, company.answers.names)
    assert {row["team"]: row["signed_amount"] for row in company.warehouse.fetch(query.sql, query.values)} == {EAST: 500050, WEST: 7}
    table = company.answers.table(REPORT, view, actor(CHEN).scope, THIS_MONTH, TODAY).table
    assert str(table.total["signed_amount"]) == "5000.57"
