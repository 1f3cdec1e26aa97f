"""What an opportunity gives to others: a colleague reads it until that is withdrawn; a won one is published as an example 经验再复制.

An example is the way a sale went, for all who sell: stages with their dates, what was said and done. Who the customer is, contacts
and prices stay out of it, also where somebody wrote them into a text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock
from crm.errors import CrmError, NotAllowed, NotFound
from crm.models import (
    Contact,
    FollowUp,
    FollowUpMethod,
    Opportunity,
    OpportunityHistory,
    OpportunityLine,
    OpportunityReader,
    Stage,
    User,
)
from crm.rules.examples import of_company, of_person, redacted
from crm.scope import Actor
from crm.services import notices, offers
from crm.services.input_faults import NotAChoice
from crm.services.input_types import Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import find, find_to
from crm.vocabulary import N_, Kind, OpportunityStatus, Permission


class ReadsAlready(CrmError):
    """The colleague sees it without being let."""

    message = N_("{person} reads this opportunity already.")


class NotWon(CrmError):
    """Others learn from what was won."""

    message = N_("Only a won opportunity can be published as an example.")


class LetRead(Input):
    """Which colleague may read the opportunity, and give advice on it."""

    user_id: Annotated[Reference, field(N_("Colleague"), Control.CHOICE, offers="colleagues")]


@dataclass(frozen=True, slots=True)
class Reader:
    """A colleague who reads the opportunity: since when, by whose word."""

    id: int
    name: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Something on the way of an example: a stage that was reached, or what was said and done."""

    day: date
    stage: str
    method: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A published opportunity, without its customer and prices."""

    id: int
    title: str
    team: str
    industry: str
    region: str
    products: tuple[str, ...]
    created_on: date
    closed_on: date | None
    steps: tuple[Step, ...] = ()


# ── a colleague reads it ─────────────────────────────────────────────────────────────────────────────────────────────────────
def let_read(session: Session, actor: Actor, opportunity_id: int, values: LetRead) -> OpportunityReader:
    """Let a colleague read an opportunity and give advice on it, until it is withdrawn; they are told."""
    opportunity = find_to(session, actor, Permission.GRANT, Kind.OPPORTUNITY, Opportunity, opportunity_id)
    faults, colleague = Faults(), session.get(User, values.user_id)
    if colleague is None or not colleague.active:
        faults.add("user_id", NotAChoice())
    elif colleague.id == opportunity.owner_id or colleague.id in {reader.user_id for reader in _reading(session, opportunity.id)}:
        faults.add("user_id", ReadsAlready(person=colleague.name))
    faults.raise_any()
    reader = OpportunityReader(opportunity_id=opportunity.id, user_id=values.user_id, granted_by_id=actor.user_id, granted_at=clock.now())
    session.add(reader)
    audit.created(session, actor, reader)
    message = N_("{by} lets you read “{title}”.")
    notices.tell(session, values.user_id, message, opportunity, opportunity.id, by=actor, title=opportunity.title)
    return reader


def begun(session: Session, actor: Actor, opportunity_id: int) -> Opportunity:
    """The opportunity that a colleague may be let to read, for who may let them."""
    return find_to(session, actor, Permission.GRANT, Kind.OPPORTUNITY, Opportunity, opportunity_id)


def withdraw(session: Session, actor: Actor, reader_id: int) -> OpportunityReader:
    """End a colleague's reading; that they read is kept."""
    reader = session.get(OpportunityReader, reader_id)
    if reader is None or reader.withdrawn_at is not None:
        raise NotFound()
    find_to(session, actor, Permission.GRANT, Kind.OPPORTUNITY, Opportunity, reader.opportunity_id)
    with audit.changing(session, actor, reader):
        reader.withdrawn_at = clock.now()
    return reader


def readers(session: Session, actor: Actor, opportunity_id: int) -> list[Reader]:
    """Who was let to read an opportunity within reach, and still may."""
    find(session, actor, Opportunity, opportunity_id)
    people = offers.names(session, User)
    return [
        Reader(reader.id, people.get(reader.user_id, ""), people.get(reader.granted_by_id, ""), reader.granted_at)
        for reader in _reading(session, opportunity_id)
    ]


def colleagues(session: Session, opportunity: Opportunity) -> list[offers.Offer]:
    """Whom one could let read it: active people who do not yet."""
    reading = {reader.user_id for reader in _reading(session, opportunity.id)} | {opportunity.owner_id}
    return [(id, name) for id, name in offers.values(session, User) if id not in reading]


