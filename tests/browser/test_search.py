"""The search with a real browser: opened by key, walked by arrows, within reach; a late answer to an older question shows nothing."""

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_reports import PATIENCE
from tests.browser.test_sign_in import sign_in


def test_ctrl_k_finds_and_opens_by_keys_alone(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "wang")
    page.goto("/customers")
    name = page.locator(".ag-center-cols-container .row-link").first.inner_text(timeout=PATIENCE)
    page.goto("/")
    expect(page.locator(".page h1")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Control+k")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(name[:4])
    expect(dialog.get_by_role("link", name=name).first).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/(customers|opportunities|contracts|leads)/\d+$"), timeout=PATIENCE)
    expect(page.locator(".page h1")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Control+k")
    page.keyboard.type("没有这样的名字")
    expect(page.get_by_role("dialog").locator(".search-nothing")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_late_answer_to_an_older_question_shows_nothing(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen")
    held: list[Route] = []
    page.route("**/search?q=*", lambda route: held.append(route))
    page.keyboard.press("Control+k")
    box = page.get_by_role("searchbox")
    for text in ("旧的", "新的"):
        before = len(held)
        box.fill(text)
        page.wait_for_timeout(400)
        assert len(held) == before + 1
    for route, title in ((held[1], "新"), (held[0], "旧")):
        route.fulfill(json=[{"title": title, "about": "客户", "href": "/customers/1"}])
        page.wait_for_timeout(200)
    expect(page.get_by_role("dialog").get_by_role("link")).to_have_text([re.compile("新")])
