"""How a number is computed: what counts, what is left out and why, counted a second time by hand and from the operational rows."""

from collections import Counter
from dataclasses import replace
from datetime import date

from sqlalchemy import select

from crm.db import reading
from crm.models import Contract, Opportunity, PaymentPlan
from crm.vocabulary import ContractStatus, OpportunityStatus
from dashboard.i18n import use_language
from dashboard.queries.explained import Explained, explained, written
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Measure
from dashboard.queries.measures.arrivals import COHORT_SIGNED
from dashboard.queries.measures.pipeline import OPEN_AMOUNT, OPEN_COUNT, SLIPPED_AMOUNT, SLIPPED_COUNT
from dashboard.queries.measures.receivables import OVERDUE
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from tests.people import CHEN, EAST, MEI, TODAY, WANG, WEB, WEST, ZHAO
from tests.reports.company import Company, actor
from tests.reports.conftest import Demo

NO_DATE = "No expected date of closing is stated"
NO_AMOUNT = "Counted with 0: nobody stated an amount"
TAKEN_BACK = "Taken back by the state day: voided, reopened or cancelled"
NO_PLAN = "Contracts without a payment plan: nothing of them is due"


def told(company: Company, measure: Measure, who: int = CHEN, query: str = "", **cell: int) -> Explained:
    answers, filters = company.answers, Filters.read(query)
    return explained(measure, cell, actor(who).scope, answers.question(filters, TODAY), company.warehouse, answers.names)


def why(found: Explained) -> dict[str, int]:
    with use_language("en"):
        return {str(left.why): left.count for left in found.left_out}


def test_open_ones_without_a_date_or_an_amount_are_told() -> None:
    company = Company()
    company.open(amount=700, expected_close_on=date(2026, 11, 5))
    company.open(amount=0, amount_known=False, expected_close_on=date(2026, 11, 6))
    company.open(amount=900, expected_close_on=None)
    company.open(amount=50, expected_close_on=None, owner=ZHAO)
    slipped = told(company, SLIPPED_AMOUNT)
    assert (slipped.count, slipped.value, why(slipped)) == (2, 700, {NO_DATE: 2, NO_AMOUNT: 1})
    assert why(told(company, SLIPPED_AMOUNT, team=WEST)) == {NO_DATE: 1}
    assert why(told(company, SLIPPED_AMOUNT, WANG)) == {NO_DATE: 1, NO_AMOUNT: 1}


def test_what_was_voided_since_is_left_out_but_not_what_was_amended() -> None:
    company = Company()
    company.signed(date(2026, 11, 3), amount=10, valid_to=date(2026, 11, 9))
    amended = company.contract()
    company.signed(date(2026, 11, 3), amount=20, valid_to=date(2026, 11, 9), contract_id=amended)
    company.signed(date(2026, 11, 3), amount=25, valid_from=date(2026, 11, 9), contract_id=amended)
    found = told(company, SIGNED_AMOUNT)
    assert (found.count, found.value, why(found)) == (1, 25, {TAKEN_BACK: 1})
    assert why(told(company, SIGNED_AMOUNT, team=WEST)) == {}


def test_a_filter_passes_over_what_says_nothing_of_its_dimension() -> None:
    company = Company()
    for source in (WEB, None, None):
        company.open(amount=5, source_id=source)
    company.open(amount=5, products=())
    assert why(told(company, OPEN_COUNT, query=f"source={WEB}")) == {"Passed over by the filter: no Source is stated": 2}
    assert sum(why(told(company, OPEN_COUNT, query="product=1")).values()) == 1


def test_single_rows_out_of_reach_are_not_counted_and_have_no_statement() -> None:
    company = Company()
    company.became("signed", amount=5)
    found = told(company, COHORT_SIGNED, MEI)
    assert (found.count, found.value, found.statement, found.left_out) == (None, None, None, ())


def test_parameters_stand_beside_the_statement_and_never_in_it() -> None:
    company = Company()
    company.open(amount=5)
    found = told(company, OPEN_COUNT, query=f"team={EAST}")
    assert found.statement is not None
    assert "$chosen_team" in found.statement.sql
    assert str(TODAY) not in found.statement.sql
    assert written(list(range(25))) == f"{list(range(20))!r} + 5"


def test_what_is_left_out_is_what_the_operational_rows_say(demo: Demo) -> None:
    """Of the demo company, counted without the warehouse: by team what has no amount, no date; contracts in progress without a plan."""
    chen = demo.actor("chen")
    question = demo.answers.question(Filters(), demo.today)

    def left(measure: Measure, team: int | None) -> dict[str, int]:
        cell = {"team": team}
        return why(explained(measure, cell, chen.scope, replace(question), demo.answers.warehouse, demo.answers.names))

    with reading(demo.engine) as session:
        following = select(Opportunity).where(Opportunity.status == OpportunityStatus.FOLLOWING)
        opened = list(session.scalars(following))
        planned = set(session.scalars(select(PaymentPlan.contract_id)))
        contracts = list(session.scalars(select(Contract).where(Contract.status == ContractStatus.IN_PROGRESS)))
    no_amount = Counter(one.team_id for one in opened if one.expected_amount is None)
    no_date = Counter(one.team_id for one in opened if one.expected_close_on is None)
    no_plan = Counter(one.team_id for one in contracts if one.id not in planned)
    assert sum(no_amount.values()) + sum(no_date.values()) + sum(no_plan.values()) > 0
    for team in {one.team_id for one in opened}:
        assert left(OPEN_AMOUNT, team).get(NO_AMOUNT, 0) == no_amount[team]
        assert left(SLIPPED_COUNT, team).get(NO_DATE, 0) == no_date[team]
        assert left(OVERDUE, team).get(NO_PLAN, 0) == no_plan[team]
