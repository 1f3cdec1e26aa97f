"""Importing with a real browser: Mei chooses a fair's list, sees what is wrong where, imports the good rows, and gets the others back."""

import csv
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_sign_in import sign_in

HEADER = ("姓名", "公司", "电话", "线索来源", "销售人员", "到达日期")
GOOD = [(f"展会客户{number}", f"展会公司{number}", f"1390000{number:04d}", "行业展会", "wang", "2026-11-02") for number in range(20)]
NO_PHONE = ("没有电话", "展会公司甲", "", "行业展会", "wang", "2026-11-02")
NO_REP = ("没有销售", "展会公司乙", "13911112222", "行业展会", "没有这个人", "2026-11-02")


def a_list(folder: Path) -> Path:
    """A fair's list as a spreadsheet in China writes it: GB18030, with two faulty rows."""
    path = folder / "展会名单.csv"
    with path.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows([HEADER, *GOOD, NO_PHONE, NO_REP])
    return path


def test_a_fairs_list_is_judged_imported_and_its_faulty_rows_come_back(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "mei", "/import")
    page.locator(".import-drop input[type=file]").first.set_input_files(a_list(tmp_path))
    page.wait_for_url(re.compile(r"/import/\w"), timeout=20_000)
    page.locator("#import-check").click()
    expect(page.locator(".import-counts")).to_contain_text("20", timeout=30_000)
    expect(page.locator("td.import-faulty")).to_have_count(2, timeout=20_000)
    expect(page.locator("td.import-faulty").filter(has_text="没有这个人")).to_have_attribute("title", re.compile("没有这个人"))

    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("CSV")).click()
    back = download.value.path().read_text(encoding="utf-8-sig")
    assert "没有电话" in back
    assert "没有这个人" in back
    assert "展会客户1" not in back

    page.get_by_role("button", name="只导入无误的行").click()
    expect(page.get_by_text(re.compile(r"20\D+条"))).to_be_visible(timeout=30_000)

    page.goto("/import")
    expect(page.locator("#import-past tr", has_text="展会名单.csv")).to_contain_text("20", timeout=20_000)


def test_the_same_list_a_second_time_is_recognised(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(locale="zh-CN")
    sign_in(page, "mei", "/import")
    page.locator(".import-drop input[type=file]").first.set_input_files(a_list(tmp_path))
    page.wait_for_url(re.compile(r"/import/\w"), timeout=20_000)
    page.locator("#import-check").click()
    expect(page.locator("#import-result")).to_contain_text(re.compile("导入过"), timeout=30_000)
