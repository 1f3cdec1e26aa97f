"""Each report in a real browser, at a desk and on a phone: it opens, a filter narrows it, a number opens its records, its files come."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from dashboard.queries import REPORTS, Report
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_reports import PATIENCE, amount, choose, drawn, opened
from tests.browser.test_sign_in import sign_in

pytestmark = pytest.mark.slow

TEAM = "华东"
BEGINS = {"xlsx": b"PK", "csv": b"\xef\xbb\xbf", "pdf": b"%PDF"}


@pytest.mark.parametrize("shape", [pytest.param(DESKTOP, id="desktop"), pytest.param(PHONE, id="phone")])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_report_opens_narrows_drills_and_exports(open_page: OpenPage, report: Report, shape: ViewportSize) -> None:
    page = open_page(shape, locale="zh-CN")
    sign_in(page, "chen")
    opened(page, report.key, "?period=last_year")
    narrowed(page, report.key, shape)
    counted = drilled(page, report.key)
    for address in (*links(page, f"a[id^='{report.key}-export-']", 3), *links(page, f"#{report.key}-panel a[href*='/export.']", 2)):
        answer = page.request.get(address)
        assert answer.status == 200, address
        kind = re.search(r"\.(xlsx|csv|pdf)\?", address)
        assert kind, address
        assert answer.body().startswith(BEGINS[kind[1]]), address
        assert "team=" in address, "a file is of the rows on the screen"
    assert counted > 0


def narrowed(page: Page, key: str, shape: ViewportSize) -> None:
    """One team is chosen: the chip says so, the address keeps it, and the page is drawn again."""
    if shape is PHONE:
        page.locator(f"#{key}-body, .page").locator(".filter-toggle").first.click()
    choose(page, f"{key}-filter-team", TEAM)
    expect(page).to_have_url(re.compile(r"team=\d+"), timeout=PATIENCE)
    expect(page.locator(f"#{key}-chips .chip", has_text=TEAM)).to_be_visible(timeout=PATIENCE)
    if shape is PHONE:
        page.keyboard.press("Escape")
    page.reload()
    drawn(page, key)


def drilled(page: Page, key: str) -> int:
    """The first number of the headline that is not nothing is opened; how many records the panel says are behind it."""
    panel = page.locator(f"#{key}-panel")
    for value in page.locator(f"#{key}-headline .card-value").all():
        if not re.search("[1-9]", value.inner_text()):
            continue
        value.click()
        expect(panel).to_have_class(re.compile("open"), timeout=PATIENCE)
        expect(panel.locator(".table-grid .ag-row").first).to_be_visible(timeout=PATIENCE)
        return int(amount(panel.locator(".adds-up").inner_text(timeout=PATIENCE)))
    pytest.fail("a headline without a number")


def links(page: Page, selector: str, count: int) -> list[str]:
    """The addresses of the files that are offered there: so many."""
    found = page.locator(selector)
    expect(found).to_have_count(count, timeout=PATIENCE)
    return [link.get_attribute("href") or "" for link in found.all()]
