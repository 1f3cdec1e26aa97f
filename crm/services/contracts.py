"""A contract 合同: found within reach, its files, and what all of its verbs ask first.

How it comes about is in `signing`, what changes it in `amendments` and `carers`, how it ends in `endings`; its money in
`payment_plans`, `receipts` and `costs`.
"""

from datetime import date
from typing import Annotated

from sqlalchemy.orm import Session, selectinload

from crm.errors import CrmError
from crm.models import Contract, Receipt
from crm.scope import Actor
from crm.services import files, months
from crm.services.files import Files
from crm.services.input_faults import Missing
from crm.services.inputs import Control, Faults, Input, Reasoned, field
from crm.services.reach import find as find_within
from crm.services.reach import find_to
from crm.services.versions import grow
from crm.vocabulary import N_, ContractStatus, Kind, Permission

COPY_HELP = N_("PDF, pictures, documents of office programs; several at once.")
"""What the field of a signed copy takes."""


class ContractIsClosed(CrmError):
    """A completed or voided contract takes no such change."""

    message = N_("This contract is “{status}” and takes no such change.")


class AlreadyCancelled(CrmError):
    """A receipt, a cost or an invoice is cancelled once."""

    message = N_("This was cancelled already.")


class AddFiles(Input):
    """More files of a contract."""

    files: Annotated[Files, field(N_("Files"), Control.FILES, hint=COPY_HELP)] = ()


class CancelEntry(Reasoned):
    """Why a mistyped receipt, cost or invoice does not count."""


def find(session: Session, actor: Actor, contract_id: int) -> Contract:
    """The contract with its customer, people, lines and history, if this person may see it."""
    return find_within(
        session, actor, Contract, contract_id,
        selectinload(Contract.customer), selectinload(Contract.owner), selectinload(Contract.signer), selectinload(Contract.team),
        selectinload(Contract.lines), selectinload(Contract.history),
        selectinload(Contract.receipts).selectinload(Receipt.named),
    )  # fmt: skip


def add_files(session: Session, actor: Actor, contract_id: int, values: AddFiles) -> Contract:
    """Add to the files of a contract."""
    contract = find_to(session, actor, Permission.SIGN, Kind.CONTRACT, Contract, contract_id)
    faults = Faults()
    if not values.files:
        faults.add("files", Missing())
    files.attach(session, actor, contract, contract.id, values.files, faults)
    faults.raise_any()
    return contract


def check_in_progress(contract: Contract) -> None:
    """Refuse what only a contract in progress takes."""
    if contract.status is not ContractStatus.IN_PROGRESS:
        raise ContractIsClosed(status=contract.status)


def check_not_voided(contract: Contract) -> None:
    """Refuse money on a void contract."""
    if contract.status is ContractStatus.VOIDED:
        raise ContractIsClosed(status=contract.status)


def dated(session: Session, key: str, day: date, today: date) -> Faults:
    """Faults, with what is wrong with the date of something that has happened."""
    faults = Faults()
    faults.past(key, day, today)
    with faults.against(key):
        months.check_open(session, day)
    return faults


def touch(session: Session, contract: Contract) -> None:
    """Let the contract's version grow: of two people who enter money at once, the second is asked to try again."""
    grow(contract)
    session.flush()
