"""What is typed into a form, in a real browser: it is not lost by leaving, by a refusal or by a key that meant something else."""

import re

from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_opportunity import a_refused_amount, first_open
from tests.browser.test_reports import PATIENCE
from tests.browser.test_sign_in import sign_in


class Asked:
    """Answers the question whether to leave; keeps what was asked."""

    def __init__(self, page: Page) -> None:
        self.leave, self.questions = False, list[str]()
        page.on("dialog", self._answer)

    def _answer(self, dialog: Dialog) -> None:
        self.questions.append(dialog.message)
        if self.leave:
            dialog.accept()
        else:
            dialog.dismiss()


def test_leaving_a_half_typed_form_by_a_link_or_by_back_asks_first(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "wang")
    address = first_open(page)
    page.goto(address)
    page.locator(f'.page a[href="{address}/edit"]').click()
    title = page.locator("form .field.text input").first
    expect(title).to_be_visible(timeout=PATIENCE)
    asked = Asked(page)
    title.press_sequentially("（改）")
    typed = title.input_value()
    page.locator('.side-menu a[href="/contracts"]').click()
    page.go_back(wait_until="commit")
    expect(page).to_have_url(re.compile(f"{address}/edit$"))
    assert len(asked.questions) == 2
    expect(title).to_have_value(typed)
    asked.leave = True
    page.go_back(wait_until="commit")
    expect(page.locator(".stage-line")).to_be_visible(timeout=PATIENCE)
    assert len(asked.questions) == 3


def test_a_refused_save_is_not_left_unasked(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    amount = a_refused_amount(page)
    asked = Asked(page)
    page.locator('.side-menu a[href="/contracts"]').click()
    expect(amount).to_have_value("0.001")
    assert len(asked.questions) == 1


def test_enter_in_the_help_splits_and_does_not_save(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "fang")
    page.goto("/contracts?status=in_progress")
    page.locator(".ag-center-cols-container .row-link").first.click()
    page.locator('.page a[href$="/plan"]').click()
    form = page.locator('form[data-form="change-plan"]')
    if form.locator(".split").get_attribute("open") is None:
        form.locator(".split summary").click()
    parts = form.locator(".split .field.text input")
    parts.fill("7")
    parts.press("Enter")
    expect(form.locator(".plan-lines .line")).to_have_count(7, timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"/contracts/\d+/plan$"))


def test_each_save_is_said_anew(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "wang")
    page.goto(first_open(page))
    for said in ("谈了一次", "又谈了一次"):
        page.locator("#opportunity-composer-follow-up summary").click()
        form = page.locator("#opportunity-form-follow-up")
        form.locator("textarea").first.fill(said)
        form.locator(".primary").click()
        expect(page.locator(".toast-line", has_text="已保存")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".toast-line", has_text="已保存")).to_be_hidden(timeout=PATIENCE)  # after a while, by itself
