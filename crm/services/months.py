"""Months that finance has closed: nothing dated in them changes any more, until the executive reopens one."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.errors import CrmError, NotFound
from crm.models import ClosedMonth
from crm.rules import contracts as rules
from crm.scope import Actor
from crm.services.reach import require
from crm.vocabulary import N_, AuditAct, Kind, Permission


class MonthNotOver(CrmError):
    """The running month still takes entries."""

    message = N_("This month is not over yet; it can be closed from the next month on.")


def check_open(session: Session, day: date) -> None:
    """Refuse a change dated in a closed month."""
    rules.check_month_open(day, closed(session))


def closed(session: Session) -> frozenset[date]:
    """The first days of the months that are closed."""
    return frozenset(session.scalars(select(ClosedMonth.month).where(ClosedMonth.reopened_at.is_(None))))


def close(session: Session, actor: Actor, month: date, *, today: date) -> ClosedMonth:
    """Close the month of this day; once more, where it had been reopened."""
    require(actor, Permission.CLOSE, Kind.RECEIPT)
    month = month.replace(day=1)
    if (month.year, month.month) >= (today.year, today.month):
        raise MonthNotOver()
    row = session.get(ClosedMonth, month) or ClosedMonth(month=month)
    row.closed_at, row.closed_by_id, row.reopened_at, row.reopened_by_id = clock.now(), actor.user_id, None, None
    session.add(row)
    audit.write(session, actor, AuditAct.CHANGED, ClosedMonth.__tablename__, after={"month": month.isoformat(), "closed": True})
    session.flush()
    return row


def reopen(session: Session, actor: Actor, month: date) -> ClosedMonth:
    """Let a closed month take changes again."""
    require(actor, Permission.REOPEN, Kind.RECEIPT)
    row = session.get(ClosedMonth, month.replace(day=1))
    if row is None or row.reopened_at:
        raise NotFound()
    row.reopened_at, row.reopened_by_id = clock.now(), actor.user_id
    audit.write(session, actor, AuditAct.CHANGED, ClosedMonth.__tablename__, after={"month": row.month.isoformat(), "closed": False})
    session.flush()
    return row
