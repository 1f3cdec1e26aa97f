"""A contract's amount changes by agreement: what it was stays, and so do the proportions of its lines."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import Invalid, NotAllowed
from crm.models import Contract, FormerContractLine, PaymentPlan
from crm.services import amendments, months
from crm.services.amendments import AmendContract
from crm.services.inputs import read
from crm.vocabulary import ContractAct, OpportunityStatus
from tests.people import (
    CRM_SUITE,
    TODAY,
    TRAINING,
    a_contract,
    a_plan,
    actor,
)
from tests.services.stories import kept_of_contract, refused

D = Decimal
LAST_WEEK = TODAY - timedelta(days=7)
FOLLOWING, STOPPED, WON = OpportunityStatus.FOLLOWING, OpportunityStatus.STOPPED, OpportunityStatus.WON


def amended(session: Session, login: str, contract: Contract, amount: str, **values: Any) -> Contract:
    """The contract after somebody amended it today."""
    form = read(AmendContract, {"amount": amount, "day": TODAY, "reason": "增购", **values})
    return amendments.amend(session, actor(session, login), contract.id, form, version=contract.version, today=TODAY)


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
        former = session.scalars(select(FormerContractLine).order_by(FormerContractLine.product_id)).all()
        assert [(line.amount, line.since_seq, line.until_seq) for line in former] == [(D("66.67"), 1, 2), (D("33.33"), 1, 2)]
        assert kept_of_contract(session, contract, "act", "amount", "day", "reason")[1:] == [
            (ContractAct.AMENDED, D("50.00"), TODAY, "增购")
        ]
        plans = session.scalars(select(PaymentPlan).order_by(PaymentPlan.revision)).all()
        assert [(plan.revision, plan.reason) for plan in plans] == [(1, ""), (2, "增购")]
        for login in ("wang", "lin", "fang"):
            with pytest.raises(NotAllowed):
                amended(session, login, contract, "60")


def test_a_closed_month_and_a_day_before_the_signing_take_no_amendment(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, amount="100", signed=date(2026, 9, 9))
        months.close(session, actor(session, "fang"), date(2026, 10, 1), today=TODAY)
        for day, fault in ((date(2026, 10, 31), "MonthIsClosed"), (date(2026, 9, 8), "BeforeSigning"), (date(2026, 11, 24), "DayAhead")):
            assert refused(lambda day=day: amended(session, "chen", contract, "60", day=day)) == {"day": fault}
        assert (contract.amount, contract.version) == (D("100.00"), 1)
        months.reopen(session, actor(session, "chen"), date(2026, 10, 1))
        assert amended(session, "chen", contract, "60", day=date(2026, 10, 31)).amount == D("60.00")
