"""The list of contracts: what it shows of each with its money, how it is sorted, narrowed and searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from crm.models import Contract, Customer, Receipt, Team, User
from crm.money import ZERO
from crm.rules.receivables import outstanding
from crm.services.list_terms import Related, Sort, among
from crm.services.lists import RecordList
from crm.vocabulary import ContractStatus


@dataclass(frozen=True, slots=True)
class Row:
    """One contract in the list; its signer, and who cares for it now."""

    id: int
    number: str
    customer: str
    status: ContractStatus
    amount: Decimal
    received: Decimal
    signed_on: date
    signer: str | None
    owner: str | None
    team: str | None

    @property
    def outstanding(self) -> Decimal:
        """What is still to come."""
        return outstanding(self.amount, self.received)


def _rows(session: Session, ids: Sequence[int]) -> list[Row]:
    signer, owner = aliased(User), aliased(User)
    counted = select(Receipt.contract_id, func.sum(Receipt.amount)).where(Receipt.contract_id.in_(ids), Receipt.cancelled_on.is_(None))
    received = dict(session.execute(counted.group_by(Receipt.contract_id)).all())
    statement = (
        select(
            Contract.id, Contract.number, Customer.name, Contract.status, Contract.amount, Contract.signed_on,
            signer.name, owner.name, Team.name,
        )
        .join(Customer, Customer.id == Contract.customer_id)
        .join(signer, signer.id == Contract.signer_id, isouter=True)
        .join(owner, owner.id == Contract.owner_id, isouter=True)
        .join(Team, Team.id == Contract.team_id, isouter=True)
        .where(Contract.id.in_(ids))
    )  # fmt: skip
    return [Row(*row[:5], received.get(row[0]) or ZERO, *row[5:]) for row in session.execute(statement)]


def _states(_session: Session) -> Sequence[ContractStatus]:
    return tuple(ContractStatus)


CONTRACTS = RecordList(
    "contracts",
    Contract,
    sorts={"signed_on": Sort(Contract.signed_on), "amount": Sort(Contract.amount), "status": Sort(Contract.status, ranks=_states)},
    filters={
        "status": among(Contract.status, ContractStatus, common=True, paired=("signed_on", "amount", "status")),
        "team": among(Contract.team_id),
        "rep": among(Contract.owner_id),
    },
    rows=_rows,
    searched=(Contract.number,),
    related=(Related(Customer, (Customer.name,), by=Contract.customer_id),),
)
