"""All that one page shows of a contract and its money, read within reach: the plan and what met it, receipts, costs, invoices, files, acts.

What met which instalment is said by the one matching rule (`crm.rules.instalments`), as of today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm import money
from crm.errors import NotFound
from crm.models import (
    Contract,
    ContractHistory,
    ContractLine,
    Cost,
    CostCategory,
    Customer,
    File,
    Invoice,
    Opportunity,
    PaymentPlan,
    Product,
    Quote,
    Receipt,
    User,
)
from crm.money import ZERO
from crm.rules import instalments as rules
from crm.rules import receivables
from crm.scope import Actor
from crm.services import contracts, files, invoices, payment_plans, plan_changes
from crm.services.invoices import Change
from crm.services.plan_changes import PlanChange
from crm.services.reach import acting
from crm.vocabulary import ContractStatus, InstalmentPhase, Kind, Permission


@dataclass(frozen=True, slots=True)
class Due:
    """One instalment of the plan in force, as it stands today."""

    no: int
    due_on: date
    amount: Decimal
    met: Decimal
    condition: str
    phase: InstalmentPhase
    days_late: int

    @property
    def open(self) -> Decimal:
        """What is still to come of it."""
        return self.amount - self.met


@dataclass(frozen=True, slots=True)
class Figures:
    """A contract's money today, refunds taken off, what was cancelled left out."""

    amount: Decimal
    received: Decimal
    outstanding: Decimal
    overdue: Decimal
    prepaid: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with this very contract, as it stands now."""

    plan: bool
    propose: bool
    receive: bool
    cancel: bool
    cost: bool
    invoice: bool
    files: bool
    amend: bool
    complete: bool
    void: bool
    carer: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """One contract, whole."""

    contract: Contract
    figures: Figures
    dues: Sequence[Due]
    plans: Sequence[PaymentPlan]
    proposal: PaymentPlan | None
    changes_of_plan: Sequence[PlanChange]
    """What became of the plan and of what was proposed, oldest first."""
    receipts: Sequence[Receipt]
    costs: Sequence[Cost]
    invoices: Sequence[Invoice]
    files: Sequence[File]
    files_of_acts: Mapping[int, Sequence[File]]
    files_of_invoices: Mapping[int, Sequence[File]]
    changes_of_invoices: Mapping[int, Sequence[Change]]
    people: Mapping[int, str]
    categories: Mapping[int, str]
    products: Mapping[int, str]
    quote: Quote | None
    """The offer that became this contract, and below the opportunity that it won, where these are within reach too."""
    opportunity_id: int | None
    rights: Rights


@dataclass(frozen=True, slots=True)
class Account:
    """A customer's contracts with their money, and the sums of those that are valid."""

    customer: Customer
    contracts: Sequence[tuple[Contract, Figures]]
    total: Figures


def of_contract(session: Session, actor: Actor, contract_id: int, *, today: date) -> Ledger:
    """The contract with all that is shown about it; `NotFound` out of reach."""
    contract = contracts.find(session, actor, contract_id)
    plans = _plans(session, [contract.id])[contract.id]
    standing = [plan for plan in plans if not plan.proposed]
    costs = session.scalars(select(Cost).where(Cost.contract_id == contract.id).order_by(Cost.paid_on, Cost.id)).all()
    billed = session.scalars(select(Invoice).where(Invoice.contract_id == contract.id).order_by(Invoice.invoiced_on, Invoice.id)).all()
    dues = _dues(standing, contract.receipts, today)
    return Ledger(
        contract,
        _figures(contract, contract.receipts, costs, dues),
        dues,
        plans,
        payment_plans.waiting(plans),
        plan_changes.of(plans),
        contract.receipts,
        costs,
        billed,
        files.of(session, Contract, [contract.id]).get(contract.id, []),
        files.of(session, ContractHistory, [line.id for line in contract.history]),
        files.of(session, Invoice, [invoice.id for invoice in billed]),
        invoices.changes(session, [invoice.id for invoice in billed]),
        dict(session.execute(select(User.id, User.name)).all()),
        dict(session.execute(select(CostCategory.id, CostCategory.name)).all()),
        _products(session, contract.lines),
        session.scalar(actor.scope.narrow(select(Quote), Quote).where(Quote.id == contract.quote_id)) if contract.quote_id else None,
        session.scalar(actor.scope.narrow(select(Opportunity.id), Opportunity).where(Opportunity.id == contract.opportunity_id)),
        rights(session, actor, contract),
    )


def of_opportunity(session: Session, actor: Actor, opportunity_id: int, *, today: date) -> tuple[Contract, Figures, Sequence[Due]] | None:
    """The valid contract of an opportunity with its money, None where there is none within reach."""
    mine = actor.scope.narrow(select(Contract), Contract).where(
        Contract.opportunity_id == opportunity_id, Contract.status != ContractStatus.VOIDED
    )
    contract = session.scalar(mine.options(selectinload(Contract.receipts).selectinload(Receipt.named)))
    if contract is None:
        return None
    (found,) = _reckoned(session, [contract], today)
    return found


def of_customer(session: Session, actor: Actor, customer_id: int, *, today: date) -> Account:
    """The customer's contracts within reach with their money, the newest first; `NotFound` where there is nothing to be seen."""
    mine = actor.scope.narrow(select(Contract), Contract).where(Contract.customer_id == customer_id)
    found = session.scalars(
        mine.order_by(Contract.signed_on.desc(), Contract.id.desc()).options(
            selectinload(Contract.receipts).selectinload(Receipt.named), selectinload(Contract.customer)
        )
    ).all()  # fmt: skip
    if not found:
        raise NotFound()
    reckoned = [(contract, figures) for contract, figures, _dues in _reckoned(session, found, today)]
    valid = [figures for contract, figures in reckoned if contract.status is not ContractStatus.VOIDED]
    return Account(found[0].customer, reckoned, _sum(valid))


