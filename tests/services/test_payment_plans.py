"""A contract's payment plan: who changes it, who proposes, and that the versions before it stay."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, NotAllowed, NotFound
from crm.models import Contract, PaymentPlan
from crm.services import payment_plans
from crm.services.contracts import ContractIsClosed
from crm.services.inputs import read
from crm.services.payment_plans import ChangePlan
from tests.people import FANG, LIN, TODAY, WANG, a_contract, a_plan, actor
from tests.services.stories import refused, told

D = Decimal
OCTOBER, DECEMBER, JANUARY = date(2026, 10, 9), date(2026, 12, 1), date(2027, 1, 1)


def planned(session: Session, login: str, contract: Contract, *plan: dict[str, Any], reason: str = "客户要求") -> PaymentPlan:
    """The plan that somebody writes today."""
    version = session.get_one(Contract, contract.id).version
    form = read(ChangePlan, {"plan": list(plan), "reason": reason})
    return payment_plans.change_plan(session, actor(session, login), contract.id, form, version=version, today=TODAY)


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
        assert payment_plans.current_plan(session, contract.id) is again
        assert session.scalars(select(PaymentPlan.revision).order_by(PaymentPlan.revision)).all() == [1, 2, 3]


def test_a_lead_says_why_a_rep_proposes(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(DECEMBER, "100000")])
        line = {"due_on": JANUARY, "amount": "100000"}
        assert refused(lambda: planned(session, "lin", contract, line, reason="")) == {"reason": "Missing"}
        proposal = planned(session, "wang", contract, line)
        standing = payment_plans.current_plan(session, contract.id)
        assert (proposal.proposed, standing.revision if standing else None) == (True, 1)
        for login, refusal in (("chen", NotAllowed), ("zhao", NotFound), ("mei", NotFound)):
            with pytest.raises(refusal):
                planned(session, login, contract, line)


def test_a_proposal_is_told_to_who_decides_and_its_fate_to_who_proposed(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, "HT-7", plan=[(DECEMBER, "100000")])
        line = {"due_on": JANUARY, "amount": "100000"}
        planned(session, "wang", contract, line)
        proposed = "{by} proposes a payment plan for the contract {number}."
        assert sorted(told(session)) == [(whom, proposed, {"by": "王", "number": "HT-7"}) for whom in (LIN, FANG)]
        planned(session, "lin", contract, line)
        assert told(session)[2:] == [(WANG, "{by} changed the payment plan of the contract {number}.", {"by": "林", "number": "HT-7"})]


def test_a_plan_is_the_contract_s_amount(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        assert refused(lambda: planned(session, "fang", contract, {"due_on": JANUARY, "amount": "99999.99"})) == {"plan": "PlanDoesNotSum"}
        assert refused(lambda: planned(session, "fang", contract)) == {"plan": "PlanMissing"}
        planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100000"})
        form = read(ChangePlan, {"plan": [{"due_on": DECEMBER, "amount": "100000"}]})
        with pytest.raises(ChangedMeanwhile):
            payment_plans.change_plan(session, actor(session, "fang"), contract.id, form, version=1, today=TODAY)


def test_a_plan_of_a_contract_grows_with_its_versions(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        a_plan(session, contract, (DECEMBER, "100000"), on=contract.signed_on)
        for _ in range(2):
            planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100000"}, reason="")
        plan = payment_plans.current_plan(session, contract.id)
        assert plan is not None
        assert (plan.revision, [instalment.no for instalment in plan.instalments]) == (3, [3])


def test_a_completed_contract_takes_no_plan(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, amount="100", completed=TODAY)
        with pytest.raises(ContractIsClosed):
            planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100"})
