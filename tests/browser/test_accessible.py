"""axe finds nothing serious on any page, in either theme: sign-in, workbench, lists, records, forms, master data, import, reports.

`make test` asks one page of each shape in the light theme; the slow tests walk through all pages that any role opens, in both themes.
"""

import re
from collections import deque
from collections.abc import Collection, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_opportunity import first_open
from tests.browser.test_reports import KEYS, PATIENCE, PEOPLE, SHAPES, opened
from tests.browser.test_sign_in import sign_in

SHAPES_OF_PAGES = {
    "chen": ("/", "/leads", "/assign/teams", "/master/targets", "/leads/new"),
    "ada": ("/import", "/master/sales/stages", "/master/people/users/new"),
}
"""One page of each shape besides those of opportunities and reports, and who opens it."""

SOME = {
    "/leads/0/convert", "/customers/0/assign", "/opportunities/0/quote", "/contracts/0/receive", "/hand-over", "/erasures", "/problems/0",
    "/master/targets", "/master/people/users/0", "/master/sales/stages/0", "/import",
}  # fmt: skip
"""Kinds of address that the walk comes to, among others."""

WAYS = ".side-menu a.menu-entry, .page a[href]"
"""Where a page leads on."""

RECORD = re.compile(r"(/[a-z]+)+(/0)?")
"""A list, or one of its records."""

NO_PAGE = re.compile(r"\.(csv|xlsx|pdf|png)$|/files?/|/template|^/reports/")
"""Files; and reports, which have tests of their own."""


def stands(page: Page, path: str) -> None:
    """The page at that address, drawn."""
    page.goto(path)
    expect(page.locator(".page h1")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("keys", [pytest.param(SHAPES, id="shapes"), pytest.param(KEYS, id="all", marks=pytest.mark.slow)])
@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_sign_in_opportunities_and_reports(open_page: OpenPage, theme: str, keys: Collection[str]) -> None:
    page = open_page(locale="zh-CN", color_scheme=theme)
    page.goto("/sign-in")
    assert serious(page) == []
    sign_in(page, "lin")
    address = first_open(page)
    assert serious(page) == [], "the list"
    for path in (address, f"{address}/edit"):
        stands(page, path)
        assert serious(page) == [], path
    for key in keys:
        opened(page, key)
        assert serious(page) == [], key


@pytest.mark.parametrize("login", SHAPES_OF_PAGES)
def test_every_shape_of_page(open_page: OpenPage, login: str) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, login)
    found = {}
    for path in SHAPES_OF_PAGES[login]:
        stands(page, path)
        found[path] = serious(page)
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["light", "dark", "phone"])
def test_every_page_that_any_role_opens(open_page: OpenPage, shape: str) -> None:
    """Each kind of address once, by whoever comes to it first; on a phone nothing scrolls sideways besides."""
    known: set[str] = set()
    found: dict[str, list[str]] = {}
    for login in PEOPLE:
        page = open_page(PHONE, locale="zh-CN") if shape == "phone" else open_page(locale="zh-CN", color_scheme=shape)
        sign_in(page, login)
        for path in walk(page, known):
            faults = serious(page)
            if page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"):
                faults.append("scrolls sideways")
            if faults:
                found[f"{login} {path}"] = faults
        page.goto("about:blank")
    assert found == {}
    assert known >= SOME, "it came through"


def walk(page: Page, known: set[str]) -> Iterator[str]:
    """The workbench and all that is behind it but the reports; each kind of address that nobody came to before is handed out, drawn.

    Lists and records are opened by each role, since what leads on from there is another for each; forms once.
    """
    waiting, mine = deque(["/"]), {"/"}
    while waiting:
        path = waiting.popleft()
        stands(page, path)
        page.wait_for_load_state("networkidle")
        if path == "/" or kind_of(path) not in known:  # the workbench is another for each role
            known.add(kind_of(path))
            yield path
        for way in page.locator(WAYS).evaluate_all("links => links.map(link => link.getAttribute('href'))"):
            kind = kind_of(way)
            leads_on = kind not in known or RECORD.fullmatch(kind)
            if way.startswith("/") and kind not in mine and leads_on and not NO_PAGE.search(kind):
                mine.add(kind)
                waiting.append(way)


def kind_of(path: str) -> str:
    """An address without its numbers and its question."""
    return re.sub(r"\d+", "0", path.partition("?")[0])
