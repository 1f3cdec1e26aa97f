"""Who looks after a signed contract 跟进负责人: changed by who assigns, in the team or the company. The signer keeps the credit."""

from datetime import date
from typing import Annotated

from sqlalchemy.orm import Session

from crm import audit, history
from crm.errors import CrmError, NotAllowed
from crm.models import Contract
from crm.scope import Actor
from crm.services import customers, notices
from crm.services.input_types import Reason, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import find_to, reaches_company
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, ContractAct, ContractStatus, Kind, Permission


class CaresAlready(CrmError):
    """The contract is this person's to look after."""

    message = N_("{person} looks after this contract already.")


class NotRunning(CrmError):
    """Only a contract in progress has somebody who looks after it next."""

    message = N_("Only a contract in progress gets another carer.")


class ChangeCarer(Input):
    """Who looks after the contract from now on, and why."""

    owner_id: Annotated[Reference, field(N_("Carer"), Control.CHOICE, offers="reps")]
    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]


def change(session: Session, actor: Actor, contract_id: int, values: ChangeCarer, *, version: int, today: date) -> Contract:
    """Give a contract in progress into other hands; who leads a team does so among its people."""
    contract = find_to(session, actor, Permission.ASSIGN, Kind.CUSTOMER, Contract, contract_id)
    check_unchanged(session, contract, version)
    if contract.status is not ContractStatus.IN_PROGRESS:
        raise NotRunning()
    faults = Faults()
    with faults.against("owner_id"):
        carer = customers.check_seller(session, values.owner_id)
        if carer.id == contract.owner_id:
            raise CaresAlready(person=carer.name)
    faults.raise_any()
    if not reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER) and carer.team_id not in actor.scope.team_ids:
        raise NotAllowed(act=Permission.ASSIGN.value, kind=Kind.CUSTOMER.value, subject=Contract.__tablename__, subject_id=contract.id)
    with audit.changing(session, actor, contract):
        contract.owner_id, contract.team_id = carer.id, carer.team_id
    history.record_contract(session, contract, ContractAct.CARER, actor, today, today, values.reason)
    notices.tell(
        session, carer.id, N_("{by} gave you the contract {number} to look after."), contract, contract.id, by=actor, number=contract.number
    )
    return contract
