"""A contract's payment plan: who changes it, who proposes, who declines, and that the versions before it stay."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, NotAllowed, NotFound
from crm.models import Contract, PaymentPlan
from crm.services import contract_view, payment_plans
from crm.services.contract_view import Ledger
from crm.services.contracts import ContractIsClosed
from crm.services.inputs import read
from crm.services.payment_plans import ChangePlan, DeclinePlan, NothingProposed
from crm.services.plan_changes import PlanChange
from crm.vocabulary import PlanAct
from tests.people import FANG, LIN, TODAY, WANG, a_contract, a_plan, a_receipt, actor
from tests.services.stories import audited, refused, told

D = Decimal
OCTOBER, DECEMBER, JANUARY = date(2026, 10, 9), date(2026, 12, 1), date(2027, 1, 1)


def planned(session: Session, login: str, contract: Contract, *plan: dict[str, Any], reason: str = "客户要求") -> PaymentPlan:
    """The plan that somebody writes today."""
    version = session.get_one(Contract, contract.id).version
    form = read(ChangePlan, {"plan": list(plan), "reason": reason})
    return payment_plans.change_plan(session, actor(session, login), contract.id, form, version=version, today=TODAY)


def declined(session: Session, login: str, contract: Contract, reason: str = "客户已同意原计划", version: int | None = None) -> PaymentPlan:
    """The proposal that somebody declines today."""
    seen = version or session.get_one(Contract, contract.id).version
    form = read(DeclinePlan, {"reason": reason})
    return payment_plans.decline_plan(session, actor(session, login), contract.id, form, version=seen)


def seen_by(session: Session, login: str, contract: Contract) -> Ledger:
    """The contract's page as somebody reads it today."""
    return contract_view.of_contract(session, actor(session, login), contract.id, today=TODAY)


def due_of(change: PlanChange) -> list[tuple[int, date | None, date | None]]:
    """The instalments that differ: when they were due, and when they are."""
    return [(one.no, one.before and one.before.due_on, one.after and one.after.due_on) for one in change.differences]


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
        assert told(session)[2:] == [(WANG, "{by} took up your payment plan for the contract {number}.", {"by": "林", "number": "HT-7"})]
        planned(session, "wang", contract, {"due_on": OCTOBER, "amount": "100000"})
        planned(session, "fang", contract, line)
        assert told(session)[-1] == (WANG, "{by} changed the payment plan of the contract {number}.", {"by": "方", "number": "HT-7"})


def test_a_lead_declines_what_a_rep_proposes_and_says_why(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, "HT-7", plan=[(DECEMBER, "60000"), (JANUARY, "40000")])
        proposal = planned(session, "wang", contract, {"no": 2, "due_on": JANUARY, "amount": "100000"})
        for login, refusal in (("wang", NotAllowed), ("chen", NotAllowed), ("sun", NotFound), ("zhao", NotFound)):
            with pytest.raises(refusal):
                declined(session, login, contract)
        with pytest.raises(ChangedMeanwhile):
            declined(session, "lin", contract, version=1)
        standing = payment_plans.current_plan(session, contract.id)
        answer = declined(session, "lin", contract)
        message = "{by} declined your payment plan for the contract {number}: {reason}"
        assert told(session)[2:] == [(WANG, message, {"by": "林", "number": "HT-7", "reason": "客户已同意原计划"})]
        assert answer is proposal
        assert (proposal.declined_by_id, proposal.decline_reason, proposal.declined_at is None) == (LIN, "客户已同意原计划", False)
        assert payment_plans.current_plan(session, contract.id) is standing
        seen = contract_view.of_contract(session, actor(session, "wang"), contract.id, today=TODAY)
        assert (seen.proposal, len(seen.plans)) == (None, 2)
        whom, act, subject, before, after = audited(session)[-1]
        assert (whom, act, subject, before["decline_reason"], after["declined_by_id"]) == (LIN, "changed", "payment_plans", "", LIN)
        with pytest.raises(NothingProposed):
            declined(session, "lin", contract)


def test_who_proposes_again_is_declined_again_and_the_first_is_only_replaced(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(DECEMBER, "100000")])
        first = planned(session, "wang", contract, {"due_on": JANUARY, "amount": "100000"})
        again = planned(session, "wang", contract, {"due_on": OCTOBER, "amount": "100000"})
        declined(session, "fang", contract)
        third = planned(session, "wang", contract, {"due_on": JANUARY, "amount": "100000"})
        assert (seen_by(session, "wang", contract).proposal, first.declined_at, again.declined_by_id) == (third, None, FANG)
        planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100000"})
        assert (seen_by(session, "wang", contract).proposal, third.declined_at) == (None, None)


