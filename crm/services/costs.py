"""What goes out for a contract: costs 支出, and the cancelling of what was mistyped."""

from datetime import date
from typing import Annotated

from sqlalchemy.orm import Session

from crm import audit, clock
from crm.models import Contract, Cost, CostCategory
from crm.scope import Actor
from crm.services import months
from crm.services.contracts import AlreadyCancelled, CancelEntry, check_not_voided, dated
from crm.services.input_types import Day, OptionalReason, PositiveAmount, Reference
from crm.services.inputs import Control, Input, field
from crm.services.reach import chosen, find_to
from crm.vocabulary import N_, Kind, Permission


class PayCost(Input):
    """Money that went out for a contract."""

    category_id: Annotated[Reference, field(N_("Cost category"), Control.CHOICE, offers="cost_categories")]
    paid_on: Annotated[Day, field(N_("Paid on"), Control.DAY)]
    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]
    note: Annotated[OptionalReason, field(N_("Note"), Control.AREA)] = ""


def pay_cost(session: Session, actor: Actor, contract_id: int, values: PayCost, *, today: date) -> Cost:
    """Keep money that went out for a contract."""
    contract = find_to(session, actor, Permission.CREATE, Kind.COST, Contract, contract_id)
    check_not_voided(contract)
    faults = dated(session, "paid_on", values.paid_on, today)
    chosen(session, CostCategory, values.category_id, faults, "category_id")
    faults.raise_any()
    cost = Cost(
        contract_id=contract.id, recorded_on=today, created_at=clock.now(), created_by_id=actor.user_id, **values.model_dump()
    )  # fmt: skip
    session.add(cost)
    audit.created(session, actor, cost)
    return cost


def cancel_cost(session: Session, actor: Actor, cost_id: int, values: CancelEntry, *, today: date) -> Cost:
    """Let a mistyped cost count no longer, from today on. It stays, with the reason."""
    cost = find_to(session, actor, Permission.UPDATE, Kind.COST, Cost, cost_id)
    if cost.cancelled_on:
        raise AlreadyCancelled()
    check_not_voided(session.get_one(Contract, cost.contract_id))
    months.check_open(session, cost.paid_on)
    with audit.changing(session, actor, cost):
        cost.cancelled_on, cost.cancel_reason = today, values.reason
    return cost
