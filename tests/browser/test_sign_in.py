"""Signing in with a real browser: in both languages, on both screens, as each role of the demo company."""

import re

import pytest
from playwright.sync_api import Page, expect

from crm.demo.accounts import PASSWORD
from tests.browser.conftest import PHONE, OpenPage

ROLES = {
    "chen": "公司负责人",
    "lin": "团队负责人",
    "wang": "销售人员",
    "fang": "财务",
    "mei": "市场",
    "xia": "后续部门",
    "ada": "Administrator",  # who reads English
}


def sign_in(page: Page, login: str, path: str = "/") -> None:
    """As a person does it."""
    page.goto("/sign-in" if path == "/" else f"/sign-in?next={path}")
    page.get_by_label(re.compile("账号|Account")).fill(login)
    page.get_by_label(re.compile("密码|Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=re.compile("登录|Sign in")).click()
    expect(page.locator(".page h1")).to_be_visible(timeout=20_000)


@pytest.mark.parametrize("login", ROLES)
def test_each_role_signs_in_and_opens_every_page_of_its_menu(open_page: OpenPage, login: str) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, login)
    expect(page.locator(".person-roles")).to_contain_text(ROLES[login])
    paths = page.locator(".side-menu a.menu-entry").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    for path in paths:
        page.goto(path)
        expect(page.locator(".page h1")).to_be_visible(timeout=20_000)
        expect(page.locator(".failed")).to_have_count(0)


def test_a_wrong_password_is_one_sentence(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    page.goto("/sign-in")
    page.get_by_label("账号").fill("lin")
    page.get_by_label("密码", exact=True).fill("not-my-password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("账号")).to_have_value("lin")


def test_the_language_changes_at_once_and_stays(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "mei")
    page.locator("button.language", has_text="English").click()
    expect(page.locator(".side-menu")).to_contain_text("Reports")
    page.reload()
    expect(page.locator(".side-menu")).to_contain_text("Reports")
    page.locator("button.language", has_text="中文").click()
    expect(page.locator(".side-menu")).to_contain_text("报表统计")


def test_the_theme_is_kept(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "fang")
    with page.expect_response("**/profile/theme") as kept:
        page.locator("[data-act=theme]").click()
    assert kept.value.status == 204
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_on_a_phone_the_menu_is_a_drawer_and_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    page = open_page(PHONE, locale="zh-CN")
    sign_in(page, "wang")
    expect(page.locator(".side-menu")).to_be_hidden()
    page.locator(".top-bar [data-act=menu]").click()
    expect(page.locator(".side-menu")).to_be_visible()
    page.locator(".side-menu a.menu-entry").first.click()
    expect(page.locator(".side-menu")).to_be_hidden()
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 390


def test_signing_out_leads_back_to_the_sign_in_page(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "sun")
    page.locator(".person summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto("/opportunities")
    expect(page).to_have_url(re.compile("/sign-in"))
