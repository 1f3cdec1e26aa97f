"""Reports with a real browser: who opens which, what a number opens, how filters and others' changes show, on both screens and themes."""

import csv
import io
import re
import unicodedata
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import pypdf
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from crm.vocabulary import Role
from dashboard.queries import REPORTS, Report
from dashboard.queries.measure import Measure
from dashboard.queries.report import View
from tests.browser.axe import serious
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.test_opportunity import first_open
from tests.browser.test_sign_in import sign_in

PEOPLE = {
    "chen": Role.EXECUTIVE,
    "lin": Role.TEAM_LEAD,
    "wang": Role.REP,
    "fang": Role.FINANCE,
    "mei": Role.MARKETING,
    "xia": Role.SERVICE,
    "ada": Role.ADMINISTRATOR,
}
PATIENCE = 60_000
"""Milliseconds that a shared machine may take; how quick it should be is measured by `make bench`."""

KEYS = [report.key for report in REPORTS]
SHAPES = frozenset({"plan_completion", "signing_bulletin", "team_followup", "lead_conversion"})
"""The reports that `make test` opens for every question: each shape of page once. `make test-all` opens all of them."""

EVERY_REPORT = [pytest.param(report, id=report.key, marks=[] if report.key in SHAPES else pytest.mark.slow) for report in REPORTS]


def opened(page: Page, key: str, query: str = "?period=this_year") -> None:
    """The report at that address, drawn."""
    page.goto(f"/reports/{key}{query}")
    drawn(page, key)


def drawn(page: Page, key: str) -> None:
    """Wait until headline, pictures and table are there."""
    expect(page.locator(f"#{key}-headline .card").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(f"#{key}-tables").locator(".skeleton, .waiting")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(f"#{key}-body .js-plotly-plot .main-svg").first).to_be_visible(timeout=PATIENCE)


def card(page: Page, key: str, measure: str) -> Locator:
    """The headline figure of a measure."""
    return page.locator(f"#{key}-headline .card-value[id*='\"{measure}\"']")


def amount(text: str | None) -> Decimal:
    """The number in a text such as "¥1,234.50" or "3 个"."""
    found = re.search(r"-?[\d,]+(?:\.\d+)?", text or "")
    assert found, f"no number in {text!r}"
    return Decimal(found[0].replace(",", ""))


@pytest.mark.slow  # in make test, each role opens every page of its menu (test_sign_in.py)
@pytest.mark.parametrize("login", PEOPLE)
def test_each_role_opens_its_reports_and_no_others(open_page: OpenPage, login: str) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, login)
    for report in REPORTS:
        if not report.open_to(frozenset({PEOPLE[login]})):
            page.goto(f"/reports/{report.key}")
            refusal = page.locator(".page").inner_text(timeout=PATIENCE)
            page.goto("/reports/no_such_report")
            expect(page.locator(".page")).to_have_text(re.compile(re.escape(refusal.splitlines()[0])), timeout=PATIENCE)
            continue
        opened(page, report.key)
        expect(page.locator(f"#{report.key}-headline .card")).to_have_count(len(report.headline))
        for picture in page.locator("figure.figure").all():
            expect(picture.locator(".main-svg").first).to_be_visible()
            expect(picture.locator(".figure-sentence")).not_to_be_empty()
        expect(page.locator(f"#{report.key}-tables .ag-row").first).to_be_visible(timeout=PATIENCE)
        expect(page.locator(".failed")).to_have_count(0)


READ = """grid => [...grid.querySelectorAll("[row-index] [col-id=adds]")]
    .map(cell => [cell.closest("[row-index]").getAttribute("row-index"), cell.innerText])"""
"""What each row that is drawn just now adds, with its number; the rows of the total are called "b-0" and so on."""


