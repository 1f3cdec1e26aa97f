"""A table beside the compared one: the same unit, the same place in the window, and nothing that only the other window had is lost."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.rules.periods import Compare, Period, Preset
from dashboard.queries import REPORTS, report
from dashboard.queries.compared import beside
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report, View
from tests.people import CHEN, EAST, LIN, OLD_RIVAL, RIVAL, TO_COMPETITOR, TODAY, TOO_EXPENSIVE, WANG, ZHAO
from tests.reports.company import Company, actor
from tests.reports.conftest import Demo

BEFORE = Filters(compare=Compare.PREVIOUS)


@pytest.fixture
def company() -> Company:
    return Company()


def rows(company: Company, key: str, name: str, filters: Filters = BEFORE, who: int = CHEN) -> list[dict[str, Any]]:
    asked = report(key)
    view = asked.view(name)
    assert isinstance(view, View)
    answer = company.answers.table(asked, view, actor(who).scope, filters, TODAY)
    return beside(answer.table, answer.table_before, answer.question, answer.before)


def test_a_team_stands_beside_itself(company: Company) -> None:
    company.signed(amount=300)
    company.signed(date(2026, 10, 5), amount=200)
    company.signed(date(2026, 10, 30), amount=999)  # after the 23rd
    east = next(row for row in rows(company, "team_activity", "main") if row["team"] == EAST)
    assert (east["signed_amount"], east["before"]["signed_amount"]) == (Decimal("300.00"), Decimal("200.00"))


def test_what_only_the_other_window_had_stands_at_the_end_with_nothing_now(company: Company) -> None:
    company.closed(reason_id=TOO_EXPENSIVE, amount=100)
    company.closed(day=date(2026, 10, 5), reason_id=TO_COMPETITOR, competitor_id=RIVAL, amount=70)
    now, gone = rows(company, "loss_analysis", "main")
    assert (now["reason"], now["before"]["not_won_count"]) == (TOO_EXPENSIVE, 0)
    assert (gone["reason"], gone["reason_label"], gone["not_won_count"], gone["before"]["not_won_amount"]) == (
        TO_COMPETITOR, "输给竞争对手", 0, Decimal("70.00"),
    )  # fmt: skip


def test_months_stand_beside_those_at_the_same_place(company: Company) -> None:
    company.closed(day=date(2026, 9, 5), competitor_id=OLD_RIVAL, amount=100)
    company.closed(day=date(2025, 9, 5), amount=40)
    company.closed(day=date(2025, 2, 5), amount=30)
    this_year = Filters(Preset.THIS_YEAR, compare=Compare.YEAR)
    assert [(row["month"], row["before"]["not_won_amount"]) for row in rows(company, "loss_analysis", "months", this_year)] == [
        (date(2026, 2, 1), Decimal("30.00")),
        (date(2026, 9, 1), Decimal("40.00")),
    ]


def test_a_ranking_lists_who_has_a_place_now_and_nobodys_past(company: Company) -> None:
    company.signed(date(2026, 9, 5), ZHAO, 500)
    company.signed(date(2026, 10, 5), WANG, 300)
    whole = Filters(Preset.CUSTOM, Period.of(date(2026, 10, 1), date(2026, 10, 31)), compare=Compare.YEAR)
    found = {row["rep"]: row for row in rows(company, "rep_ranking", "main", whole, WANG)}
    assert "before" not in found[ZHAO]
    assert found[WANG]["before"]["signed_amount"] == 0
    assert LIN in found


def test_without_a_comparison_there_is_none(company: Company) -> None:
    company.signed()
    assert all("before" not in row for row in rows(company, "team_activity", "main", Filters()))


PAGED = [(report, view) for report in REPORTS for view in report.views if isinstance(view, View) and view.paged]
WINDOWS = (
    Filters(Preset.THIS_YEAR, compare=Compare.PREVIOUS),
    Filters(Preset.THIS_MONTH, compare=Compare.YEAR),
    Filters(Preset.LAST_QUARTER, as_of=date(2026, 8, 14), compare=Compare.PREVIOUS),
)


@pytest.mark.parametrize("filters", WINDOWS, ids=lambda filters: filters.write())
@pytest.mark.parametrize(("report", "view"), PAGED, ids=lambda part: getattr(part, "key", getattr(part, "name", "")))
@pytest.mark.parametrize("login", ["chen", "lin", "wang"])
def test_a_row_of_a_long_table_stands_beside_itself_in_the_compared_windows_own_table(
    report: Report, view: View, filters: Filters, login: str, demo: Demo
) -> None:
    who = demo.actor(login)
    before = filters.compared(demo.answers.question(filters, demo.today))
    assert before
    whole = view.run(who.scope, before, demo.answers.warehouse, demo.answers.names, Page(0, 100_000))
    then = {tuple(row[name] for name in view.by): row for row in whole.rows}
    for page in (Page(0, 20), Page(20, 20), Page(0, 5, view.order, ascending=True)):
        answer = demo.answers.table(report, view, who.scope, filters, demo.today, page)
        assert page.first or (answer.table_before and answer.table_before.total == whole.total)
        for row in beside(answer.table, answer.table_before, answer.question, answer.before):
            own = then.get(tuple(row[name] for name in view.by), {})
            assert {key: value or None for key, value in row["before"].items()} == {key: own.get(key) or None for key in row["before"]}
