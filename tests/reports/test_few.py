"""What marketing reads of others' money: no amount over fewer than three contracts, nor one that tells it by what is left."""

import json
from typing import Any

import pytest

from dashboard.components import report_body
from dashboard.components.ids import Ids
from dashboard.i18n import use_language
from dashboard.queries import report
from dashboard.queries.filters import Filters
from dashboard.queries.report import View
from tests.people import EXPO, MEI, REFERRAL, SPRING_EXPO, TODAY, WEB
from tests.reports.company import Company, actor

REPORT = report("lead_conversion")
AUTUMN_EXPO = SPRING_EXPO + 1
AMOUNTS = ("cohort_signed_amount", "cohort_received_amount")


@pytest.fixture
def company() -> Company:
    made = Company()
    made.put("campaign", campaign_id=AUTUMN_EXPO, name="秋季展", source_id=EXPO)
    return made


def sold(company: Company, times: int, **to: Any) -> None:
    """So many contracts of leads from there."""
    for _ in range(times):
        contract = company.contract()
        for step in ("won", "signed", "received"):
            company.became(step, amount=500, contract_id=contract, **to)


def shown(company: Company, name: str) -> dict[tuple[Any, ...], bool]:
    """Of each row with contracts, whether Mei reads its amounts."""
    view = REPORT.view(name)
    assert isinstance(view, View)
    rows = company.answers.table(REPORT, view, actor(MEI).scope, Filters(), TODAY).table.rows
    for row in rows:
        assert len({row[key] is None for key in AMOUNTS}) == 1
    return {tuple(row[key] for key in view.by): row[AMOUNTS[0]] is not None for row in rows if row["cohort_won_count"]}


def test_amounts_over_fewer_than_three_contracts_are_not_shown_and_one_more_where_the_total_would_tell(company: Company) -> None:
    sold(company, 2, source_id=WEB)
    sold(company, 4, source_id=EXPO)
    sold(company, 3, source_id=REFERRAL)
    assert shown(company, "main") == {(WEB,): False, (EXPO,): True, (REFERRAL,): False}


def test_a_campaign_is_not_told_by_what_its_source_comes_to(company: Company) -> None:
    """Two contracts from the web and one of the autumn fair are three together; but the fairs' four stand in the table of sources."""
    sold(company, 2, source_id=WEB)
    sold(company, 1, source_id=EXPO, campaign_id=AUTUMN_EXPO)
    sold(company, 3, source_id=EXPO, campaign_id=SPRING_EXPO)
    sold(company, 3, source_id=REFERRAL)
    assert shown(company, "campaigns") == {
        (WEB, None): False, (EXPO, AUTUMN_EXPO): False, (EXPO, SPRING_EXPO): False, (REFERRAL, None): True,
    }  # fmt: skip


def test_the_headline_says_so_in_the_figures_place(company: Company) -> None:
    sold(company, 2, source_id=WEB)
    answer = company.answers.headline(REPORT, actor(MEI).scope, Filters(), TODAY)
    with use_language("en"):
        cards = json.dumps(report_body.cards(Ids(REPORT.key), REPORT, Filters(), answer).to_plotly_json(), default=str)
    assert '"<3"' in cards
    assert "Over fewer than three contracts." in cards
    assert "1,000" not in cards
