"""The verbs of a contract 合同: find, sign, amend, complete, void. Its money has verbs of its own (`payments`)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from crm import audit, clock, history
from crm.errors import CrmError
from crm.models import Contract, ContractLine, Opportunity, OpportunityHistory, OpportunityLine, Product, Quote, Receipt, Stage
from crm.money import ZERO, apportion
from crm.rules import contracts as rules
from crm.rules import quotes as quote_rules
from crm.rules import stages
from crm.scope import Actor
from crm.services import files, months, notices, payments
from crm.services.files import Files
from crm.services.inputs import (
    Control,
    Day,
    Faults,
    Input,
    Line,
    Missing,
    NotAChoice,
    PositiveAmount,
    Reason,
    Reference,
    field,
)
from crm.services.opportunities import ProductTwice, loss
from crm.services.payments import Plan, PlannedInstalment
from crm.services.quotes import plan_of
from crm.services.reach import chosen, find_to
from crm.services.reach import find as find_within
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, ContractAct, ContractStatus, Kind, LossKind, OpportunityStatus, Permission, QuoteStatus, StageMeaning

MOST_LINES = 100
"""Product lines on one contract."""


class NumberTaken(CrmError):
    """Contract numbers are unique in the company."""

    message = N_("There is a contract with this number already.")


class SignedTooEarly(CrmError):
    """Nothing is signed before the opportunity exists."""

    message = N_("The contract can't be signed before the opportunity was created ({day}).")


class EndsBeforeStart(CrmError):
    """A contract's dates are in order."""

    message = N_("The end is before the start.")


class ContractLinesDoNotSum(CrmError):
    """What was sold is what the contract is about, to the cent."""

    message = N_("The product lines sum to {lines}, the contract's amount is {amount}.")


class BeforeSigning(CrmError):
    """An amendment follows the signing."""

    message = N_("This is before the contract was signed ({day}).")


COPY_HELP = N_("PDF, pictures, documents of office programs; several at once.")


class SoldLine(Input):
    """A product and what it was sold for, after discount."""

    product_id: Annotated[Reference, field(N_("Product"), Control.CHOICE, offers="products")]
    amount: Annotated[PositiveAmount, field(N_("Amount"), Control.AMOUNT)]


class SignContract(Input):
    """The contract as it was signed. Signed from a quote, the amount and the products are the quote's."""

    number: Annotated[Line, field(N_("Contract no."))]
    amount: Annotated[PositiveAmount, field(N_("Contract amount"), Control.AMOUNT)]
    signed_on: Annotated[Day, field(N_("Signed on"), Control.DAY)]
    starts_on: Annotated[Day | None, field(N_("Start"), Control.DAY)] = None
    ends_on: Annotated[Day | None, field(N_("End"), Control.DAY)] = None
    lines: Annotated[Annotated[tuple[SoldLine, ...], Field(max_length=MOST_LINES)], field(N_("Products"), Control.LINES, wide=True)] = ()
    plan: Annotated[Plan, field(N_("Payment plan"), Control.LINES, wide=True)] = ()
    files: Annotated[Files, field(N_("Signed copy"), Control.FILES, hint=COPY_HELP)] = ()


class AmendContract(Input):
    """A new amount by agreement. Where there is a payment plan, the new one comes with it."""

    amount: Annotated[PositiveAmount, field(N_("Contract amount"), Control.AMOUNT)]
    day: Annotated[Day, field(N_("Date"), Control.DAY)]
    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]
    plan: Annotated[Plan, field(N_("Payment plan"), Control.LINES, wide=True)] = ()
    files: Annotated[Files, field(N_("Signed copy"), Control.FILES, hint=COPY_HELP)] = ()


class AddFiles(Input):
    """More files of a contract."""

    files: Annotated[Files, field(N_("Files"), Control.FILES, hint=COPY_HELP)] = ()


class VoidContract(Input):
    """Why a contract is void, and whether its opportunity is followed again or stopped (for which reason)."""

    reason: Annotated[Reason, field(N_("Reason"), Control.AREA)]
    opportunity_becomes: Annotated[OpportunityStatus, field(N_("The opportunity becomes"), Control.CHOICE)]
    stop_reason_id: Annotated[Reference | None, field(N_("Reason for stopping"), Control.CHOICE, offers="reasons")] = None


def find(session: Session, actor: Actor, contract_id: int) -> Contract:
    """The contract with its customer, people, lines and history, if this person may see it."""
    return find_within(
        session, actor, Contract, contract_id,
        selectinload(Contract.customer), selectinload(Contract.owner), selectinload(Contract.signer), selectinload(Contract.team),
        selectinload(Contract.lines), selectinload(Contract.history),
        selectinload(Contract.receipts).selectinload(Receipt.named),
    )  # fmt: skip


