"""Money that comes in: receipts, refunds, cancellations, closed months; who keeps them, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import CrmError, NotAllowed, NotFound
from crm.models import Contract, Receipt
from crm.rules.contracts import MonthIsClosed
from crm.services import costs, endings, months, receipts
from crm.services.contracts import AlreadyCancelled, CancelEntry, ContractIsClosed
from crm.services.costs import PayCost
from crm.services.inputs import read
from crm.services.months import MonthNotOver
from crm.services.receipts import GivenBack, Receive, Refund
from crm.vocabulary import ContractStatus
from tests.people import FANG, HARDWARE, TODAY, WANG, a_contract, a_receipt, actor, an_opportunity
from tests.services.stories import audited, refused, told

D = Decimal
OCTOBER, DECEMBER, JANUARY = date(2026, 10, 9), date(2026, 12, 1), date(2027, 1, 1)


def paid(session: Session, login: str, contract: Contract, amount: Any, on: date = TODAY, **values: Any) -> Receipt:
    """A receipt that somebody enters today."""
    form = read(Receive, {"amount": amount, "received_on": on, **values})
    return receipts.receive(session, actor(session, login), contract.id, form, today=TODAY)


def returned(session: Session, contract: Contract, amount: Any, on: date = TODAY, **values: Any) -> Receipt:
    """A refund that Fang enters today."""
    form = read(Refund, {"amount": amount, "refunded_on": on, "reason": "退货", **values})
    return receipts.refund(session, actor(session, "fang"), contract.id, form, today=TODAY)


def cancelled(session: Session, receipt: Receipt, login: str = "fang") -> Receipt:
    """The receipt after somebody cancelled it today."""
    return receipts.cancel(session, actor(session, login), receipt.id, read(CancelEntry, {"reason": "录错"}), today=TODAY)


def test_finance_keeps_a_receipt_and_the_carer_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, "HT-1", plan=[(DECEMBER, "60000"), (JANUARY, "40000")])
        receipt = paid(session, "fang", contract, "60000.01", OCTOBER, instalments=[2, 1], note="首付")
        assert (receipt.amount, receipt.received_on, receipt.recorded_on, receipt.created_by_id) == (D("60000.01"), OCTOBER, TODAY, FANG)
        assert [named.no for named in receipt.named] == [1, 2]
        assert receipts.received(session, contract.id) == D("60000.01")
        assert told(session) == [(WANG, "{by} recorded a receipt for the contract {number}.", {"by": "方", "number": "HT-1"})]
        ((by, act, subject, _, after),) = audited(session)
        assert (by, act, subject, after["amount"]) == (FANG, "created", "receipts", "60000.01")


@pytest.mark.parametrize(
    ("login", "refusal"),
    [
        ("wang", NotAllowed),
        ("lin", NotAllowed),
        ("chen", NotAllowed),
        ("zhao", NotFound),
        ("sun", NotFound),
        ("mei", NotFound),
        ("ada", NotFound),
    ],
)
def test_nobody_else_keeps_or_cancels_receipts(engine: Engine, login: str, refusal: type[CrmError]) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        receipt = a_receipt(session, contract, "10", TODAY)
        with pytest.raises(refusal):
            paid(session, login, contract, "1")
        with pytest.raises(refusal):
            cancelled(session, receipt, login)


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"amount": "100000.01"}, {"amount": "MoreThanOutstanding"}),
        ({"amount": "0"}, {"amount": "NotPositive"}),
        ({"amount": "1", "on": TODAY + timedelta(days=1)}, {"received_on": "DayAhead"}),
        ({"amount": "1", "instalments": [3]}, {"instalments": "NoSuchInstalment"}),
        ({"amount": "1", "instalments": [1, 1]}, {"instalments": "NotAChoice"}),
        ({"amount": "1", "method": "barter"}, {"method": "NotAChoice"}),
    ],
)
def test_a_receipt_that_can_not_be(engine: Engine, values: dict[str, Any], faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(DECEMBER, "60000"), (JANUARY, "40000")])
        assert refused(lambda: paid(session, "fang", contract, **values)) == faults


def test_more_than_outstanding_is_confirmed_as_a_prepayment(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        assert paid(session, "fang", contract, "100001", is_prepayment=True).is_prepayment
        assert refused(lambda: returned(session, contract, "100001.01")) == {"amount": "RefundMoreThanReceived"}
        assert returned(session, contract, "100001").amount == D("-100001.00")
        assert receipts.received(session, contract.id) == D("0.00")


def test_a_cancelled_receipt_stays_and_does_not_count(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        receipt = paid(session, "fang", contract, "100")
        back = returned(session, contract, "40")
        with pytest.raises(GivenBack):
            cancelled(session, receipt)
        cancelled(session, back)
        cancelled(session, receipt)
        assert (receipt.cancelled_on, receipt.cancelled_by_id, receipt.cancel_reason) == (TODAY, FANG, "录错")
        assert receipts.received(session, contract.id) == D("0.00")
        with pytest.raises(AlreadyCancelled):
            cancelled(session, receipt)


def test_a_closed_month_takes_and_loses_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        contract, fang = a_contract(session), actor(session, "fang")
        receipt = a_receipt(session, contract, "100", OCTOBER)
        months.close(session, fang, OCTOBER, today=TODAY)
        assert refused(lambda: paid(session, "fang", contract, "1", OCTOBER)) == {"received_on": "MonthIsClosed"}
        assert refused(lambda: returned(session, contract, "1", OCTOBER)) == {"refunded_on": "MonthIsClosed"}
        with pytest.raises(MonthIsClosed):
            cancelled(session, receipt)
        form = read(PayCost, {"category_id": HARDWARE, "paid_on": OCTOBER, "amount": "5"})
        assert refused(lambda: costs.pay_cost(session, fang, contract.id, form, today=TODAY)) == {"paid_on": "MonthIsClosed"}
        months.reopen(session, actor(session, "chen"), OCTOBER)
        assert cancelled(session, receipt).cancelled_on == TODAY


def test_who_closes_a_month_and_when(engine: Engine) -> None:
    with transaction(engine) as session:
        for login in ("chen", "lin", "wang", "ada"):
            with pytest.raises(NotAllowed):
                months.close(session, actor(session, login), OCTOBER, today=TODAY)
        with pytest.raises(MonthNotOver):
            months.close(session, actor(session, "fang"), TODAY, today=TODAY)
        with pytest.raises(NotFound):
            months.reopen(session, actor(session, "chen"), OCTOBER)
        months.close(session, actor(session, "fang"), OCTOBER, today=TODAY)
        months.reopen(session, actor(session, "chen"), OCTOBER)
        assert months.closed(session) == frozenset()
        months.close(session, actor(session, "fang"), OCTOBER, today=TODAY)
        assert months.closed(session) == {date(2026, 10, 1)}


def test_a_completed_contract_stays_paid_and_a_void_one_takes_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, opportunity=an_opportunity(session), amount="100")
        receipt = paid(session, "fang", contract, "100")
        endings.complete(session, actor(session, "fang"), contract.id, version=contract.version, today=TODAY)
        assert refused(lambda: returned(session, contract, "1")) == {"amount": "ContractIsClosed"}
        with pytest.raises(ContractIsClosed):
            cancelled(session, receipt)
        paid(session, "fang", contract, "5", is_prepayment=True)
        assert returned(session, contract, "5").amount == D("-5.00")
        other = a_contract(session)
        other.status, other.voided_on = ContractStatus.VOIDED, TODAY
        session.flush()
        with pytest.raises(ContractIsClosed):
            paid(session, "fang", other, "1")
