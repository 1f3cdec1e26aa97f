"""A form that is sent twice (double click, retry after a lost answer) acts once.

The page draws a key with each form; the edge wraps the verb: `once(session, actor, key, lambda: opportunities.edit(...))`.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm import clock
from crm.errors import AlreadySubmitted
from crm.models import Base, Submission
from crm.scope import Actor

Made = TypeVar("Made", bound=Base)


def once(session: Session, actor: Actor, key: str, act: Callable[[], Made]) -> Made:
    """What `act` makes; where this person sent this key before, what it made then. Nothing is remembered of an act that fails.

    `AlreadySubmitted` where the same form is being saved at this very moment, or what it made is no more.
    """
    known = hashlib.sha256(f"{actor.user_id}:{key}".encode()).hexdigest()
    before = session.get(Submission, known)
    if before is not None:
        return cast(Made, _made(session, before))
    submission = Submission(key=known, user_id=actor.user_id, at=clock.now(), subject="", subject_id=None)
    session.add(submission)
    try:
        session.flush()  # a second one waits here for the first to end
    except IntegrityError:
        raise AlreadySubmitted() from None
    made = act()
    session.flush()
    submission.subject, submission.subject_id = made.__tablename__, cast(Any, made).id
    session.flush()
    return made


def _made(session: Session, submission: Submission) -> Any:
    models = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == submission.subject]
    made = session.get(models[0], submission.subject_id) if models else None
    if made is None:
        raise AlreadySubmitted()
    return made
