"""Months that finance has closed: nothing dated in them changes any more, until the executive reopens one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.errors import CrmError, NotFound
from crm.models import ClosedMonth, Contract, Receipt, User
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


@dataclass(frozen=True, slots=True)
class Month:
    """A month that is over, and how it stands: closed by whom and when, or open; who reopened it, if anybody did."""

    first: date
    closed: bool
    by: str
    at: datetime | None


def overview(session: Session, actor: Actor, today: date) -> list[Month]:
    """All months that are over since the company's first contract or receipt, the newest first; for who closes or reopens."""
    if not (actor.may(Permission.CLOSE, Kind.RECEIPT) or actor.may(Permission.REOPEN, Kind.RECEIPT)):
        raise NotFound()
    days = [session.scalar(select(func.min(column))) for column in (Contract.signed_on, Receipt.received_on, ClosedMonth.month)]
    first = min((day for day in days if day is not None), default=today)
    people = dict(session.execute(select(User.id, User.name)).all())
    rows = {row.month: row for row in session.scalars(select(ClosedMonth))}
    return [_month(month, rows.get(month), people) for month in _months_before(today, first)]


def _month(month: date, row: ClosedMonth | None, people: Mapping[int, str]) -> Month:
    if row is None:
        return Month(month, False, "", None)
    if row.reopened_at is None:
        return Month(month, True, people.get(row.closed_by_id, ""), row.closed_at)
    return Month(month, False, people.get(row.reopened_by_id or 0, ""), row.reopened_at)


def _months_before(today: date, first: date) -> list[date]:
    """The first days of the months from the one of `first` on, and before the one of `today`; the newest first."""
    count = (today.year - first.year) * 12 + today.month - first.month
    numbers = [first.year * 12 + first.month - 1 + step for step in range(count)]
    return [date(number // 12, number % 12 + 1, 1) for number in reversed(numbers)]


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
