"""Opportunities with a real browser: found in the list, edited by two at once, spoken of; what others do appears by itself."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_sign_in import sign_in

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
"""What a phone's camera sends, as far as anybody looks: the first bytes of a PNG, and more."""


def first_open(page: Page) -> str:
    """The address of the first opportunity in the list that is being followed."""
    page.goto("/opportunities?status=following")
    link = page.locator(".ag-center-cols-container .row-link").first
    expect(link).to_be_visible(timeout=20_000)
    return str(link.get_attribute("href"))


def test_the_list_is_filtered_searched_and_opened(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin", "/opportunities")
    expect(page.locator("#opportunities-count")).to_contain_text(re.compile(r"\d"))
    title = page.locator(".ag-center-cols-container .row-link").first.inner_text()
    page.locator("#opportunities-filter-q").fill(title)
    expect(page).to_have_url(re.compile(r"\?q="))
    expect(page.locator(".ag-center-cols-container .row-link").first).to_have_text(title)
    page.reload()
    expect(page.locator("#opportunities-filter-q")).to_have_value(title)
    page.locator(".ag-center-cols-container .row-link").first.click()
    expect(page.locator("h1")).to_have_text(title)
    page.go_back()
    expect(page.locator("#opportunities-filter-q")).to_have_value(title)


def test_a_comment_appears_to_the_rep_by_itself(open_page: OpenPage) -> None:
    rep, lead = open_page(locale="zh-CN"), open_page(locale="zh-CN")
    sign_in(rep, "wang")
    address = first_open(rep)
    rep.goto(address)
    expect(rep.locator(".stage-line")).to_be_visible()
    sign_in(lead, "lin", address)
    lead.locator("#opportunity-composer-comment summary").click()
    lead.locator("#opportunity-form-comment textarea").fill("请先确认预算，再报价。")
    lead.locator("#opportunity-form-comment .primary").click()
    expect(rep.locator(".said-comment", has_text="请先确认预算").first).to_be_visible(timeout=20_000)
    expect(rep.locator("#unread")).to_have_text(re.compile(r"\d"))


def test_the_second_saver_chooses(open_page: OpenPage) -> None:
    rep, lead = open_page(locale="zh-CN"), open_page(locale="zh-CN")
    sign_in(rep, "wang")
    address = first_open(rep)
    rep.goto(f"{address}/edit")
    expect(rep.locator("form.form")).to_be_visible()
    sign_in(lead, "lin", f"{address}/edit")
    lead.locator("form .field.text input").first.fill("三期项目（林）")
    lead.locator("form .primary").click()
    expect(lead.locator("h1")).to_have_text("三期项目（林）")
    title = rep.locator("form .field.text input").first
    title.fill("二期项目（王）")
    title.press("Enter")
    expect(rep.locator(".conflict")).to_contain_text("三期项目（林）")
    expect(title).to_have_value("二期项目（王）")
    rep.locator(".conflict .primary").click()
    expect(rep.locator("h1")).to_have_text("二期项目（王）")
    expect(lead.locator("#opportunity-news")).to_be_visible()
    lead.locator("#opportunity-news button").click()
    expect(lead.locator(".history")).to_contain_text("王")


def a_refused_amount(page: Page) -> Locator:
    """The amount of an opportunity of Wang's, in which no amount was typed and saved."""
    sign_in(page, "wang")
    page.goto(f"{first_open(page)}/edit")
    amount = page.locator("form .field.amount input").first
    amount.fill("")
    amount.press_sequentially("0.001")
    amount.press("Enter")
    expect(page.locator(".form-faults")).to_be_visible(timeout=20_000)
    return amount


def test_a_failed_save_keeps_what_was_typed(open_page: OpenPage) -> None:
    expect(a_refused_amount(open_page(locale="zh-CN"))).to_have_value("0.001")


def test_a_rep_writes_a_follow_up_on_a_phone(open_page: OpenPage) -> None:
    page = open_page(PHONE, locale="zh-CN")
    sign_in(page, "wang")
    page.goto(first_open(page))
    page.locator("#opportunity-composer-follow-up summary").click()
    form = page.locator("#opportunity-form-follow-up")
    form.locator(".dash-dropdown").first.click()
    page.get_by_role("option").first.click()
    form.locator("textarea").first.fill("谈了价格，周五回复。")
    form.locator("input[type=file]").set_input_files({"name": "现场.png", "mimeType": "image/png", "buffer": PHOTO})
    expect(form.locator(".file-drop li[data-number]")).to_have_count(1)
    form.locator(".primary").click()
    said = page.locator(".timeline .said-item").first
    expect(said).to_contain_text("谈了价格")
    with page.expect_download() as sent:
        said.locator("a", has_text="现场.png").click()
    assert sent.value.path().read_bytes() == PHOTO


def test_a_saved_change_shows_on_an_open_report_by_itself(open_page: OpenPage) -> None:
    rep, lead = open_page(locale="zh-CN"), open_page(locale="zh-CN")
    sign_in(lead, "lin", "/reports/loss_analysis?period=this_month")
    headline = lead.locator("#loss_analysis-headline")
    expect(headline.locator(".card-value").first).to_be_visible(timeout=20_000)
    before = headline.inner_text()
    sign_in(rep, "wang")
    rep.goto(f"{first_open(rep)}/close/stopped")
    rep.locator("form .dash-dropdown").first.click()
    rep.get_by_role("option").first.click()
    rep.locator("form .primary").click()
    expect(rep.locator(".tone-line-stopped")).to_be_visible(timeout=20_000)
    expect(headline).not_to_have_text(before, timeout=20_000, use_inner_text=True)
