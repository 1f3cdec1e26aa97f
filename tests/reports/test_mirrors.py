"""Knowing a report's key, one knows its files: what is asked, seen and done, and what holds (its three mirrors)."""

from importlib import import_module
from pathlib import Path

import pytest

from dashboard.queries import REPORTS
from dashboard.queries.report import Report

ROOT = Path(__file__).parents[2]


def keys(folder: str) -> set[str]:
    return {path.stem for path in (ROOT / "dashboard" / folder).glob("*.py")}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_report_has_its_mirrors(report: Report) -> None:
    query, page, callback = (import_module(f"dashboard.{folder}.{report.key}") for folder in ("queries", "pages", "callbacks"))
    assert query.REPORT is report
    assert callable(page.layout)
    assert {chart.view for chart in page.FIGURES.values()} <= set(report.names)
    assert callable(callback.register)


def test_no_report_is_defined_that_the_menu_does_not_have() -> None:
    asked = {path.stem for path in (ROOT / "dashboard" / "queries").glob("*.py") if "REPORT = Report(" in path.read_text()}
    assert asked == {report.key for report in REPORTS}


def test_two_reports_never_disagree_about_a_measure() -> None:
    known: dict[tuple[str, str], object] = {}
    for report in REPORTS:
        for figure in report.figures.values():
            over = getattr(figure, "over", "")
            assert known.setdefault((figure.key, over), figure) is figure, (report.key, figure.key)