def test_a_proposal_that_says_what_stands_and_is_taken_up_was_not_declined(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(DECEMBER, "100000")])
        proposal = planned(session, "wang", contract, {"no": 1, "due_on": DECEMBER, "amount": "100000"}, reason="请确认")
        planned(session, "fang", contract, {"no": 1, "due_on": DECEMBER, "amount": "100000"}, reason="")
        assert proposal.declined_at is None
        acts = [(change.act, change.by_id, len(change.differences)) for change in seen_by(session, "wang", contract).changes_of_plan]
        assert acts == [(PlanAct.MADE, FANG, 1), (PlanAct.PROPOSED, WANG, 0), (PlanAct.TAKEN_UP, FANG, 0)]


def test_the_history_names_each_act_on_the_plan_and_what_differs(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(DECEMBER, "60000"), (JANUARY, "40000")])
        planned(session, "wang", contract, {"no": 1, "due_on": OCTOBER, "amount": "60000"}, {"no": 2, "due_on": JANUARY, "amount": "40000"})
        declined(session, "lin", contract, "不提前")
        planned(session, "wang", contract, {"no": 1, "due_on": DECEMBER, "amount": "60000"}, {"due_on": OCTOBER, "amount": "40000"})
        planned(session, "fang", contract, {"no": 1, "due_on": DECEMBER, "amount": "60000"}, {"due_on": OCTOBER, "amount": "40000"})
        planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100000"}, reason="")
        changes = seen_by(session, "wang", contract).changes_of_plan
        assert [change.act for change in changes] == [
            PlanAct.MADE, PlanAct.PROPOSED, PlanAct.DECLINED, PlanAct.PROPOSED, PlanAct.TAKEN_UP, PlanAct.CHANGED,
        ]  # fmt: skip
        assert [(change.by_id, change.reason) for change in changes[1:3]] == [(WANG, "客户要求"), (LIN, "不提前")]
        assert [due_of(change) for change in changes] == [
            [(1, None, DECEMBER), (2, None, JANUARY)],
            [(1, DECEMBER, OCTOBER)],
            [],
            [(2, JANUARY, None), (3, None, OCTOBER)],
            [(2, JANUARY, None), (4, None, OCTOBER)],
            [(1, DECEMBER, None), (4, OCTOBER, None), (5, None, JANUARY)],
        ]


def test_where_no_plan_stands_none_comes_of_declining(engine: Engine) -> None:
    with transaction(engine) as session:
        contract = a_contract(session)
        with pytest.raises(NothingProposed):
            declined(session, "fang", contract)
        planned(session, "wang", contract, {"due_on": JANUARY, "amount": "100000"}, reason="")
        declined(session, "fang", contract)
        assert payment_plans.current_plan(session, contract.id) is None
        seen = seen_by(session, "wang", contract)
        assert (seen.dues, seen.proposal) == ([], None)
        with pytest.raises(NothingProposed):
            declined(session, "fang", contract)
        planned(session, "fang", contract, {"due_on": JANUARY, "amount": "100000"})
        plan = payment_plans.current_plan(session, contract.id)
        assert plan is not None
        assert [part.no for part in plan.instalments] == [2]


def test_declining_moves_no_figure_of_any_day(engine: Engine) -> None:
    """Half paid by name, prepaid, given back: what each day showed, it shows."""
    with transaction(engine) as session:
        contract = a_contract(session, plan=[(date(2026, 9, 1), "30000"), (OCTOBER, "30000"), (JANUARY, "40000")])
        for amount, on, named in (("35000", date(2026, 9, 2), (2,)), ("66000", date(2026, 10, 1), ()), ("-8000", date(2026, 11, 2), ())):
            a_receipt(session, contract, amount, on, named=named)
        days = [date(2026, 8, 31) + timedelta(days=5 * step) for step in range(30)]

        def shown() -> list[Any]:
            seen = [contract_view.of_contract(session, actor(session, "fang"), contract.id, today=day) for day in days]
            return [(one.figures, one.dues) for one in seen]

        before = shown()
        assert days[-1] > JANUARY > TODAY > days[0]
        planned(session, "wang", contract, {"due_on": JANUARY, "amount": "100000"})
        declined(session, "lin", contract)
        assert shown() == before


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
