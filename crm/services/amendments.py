"""Amending a contract 合同变更: a new amount from a day on, with its reason and file; what it was stays in its history."""

from datetime import date
from typing import Annotated

from sqlalchemy.orm import Session, selectinload

from crm import audit, history
from crm.errors import CrmError
from crm.models import Contract
from crm.money import apportion
from crm.scope import Actor
from crm.services import contracts, files, months, payment_plans
from crm.services.contracts import COPY_HELP
from crm.services.files import Files
from crm.services.input_types import Day, PositiveAmount, Reason
from crm.services.inputs import Control, Faults, Input, field
from crm.services.payment_plans import Plan
from crm.services.reach import find_to
from crm.services.versions import check_unchanged, grow
from crm.vocabulary import N_, ContractAct, Kind, Permission


class BeforeSigning(CrmError):
    """An amendment follows the signing."""

    message = N_("This is before the contract was signed ({day}).")


class AmendContract(Input):
    """A new amount by agreement. Where there is a payment plan, the new one comes with it."""

    amount: Annotated[PositiveAmount, field(N_("Contract amount"), Control.AMOUNT)]
    day: Annotated[Day, field(N_("Date"), Control.DAY)]
    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]
    plan: Annotated[Plan, field(N_("Payment plan"), Control.LINES, wide=True)] = ()
    files: Annotated[Files, field(N_("Signed copy"), Control.FILES, hint=COPY_HELP)] = ()


def amend(session: Session, actor: Actor, contract_id: int, values: AmendContract, *, version: int, today: date) -> Contract:
    """Change a contract's amount from a day on; what it was stays in its history. Its lines keep their proportions."""
    contract = find_to(session, actor, Permission.AMEND, Kind.CONTRACT, Contract, contract_id, selectinload(Contract.lines))
    check_unchanged(session, contract, version)
    contracts.check_in_progress(contract)
    standing = payment_plans.current_plan(session, contract.id)
    faults = Faults()
    faults.past("day", values.day, today)
    if values.day < contract.signed_on:
        faults.add("day", BeforeSigning(day=contract.signed_on))
    with faults.against("day"):
        months.check_open(session, values.day)
    if standing or values.plan:
        with faults.against("plan"):
            payment_plans.check_plan(values.plan, values.amount, standing)
    faults.raise_any()
    with audit.changing(session, actor, contract, "lines"):
        contract.amount = values.amount
        parts = apportion(values.amount, [line.amount for line in contract.lines])
        history.set_lines(session, contract, {line.product_id: part for line, part in zip(contract.lines, parts, strict=True)})
        grow(contract)
    amended = history.record_contract(session, contract, ContractAct.AMENDED, actor, values.day, today, values.reason)
    files.attach(session, actor, amended, amended.id, values.files, faults)
    faults.raise_any()
    if values.plan:
        payment_plans.write_plan(session, actor, contract, values.plan, today=today, reason=values.reason)
    return contract