def rights(session: Session, actor: Actor, contract: Contract) -> Rights:
    """What the person may do here."""
    running, valid = contract.status is ContractStatus.IN_PROGRESS, contract.status is not ContractStatus.VOIDED

    def may(permission: Permission, kind: Kind) -> bool:
        scope = acting(actor, permission, kind, Contract)
        return session.scalar(scope.narrow(select(Contract.id), Contract).where(Contract.id == contract.id)) is not None

    plan = running and may(Permission.UPDATE, Kind.PAYMENT_PLAN)
    return Rights(
        plan=plan,
        propose=running and not plan and may(Permission.PROPOSE, Kind.PAYMENT_PLAN),
        receive=valid and may(Permission.CREATE, Kind.RECEIPT),
        cancel=valid and may(Permission.CANCEL, Kind.RECEIPT),
        cost=valid and may(Permission.CREATE, Kind.COST),
        invoice=valid and may(Permission.UPDATE, Kind.COST),
        files=valid and may(Permission.SIGN, Kind.CONTRACT),
        amend=running and may(Permission.AMEND, Kind.CONTRACT),
        complete=running and may(Permission.COMPLETE, Kind.CONTRACT),
        void=running and may(Permission.VOID, Kind.CONTRACT),
        carer=running and may(Permission.ASSIGN, Kind.CUSTOMER),
    )


def _reckoned(session: Session, found: Sequence[Contract], today: date) -> list[tuple[Contract, Figures, Sequence[Due]]]:
    """Contracts (with their receipts loaded) with what their money comes to."""
    ids = [contract.id for contract in found]
    plans = _plans(session, ids)
    costs: dict[int, list[Cost]] = {}
    for cost in session.scalars(select(Cost).where(Cost.contract_id.in_(ids))):
        costs.setdefault(cost.contract_id, []).append(cost)
    reckoned: list[tuple[Contract, Figures, Sequence[Due]]] = []
    for contract in found:
        dues = _dues([plan for plan in plans[contract.id] if not plan.proposed], contract.receipts, today)
        reckoned.append((contract, _figures(contract, contract.receipts, costs.get(contract.id, ()), dues), dues))
    return reckoned


def _plans(session: Session, ids: Sequence[int]) -> dict[int, list[PaymentPlan]]:
    """The versions of the contracts' plans, oldest first."""
    found: dict[int, list[PaymentPlan]] = {id: [] for id in ids}
    versions = select(PaymentPlan).where(PaymentPlan.contract_id.in_(ids)).order_by(PaymentPlan.revision)
    for plan in session.scalars(versions.options(selectinload(PaymentPlan.instalments))):
        found[plan.contract_id or 0].append(plan)
    return found


def _dues(plans: Sequence[PaymentPlan], receipts: Sequence[Receipt], today: date) -> list[Due]:
    """The instalments of the plan in force, with what was received for each, by due date."""
    if not plans:
        return []
    versions, came = [_plan(plan) for plan in plans], [_receipt(receipt) for receipt in receipts]
    allocations = rules.allocate(versions, came)
    states = rules.dated_as_known(versions, came, rules.intervals(versions, allocations)[0])
    met = rules.met_as_of(allocations, today)
    met_on = {state.no: state.met_on for state in states if state.valid_from <= today < (state.valid_to or date.max)}
    dues: list[Due] = []
    for part in sorted(plans[-1].instalments, key=lambda part: (part.due_on, part.no)):
        paid = money.from_cents(met.get(part.no, 0))
        phase = receivables.phase(part.due_on, part.amount, paid, today)
        late = receivables.days_late(part.due_on, met_on.get(part.no), today)
        dues.append(Due(part.no, part.due_on, part.amount, paid, part.condition, phase, late))
    return dues


def _plan(plan: PaymentPlan) -> rules.Plan:
    parts = tuple(rules.Instalment(part.no, part.due_on, money.cents(part.amount)) for part in plan.instalments)
    return rules.Plan(plan.revision, plan.day, parts, max(plan.day, plan.recorded_on))


def _receipt(receipt: Receipt) -> rules.Receipt:
    named = tuple(part.no for part in receipt.named)
    seen = max(receipt.received_on, receipt.recorded_on)
    return rules.Receipt(receipt.id, receipt.received_on, money.cents(receipt.amount), named, seen, receipt.cancelled_on)


def _figures(contract: Contract, receipts: Sequence[Receipt], costs: Sequence[Cost], dues: Sequence[Due]) -> Figures:
    received = sum((receipt.amount for receipt in receipts if receipt.cancelled_on is None), ZERO)
    return Figures(
        contract.amount,
        received,
        receivables.outstanding(contract.amount, received),
        sum((due.open for due in dues if due.phase is InstalmentPhase.OVERDUE), ZERO),
        receivables.prepaid(contract.amount, received),
        sum((cost.amount for cost in costs if cost.cancelled_on is None), ZERO),
    )


def _sum(several: Sequence[Figures]) -> Figures:
    return Figures(*(sum((getattr(one, name) for one in several), ZERO) for name in Figures.__dataclass_fields__))


def _products(session: Session, lines: Sequence[ContractLine]) -> dict[int, str]:
    ids = [line.product_id for line in lines]
    return dict(session.execute(select(Product.id, Product.name).where(Product.id.in_(ids))).all())
