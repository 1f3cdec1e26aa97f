"""Signing 签约: an approved quote becomes a contract, in one act with its opportunity, its history and its payment plan."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, clock, history
from crm.errors import CrmError
from crm.models import Contract, ContractLine, Opportunity, Quote, Stage
from crm.money import ZERO
from crm.rules import quotes as quote_rules
from crm.rules import stages
from crm.scope import Actor
from crm.services import files, months, notices, payment_plans, quotes
from crm.services.contracts import COPY_HELP
from crm.services.files import Files
from crm.services.input_types import Day, Line
from crm.services.inputs import Control, Faults, Input, field
from crm.services.payment_plans import Plan, PlannedInstalment
from crm.services.reach import find_to
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, ContractAct, ContractStatus, Kind, OpportunityAct, OpportunityStatus, Permission, QuoteStatus, StageMeaning


class NumberTaken(CrmError):
    """Contract numbers are unique in the company."""

    message = N_("There is a contract with this number already.")


class SignedTooEarly(CrmError):
    """Nothing is signed before the opportunity exists."""

    message = N_("The contract can't be signed before the opportunity was created ({day}).")


class EndsBeforeStart(CrmError):
    """A contract's dates are in order."""

    message = N_("The end is before the start.")


class SignContract(Input):
    """The contract as it was signed; what is sold and for how much, the approved quote says."""

    number: Annotated[Line, field(N_("Contract no."))]
    signed_on: Annotated[Day, field(N_("Signed on"), Control.DAY)]
    starts_on: Annotated[Day | None, field(N_("Start"), Control.DAY)] = None
    ends_on: Annotated[Day | None, field(N_("End"), Control.DAY)] = None
    plan: Annotated[Plan, field(N_("Payment plan"), Control.LINES, wide=True)] = ()
    files: Annotated[Files, field(N_("Signed copy"), Control.FILES, hint=COPY_HELP)] = ()


def sign(session: Session, actor: Actor, quote_id: int, values: SignContract, *, version: int, today: date) -> Contract:
    """Win an opportunity by signing its approved quote: contract, status and stage, and the first payment plan, in one act.

    The signing is the opportunity's owner's deed, on the day of the contract; `version` is the opportunity's. There is no other way
    to a contract but the import of what a company already has.
    """
    quote = quotes.find(session, actor, quote_id)
    opportunity = find_to(session, actor, Permission.SIGN, Kind.CONTRACT, Opportunity, quote.opportunity_id)
    check_unchanged(session, opportunity, version)
    act = stages.move(opportunity.status, OpportunityStatus.WON)
    quote_rules.check_signable(quote.status, quote.valid_until, today)
    _check(session, opportunity, values, quote.total, today)
    contract = _contract(opportunity, quote, values, actor, today)
    session.add(contract)
    audit.created(session, actor, contract, "lines")
    history.record_contract(session, contract, ContractAct.SIGNED, actor, values.signed_on, today)
    _win(session, actor, opportunity, act, values.signed_on, today)
    with audit.changing(session, actor, quote):
        quote.status = QuoteStatus.SIGNED
    plan = values.plan or _planned(session, quote)
    if plan:
        payment_plans.write_plan(session, actor, contract, plan, today=today)
    faults = Faults()
    files.attach(session, actor, contract, contract.id, values.files, faults)
    faults.raise_any()
    notices.tell(
        session, opportunity.owner_id, N_("{by} signed the contract {number}."), contract, contract.id, by=actor, number=contract.number
    )
    return contract


def _contract(opportunity: Opportunity, quote: Quote, values: SignContract, actor: Actor, today: date) -> Contract:
    """The contract that the quote becomes, its owner's; what was sold is the quote's lines by product."""
    owner = opportunity.owner_id or actor.user_id
    sold: dict[int, Decimal] = {}
    for line in quote.lines:
        sold[line.product_id] = sold.get(line.product_id, ZERO) + line.amount
    return Contract(
        number=values.number, customer_id=opportunity.customer_id, opportunity_id=opportunity.id, quote_id=quote.id,
        source_id=opportunity.source_id, campaign_id=opportunity.campaign_id, status=ContractStatus.IN_PROGRESS, amount=quote.total,
        signed_on=values.signed_on, recorded_on=today, starts_on=values.starts_on, ends_on=values.ends_on,
        signer_id=owner, signer_team_id=opportunity.team_id, owner_id=owner, team_id=opportunity.team_id,
        created_at=clock.now(), created_by_id=actor.user_id,
        lines=[ContractLine(product_id=product_id, amount=amount) for product_id, amount in sold.items()],
    )  # fmt: skip


def _win(session: Session, actor: Actor, opportunity: Opportunity, act: OpportunityAct, signed_on: date, today: date) -> None:
    stage_id = session.scalars(select(Stage.id).where(Stage.meaning == StageMeaning.SIGNED)).one()
    with audit.changing(session, actor, opportunity):
        opportunity.status, opportunity.stage_id, opportunity.closed_on = OpportunityStatus.WON, stage_id, signed_on
    history.record(session, opportunity, act, actor, signed_on, today)


def _planned(session: Session, quote: Quote) -> Plan:
    """The payment plan on the quote, which becomes the contract's unless the form states another."""
    plan = quotes.plan_of(session, quote.id)
    return tuple(
        PlannedInstalment(due_on=part.due_on, amount=part.amount, condition=part.condition) for part in (plan.instalments if plan else ())
    )


def _check(session: Session, opportunity: Opportunity, values: SignContract, amount: Decimal, today: date) -> None:
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
    if values.plan:
        with faults.against("plan"):
            payment_plans.check_plan(values.plan, amount, None)
    faults.raise_any()
