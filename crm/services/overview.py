"""All that one page shows of an opportunity, read within reach: itself, what was said, what changed, who may go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import (
    Comment,
    Competitor,
    Customer,
    Department,
    File,
    FollowUp,
    FollowUpMethod,
    FollowUpVersion,
    LossReason,
    Opportunity,
    OpportunityHistory,
    Stage,
    User,
)
from crm.models.base import Base
from crm.scope import Actor
from crm.services import comments, files, follow_ups, offers, opportunities, quotes
from crm.services.comments import ASKS
from crm.services.reach import acting
from crm.vocabulary import CommentKind, Kind, OpportunityAct, OpportunityStatus, Permission


@dataclass(frozen=True, slots=True)
class Standing:
    """What an opportunity's history keeps of it after a change, in words."""

    status: OpportunityStatus
    stage: str
    owner: str | None
    amount: Decimal | None
    expected_close_on: date | None
    reason: str | None
    competitor: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of history: what was done, when, by whom, and how the opportunity stood before and after."""

    act: OpportunityAct
    at: datetime
    day: date
    by: str | None
    before: Standing | None
    after: Standing


@dataclass(frozen=True, slots=True)
class Rights:
    """What this person may do with this very opportunity, as it stands now."""

    edit: bool
    close: bool
    reopen: bool
    follow_up: bool
    reply: bool
    quote: bool
    comment: Sequence[CommentKind]


@dataclass(frozen=True, slots=True)
class Overview:
    """One opportunity, whole."""

    opportunity: Opportunity
    stages: Sequence[tuple[int, str]]
    follow_ups: Sequence[FollowUp]
    comments: Sequence[Comment]
    methods: Mapping[int, str]
    departments: Mapping[int, str]
    """What they are called, also those that were retired; a new follow-up is offered `offered`."""
    offered: Mapping[str, Sequence[offers.Offer]]
    competitor: str | None
    rights: Rights
    files: Mapping[int, Sequence[File]]
    """What was attached, by follow-up."""
    mendable: frozenset[int]
    """The ids of the follow-ups that this person may still change."""
    before: Mapping[int, Sequence[FollowUpVersion]]
    """What edited follow-ups said before, the newest first, by follow-up."""
    solvers: Mapping[int, str]
    """Who solved problems, by their ids."""
    reads_customer: bool
    """Whether the customer's page is within reach too."""
    carried_out: Mapping[int, int]
    """The decisions that a quote carries out, with its revision."""
    usual_method: int | None = None
    """How this customer was followed up last, else the company's first method in use: what the next form begins with."""


def of_opportunity(session: Session, actor: Actor, opportunity_id: int) -> Overview:
    """The opportunity with all that was said about it; `NotFound` out of reach."""
    opportunity = opportunities.find(session, actor, opportunity_id)
    said = follow_ups.of_opportunity(session, actor, opportunity_id)
    offered = {"method_id": offers.methods(session), "department_id": offers.departments(session)}
    return Overview(
        opportunity,
        offers.stages(session, keep=opportunity.stage_id),
        said,
        comments.of_opportunity(session, actor, opportunity_id),
        _names(session, FollowUpMethod),
        _names(session, Department),
        offered,
        _names(session, Competitor).get(opportunity.loss_competitor_id or 0),
        rights(session, actor, opportunity),
        files.of(session, FollowUp, [one.id for one in said]),
        frozenset(one.id for one in said if follow_ups.may_edit(actor, one)),
        follow_ups.earlier(session, [one.id for one in said if one.edited_at]),
        _names(session, User, {one.problem_solved_by_id for one in said}),
        offers.seen(session, actor, Customer, opportunity.customer_id),
        quotes.carried_out(session, actor, opportunity_id),
        _usual(said, [id for id, _name in offered["method_id"]]),
    )


def _usual(said: Sequence[FollowUp], in_use: Sequence[int]) -> int | None:
    """The method of the last follow-up, while it is in use; else the first that is."""
    return said[0].method_id if said and said[0].method_id in in_use else next(iter(in_use), None)


def rights(session: Session, actor: Actor, opportunity: Opportunity) -> Rights:
    """What the person may do here."""
    following = opportunity.status is OpportunityStatus.FOLLOWING
    closed = opportunity.status in (OpportunityStatus.LOST, OpportunityStatus.STOPPED)

    def may(permission: Permission, kind: Kind = Kind.OPPORTUNITY) -> bool:
        scope = acting(actor, permission, kind, Opportunity)
        return session.scalar(scope.narrow(select(Opportunity.id), Opportunity).where(Opportunity.id == opportunity.id)) is not None

    asks = [kind for kind, permission in ASKS.items() if may(permission, Kind.COMMENT)]
    return Rights(
        edit=following and may(Permission.UPDATE),
        close=following and may(Permission.CLOSE),
        reopen=closed and may(Permission.REOPEN),
        follow_up=may(Permission.CREATE, Kind.FOLLOW_UP),
        reply=may(Permission.REPLY, Kind.COMMENT),
        quote=following and may(Permission.CREATE, Kind.QUOTE),
        comment=asks or ([CommentKind.ADVICE] if opportunity.id in actor.scope.granted else []),
    )


def changes(session: Session, actor: Actor, opportunity_id: int) -> list[Change]:
    """The opportunity's history, the newest first."""
    mine = actor.scope.narrow(select(OpportunityHistory), OpportunityHistory).where(OpportunityHistory.opportunity_id == opportunity_id)
    lines = session.scalars(mine.order_by(OpportunityHistory.seq)).all()
    stages, reasons, competitors = _names(session, Stage), _names(session, LossReason), _names(session, Competitor)
    people = _names(session, User, {line.by_id for line in lines} | {line.owner_id for line in lines})
    told: list[Change] = []
    for line in lines:
        standing = Standing(
            line.status, stages[line.stage_id], people.get(line.owner_id or 0), line.amount, line.expected_close_on,
            reasons.get(line.loss_reason_id or 0), competitors.get(line.loss_competitor_id or 0),
        )  # fmt: skip
        told.append(Change(line.act, line.at, line.day, people.get(line.by_id or 0), told[-1].after if told else None, standing))
    return told[::-1]


def _names(session: Session, model: type[Base], ids: set[int | None] | None = None) -> dict[int, str]:
    """What records are called, by id: all of them, or these."""
    columns = model.__table__.c
    statement = select(columns.id, columns.name)
    if ids is not None:
        statement = statement.where(columns.id.in_([id for id in ids if id is not None]))
    return dict(session.execute(statement).all())
