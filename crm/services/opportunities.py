"""The verbs of an opportunity 销售机会: find, create, edit, close as lost or stopped, reopen."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock, history
from crm.errors import CrmError
from crm.models import Competitor, Contact, Customer, LeadSource, LossReason, Opportunity, OpportunityLine, Product, Stage
from crm.money import ZERO
from crm.rules import stages
from crm.scope import Actor
from crm.services import notices
from crm.services.input_faults import NotAChoice
from crm.services.input_types import Amount, Day, Line, OptionalParagraph, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import chosen, find_to
from crm.services.reach import find as find_within
from crm.services.versions import check_unchanged, grow
from crm.vocabulary import N_, Kind, LossKind, OpportunityAct, OpportunityStatus, Permission

MOST_LINES = 100
"""Product lines on one opportunity."""


class OpportunityIsClosed(CrmError):
    """Won, lost and stopped ones are not edited."""

    message = N_("This opportunity is “{status}” and can't be edited.")


class LinesDoNotSum(CrmError):
    """Every line has an amount, and together they are not the expected amount."""

    message = N_("The product lines sum to {lines}, the expected amount is {amount}.")


class ProductTwice(CrmError):
    """One line for each product."""

    message = N_("{product} stands in two lines; make it one.")


class CompetitorMissing(CrmError):
    """The reason says that somebody else won."""

    message = N_("This reason names a competitor: please choose which.")


class ReasonOfAnotherKind(CrmError):
    """A reason for stopping does not explain a loss, nor the other way round."""

    message = N_("This reason is not one for this kind of closing.")


class ProductLine(Input):
    """A product of the opportunity and its part of the expected amount."""

    product_id: Annotated[Reference, field(N_("Product"), Control.CHOICE, offers="products")]
    amount: Annotated[Amount | None, field(N_("Amount"), Control.AMOUNT)] = None


Lines = Annotated[tuple[ProductLine, ...], Field(max_length=MOST_LINES)]

SUM_HELP = N_("Where every line has an amount, they sum to the expected amount.")


class CreateOpportunity(Input):
    """What a new opportunity begins with. Its owner is the customer's."""

    customer_id: Annotated[Reference, field(N_("Customer"), Control.CHOICE, offers="customers")]
    title: Annotated[Line, field(N_("Title"))]
    contact_id: Annotated[Reference | None, field(N_("Contact"), Control.CHOICE, offers="contacts")] = None
    source_id: Annotated[Reference | None, field(N_("Lead source"), Control.CHOICE, offers="sources")] = None
    stage_id: Annotated[Reference | None, field(N_("Stage"), Control.CHOICE, offers="stages")] = None
    expected_amount: Annotated[Amount | None, field(N_("Expected amount"), Control.AMOUNT)] = None
    expected_close_on: Annotated[Day | None, field(N_("Expected close date"), Control.DAY)] = None
    lines: Annotated[Lines, field(N_("Products"), Control.LINES, hint=SUM_HELP, wide=True)] = ()


class EditOpportunity(Input):
    """What is changed on an opportunity that is being followed: the form sends all of it."""

    title: Annotated[Line, field(N_("Title"))]
    contact_id: Annotated[Reference | None, field(N_("Contact"), Control.CHOICE, offers="contacts")] = None
    stage_id: Annotated[Reference, field(N_("Stage"), Control.CHOICE, offers="stages")]
    expected_amount: Annotated[Amount | None, field(N_("Expected amount"), Control.AMOUNT)] = None
    expected_close_on: Annotated[Day | None, field(N_("Expected close date"), Control.DAY)] = None
    lines: Annotated[Lines, field(N_("Products"), Control.LINES, hint=SUM_HELP, wide=True)] = ()


class CloseOpportunity(Input):
    """Why an opportunity was lost or stopped."""

    reason_id: Annotated[Reference, field(N_("Reason"), Control.CHOICE, offers="reasons")]
    competitor_id: Annotated[Reference | None, field(N_("Competitor"), Control.CHOICE, offers="competitors")] = None
    note: Annotated[OptionalParagraph, field(N_("Note"), Control.AREA)] = ""


def find(session: Session, actor: Actor, opportunity_id: int) -> Opportunity:
    """The opportunity with its customer, contact, stage, owner, team and lines, if this person may see it."""
    return find_within(
        session, actor, Opportunity, opportunity_id,
        selectinload(Opportunity.customer).selectinload(Customer.contacts), selectinload(Opportunity.contact),
        selectinload(Opportunity.stage), selectinload(Opportunity.owner), selectinload(Opportunity.team),
        selectinload(Opportunity.source), selectinload(Opportunity.loss_reason),
        selectinload(Opportunity.lines).selectinload(OpportunityLine.product),
    )  # fmt: skip


def may_edit(session: Session, actor: Actor, opportunity: Opportunity) -> bool:
    """Whether this person may change the opportunity they see, as it stands now."""
    return opportunity.status is OpportunityStatus.FOLLOWING and actor_may(session, actor, Permission.UPDATE, opportunity)


