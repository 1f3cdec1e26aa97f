"""A choice alone is something to lose; and what is saved on its own page shows there at once."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_forms import Asked
from tests.browser.test_reports import PATIENCE
from tests.browser.test_sign_in import sign_in


def new_lead(page: Page) -> None:
    """The empty form, come to from the list."""
    page.goto("/leads")
    page.get_by_role("link", name="新增线索").click()
    expect(page.locator(".page h1")).to_have_text("新增线索", timeout=PATIENCE)
    page.wait_for_load_state("networkidle")


def choose(page: Page, dropdown: str, words: str) -> None:
    """Take what is called so."""
    page.locator(dropdown).first.click()
    page.locator(".dash-dropdown-search").fill(words)
    expect(page.get_by_role("option")).to_have_count(1)
    page.get_by_role("option").first.click()


def test_a_choice_alone_is_something_to_lose_and_what_was_saved_is_not(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "wang")
    asked = Asked(page)
    new_lead(page)
    page.get_by_label("联系人").click()
    choose(page, "form[data-form=new-lead] .dash-dropdown", "官网")
    page.get_by_label("联系人").press("Escape")
    page.get_by_role("button", name="取消").click()
    assert len(asked.questions) == 2
    page.get_by_label("联系人").fill("周到")
    page.get_by_label("电子邮箱").fill("zhou.dao@example.com")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".page h1")).to_have_text("周到", timeout=PATIENCE)
    page.locator(".side-menu a", has_text="客户").first.click()
    expect(page.locator(".page h1")).to_have_text("客户", timeout=PATIENCE)
    assert len(asked.questions) == 2


def test_a_hand_over_moves_on_to_its_last_step_and_a_deputy_shows_at_once(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen")
    asked = Asked(page)
    page.goto("/hand-over")
    choose(page, "#hand-over-who", "崔永康")
    form = page.locator("form[data-form=hand-over]")
    expect(form).to_be_visible(timeout=PATIENCE)
    form.locator("textarea").fill("离职")
    form.get_by_role("button", name="全部交接").dblclick()
    expect(page.get_by_role("button", name="请管理员停用账号")).to_be_visible(timeout=PATIENCE)
    page.goto("/profile")
    choose(page, "form[data-form=name-deputy] .dash-dropdown", "林晓东")
    for number in range(2):
        day = page.locator("form[data-form=name-deputy] .dash-datepicker-input").nth(number)
        day.fill("2099-03-05")
        day.press("Tab")
    page.get_by_role("button", name="指定代理人").dblclick()
    expect(page.locator("#profile-deputies li")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator("#profile-deputies")).to_contain_text("林晓东")
    assert asked.questions == []
    ending = page.get_by_role("button", name="结束 林晓东 的代理")
    ending.click()  # asked, and not meant
    page.wait_for_timeout(500)
    expect(page.locator("#profile-deputies li")).to_have_count(1)
    asked.leave = True
    ending.click()
    expect(page.locator("#profile-deputies")).to_contain_text("目前没有代理人", timeout=PATIENCE)
    assert len(asked.questions) == 2
