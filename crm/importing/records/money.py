"""The money of contracts out of a file: payment plans by their instalments, receipts and refunds, costs."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch
from crm.importing.directory import in_lots
from crm.importing.fields import RecordKind
from crm.importing.judged import Judged, Outcome
from crm.importing.records.base import Columns, Records
from crm.importing.records.contracts import HISTORY, add_plan, received, update_record
from crm.models import Contract, ContractHistory, Cost, Instalment, PaymentPlan, Receipt, ReceiptInstalment
from crm.money import ZERO
from crm.rules import contracts as rules
from crm.services.contracts import ContractIsClosed
from crm.services.payment_plans import NoSuchInstalment
from crm.vocabulary import N_, ContractAct, ContractStatus, Kind, PaymentMethod


class RefundUnexplained(CrmError):
    """Money that is given back has a reason."""

    message = N_("A refund needs a note that says why.")


class OtherRowsFaulty(CrmError):
    """A payment plan is taken whole or not at all."""

    message = N_("Another instalment of this contract is faulty, and a payment plan is taken whole.")


class OfContracts(Records):
    """Rows that belong to contracts which stand already."""

    asks = Kind.CONTRACT

    def load(self, session: Session, rows: list[Judged]) -> None:
        """The contracts that the rows name, and what has come in for each."""
        super().load(session, rows)
        self.of_row: dict[int, int] = {}
        for row in rows:
            name = row.values.get("contract")
            if isinstance(name, str):
                try:
                    found = self.names.find(self.fields["contract"], name)
                except CrmError:
                    continue  # told when the row is judged
                if isinstance(found, int):
                    self.of_row[row.number] = found
        ids = sorted(set(self.of_row.values()))
        table: Any = Contract.__table__
        self.contracts = {row.id: row for row in in_lots(session, select(table), table.c.id, ids)}
        self.received = received(session, ids)
        self.plans = _plans(session, ids)
        self.history_ends: dict[int, int] = dict(in_lots(session, HISTORY, ContractHistory.contract_id, ids))

    def contract(self, row: Judged) -> Any:
        """The contract of a row."""
        return self.contracts[row.values["contract"]]

    def check_not_voided(self, row: Judged) -> None:
        """A void contract takes no money."""
        if self.contract(row).status is ContractStatus.VOIDED:
            self.context.refuse(row, "contract", ContractIsClosed(status=ContractStatus.VOIDED))


Plan = list[tuple[int, Any, Decimal, str]]
"""Number, due date, amount and condition of each instalment."""


def _plans(session: Session, ids: list[int]) -> dict[int, tuple[int, Plan]]:
    """The plan in force of each contract: its revision and instalments."""
    newest: dict[int, tuple[int, int]] = {}
    rows = select(PaymentPlan.contract_id, PaymentPlan.revision, PaymentPlan.id).where(~PaymentPlan.proposed)
    for contract, revision, plan in in_lots(session, rows.order_by(PaymentPlan.revision), PaymentPlan.contract_id, ids):
        newest[contract] = (revision, plan)
    plans: dict[int, tuple[int, Plan]] = {contract: (revision, []) for contract, (revision, _) in newest.items()}
    of = {plan: contract for contract, (_, plan) in newest.items()}
    columns = select(Instalment.plan_id, Instalment.no, Instalment.due_on, Instalment.amount, Instalment.condition).order_by(Instalment.no)
    for plan, *instalment in in_lots(session, columns, Instalment.plan_id, of):
        plans[of[plan]][1].append(tuple(instalment))
    return plans


class Instalments(OfContracts):
    """All rows of one contract make its payment plan, which sums to the contract's amount."""

    kind, model = RecordKind.INSTALMENTS, Instalment

    def load(self, session: Session, rows: list[Judged]) -> None:
        """The plan that each contract's rows make."""
        super().load(session, rows)
        self._revisions: dict[int, int] = dict(
            in_lots(
                session, select(PaymentPlan.contract_id, func.max(PaymentPlan.revision)).group_by(PaymentPlan.contract_id),
                PaymentPlan.contract_id, self.contracts,
            )
        )  # fmt: skip
        self._made: dict[int, list[Judged]] = {}
        self._broken = {self.of_row[row.number] for row in rows if row.faults and row.number in self.of_row}
        for row in rows:
            if row.number in self.of_row:
                self._made.setdefault(self.of_row[row.number], []).append(row)

    def identity(self, row: Judged) -> Any:
        """A plan is compared as a whole."""
        return None

    def is_recognised(self, row: Judged) -> bool:
        """As a part of the plan that stands."""
        return True

    def check(self, row: Judged) -> None:
        """The plan of the row's contract must be one."""
        self.check_not_voided(row)
        contract = self.contract(row)
        if contract.id in self._broken:
            self.context.refuse(row, "contract", OtherRowsFaulty())
            return
        try:
            rules.check_plan([(no, amount) for no, _, amount, _ in self._plan(contract.id)], contract.amount)
        except CrmError as reason:
            self.context.refuse(row, "amount", reason)

    def _plan(self, contract: int) -> Plan:
        """Numbers as the file gives them, else in the order of the rows."""
        return [
            (row.values.get("no", place), row.values["due_on"], row.values["amount"], row.values.get("condition", ""))
            for place, row in enumerate(self._made[contract], start=1)
        ]

    def _place(self, row: Judged) -> None:
        super()._place(row)
        if not row.faults and self.plans.get(row.values["contract"], (0, None))[1] == self._plan(row.values["contract"]):
            row.outcome = Outcome.UNCHANGED

    def add(self, row: Judged, batch: Batch) -> None:
        """Counted here; the plan is written at the end."""
        batch.created += 1

    def finish(self, batch: Batch) -> None:
        """A first plan holds since the contract was signed, another from today on."""
        for contract, rows in self._made.items():
            if all(row.outcome is Outcome.GOOD for row in rows):
                day = self.context.today if contract in self.plans else self.contracts[contract].signed_on
                add_plan(batch, self.context, contract, self._revisions.get(contract, 0) + 1, day, self._plan(contract))