def sign(
    session: Session, actor: Actor, opportunity_id: int, values: SignContract, *, version: int, today: date, quote_id: int | None = None
) -> Contract:
    """Win an opportunity by its contract: contract, status and stage, and the first payment plan, in one act.

    The signing is its owner's deed, on the day of the contract; `quote_id` is the approved quote it follows, if there is one.
    """
    opportunity = find_to(
        session, actor, Permission.SIGN, Kind.CONTRACT, Opportunity, opportunity_id, selectinload(Opportunity.lines)
    )  # fmt: skip
    check_unchanged(session, opportunity, version)
    act = stages.move(opportunity.status, OpportunityStatus.WON)
    quote = _quote(session, opportunity, quote_id, today)
    amount = quote.total if quote else values.amount
    _check_signing(session, opportunity, values, amount, today, quoted=quote is not None)
    owner = opportunity.owner_id or actor.user_id
    contract = Contract(
        number=values.number, customer_id=opportunity.customer_id, opportunity_id=opportunity.id, quote_id=quote_id,
        source_id=opportunity.source_id, campaign_id=opportunity.campaign_id, status=ContractStatus.IN_PROGRESS, amount=amount,
        signed_on=values.signed_on, recorded_on=today, starts_on=values.starts_on, ends_on=values.ends_on,
        signer_id=owner, signer_team_id=opportunity.team_id, owner_id=owner, team_id=opportunity.team_id,
        created_at=clock.now(), created_by_id=actor.user_id, lines=_sold(opportunity, values, quote, amount),
    )  # fmt: skip
    session.add(contract)
    audit.created(session, actor, contract, "lines")
    history.record_contract(session, contract, ContractAct.SIGNED, actor, values.signed_on, today)
    stage_id = session.scalars(select(Stage.id).where(Stage.meaning == StageMeaning.SIGNED)).one()
    with audit.changing(session, actor, opportunity):
        opportunity.status, opportunity.stage_id, opportunity.closed_on = OpportunityStatus.WON, stage_id, values.signed_on
    history.record(session, opportunity, act, actor, values.signed_on, today)
    if quote:
        with audit.changing(session, actor, quote):
            quote.status = QuoteStatus.SIGNED
    plan = values.plan or _planned(session, quote)
    if plan:
        payments.write_plan(session, actor, contract, plan, today=today)
    faults = Faults()
    files.attach(session, actor, contract, contract.id, values.files, faults)
    faults.raise_any()
    notices.tell(
        session, opportunity.owner_id, N_("{by} signed the contract {number}."), contract, contract.id, by=actor, number=contract.number
    )
    return contract


def amend(session: Session, actor: Actor, contract_id: int, values: AmendContract, *, version: int, today: date) -> Contract:
    """Change a contract's amount from a day on; what it was stays in its history. Its lines keep their proportions."""
    contract = find_to(session, actor, Permission.AMEND, Kind.CONTRACT, Contract, contract_id, selectinload(Contract.lines))
    check_unchanged(session, contract, version)
    payments.check_in_progress(contract)
    standing = payments.current_plan(session, contract.id)
    faults = Faults()
    faults.past("day", values.day, today)
    if values.day < contract.signed_on:
        faults.add("day", BeforeSigning(day=contract.signed_on))
    with faults.against("day"):
        months.check_open(session, values.day)
    if standing or values.plan:
        with faults.against("plan"):
            payments.check_plan(values.plan, values.amount, standing)
    faults.raise_any()
    with audit.changing(session, actor, contract, "lines"):
        contract.amount = values.amount
        for line, amount in zip(contract.lines, apportion(values.amount, [line.amount for line in contract.lines]), strict=True):
            line.amount = amount
        flag_modified(contract, "number")
    amended = history.record_contract(session, contract, ContractAct.AMENDED, actor, values.day, today, values.reason)
    files.attach(session, actor, amended, amended.id, values.files, faults)
    faults.raise_any()
    if values.plan:
        payments.write_plan(session, actor, contract, values.plan, today=today, reason=values.reason)
    return contract


def add_files(session: Session, actor: Actor, contract_id: int, values: AddFiles) -> Contract:
    """Add to the files of a contract."""
    contract = find_to(session, actor, Permission.SIGN, Kind.CONTRACT, Contract, contract_id)
    faults = Faults()
    if not values.files:
        faults.add("files", Missing())
    files.attach(session, actor, contract, contract.id, values.files, faults)
    faults.raise_any()
    return contract


