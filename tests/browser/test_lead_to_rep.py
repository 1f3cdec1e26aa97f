"""From a lead to a rep with a real browser: entered, noted, converted, given to a team and by its lead to a rep."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_sign_in import sign_in


def fill(page: Page, form: str, label: str, text: str) -> None:
    page.locator(f"form[data-form={form}] .field", has_text=label).locator("input, textarea").first.fill(text)


def choose(page: Page, form: str, label: str) -> None:
    """The first value that a field offers."""
    page.locator(f"form[data-form={form}] .field", has_text=label).locator(".dash-dropdown").first.click()
    page.get_by_role("option").first.click()


def ticked(page: Page, name: str) -> None:
    """Tick the row of a customer in a pool."""
    page.locator("input[id$=_pool-filter-q]").fill(name)
    row = page.locator(".ag-center-cols-container .ag-row", has_text=name).first
    expect(row).to_be_visible(timeout=20_000)
    number = row.get_attribute("row-index")
    page.locator(f".ag-row[row-index='{number}'] input[type=checkbox]").first.check(force=True)


def test_a_lead_becomes_a_reps_customer(open_page: OpenPage) -> None:
    rep, head, lead = open_page(locale="zh-CN"), open_page(locale="zh-CN"), open_page(locale="zh-CN")
    sign_in(rep, "wang", "/leads/new")
    fill(rep, "new-lead", "联系人", "周海燕")
    fill(rep, "new-lead", "公司", "北固山造船")
    fill(rep, "new-lead", "电话", "13711112222")
    choose(rep, "new-lead", "线索来源")
    rep.locator("form[data-form=new-lead] .primary").click()
    expect(rep.locator("h1")).to_contain_text("周海燕", timeout=20_000)
    expect(rep.locator(".page-subtitle .badge-state").first).to_have_text("未处理")

    fill(rep, "lead-note", "内容", "约了周五演示")
    rep.locator("form[data-form=lead-note] .primary").click()
    expect(rep.locator(".timeline .said-item").first).to_contain_text("约了周五演示")
    expect(rep.locator(".page-subtitle .badge-state").first).to_have_text("跟进中")

    rep.get_by_role("link", name="转为成功").click()
    rep.locator("form[data-form=convert-lead] .primary").click()
    expect(rep).to_have_url(re.compile(r"/leads$"), timeout=20_000)

    sign_in(head, "chen", "/assign/teams")
    ticked(head, "北固山造船")
    card = head.locator(".candidate").first
    expect(card).to_be_visible(timeout=20_000)
    sign_in(lead, "lin", "/profile")
    team = lead.locator(".page").inner_text()
    for card in head.locator(".candidate").all():
        name = card.locator("strong").inner_text()
        if name in team:
            card.locator("button").click()
            break
    expect(head.locator(".toast-line")).to_contain_text("已分配给", timeout=20_000)

    lead.goto("/assign/reps")
    ticked(lead, "北固山造船")
    card = lead.locator(".candidate:not(.full)").first
    expect(card).to_be_visible(timeout=20_000)
    name = card.locator("strong").inner_text()
    card.locator("button").click()
    expect(lead.locator(".toast-line")).to_contain_text(name, timeout=20_000)
    lead.goto("/customers?q=北固山造船")
    lead.locator(".ag-center-cols-container .row-link").first.click()
    expect(lead.locator("h1")).to_have_text("北固山造船")
    expect(lead.locator(".page-subtitle")).to_contain_text(name)
    expect(lead.locator(".aside .history")).to_contain_text(name)
