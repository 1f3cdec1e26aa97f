"""Signing, amending, completing and voiding a contract: one act, with its opportunity, its history and its plan."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from crm.db import reading, transaction
from crm.errors import ChangedMeanwhile, CrmError, Invalid, NotAllowed, NotFound
from crm.models import Contract, Opportunity, PaymentPlan, Quote, QuoteLine
from crm.rules.contracts import ContractCannotMove, MoneyReceived, SomethingOutstanding
from crm.rules.quotes import QuoteHasExpired, QuoteNotApproved
from crm.rules.stages import OpportunityCannotMove
from crm.services import contracts, months
from crm.services.contracts import AmendContract, SignContract, VoidContract
from crm.services.inputs import read
from crm.services.payments import ContractIsClosed
from crm.vocabulary import ContractAct, ContractStatus, OpportunityAct, OpportunityStatus, QuoteStatus
from tests.people import (
    CHEN,
    CRM_SUITE,
    EAST,
    LIN,
    NO_BUDGET,
    PROPOSAL,
    SIGNED,
    TODAY,
    TOO_EXPENSIVE,
    TRAINING,
    WANG,
    a_contract,
    a_plan,
    a_receipt,
    actor,
    an_opportunity,
    noon,
)
from tests.services.stories import audited, kept, kept_of_contract, told

D = Decimal
LAST_WEEK = TODAY - timedelta(days=7)
FOLLOWING, STOPPED, WON = OpportunityStatus.FOLLOWING, OpportunityStatus.STOPPED, OpportunityStatus.WON


def signed(session: Session, login: str, opportunity: Opportunity, *, quote: Quote | None = None, **values: Any) -> Contract:
    """The contract that somebody signs, about 80,000 unless it says otherwise."""
    form = read(SignContract, {"number": "HT-1", "amount": "80000", "signed_on": LAST_WEEK, **values})
    return contracts.sign(
        session, actor(session, login), opportunity.id, form, version=opportunity.version, today=TODAY, quote_id=quote.id if quote else None
    )


def test_signing_wins_the_opportunity_on_the_contract_s_day(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版", stage=PROPOSAL, lines={CRM_SUITE: "75000", TRAINING: "5000"}, amount="80000")
        plan = [{"due_on": "2026-12-01", "amount": "30000"}, {"due_on": "2027-03-01", "amount": "50000", "condition": "验收后"}]
        contract = signed(session, "lin", opportunity, plan=plan)
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
            (LIN, "created", "contracts"), (LIN, "changed", "opportunities"), (LIN, "created", "payment_plans"),
        ]  # fmt: skip


def test_products_that_do_not_sum_to_the_contract_are_not_stated(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, lines={CRM_SUITE: "100000"})
        assert signed(session, "wang", opportunity).lines == []
        opportunity = an_opportunity(session)
        made = signed(session, "wang", opportunity, number="HT-2", lines=[{"product_id": TRAINING, "amount": "80000"}])
        assert [(line.product_id, line.amount) for line in made.lines] == [(TRAINING, D("80000.00"))]


@pytest.mark.parametrize(
    ("login", "refusal"), [("chen", NotAllowed), ("zhao", NotFound), ("sun", NotFound), ("fang", NotFound), ("mei", NotFound)]
)
def test_owner_and_lead_sign_and_nobody_else(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        with pytest.raises(refusal):
            signed(session, login, opportunity)


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"number": "HT-0"}, {"number": "NumberTaken"}),
        ({"signed_on": TODAY + timedelta(days=1)}, {"signed_on": "DayAhead"}),
        ({"signed_on": "2026-03-01"}, {"signed_on": "SignedTooEarly"}),
        ({"starts_on": "2026-12-02", "ends_on": "2026-12-01"}, {"ends_on": "EndsBeforeStart"}),
        ({"lines": [{"product_id": CRM_SUITE, "amount": "79999.99"}]}, {"lines": "ContractLinesDoNotSum"}),
        ({"plan": [{"due_on": "2026-12-01", "amount": "79999.99"}]}, {"plan": "PlanDoesNotSum"}),
        ({"plan": [{"due_on": "2026-12-01", "amount": "80000", "no": 4}]}, {"plan": "NoSuchInstalment"}),
        ({"amount": "0"}, {"amount": "NotPositive"}),
        ({"amount": "-1"}, {"amount": "NotNegative"}),
        ({"plan": [{"due_on": "2026-12-01", "amount": "0.001"}]}, {"plan.0.amount": "AmountTooFine"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_signed(engine: Engine, values: dict[str, Any], faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        a_contract(session, "HT-0")
        opportunity = an_opportunity(session, created=date(2026, 3, 2))
    with pytest.raises(Invalid) as refused, transaction(engine) as session:
        signed(session, "wang", opportunity, **values)
    assert {key: type(error).__name__ for key, error in refused.value.faults.items()} == faults
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Contract)) == 1
        assert session.get_one(Opportunity, opportunity.id).status is FOLLOWING


def test_one_contract_for_one_opportunity(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        signed(session, "wang", opportunity)
        with pytest.raises(OpportunityCannotMove):
            signed(session, "wang", opportunity, number="HT-2")


def test_a_month_that_finance_closed_takes_no_signing(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        months.close(session, actor(session, "fang"), date(2026, 10, 9), today=TODAY)
        with pytest.raises(Invalid) as refused:
            signed(session, "wang", opportunity, signed_on="2026-10-31")
        assert type(refused.value.faults["signed_on"]).__name__ == "MonthIsClosed"
        with pytest.raises(NotAllowed):
            months.reopen(session, actor(session, "fang"), date(2026, 10, 1))
        months.reopen(session, actor(session, "chen"), date(2026, 10, 1))
        assert signed(session, "wang", opportunity, signed_on="2026-10-31").signed_on == date(2026, 10, 31)


def a_quote(session: Session, opportunity: Opportunity, status: QuoteStatus, valid_until: date | None = None) -> Quote:
    """A quote over 90,000 in two lines of one product."""
    lines = [
        QuoteLine(position=i, product_id=CRM_SUITE, quantity_milli=1000, unit_price=D(45000), amount=D(45000)) for i in (1, 2)
    ]  # fmt: skip
    quote = Quote(
        opportunity_id=opportunity.id, revision=1, status=status, total=D(90000), valid_until=valid_until, created_at=noon(TODAY),
        created_on=TODAY, created_by_id=WANG, lines=lines,
    )  # fmt: skip
    session.add(quote)
    session.flush()
    return quote


def test_a_contract_from_a_quote_takes_its_amount_and_products(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        quote = a_quote(session, opportunity, QuoteStatus.APPROVED, TODAY)
        contract = signed(session, "wang", opportunity, quote=quote)
        assert (contract.amount, contract.quote_id, quote.status) == (D("90000.00"), quote.id, QuoteStatus.SIGNED)
        assert [(line.product_id, line.amount) for line in contract.lines] == [(CRM_SUITE, D("90000.00"))]


def test_only_an_approved_quote_that_is_still_valid_is_signed(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity, other = an_opportunity(session), an_opportunity(session)
        with pytest.raises(QuoteNotApproved):
            signed(session, "wang", opportunity, quote=a_quote(session, opportunity, QuoteStatus.SUBMITTED))
        quote = a_quote(session, other, QuoteStatus.APPROVED, LAST_WEEK)
        with pytest.raises(QuoteHasExpired):
            signed(session, "wang", other, quote=quote)
        with pytest.raises(CrmError):  # of another opportunity
            signed(session, "wang", opportunity, quote=quote)


def amended(session: Session, login: str, contract: Contract, amount: str, **values: Any) -> Contract:
    """The contract after somebody amended it today."""
    form = read(AmendContract, {"amount": amount, "day": TODAY, "reason": "增购", **values})
    return contracts.amend(session, actor(session, login), contract.id, form, version=contract.version, today=TODAY)


def test_an_amendment_keeps_what_was_and_the_proportions(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, amount="100", lines={CRM_SUITE: "66.67", TRAINING: "33.33"})
        a_plan(session, contract, (date(2026, 12, 1), "100"), on=contract.signed_on)
        with pytest.raises(Invalid) as refused:
            amended(session, "chen", contract, "50")
        assert refused.value.faults.keys() == {"plan"}
        amended(
            session,
            "chen",
            contract,
            "50",
            plan=[{"no": 1, "due_on": "2026-12-01", "amount": "20"}, {"due_on": "2027-01-01", "amount": "30"}],
        )
        assert (contract.amount, sum(line.amount for line in contract.lines)) == (D("50.00"), D("50.00"))
        assert kept_of_contract(session, contract, "act", "amount", "day", "reason")[1:] == [
            (ContractAct.AMENDED, D("50.00"), TODAY, "增购")
        ]
        plans = session.scalars(select(PaymentPlan).order_by(PaymentPlan.revision)).all()
        assert [(plan.revision, plan.reason) for plan in plans] == [(1, ""), (2, "增购")]
        for login in ("wang", "lin", "fang"):
            with pytest.raises(NotAllowed):
                amended(session, login, contract, "60")


def test_a_contract_is_completed_when_everything_has_come_in(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, amount="100")
        a_receipt(session, contract, "99.99", LAST_WEEK)
        with pytest.raises(SomethingOutstanding):
            contracts.complete(session, actor(session, "fang"), contract.id, version=contract.version, today=TODAY)
        a_receipt(session, contract, "0.01", TODAY)
        for login, refusal in (("wang", NotAllowed), ("chen", NotAllowed), ("sun", NotFound)):
            with pytest.raises(refusal):
                contracts.complete(session, actor(session, login), contract.id, version=contract.version, today=TODAY)
        contracts.complete(session, actor(session, "lin"), contract.id, version=contract.version, today=TODAY)
        assert kept_of_contract(session, contract, "act", "status", "day")[1:] == [(ContractAct.COMPLETED, ContractStatus.COMPLETED, TODAY)]
        with pytest.raises(ContractIsClosed):
            amended(session, "chen", contract, "200")


def voided(session: Session, login: str, contract: Contract, becomes: OpportunityStatus, reason: int | None = None) -> Contract:
    """The contract after somebody voided it today."""
    form = read(VoidContract, {"reason": "客户毁约", "opportunity_becomes": becomes, "stop_reason_id": reason})
    return contracts.void(session, actor(session, login), contract.id, form, version=contract.version, today=TODAY)


def test_a_void_contract_gives_its_opportunity_back(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, stage=PROPOSAL)
        contract = signed(session, "wang", opportunity)
        voided(session, "chen", contract, FOLLOWING)
        assert (contract.status, contract.voided_on, contract.void_reason) == (ContractStatus.VOIDED, TODAY, "客户毁约")
        assert (opportunity.status, opportunity.stage_id, opportunity.closed_on) == (FOLLOWING, PROPOSAL, None)
        assert kept(session, opportunity, "act", "status", "day", "stage_id")[1:] == [
            (OpportunityAct.WON, WON, LAST_WEEK, SIGNED), (OpportunityAct.VOIDED, FOLLOWING, TODAY, PROPOSAL),
        ]  # fmt: skip
        assert signed(session, "wang", opportunity, number="HT-2").number == "HT-2", "and it may be won again"
        with pytest.raises(ContractCannotMove):
            voided(session, "chen", contract, FOLLOWING)


def test_a_void_contract_may_stop_its_opportunity(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        contract = signed(session, "wang", opportunity)
        for becomes, reason in ((STOPPED, None), (STOPPED, TOO_EXPENSIVE), (WON, None), (OpportunityStatus.LOST, None)):
            with pytest.raises(Invalid):
                voided(session, "chen", contract, becomes, reason)
        voided(session, "chen", contract, STOPPED, NO_BUDGET)
        assert (opportunity.status, opportunity.closed_on, opportunity.loss_reason_id) == (STOPPED, TODAY, NO_BUDGET)


def test_money_stands_in_the_way_of_a_void(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, opportunity=an_opportunity(session))
        receipt = a_receipt(session, contract, "10", LAST_WEEK)
        with pytest.raises(MoneyReceived):
            voided(session, "chen", contract, FOLLOWING)
        a_receipt(session, contract, "-10", TODAY)
        for login in ("wang", "lin", "fang"):
            with pytest.raises(NotAllowed):
                voided(session, login, contract, FOLLOWING)
        assert voided(session, "chen", contract, FOLLOWING).status is ContractStatus.VOIDED
        assert receipt.cancelled_on is None


def test_an_older_version_is_refused(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, opportunity=an_opportunity(session))
        amended(session, "chen", contract, "200")
        form = read(VoidContract, {"reason": "客户毁约", "opportunity_becomes": FOLLOWING})
        with pytest.raises(ChangedMeanwhile) as refused:
            contracts.void(session, actor(session, "chen"), contract.id, form, version=1, today=TODAY)
        assert refused.value.values["changes"] == {"amount": (D("200.00"), D("100000.00"))}
        assert CHEN
