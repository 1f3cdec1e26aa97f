"""How reports look on the screen: the same digits as in their files."""

from decimal import Decimal

from crm.vocabulary import Unit
from dashboard.i18n import tabled
from tests.browser.conftest import OpenPage
from tests.browser.test_reports import opened
from tests.browser.test_sign_in import sign_in

FIGURES = {
    Unit.MONEY: ("-1234.5", "0"),
    Unit.RATE: ("0.823456", "0", "1.2345"),
    Unit.COUNT: ("9240", "0"),
    Unit.DAYS: ("0", "12", "12.5", "3.96", "1234.25"),
    Unit.MOVE: ("2", "-3", "0"),
}


def test_a_figure_has_the_same_digits_on_the_screen_as_in_files(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin")
    opened(page, "team_activity")
    asked = [(value, unit) for unit, values in FIGURES.items() for value in values]
    screen = page.evaluate(
        "figures => figures.map(([value, unit]) => window.dashAgGridFunctions.written(Number(value), unit))",
        [(value, unit.value) for value, unit in asked],
    )
    assert screen == [tabled(Decimal(value), unit) for value, unit in asked]
