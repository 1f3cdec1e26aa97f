"""Opportunity outcomes: what ended belongs to who held it when it ended, what is still open to who holds it now."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.rules.periods import Period, Preset
from dashboard.queries import report
from dashboard.queries.filters import Filters
from dashboard.queries.report import Listing, View
from tests.people import CHEN, EAST, LIN, TODAY, WANG, WEST, ZHAO
from tests.reports.company import Company, actor

REPORT = report("rep_outcomes")


@pytest.fixture
def company() -> Company:
    return Company()


def rows(company: Company, name: str = "main", who: int = CHEN, filters: Filters | None = None) -> list[dict[str, Any]]:
    view = REPORT.view(name)
    assert isinstance(view, View)
    return company.answers.table(REPORT, view, actor(who).scope, filters or Filters(Preset.THIS_MONTH), TODAY).table.rows


def of(found: list[dict[str, Any]], **cell: int) -> dict[str, Any]:
    (row,) = [row for row in found if all(row[name] == value for name, value in cell.items())]
    return row


def test_wang_won_two_of_three_and_lost_the_dearest(company: Company) -> None:
    company.closed("won", date(2026, 11, 4), amount=30000, cycle_days=40)
    company.closed("won", date(2026, 11, 9), amount=10000, cycle_days=91)
    company.closed("lost", date(2026, 11, 9), amount=80000, cycle_days=5)
    company.closed("stopped", date(2026, 11, 9), amount=5000, cycle_days=7)
    company.closed("won", date(2026, 10, 31), amount=99999, cycle_days=1)  # last month's
    company.open(amount=7000)
    row = of(rows(company), team=EAST, rep=WANG)
    assert {key: row[key] for key in ("won_count", "lost_count", "stopped_count", "open_count")} == {
        "won_count": 2, "lost_count": 1, "stopped_count": 1, "open_count": 1,
    }  # fmt: skip
    assert (row["won_amount"], row["lost_amount"], row["open_amount"]) == (40000, 80000, 7000)
    assert (row["win_rate"], row["win_rate_by_amount"]) == (Decimal("0.666667"), Decimal("0.333333"))
    assert (row["cycle_median_days"], row["cycle_mean_days"]) == (Decimal("65.5"), Decimal("65.5"))


def test_a_stopped_one_is_no_defeat_and_nothing_decided_has_no_rate(company: Company) -> None:
    company.closed("stopped", date(2026, 11, 9))
    row = of(rows(company), rep=WANG)
    assert (row["win_rate"], row["win_rate_by_amount"], row["cycle_median_days"], row["cycle_mean_days"]) == (None, None, None, None)


def test_what_zhao_won_stays_zhaos_when_wang_takes_over(company: Company) -> None:
    won = company.opportunity("大单", owner=WANG, status="won")  # held by Wang today
    company.closed("won", date(2026, 11, 4), ZHAO, amount=500, opportunity_id=won, contract_id=company.contract("HT-9"), cycle_days=3)
    assert of(rows(company, "teams"), team=WEST)["won_amount"] == 500
    assert of(rows(company, "teams"), team=EAST)["won_amount"] == 0
    listed = REPORT.view("won")
    assert isinstance(listed, Listing)
    found = company.answers.records(listed.measure, {}, actor(ZHAO).scope, Filters(), TODAY)
    assert [(row["day"], row["contract"], row["adds"]) for row in found.rows] == [(date(2026, 11, 4), "HT-9", 500)]
    assert (found.rows[0]["title"], found.rows[0]["customer"], found.rows[0]["id"]) == (None, None, None)


def test_a_reopened_one_leaves_the_figures_from_that_day_on(company: Company) -> None:
    company.closed("lost", date(2026, 11, 3), valid_to=date(2026, 11, 10))
    first_week = Filters(Preset.CUSTOM, Period.of(date(2026, 11, 1), date(2026, 11, 7)))
    assert of(rows(company, filters=first_week), rep=WANG)["lost_count"] == 1
    assert of(rows(company), rep=WANG)["lost_count"] == 0


def test_a_lead_sees_the_teams_reps_and_a_rep_only_their_own_row(company: Company) -> None:
    for rep in (WANG, ZHAO):
        company.closed("won", owner=rep)
    assert {row["rep"] for row in rows(company, who=LIN)} == {LIN, WANG}
    assert {row["rep"] for row in rows(company, who=WANG)} == {WANG}
