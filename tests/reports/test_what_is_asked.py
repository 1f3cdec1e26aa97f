"""What a filter state means: fiscal years, weeks, windows with their days; and what is not known is a dash and never a zero."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.rules.periods import Compare, Preset
from dashboard.components.report_body import windows
from dashboard.i18n import use_language
from dashboard.queries import report
from dashboard.queries.answers import Answer
from dashboard.queries.filters import Filters
from dashboard.queries.report import View
from tests.people import CHEN, CRM_SUITE, EAST, TODAY, WANG
from tests.reports.company import Company, actor


@pytest.fixture
def company() -> Company:
    return Company()


def answer(company: Company, key: str, filters: Filters, name: str = "main") -> Answer:
    asked = report(key)
    view = asked.top if name == "headline" else asked.view(name)
    assert isinstance(view, View)
    return company.answers.table(asked, view, actor(CHEN).scope, filters, TODAY)


def signed(company: Company, filters: Filters) -> Any:
    return answer(company, "team_activity", filters, "headline").table.total["signed_amount"]


def test_quarters_and_years_follow_the_fiscal_year_of_the_settings(company: Company) -> None:
    for day, amount in ((date(2026, 3, 31), 1), (date(2026, 4, 1), 10), (date(2026, 9, 30), 100), (date(2026, 11, 2), 1000)):
        company.signed(day, amount=amount)
    assert [signed(company, Filters(preset)) for preset in (Preset.THIS_YEAR, Preset.LAST_QUARTER)] == [Decimal(1111), Decimal(100)]
    company.connection.execute("update mart.settings set fiscal_year_first_month = 4")
    company.changed("settings")
    assert [signed(company, Filters(preset)) for preset in (Preset.THIS_YEAR, Preset.LAST_YEAR)] == [Decimal(1110), Decimal(1)]


def test_the_week_begins_on_monday(company: Company) -> None:
    for day, amount in ((date(2026, 11, 22), 1), (date(2026, 11, 23), 10)):
        company.signed(day, amount=amount)
    assert TODAY.weekday() == 0
    assert signed(company, Filters(Preset.THIS_WEEK)) == 10


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(compare=Compare.PREVIOUS), ["2026-11-01 – 2026-11-23 (23 days)", "2026-10-01 – 2026-10-23 (23 days)"]),
        (
            Filters(Preset.LAST_MONTH, compare=Compare.PREVIOUS),
            ["2026-10-01 – 2026-10-31 (31 days)", "2026-09-01 – 2026-09-30 (30 days)"],
        ),
        (Filters(Preset.LAST_YEAR, compare=Compare.YEAR), ["2025-01-01 – 2025-12-31 (365 days)", "2024-01-01 – 2024-12-31 (366 days)"]),
        (Filters(Preset.ALL), ["All time, until 2026-11-23"]),
        (Filters(Preset.ALL, compare=Compare.PREVIOUS), ["All time, until 2026-11-23; there is nothing to compare it with"]),
    ],
)
def test_both_windows_and_their_days_are_said(company: Company, filters: Filters, said: list[str]) -> None:
    with use_language("en"):
        assert windows(filters, answer(company, "team_activity", filters)) == ", compared with ".join(said)


def test_a_rep_without_a_target_has_no_completion(company: Company) -> None:
    company.signed(amount=300)
    (wang,) = (row for row in answer(company, "plan_completion", Filters(), "reps").table.rows if row["rep"] == WANG)
    assert (wang["signed_amount"], wang["completion_rate"], wang["projected_completion"]) == (Decimal(300), None, None)


def test_a_month_without_anything_has_no_rate(company: Company) -> None:
    company.target(1000, team=EAST)
    months = answer(company, "plan_completion", Filters(Preset.LAST_MONTH), "months").table
    assert [row["completion_rate"] for row in months.rows] == [None] * len(months.rows)
    assert months.total["completion_rate"] is None
    for key in ("loss_analysis", "rep_outcomes", "lead_conversion", "competition"):
        total = answer(company, key, Filters(Preset.LAST_MONTH), "headline").table.total
        rates = [figure.key for figure in report(key).headline if figure.key.endswith("_rate")]
        assert rates
        assert [total[key] for key in rates] == [None] * len(rates)


def test_what_a_filter_can_not_be_asked_of_is_a_dash_even_where_it_leaves_nothing(company: Company) -> None:
    company.target(1000, team=EAST)
    company.signed(amount=300)
    found = answer(company, "plan_completion", Filters(chosen=(("product", (CRM_SUITE + 1,)),)), "headline").table
    assert (found.total["target_amount"], found.total["gap_amount"], found.total["completion_rate"]) == (None, None, None)
    assert found.missing["target_amount"] == ("product",)
    assert found.total["signed_amount"] == 0
