"""How many rows people carried away as files, day by day, as the audit log has it: what is unusual is shown to the administrator."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import AuditEntry, User
from crm.rules.exporting import is_unusual
from crm.scope import Actor
from crm.services.reach import require
from crm.vocabulary import AuditAct, Kind, Permission

LOOKED_AT, SHOWN = timedelta(days=90), timedelta(days=7)
"""What a person took in so many days says what is usual for them; of the latest so many it is shown."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Somebody took this many rows on a day; `most_before` on any day before."""

    user_id: int
    person: str
    day: date
    rows: int
    most_before: int


def unusual(session: Session, actor: Actor, today: date, zone: str) -> list[Carried]:
    """The days of the last week on which somebody took unusually much, the latest first."""
    require(actor, Permission.EXPORT, Kind.AUDIT)
    found = []
    for user_id, days in _by_person(session, today, ZoneInfo(zone)).items():
        person = session.get_one(User, user_id).name
        for day, rows in days.items():
            before = [taken for other, taken in days.items() if other < day]
            if day > today - SHOWN and is_unusual(rows, before):
                found.append(Carried(user_id, person, day, rows, max(before, default=0)))
    return sorted(found, key=lambda one: (one.day, one.rows), reverse=True)


def _by_person(session: Session, today: date, zone: ZoneInfo) -> dict[int, dict[date, int]]:
    """What each person took, by the company's days."""
    since = datetime.combine(today - LOOKED_AT, datetime.min.time(), zone)
    lines = select(AuditEntry.by_id, AuditEntry.at, AuditEntry.after).where(AuditEntry.act == AuditAct.EXPORTED, AuditEntry.at >= since)
    taken: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for user_id, at, after in session.execute(lines.order_by(AuditEntry.id)):
        if user_id is not None:
            taken[user_id][at.astimezone(zone).date()] += _rows(after)
    return taken


def _rows(after: str) -> int:
    """How many rows a line says that were taken; none for a picture or an offer."""
    said = json.loads(after or "{}").get("rows")
    return said if isinstance(said, int) else 0
