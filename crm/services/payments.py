"""The verbs of the money that comes in: payment plan 收款计划, receipts 收款记录 and refunds. What goes out is in `costs`."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from crm import audit, clock
from crm.errors import CrmError, NotAllowed
from crm.models import Contract, Instalment, PaymentPlan, Receipt, ReceiptInstalment
from crm.money import ZERO
from crm.rules import contracts as rules
from crm.rules import plans
from crm.rules.receivables import outstanding
from crm.scope import Actor
from crm.services import months, notices
from crm.services.inputs import (
    Control,
    Day,
    Faults,
    Input,
    Line,
    Missing,
    Months,
    NotAChoice,
    OptionalLine,
    OptionalReason,
    Position,
    PositiveAmount,
    Reason,
    field,
)
from crm.services.reach import acting, find, find_to
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, ContractStatus, Kind, PaymentMethod, Permission, Role

MOST_INSTALMENTS = 120
"""Instalments of one plan: ten years, month by month."""


class ContractIsClosed(CrmError):
    """A completed or voided contract takes no such change."""

    message = N_("This contract is “{status}” and takes no such change.")


class NoSuchInstalment(CrmError):
    """A receipt names an instalment that the plan does not have."""

    message = N_("The payment plan has no instalment {no}.")


class AlreadyCancelled(CrmError):
    """A receipt or a cost is cancelled once."""

    message = N_("This was cancelled already.")


class GivenBack(CrmError):
    """More was refunded than would be left without the receipt."""

    message = N_("This money was refunded, at least in part; cancel the refund first.")


class PlanMissing(CrmError):
    """A contract with a payment plan gets a new one with its new amount."""

    message = N_("Please state the payment plan for the new amount.")


class PlannedInstalment(Input):
    """One instalment: when it is due, how much, on which condition. `no` names one of the plan that stands."""

    due_on: Annotated[Day, field(N_("Due on"), Control.DAY)]
    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    condition: Annotated[OptionalLine, field(N_("Condition"))] = ""
    no: Annotated[Position | None, field(N_("No."), Control.HIDDEN)] = None


Plan = Annotated[tuple[PlannedInstalment, ...], Field(max_length=MOST_INSTALMENTS)]


class SplitPlan(Input):
    """How an amount becomes instalments: equal parts, or percentages; one every so many months."""

    parts: Annotated[Line, field(N_("Parts"), hint=N_("A number of equal parts, or percentages: 30 60 10"))]
    first_due_on: Annotated[Day, field(N_("First due on"), Control.DAY)]
    months: Annotated[Months, field(N_("Months between"), Control.COUNT)] = 1


class ChangePlan(Input):
    """The instalments from now on, and why they change."""

    plan: Annotated[Plan, field(N_("Payment plan"), Control.LINES, wide=True)]
    reason: Annotated[OptionalReason, field(N_("Reason"), Control.AREA)] = ""


class Receive(Input):
    """Money that came in, and the instalments it is meant for."""

    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    received_on: Annotated[Day, field(N_("Received on"), Control.DAY)]
    method: Annotated[PaymentMethod, field(N_("Payment method"), Control.CHOICE)] = PaymentMethod.TRANSFER
    instalments: Annotated[
        Annotated[tuple[Position, ...], Field(max_length=MOST_INSTALMENTS)], field(N_("Instalments"), Control.CHOICES, offers="instalments")
    ] = ()
    is_prepayment: Annotated[bool, field(N_("Confirmed as a prepayment"), Control.CHECK, hint=N_("For more than what is outstanding."))] = (
        False
    )
    note: Annotated[OptionalReason, field(N_("Note"), Control.AREA)] = ""


class Refund(Input):
    """Money that was given back, and why."""

    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    refunded_on: Annotated[Day, field(N_("Refunded on"), Control.DAY)]
    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]
    method: Annotated[PaymentMethod, field(N_("Payment method"), Control.CHOICE)] = PaymentMethod.TRANSFER
    instalments: Annotated[
        Annotated[tuple[Position, ...], Field(max_length=MOST_INSTALMENTS)], field(N_("Instalments"), Control.CHOICES, offers="instalments")
    ] = ()


class CancelReceipt(Input):
    """Why a mistyped receipt does not count."""

    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]


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
    return write_plan(session, actor, contract, values.plan, today=today, reason=values.reason, proposed=proposed)


def receive(session: Session, actor: Actor, contract_id: int, values: Receive, *, today: date) -> Receipt:
    """Keep money that came in. More than the outstanding sum must be confirmed as a prepayment."""
    contract = find_to(session, actor, Permission.CREATE, Kind.RECEIPT, Contract, contract_id)
    check_not_voided(contract)
    faults = dated(session, "received_on", values.received_on, today)
    with faults.against("amount"):
        rules.check_receipt(values.amount, contract.amount, received(session, contract.id), is_prepayment=values.is_prepayment)
    _check_named(session, contract, values.instalments, faults)
    faults.raise_any()
    receipt = Receipt(
        contract_id=contract.id, received_on=values.received_on, recorded_on=today, amount=values.amount, method=values.method,
        note=values.note, is_prepayment=values.is_prepayment, created_at=clock.now(), created_by_id=actor.user_id,
        named=[ReceiptInstalment(no=no, contract_id=contract.id) for no in sorted(values.instalments)],
    )  # fmt: skip
    return _keep(session, actor, contract, receipt)


def refund(session: Session, actor: Actor, contract_id: int, values: Refund, *, today: date) -> Receipt:
    """Keep money that was given back, as a receipt below zero; never more than was received."""
    contract = find_to(session, actor, Permission.CREATE, Kind.RECEIPT, Contract, contract_id)
    check_not_voided(contract)
    faults = dated(session, "refunded_on", values.refunded_on, today)
    with faults.against("amount"):
        so_far = received(session, contract.id)
        rules.check_receipt(-values.amount, contract.amount, so_far, is_prepayment=False)
        _check_stays_complete(contract, so_far - values.amount)
    _check_named(session, contract, values.instalments, faults)
    faults.raise_any()
    receipt = Receipt(
        contract_id=contract.id, received_on=values.refunded_on, recorded_on=today, amount=-values.amount, method=values.method,
        note=values.reason, created_at=clock.now(), created_by_id=actor.user_id,
        named=[ReceiptInstalment(no=no, contract_id=contract.id) for no in sorted(values.instalments)],
    )  # fmt: skip
    return _keep(session, actor, contract, receipt)


def cancel_receipt(session: Session, actor: Actor, receipt_id: int, values: CancelReceipt, *, today: date) -> Receipt:
    """Let a mistyped receipt count no longer, from today on. It stays, with the reason."""
    receipt = find_to(session, actor, Permission.CANCEL, Kind.RECEIPT, Receipt, receipt_id)
    if receipt.cancelled_on:
        raise AlreadyCancelled()
    contract = session.get_one(Contract, receipt.contract_id)
    check_not_voided(contract)
    months.check_open(session, receipt.received_on)
    left = received(session, contract.id) - receipt.amount
    if left < 0:
        raise GivenBack()
    _check_stays_complete(contract, left)
    with audit.changing(session, actor, receipt):
        receipt.cancelled_on, receipt.cancelled_by_id, receipt.cancel_reason = today, actor.user_id, values.reason
    _touch(session, contract)
    return receipt


def split(values: SplitPlan, amount: Decimal) -> list[PlannedInstalment]:
    """The instalments that the parts make of the amount, to the cent."""
    faults = Faults()
    parts: list[tuple[date, Decimal]] = []
    with faults.against("parts"):
        parts = plans.split(amount, plans.weights(values.parts), values.first_due_on, values.months)
    faults.raise_any()
    return [PlannedInstalment(due_on=due_on, amount=part) for due_on, part in parts]


def received(session: Session, contract_id: int) -> Decimal:
    """What has come in for a contract, refunds taken off, cancelled receipts left out."""
    counted = select(func.sum(Receipt.amount)).where(Receipt.contract_id == contract_id, Receipt.cancelled_on.is_(None))
    return session.scalar(counted) or ZERO


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
    plan: Sequence[PlannedInstalment],
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
    _touch(session, contract)
    return written


def check_in_progress(contract: Contract) -> None:
    """Refuse what only a contract in progress takes."""
    if contract.status is not ContractStatus.IN_PROGRESS:
        raise ContractIsClosed(status=contract.status)


def check_not_voided(contract: Contract) -> None:
    """Refuse money on a void contract."""
    if contract.status is ContractStatus.VOIDED:
        raise ContractIsClosed(status=contract.status)


def _numbered(plan: Sequence[PlannedInstalment], known: Sequence[int] | set[int]) -> list[tuple[int, PlannedInstalment]]:
    """The instalments with their numbers: their own, or the next that no version of the plan has had."""
    following = max(known, default=0)
    numbered = []
    for instalment in plan:
        following += instalment.no is None
        numbered.append((instalment.no or following, instalment))
    return numbered


def dated(session: Session, key: str, day: date, today: date) -> Faults:
    """Faults, with what is wrong with the date of something that has happened."""
    faults = Faults()
    faults.past(key, day, today)
    with faults.against(key):
        months.check_open(session, day)
    return faults


def _check_named(session: Session, contract: Contract, numbers: Sequence[int], faults: Faults) -> None:
    plan = current_plan(session, contract.id)
    known = {instalment.no for instalment in plan.instalments} if plan else set()
    for no in numbers:
        if no not in known:
            faults.add("instalments", NoSuchInstalment(no=no))
    if len(set(numbers)) != len(numbers):
        faults.add("instalments", NotAChoice())


def _check_stays_complete(contract: Contract, left: Decimal) -> None:
    """A completed contract is one of which nothing is outstanding; it stays so."""
    if contract.status is ContractStatus.COMPLETED and outstanding(contract.amount, left):
        raise ContractIsClosed(status=contract.status)


def _keep(session: Session, actor: Actor, contract: Contract, receipt: Receipt) -> Receipt:
    session.add(receipt)
    audit.created(session, actor, receipt, "named")
    _touch(session, contract)
    message = (
        N_("{by} recorded a receipt for the contract {number}.")
        if receipt.amount > 0
        else N_("{by} recorded a refund for the contract {number}.")
    )
    notices.tell(session, contract.owner_id, message, contract, contract.id, by=actor, number=contract.number)
    return receipt


def _touch(session: Session, contract: Contract) -> None:
    """Let the contract's version grow: of two people who enter money at once, the second is asked to try again."""
    flag_modified(contract, "number")
    session.flush()


def _within(session: Session, actor: Actor, permission: Permission, contract: Contract) -> bool:
    """Whether this person may do that with this contract's payment plan."""
    scope = acting(actor, permission, Kind.PAYMENT_PLAN, Contract)
    return session.scalar(scope.narrow(select(Contract.id), Contract).where(Contract.id == contract.id)) is not None
