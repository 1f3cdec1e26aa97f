"""What people are told: a message id with its values, and the record that it leads to."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from crm import clock
from crm.errors import NotFound
from crm.models import Base, CompanySettings, Notification, Opportunity
from crm.scope import HELD, PART_OF, Actor
from crm.services.people import actor_of

RECORDS = {model.__tablename__: model for model in (*HELD, *PART_OF)}
"""What can leave somebody's reach; what else people are told of (an account, a claim, a request) is addressed to them."""


def tell(
    session: Session, user_id: int | None, message: str, record: Base, record_id: int, *, by: Actor | None = None, **values: str
) -> None:
    """Leave a notification for a person; none for what they did themselves, and none where nobody is meant.

    `by` fills the message's placeholder of that name.
    """
    if user_id is None or (by and by.user_id == user_id):
        return
    values = {"by": by.name, **values} if by else values
    session.add(
        Notification(
            user_id=user_id, at=clock.now(), message=message, values=json.dumps(values, ensure_ascii=False),
            subject=record.__tablename__, subject_id=record_id,
        )
    )  # fmt: skip


def who_sees(session: Session, people: Iterable[int | None], record: Opportunity) -> list[int]:
    """Those of these people who may see the opportunity now; who held it before is told nothing of it any more."""
    today = clock.today(session.scalar(select(CompanySettings.zone)) or "UTC")
    return [person for person in sorted({person for person in people if person}) if _sees(session, person, record, today)]


def _sees(session: Session, user_id: int, record: Opportunity, today: date) -> bool:
    try:
        scope = actor_of(session, user_id, today).scope
    except NotFound:  # who has left sees nothing
        return False
    return session.scalar(scope.narrow(select(Opportunity.id), Opportunity).where(Opportunity.id == record.id)) is not None


def waiting(session: Session, actor: Actor) -> int:
    """How many notifications the person has not read: the number at the bell, on the workbench and in what an open page hears."""
    mine = select(func.count()).where(Notification.user_id == actor.user_id, Notification.read_at.is_(None))
    return session.scalar(mine) or 0


def unread(session: Session, actor: Actor, limit: int) -> Sequence[Notification]:
    """The newest of the person's unread notifications, the newest first."""
    mine = select(Notification).where(Notification.user_id == actor.user_id, Notification.read_at.is_(None))
    return session.scalars(mine.order_by(Notification.id.desc()).limit(limit)).all()


def out_of_reach(session: Session, actor: Actor, told: Sequence[Notification]) -> set[tuple[str, int]]:
    """The records that these notifications lead to and the person does not see any more."""
    meant: defaultdict[str, set[int]] = defaultdict(set)
    for notice in told:
        if notice.subject in RECORDS:
            meant[notice.subject].add(notice.subject_id)
    gone: set[tuple[str, int]] = set()
    for subject, ids in meant.items():
        key = RECORDS[subject].__table__.c.id
        within = session.scalars(actor.scope.narrow(select(key), RECORDS[subject]).where(key.in_(ids)))
        gone |= {(subject, id) for id in ids.difference(within)}
    return gone


def mark_read(session: Session, actor: Actor, until: datetime | None = None) -> None:
    """Mark the person's notifications (those up to an instant) as read."""
    session.execute(
        update(Notification)
        .where(Notification.user_id == actor.user_id, Notification.read_at.is_(None), Notification.at <= (until or clock.now()))
        .values(read_at=clock.now())
    )