def complete(session: Session, actor: Actor, contract_id: int, *, version: int, today: date) -> Contract:
    """Close a contract of which everything has been received."""
    contract = find_to(session, actor, Permission.COMPLETE, Kind.CONTRACT, Contract, contract_id)
    check_unchanged(session, contract, version)
    rules.check_complete(contract.status, contract.amount, payments.received(session, contract.id))
    with audit.changing(session, actor, contract):
        contract.status, contract.completed_on = ContractStatus.COMPLETED, today
    history.record_contract(session, contract, ContractAct.COMPLETED, actor, today, today)
    return contract


def void(session: Session, actor: Actor, contract_id: int, values: VoidContract, *, version: int, today: date) -> Contract:
    """Declare a contract void from today on. Its opportunity is followed again, at the stage it had, or stopped."""
    contract = find_to(session, actor, Permission.VOID, Kind.CONTRACT, Contract, contract_id)
    check_unchanged(session, contract, version)
    rules.check_void(contract.status, payments.received(session, contract.id))
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


def _quote(session: Session, opportunity: Opportunity, quote_id: int | None, today: date) -> Quote | None:
    """The approved quote that is signed."""
    if quote_id is None:
        return None
    quote = session.scalar(
        select(Quote).where(Quote.id == quote_id, Quote.opportunity_id == opportunity.id).options(selectinload(Quote.lines))
    )
    if quote is None:
        raise NotAChoice()
    quote_rules.check_signable(quote.status, quote.valid_until, today)
    return quote


def _planned(session: Session, quote: Quote | None) -> Plan:
    """The payment plan on the quote, which becomes the contract's unless the form states another."""
    plan = plan_of(session, quote.id) if quote else None
    return tuple(
        PlannedInstalment(due_on=part.due_on, amount=part.amount, condition=part.condition) for part in (plan.instalments if plan else ())
    )


def _check_signing(session: Session, opportunity: Opportunity, values: SignContract, amount: Decimal, today: date, *, quoted: bool) -> None:
    faults = Faults()
    if session.scalar(select(Contract.id).where(Contract.number == values.number)) is not None:
        faults.add("number", NumberTaken())
    faults.past("signed_on", values.signed_on, today)
    if values.signed_on < opportunity.created_on:
        faults.add("signed_on", SignedTooEarly(day=opportunity.created_on))
    with faults.against("signed_on"):
        months.check_open(session, values.signed_on)
    if values.starts_on and values.ends_on and values.ends_on < values.starts_on:
        faults.add("ends_on", EndsBeforeStart())
    if not quoted:
        _check_lines(session, values.lines, amount, faults)
    if values.plan:
        with faults.against("plan"):
            payments.check_plan(values.plan, amount, None)
    faults.raise_any()


def _check_lines(session: Session, lines: Sequence[SoldLine], amount: Decimal, faults: Faults) -> None:
    seen: set[int] = set()
    for i, line in enumerate(lines):
        product = chosen(session, Product, line.product_id, faults, f"lines.{i}.product_id", keep=line.product_id)
        if product and product.id in seen:
            faults.add(f"lines.{i}.product_id", ProductTwice(product=product.name))
        seen.add(line.product_id)
    total = sum((line.amount for line in lines), ZERO)
    if lines and total != amount:
        faults.add("lines", ContractLinesDoNotSum(lines=total, amount=amount))


def _sold(opportunity: Opportunity, values: SignContract, quote: Quote | None, amount: Decimal) -> list[ContractLine]:
    """What was sold: the quote's products, else the lines of the form, else the opportunity's where they sum to the amount."""
    sold: dict[int, Decimal] = {}
    if quote:
        for quoted in quote.lines:
            sold[quoted.product_id] = sold.get(quoted.product_id, ZERO) + quoted.amount
    elif values.lines:
        sold = {line.product_id: line.amount for line in values.lines}
    else:
        sold = _expected(opportunity.lines)
        if sum(sold.values(), ZERO) != amount:
            return []
    return [ContractLine(product_id=product_id, amount=part) for product_id, part in sold.items()]


def _expected(lines: Sequence[OpportunityLine]) -> dict[int, Decimal]:
    """The opportunity's lines by product, none where one has no amount."""
    amounts = {line.product_id: line.amount for line in lines if line.amount is not None}
    return amounts if len(amounts) == len(lines) else {}


def _check_voiding(session: Session, values: VoidContract) -> None:
    faults = Faults()
    if values.opportunity_becomes not in stages.MOVES[OpportunityStatus.WON]:
        faults.add("opportunity_becomes", NotAChoice())
    if values.opportunity_becomes is OpportunityStatus.STOPPED and values.stop_reason_id is None:
        faults.add("stop_reason_id", Missing())
    elif values.opportunity_becomes is OpportunityStatus.STOPPED and values.stop_reason_id is not None:
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
