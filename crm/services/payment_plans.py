"""The payment plan 收款计划 of a contract: the instalments in force, changed, proposed or declined; an amount split into instalments.

A change is a new version from a day on; the versions before it are kept. A proposal is a version that never holds: it waits until another
version is written, which may take it up, or until it is declined.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock
from crm.errors import CrmError, NotAllowed
from crm.models import Contract, Instalment, PaymentPlan, User, UserRole
from crm.rules import contracts as rules
from crm.rules import plans
from crm.scope import Actor
from crm.services import notices, people
from crm.services.contracts import check_in_progress, touch
from crm.services.input_faults import Missing
from crm.services.input_types import Day, Line, Months, OptionalLine, OptionalReason, Position, PositiveAmount
from crm.services.inputs import Control, Faults, Input, Reasoned, field
from crm.services.reach import acting, find, find_to
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, Kind, Permission, Role

MOST_INSTALMENTS = 120
"""Instalments of one plan: ten years, month by month."""


class NoSuchInstalment(CrmError):
    """A receipt names an instalment that the plan does not have."""

    message = N_("The payment plan has no instalment {no}.")


class PlanMissing(CrmError):
    """A contract with a payment plan gets a new one with its new amount."""

    message = N_("Please state the payment plan for the new amount.")


class NothingProposed(CrmError):
    """Only a proposal that waits is declined."""

    message = N_("No proposed payment plan waits here; it may have been taken up or declined already.")


class PlannedInstalment(Input):
    """One instalment: when it is due, how much, on which condition. `no` names one of the plan that stands."""

    due_on: Annotated[Day, field(N_("Due on"), Control.DAY)]
    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    condition: Annotated[OptionalLine, field(N_("Condition"))] = ""
    no: Annotated[Position | None, field(N_("No."), Control.HIDDEN)] = None


Plan = Annotated[tuple[PlannedInstalment, ...], Field(max_length=MOST_INSTALMENTS)]

Part = TypeVar("Part", bound=PlannedInstalment | Instalment)


class SplitPlan(Input):
    """How an amount becomes instalments: equal parts, or percentages; one every so many months."""

    parts: Annotated[Line, field(N_("Parts"), hint=N_("A number of equal parts, or percentages: 30 60 10"))]
    first_due_on: Annotated[Day, field(N_("First due on"), Control.DAY)]
    months: Annotated[Months, field(N_("Months between"), Control.COUNT)] = 1


class ChangePlan(Input):
    """The instalments from now on, and why they change."""

    plan: Annotated[Plan, field(N_("Payment plan"), Control.LINES, wide=True)]
    reason: Annotated[OptionalReason, field(N_("Reason"), Control.AREA)] = ""


class DeclinePlan(Reasoned):
    """Why a proposed plan does not come into force."""


def change_plan(session: Session, actor: Actor, contract_id: int, values: ChangePlan, *, version: int, today: date) -> PaymentPlan:
    """Put a new payment plan in force from today; of who may only propose, it stands as a proposal beside the one in force."""
    contract = find(session, actor, Contract, contract_id)
    proposed = not _within(session, actor, Permission.UPDATE, contract)
    if proposed and not _within(session, actor, Permission.PROPOSE, contract):
        raise NotAllowed(act=Permission.UPDATE.value, kind=Kind.PAYMENT_PLAN.value, subject=Contract.__tablename__, subject_id=contract.id)
    check_unchanged(session, contract, version)
    check_in_progress(contract)
    standing = current_plan(session, contract.id)
    faults = Faults()
    with faults.against("plan"):
        check_plan(values.plan, contract.amount, standing)
    if standing and not values.reason and Role.FINANCE not in actor.roles:
        faults.add("reason", Missing())
    faults.raise_any()
    waiting = _waiting(session, contract.id)
    written = write_plan(session, actor, contract, values.plan, today=today, reason=values.reason, proposed=proposed)
    _tell(session, actor, contract, written, waiting, today)
    return written


def decline_plan(session: Session, actor: Actor, contract_id: int, values: DeclinePlan, *, version: int) -> PaymentPlan:
    """Let the proposal that waits wait no longer, with the reason. What is due stays as it is."""
    contract = find_to(session, actor, Permission.UPDATE, Kind.PAYMENT_PLAN, Contract, contract_id)
    check_unchanged(session, contract, version)
    check_in_progress(contract)
    waiting = _waiting(session, contract.id)
    if waiting is None:
        raise NothingProposed()
    with audit.changing(session, actor, waiting):
        waiting.declined_at, waiting.declined_by_id, waiting.decline_reason = clock.now(), actor.user_id, values.reason
    touch(session, contract)
    message = N_("{by} declined your payment plan for the contract {number}: {reason}")
    notices.tell(session, waiting.by_id, message, contract, contract.id, by=actor, number=contract.number, reason=values.reason)
    return waiting


def waiting(plans: Sequence[PaymentPlan]) -> PaymentPlan | None:
    """Of a contract's versions, oldest first, the proposal that waits: the newest, unless it was declined."""
    return next((plan for plan in plans[-1:] if plan.proposed and plan.declined_at is None), None)


