"""Each point of each picture of all reports opens records that come to exactly the number that is written beside it."""

from importlib import import_module
from typing import Any

import pytest

from dashboard.callbacks.report_records import meant, until
from dashboard.components import grid, report_body
from dashboard.i18n import full, use_language
from dashboard.queries import REPORTS
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Derived, Measure, parts_of
from dashboard.queries.records import behind
from dashboard.queries.relations import lists
from dashboard.queries.report import Report, Table, View
from tests.reports.conftest import Demo

QUERIES = ("period=this_year", "period=last_quarter&compare=year")


def points(figure: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """What each point means, and what is written beside it."""
    return [
        (data, words)
        for trace in figure["data"]
        if "customdata" in trace and "hovertext" in trace
        for data, words in zip(trace["customdata"], trace["hovertext"], strict=True)
        if data
    ]


def cells(table: Table) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The first, a middle and the last row with the cells that a click names, and the total."""
    rows = [table.rows[place] for place in sorted({0, len(table.rows) // 2, len(table.rows) - 1})] if table.rows else []
    named = [({name: grid.plain_value(row[name]) for name in table.by}, row) for row in rows if not row.get("beyond")]
    return [*named, ({}, table.total)]


@pytest.mark.parametrize("login", ["chen", "lin", "wang"])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_rate_a_column_of_a_stage_and_a_total_open_their_records(report: Report, login: str, demo: Demo) -> None:
    """What is computed opens both its parts, which come to it; that plain measures do is held by `test_every_report`."""
    who, filters = demo.actor(login), Filters.read("period=this_year")
    question, seen = demo.answers.question(filters, demo.today), 0
    for view in (view for view in (report.top, *report.views) if isinstance(view, View)):
        table = demo.answers.table(report, view, who.scope, filters, demo.today).table
        wanted = [
            figure
            for figure in table.columns
            if figure not in view.measures and all(lists(p.relation, who.scope) for p in parts_of(figure))
        ]
        for cell, row in cells(table) if wanted else ():
            for figure in wanted:
                clicked = {"measure": figure.key, "cell": cell, "view": view.name}
                meaning, within = meant(report, demo.answers, clicked)
                about, within = until(report, clicked, within, question)
                values = {
                    part.key: behind(part, tuple(within), within, who.scope, about, demo.answers.warehouse, demo.answers.names).value
                    for part in parts_of(meaning)
                }
                # What is not shown here opens nothing; a share is one of the table's total, which its panel says.
                if row[figure.key] is None or (view.overlapping and not cell) or (isinstance(meaning, Derived) and meaning.of_total):
                    continue
                if isinstance(meaning, Measure) or meaning.formula:
                    assert (values[figure.key] if isinstance(meaning, Measure) else meaning.of(values)) == row[figure.key], clicked
                seen += 1
    assert seen or not any(isinstance(figure, Derived) for figure in report.figures.values())


@pytest.mark.parametrize("login", ["chen", "lin"])
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_point_opens_what_is_written_beside_it(report: Report, login: str, demo: Demo) -> None:
    who = demo.actor(login)
    figures = import_module(f"dashboard.pages.{report.key}").FIGURES
    seen = 0
    for filters in map(Filters.read, QUERIES):
        views = {chart.view: report.view(chart.view) for chart in figures.values()}
        answers = {
            name: demo.answers.table(report, view, who.scope, filters, demo.today) for name, view in views.items() if isinstance(view, View)
        }
        with use_language("zh"):
            drawn, sentences = report_body.pictures(figures, answers, "", who.user_id)
            assert all(sentences)
            question = demo.answers.question(filters, demo.today)
            for (name, chart), figure in zip(figures.items(), drawn, strict=True):
                for data, words in points(figure)[:60]:
                    meaning, cell = meant(report, demo.answers, data | {"view": chart.view})
                    parts = {part.key: part for part in parts_of(meaning)}
                    if not all(lists(part.relation, who.scope) for part in parts.values()):
                        continue
                    about, within = until(report, {"view": chart.view}, cell, question)
                    values = {}
                    for key, part in parts.items():
                        found = behind(part, tuple(within), within, who.scope, about, demo.answers.warehouse, demo.answers.names)
                        assert sum(row["adds"] for row in found.rows) == found.value
                        values[key] = found.value
                    value = values[meaning.key] if isinstance(meaning, Measure) else meaning.of(values)
                    assert full(value or None, meaning.unit) in words or full(value, meaning.unit) in words, (name, data)
                    seen += 1
    assert seen
