"""What the warehouse says of what happened: today, and on a past day as it stood then."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm import history
from crm.db import transaction
from crm.vocabulary import ContractAct, ContractStatus, LeadStatus, OpportunityAct, OpportunityStatus
from etl.store import Store
from tests import people
from tests.etl.warehouse import at, built, rows
from tests.people import CLOUD_DRIVE, CRM_SUITE, EAST, SIGNED, TALKS, TRAINING, WANG, WEST, ZHAO

TODAY, AS_IT_STOOD = 1, 2


def april(day: int) -> date:
    return date(2026, 4, day)


@pytest.fixture
def told(sqlite_url, tmp_path):
    """The warehouse of what a story writes."""
    engine = people.company(sqlite_url)
    stores = []

    def tell(story: Callable[[Session], Any]) -> Store:
        with transaction(engine) as session:
            story(session)
        stores.append(built(engine, tmp_path))
        return stores[-1].__enter__()

    yield tell
    for store in stores:
        store.__exit__(None, None, None)
    engine.dispose()


def standing(store: Store, columns: str, relation: str, day: date, basis: int = TODAY) -> list[tuple[Any, ...]]:
    """What counts at the end of `day`, today or as it stood then."""
    return rows(store, f"select {columns} from mart.{relation} where {at(day, basis)} order by all")


def test_a_contract_signed_on_the_1st_and_written_down_on_the_9th(told):
    """Today the 5th shows it; as of the 5th nobody knew."""

    def story(session):
        opportunity = people.an_opportunity(session, created=date(2026, 3, 2), amount=500)
        people.a_contract(session, opportunity=opportunity, amount=480, signed=april(1), recorded=april(9))

    store = told(story)
    for basis, day, open_amounts, signed in (
        (TODAY, april(5), [], [(Decimal(480),)]),
        (AS_IT_STOOD, april(5), [(Decimal(500),)], []),
        (AS_IT_STOOD, april(9), [], [(Decimal(480),)]),
    ):
        assert standing(store, "amount", "open_then", day, basis) == open_amounts
        assert standing(store, "amount", "signed", day, basis) == signed
        assert standing(store, "amount", "closed", day, basis) == signed
        assert standing(store, "amount", "balance", day, basis) == signed
    assert standing(store, "day, stage_id, cycle_days", "closed", april(9), AS_IT_STOOD) == [(april(1), TALKS, 30)]


def test_an_opportunity_has_its_products_of_each_day(told):
    """The training was named on the 10th and written down on the 12th: under it stands what was created and said before, from then on."""

    def story(session):
        opportunity = people.an_opportunity(session, created=april(1), amount=100, lines={CRM_SUITE: 100})
        people.a_follow_up(session, opportunity, april(2))
        history.set_lines(session, opportunity, {CRM_SUITE: Decimal(70), TRAINING: Decimal(30)})
        people.a_change(session, opportunity, OpportunityAct.EDITED, april(10), recorded=april(12))
        opportunity.status, opportunity.closed_on, opportunity.loss_reason_id = OpportunityStatus.LOST, april(20), people.TOO_EXPENSIVE
        people.a_change(session, opportunity, OpportunityAct.LOST, april(20))

    store = told(story)
    before, after = [([CRM_SUITE],)], [([CRM_SUITE, TRAINING],)]
    for relation in ("created", "open_then", "follow_up", "pipeline_change"):
        for basis, day, products in ((TODAY, 9, before), (TODAY, 10, after), (AS_IT_STOOD, 11, before), (AS_IT_STOOD, 12, after)):
            assert standing(store, "product_ids", relation, april(day), basis) == products, (relation, basis, day)
    assert standing(store, "product_id, amount", "closed_line", april(20)) == [(CRM_SUITE, Decimal(70)), (TRAINING, Decimal(30))]


def test_lines_before_an_amendment_are_those_that_were_signed(told):
    """66.66 and 33.34 of 100 would be 66.67 and 33.33 if they were apportioned by what they became."""

    def story(session):
        contract = people.a_contract(session, amount=100, signed=april(1), lines={CRM_SUITE: "66.66", CLOUD_DRIVE: "33.34"})
        contract.amount = Decimal(60)
        history.set_lines(session, contract, {CRM_SUITE: Decimal(40), CLOUD_DRIVE: Decimal(20)})
        people.a_contract_change(session, contract, ContractAct.AMENDED, april(10))

    store = told(story)
    then = [(CRM_SUITE, Decimal("66.66")), (CLOUD_DRIVE, Decimal("33.34"))]
    assert standing(store, "product_id, amount", "signed_line", april(9)) == then
    assert standing(store, "product_id, amount", "signed_line", april(10)) == [(CRM_SUITE, Decimal(40)), (CLOUD_DRIVE, Decimal(20))]


def test_an_amended_contract_has_its_amount_of_each_day_and_its_lines_follow(told):
    def story(session):
        contract = people.a_contract(session, amount=100, signed=april(1), lines={CRM_SUITE: 20, CLOUD_DRIVE: 40})
        contract.amount = Decimal(60)
        people.a_contract_change(session, contract, ContractAct.AMENDED, april(10))

    store = told(story)
    assert standing(store, "amount, day", "signed", april(9)) == [(Decimal(100), april(1))]
    assert standing(store, "amount, day", "signed", april(10)) == [(Decimal(60), april(1))]
    assert standing(store, "product_id, amount", "signed_line", april(10)) == [(CRM_SUITE, Decimal(20)), (CLOUD_DRIVE, Decimal(40))]
    assert standing(store, "product_id, amount", "signed_line", april(9)) == [
        (CRM_SUITE, Decimal("33.33")),
        (CLOUD_DRIVE, Decimal("66.67")),
    ]


def test_a_voided_contract_leaves_the_figures_from_that_day_and_its_opportunity_stands_open_again(told):
    def story(session):
        opportunity = people.an_opportunity(session, created=april(1), amount=500)
        contract = people.a_contract(session, opportunity=opportunity, amount=480, signed=april(5), plan=[(april(20), 480)])
        contract.status, contract.voided_on, contract.void_reason = ContractStatus.VOIDED, april(12), "客户取消"
        people.a_contract_change(session, contract, ContractAct.VOIDED, april(12))
        opportunity.status, opportunity.closed_on, opportunity.stage_id = OpportunityStatus.FOLLOWING, None, TALKS
        people.a_change(session, opportunity, OpportunityAct.VOIDED, april(12))

    store = told(story)
    for relation in ("signed", "signed_line", "closed", "balance", "instalment_state"):
        assert len(standing(store, "contract_id", relation, april(11))) == 1, relation
        assert standing(store, "contract_id", relation, april(12)) == [], relation
    assert rows(store, "select valid_from, valid_to from mart.open_then order by all") == [
        (april(1), april(5)),
        (april(12), date(9999, 12, 31)),
    ]


def test_a_changed_plan_holds_from_its_day_on(told):
    def story(session):
        contract = people.a_contract(session, amount=100, signed=april(1), plan=[(april(10), 60), (april(20), 40)])
        people.a_receipt(session, contract, 50, april(3))
        people.a_plan(session, contract, (april(15), 100), on=april(8))

    store = told(story)
    assert standing(store, "no, due_on, amount, met, open", "instalment_state", april(7)) == [
        (1, april(10), Decimal(60), Decimal(50), Decimal(10)),
        (2, april(20), Decimal(40), Decimal(0), Decimal(40)),
    ]
    assert standing(store, "no, due_on, amount, met, open", "instalment_state", april(8)) == [
        (1, april(15), Decimal(100), Decimal(50), Decimal(50)),
    ]


def test_a_proposed_plan_is_none(told):
    def story(session):
        contract = people.a_contract(session, signed=april(1))
        people.a_plan(session, contract, (april(10), 100000), on=april(2)).proposed = True

    store = told(story)
    assert rows(store, "select count(*) from mart.instalment_state") == [(0,)]
    assert standing(store, "has_plan", "balance", april(30)) == [(False,)]
    assert rows(store, "select has_plan from mart.contract_record") == [(False,)]


def test_a_refund_is_a_negative_deed_of_its_day(told):
    def story(session):
        contract = people.a_contract(session, amount=100, signed=april(1), plan=[(april(10), 100)])
        people.a_receipt(session, contract, 100, april(3))
        people.a_receipt(session, contract, -30, april(6))

    store = told(story)
    assert standing(store, "day, amount", "received", april(30)) == [(april(3), Decimal(100)), (april(6), Decimal(-30))]
    assert standing(store, "received, outstanding, last_receipt_on", "balance", april(30)) == [(Decimal(70), Decimal(30), april(3))]
    assert standing(store, "met, met_on", "instalment_state", april(5)) == [(Decimal(100), april(3))]
    assert standing(store, "met, met_on", "instalment_state", april(6)) == [(Decimal(70), None)]
    assert rows(store, "select receipt_id, no, amount from mart.allocation order by day") == [
        (1, 1, Decimal(100)),
        (2, 1, Decimal(-30)),
    ]


def test_a_cancelled_receipt_counts_only_for_who_looks_at_the_days_before(told):
    def story(session):
        contract = people.a_contract(session, amount=100, signed=april(1), plan=[(april(10), 100)])
        people.a_receipt(session, contract, 20, april(2))
        people.a_receipt(session, contract, 70, april(3), cancelled=april(8))

    store = told(story)
    for basis, day, received, met, last in (
        (TODAY, april(5), 20, 20, april(2)),
        (AS_IT_STOOD, april(5), 90, 90, april(3)),
        (AS_IT_STOOD, april(8), 20, 20, april(2)),
    ):
        assert standing(store, "received, last_receipt_on", "balance", day, basis) == [(Decimal(received), last)]
        assert standing(store, "met", "instalment_state", day, basis) == [(Decimal(met),)]
        assert sum(amount for (amount,) in standing(store, "amount", "received", day, basis)) == received


def test_a_new_opportunity_is_credited_to_its_first_team_and_rep_and_waited_until_then(told):
    def story(session):
        opportunity = people.an_opportunity(session, owner=None, created=april(1), amount=10)
        opportunity.team_id = opportunity.first_team_id = EAST
        people.a_change(session, opportunity, OpportunityAct.ASSIGNED, april(3))
        opportunity.owner_id = opportunity.first_owner_id = WANG
        people.a_change(session, opportunity, OpportunityAct.ASSIGNED, april(5))
        opportunity.owner_id, opportunity.team_id = ZHAO, WEST
        people.a_change(session, opportunity, OpportunityAct.ASSIGNED, april(9))

    store = told(story)
    credit = "day, team_id, owner_id"
    assert standing(store, credit, "created", april(2)) == [(april(1), EAST, WANG)]
    assert standing(store, credit, "created", april(2), AS_IT_STOOD) == [(april(1), None, None)]
    assert standing(store, credit, "created", april(4), AS_IT_STOOD) == [(april(1), EAST, None)]
    assert standing(store, credit, "created", april(30), AS_IT_STOOD) == [(april(1), EAST, WANG)]
    assert standing(store, "team_id, owner_id", "open_then", april(8)) == [(EAST, WANG)]
    assert standing(store, "team_id, owner_id", "open_then", april(9)) == [(WEST, ZHAO)]


def test_a_reopened_loss_leaves_the_losses_from_that_day_and_the_next_closing_counts(told):
    def story(session):
        opportunity = people.an_opportunity(session, created=april(1), status=OpportunityStatus.LOST, closed=april(5), amount=7)
        opportunity.status, opportunity.closed_on = OpportunityStatus.FOLLOWING, None
        people.a_change(session, opportunity, OpportunityAct.REOPENED, april(9))
        opportunity.status, opportunity.closed_on, opportunity.loss_reason_id = OpportunityStatus.STOPPED, april(20), people.NO_BUDGET
        people.a_change(session, opportunity, OpportunityAct.STOPPED, april(20))

    store = told(story)
    assert standing(store, "status, day, amount", "closed", april(8)) == [("lost", april(5), Decimal(7))]
    assert standing(store, "status", "closed", april(9)) == []
    assert standing(store, "status, day, reason_id", "closed", april(30)) == [("stopped", april(20), people.NO_BUDGET)]


def test_lost_and_reopened_on_one_day_it_was_open_all_the_time(told):
    def story(session):
        opportunity = people.an_opportunity(session, created=april(1), status=OpportunityStatus.LOST, closed=april(5))
        opportunity.status, opportunity.closed_on = OpportunityStatus.FOLLOWING, None
        people.a_change(session, opportunity, OpportunityAct.REOPENED, april(5))

    store = told(story)
    assert rows(store, "select count(*) from mart.closed") == [(0,)]
    assert [len(standing(store, "opportunity_id", "open_then", april(day))) for day in (4, 5, 6)] == [1, 1, 1]


def test_a_contract_handed_over_keeps_its_signer_for_deeds_and_has_its_carer_for_states(told):
    def story(session):
        contract = people.a_contract(session, amount=100, signed=april(1), plan=[(april(10), 100)])
        people.a_receipt(session, contract, 10, april(2))
        people.a_cost(session, contract, 5, april(2))
        contract.owner_id, contract.team_id = ZHAO, WEST
        people.a_contract_change(session, contract, ContractAct.CARER, april(6))
        people.a_receipt(session, contract, 20, april(8))

    store = told(story)
    whose = "owner_id, team_id"
    for relation in ("signed", "signed_line"):
        assert standing(store, whose, relation, april(30)) == [(WANG, EAST)]
    assert standing(store, whose, "received", april(30)) == [(WANG, EAST)] * 2
    for relation in ("balance", "cost_state", "instalment_state"):
        assert standing(store, whose, relation, april(5)) == [(WANG, EAST)], relation
        assert standing(store, whose, relation, april(6)) == [(ZHAO, WEST)], relation
    assert rows(store, "select owner_id from mart.contract_record") == [(ZHAO,)]


def test_a_lead_stays_credited_where_it_arrived(told):
    def story(session):
        lead = people.a_lead(session, arrived=april(1), status=LeadStatus.WORKING, handled=april(2), product=CLOUD_DRIVE)
        lead.owner_id, lead.team_id = ZHAO, WEST

    store = told(story)
    columns = "day, owner_id, team_id, holder_id, holder_team_id, first_handled_on, product_ids, product_mask"
    assert rows(store, f"select {columns} from mart.lead") == [(april(1), WANG, EAST, ZHAO, WEST, april(2), [CLOUD_DRIVE], 2)]


def test_a_follow_up_written_later_is_seen_later_in_the_past(told):
    def story(session):
        follow_up = people.a_follow_up(session, people.an_opportunity(session, created=april(1)), april(3), by=ZHAO)
        follow_up.recorded_on = april(7)

    store = told(story)
    assert standing(store, "day, owner_id, team_id", "follow_up", april(4)) == [(april(3), ZHAO, WEST)]
    assert standing(store, "day", "follow_up", april(4), AS_IT_STOOD) == []
    assert standing(store, "day", "follow_up", april(7), AS_IT_STOOD) == [(april(3),)]


def test_an_opportunity_won_without_a_contract_counts_with_its_own_amount(told):
    def story(session):
        people.an_opportunity(session, created=april(1), stage=SIGNED, status=OpportunityStatus.WON, closed=april(9), amount=77)

    assert standing(told(story), "status, day, amount, contract_id", "closed", april(9)) == [("won", april(9), Decimal(77), None)]


def test_masks_and_names_serve_filters_and_order(told):
    def story(session):
        people.an_opportunity(session, lines={CRM_SUITE: 1, CLOUD_DRIVE: 2})

    store = told(story)
    assert rows(store, "select product_ids, product_mask from mart.open_now") == [([1, 2], 3)]
    assert [name for (name,) in rows(store, "select name from mart.person order by name_key")][:4] == ["安达", "陈", "方", "林"]
