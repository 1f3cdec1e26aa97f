"""Lists with a real browser: rows are asked for once, and what is ticked stays so while it is there."""

import json
import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_sign_in import sign_in

ROWS = ".ag-center-cols-container .ag-row"


def fetched(page: Page) -> list[str]:
    """The callbacks over rows that the page asks from now on, by what they fill."""
    asked: list[str] = []

    def hear(request: Request) -> None:
        if "_dash-update" in request.url:
            output = json.loads(request.post_data or "{}").get("output", "")
            asked.extend(name for name in ("getRowsResponse", "count.children") if name in output)

    page.on("request", hear)
    return asked


@pytest.mark.slow
def test_a_list_is_fetched_once_and_a_quick_tick_stays(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen", "/")
    asked = fetched(page)
    page.goto("/leads?status=failed")
    expect(page.locator(f"{ROWS} .row-link").first).to_be_visible(timeout=20_000)
    page.locator(".ag-selection-checkbox input").first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".ag-row-selected").first).to_be_visible()
    assert sorted(asked) == ["count.children", "getRowsResponse"]


@pytest.mark.slow
def test_what_is_ticked_stays_while_it_is_in_the_list(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen", "/leads?status=failed")
    first = page.locator(ROWS).first
    expect(first.locator(".row-link")).to_be_visible(timeout=20_000)
    name = first.locator(".row-link").inner_text()
    page.locator(".ag-selection-checkbox input").first.click()
    expect(page.locator("#leads-chosen")).to_contain_text("1")
    page.locator("#leads-filter-q").fill(name)
    expect(page).to_have_url(re.compile(r"q="))
    expect(page.locator(".ag-row-selected .row-link")).to_have_text(name)
    expect(page.locator("#leads-chosen")).to_contain_text("1")
    page.locator("#leads-filter-q").fill("没有这样的名字")
    expect(page.locator("#leads-bulk")).to_be_hidden()


def test_a_customer_given_to_the_wrong_team_is_back_at_one_press(open_page: OpenPage) -> None:
    """At the desk the row leaves and comes back; on the customer's own page the same message offers the same."""
    page = open_page(locale="zh-CN")
    sign_in(page, "chen", "/assign/teams")
    first = page.locator(ROWS).first
    expect(first.locator(".row-link")).to_be_visible(timeout=20_000)
    name = first.locator(".row-link").inner_text()
    page.locator(".ag-selection-checkbox input").first.click()
    page.locator(".candidate button").first.click()
    undo = page.locator(".toast-line").get_by_role("button", name="撤销")
    expect(undo).to_be_visible(timeout=20_000)
    expect(page.locator(ROWS).first.locator(".row-link")).not_to_have_text(name, timeout=20_000)
    undo.click()
    expect(page.locator(".toast-line")).to_have_text("已撤销：1 个", timeout=20_000)
    expect(page.locator(ROWS).first.locator(".row-link")).to_have_text(name, timeout=20_000)
    page.locator(ROWS).first.locator(".row-link").click()
    page.get_by_role("link", name="分配", exact=True).click()
    page.locator(".candidate", has=page.locator("strong", has_text=re.compile("^华西$"))).locator("button").click()
    page.locator("form[data-form=assign-customer] .primary").click()
    expect(page.locator(".subtitle-words, .page-subtitle").first).to_contain_text("华西", timeout=20_000)
    undo.click()
    expect(page.locator(".page-subtitle").first).not_to_contain_text("华西", timeout=20_000)
