"""How reports look on the screen: the same digits as in their files; on a phone one row of buttons, and names that do not touch."""

from decimal import Decimal
from itertools import pairwise

import pytest
from playwright.sync_api import Page, ViewportSize

from crm.vocabulary import Unit
from dashboard.i18n import tabled
from tests.browser.conftest import PHONE, OpenPage
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


def test_a_total_is_empty_where_a_column_has_none(open_page: OpenPage) -> None:
    """A list of instalments sums its amounts and not their numbers; a ranking has no place of its own."""
    page = open_page(locale="zh-CN")
    sign_in(page, "chen")
    for key, sums, nothing in (
        ("collection_progress", "adds", {"no", "met", "days_late"}),
        ("rep_ranking", "signed_amount", {"rank_in_company", "rank_in_team"}),
    ):
        opened(page, key)
        total = page.locator(f"#{key}-tables .ag-floating-bottom")
        total.locator(f"[col-id={sums}]").filter(has_text=".").wait_for()
        said = {cell.get_attribute("col-id"): cell.inner_text().strip() for cell in total.locator("[col-id]").all()}
        assert {name: said[name] for name in nothing} == dict.fromkeys(nothing, ""), said


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_on_a_phone_the_buttons_of_a_report_stand_in_one_row(open_page: OpenPage, language: str) -> None:
    """Chen has all six of them; each is wide and high enough for a thumb, none is cut, and "filters" still opens the filters."""
    page = open_page(PHONE, locale=language)
    sign_in(page, "chen")
    speak(page, language)
    opened(page, "plan_completion")
    buttons = [button for button in page.locator(".page-actions .button").all() if button.is_visible()]
    boxes = [box for button in buttons if (box := button.bounding_box())]
    assert len(boxes) == 6
    assert len({box["y"] for box in boxes}) == 1
    assert all(box["height"] >= 44 and box["width"] >= 40 for box in boxes), boxes
    assert max(box["x"] + box["width"] for box in boxes) <= PHONE["width"] - 8
    assert all(button.evaluate("one => one.scrollWidth <= one.clientWidth") for button in buttons)
    page.locator(".filter-toggle").click()
    assert page.locator(".filter-controls").is_visible()


@pytest.mark.parametrize("shape", [PHONE, None], ids=["phone", "desk"])
def test_the_months_below_a_picture_do_not_touch(open_page: OpenPage, shape: ViewportSize | None) -> None:
    """On a phone some of twelve months go unnamed, the year stays; at a desk all are named."""
    page = open_page(shape, locale="zh-CN") if shape else open_page(locale="zh-CN")
    sign_in(page, "chen")
    opened(page, "rep_outcomes", "?period=last_year")
    names = page.evaluate(
        """() => [...document.querySelectorAll('[id$="-figure-months"] .xtick text')].filter(one => one.textContent).map(one => {
            const box = one.getBoundingClientRect(); return [one.textContent, box.left, box.right]; })"""
    )
    gaps = [after[1] - before[2] for before, after in pairwise(names)]
    assert (len(names) == 12) == (shape is None)
    assert len(names) > 3
    assert min(gaps) >= 4, names
    assert sum("2025" in name for name, *_ends in names) == 1


def speak(page: Page, language: str) -> None:
    """The page in that language, which is chosen at its top."""
    if (page.get_attribute("html", "lang") or "")[:2] != language[:2]:
        page.locator("[id*=language]", has_text="English" if language.startswith("en") else "中文").first.dispatch_event("click")
        page.wait_for_function("said => document.documentElement.lang.startsWith(said)", arg=language[:2])