def actor_may(session: Session, actor: Actor, permission: Permission, opportunity: Opportunity) -> bool:
    """Whether this person may do that with this very opportunity (which one opened to them for reading is not)."""
    try:
        find_to(session, actor, permission, Kind.OPPORTUNITY, Opportunity, opportunity.id)
    except CrmError:
        return False
    return True


def create(session: Session, actor: Actor, values: CreateOpportunity, *, today: date) -> Opportunity:
    """Open an opportunity with a customer within reach; it belongs to the customer's owner and team."""
    customer = find_to(session, actor, Permission.CREATE, Kind.OPPORTUNITY, Customer, values.customer_id)
    faults = Faults()
    stage = _stage_to_begin_with(session, values.stage_id, faults)
    source = chosen(session, LeadSource, values.source_id, faults, "source_id")
    _check_contact(session, customer.id, values.contact_id, faults)
    _check_lines(session, values.lines, values.expected_amount, frozenset(), faults)
    faults.raise_any()
    opportunity = Opportunity(
        title=values.title, customer_id=customer.id, contact_id=values.contact_id, source_id=source.id if source else None, stage_id=stage,
        status=OpportunityStatus.FOLLOWING, expected_amount=_expected(values.expected_amount, values.lines),
        expected_close_on=values.expected_close_on, owner_id=customer.owner_id, team_id=customer.team_id,
        first_owner_id=customer.owner_id, first_team_id=customer.team_id, created_on=today, created_at=clock.now(),
        created_by_id=actor.user_id, lines=[OpportunityLine(product_id=line.product_id, amount=line.amount) for line in values.lines],
    )  # fmt: skip
    session.add(opportunity)
    audit.created(session, actor, opportunity, "lines")
    history.record(session, opportunity, OpportunityAct.CREATED, actor, today, today)
    notices.tell(
        session, customer.owner_id, N_("{by} opened the opportunity “{title}” for you."), opportunity, opportunity.id,
        by=actor, title=opportunity.title,
    )  # fmt: skip
    return opportunity


def edit(session: Session, actor: Actor, opportunity_id: int, values: EditOpportunity, *, version: int, today: date) -> Opportunity:
    """Change an opportunity that is being followed; `version` is the one the person opened.

    `ChangedMeanwhile` if somebody saved in between; `Invalid` names fields. Nothing is written where nothing changes.
    """
    opportunity = find_to(
        session, actor, Permission.UPDATE, Kind.OPPORTUNITY, Opportunity, opportunity_id,
        selectinload(Opportunity.lines), selectinload(Opportunity.stage),
    )  # fmt: skip
    if opportunity.status is not OpportunityStatus.FOLLOWING:
        raise OpportunityIsClosed(status=opportunity.status)
    check_unchanged(session, opportunity, version, "lines")
    _check_edit(session, opportunity, values)
    before = _kept(opportunity)
    with audit.changing(session, actor, opportunity, "lines"):
        opportunity.title, opportunity.contact_id, opportunity.stage_id = values.title, values.contact_id, values.stage_id
        opportunity.expected_amount = _expected(values.expected_amount, values.lines)
        opportunity.expected_close_on = values.expected_close_on
        if history.set_lines(session, opportunity, {line.product_id: line.amount for line in values.lines}):
            grow(opportunity)
    act = _act(before, _kept(opportunity))
    if act:
        history.record(session, opportunity, act, actor, today, today)
    return opportunity


def mark_lost(session: Session, actor: Actor, opportunity_id: int, values: CloseOpportunity, *, version: int, today: date) -> Opportunity:
    """Close an opportunity that somebody else won, or nobody."""
    return _close(session, actor, opportunity_id, values, OpportunityStatus.LOST, version, today)


def mark_stopped(
    session: Session, actor: Actor, opportunity_id: int, values: CloseOpportunity, *, version: int, today: date
) -> Opportunity:
    """Close an opportunity that the customer does not go on with."""
    return _close(session, actor, opportunity_id, values, OpportunityStatus.STOPPED, version, today)


def reopen(session: Session, actor: Actor, opportunity_id: int, *, version: int, today: date) -> Opportunity:
    """Follow a lost or stopped opportunity again; why it was closed stays in its history."""
    opportunity = find_to(session, actor, Permission.REOPEN, Kind.OPPORTUNITY, Opportunity, opportunity_id)
    check_unchanged(session, opportunity, version)
    if opportunity.status is OpportunityStatus.WON:  # a won one comes back by voiding its contract
        raise stages.OpportunityCannotMove(status=opportunity.status, to=OpportunityStatus.FOLLOWING)
    act = stages.move(opportunity.status, OpportunityStatus.FOLLOWING)
    with audit.changing(session, actor, opportunity):
        opportunity.status, opportunity.closed_on = OpportunityStatus.FOLLOWING, None
        opportunity.loss_reason_id, opportunity.loss_competitor_id, opportunity.loss_note = None, None, ""
    history.record(session, opportunity, act, actor, today, today)
    notices.tell(
        session, opportunity.owner_id, N_("{by} reopened the opportunity “{title}”."), opportunity, opportunity.id,
        by=actor, title=opportunity.title,
    )  # fmt: skip
    return opportunity


