"""A team opens over its reps in its own table, by pointer and by keyboard; the table that is open stands in the address."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_reports import PATIENCE, choose, opened
from tests.browser.test_sign_in import sign_in

pytestmark = pytest.mark.slow

KEY = "team_activity"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Chen before team activity."""
    page = open_page(locale="zh-CN")
    sign_in(page, "chen")
    opened(page, KEY, "?period=last_year&compare=previous")
    expect(page.locator(f"#{KEY}-tables .fold").first).to_be_visible(timeout=PATIENCE)
    return page


def test_a_team_opens_by_press_and_by_enter_and_stays_open(page: Page) -> None:
    table = page.locator(f"#{KEY}-tables")
    parts, folds = table.locator(".fold-part"), table.locator(".fold")
    folds.first.click()
    expect(folds.first).to_have_attribute("aria-expanded", "true", timeout=PATIENCE)
    expect(parts.first).to_be_visible()
    first = parts.count()
    name = (folds.nth(1).get_attribute("aria-label") or "").split(": ")[1]  # another year has the teams in another order
    second = page.locator(f"#{KEY}-tables .fold[aria-label$=': {name}']")
    table.locator(".ag-row .ag-cell").filter(has=page.locator(f".fold[aria-label$=': {name}']")).focus()
    page.keyboard.press("Enter")
    expect(parts).not_to_have_count(first, timeout=PATIENCE)
    choose(page, f"{KEY}-filter-period", "今年")
    expect(page).to_have_url(re.compile("period=this_year"), timeout=PATIENCE)
    expect(second).to_have_attribute("aria-expanded", "true", timeout=PATIENCE)
    number = table.locator(".ag-row").filter(has=page.locator(".fold-part")).first.locator("[col-id=followup_count] button")
    shown = number.inner_text()
    number.click()
    expect(page.locator(f"#{KEY}-panel strong")).to_have_text(shown, timeout=PATIENCE)
    page.keyboard.press("Escape")
    folds.first.click()
    second.click()
    expect(parts).to_have_count(0, timeout=PATIENCE)


def test_a_teams_name_leads_to_its_reps_and_back_is_one_step(page: Page) -> None:
    tab = page.locator(f"#{KEY}-view input:checked")
    page.locator(f"#{KEY}-tables .drill").first.click()
    expect(page).to_have_url(re.compile(r"team=\d+.*table=reps"), timeout=PATIENCE)
    expect(tab).to_have_value("reps")
    page.reload()
    expect(tab).to_have_value("reps", timeout=PATIENCE)
    page.go_back()
    expect(page).to_have_url(re.compile(r"period=last_year&compare=previous$"), timeout=PATIENCE)
    expect(tab).to_have_value("main", timeout=PATIENCE)
    page.locator(f"#{KEY}-view label").nth(1).click()
    expect(page).to_have_url(re.compile(r"table=reps$"), timeout=PATIENCE)
    page.go_back()
    expect(tab).to_have_value("main", timeout=PATIENCE)


def test_a_pictures_table_is_one_press_away(page: Page) -> None:
    page.goto("/reports/plan_completion?period=last_year")
    twin = page.locator(".figure [data-act=twin][data-view=pace]")
    expect(twin).to_be_visible(timeout=PATIENCE)
    twin.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"table=pace$"), timeout=PATIENCE)
    expect(page.locator("#plan_completion-tables [col-id=signed_amount] button").first).to_be_visible(timeout=PATIENCE)
