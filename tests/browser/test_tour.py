"""The guided tour with a real browser: five stops by keys alone, on both screens and in both languages; skipped, it never comes back."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import serious
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_sign_in import sign_in

RINGS = {
    "menu": ".top-bar [data-act=menu]",
    "search": ".search-open",
    "waits": ".tiles",
    "reports": ".month",
    "person": ".person > summary",
}
"""What has a ring around it at each stop of who opens reports."""


def ringed(page: Page, selector: str) -> bool:
    return bool(page.locator(selector).first.evaluate("part => getComputedStyle(part).outlineStyle === 'solid'"))


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_five_stops_by_keys_and_done(open_page: OpenPage, shape: ViewportSize) -> None:
    page = open_page(shape, locale="zh-CN", color_scheme="dark" if shape == PHONE else "light")
    sign_in(page, "lin" if shape == PHONE else "wang")
    tour = page.get_by_role("region", name="新手导览")
    following = tour.get_by_role("button", name=re.compile("下一步|完成"))
    following.focus()
    for number, (at, selector) in enumerate(RINGS.items(), 1):
        expect(tour.locator(".tour-count")).to_have_text(f"{number} / 5")
        expect(tour.locator(".tour-stop:visible")).to_have_count(1)
        assert [ringed(page, other) for other in RINGS.values()] == [other == selector for other in RINGS.values()], at
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        if number == 2:
            page.keyboard.press("Shift+Tab")
            page.keyboard.press("Enter")
            expect(tour.locator(".tour-count")).to_have_text("1 / 5")
            expect(following).to_be_focused()
            page.keyboard.press("Enter")
        with_keys = "Enter" if number < 5 else "Space"
        if number == 5:
            expect(following).to_have_text("完成")
            assert serious(page) == []
        page.keyboard.press(with_keys)
    expect(tour).to_be_hidden()
    expect(page.locator("#content")).to_be_focused()
    assert not any(ringed(page, selector) for selector in RINGS.values())
    page.reload()
    expect(page.locator(".page h1")).to_be_visible()
    expect(page.locator("#tour")).to_have_count(0)


@pytest.mark.parametrize("login", ["mei", "xia", "ada", "fang"])
@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_each_stop_of_each_role_has_a_ring_around_something_that_is_there(open_page: OpenPage, login: str, shape: ViewportSize) -> None:
    page = open_page(shape, locale="zh-CN")
    sign_in(page, login)
    tour = page.locator("#tour")
    for number in range(1, 6):
        expect(tour.locator(".tour-count")).to_have_text(f"{number} / 5")
        rings = page.evaluate(
            """() => [...document.querySelectorAll('body *')].filter(part => getComputedStyle(part).outlineStyle === 'solid'
                && part !== document.activeElement && part.getBoundingClientRect().height > 8).length"""
        )
        assert rings > 0, (login, tour.get_attribute("data-at"))
        if number < 5:
            tour.locator("[data-act=tour-next]").click()


def test_skipped_for_good_in_every_browser_and_back_from_the_profile(open_page: OpenPage) -> None:
    """Ada reads English and opens no report: one of her stops is another."""
    page = open_page()
    sign_in(page, "ada")
    tour = page.get_by_role("region", name="Guided tour")
    expect(tour).to_contain_text("The menu")
    with page.expect_response("**/profile/tour") as kept:
        tour.get_by_role("button", name="Skip, and don't show again").click()
    assert kept.value.status == 204
    elsewhere = open_page()
    sign_in(elsewhere, "ada")
    expect(elsewhere.locator("#tour")).to_have_count(0)
    elsewhere.goto("/profile")
    elsewhere.get_by_role("button", name="Show the guided tour again").click()
    expect(elsewhere.get_by_role("region", name="Guided tour")).to_be_visible()
    elsewhere.get_by_role("button", name="Next").click()
    expect(elsewhere.locator("#tour .tour-stop:visible h2")).to_have_text("Health")
    for _stop in range(2):
        elsewhere.get_by_role("button", name="Next").click()
    expect(elsewhere.locator("#tour .tour-stop:visible h2")).to_have_text("Notifications")
    assert ringed(elsewhere, ".bell")