def _close(
    session: Session, actor: Actor, opportunity_id: int, values: CloseOpportunity, to: OpportunityStatus, version: int, today: date
) -> Opportunity:
    opportunity = find_to(session, actor, Permission.CLOSE, Kind.OPPORTUNITY, Opportunity, opportunity_id)
    check_unchanged(session, opportunity, version)
    act = stages.move(opportunity.status, to)
    faults = Faults()
    competitor = loss(session, values.reason_id, values.competitor_id, LossKind(to.value), faults)
    faults.raise_any()
    with audit.changing(session, actor, opportunity):
        opportunity.status, opportunity.closed_on = to, today
        opportunity.loss_reason_id, opportunity.loss_competitor_id, opportunity.loss_note = values.reason_id, competitor, values.note
    history.record(session, opportunity, act, actor, today, today)
    return opportunity


def loss(session: Session, reason_id: int, competitor_id: int | None, kind: LossKind, faults: Faults, key: str = "reason_id") -> int | None:
    """Check why an opportunity is closed; the competitor that the reason names, None where it names none."""
    reason = chosen(session, LossReason, reason_id, faults, key)
    competitor = chosen(session, Competitor, competitor_id, faults, "competitor_id")
    if reason and reason.kind is not kind:
        faults.add(key, ReasonOfAnotherKind())
    if reason is None or not reason.names_competitor:
        return None
    if competitor_id is None:
        faults.add("competitor_id", CompetitorMissing())
    return competitor.id if competitor else None


def _check_edit(session: Session, opportunity: Opportunity, values: EditOpportunity) -> None:
    faults = Faults()
    if values.stage_id != opportunity.stage_id:
        stage = chosen(session, Stage, values.stage_id, faults, "stage_id")
        if stage:
            with faults.against("stage_id"):
                stages.check_stage_by_hand(opportunity.status, stage.name, stage.meaning)
    _check_contact(session, opportunity.customer_id, values.contact_id, faults)
    _check_lines(session, values.lines, values.expected_amount, frozenset(line.product_id for line in opportunity.lines), faults)
    faults.raise_any()


def first_stage(session: Session) -> int:
    """The first of the company's stages that a person sets: where an opportunity begins."""
    first = select(Stage.id).where(Stage.active, Stage.meaning.is_(None)).order_by(Stage.position, Stage.id).limit(1)
    return session.scalars(first).one()


def _stage_to_begin_with(session: Session, stage_id: int | None, faults: Faults) -> int:
    """The stage that was chosen, else the first."""
    if stage_id is None:
        return first_stage(session)
    stage = chosen(session, Stage, stage_id, faults, "stage_id")
    if stage:
        with faults.against("stage_id"):
            stages.check_stage_by_hand(OpportunityStatus.FOLLOWING, stage.name, stage.meaning)
    return stage_id


def _check_contact(session: Session, customer_id: int, contact_id: int | None, faults: Faults) -> None:
    """A contact is one of the customer's own."""
    if contact_id is not None:
        contact = session.get(Contact, contact_id)
        if contact is None or contact.customer_id != customer_id:
            faults.add("contact_id", NotAChoice())


def _check_lines(session: Session, lines: Sequence[ProductLine], amount: Decimal | None, kept: frozenset[int], faults: Faults) -> None:
    """Products that exist (retired ones only where they stand already), each once, summing to the expected amount."""
    seen: set[int] = set()
    for i, line in enumerate(lines):
        key = f"lines.{i}.product_id"
        product = chosen(session, Product, line.product_id, faults, key, keep=line.product_id if line.product_id in kept else None)
        if product and product.id in seen:
            faults.add(key, ProductTwice(product=product.name))
        seen.add(line.product_id)
    total = _sum(lines)
    if total is not None and amount is not None and total != amount:
        faults.add("expected_amount", LinesDoNotSum(lines=total, amount=amount))


def _sum(lines: Sequence[ProductLine]) -> Decimal | None:
    """The sum of the lines, None where one of them has no amount or there are none."""
    amounts = [line.amount for line in lines if line.amount is not None]
    return sum(amounts, ZERO) if amounts and len(amounts) == len(lines) else None


def _expected(amount: Decimal | None, lines: Sequence[ProductLine]) -> Decimal | None:
    """The expected amount: as stated, else as the lines sum."""
    return _sum(lines) if amount is None else amount


def _kept(opportunity: Opportunity) -> dict[OpportunityAct, object]:
    """What the history tells apart, in the order in which an edit is named after it."""
    return {
        OpportunityAct.STAGE: opportunity.stage_id,
        OpportunityAct.AMOUNT: opportunity.expected_amount,
        OpportunityAct.EXPECTED_CLOSE: opportunity.expected_close_on,
        OpportunityAct.EDITED: (opportunity.title, opportunity.contact_id, [(line.product_id, line.amount) for line in opportunity.lines]),
    }


def _act(before: dict[OpportunityAct, object], after: dict[OpportunityAct, object]) -> OpportunityAct | None:
    """What an edit is called in the history, by the first thing that it changed; None where it changed nothing."""
    return next((act for act in before if before[act] != after[act]), None)
