"""Comments: leads and the executive advise, ask and decide; the rep answers; the owner is told at once."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import Invalid, NotAllowed, NotFound
from crm.models import Comment, Opportunity, OpportunityReader
from crm.services import comments
from crm.services.comments import ReplyToComment, WriteComment
from crm.services.inputs import read
from crm.vocabulary import CommentKind
from tests.people import CHEN, LIN, TODAY, WANG, WEST, ZHAO, a_follow_up, actor, an_opportunity, noon
from tests.services.stories import audited, told


def said(session: Session, login: str, opportunity: Opportunity, kind: str = "advice", **values: Any) -> Comment:
    """A comment that somebody writes."""
    return comments.write(
        session, actor(session, login), opportunity.id, read(WriteComment, {"kind": kind, "content": "先谈交付", **values})
    )


def test_a_decision_names_its_value_and_the_owner_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        follow_up = a_follow_up(session, opportunity)
        comment = said(session, "lin", opportunity, "decision", discount_bp="5", follow_up_id=follow_up.id)
        assert (comment.by_id, comment.kind, comment.discount_bp, comment.follow_up_id) == (LIN, CommentKind.DECISION, 500, follow_up.id)
        assert told(session) == [(WANG, "{by} decided on “{title}”.", {"by": "林", "title": "企业版"})]
        assert [line[:3] for line in audited(session)] == [(LIN, "created", "comments")]


def test_the_rep_answers_and_the_writer_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        question = said(session, "chen", opportunity, "question")
        answer = comments.reply(session, actor(session, "wang"), question.id, read(ReplyToComment, {"content": "下周"}))
        again = comments.reply(session, actor(session, "chen"), answer.id, read(ReplyToComment, {"content": "好"}))
        assert (answer.kind, answer.reply_to_id, again.reply_to_id) == (CommentKind.REPLY, question.id, question.id)
        assert [(whom, values["by"]) for whom, _, values in told(session)] == [(WANG, "陈"), (CHEN, "王"), (WANG, "陈")]
        assert [row.content for row in comments.of_opportunity(session, actor(session, "lin"), opportunity.id)] == [
            "先谈交付",
            "下周",
            "好",
        ]


@pytest.mark.parametrize("kind", ["advice", "question", "decision"])
def test_a_rep_answers_but_does_not_comment(engine: Engine, kind: str) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        with pytest.raises(NotAllowed):
            said(session, "wang", opportunity, kind)


@pytest.mark.parametrize("login", ["zhao", "sun", "fang", "mei", "xia", "ada"])
def test_nobody_comments_or_answers_on_what_they_do_not_see(engine: Engine, login: str) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        comment = said(session, "lin", opportunity)
        with pytest.raises(NotFound):
            said(session, login, opportunity)
        with pytest.raises(NotFound):
            comments.reply(session, actor(session, login), comment.id, read(ReplyToComment, {"content": "好"}))
        assert comments.of_opportunity(session, actor(session, login), opportunity.id) == []


def test_a_colleague_to_whom_it_was_opened_advises_and_no_more(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        session.add(OpportunityReader(opportunity_id=opportunity.id, user_id=ZHAO, granted_by_id=LIN, granted_at=noon(TODAY)))
        session.flush()
        advice = said(session, "zhao", opportunity)
        assert advice.by_id == ZHAO
        for kind in ("question", "decision"):
            with pytest.raises(NotAllowed):
                said(session, "zhao", opportunity, kind)
        with pytest.raises(NotAllowed):
            comments.reply(session, actor(session, "zhao"), advice.id, read(ReplyToComment, {"content": "好"}))


@pytest.mark.parametrize(
    ("values", "faults"),
    [
        ({"kind": "decision"}, {"discount_bp": "Missing"}),
        ({"kind": "advice", "discount_bp": "5"}, {"discount_bp": "DiscountWithoutDecision"}),
        ({"kind": "decision", "discount_bp": "101"}, {"discount_bp": "NumberOutOfRange"}),
        ({"kind": "decision", "discount_bp": "-5"}, {"discount_bp": "NotNegative"}),
        ({"kind": "reply"}, {"kind": "NotAChoice"}),
        ({"kind": "order"}, {"kind": "NotAChoice"}),
        ({"follow_up_id": 99}, {"follow_up_id": "NotAChoice"}),
    ],
)
def test_what_is_wrong_is_said_at_its_field(engine: Engine, values: dict[str, Any], faults: dict[str, str]) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        with pytest.raises(Invalid) as refused:
            said(session, "chen", opportunity, **values)
        assert {key: type(error).__name__ for key, error in refused.value.faults.items()} == faults


def test_a_comment_does_not_hang_on_a_follow_up_of_another_opportunity(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity, other = an_opportunity(session), an_opportunity(session, owner=ZHAO)
        with pytest.raises(Invalid):
            said(session, "lin", opportunity, follow_up_id=a_follow_up(session, other, by=ZHAO).id)


def test_all_who_speak_in_a_thread_are_told_while_they_see_it(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        question = said(session, "lin", opportunity, "question")
        answer = read(ReplyToComment, {"content": "好"})
        comments.reply(session, actor(session, "wang"), question.id, answer)
        comments.reply(session, actor(session, "lin"), question.id, answer)  # her own thread: the rep hears of it all the same
        comments.reply(session, actor(session, "chen"), question.id, answer)
        answered, theirs = "{by} answered a comment on “{title}”.", "{by} answered your comment on “{title}”."
        heard = [(whom, message, values["by"]) for whom, message, values in told(session)]
        assert heard[1:] == [(LIN, theirs, "王"), (WANG, answered, "林"), (LIN, theirs, "陈"), (WANG, answered, "陈")]
        opportunity.owner_id, opportunity.team_id = ZHAO, WEST
        session.flush()
        comments.reply(session, actor(session, "chen"), question.id, answer)
        assert [whom for whom, _, _ in told(session)[5:]] == [ZHAO], "who holds it no more is told nothing of it"


def test_who_wrote_the_follow_up_hears_of_a_comment_on_it(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        said(session, "chen", opportunity, follow_up_id=a_follow_up(session, opportunity, by=LIN).id)
        assert [whom for whom, _, _ in told(session)] == [LIN, WANG]