def takes_up(plan: PaymentPlan, proposal: PaymentPlan | None) -> bool:
    """Whether a version puts in force what was proposed, as it was proposed. Its numbers may differ."""
    return proposal is not None and not plan.proposed and _said(plan) == _said(proposal)


def _said(plan: PaymentPlan) -> list[tuple[date, Decimal, str]]:
    """When how much is due on which condition."""
    return sorted((part.due_on, part.amount, part.condition) for part in plan.instalments)


def _waiting(session: Session, contract_id: int) -> PaymentPlan | None:
    """The proposal that waits, if one does."""
    newest = select(PaymentPlan).where(PaymentPlan.contract_id == contract_id).order_by(PaymentPlan.revision.desc()).limit(1)
    return waiting(session.scalars(newest.options(selectinload(PaymentPlan.instalments))).all())


def _tell(session: Session, actor: Actor, contract: Contract, written: PaymentPlan, proposal: PaymentPlan | None, today: date) -> None:
    """A proposal to those who can put it in force; a plan in force to who looks after the contract, and its fate to who proposed one."""
    changed = N_("{by} changed the payment plan of the contract {number}.")
    taken_up = N_("{by} took up your payment plan for the contract {number}.")
    proposed = N_("{by} proposes a payment plan for the contract {number}.")
    told: dict[int | None, str] = {contract.owner_id: changed}
    if written.proposed:
        told = dict.fromkeys(_deciders(session, contract, today), proposed)
    elif proposal is not None:
        told[proposal.by_id] = taken_up if takes_up(written, proposal) else changed
    for person, message in told.items():
        notices.tell(session, person, message, contract, contract.id, by=actor, number=contract.number)


def _deciders(session: Session, contract: Contract, today: date) -> set[int]:
    """Finance, who leads the contract's team, and who stands in for them."""
    finance = select(User.id).join(UserRole, UserRole.user_id == User.id).where(User.active, UserRole.role == Role.FINANCE)
    return set(session.scalars(finance)) | people.leads(session, contract.team_id, today)


def split(values: SplitPlan, amount: Decimal) -> list[PlannedInstalment]:
    """The instalments that the parts make of the amount, to the cent."""
    faults = Faults()
    parts: list[tuple[date, Decimal]] = []
    with faults.against("parts"):
        parts = plans.split(amount, plans.weights(values.parts), values.first_due_on, values.months)
    faults.raise_any()
    return [PlannedInstalment(due_on=due_on, amount=part) for due_on, part in parts]


def current_plan(session: Session, contract_id: int) -> PaymentPlan | None:
    """The payment plan in force, with its instalments."""
    newest = select(PaymentPlan).where(PaymentPlan.contract_id == contract_id, ~PaymentPlan.proposed)
    return session.scalar(newest.order_by(PaymentPlan.revision.desc()).limit(1).options(selectinload(PaymentPlan.instalments)))


def check_plan(plan: Sequence[PlannedInstalment], amount: Decimal, standing: PaymentPlan | None) -> None:
    """Refuse a plan that does not sum to the amount, or that names instalments which do not stand."""
    if not plan:
        raise PlanMissing()
    known = {instalment.no for instalment in standing.instalments} if standing else set()
    for instalment in plan:
        if instalment.no is not None and instalment.no not in known:
            raise NoSuchInstalment(no=instalment.no)
    rules.check_plan([(no, instalment.amount) for no, instalment in _numbered(plan, known)], amount)


def write_plan(
    session: Session,
    actor: Actor,
    contract: Contract,
    plan: Sequence[PlannedInstalment | Instalment],
    *,
    today: date,
    reason: str = "",
    proposed: bool = False,
) -> PaymentPlan:
    """The next version of a contract's payment plan, checked before. Instalments without a number get new ones."""
    last, known = session.execute(
        select(func.coalesce(func.max(PaymentPlan.revision), 0), func.coalesce(func.max(Instalment.no), 0))
        .join(Instalment, Instalment.plan_id == PaymentPlan.id, isouter=True)
        .where(PaymentPlan.contract_id == contract.id)
    ).one()
    written = PaymentPlan(
        contract_id=contract.id, revision=last + 1, day=today, recorded_on=today, at=clock.now(), by_id=actor.user_id, reason=reason,
        proposed=proposed,
        instalments=[
            Instalment(contract_id=contract.id, no=no, due_on=line.due_on, amount=line.amount, condition=line.condition)
            for no, line in _numbered(plan, range(1, known + 1))
        ],
    )  # fmt: skip
    session.add(written)
    audit.created(session, actor, written, "instalments")
    touch(session, contract)
    return written


def _numbered(plan: Sequence[Part], known: Sequence[int] | set[int]) -> list[tuple[int, Part]]:
    """The instalments with their numbers: their own, or the next that no version of the plan has had."""
    following = max(known, default=0)
    numbered = []
    for instalment in plan:
        following += instalment.no is None
        numbered.append((instalment.no or following, instalment))
    return numbered


def _within(session: Session, actor: Actor, permission: Permission, contract: Contract) -> bool:
    """Whether this person may do that with this contract's payment plan."""
    scope = acting(actor, permission, Kind.PAYMENT_PLAN, Contract)
    return session.scalar(scope.narrow(select(Contract.id), Contract).where(Contract.id == contract.id)) is not None
