"""Master data with a real browser: stages in another order, targets pasted from a spreadsheet, a competitor found by another name."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_opportunity import first_open
from tests.browser.test_sign_in import sign_in

pytestmark = pytest.mark.slow

STAGES = "#ordered > li"


def order(page: Page) -> list[str]:
    """The stages as they stand on the page."""
    return page.locator(f"{STAGES} a").all_inner_texts()


def test_stages_are_put_into_another_order_by_key_and_by_mouse(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "ada", "/master/sales/stages")
    first, second, third, *rest = order(page)
    down = page.locator(STAGES).first.locator("[data-move=down]")
    down.focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"{STAGES} a").first).to_have_text(second)
    expect(page.locator(STAGES).nth(1).locator("[data-move=down]")).to_be_focused()  # who moved it once may move it on
    page.keyboard.press("Enter")
    expect(page.locator(f"{STAGES} a").nth(2)).to_have_text(first)
    assert order(page) == [second, third, first, *rest]
    page.locator(STAGES).nth(2).drag_to(page.locator(STAGES).first, target_position={"x": 60, "y": 3})
    expect(page.locator(f"{STAGES} a").first).to_have_text(first)
    page.reload()
    expect(page.locator(f"{STAGES} a").first).to_be_visible()
    assert order(page) == [first, second, third, *rest]


PASTE = """(table, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def test_a_block_of_a_spreadsheet_is_pasted_into_the_targets(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen", "/master/targets")
    table = page.locator("#targets-table")
    company = table.locator(".ag-center-cols-container [row-index='0'] [col-id='m0']")
    company.click()
    table.evaluate(PASTE, "123万\t4,500.5\n")
    expect(company).to_have_text("1,230,000")
    expect(table.locator(".ag-center-cols-container [row-index='0'] [col-id='m1']")).to_have_text("4,500.5")
    expect(page.locator("#targets-changed")).to_contain_text("2")
    page.locator("#targets-save").click()
    expect(page.locator("#targets-said")).not_to_be_empty()
    page.reload()
    expect(company).to_have_text("1,230,000", timeout=20_000)


def test_a_competitor_is_found_by_another_name_and_told_with_its_outcome(open_page: OpenPage) -> None:
    admin, rep = open_page(locale="zh-CN"), open_page(locale="zh-CN")
    sign_in(admin, "ada", "/master/competitors/competitors")
    admin.locator(".ag-center-cols-container .row-link").first.click()
    admin.locator("form textarea").first.fill("又名甲乙丙")
    name = admin.locator("form .field.text input").first.input_value()
    admin.locator("form .primary").click()
    expect(admin).to_have_url(re.compile("/master/competitors/competitors$"))
    sign_in(rep, "wang")
    address = first_open(rep)
    rep.goto(f"{address}/competition")
    rep.locator("form .dash-dropdown").first.click()
    rep.locator(".dash-dropdown-search").fill("甲乙丙")
    expect(rep.get_by_role("option")).to_have_count(1)
    rep.get_by_role("option").first.click()
    rep.locator("form .primary").click()
    expect(rep.locator(".said-comment", has_text=name).first).to_contain_text("未定")


def march_of(page: Page, name: str) -> Locator:
    """A rep's cell of the year's third month; the name stands in a part of the row that does not scroll."""
    row = page.locator(".ag-row", has_text=name).first
    expect(row).to_be_visible(timeout=20_000)
    return page.locator(f".ag-center-cols-container .ag-row[row-index='{row.get_attribute('row-index')}'] [col-id=m2]")


def test_two_set_one_target_and_the_second_is_told_before_theirs_goes_over_it(open_page: OpenPage) -> None:
    lin, chen = open_page(locale="zh-CN"), open_page(locale="zh-CN")
    for page, login in ((lin, "lin"), (chen, "chen")):
        sign_in(page, login)
        page.goto("/master/targets?year=2031")
        march_of(page, "王磊").dblclick()
        page.keyboard.type("1200" if login == "lin" else "3400")
        page.keyboard.press("Enter")
        expect(page.locator("#targets-changed")).to_contain_text("1")
    lin.locator("#targets-save").click()
    expect(lin.locator("#targets-said")).to_contain_text("1", timeout=20_000)
    chen.locator("#targets-save").click()
    expect(chen.locator("#targets-said")).to_contain_text("1,200.00", timeout=20_000)
    expect(chen.locator("#targets-said")).to_contain_text("王磊 2031-03")
    asked: list[str] = []
    chen.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    chen.locator(".side-menu a", has_text="客户").first.click()  # a cell waits to be saved
    expect(chen).to_have_url(re.compile("/master/targets"))
    assert len(asked) == 1
    chen.locator("#targets-save").click()
    expect(chen.locator("#targets-changed")).to_be_empty(timeout=20_000)
    lin.reload()
    expect(march_of(lin, "王磊")).to_have_text("3,400", timeout=20_000)