class Receipts(OfContracts):
    """A receipt is the same by its id in the old system. A contract that was imported is completed on the day it was fully received."""

    kind, model = RecordKind.RECEIPTS, Receipt
    past = money_days = ("received_on",)
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "contract": "contract_id", "received_on": "received_on", "amount": "amount", "method": "method", "note": "note",
    }  # fmt: skip

    def load(self, session: Session, rows: list[Judged]) -> None:
        """Besides: the day of the latest receipt of each contract."""
        super().load(session, rows)
        self._latest: dict[int, date] = {}

    def check(self, row: Judged) -> None:
        """Neither more than is outstanding, nor back more than came in."""
        contract, amount = self.contract(row), row.values["amount"]
        self.check_not_voided(row)
        so_far = self.received.get(contract.id, ZERO) - (row.standing.amount if row.standing is not None else ZERO)
        try:
            rules.check_receipt(amount, contract.amount, so_far, is_prepayment=False)
        except CrmError as reason:
            self.context.refuse(row, "amount", reason)
        if amount < 0 and not row.values.get("note"):
            self.context.refuse(row, "note", RefundUnexplained())
        no = row.values.get("instalment")
        if no is not None and no not in {known for known, *_ in self.plans.get(contract.id, (0, []))[1]}:
            self.context.refuse(row, "instalment", NoSuchInstalment(no=no))
        if not row.faults:
            self.received[contract.id] = so_far + amount

    def add(self, row: Judged, batch: Batch) -> None:
        """Money that came in, or went back, recorded on its day."""
        columns = self.filled_columns(row)
        columns.setdefault("method", PaymentMethod.TRANSFER)
        new = batch.add(
            Receipt, recorded_on=row.values["received_on"], created_at=self.context.now, created_by_id=self.context.actor.user_id,
            **columns, **self.outside(row),
        )  # fmt: skip
        batch.track(Receipt, new)
        if "instalment" in row.values:
            batch.add(ReceiptInstalment, receipt_id=new, contract_id=row.values["contract"], no=row.values["instalment"])
        batch.created += 1
        known = self._latest.get(row.values["contract"])
        self._latest[row.values["contract"]] = max(known, row.values["received_on"]) if known else row.values["received_on"]

    def finish(self, batch: Batch) -> None:
        """Complete what was imported and is now fully received."""
        for of, day in self._latest.items():
            contract = self.contracts[of]
            full = self.received.get(of, ZERO) >= contract.amount
            if not (contract.is_imported and contract.status is ContractStatus.IN_PROGRESS and full):
                continue
            seq = self.history_ends.get(of, 0)
            update_record(batch, Contract, contract, {"status": ContractStatus.COMPLETED, "completed_on": day}, history=seq)
            batch.add(
                ContractHistory, contract_id=of, seq=seq + 1, act=ContractAct.COMPLETED, at=self.context.moment(day), day=day,
                recorded_on=day, by_id=self.context.actor.user_id, status=ContractStatus.COMPLETED, amount=contract.amount,
                owner_id=contract.owner_id, team_id=contract.team_id,
            )  # fmt: skip


class Costs(OfContracts):
    """A cost is the same by its id in the old system."""

    kind, model, day = RecordKind.COSTS, Cost, "paid_on"
    past = money_days = ("paid_on",)
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "contract": "contract_id", "category": "category_id", "paid_on": "paid_on", "amount": "amount", "note": "note",
    }  # fmt: skip

    def check(self, row: Judged) -> None:
        """A void contract costs nothing any more."""
        self.check_not_voided(row)

    def stated_columns(self, row: Judged) -> Columns:
        """A cost that is dated anew counts from its new day."""
        columns = super().stated_columns(row)
        return columns | ({"recorded_on": columns["paid_on"]} if "paid_on" in columns else {})

    def add(self, row: Judged, batch: Batch) -> None:
        """Money that went out, recorded on its day."""
        new = batch.add(
            Cost, recorded_on=row.values["paid_on"], created_at=self.context.now, created_by_id=self.context.actor.user_id,
            **self.filled_columns(row), **self.outside(row),
        )  # fmt: skip
        batch.track(Cost, new)
        batch.created += 1
