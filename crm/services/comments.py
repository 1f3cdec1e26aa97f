"""The verbs of a comment 点评: advice, a question, a decision with a value, and the answer to one of these."""

from collections.abc import Sequence
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock
from crm.errors import CrmError
from crm.models import Comment, FollowUp, Opportunity
from crm.scope import Actor
from crm.services import notices
from crm.services.input_faults import Missing, NotAChoice
from crm.services.input_types import Paragraph, Percentage, Reference
from crm.services.inputs import Control, Faults, Input, Said, field
from crm.services.reach import find, find_to
from crm.vocabulary import N_, CommentKind, Kind, Permission

ASKS = {CommentKind.ADVICE: Permission.CREATE, CommentKind.QUESTION: Permission.CREATE, CommentKind.DECISION: Permission.DECIDE}
"""What a person must be allowed for each kind of comment."""


class DiscountWithoutDecision(CrmError):
    """Advice and questions carry no value."""

    message = N_("Only a decision names a discount.")


class WriteComment(Input):
    """What a lead or the executive has to say; a decision names the further discount that it allows."""

    kind: Annotated[CommentKind, field(N_("Kind of comment"), Control.CHOICE)]
    content: Annotated[Paragraph, field(N_("Content"), Control.AREA)]
    discount_bp: Annotated[Percentage | None, field(N_("Further discount %"), Control.PERCENT, hint=N_("Only with a decision."))] = None
    follow_up_id: Annotated[Reference | None, field(N_("Follow-up"), Control.CHOICE, offers="follow_ups")] = None


class ReplyToComment(Said):
    """The answer to a comment."""


def write(session: Session, actor: Actor, opportunity_id: int, values: WriteComment) -> Comment:
    """Comment on an opportunity or one of its follow-ups; its owner is told, and who wrote the follow-up.

    A colleague to whom the opportunity was opened may give advice.
    """
    opportunity = _commented(session, actor, opportunity_id, values.kind)
    _check(session, opportunity, values)
    comment = Comment(opportunity_id=opportunity.id, by_id=actor.user_id, at=clock.now(), **values.model_dump())
    session.add(comment)
    audit.created(session, actor, comment)
    message = {
        CommentKind.ADVICE: N_("{by} gave advice on “{title}”."),
        CommentKind.QUESTION: N_("{by} has a question on “{title}”."),
        CommentKind.DECISION: N_("{by} decided on “{title}”."),
    }[values.kind]
    for person in notices.who_sees(session, {opportunity.owner_id, _writer(session, values.follow_up_id)}, opportunity):
        notices.tell(session, person, message, opportunity, opportunity.id, by=actor, title=opportunity.title)
    return comment


def _writer(session: Session, follow_up_id: int | None) -> int | None:
    """Who wrote the follow-up that a comment is on."""
    return session.get_one(FollowUp, follow_up_id).by_id if follow_up_id is not None else None


def reply(session: Session, actor: Actor, comment_id: int, values: ReplyToComment) -> Comment:
    """Answer a comment; who wrote it, who answered before and the owner are told. An answer to an answer belongs to the same comment."""
    answered = find_to(session, actor, Permission.REPLY, Kind.COMMENT, Comment, comment_id)
    comment = Comment(
        opportunity_id=answered.opportunity_id, follow_up_id=answered.follow_up_id, reply_to_id=answered.reply_to_id or answered.id,
        by_id=actor.user_id, at=clock.now(), kind=CommentKind.REPLY, content=values.content,
    )  # fmt: skip
    session.add(comment)
    audit.created(session, actor, comment)
    opportunity = session.get_one(Opportunity, answered.opportunity_id)
    begun = session.get_one(Comment, comment.reply_to_id)
    for person in notices.who_sees(session, _part_of(session, begun) | {opportunity.owner_id}, opportunity):
        message = N_("{by} answered your comment on “{title}”.") if person == begun.by_id else N_("{by} answered a comment on “{title}”.")
        notices.tell(session, person, message, opportunity, opportunity.id, by=actor, title=opportunity.title)
    return comment


def _part_of(session: Session, begun: Comment) -> set[int | None]:
    """Who wrote a comment, and who answered it."""
    return {begun.by_id, *session.scalars(select(Comment.by_id).where(Comment.reply_to_id == begun.id))}


def of_opportunity(session: Session, actor: Actor, opportunity_id: int) -> Sequence[Comment]:
    """The opportunity's comments with their writers, the oldest first."""
    rows = actor.scope.narrow(select(Comment), Comment).where(Comment.opportunity_id == opportunity_id)
    return session.scalars(rows.order_by(Comment.id).options(selectinload(Comment.by))).all()


def _commented(session: Session, actor: Actor, opportunity_id: int, kind: CommentKind) -> Opportunity:
    if kind is CommentKind.ADVICE and opportunity_id in actor.scope.granted:
        return find(session, actor, Opportunity, opportunity_id)
    permission = ASKS.get(kind, Permission.CREATE)
    return find_to(session, actor, permission, Kind.COMMENT, Opportunity, opportunity_id)


def _check(session: Session, opportunity: Opportunity, values: WriteComment) -> None:
    faults = Faults()
    if values.kind not in ASKS:
        faults.add("kind", NotAChoice())
    if values.kind is CommentKind.DECISION and values.discount_bp is None:
        faults.add("discount_bp", Missing())
    if values.kind is not CommentKind.DECISION and values.discount_bp is not None:
        faults.add("discount_bp", DiscountWithoutDecision())
    if values.follow_up_id is not None:
        follow_up = session.get(FollowUp, values.follow_up_id)
        if follow_up is None or follow_up.opportunity_id != opportunity.id:
            faults.add("follow_up_id", NotAChoice())
    faults.raise_any()
