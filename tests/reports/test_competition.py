"""Competition: an opportunity counts with each competitor that it met first in the period, and once in the total."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dashboard.queries import report
from dashboard.queries.filters import Filters
from dashboard.queries.report import Table, View
from tests.people import CHEN, CRM_SUITE, OLD_RIVAL, RIVAL, TODAY, TRAINING, WANG, ZHAO
from tests.reports.company import Company, actor

REPORT = report("competition")


@pytest.fixture
def company() -> Company:
    return Company()


def table(company: Company, name: str = "main", who: int = CHEN, filters: Filters | None = None) -> Table:
    view = REPORT.view(name)
    assert isinstance(view, View)
    return company.answers.table(REPORT, view, actor(who).scope, filters or Filters(), TODAY).table


def met(
    company: Company, competitor: int, status: str, day: date = date(2026, 11, 3), amount: Any = 0, owner: int = WANG, **values: Any
) -> None:
    opportunity = values.pop("opportunity_id", None) or company.opportunity(owner=owner)
    company.fact("encounter", day, owner, opportunity_id=opportunity, competitor_id=competitor, status=status, amount=amount, **values)


def recorded(company: Company, theirs: Any, ours: Any, product: int = CRM_SUITE, **values: Any) -> None:
    said = {"record_id": 1, "opportunity_id": company.opportunity(), "competitor_id": RIVAL, "product_id": product}
    company.fact("competition", date(2026, 11, 3), **said | {"their_unit_price": theirs, "our_unit_price": ours} | values)


def test_the_four_parts_add_up_and_an_opportunity_with_two_rivals_counts_once_in_the_total(company: Company) -> None:
    both = company.opportunity()
    met(company, RIVAL, "following", amount=700, opportunity_id=both)
    met(company, OLD_RIVAL, "following", amount=700, opportunity_id=both)
    met(company, RIVAL, "won")
    met(company, RIVAL, "lost")
    met(company, RIVAL, "lost")
    met(company, OLD_RIVAL, "stopped", owner=ZHAO)
    met(company, OLD_RIVAL, "won", date(2026, 10, 31))  # met before the period
    found = table(company)
    rival, old = ({row["competitor"]: row for row in found.rows}[id] for id in (RIVAL, OLD_RIVAL))
    for row in (rival, old, found.total):
        assert row["encounters"] == sum(row[f"encounters_{part}"] for part in ("won", "lost", "stopped", "open"))
    assert (rival["encounters"], old["encounters"], found.total["encounters"]) == (4, 2, 5)
    assert (rival["at_stake_amount"], old["at_stake_amount"], found.total["at_stake_amount"]) == (700, 700, 700)
    assert rival["encounters_win_rate"] == Decimal("0.333333")
    behind = company.answers.records(REPORT.figures["encounters"], {}, actor(CHEN).scope, Filters(), TODAY)  # type: ignore[arg-type]
    assert (behind.count, behind.value, len(behind.rows)) == (5, 5, 5)


def test_their_price_stands_beside_ours_where_both_are_known(company: Company) -> None:
    recorded(company, 90, 100)
    recorded(company, 95, 100, record_id=2)
    recorded(company, 50, None, record_id=3)
    recorded(company, 12, 10, product=TRAINING, record_id=4)
    found = {row["product"]: row for row in table(company, "products").rows}
    assert (found[CRM_SUITE]["competition_records"], found[CRM_SUITE]["priced_records"]) == (3, 2)
    assert (found[CRM_SUITE]["price_difference"], found[TRAINING]["price_difference"]) == (Decimal("-7.50"), Decimal("2.00"))


def test_strengths_and_weaknesses_are_counted_apart(company: Company) -> None:
    company.put("factor", factor_id=1, name="价格", name_key="jiage 价格", active=True)
    for record, side in ((1, "weakness"), (2, "weakness"), (3, "strength")):
        said = {"record_id": record, "opportunity_id": company.opportunity(), "competitor_id": RIVAL, "factor_id": 1, "side": side}
        company.fact("competition_factor", date(2026, 11, 3), **said)
    assert [(row["factor_label"], row["weakness_count"]) for row in table(company, "weaknesses").rows] == [("价格", 2)]
    assert [row["strength_count"] for row in table(company, "strengths").rows] == [1]


def test_a_rep_sees_whom_they_met_themselves(company: Company) -> None:
    met(company, RIVAL, "won")
    met(company, RIVAL, "lost", owner=ZHAO)
    assert table(company, who=WANG).total["encounters"] == 1
