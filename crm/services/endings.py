"""How a contract ends: completed 完结 when everything has been received, or voided 作废, which gives its opportunity back."""

from datetime import date
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, history
from crm.models import Contract, Opportunity, OpportunityHistory
from crm.rules import contracts as rules
from crm.rules import stages
from crm.scope import Actor
from crm.services import notices, receipts
from crm.services.input_faults import Missing, NotAChoice
from crm.services.input_types import Reason, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.opportunities import loss
from crm.services.reach import find_to
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, ContractAct, ContractStatus, Kind, LossKind, OpportunityStatus, Permission


class VoidContract(Input):
    """Why a contract is void, and whether its opportunity is followed again or stopped (for which reason)."""

    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]
    opportunity_becomes: Annotated[OpportunityStatus, field(N_("The opportunity becomes"), Control.CHOICE)]
    stop_reason_id: Annotated[
        Reference | None, field(N_("Reason for stopping"), Control.CHOICE, hint=N_("Only where it is stopped."), offers="reasons")
    ] = None


def complete(session: Session, actor: Actor, contract_id: int, *, version: int, today: date) -> Contract:
    """Close a contract of which everything has been received."""
    contract = find_to(session, actor, Permission.COMPLETE, Kind.CONTRACT, Contract, contract_id)
    check_unchanged(session, contract, version)
    rules.check_complete(contract.status, contract.amount, receipts.received(session, contract.id))
    with audit.changing(session, actor, contract):
        contract.status, contract.completed_on = ContractStatus.COMPLETED, today
    history.record_contract(session, contract, ContractAct.COMPLETED, actor, today, today)
    return contract


def void(session: Session, actor: Actor, contract_id: int, values: VoidContract, *, version: int, today: date) -> Contract:
    """Declare a contract void from today on. Its opportunity is followed again, at the stage it had, or stopped."""
    contract = find_to(session, actor, Permission.VOID, Kind.CONTRACT, Contract, contract_id)
    check_unchanged(session, contract, version)
    rules.check_void(contract.status, receipts.received(session, contract.id))
    _check_voiding(session, values)
    with audit.changing(session, actor, contract):
        contract.status, contract.voided_on, contract.void_reason = ContractStatus.VOIDED, today, values.reason
    history.record_contract(session, contract, ContractAct.VOIDED, actor, today, today, values.reason)
    if contract.opportunity_id is not None:
        _return(session, actor, session.get_one(Opportunity, contract.opportunity_id), values, today)
    notices.tell(
        session, contract.owner_id, N_("{by} voided the contract {number}."), contract, contract.id, by=actor, number=contract.number
    )
    return contract


def _check_voiding(session: Session, values: VoidContract) -> None:
    faults = Faults()
    if values.opportunity_becomes not in stages.MOVES[OpportunityStatus.WON]:
        faults.add("opportunity_becomes", NotAChoice())
    if values.opportunity_becomes is OpportunityStatus.STOPPED and values.stop_reason_id is None:
        faults.add("stop_reason_id", Missing())
    elif values.stop_reason_id is not None:
        loss(session, values.stop_reason_id, None, LossKind.STOPPED, faults, key="stop_reason_id")
    faults.raise_any()


def _return(session: Session, actor: Actor, opportunity: Opportunity, values: VoidContract, today: date) -> None:
    """Take a won opportunity back to what the void makes of it."""
    act = stages.move(opportunity.status, values.opportunity_becomes)
    stopped = values.opportunity_becomes is OpportunityStatus.STOPPED
    before = select(OpportunityHistory.stage_id).where(
        OpportunityHistory.opportunity_id == opportunity.id, OpportunityHistory.status != OpportunityStatus.WON
    )
    stage_id = session.scalar(before.order_by(OpportunityHistory.seq.desc()).limit(1)) or opportunity.stage_id
    with audit.changing(session, actor, opportunity):
        opportunity.status, opportunity.closed_on = values.opportunity_becomes, today if stopped else None
        opportunity.stage_id = stage_id
        opportunity.loss_reason_id = values.stop_reason_id if stopped else None
        opportunity.loss_note = values.reason if stopped else ""
    history.record(session, opportunity, act, actor, today, today)
