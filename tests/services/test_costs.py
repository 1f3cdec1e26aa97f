"""What goes out for a contract: who writes it down, and that nothing mistyped is lost."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from crm.db import transaction
from crm.errors import NotAllowed, NotFound
from crm.rules.contracts import MonthIsClosed
from crm.services import costs, months
from crm.services.contracts import AlreadyCancelled, CancelEntry
from crm.services.costs import PayCost
from crm.services.inputs import read
from tests.people import FANG, HARDWARE, LIN, TODAY, a_contract, actor
from tests.services.stories import refused

D = Decimal
OCTOBER, DECEMBER, JANUARY = date(2026, 10, 9), date(2026, 12, 1), date(2027, 1, 1)


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
        assert refused(lambda: costs.pay_cost(session, actor(session, "fang"), contract.id, wrong, today=TODAY)) == {
            "category_id": "NotAChoice"
        }


def test_a_mistyped_cost_stays_and_does_not_count(engine: Engine) -> None:
    with transaction(engine) as session:
        contract, reason = a_contract(session), read(CancelEntry, {"reason": "录错"})
        form = read(PayCost, {"category_id": HARDWARE, "paid_on": OCTOBER, "amount": "12.30"})
        cost = costs.pay_cost(session, actor(session, "lin"), contract.id, form, today=TODAY)
        for login, refusal in (("lin", NotAllowed), ("wang", NotAllowed), ("chen", NotAllowed), ("sun", NotFound), ("mei", NotFound)):
            with pytest.raises(refusal):
                costs.cancel_cost(session, actor(session, login), cost.id, reason, today=TODAY)
        costs.cancel_cost(session, actor(session, "fang"), cost.id, reason, today=TODAY)
        assert (cost.cancelled_on, cost.cancel_reason) == (TODAY, "录错")
        with pytest.raises(AlreadyCancelled):
            costs.cancel_cost(session, actor(session, "fang"), cost.id, reason, today=TODAY)


def test_a_closed_month_keeps_its_costs_as_they_are(engine: Engine) -> None:
    with transaction(engine) as session:
        contract, fang = a_contract(session), actor(session, "fang")
        form = read(PayCost, {"category_id": HARDWARE, "paid_on": OCTOBER, "amount": "12.30"})
        cost = costs.pay_cost(session, fang, contract.id, form, today=TODAY)
        months.close(session, fang, OCTOBER, today=TODAY)
        assert refused(lambda: costs.pay_cost(session, fang, contract.id, form, today=TODAY)) == {"paid_on": "MonthIsClosed"}
        with pytest.raises(MonthIsClosed):
            costs.cancel_cost(session, fang, cost.id, read(CancelEntry, {"reason": "录错"}), today=TODAY)
        assert cost.cancelled_on is None
