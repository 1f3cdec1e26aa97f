"""Opening an opportunity, closing it as lost or stopped, and reopening it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import CrmError, Invalid, NotAllowed, NotFound
from crm.models import LossReason, Opportunity
from crm.rules.stages import OpportunityCannotMove
from crm.services import opportunities
from crm.services.inputs import read
from crm.services.opportunities import CloseOpportunity, CreateOpportunity
from crm.vocabulary import OpportunityAct, OpportunityStatus
from tests.people import (
    CHEN,
    CRM_SUITE,
    EAST,
    EXPO,
    LIN,
    NO_BUDGET,
    OLD_RIVAL,
    RIVAL,
    TALKS,
    TO_COMPETITOR,
    TODAY,
    TOO_EXPENSIVE,
    WANG,
    ZHAO,
    a_customer,
    actor,
    an_opportunity,
)
from tests.services.stories import audited, kept, told

D = Decimal
LOST, STOPPED, FOLLOWING, WON = OpportunityStatus.LOST, OpportunityStatus.STOPPED, OpportunityStatus.FOLLOWING, OpportunityStatus.WON


def opened(session: Session, login: str, **values: Any) -> Opportunity:
    """What somebody opens."""
    return opportunities.create(session, actor(session, login), read(CreateOpportunity, {"title": "云盘", **values}), today=TODAY)


def closed(session: Session, login: str, opportunity: Opportunity, to: OpportunityStatus, **values: Any) -> Opportunity:
    """What somebody closes, as it stands now."""
    verb = {LOST: opportunities.mark_lost, STOPPED: opportunities.mark_stopped}[to]
    form = read(CloseOpportunity, values)
    return verb(session, actor(session, login), opportunity.id, form, version=opportunity.version, today=TODAY)


def test_a_new_opportunity_belongs_to_the_customer_s_owner(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=WANG)
        made = opened(
            session, "lin", customer_id=customer.id, source_id=EXPO, expected_close_on="2027-01-31",
            lines=[{"product_id": CRM_SUITE, "amount": "90000"}],
        )  # fmt: skip
        assert (made.owner_id, made.team_id, made.first_owner_id, made.first_team_id) == (WANG, EAST, WANG, EAST)
        assert (made.stage_id, made.status, made.expected_amount, made.created_on) == (TALKS, FOLLOWING, D("90000.00"), TODAY)
        assert kept(session, made, "act", "day", "by_id", "amount") == [(OpportunityAct.CREATED, TODAY, LIN, D("90000.00"))]
        assert told(session) == [(WANG, "{by} opened the opportunity “{title}” for you.", {"by": "林", "title": "云盘"})]
        assert [line[:3] for line in audited(session)] == [(LIN, "created", "opportunities")]


def test_nobody_opens_one_with_a_customer_out_of_reach(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, owner=WANG)
        for login in ("zhao", "sun", "mei", "ada"):
            with pytest.raises(NotFound):
                opened(session, login, customer_id=customer.id)
        with pytest.raises(NotAllowed):  # finance knows the customer's name
            opened(session, "fang", customer_id=customer.id)


def test_an_opportunity_is_not_born_quoted(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session)
        with pytest.raises(Invalid) as refused:
            opened(session, "wang", customer_id=customer.id, stage_id=3, source_id=99)
        assert refused.value.faults.keys() == {"stage_id", "source_id"}


def test_lost_to_a_competitor_names_it(engine: Engine) -> None:
    with transaction(engine) as session:
        lost = closed(session, "wang", an_opportunity(session), LOST, reason_id=TO_COMPETITOR, competitor_id=RIVAL, note="降了三成")
        assert (lost.status, lost.closed_on, lost.loss_reason_id, lost.loss_competitor_id) == (LOST, TODAY, TO_COMPETITOR, RIVAL)
        assert kept(session, lost, "act", "status", "loss_reason_id", "loss_competitor_id", "owner_id")[1:] == [
            (OpportunityAct.LOST, LOST, TO_COMPETITOR, RIVAL, WANG)
        ]


def test_a_reason_without_a_competitor_keeps_none(engine: Engine) -> None:
    with transaction(engine) as session:
        lost = closed(session, "lin", an_opportunity(session), LOST, reason_id=TOO_EXPENSIVE, competitor_id=RIVAL)
        assert lost.loss_competitor_id is None


@pytest.mark.parametrize(
    ("to", "values", "faults"),
    [
        (LOST, {"reason_id": TO_COMPETITOR}, {"competitor_id": "CompetitorMissing"}),
        (LOST, {"reason_id": TO_COMPETITOR, "competitor_id": OLD_RIVAL}, {"competitor_id": "NotAChoice"}),
        (LOST, {"reason_id": NO_BUDGET}, {"reason_id": "ReasonOfAnotherKind"}),
        (STOPPED, {"reason_id": TOO_EXPENSIVE}, {"reason_id": "ReasonOfAnotherKind"}),
        (STOPPED, {"reason_id": 99}, {"reason_id": "NotAChoice"}),
        (STOPPED, {}, {"reason_id": "Missing"}),
    ],
)
def test_a_closing_needs_its_reason(engine: Engine, to: OpportunityStatus, values: dict[str, int], faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        with pytest.raises(Invalid) as refused:
            closed(session, "wang", opportunity, to, **values)
        assert {key: type(error).__name__ for key, error in refused.value.faults.items()} == faults


def test_a_retired_reason_is_not_taken(engine: Engine) -> None:
    with transaction(engine) as session:
        session.get_one(LossReason, NO_BUDGET).active = False
        session.flush()
        opportunity = an_opportunity(session)
        with pytest.raises(Invalid):
            closed(session, "wang", opportunity, STOPPED, reason_id=NO_BUDGET)


@pytest.mark.parametrize("login", ["zhao", "sun", "mei", "fang", "xia", "ada"])
def test_nobody_closes_or_reopens_what_they_do_not_see(engine: Engine, login: str) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, status=LOST)
        with pytest.raises(NotFound):
            closed(session, login, opportunity, STOPPED, reason_id=NO_BUDGET)
        with pytest.raises(NotFound):
            opportunities.reopen(session, actor(session, login), opportunity.id, version=opportunity.version, today=TODAY)


def test_what_is_closed_stays_closed_until_a_lead_reopens_it(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = closed(session, "wang", an_opportunity(session), STOPPED, reason_id=NO_BUDGET, note="明年再说")
        with pytest.raises(OpportunityCannotMove):
            closed(session, "wang", opportunity, LOST, reason_id=TOO_EXPENSIVE)
        with pytest.raises(NotAllowed):
            opportunities.reopen(session, actor(session, "wang"), opportunity.id, version=opportunity.version, today=TODAY)
        again = opportunities.reopen(session, actor(session, "lin"), opportunity.id, version=opportunity.version, today=date(2026, 12, 1))
        assert (again.status, again.closed_on, again.loss_reason_id, again.loss_note) == (FOLLOWING, None, None, "")
        assert kept(session, opportunity, "act", "day", "by_id", "loss_reason_id")[1:] == [
            (OpportunityAct.STOPPED, TODAY, WANG, NO_BUDGET),
            (OpportunityAct.REOPENED, date(2026, 12, 1), LIN, None),
        ]
        assert told(session) == [(WANG, "{by} reopened the opportunity “{title}”.", {"by": "林", "title": again.title})]


def test_a_won_one_is_not_reopened_but_its_contract_voided(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, status=WON)
        with pytest.raises(OpportunityCannotMove):
            opportunities.reopen(session, actor(session, "chen"), opportunity.id, version=opportunity.version, today=TODAY)


def test_a_closing_of_an_older_version_is_refused(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=ZHAO)
        opportunity.title = "改了"
        session.flush()
        with pytest.raises(CrmError) as refused:
            opportunities.mark_stopped(
                session, actor(session, "zhao"), opportunity.id, read(CloseOpportunity, {"reason_id": NO_BUDGET}), version=1, today=TODAY
            )
        assert type(refused.value).__name__ == "ChangedMeanwhile"
        assert CHEN not in {whom for whom, *_ in told(session)}
