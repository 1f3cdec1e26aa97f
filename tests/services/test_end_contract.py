"""Completing and voiding a contract: who may, what stands in the way, and what becomes of its opportunity."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, Invalid, NotAllowed, NotFound
from crm.models import Contract
from crm.rules.contracts import ContractCannotMove, MoneyReceived, SomethingOutstanding
from crm.services import amendments, endings
from crm.services.amendments import AmendContract
from crm.services.contracts import ContractIsClosed
from crm.services.endings import VoidContract
from crm.services.inputs import read
from crm.vocabulary import ContractAct, ContractStatus, OpportunityAct, OpportunityStatus
from tests.people import (
    NO_BUDGET,
    PROPOSAL,
    SIGNED,
    TODAY,
    TOO_EXPENSIVE,
    a_contract,
    a_quote,
    a_receipt,
    actor,
    an_opportunity,
)
from tests.services.stories import kept, kept_of_contract
from tests.services.test_sign_contract import signed

D = Decimal
LAST_WEEK = TODAY - timedelta(days=7)
FOLLOWING, STOPPED, WON = OpportunityStatus.FOLLOWING, OpportunityStatus.STOPPED, OpportunityStatus.WON


def voided(session: Session, login: str, contract: Contract, becomes: OpportunityStatus, reason: int | None = None) -> Contract:
    """The contract after somebody voided it today."""
    form = read(VoidContract, {"reason": "客户毁约", "opportunity_becomes": becomes, "stop_reason_id": reason})
    return endings.void(session, actor(session, login), contract.id, form, version=contract.version, today=TODAY)


def test_a_contract_is_completed_when_everything_has_come_in(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, amount="100")
        a_receipt(session, contract, "99.99", LAST_WEEK)
        with pytest.raises(SomethingOutstanding):
            endings.complete(session, actor(session, "fang"), contract.id, version=contract.version, today=TODAY)
        a_receipt(session, contract, "0.01", TODAY)
        for login, refusal in (("wang", NotAllowed), ("chen", NotAllowed), ("sun", NotFound)):
            with pytest.raises(refusal):
                endings.complete(session, actor(session, login), contract.id, version=contract.version, today=TODAY)
        endings.complete(session, actor(session, "lin"), contract.id, version=contract.version, today=TODAY)
        assert kept_of_contract(session, contract, "act", "status", "day")[1:] == [(ContractAct.COMPLETED, ContractStatus.COMPLETED, TODAY)]
        form = read(AmendContract, {"amount": "200", "day": TODAY, "reason": "增购"})
        with pytest.raises(ContractIsClosed):
            amendments.amend(session, actor(session, "chen"), contract.id, form, version=contract.version, today=TODAY)


def test_a_void_contract_gives_its_opportunity_back(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, stage=PROPOSAL)
        contract = signed(session, "wang", a_quote(session, opportunity))
        voided(session, "chen", contract, FOLLOWING)
        assert (contract.status, contract.voided_on, contract.void_reason) == (ContractStatus.VOIDED, TODAY, "客户毁约")
        assert (opportunity.status, opportunity.stage_id, opportunity.closed_on) == (FOLLOWING, PROPOSAL, None)
        assert kept(session, opportunity, "act", "status", "day", "stage_id")[1:] == [
            (OpportunityAct.WON, WON, LAST_WEEK, SIGNED), (OpportunityAct.VOIDED, FOLLOWING, TODAY, PROPOSAL),
        ]  # fmt: skip
        again = a_quote(session, opportunity)
        assert signed(session, "wang", again, number="HT-2").number == "HT-2", "and it may be won again"
        with pytest.raises(ContractCannotMove):
            voided(session, "chen", contract, FOLLOWING)


def test_a_void_contract_may_stop_its_opportunity(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        contract = a_contract(session, opportunity=opportunity)
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
        change = read(AmendContract, {"amount": "200", "day": TODAY, "reason": "增购"})
        amendments.amend(session, actor(session, "chen"), contract.id, change, version=contract.version, today=TODAY)
        form = read(VoidContract, {"reason": "客户毁约", "opportunity_becomes": FOLLOWING})
        with pytest.raises(ChangedMeanwhile) as refused:
            endings.void(session, actor(session, "chen"), contract.id, form, version=1, today=TODAY)
        assert refused.value.values["changes"] == {"amount": (D("200.00"), D("100000.00"))}
