"""Opportunities out of a file, open and closed, with their past: created as imported, closed on the day of the file, won by a contract."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import Batch, Ref
from crm.importing.directory import Besides, in_lots
from crm.importing.fields import Named, RecordKind
from crm.importing.judged import Judged
from crm.importing.records.base import Columns, Records
from crm.importing.records.contracts import Signing, sign
from crm.importing.records.customers import add_contact
from crm.models import Contract, FormerOpportunityLine, Opportunity, OpportunityHistory, OpportunityLine, Stage
from crm.money import ZERO
from crm.rules import stages
from crm.services.signing import NumberTaken
from crm.vocabulary import N_, Kind, LossKind, OpportunityAct, OpportunityStatus, StageMeaning

LOST = (OpportunityStatus.LOST, OpportunityStatus.STOPPED)


class AmountUnknown(CrmError):
    """A contract has an amount."""

    message = N_("A contract needs an amount, and the row states none.")


class NumberNeeded(CrmError):
    """A contract has a number."""

    message = N_("What a contract says needs the contract's number.")


class WonByContract(CrmError):
    """A signed contract is changed as a contract."""

    message = N_("This opportunity was won by a contract; import the change as one of the contract.")


class Opportunities(Records):
    """An opportunity is the same by its id in the old system."""

    kind, model, asks, day = RecordKind.OPPORTUNITIES, Opportunity, Kind.OPPORTUNITY, "created_on"
    past = ("created_on", "closed_on", "contract_signed_on")
    money_days = ("contract_signed_on",)
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "title": "title", "customer": "customer_id", "owner": "owner_id", "team": "team_id", "source": "source_id",
        "campaign": "campaign_id", "amount": "expected_amount", "expected_close_on": "expected_close_on", "stage": "stage_id",
        "status": "status", "closed_on": "closed_on", "loss_reason": "loss_reason_id", "loss_competitor": "loss_competitor_id",
        "loss_note": "loss_note",
    }  # fmt: skip

    def load(self, session: Session, rows: list[Judged]) -> None:
        """The stages, what stands by id with its lines and the end of its history, and the contract numbers that are taken."""
        super().load(session, rows)
        by_position = select(Stage.id, Stage.meaning).where(Stage.active).order_by(Stage.position, Stage.id)
        found = session.execute(by_position).all()
        self._first = next((id for id, meaning in found if meaning is None), None)
        self._signed = next((id for id, meaning in found if meaning is StageMeaning.SIGNED), None)
        ids = [row.id for row in self.standing.values()]
        self._seq = _last_seq(session, ids)
        self._lines = _lines(session, ids)
        self._won = {row.opportunity_id for row in in_lots(session, select(Contract.opportunity_id), Contract.opportunity_id, ids)}
        numbers = dict.fromkeys(row.values["contract_number"] for row in rows if "contract_number" in row.values)
        self._numbers: dict[str, int] = dict.fromkeys(
            (row.number for row in in_lots(session, select(Contract.number), Contract.number, numbers)), 0
        )

    def meaning(self, row: Judged, key: str) -> str:
        """Reasons for losing and for stopping are two lists."""
        return _closing(row).value if key == "loss_reason" else ""

    def check(self, row: Judged) -> None:
        """Owner, state and contract go together."""
        is_open = self._status(row) is OpportunityStatus.FOLLOWING
        self.check_owner(row, "owner", is_open=is_open)
        self._check_move(row)
        if "contract_number" in row.values and not row.faults:
            self._check_contract(row)
        elif row.values.keys() & {"contract_signed_on", "contract_amount"} and self._status(row) is OpportunityStatus.WON:
            self.context.refuse(row, "contract_number", NumberNeeded())

    def _status(self, row: Judged) -> OpportunityStatus:
        stated: OpportunityStatus | None = row.values.get("status")
        return stated or (row.standing.status if row.standing is not None else OpportunityStatus.FOLLOWING)

    def _check_move(self, row: Judged) -> None:
        """What stands moves only as people could move it, and what a contract won stays as it is."""
        standing, stated = row.standing, row.stated("status")
        if standing is None:
            return
        if stated is not None and stated is not standing.status:
            try:
                stages.move(standing.status, stated)
                if standing.status is OpportunityStatus.WON:
                    raise WonByContract()
            except CrmError as reason:
                self.context.refuse(row, "status", reason)
        elif standing.id in self._won and "expected_amount" in self.differing(row):
            self.context.refuse(row, "amount", WonByContract())

    def _check_contract(self, row: Judged) -> None:
        """A number that nobody has, and an amount."""
        if row.standing is not None and row.standing.id in self._won:
            return
        number = row.values["contract_number"]
        if self._numbers.setdefault(number, row.number) != row.number:
            self.context.refuse(row, "contract_number", NumberTaken())
        if self._contract_amount(row) is None:
            self.context.refuse(row, "contract_amount", AmountUnknown())

    def _contract_amount(self, row: Judged) -> Decimal | None:
        return row.values.get("contract_amount", row.values.get("amount"))

    def stated_columns(self, row: Judged) -> Columns:
        """What is won stands at the stage of signing; an owner brings the team."""
        columns = super().stated_columns(row)
        status = self._status(row)
        if status is OpportunityStatus.WON:
            columns["stage_id"] = self._signed or self._first
        elif status is OpportunityStatus.FOLLOWING:
            for name in ("closed_on", "loss_reason_id", "loss_competitor_id", "loss_note"):
                columns.pop(name, None)
            if row.standing is not None and row.standing.status is not status:
                columns |= {"closed_on": None, "loss_reason_id": None, "loss_competitor_id": None, "loss_note": ""}
        elif row.standing is not None and row.standing.status is not status:  # what it is closed with, supplied or not
            columns |= {self.COLUMNS[key]: row.values[key] for key in ("closed_on", "loss_reason") if key in row.values}
        if "owner_id" in columns and "team_id" not in columns:
            columns["team_id"] = self.team_of(columns["owner_id"], row)
        return columns

    def changed_fields(self, row: Judged) -> list[str]:
        """The products too."""
        changed = super().changed_fields(row)
        return [*changed, "products"] if self._other_products(row) else changed

    def _other_products(self, row: Judged) -> bool:
        return "products" in row.values and set(row.values["products"]) != set(self._lines.get(row.standing.id, ()))

    def holder(self, row: Judged) -> tuple[Ref | None, Ref | None]:
        """A customer that comes along belongs to whom its opportunities belong to."""
        owner = row.values.get("owner")
        return owner, self.team_of(owner, row) if owner is not None else row.values.get("team")

    def _learn(self, row: Judged, key: str, ref: Besides) -> None:
        super()._learn(row, key, ref)
        if ref.named is Named.LOSS_REASON:
            ref.learned.closing = _closing(row)

    def add(self, row: Judged, batch: Batch) -> None:
        """An opportunity that was followed from created to closed, with its stage and amount throughout."""
        values, context = row.values, self.context
        columns = self.filled_columns(row) | self.stated_columns(row)
        status = columns.setdefault("status", OpportunityStatus.FOLLOWING)
        owner, team = self.holder(row)
        columns |= {"owner_id": owner, "team_id": team}
        columns.setdefault("stage_id", self._first)
        contact = add_contact(row, values["customer"], batch) if values.keys() & {"contact", "phone", "email"} else None
        new = batch.add(
            Opportunity, contact_id=contact, first_owner_id=owner, first_team_id=team, created_on=values["created_on"],
            created_on_supplied="created_on" in row.supplied, created_at=context.now, created_by_id=context.actor.user_id,
            **columns, **self.outside(row),
        )  # fmt: skip
        batch.track(Opportunity, new)
        self._add_lines(row, new, batch, columns.get("expected_amount"))
        followed = columns | {"status": OpportunityStatus.FOLLOWING, "loss_reason_id": None, "loss_competitor_id": None}
        followed["stage_id"] = values.get("stage") or self._first
        self._line(batch, new, 1, OpportunityAct.CREATED, values["created_on"], followed)
        if status is not OpportunityStatus.FOLLOWING:
            self._line(batch, new, 2, OpportunityAct(status.value), values["closed_on"], columns)
        if "contract_number" in values:
            self._sign(row, new, owner, team, batch)
        batch.created += 1

    def change(self, row: Judged, batch: Batch) -> None:
        """What differs, and the next line of its history: on the day it was closed, else today."""
        standing, differing = row.standing, self.differing(row)
        seq = self._seq.get(standing.id, 0) + 1
        if self._other_products(row):
            self._end_lines(standing.id, seq, batch)
            self._add_lines(row, standing.id, batch, differing.get("expected_amount", standing.expected_amount), seq)
            differing.setdefault("title", standing.title)
        kept = {"lines": {str(product): amount for product, (amount, _since) in self._lines.get(standing.id, {}).items()}}
        self.update(row, batch, differing, history=seq - 1, **kept)
        act = next((act for column, act in ACTS if column in differing), OpportunityAct.EDITED)
        day = self.context.today
        if "status" in differing:
            closes = differing["status"] is not OpportunityStatus.FOLLOWING
            act = OpportunityAct(differing["status"].value) if closes else OpportunityAct.REOPENED
            day = row.values["closed_on"] if closes else day
        after = {name: differing.get(name, getattr(standing, name)) for name in KEPT}
        self._line(batch, standing.id, seq, act, day, after)
        if "contract_number" in row.values and standing.id not in self._won and self._status(row) is OpportunityStatus.WON:
            self._sign(row, standing.id, after["owner_id"], after["team_id"], batch)

    def _end_lines(self, standing: int, seq: int, batch: Batch) -> None:
        """Other lines stand from the act `seq` on; what they were is kept."""
        batch.remove(OpportunityLine, "opportunity_id", standing)
        for product, (amount, since) in self._lines.get(standing, {}).items():
            batch.add(FormerOpportunityLine, opportunity_id=standing, product_id=product, amount=amount, since_seq=since, until_seq=seq)

    def _add_lines(self, row: Judged, new: Ref, batch: Batch, amount: Decimal | None, since: int = 1) -> None:
        """A product's part of the amount is known where it is the only one."""
        products = row.values.get("products", ())
        for product in products:
            part = amount if len(products) == 1 else None
            batch.add(OpportunityLine, opportunity_id=new, product_id=product, amount=part, since_seq=since)

    def _line(self, batch: Batch, of: Ref, seq: int, act: OpportunityAct, day: date, stands: Columns) -> None:
        batch.add(
            OpportunityHistory, opportunity_id=of, seq=seq, act=act, at=self.context.moment(day), day=day, recorded_on=day,
            by_id=self.context.actor.user_id, status=stands["status"], stage_id=stands["stage_id"], owner_id=stands.get("owner_id"),
            team_id=stands.get("team_id"), amount=stands.get("expected_amount"), expected_close_on=stands.get("expected_close_on"),
            loss_reason_id=stands.get("loss_reason_id"), loss_competitor_id=stands.get("loss_competitor_id"),
        )  # fmt: skip

    def _sign(self, row: Judged, opportunity: Ref, owner: Ref | None, team: Ref | None, batch: Batch) -> None:
        """The contract that won it."""
        values = row.values
        sign(
            batch, self.context,
            Signing(
                number=values["contract_number"], customer=values["customer"], opportunity=opportunity, source=values.get("source"),
                campaign=values.get("campaign"), amount=self._contract_amount(row) or ZERO, products=values.get("products", ()),
                signed_on=values.get("contract_signed_on") or values["closed_on"], signer=owner, team=team, carer=owner,
            ),
            external_id=values.get("external_id") if self.context.system else None,
        )  # fmt: skip


