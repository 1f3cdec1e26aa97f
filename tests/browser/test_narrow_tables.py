"""A table that is wider than the window: what names its rows stays, and it says how much lies beyond the edge."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_reports import PATIENCE, opened
from tests.browser.test_sign_in import sign_in

TABLE = "#rep_outcomes-tables .table-grid"


def beyond(page: Page) -> int:
    """How many columns the table says are beyond its edge."""
    said = page.locator(TABLE).get_attribute("data-beyond")
    return int(re.findall(r"\d+", said)[0]) if said else 0


def test_on_a_phone_names_stay_beside_the_figures_and_the_table_says_that_it_goes_on(open_page: OpenPage) -> None:
    page = open_page(PHONE, locale="zh-CN")
    sign_in(page, "lin")
    opened(page, "rep_outcomes")
    expect(page.locator(TABLE)).to_have_attribute("data-beyond", re.compile("左右滑动"), timeout=PATIENCE)
    assert beyond(page) > 5
    page.locator(f"{TABLE} .ag-header").scroll_into_view_if_needed()
    page.mouse.wheel(0, 300)
    name = page.locator(f"{TABLE} .ag-row [col-id=team]").first
    figure = page.locator(f"{TABLE} .ag-row [col-id=won_count]").first
    expect(figure).to_be_in_viewport(ratio=1)
    page.locator(f"{TABLE} .ag-center-cols-viewport").evaluate("place => { place.scrollLeft = 10000; }")
    expect(page.locator(TABLE)).not_to_have_attribute("data-beyond", re.compile("."), timeout=PATIENCE)
    expect(page.locator(f"{TABLE} .ag-row [col-id=cycle_mean_days]").first).to_be_in_viewport(ratio=1)
    expect(name).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("login", "path"), [("ada", "/"), ("lin", "/"), ("fang", "/master/months")])
def test_in_english_no_page_of_a_phone_is_wider_than_the_phone(open_page: OpenPage, login: str, path: str) -> None:
    page = open_page(PHONE)
    sign_in(page, login)
    if page.get_attribute("html", "lang") != "en":
        page.locator("button.language").first.click()
        page.wait_for_function("() => document.documentElement.lang === 'en'")
    page.goto(path)
    expect(page.locator(".plain-table").first).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    if path == "/master/months":
        expect(page.get_by_role("button", name=re.compile("^Close the month")).first).to_be_in_viewport(ratio=1)


def test_a_table_with_room_says_nothing(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin")
    opened(page, "team_activity")
    expect(page.locator("#team_activity-tables .ag-row").first).to_be_visible(timeout=PATIENCE)
    assert page.locator("#team_activity-tables .table-grid").get_attribute("data-beyond") is None
