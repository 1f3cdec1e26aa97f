"""A report by keyboard alone: filters, a picture's table, a number, its records, and back to where one was."""

import re
from contextlib import suppress

from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.axe import serious
from tests.browser.conftest import OpenPage
from tests.browser.test_reports import PATIENCE, opened
from tests.browser.test_sign_in import sign_in

KEY = "loss_analysis"


def press_until(page: Page, key: str, selector: str, most: int = 60) -> None:
    """Press a key again and again until the focus is on such an element."""
    for _press in range(most):
        if page.evaluate("selector => (window.wasAt = document.activeElement).matches(selector)", selector):
            return
        page.keyboard.press(key)
        with suppress(TimeoutError):
            page.wait_for_function("() => document.activeElement !== window.wasAt", timeout=3000)
    raise AssertionError(f"{key} does not lead to {selector}")


def test_filters_are_reached_called_by_their_names_and_chosen_by_keys(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin")
    opened(page, KEY, "?period=this_month")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the menu
    for name, label in (("period", "期间"), ("team", "销售团队"), ("reason", "原因"), ("compare", "对比"), ("as_of", "截至")):
        press_until(page, "Tab", f"#{KEY}-filter-{name}")
        expect(page.locator(f"#{KEY}-filter-{name}")).to_have_accessible_name(re.compile(f"^{label}"))
    press_until(page, "Shift+Tab", f"#{KEY}-filter-period")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option", name="今年")).to_be_visible()
    expect(page.locator("input[value=this_month]:focus")).to_have_count(1)
    press_until(page, "ArrowDown", "input[value=this_year]")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile("period=this_year"), timeout=PATIENCE)


def test_the_panel_takes_the_focus_and_gives_it_back(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin")
    opened(page, KEY)
    panel = page.locator(f"#{KEY}-panel")
    card = page.locator(f"#{KEY}-headline .card-value").first
    card.focus()
    page.keyboard.press("Enter")
    expect(panel.locator("h2")).to_be_focused(timeout=PATIENCE)
    expect(panel.locator(".row-link").first).to_be_visible(timeout=PATIENCE)
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(panel).not_to_have_class(re.compile("open"))
    expect(card).to_be_focused()
    twin = page.locator(".figure [data-act=twin]").first
    twin.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#{KEY}-view input:checked")).to_be_focused()
    expect(page.locator(f"#{KEY}-tables .ag-row").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    press_until(page, "Tab", f"#{KEY}-tables .ag-header-cell, #{KEY}-tables .ag-cell")
    press_until(page, "ArrowDown", f"#{KEY}-tables .ag-cell")
    press_until(page, "ArrowRight", f"#{KEY}-tables .ag-cell[col-id=not_won_amount]")
    cell = page.locator(f"#{KEY}-tables .ag-cell:focus")
    shown = cell.inner_text()
    page.keyboard.press("Enter")
    expect(panel.locator("strong")).to_contain_text(shown, timeout=PATIENCE)
    expect(panel.locator("h2")).to_be_focused(timeout=PATIENCE)
    press_until(page, "Tab", f"#{KEY}-panel .ag-header-cell, #{KEY}-panel .ag-cell")
    page.keyboard.press("Escape")
    expect(panel).not_to_have_class(re.compile("open"))
    expect(cell).to_have_text(shown)
    page.keyboard.press("Enter")
    expect(panel.locator("h2")).to_be_focused(timeout=PATIENCE)
    press_until(page, "Tab", f"#{KEY}-panel .ag-header-cell, #{KEY}-panel .ag-cell")
    press_until(page, "ArrowDown", f"#{KEY}-panel .ag-cell")
    title = page.locator(f"#{KEY}-panel .ag-row .row-link").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(title, timeout=PATIENCE)