KEPT = (
    "status", "stage_id", "owner_id", "team_id", "expected_amount", "expected_close_on", "loss_reason_id", "loss_competitor_id",
)  # fmt: skip
"""What a line of history keeps."""

ACTS = (
    ("owner_id", OpportunityAct.ASSIGNED),
    ("team_id", OpportunityAct.ASSIGNED),
    ("stage_id", OpportunityAct.STAGE),
    ("expected_amount", OpportunityAct.AMOUNT),
    ("expected_close_on", OpportunityAct.EXPECTED_CLOSE),
)
"""What a change is called in the history, by the first thing that it changes."""


def _closing(row: Judged) -> LossKind:
    return LossKind.STOPPED if row.values.get("status") is OpportunityStatus.STOPPED else LossKind.LOST


def _last_seq(session: Session, ids: list[int]) -> dict[int, int]:
    """The number of the last line of each history."""
    rows = select(OpportunityHistory.opportunity_id, OpportunityHistory.seq).order_by(OpportunityHistory.seq)
    return dict(in_lots(session, rows, OpportunityHistory.opportunity_id, ids))


def _lines(session: Session, ids: list[int]) -> dict[int, dict[int, tuple[Decimal | None, int]]]:
    """The products of each, with their amounts and the acts since which they stand."""
    lines: dict[int, dict[int, tuple[Decimal | None, int]]] = {}
    rows = select(OpportunityLine.opportunity_id, OpportunityLine.product_id, OpportunityLine.amount, OpportunityLine.since_seq)
    for of, product, amount, since in in_lots(session, rows, OpportunityLine.opportunity_id, ids):
        lines.setdefault(of, {})[product] = amount, since
    return lines
