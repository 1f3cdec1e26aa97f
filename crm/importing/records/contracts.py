"""Contracts out of a file, with the opportunity they won, one instalment, one receipt and the day they were completed, as far as stated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch, Ref
from crm.importing.directory import in_lots
from crm.importing.fields import RecordKind
from crm.importing.judged import Context, Judged
from crm.importing.records.base import Columns, Records, as_json
from crm.models import (
    Contract,
    ContractHistory,
    ContractLine,
    Instalment,
    Opportunity,
    OpportunityHistory,
    PaymentPlan,
    Receipt,
    Stage,
)
from crm.rules import contracts as rules
from crm.rules import stages
from crm.services.signing import NumberTaken
from crm.vocabulary import (
    N_,
    ContractAct,
    ContractStatus,
    Kind,
    OpportunityAct,
    OpportunityStatus,
    PaymentMethod,
    StageMeaning,
)


class ContractOfAnotherCustomer(CrmError):
    """A contract is signed with the customer of its opportunity."""

    message = N_("The opportunity is one of another customer.")


class SignedTwice(CrmError):
    """One valid contract for an opportunity."""

    message = N_("The opportunity has a contract already.")


class NotAmendedHere(CrmError):
    """What a contract was signed for is amended by a person, with a reason."""

    message = N_("This contract stands already with another amount; an amendment is made on the contract, with its reason.")


@dataclass(frozen=True, slots=True)
class Signing:
    """What is known of a contract that was signed."""

    number: str
    customer: Ref
    amount: Decimal
    signed_on: date
    signer: Ref | None
    team: Ref | None
    carer: Ref | None
    opportunity: Ref | None = None
    source: Ref | None = None
    campaign: Ref | None = None
    products: tuple[Ref, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    status: ContractStatus = ContractStatus.IN_PROGRESS
    completed_on: date | None = None
    voided_on: date | None = None
    void_reason: str = ""


def sign(batch: Batch, context: Context, signing: Signing, external_id: str | None) -> Ref:
    """A contract as it was signed, marked as imported, with its history; recorded on the days of the file."""
    carer_team = signing.team if signing.carer is signing.signer else _team(context, signing.carer) or signing.team
    new = batch.add(
        Contract, number=signing.number, customer_id=signing.customer, opportunity_id=signing.opportunity, source_id=signing.source,
        campaign_id=signing.campaign, status=signing.status, amount=signing.amount, signed_on=signing.signed_on,
        recorded_on=signing.signed_on, starts_on=signing.starts_on, ends_on=signing.ends_on, signer_id=signing.signer,
        signer_team_id=signing.team, owner_id=signing.carer, team_id=carer_team, completed_on=signing.completed_on,
        voided_on=signing.voided_on, void_reason=signing.void_reason, is_imported=True, created_at=context.now,
        created_by_id=context.actor.user_id, external_system=context.system if external_id else None, external_id=external_id,
    )  # fmt: skip
    batch.track(Contract, new)
    if len(signing.products) == 1:  # the parts of several products are not stated
        batch.add(ContractLine, contract_id=new, product_id=signing.products[0], amount=signing.amount)
    lines = [(ContractAct.SIGNED, signing.signed_on, ContractStatus.IN_PROGRESS, "")]
    if signing.completed_on:
        lines.append((ContractAct.COMPLETED, signing.completed_on, ContractStatus.COMPLETED, ""))
    if signing.voided_on:
        lines.append((ContractAct.VOIDED, signing.voided_on, ContractStatus.VOIDED, signing.void_reason))
    for seq, (act, day, status, reason) in enumerate(lines, start=1):
        batch.add(
            ContractHistory, contract_id=new, seq=seq, act=act, at=context.moment(day), day=day, recorded_on=day,
            by_id=context.actor.user_id, status=status, amount=signing.amount, owner_id=signing.carer, team_id=carer_team, reason=reason,
        )  # fmt: skip
    return new


def _team(context: Context, person: Ref | None) -> Ref | None:
    return context.names.team_of.get(person) if isinstance(person, int) else None


class Contracts(Records):
    """A contract is the same by its id in the old system, else by its number."""

    kind, model, asks, day = RecordKind.CONTRACTS, Contract, Kind.CONTRACT, "signed_on"
    past = ("signed_on", "settled_on", "completed_on", "voided_on")
    money_days = ("signed_on", "settled_on", "completed_on", "voided_on")
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "customer": "customer_id", "starts_on": "starts_on", "ends_on": "ends_on", "carer": "owner_id", "status": "status",
        "completed_on": "completed_on", "amount": "amount",
    }  # fmt: skip

    def load(self, session: Session, rows: list[Judged]) -> None:
        """What stands by number (the old system's ids lead to the number), and the opportunities that are named."""
        super().load(session, rows)
        self._by_id = self.standing
        table: Any = Contract.__table__
        numbers = dict.fromkeys(row.values["number"] for row in rows if "number" in row.values)
        self.standing = {row.number: row for row in in_lots(session, select(table), table.c.number, numbers)}
        self.standing |= {row.number: row for row in self._by_id.values()}
        ids = [row.id for row in self.standing.values()]
        self._seq = dict(in_lots(session, HISTORY, ContractHistory.contract_id, ids))
        self._received = received(session, ids)
        named = select(Stage.id).where(Stage.meaning == StageMeaning.SIGNED)
        self._signed = session.scalar(named)
        self._opportunities: dict[int, Any] = {}
        self._session_opportunities(session, rows)

    def _session_opportunities(self, session: Session, rows: list[Judged]) -> None:
        """The opportunities that the rows name, with what their history goes on from."""
        field = self.fields["opportunity"]
        ids = set()
        for row in rows:
            name = row.values.get("opportunity")
            if isinstance(name, str):
                try:
                    found = self.names.find(field, name)
                except CrmError:
                    continue  # told when the row is judged
                if isinstance(found, int):
                    ids.add(found)
        table: Any = Opportunity.__table__
        self._opportunities = {row.id: row for row in in_lots(session, select(table), table.c.id, ids)}
        last = select(OpportunityHistory.opportunity_id, OpportunityHistory.seq).order_by(OpportunityHistory.seq)
        self._opportunity_seq = dict(in_lots(session, last, OpportunityHistory.opportunity_id, ids))
        valid = select(Contract.opportunity_id).where(Contract.status != ContractStatus.VOIDED)
        self._taken = {row.opportunity_id for row in in_lots(session, valid, Contract.opportunity_id, ids)}

    def identity(self, row: Judged) -> Any:
        """The number, as the contract with this id in the old system has it."""
        known = self._by_id.get(row.values.get("external_id"))
        return known.number if known else row.values["number"]

    def check(self, row: Judged) -> None:
        """Signer, opportunity, money and state go together."""
        values = row.values
        if row.standing is None:
            self.check_owner(row, "signer", is_open=False)
            if values["number"] in self.standing:
                self.context.refuse(row, "number", NumberTaken())
            self._check_opportunity(row)
            if values.keys() & {"due_on", "settled_on"}:
                self._hold(row, "amount", lambda: rules.check_plan([(1, values["amount"])], values["amount"]))
        elif row.stated("amount") not in (None, row.standing.amount):
            self.context.refuse(row, "amount", NotAmendedHere())
        elif row.stated("status") not in (None, row.standing.status):
            self._hold(row, "status", lambda: rules.check_move(row.standing.status, values["status"]))
        if values.get("status") is ContractStatus.VOIDED and ("settled_on" in values or self._received_for(row)):
            self._hold(row, "status", lambda: rules.check_void(ContractStatus.IN_PROGRESS, values["amount"]))

    def _received_for(self, row: Judged) -> Decimal | None:
        return self._received.get(row.standing.id) if row.standing is not None else None

    def _hold(self, row: Judged, key: str, rule: Any) -> None:
        try:
            rule()
        except CrmError as reason:
            self.context.refuse(row, key, reason)

    def _check_opportunity(self, row: Judged) -> None:
        """Only what is followed, or was won without a contract, is signed, and once."""
        opportunity = self._opportunities.get(row.values.get("opportunity", 0))
        if opportunity is None:
            return
        if row.values.get("status") is not ContractStatus.VOIDED:
            if opportunity.id in self._taken:
                self.context.refuse(row, "opportunity", SignedTwice())
            self._taken.add(opportunity.id)
        if opportunity.status is not OpportunityStatus.WON:
            self._hold(row, "opportunity", lambda: stages.move(opportunity.status, OpportunityStatus.WON))
        if row.values["customer"] != opportunity.customer_id:
            self.context.refuse(row, "opportunity", ContractOfAnotherCustomer())

    def holder(self, row: Judged) -> tuple[Ref | None, Ref | None]:
        """A customer that comes along belongs to whom its contracts belong to."""
        signer = row.values.get("carer") or row.values.get("signer")
        return signer, self.team_of(signer, row)

    def add(self, row: Judged, batch: Batch) -> None:
        """The contract with its money, as one invoice knows it: due once, settled once."""
        values, context = row.values, self.context
        signer, team = values["signer"], self.team_of(values["signer"], row)
        opportunity = self._opportunities.get(values.get("opportunity", 0))
        status = values.get("status", ContractStatus.IN_PROGRESS)
        new = sign(
            batch, context,
            Signing(
                number=values["number"], customer=values["customer"], opportunity=values.get("opportunity"), amount=values["amount"],
                source=values.get("source", opportunity.source_id if opportunity is not None else None),
                campaign=values.get("campaign", opportunity.campaign_id if opportunity is not None else None),
                products=values.get("products", ()), signed_on=values["signed_on"], signer=signer, team=team,
                carer=values.get("carer", signer), starts_on=values.get("starts_on"), ends_on=values.get("ends_on"), status=status,
                completed_on=values.get("completed_on") if status is ContractStatus.COMPLETED else None,
                voided_on=values.get("voided_on") if status is ContractStatus.VOIDED else None,
                void_reason=values.get("void_reason", "") if status is ContractStatus.VOIDED else "",
            ),
            external_id=values.get("external_id") if context.system else None,
        )  # fmt: skip
        if "due_on" in values:
            add_plan(batch, context, new, 1, values["signed_on"], [(1, values["due_on"], values["amount"], "")])
        if "settled_on" in values:
            receipt = batch.add(
                Receipt, contract_id=new, received_on=values["settled_on"], recorded_on=values["settled_on"], amount=values["amount"],
                method=PaymentMethod.TRANSFER, created_at=context.now, created_by_id=context.actor.user_id,
            )  # fmt: skip
            batch.track(Receipt, receipt)
        if opportunity is not None and opportunity.status is OpportunityStatus.FOLLOWING and status is not ContractStatus.VOIDED:
            self._win(opportunity, values["signed_on"], batch)
        batch.created += 1

    def _win(self, opportunity: Any, day: date, batch: Batch) -> None:
        """The opportunity that is followed is won on the day of signing."""
        stage = self._signed or opportunity.stage_id
        values = {"status": OpportunityStatus.WON, "stage_id": stage, "closed_on": day}
        seq = self._opportunity_seq.get(opportunity.id, 0)
        update_record(batch, Opportunity, opportunity, values, history=seq)
        batch.add(
            OpportunityHistory, opportunity_id=opportunity.id, seq=seq + 1, act=OpportunityAct.WON, at=self.context.moment(day), day=day,
            recorded_on=day, by_id=self.context.actor.user_id, status=OpportunityStatus.WON, stage_id=stage,
            owner_id=opportunity.owner_id, team_id=opportunity.team_id, amount=opportunity.expected_amount,
            expected_close_on=opportunity.expected_close_on,
        )  # fmt: skip

    def change(self, row: Judged, batch: Batch) -> None:
        """Dates, carer, and that it was completed or voided."""
        standing, differing = row.standing, self.differing(row)
        seq = self._seq.get(standing.id, 0)
        if differing.get("status") is ContractStatus.VOIDED:
            differing |= {"voided_on": row.values["voided_on"], "void_reason": row.values["void_reason"]}
        self.update(row, batch, differing, history=seq)
        act, day = ContractAct.CARER, self.context.today
        if "status" in differing:
            act = ContractAct(differing["status"].value)
            day = row.values["completed_on" if act is ContractAct.COMPLETED else "voided_on"]
        if "status" in differing or "owner_id" in differing:
            batch.add(
                ContractHistory, contract_id=standing.id, seq=seq + 1, act=act, at=self.context.moment(day), day=day, recorded_on=day,
                by_id=self.context.actor.user_id, status=differing.get("status", standing.status), amount=standing.amount,
                owner_id=differing.get("owner_id", standing.owner_id), team_id=differing.get("team_id", standing.team_id),
                reason=differing.get("void_reason", ""),
            )  # fmt: skip

    def stated_columns(self, row: Judged) -> Columns:
        """The amount is judged, and not changed; a carer brings their team."""
        columns = super().stated_columns(row)
        columns.pop("amount", None)
        if "owner_id" in columns:
            columns["team_id"] = self.team_of(columns["owner_id"], row)
        return columns


HISTORY = select(ContractHistory.contract_id, ContractHistory.seq).order_by(ContractHistory.seq)
"""The lines of contracts' histories, the last one last."""


def received(session: Session, ids: list[int]) -> dict[int, Decimal]:
    """What has come in for each contract, refunds taken off, cancelled receipts left out."""
    rows = select(Receipt.contract_id, func.sum(Receipt.amount)).where(Receipt.cancelled_on.is_(None)).group_by(Receipt.contract_id)
    return dict(in_lots(session, rows, Receipt.contract_id, ids))


def add_plan(
    batch: Batch, context: Context, contract: Ref, revision: int, day: date, instalments: list[tuple[int, date, Decimal, str]]
) -> None:
    """A version of a payment plan: number, due date, amount and condition of each instalment."""
    plan = batch.add(
        PaymentPlan, contract_id=contract, revision=revision, day=day, recorded_on=day, at=context.moment(day), by_id=context.actor.user_id,
        reason=context.note_of_import,
    )  # fmt: skip
    batch.track(PaymentPlan, plan, 0)
    for no, due_on, amount, condition in instalments:
        batch.add(Instalment, plan_id=plan, contract_id=contract, no=no, due_on=due_on, amount=amount, condition=condition)


def update_record(batch: Batch, model: Any, standing: Any, values: Columns, **kept: Any) -> None:
    """Change a record other than the row's own, so that the undo can take it back."""
    before = {column: getattr(standing, column) for column in values}
    batch.update(model, standing.id, standing.version, values)
    batch.track(model, standing.id, standing.version + 1, as_json({"columns": before, **kept}))
