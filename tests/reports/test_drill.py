"""The ways down within a report: team → rep, source → campaign, competitor → product."""

import pytest

from dashboard.queries import REPORTS
from dashboard.queries.report import Report, View

DOWN = [pytest.param(report, above, below, id=f"{report.key}-{above}") for report in REPORTS for above, below in report.opens.items()]
SAID = {
    "plan_completion": ("team", "rep"),
    "team_activity": ("team", "rep"),
    "sales_collections": ("team", "rep"),
    "team_followup": ("team", "rep"),
    "rep_outcomes": ("team", "rep"),
    "collection_progress": ("team", "rep"),
    "competition": ("competitor", "product"),
    "lead_conversion": ("source", "campaign"),
}


@pytest.mark.parametrize(("report", "above", "below"), DOWN)
def test_a_row_opens_into_a_table_that_its_value_can_filter(report: Report, above: str, below: str) -> None:
    upper, lower = report.view(above), report.view(below)
    assert isinstance(upper, View)
    assert upper.by[0] in report.filters
    measures = lower.measures if isinstance(lower, View) else (lower.measure,)
    assert any(upper.by[0] in measure.relation.filters for measure in measures)


@pytest.mark.parametrize("key", SAID)
def test_the_ways_down_that_the_definitions_name(key: str) -> None:
    report = next(found for found in REPORTS if found.key == key)
    ways = {(report.view(above).by[0], report.view(below).by[-1]) for above, below in report.opens.items()}  # type: ignore[union-attr]
    assert SAID[key] in ways