def records_of(page: Page, key: str, count: int) -> list[Decimal]:
    """What each record in the open panel adds, read off the screen while scrolling."""
    seen: dict[str, Decimal] = {}
    grid = page.locator(f"#{key}-panel .table-grid")
    grid.hover()
    for _look in range(400):
        there = {row: text for row, text in grid.evaluate(READ) if row.isdigit()}
        arrived = {row: amount(text) for row, text in there.items() if re.search(r"\d", text)}
        seen |= arrived
        if len(seen) == count:
            break
        if there and len(arrived) == len(there):
            page.mouse.wheel(0, 120)
        page.wait_for_timeout(50)
    assert len(seen) == count
    return list(seen.values())


def measured(page: Page, report: Report) -> Locator:
    """The numbers of the first table of figures that records add up to: no rates, no ranks. A list that comes first is passed over."""
    shown = report.views
    first = next(view for view in shown if isinstance(view, View))
    if first is not shown[0]:
        page.locator(f"#{report.key}-view label").nth(shown.index(first)).click()
    keys = [figure.key for figure in first.figures if isinstance(figure, Measure) and figure.adds_up]
    return page.locator(", ".join(f"#{report.key}-tables [col-id='{key}'] button.cell-number" for key in keys))


def test_a_table_is_made_when_the_pictures_above_it_stand(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen")
    opened(page, "plan_completion")
    told = """() => new Promise(done => {
      const told = [];
      document.querySelector(".js-plotly-plot").once("plotly_afterplot", () => told.push("picture"));
      saleslens.afterPictures(() => { told.push("table"); done(told); });
      saleslens.repaint();
    })"""
    assert page.evaluate(told) == ["picture", "table"]


@pytest.mark.parametrize("report", EVERY_REPORT)
def test_a_number_opens_the_records_that_add_up_to_it(open_page: OpenPage, report: Report) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen")
    opened(page, report.key)
    numbers = measured(page, report)
    rows = page.locator(f"#{report.key}-tables .ag-center-cols-container button.cell-number")
    expect(rows.first).to_be_visible(timeout=PATIENCE)  # the total stands before the rows that are fetched, and numbers change places then
    panel = page.locator(f"#{report.key}-panel")
    counted = panel.locator(".adds-up")
    for number in numbers.all()[:12]:
        shown = number.inner_text()
        if not re.search("[1-9]", shown) or "%" in shown:
            continue
        number.click()
        expect(panel.locator("strong")).to_have_text(re.compile(rf"(^|¥){re.escape(shown)}$"), timeout=PATIENCE)
        expect(counted).to_have_text(re.compile(r"\d"))
        count = int(amount(counted.inner_text()))
        if count <= 60:
            assert sum(records_of(page, report.key, count)) == amount(shown)
            exported = page.request.get(panel.get_by_role("link", name="CSV").get_attribute("href") or "").body().decode("utf-8-sig")
            header, *rows = csv.reader(io.StringIO(exported))
            assert len(rows) == count
            assert sum(Decimal(row[-1]) for row in rows) == amount(shown), header
            break
        panel.locator("[data-act=close-panel]").click()
        expect(panel).not_to_have_class(re.compile("open"))
    else:
        pytest.fail("no number with few records to look at")
    page.keyboard.press("Escape")
    expect(panel).not_to_have_class(re.compile("open"))


def test_filters_change_pictures_and_address_at_once(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen", "/opportunities")
    page.locator(".side-menu a[href='/reports/loss_analysis']").click()
    drawn(page, "loss_analysis")
    before = page.locator("#loss_analysis-headline").inner_text()
    choose(page, "loss_analysis-filter-period", "今年")
    expect(page).to_have_url(re.compile("period=this_year"), timeout=PATIENCE)
    expect(page.locator("#loss_analysis-headline")).not_to_have_text(before, timeout=PATIENCE)
    sentence = page.locator(".figure-sentence").first.inner_text()
    choose(page, "loss_analysis-filter-team", "华东")
    expect(page).to_have_url(re.compile(r"team=\d+"), timeout=PATIENCE)
    expect(page.locator(".figure-sentence").first).not_to_have_text(sentence, timeout=PATIENCE)
    chip = page.locator("#loss_analysis-chips .chip", has_text="华东")
    page.reload()
    drawn(page, "loss_analysis")
    expect(chip).to_be_visible()
    chip.click()
    expect(page).not_to_have_url(re.compile("team="), timeout=PATIENCE)
    expect(page.locator(".figure-sentence").first).to_have_text(sentence, timeout=PATIENCE)


def test_back_undoes_one_filter_after_the_other_and_forward_does_them_again(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "chen", "/opportunities")
    page.locator(".side-menu a[href='/reports/loss_analysis']").click()
    drawn(page, "loss_analysis")
    expect(page).to_have_url(re.compile(r"\?period=this_month$"), timeout=PATIENCE)
    month = card(page, "loss_analysis", "lost_count").inner_text()
    choose(page, "loss_analysis-filter-period", "今年")
    expect(card(page, "loss_analysis", "lost_count")).not_to_have_text(month, timeout=PATIENCE)
    year = card(page, "loss_analysis", "lost_count").inner_text()
    choose(page, "loss_analysis-filter-team", "华东")
    expect(page).to_have_url(re.compile(r"team=\d+"), timeout=PATIENCE)
    expect(card(page, "loss_analysis", "lost_count")).not_to_have_text(year, timeout=PATIENCE)
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?period=this_year$"))
    expect(card(page, "loss_analysis", "lost_count")).to_have_text(year, timeout=PATIENCE)
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?period=this_month$"))
    expect(page.locator("#loss_analysis-filter-period")).to_contain_text("本月", timeout=PATIENCE)
    page.go_forward()
    expect(card(page, "loss_analysis", "lost_count")).to_have_text(year, timeout=PATIENCE)
    page.go_back()
    expect(page.locator("#loss_analysis-filter-period")).to_contain_text("本月", timeout=PATIENCE)
    page.go_back()
    expect(page).to_have_url(re.compile("/opportunities$"))


@pytest.mark.slow
def test_a_picture_is_saved_under_the_name_of_what_it_shows_and_the_page_on_paper(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "wang")
    opened(page, "loss_analysis", "?from=2026-01-01&to=2026-03-31&compare=year")
    with page.expect_download() as picture:
        page.locator("[data-act=png]").first.click()
    assert picture.value.suggested_filename == "输单及停止分析_原因分布（按数量）_2026-01-01_2026-03-31.png"
    assert Path(picture.value.path()).read_bytes()[:4] == b"\x89PNG"
    page.evaluate("() => { window.Plotly.downloadImage = (picture) => { window.saved = picture.layout.title.text; }; }")
    page.locator("[data-act=png]").first.click()
    page.wait_for_function("() => window.saved")
    said = re.sub("<[^>]*>", " ", page.evaluate("() => window.saved"))
    assert said.count("2025-01-01 – 2025-03-31") == 1
    assert "去年同期" not in said, "the window that is compared is said once, with its days"
    assert re.search(r"数据时间 \d{4}-\d\d-\d\d \d\d:\d\d", said), "a picture outlives the day on which it was saved"
    with page.expect_download() as paper:
        page.get_by_role("link", name="PDF").click()
    assert Path(paper.value.path()).read_bytes()[:5] == b"%PDF-"
    expect(page.get_by_role("link", name="XLSX")).to_be_hidden()


@pytest.mark.slow
def test_the_browsers_own_print_has_the_table_by_key_and_by_menu(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin")
    opened(page, "loss_analysis")
    expect(page.locator("#loss_analysis-tables .ag-row").first).to_be_visible(timeout=PATIENCE)
    rows = page.locator("#loss_analysis-tables .ag-row").count()
    reasons = [name.inner_text() for name in page.locator("#loss_analysis-tables [col-id=reason].ag-cell").all()[:3]]
    heads = ["".join(head.split()) for head in page.locator("#loss_analysis-tables .ag-header-cell-text").all_inner_texts()]
    by_menu = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.evaluate("() => { window.print = () => { window.printed = document.querySelectorAll('.ag-row').length; }; }")
    page.keyboard.press("Control+p")
    page.wait_for_function("() => window.printed !== undefined")
    assert page.evaluate("() => window.printed") >= rows > 0
    by_key = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    for paper in (by_menu, by_key):
        last = unicodedata.normalize("NFKC", "".join(part.extract_text() for part in paper.pages))  # Chromium writes radicals
        assert [last.count(reason) > 1 for reason in reasons] == [True] * 3, "in the picture and in the table"
        assert [head for head in heads if head not in "".join(last.split())] == [], "no column is left off"


@pytest.mark.slow
def test_a_view_is_kept_chosen_and_what_the_report_opens_with(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin")
    opened(page, "loss_analysis", "?period=this_year&compare=year")
    views = page.locator(".kept-views")
    views.locator("summary").click()
    views.get_by_placeholder("视图名称").fill("今年与去年")
    views.get_by_role("button", name="保存为我的视图").click()
    expect(views.get_by_role("link", name="今年与去年")).to_be_visible(timeout=PATIENCE)
    views.get_by_role("button", name="重命名").click()
    views.locator(".views input").fill("同比")
    views.locator(".views input").press("Enter")
    expect(views.get_by_role("link", name="同比")).to_be_visible(timeout=PATIENCE)
    views.get_by_role("button", name="打开报表时使用").click()
    expect(views.get_by_role("button", name="打开报表时使用")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE)
    assert serious(page) == []
    opened(page, "loss_analysis", "")
    expect(page).to_have_url(re.compile(r"\?period=this_year&compare=year$"), timeout=PATIENCE)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="复制链接").click()
    expect(page.get_by_role("button", name="已复制")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == page.url
    page.get_by_role("button", name="重置").click()
    expect(page).to_have_url(re.compile(r"\?period=this_month$"), timeout=PATIENCE)
    expect(page.locator("#loss_analysis-chips .chip:not(.fixed)")).to_have_count(0)


def choose(page: Page, control: str, option: str) -> None:
    """Pick an option of a filter, as a person does."""
    page.locator(f"#{control}").click()
    page.get_by_role("option", name=re.compile(rf"^{option}")).first.click()
    page.keyboard.press("Escape")


def test_a_record_behind_a_number_opens_and_back_leads_to_the_report(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "lin")
    opened(page, "loss_analysis")
    page.locator("#loss_analysis-headline .card-value").first.click()
    link = page.locator("#loss_analysis-panel .row-link").first
    expect(link).to_be_visible(timeout=PATIENCE)
    title = link.inner_text()
    link.click()
    expect(page.locator("h1")).to_have_text(title, timeout=PATIENCE)
    page.go_back()
    drawn(page, "loss_analysis")
    assert urlsplit(page.url).query == "period=this_year"


def test_a_link_shows_everybody_their_own(open_page: OpenPage) -> None:
    figures = {}
    for login in ("chen", "lin", "wang"):
        page = open_page(locale="zh-CN")
        sign_in(page, login)
        opened(page, "loss_analysis")
        figures[login] = amount(card(page, "loss_analysis", "lost_count").inner_text())
    assert figures["chen"] > figures["lin"] > 0
    assert figures["lin"] >= figures["wang"]


def lose_one(page: Page) -> None:
    """Wang gives one of his opportunities up."""
    page.goto(f"{first_open(page)}/close/lost")
    page.locator(".dash-dropdown").first.click()
    page.get_by_role("option").first.click()
    page.locator("form .primary, .form .primary").first.click()
    expect(page).not_to_have_url(re.compile("/close/"), timeout=PATIENCE)


def test_a_saved_change_shows_by_itself_and_is_offered_where_somebody_looks_at_records(open_page: OpenPage) -> None:
    idle, busy, rep = (open_page(locale="zh-CN") for _ in range(3))
    for page in (idle, busy):
        sign_in(page, "chen")
        opened(page, "loss_analysis", "?period=this_month")
    sign_in(rep, "wang")
    before = amount(card(idle, "loss_analysis", "lost_count").get_attribute("title"))
    card(busy, "loss_analysis", "lost_count").click()
    expect(busy.locator("#loss_analysis-panel strong")).to_be_visible(timeout=PATIENCE)
    lose_one(rep)
    after = re.compile(rf"^{before + 1}\D*$")
    expect(card(idle, "loss_analysis", "lost_count")).to_have_text(after, timeout=PATIENCE)
    news = busy.locator("#loss_analysis-news")
    expect(news).to_be_visible(timeout=PATIENCE)
    assert amount(card(busy, "loss_analysis", "lost_count").inner_text()) == before
    busy.locator("#loss_analysis-news-show").click()
    expect(card(busy, "loss_analysis", "lost_count")).to_have_text(after, timeout=PATIENCE)
    expect(news).to_be_hidden()


def test_who_looks_at_records_and_saves_in_another_tab_sees_their_own_change_there(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "wang")
    opened(page, "loss_analysis", "?period=this_month")
    before = amount(card(page, "loss_analysis", "lost_count").get_attribute("title"))
    card(page, "loss_analysis", "lost_count").click()
    expect(page.locator("#loss_analysis-panel .panel-head strong")).to_have_text(re.compile(rf"^{before}\D*$"), timeout=PATIENCE)
    other = page.context.new_page()
    lose_one(other)
    expect(page.locator("#loss_analysis-panel .panel-head strong")).to_have_text(re.compile(rf"^{before + 1}\D*$"), timeout=PATIENCE)
    expect(card(page, "loss_analysis", "lost_count")).to_have_text(re.compile(rf"^{before + 1}\D*$"))
    expect(page.locator("#loss_analysis-news")).to_be_hidden()


def test_an_idle_report_says_that_it_is_behind_and_takes_it_back(open_page: OpenPage) -> None:
    """What the server answers is real, but for the word that the reports are behind."""
    page, since = open_page(locale="zh-CN"), ["14:03:22"]

    def behind(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"behind": since[0] or None})

    sign_in(page, "chen")
    opened(page, "loss_analysis")
    line = page.locator(".drawn .behind")
    expect(line).to_have_text("")
    page.route("**/live?*", behind)
    expect(line).to_have_text("自 14:03:22 起滞后", timeout=PATIENCE)
    since[0] = ""
    expect(line).to_have_text("", timeout=PATIENCE)


def test_the_language_of_a_report(open_page: OpenPage) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "sun")
    opened(page, "lead_conversion")
    expect(page.locator("h1")).to_have_text("线索转化率")
    page.locator("button.language", has_text="English").click()
    expect(page.locator("h1")).to_have_text("Lead conversion", timeout=PATIENCE)
    drawn(page, "lead_conversion")
    expect(page.locator("#lead_conversion-tables .ag-row").first).to_be_visible(timeout=PATIENCE)
    words = page.locator("#lead_conversion-body").inner_text()
    names = {cell.inner_text() for cell in page.locator("#lead_conversion-tables [col-id=source]").all()}
    for name in sorted(names, key=len, reverse=True):
        words = words.replace(name, "")
    left = [line for line in words.splitlines() if re.search("[\u4e00-\u9fff]", line)]
    assert left == [], "what is not a name is English"


@pytest.mark.parametrize("report", EVERY_REPORT)
def test_on_a_phone_nothing_scrolls_sideways_but_tables(open_page: OpenPage, report: Report) -> None:
    page = open_page(PHONE, locale="zh-CN", color_scheme="dark")
    sign_in(page, "chen")
    opened(page, report.key)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.page *')]
            .filter(e => !e.closest('.table-grid, .js-plotly-plot, .tabs, .visually-hidden') && e.getBoundingClientRect().width > 390)
            .map(e => e.tagName + '.' + e.className)"""
    )
    assert wide == []
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert all(int(part) < 60 for part in re.findall(r"\d+", ground)[:3]), "dark where the system is dark"