def may(session: Session, actor: Actor, opportunity_id: int, permission: Permission) -> bool:
    """Whether the person may let others read an opportunity, or publish it."""
    try:
        find_to(session, actor, permission, Kind.OPPORTUNITY, Opportunity, opportunity_id)
    except (NotAllowed, NotFound):
        return False
    return True


def _reading(session: Session, opportunity_id: int) -> Sequence[OpportunityReader]:
    standing = select(OpportunityReader).where(
        OpportunityReader.opportunity_id == opportunity_id, OpportunityReader.withdrawn_at.is_(None)
    )
    return session.scalars(standing.order_by(OpportunityReader.id)).all()


# ── others learn from it ─────────────────────────────────────────────────────────────────────────────────────────────────────
def publish(session: Session, actor: Actor, opportunity_id: int) -> Opportunity:
    """Show the way a won opportunity went to all who sell."""
    opportunity = find_to(session, actor, Permission.PUBLISH, Kind.OPPORTUNITY, Opportunity, opportunity_id)
    if opportunity.status is not OpportunityStatus.WON:
        raise NotWon()
    if opportunity.published_at is None:
        with audit.changing(session, actor, opportunity):
            opportunity.published_at, opportunity.published_by_id = clock.now(), actor.user_id
    return opportunity


def unpublish(session: Session, actor: Actor, opportunity_id: int) -> Opportunity:
    """Take an example back."""
    opportunity = find_to(session, actor, Permission.PUBLISH, Kind.OPPORTUNITY, Opportunity, opportunity_id)
    with audit.changing(session, actor, opportunity):
        opportunity.published_at = opportunity.published_by_id = None
    return opportunity


def examples(session: Session, actor: Actor) -> list[Example]:
    """All examples, the newest first, for all who sell."""
    if not actor.may(Permission.READ, Kind.OPPORTUNITY):
        raise NotFound()
    rows = session.scalars(_published().order_by(Opportunity.published_at.desc(), Opportunity.id.desc())).all()
    return [_example(session, opportunity) for opportunity in rows]


def example(session: Session, actor: Actor, opportunity_id: int) -> Example:
    """One example with the way it went; whose it is does not matter."""
    if not actor.may(Permission.READ, Kind.OPPORTUNITY):
        raise NotFound()
    opportunity = session.scalar(_published().where(Opportunity.id == opportunity_id))
    if opportunity is None:
        raise NotFound()
    return _example(session, opportunity, steps=True)


def _published() -> Select[Opportunity]:
    won = (Opportunity.published_at.is_not(None), Opportunity.status == OpportunityStatus.WON)
    loaded = selectinload(Opportunity.lines).selectinload(OpportunityLine.product)
    return select(Opportunity).where(*won).options(selectinload(Opportunity.customer), selectinload(Opportunity.team), loaded)


def _example(session: Session, opportunity: Opportunity, *, steps: bool = False) -> Example:
    secret = _secret(session, opportunity)
    return Example(
        opportunity.id, redacted(opportunity.title, secret), opportunity.team.name if opportunity.team else "",
        opportunity.customer.industry, opportunity.customer.region, tuple(line.product.name for line in opportunity.lines),
        opportunity.created_on, opportunity.closed_on, tuple(_steps(session, opportunity, secret)) if steps else (),
    )  # fmt: skip


def _secret(session: Session, opportunity: Opportunity) -> list[str]:
    """The names that stay out of an example: the customer's and its contacts', as they are written and as people say them."""
    contacts = session.scalars(select(Contact.name).where(Contact.customer_id == opportunity.customer_id))
    return [*of_company(opportunity.customer.name), *(name for contact in contacts for name in of_person(contact))]


def _steps(session: Session, opportunity: Opportunity, secret: Sequence[str]) -> list[Step]:
    """The stages as they were reached and the follow-ups, in the order of their days."""
    stages, methods = offers.names(session, Stage), offers.names(session, FollowUpMethod)
    found: list[tuple[date, int, Step]] = []
    lines = select(OpportunityHistory).where(OpportunityHistory.opportunity_id == opportunity.id).order_by(OpportunityHistory.seq)
    before = None
    for line in session.scalars(lines):
        if line.stage_id != before:
            found.append((line.day, 0, Step(line.day, stages[line.stage_id], "", "")))
        before = line.stage_id
    said = select(FollowUp).where(FollowUp.opportunity_id == opportunity.id).order_by(FollowUp.id)
    for one in session.scalars(said):
        text = "\n".join(part for part in (one.content, one.feedback, one.problem, one.problem_answer) if part)
        found.append((one.day, 1, Step(one.day, "", methods.get(one.method_id, ""), redacted(text, secret))))
    return [step for _day, _kind, step in sorted(found, key=lambda part: part[:2])]
