"""What holds for every report there will ever be, for every person of the demo company and random filters.

A number equals the records behind it; a filter narrows and never widens; a unit's figure is the same for everybody who may see the unit;
nobody sees a record that is credited to somebody outside of their reach.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from crm.rules.periods import Preset
from crm.scope import Actor
from crm.vocabulary import Reach, Role
from dashboard.queries import REPORTS
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Measure
from dashboard.queries.records import Records
from dashboard.queries.relations import lists
from dashboard.queries.report import Listing, Report, Table, View
from tests.reports.asking import CASES, whatever_is_asked
from tests.reports.conftest import Demo
from tests.reports.oracle.compare import WHOLE

MOST_CELLS = 5
"""Of a long table so many rows are opened: the property is about each cell alike."""


def shown(report: Report, demo: Demo, who: Actor, filters: Filters) -> Iterator[Table]:
    """The tables that this person gets, the headline first."""
    for view in (report.top, *report.views):
        if isinstance(view, View):
            yield demo.answers.table(report, view, who.scope, filters, demo.today).table


def cells(table: Table) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows of a table with the cell that names them, the total among them."""
    if table.view.after is None or "day" not in table.by:
        for row in table.rows[:MOST_CELLS]:
            yield {name: row[name] for name in table.by}, row
    yield {}, table.total


@pytest.mark.parametrize(("report", "login"), CASES)
def test_a_number_is_the_sum_of_the_records_behind_it(report: Report, login: str, demo: Demo) -> None:
    def holds(who: Actor, filters: Filters) -> None:
        behind = cache(lambda measure, cell: demo.answers.records(measure, dict(cell), who.scope, filters, demo.today))
        for table in shown(report, demo, who, filters):
            for cell, row in cells(table):
                for measure in table.view.measures:
                    _adds_up(lambda measure=measure, cell=cell: behind(measure, tuple(cell.items())), who, table, measure, cell, row)

    whatever_is_asked(demo, report, login, 2, holds)


def _adds_up(
    behind: Callable[[], Records], who: Actor, table: Table, measure: Measure, cell: dict[str, Any], row: dict[str, Any]
) -> None:
    if row.get("beyond"):  # of a ranking: nothing leads from there to a record out of reach
        _within_reach(who, behind().rows)
        return
    if row[measure.key] is None or not lists(measure.relation, who.scope) or (table.view.overlapping and not cell):
        return
    found, about = behind(), (table.view.name, measure.key, cell)
    assert found.value == row[measure.key], about
    if measure.adds_up:
        assert sum((record["adds"] for record in found.rows), Decimal(0)) == row[measure.key], about
    assert found.count == len(found.rows), about


@pytest.mark.parametrize(("report", "login"), CASES)
def test_a_filter_never_widens_what_is_seen(report: Report, login: str, demo: Demo) -> None:
    def holds(who: Actor, filters: Filters) -> None:
        for measure in {m.key: m for m in report.top.measures if lists(m.relation, who.scope)}.values():
            narrow = demo.answers.records(measure, {}, who.scope, filters, demo.today)
            if narrow.value is None:
                continue
            wide = demo.answers.records(measure, {}, who.scope, replace(filters, chosen=()), demo.today)
            if measure.over != "target":
                assert {row["record_id"] for row in narrow.rows} <= {row["record_id"] for row in wide.rows}
            _within_reach(who, narrow.rows)

    whatever_is_asked(demo, report, login, 2, holds)


def _within_reach(who: Actor, rows: list[dict[str, Any]]) -> None:
    reaches = set(who.scope.reach.values())
    if Reach.COMPANY in {who.scope.over(kind) for kind in who.scope.reach if kind.value in ("opportunity", "contract", "lead")}:
        return
    for row in rows:
        assert row.get("rep_id") == who.user_id or (Reach.TEAMS in reaches and row.get("team_id") in who.scope.team_ids)


@pytest.mark.parametrize("report", [report for report in REPORTS if Role.REP in report.roles], ids=lambda report: report.key)
def test_a_rep_is_shown_no_other_persons_name_or_figure_but_in_rankings(report: Report, demo: Demo) -> None:
    wang = demo.actor("wang")
    for preset in (Preset.THIS_YEAR, Preset.ALL):
        for table in shown(report, demo, wang, Filters(preset)):
            own = [row for row in table.rows if not row.get("beyond")]
            for row in table.rows:
                assert row.get("beyond") is None or {m.key for m in table.view.measures if row[m.key] is not None} == {"signed_amount"}
            if "rep" in table.by:
                assert {row["rep"] for row in own} <= {wang.user_id}
            assert "team" not in table.by or "rep" in table.by or not own


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_list_is_a_table_whose_records_add_up(report: Report, demo: Demo) -> None:
    for view in report.views:
        if isinstance(view, Listing):
            found = demo.answers.records(view.measure, {}, demo.actor("chen").scope, Filters(Preset.THIS_YEAR), demo.today)
            assert sum((row["adds"] for row in found.rows), Decimal(0)) == found.value


LONG = [(report, view) for report in REPORTS for view in report.views if isinstance(view, View) and view.paged]


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize(("report", "view"), LONG, ids=[f"{report.key}-{view.name}" for report, view in LONG])
def test_a_long_table_is_sorted_by_any_figure_from_page_to_page(report: Report, view: View, ascending: bool, demo: Demo) -> None:
    """What is shown as zero stands where zero belongs, though nothing was summed; days that are not known come last."""
    chen, filters = demo.actor("chen"), Filters(Preset.THIS_YEAR)
    with demo.answers.still() as answers:
        whole = answers.table(report, view, chen.scope, filters, demo.today, WHOLE).table.rows
        half = len(whole) // 2 + 1
        for key in (measure.key for measure in view.measures):
            pages = [Page(first, half, key, ascending) for first in (0, half)]
            rows = [row for page in pages for row in answers.table(report, view, chen.scope, filters, demo.today, page).table.rows]
            known = sorted((row[key] for row in whole if row[key] is not None), reverse=not ascending)
            assert [row[key] for row in rows] == known + [None] * (len(whole) - len(known)), key
            assert {row[view.by[-1]] for row in rows} == {row[view.by[-1]] for row in whole}


def test_marketing_gets_no_record_behind_other_peoples_money(demo: Demo) -> None:
    mei = demo.actor("mei")
    report = next(report for report in REPORTS if report.key == "lead_conversion")
    for measure in report.top.measures:
        found = demo.answers.records(measure, {}, mei.scope, Filters(Preset.ALL), demo.today)
        assert bool(found.rows) == (measure.over == "lead")


def test_an_as_of_day_before_the_company_began_is_empty_and_not_wrong(demo: Demo) -> None:
    long_ago = Filters(Preset.ALL, as_of=date(1990, 1, 1))
    for report in REPORTS:
        total = demo.answers.table(report, report.top, demo.actor("chen").scope, long_ago, demo.today).table.total
        assert all(not total[measure.key] for measure in report.top.measures)
