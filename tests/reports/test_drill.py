"""The ways down within a report: team → rep, source → campaign, competitor → product."""

import pytest

from crm.rules.periods import Preset
from dashboard.queries import REPORTS
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report, View
from tests.reports.conftest import Demo

DOWN = [pytest.param(report, above, below, id=f"{report.key}-{above}") for report in REPORTS for above, below in report.opens.items()]
SAID = {
    "loss_analysis": ("team", "rep"),
    "contracts_in_progress": ("team", "rep"),
    "signing_bulletin": ("team", "rep"),
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
    ways = [(report.view(above), report.view(below)) for above, below in report.opens.items()]
    assert SAID[key] in {(upper.by[0], lower.by[-1]) for upper, lower in ways if isinstance(upper, View) and isinstance(lower, View)}


FOLDED = [
    pytest.param(report, view.name, id=f"{report.key}-{view.name}")
    for report in REPORTS
    for view in report.views
    if report.parts(view.name)
]
IN_PLACE = {
    ("plan_completion", "main"), ("team_activity", "main"), ("sales_collections", "teams"), ("team_followup", "main"),
    ("team_followup", "bridge"), ("rep_outcomes", "teams"), ("lead_conversion", "main"), ("collection_progress", "teams"),
    ("loss_analysis", "teams"), ("lead_conversion", "teams"), ("contracts_in_progress", "teams"),
}  # fmt: skip


def test_the_tables_whose_rows_open_in_place() -> None:
    """Ranks of people are none of teams, contracts too many, prices by product no encounters: those lead to a table of their own."""
    assert {(report.key, view.name) for report in REPORTS for view in report.views if report.parts(view.name)} == IN_PLACE


@pytest.mark.parametrize(("report", "name"), FOLDED)
def test_the_parts_of_a_row_sum_to_it(report: Report, name: str, demo: Demo) -> None:
    chen, filters = demo.actor("chen"), Filters(Preset.THIS_YEAR)
    above, below = report.view(name), report.parts(name)
    assert isinstance(above, View)
    assert below
    own = above.by[0]
    upper, lower = (demo.answers.table(report, view, chen.scope, filters, demo.today).table for view in (above, below))
    summed = [measure for measure in above.measures if measure.adds_up and measure.over != "target"]
    for row in upper.rows:
        parts = [part for part in lower.rows if part[own] == row[own]]
        for measure in summed:
            assert sum(part[measure.key] for part in parts) == row[measure.key], (row[own], measure.key)
