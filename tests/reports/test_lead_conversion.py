"""Cohorts of leads: those that are too young to be judged are marked, and it is said why."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import openpyxl
import pytest

from dashboard import exports, sheets
from dashboard.components import report_body
from dashboard.i18n import use_language
from dashboard.queries import cohorts, report
from dashboard.queries.answers import Answer
from dashboard.queries.filters import Filters
from dashboard.queries.report import View
from dashboard.sheets import Asked
from tests.people import CHEN, CLOUD_DRIVE, EXPO, REFERRAL, TODAY, WANG, WEB, ZHAO
from tests.reports.company import Company, actor

REPORT = report("lead_conversion")
MARCH = date(2025, 3, 3)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use_language("en"):
        yield


@pytest.fixture
def company() -> Company:
    """Of the leads from the web nine in ten convert within ten days, of those from the fair within ninety; today is 2026-11-23."""
    made = Company()
    for source, days in ((WEB, (*range(2, 11), 200)), (EXPO, (*range(82, 91), 300))):
        for wait in days:
            made.lead(MARCH, source_id=source, first_handled_on=MARCH, converted_on=MARCH + timedelta(wait))
    for month in (8, 9, 10, 11):
        for source in (WEB, EXPO, REFERRAL):
            made.lead(date(2026, month, 5), source_id=source)
    return made


def answer(company: Company, query: str, name: str = "months", who: int = CHEN) -> Answer:
    view = REPORT.view(name)
    assert isinstance(view, View)
    return company.answers.table(REPORT, view, actor(who).scope, Filters.read(query), TODAY)


def young(found: Answer) -> dict[Any, list[int]]:
    """The months that are marked, by source."""
    rows = [row for row in found.table.rows if row.get("young")]
    return {source: [row["month"].month for row in rows if row.get("source") == source] for source in {row.get("source") for row in rows}}


def test_a_month_is_young_until_nine_in_ten_of_its_sources_conversions_would_have_come(company: Company) -> None:
    """The fair: 90 days after the end of August is 29 November. A source that never converted goes by all of them: 90 days too."""
    found = answer(company, "from=2026-01-01&to=2026-12-31")
    assert young(found) == {WEB: [11], EXPO: [8, 9, 10, 11], REFERRAL: [8, 9, 10, 11]}
    ripe = {(row["source"], row["month"].month): row["ripe_on"] for row in found.table.rows}
    assert (ripe[WEB, 10], ripe[WEB, 11], ripe[EXPO, 8]) == (date(2026, 11, 10), date(2026, 12, 3), date(2026, 11, 29))
    assert young(answer(company, "from=2026-01-01&to=2026-12-31", "arrivals")) == {None: [8, 9, 10, 11]}


def test_as_of_a_past_day_only_what_had_converted_by_then_counts(company: Company) -> None:
    """The leads of March, looked at when nobody had converted, when some from the web had, when most had, and when the fair's had."""
    assert young(answer(company, "period=all&as_of=2025-03-04")) == {}
    assert young(answer(company, "period=all&as_of=2025-03-12")) == {WEB: [3], EXPO: [3]}
    assert young(answer(company, "period=all&as_of=2025-04-11")) == {}
    assert young(answer(company, "period=all&as_of=2025-06-02")) == {EXPO: [3]}


def test_a_filter_changes_nobodys_patience_and_a_rep_goes_by_their_own_leads(company: Company) -> None:
    slow = {"first_handled_on": date(2026, 10, 2), "converted_on": date(2026, 11, 21)}
    company.lead(date(2026, 10, 2), ZHAO, products=[CLOUD_DRIVE], source_id=WEB, **slow)
    narrowed = answer(company, f"from=2026-01-01&to=2026-12-31&product={CLOUD_DRIVE}")
    assert young(narrowed) == {WEB: [10]}
    assert [row["ripe_within"] for row in narrowed.table.rows] == [50]
    assert young(answer(company, "from=2026-01-01&to=2026-12-31", who=WANG))[WEB] == [11]


def test_picture_table_and_files_say_which_and_why(company: Company) -> None:
    query = "from=2026-01-01&to=2026-12-31"
    why = "Shaded: young cohorts, whose rates will still rise. 90% of the conversions so far came within: "
    found = answer(company, query)
    assert cohorts.told(found.table.rows).startswith(why)
    assert "网站 10 days" in cohorts.told(found.table.rows)
    assert cohorts.told(answer(company, query, "arrivals").table.rows) == why + "90 days of arrival."
    charts = {"over_time": import_module("dashboard.pages.lead_conversion").FIGURES["over_time"]}
    (figure,), (sentence,) = report_body.pictures(charts, {"months": found}, "")
    hollow = {trace["name"]: trace["x"] for trace in figure["data"] if trace["marker"].get("symbol") == "circle-open"}
    assert hollow["网站"] == ["2026-11-01"]
    assert hollow["展会"] == ["2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"]
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == ["2026-08-01"]
    assert why in sentence


def test_a_workbook_shades_what_is_young(company: Company) -> None:
    asked = Asked(company.answers, REPORT, actor(CHEN).scope, Filters.read("from=2026-01-01&to=2026-12-31&source=1"), TODAY)
    view = REPORT.view("months")
    assert isinstance(view, View)
    file = io.BytesIO()
    exports.workbook(file, sheets.about(asked, "x", [view]), [sheets.table(asked, view, asked.question)])
    about, page = openpyxl.load_workbook(file).worksheets
    assert "10 days" in dict(row[:2] for row in about.values)["Ripe on"]
    looks = {row[1].value.month: row[1].fill.fgColor.rgb for row in page.iter_rows(min_row=2) if row[1].value and row[1].value.year == 2026}
    assert looks == {8: "00000000", 9: "00000000", 10: "00000000", 11: "FFF1F3F5"}
    assert [cell.value for cell in page[1]][-1] == "Ripe on"
