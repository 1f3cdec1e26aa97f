"""Signing an approved quote: one act, with its opportunity, its history and its plan; by its owner and lead, and no other way."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from crm.db import reading, transaction
from crm.errors import CrmError, Invalid, NotAllowed, NotFound
from crm.models import Contract, Opportunity, PaymentPlan, Quote, QuoteLine
from crm.rules.quotes import QuoteHasExpired, QuoteNotApproved
from crm.rules.stages import OpportunityCannotMove
from crm.services import contracts, months, signing
from crm.services.inputs import read
from crm.services.signing import SignContract
from crm.vocabulary import ContractAct, ContractStatus, OpportunityAct, OpportunityStatus, QuoteStatus
from tests.people import (
    CRM_SUITE,
    EAST,
    LIN,
    PROPOSAL,
    SIGNED,
    TODAY,
    TRAINING,
    WANG,
    a_contract,
    a_quote,
    actor,
    an_opportunity,
)
from tests.services.stories import audited, kept, kept_of_contract, told

D = Decimal
LAST_WEEK = TODAY - timedelta(days=7)
FOLLOWING, STOPPED, WON = OpportunityStatus.FOLLOWING, OpportunityStatus.STOPPED, OpportunityStatus.WON


def signed(session: Session, login: str, quote: Quote, **values: Any) -> Contract:
    """The contract that somebody signs from an approved quote."""
    version = session.get_one(Opportunity, quote.opportunity_id).version
    form = read(SignContract, {"number": "HT-1", "signed_on": LAST_WEEK, **values})
    return signing.sign(session, actor(session, login), quote.id, form, version=version, today=TODAY)


def test_signing_wins_the_opportunity_on_the_contract_s_day(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", stage=PROPOSAL, amount="70000")
        quote = a_quote(session, opportunity, lines={CRM_SUITE: "75000", TRAINING: "5000"})
        plan = [{"due_on": "2026-12-01", "amount": "30000"}, {"due_on": "2027-03-01", "amount": "50000", "condition": "验收后"}]
        contract = signed(session, "lin", quote, plan=plan)
    with reading(engine) as session:
        contract = contracts.find(session, actor(session, "wang"), contract.id)
        assert (contract.amount, contract.signed_on, contract.recorded_on, contract.status) == (
            D("80000.00"), LAST_WEEK, TODAY, ContractStatus.IN_PROGRESS,
        )  # fmt: skip
        assert (contract.signer_id, contract.signer_team_id, contract.owner_id, contract.team_id) == (WANG, EAST, WANG, EAST)
        assert {line.product_id: line.amount for line in contract.lines} == {CRM_SUITE: D("75000.00"), TRAINING: D("5000.00")}
        assert kept_of_contract(session, contract, "act", "day", "recorded_on", "by_id", "amount") == [
            (ContractAct.SIGNED, LAST_WEEK, TODAY, LIN, D("80000.00"))
        ]
        won = session.get_one(Opportunity, opportunity.id)
        assert (won.status, won.stage_id, won.closed_on) == (WON, SIGNED, LAST_WEEK)
        assert kept(session, won, "act", "day", "recorded_on", "stage_id", "owner_id")[1:] == [
            (OpportunityAct.WON, LAST_WEEK, TODAY, SIGNED, WANG)
        ]
        (standing,) = session.scalars(select(PaymentPlan)).all()
        assert (standing.revision, standing.day, standing.proposed) == (1, TODAY, False)
        assert told(session) == [(WANG, "{by} signed the contract {number}.", {"by": "林", "number": "HT-1"})]
        assert [line[:3] for line in audited(session)] == [
            (LIN, "created", "contracts"), (LIN, "changed", "opportunities"), (LIN, "changed", "quotes"),
            (LIN, "created", "payment_plans"),
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("login", "refusal"), [("chen", NotAllowed), ("zhao", NotFound), ("sun", NotFound), ("fang", NotFound), ("mei", NotFound)]
)
def test_owner_and_lead_sign_and_nobody_else(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        quote = a_quote(session, an_opportunity(session))
        with pytest.raises(refusal):
            signed(session, login, quote)


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"number": "HT-0"}, {"number": "NumberTaken"}),
        ({"signed_on": TODAY + timedelta(days=1)}, {"signed_on": "DayAhead"}),
        ({"signed_on": "2026-03-01"}, {"signed_on": "SignedTooEarly"}),
        ({"starts_on": "2026-12-02", "ends_on": "2026-12-01"}, {"ends_on": "EndsBeforeStart"}),
        ({"plan": [{"due_on": "2026-12-01", "amount": "79999.99"}]}, {"plan": "PlanDoesNotSum"}),
        ({"plan": [{"due_on": "2026-12-01", "amount": "80000", "no": 4}]}, {"plan": "NoSuchInstalment"}),
        ({"plan": [{"due_on": "2026-12-01", "amount": "0.001"}]}, {"plan.0.amount": "AmountTooFine"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_signed(engine: Engine, values: dict[str, Any], faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        a_contract(session, "HT-0")
        opportunity = an_opportunity(session, created=date(2026, 3, 2))
        quote = a_quote(session, opportunity)
    with pytest.raises(Invalid) as refused, transaction(engine) as session:
        signed(session, "wang", quote, **values)
    assert {key: type(error).__name__ for key, error in refused.value.faults.items()} == faults
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Contract)) == 1
        assert session.get_one(Opportunity, opportunity.id).status is FOLLOWING
        assert session.get_one(Quote, quote.id).status is QuoteStatus.APPROVED


def test_one_contract_for_one_opportunity(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = a_quote(session, an_opportunity(session))
        signed(session, "wang", quote)
        with pytest.raises(OpportunityCannotMove):
            signed(session, "wang", quote, number="HT-2")


def test_a_month_that_finance_closed_takes_no_signing(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = a_quote(session, an_opportunity(session))
        months.close(session, actor(session, "fang"), date(2026, 10, 9), today=TODAY)
        with pytest.raises(Invalid) as refused:
            signed(session, "wang", quote, signed_on="2026-10-31")
        assert type(refused.value.faults["signed_on"]).__name__ == "MonthIsClosed"
        with pytest.raises(NotAllowed):
            months.reopen(session, actor(session, "fang"), date(2026, 10, 1))
        months.reopen(session, actor(session, "chen"), date(2026, 10, 1))
        assert signed(session, "wang", quote, signed_on="2026-10-31").signed_on == date(2026, 10, 31)


def test_the_contract_is_about_what_the_quote_says(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = a_quote(session, an_opportunity(session), lines={CRM_SUITE: "45000", TRAINING: "1.01"}, valid_until=TODAY)
        quote.lines.append(QuoteLine(position=3, product_id=CRM_SUITE, quantity_milli=1000, unit_price=D(9), amount=D(9)))
        quote.total += 9
        session.flush()
        contract = signed(session, "wang", quote)
        assert (contract.amount, contract.quote_id, quote.status) == (D("45010.01"), quote.id, QuoteStatus.SIGNED)
        assert {line.product_id: line.amount for line in contract.lines} == {CRM_SUITE: D("45009.00"), TRAINING: D("1.01")}


@pytest.mark.parametrize("status", sorted(set(QuoteStatus) - {QuoteStatus.APPROVED}))
def test_only_an_approved_quote_is_signed(engine: Engine, status: QuoteStatus) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        quote = a_quote(session, opportunity, status=status)
        with pytest.raises(QuoteNotApproved if status is not QuoteStatus.EXPIRED else QuoteHasExpired):
            signed(session, "wang", quote)
        assert opportunity.status is FOLLOWING


def test_a_quote_that_is_past_its_day_or_does_not_exist_is_not_signed(engine: Engine) -> None:
    with transaction(engine) as session:
        quote = a_quote(session, an_opportunity(session), valid_until=LAST_WEEK)
        with pytest.raises(QuoteHasExpired):
            signed(session, "wang", quote)
        form = read(SignContract, {"number": "HT-1", "signed_on": TODAY})
        with pytest.raises(NotFound):
            signing.sign(session, actor(session, "wang"), 999, form, version=1, today=TODAY)
