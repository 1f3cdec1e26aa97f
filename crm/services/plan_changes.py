"""What became of a contract's payment plan 收款计划, act by act: made, changed, proposed, taken up, declined, and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.models import Instalment, PaymentPlan
from crm.services import payment_plans
from crm.vocabulary import PlanAct


@dataclass(frozen=True, slots=True)
class Difference:
    """An instalment that is new (`before` is None), gone (`after` is None) or other than it was."""

    no: int
    before: Instalment | None
    after: Instalment | None


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One act on the plan: when, by whom (None: an import), why, and what differs from the plan that was in force."""

    act: PlanAct
    at: datetime
    by_id: int | None
    reason: str
    differences: Sequence[Difference]


def of(plans: Sequence[PaymentPlan]) -> list[PlanChange]:
    """The acts that these versions of one contract's plan (oldest first) tell of, oldest first."""
    changes: list[PlanChange] = []
    standing: PaymentPlan | None = None
    proposal: PaymentPlan | None = None
    for plan in plans:
        changes.append(PlanChange(_act(plan, standing, proposal), plan.at, plan.by_id, plan.reason, differences(standing, plan)))
        if plan.declined_at is not None:
            changes.append(PlanChange(PlanAct.DECLINED, plan.declined_at, plan.declined_by_id, plan.decline_reason, ()))
        standing = standing if plan.proposed else plan
        proposal = payment_plans.waiting([plan])
    return changes


def differences(before: PaymentPlan | None, after: PaymentPlan) -> list[Difference]:
    """The instalments in which two versions differ, in the order of their numbers."""
    was = {part.no: part for part in before.instalments} if before else {}
    now = {part.no: part for part in after.instalments}
    return [Difference(no, was.get(no), now.get(no)) for no in sorted({*was, *now}) if _said(was.get(no)) != _said(now.get(no))]


def _act(plan: PaymentPlan, standing: PaymentPlan | None, proposal: PaymentPlan | None) -> PlanAct:
    """What writing this version was, with that plan in force and that proposal waiting."""
    if plan.proposed:
        return PlanAct.PROPOSED
    if payment_plans.takes_up(plan, proposal):
        return PlanAct.TAKEN_UP
    return PlanAct.CHANGED if standing else PlanAct.MADE


def _said(part: Instalment | None) -> object:
    return part and (part.due_on, part.amount, part.condition)
