"""Encounters, prices and pipeline changes: what a competition record and an act of an opportunity leave in the warehouse."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.db import transaction
from crm.models import CompetitionRecord, CompetitionRecordFactor, Quote, QuoteLine
from crm.vocabulary import CompetitionSide, OpportunityAct, OpportunityStatus, QuoteStatus
from tests import people
from tests.etl.warehouse import at, built, rows
from tests.people import CRM_SUITE, EAST, RIVAL, TO_COMPETITOR, WANG, WEST, ZHAO

MARCH, APRIL, MAY = date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 10)


@pytest.fixture
def engine(sqlite_url: str) -> Any:
    engine = people.company(sqlite_url)
    yield engine
    engine.dispose()


def met(session: Any, opportunity: int, day: date, recorded_on: date | None = None, price: int | None = None) -> CompetitionRecord:
    record = CompetitionRecord(
        opportunity_id=opportunity, competitor_id=RIVAL, by_id=WANG, at=people.noon(day), day=day, recorded_on=recorded_on or day,
        our_product_id=CRM_SUITE, their_unit_price=price,
    )  # fmt: skip
    session.add(record)
    session.flush()
    return record


def quote(session: Any, opportunity: int, revision: int, day: date, price: int, discount: int = 0) -> None:
    line = QuoteLine(position=1, product_id=CRM_SUITE, quantity_milli=1000, unit_price=price, discount_bp=discount, amount=price)
    session.add(
        Quote(
            opportunity_id=opportunity, revision=revision, total=price, created_at=people.noon(day), created_on=day, created_by_id=WANG,
            status=QuoteStatus.SUBMITTED, submitted_at=people.noon(day), submitted_on=day, submitted_by_id=WANG, lines=[line],
        )
    )  # fmt: skip


def test_a_first_encounter_keeps_its_day_and_holder_and_follows_the_status(engine, tmp_path):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, amount=700, created=MARCH)
        met(session, opportunity.id, MARCH)
        met(session, opportunity.id, APRIL)
        opportunity.status, opportunity.closed_on, opportunity.loss_reason_id = OpportunityStatus.LOST, MAY, TO_COMPETITOR
        people.a_change(session, opportunity, OpportunityAct.LOST, MAY)
    with built(engine, tmp_path) as store:
        told = "day, owner_id, team_id, status, amount"
        assert rows(store, f"select {told} from mart.encounter where {at(APRIL)}") == [(MARCH, WANG, EAST, "following", 700)]
        assert rows(store, f"select {told} from mart.encounter where {at(MAY)}") == [(MARCH, WANG, EAST, "lost", 0)]


def test_an_encounter_written_down_late_moves_the_first_day_from_then_on(engine, tmp_path):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, amount=700, created=MARCH)
        met(session, opportunity.id, APRIL)
        met(session, opportunity.id, MARCH, recorded_on=MAY)
    with built(engine, tmp_path) as store:
        seen = {day: rows(store, f"select day from mart.encounter where {at(day, 2)}") for day in (MARCH, APRIL, MAY)}
        assert seen == {MARCH: [], APRIL: [(APRIL,)], MAY: [(MARCH,)]}
        assert rows(store, f"select day from mart.encounter where {at(APRIL)}") == [(MARCH,)]


def test_our_price_is_that_of_the_latest_quote_after_discount(engine, tmp_path):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, amount=700, created=MARCH)
        record = met(session, opportunity.id, MARCH, price=90)
        session.add(CompetitionRecordFactor(record_id=record.id, factor_id=1, side=CompetitionSide.WEAKNESS))
        quote(session, opportunity.id, 1, APRIL, 100)
        quote(session, opportunity.id, 2, MAY, 101, discount=333)
    with built(engine, tmp_path) as store:
        price = {day: rows(store, f"select our_unit_price from mart.competition where {at(day)}") for day in (MARCH, APRIL, MAY)}
        assert price == {MARCH: [(None,)], APRIL: [(Decimal("100.00"),)], MAY: [(Decimal("97.64"),)]}
        assert rows(store, "select competitor_id, factor_id, side from mart.competition_factor") == [(RIVAL, 1, "weakness")]


def test_every_act_is_a_step_and_a_move_between_owners_two(engine, tmp_path):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, amount=700, created=MARCH)
        opportunity.expected_amount = 900
        people.a_change(session, opportunity, OpportunityAct.EDITED, MARCH)
        opportunity.owner_id, opportunity.team_id = ZHAO, WEST
        people.a_change(session, opportunity, OpportunityAct.ASSIGNED, APRIL)
        opportunity.expected_amount = 850
        people.a_change(session, opportunity, OpportunityAct.EDITED, APRIL)
        opportunity.status, opportunity.closed_on, opportunity.loss_reason_id = OpportunityStatus.LOST, MAY, TO_COMPETITOR
        people.a_change(session, opportunity, OpportunityAct.LOST, MAY)
    with built(engine, tmp_path) as store:
        assert rows(store, "select step, day, owner_id, delta from mart.pipeline_change order by seq, delta") == [
            ("new", MARCH, WANG, 700), ("grown", MARCH, WANG, 200), ("given", APRIL, WANG, -900), ("received", APRIL, ZHAO, 900),
            ("shrunk", APRIL, ZHAO, -50), ("lost", MAY, ZHAO, -850),
        ]  # fmt: skip


def test_what_was_known_of_a_past_day_is_told_anew_when_an_act_is_dated_back(engine, tmp_path):
    with transaction(engine) as session:
        opportunity = people.an_opportunity(session, amount=700, created=MARCH)
        opportunity.status, opportunity.closed_on, opportunity.loss_reason_id = OpportunityStatus.LOST, APRIL, TO_COMPETITOR
        people.a_change(session, opportunity, OpportunityAct.LOST, APRIL, recorded=MAY)
    with built(engine, tmp_path) as store:
        lost = "select day, delta from mart.pipeline_change where step = 'lost' and"
        assert rows(store, f"{lost} {at(APRIL)}") == [(APRIL, -700)]
        assert rows(store, f"{lost} {at(APRIL, 2)}") == []
        assert rows(store, f"{lost} {at(MAY, 2)}") == [(APRIL, -700)]
        stood = "select known_from, known_to, valid_from, valid_to from mart.open_known order by known_from"
        forever = date(9999, 12, 31)
        assert rows(store, stood) == [(MARCH, MAY, MARCH, forever), (MAY, forever, MARCH, APRIL)]
