"""A contract's money: plan, receipts, refunds, cancellations, costs; who keeps them, and what is refused."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, CrmError, Invalid, NotAllowed, NotFound
from crm.models import Contract, PaymentPlan, Receipt
from crm.rules.contracts import MonthIsClosed
from crm.services import contracts, costs, months, payments
from crm.services.costs import CancelCost, PayCost
from crm.services.inputs import read
from crm.services.months import MonthNotOver
from crm.services.payments import AlreadyCancelled, CancelReceipt, ChangePlan, ContractIsClosed, GivenBack, Receive, Refund
from crm.vocabulary import ContractStatus
from tests.people import FANG, HARDWARE, LIN, TODAY, WANG, a_contract, a_plan, a_receipt, actor, an_opportunity
from tests.services.stories import audited, told

D = Decimal
OCTOBER, DECEMBER, JANUARY = date(2026, 10, 9), date(2026, 12, 1), date(2027, 1, 1)


def paid(session: Session, login: str, contract: Contract, amount: Any, on: date = TODAY, **values: Any) -> Receipt:
    """A receipt that somebody enters today."""
    form = read(Receive, {"amount": amount, "received_on": on, **values})
    return payments.receive(session, actor(session, login), contract.id, form, today=TODAY)


def returned(session: Session, contract: Contract, amount: Any, on: date = TODAY, **values: Any) -> Receipt:
    """A refund that Fang enters today."""
    form = read(Refund, {"amount": amount, "refunded_on": on, "reason": "退货", **values})
    return payments.refund(session, actor(session, "fang"), contract.id, form, today=TODAY)


def cancelled(session: Session, receipt: Receipt, login: str = "fang") -> Receipt:
    """The receipt after somebody cancelled it today."""
    return payments.cancel_receipt(session, actor(session, login), receipt.id, read(CancelReceipt, {"reason": "录错"}), today=TODAY)


def planned(session: Session, login: str, contract: Contract, *plan: dict[str, Any], reason: str = "客户要求") -> PaymentPlan:
    """The plan that somebody writes today."""
    version = session.get_one(Contract, contract.id).version
    form = read(ChangePlan, {"plan": list(plan), "reason": reason})
    return payments.change_plan(session, actor(session, login), contract.id, form, version=version, today=TODAY)


def refused(engine: Engine, act: Any) -> dict[str, str]:
    """The fields at fault and why."""
    with pytest.raises(Invalid) as refusal:
        act()
    return {key: type(error).__name__ for key, error in refusal.value.faults.items()}


def test_finance_keeps_a_receipt_and_the_carer_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, "HT-1", plan=[(DECEMBER, "60000"), (JANUARY, "40000")])
        receipt = paid(session, "fang", contract, "60000.01", OCTOBER, instalments=[2, 1], note="首付")
        assert (receipt.amount, receipt.received_on, receipt.recorded_on, receipt.created_by_id) == (D("60000.01"), OCTOBER, TODAY, FANG)
        assert [named.no for named in receipt.named] == [1, 2]
        assert payments.received(session, contract.id) == D("60000.01")
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
        assert refused(engine, lambda: paid(session, "fang", contract, **values)) == faults


def test_more_than_outstanding_is_confirmed_as_a_prepayment(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        assert paid(session, "fang", contract, "100001", is_prepayment=True).is_prepayment
        assert refused(engine, lambda: returned(session, contract, "100001.01")) == {"amount": "RefundMoreThanReceived"}
        assert returned(session, contract, "100001").amount == D("-100001.00")
        assert payments.received(session, contract.id) == D("0.00")


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
        assert payments.received(session, contract.id) == D("0.00")
        with pytest.raises(AlreadyCancelled):
            cancelled(session, receipt)


def test_a_closed_month_takes_and_loses_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        contract, fang = a_contract(session), actor(session, "fang")
        receipt = a_receipt(session, contract, "100", OCTOBER)
        months.close(session, fang, OCTOBER, today=TODAY)
        assert refused(engine, lambda: paid(session, "fang", contract, "1", OCTOBER)) == {"received_on": "MonthIsClosed"}
        assert refused(engine, lambda: returned(session, contract, "1", OCTOBER)) == {"refunded_on": "MonthIsClosed"}
        with pytest.raises(MonthIsClosed):
            cancelled(session, receipt)
        form = read(PayCost, {"category_id": HARDWARE, "paid_on": OCTOBER, "amount": "5"})
        assert refused(engine, lambda: costs.pay_cost(session, fang, contract.id, form, today=TODAY)) == {"paid_on": "MonthIsClosed"}
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


def test_a_changed_plan_keeps_the_old_one_and_its_numbers(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(DECEMBER, "60000"), (JANUARY, "40000")])
        plan = planned(
            session, "fang", contract, {"no": 2, "due_on": JANUARY, "amount": "50000"}, {"due_on": DECEMBER, "amount": "50000"}, reason=""
        )
        assert (plan.revision, plan.day, plan.proposed) == (2, TODAY, False)
        assert {instalment.no: instalment.due_on for instalment in plan.instalments} == {2: JANUARY, 3: DECEMBER}
        again = planned(session, "lin", contract, {"due_on": JANUARY, "amount": "100000"})
        assert [instalment.no for instalment in again.instalments] == [4]
        assert payments.current_plan(session, contract.id) is again
        assert session.scalars(select(PaymentPlan.revision).order_by(PaymentPlan.revision)).all() == [1, 2, 3]


def test_a_lead_says_why_a_rep_proposes(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(DECEMBER, "100000")])
        line = {"due_on": JANUARY, "amount": "100000"}
        assert refused(engine, lambda: planned(session, "lin", contract, line, reason="")) == {"reason": "Missing"}
        proposal = planned(session, "wang", contract, line)
        standing = payments.current_plan(session, contract.id)
        assert (proposal.proposed, standing.revision if standing else None) == (True, 1)
        for login, refusal in (("chen", NotAllowed), ("zhao", NotFound), ("mei", NotFound)):
            with pytest.raises(refusal):
                planned(session, login, contract, line)


def test_a_plan_is_the_contract_s_amount(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        assert refused(engine, lambda: planned(session, "fang", contract, {"due_on": JANUARY, "amount": "99999.99"})) == {
            "plan": "PlanDoesNotSum"
        }
        assert refused(engine, lambda: planned(session, "fang", contract)) == {"plan": "PlanMissing"}
        planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100000"})
        form = read(ChangePlan, {"plan": [{"due_on": DECEMBER, "amount": "100000"}]})
        with pytest.raises(ChangedMeanwhile):
            payments.change_plan(session, actor(session, "fang"), contract.id, form, version=1, today=TODAY)


def test_a_cost_is_kept_by_finance_and_lead(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        form = read(PayCost, {"category_id": HARDWARE, "paid_on": OCTOBER, "amount": "12.30", "note": "服务器"})
        for login, by in (("fang", FANG), ("lin", LIN)):
            cost = costs.pay_cost(session, actor(session, login), contract.id, form, today=TODAY)
            assert (cost.amount, cost.paid_on, cost.recorded_on, cost.created_by_id) == (D("12.30"), OCTOBER, TODAY, by)
        for login, refusal in (("wang", NotAllowed), ("chen", NotAllowed), ("sun", NotFound)):
            with pytest.raises(refusal):
                costs.pay_cost(session, actor(session, login), contract.id, form, today=TODAY)
        wrong = read(PayCost, {"category_id": 99, "paid_on": TODAY, "amount": "1"})
        assert refused(engine, lambda: costs.pay_cost(session, actor(session, "fang"), contract.id, wrong, today=TODAY)) == {
            "category_id": "NotAChoice"
        }


def test_a_mistyped_cost_stays_and_does_not_count(engine: Engine) -> None:
    with transaction(engine) as session:
        contract, reason = a_contract(session), read(CancelCost, {"reason": "录错"})
        form = read(PayCost, {"category_id": HARDWARE, "paid_on": OCTOBER, "amount": "12.30"})
        cost = costs.pay_cost(session, actor(session, "lin"), contract.id, form, today=TODAY)
        for login, refusal in (("lin", NotAllowed), ("wang", NotAllowed), ("chen", NotAllowed), ("sun", NotFound), ("mei", NotFound)):
            with pytest.raises(refusal):
                costs.cancel_cost(session, actor(session, login), cost.id, reason, today=TODAY)
        costs.cancel_cost(session, actor(session, "fang"), cost.id, reason, today=TODAY)
        assert (cost.cancelled_on, cost.cancel_reason) == (TODAY, "录错")
        with pytest.raises(AlreadyCancelled):
            costs.cancel_cost(session, actor(session, "fang"), cost.id, reason, today=TODAY)


def test_a_completed_contract_stays_paid_and_a_void_one_takes_nothing(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, opportunity=an_opportunity(session), amount="100")
        receipt = paid(session, "fang", contract, "100")
        contracts.complete(session, actor(session, "fang"), contract.id, version=contract.version, today=TODAY)
        assert refused(engine, lambda: returned(session, contract, "1")) == {"amount": "ContractIsClosed"}
        with pytest.raises(ContractIsClosed):
            cancelled(session, receipt)
        paid(session, "fang", contract, "5", is_prepayment=True)
        assert returned(session, contract, "5").amount == D("-5.00")
        with pytest.raises(ContractIsClosed):
            planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100"})
        other = a_contract(session)
        other.status, other.voided_on = ContractStatus.VOIDED, TODAY
        session.flush()
        with pytest.raises(ContractIsClosed):
            paid(session, "fang", other, "1")


def test_a_plan_of_a_contract_grows_with_its_versions(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        a_plan(session, contract, (DECEMBER, "100000"), on=contract.signed_on)
        for _ in range(2):
            planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100000"}, reason="")
        plan = payments.current_plan(session, contract.id)
        assert plan is not None
        assert (plan.revision, [instalment.no for instalment in plan.instalments]) == (3, [3])
