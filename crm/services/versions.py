"""Two people change one record: the second sees what the first changed, and chooses. Nothing is overwritten silently."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from crm.audit import State, state
from crm.errors import ChangedMeanwhile
from crm.models import AuditEntry, Base, User
from crm.models.base import Money
from crm.vocabulary import N_, Message

UNTOLD = frozenset({"version", "id"})


def check_unchanged(session: Session, record: Any, opened: int, *parts: str) -> None:
    """Refuse with `ChangedMeanwhile` unless the record is still at the version that the person opened.

    The error's `by` is who saved last, `changes` maps each field to (value now, value when opened), and `version` is the one to
    pass next, by who has looked at them.
    """
    if record.version == opened:
        return
    by, before = _since(session, record, opened)
    now = state(record, *parts)
    differing = {key: value for key, value in before.items() if key in now and key not in UNTOLD and now[key] != value}
    changes = {key: (_typed(record, key, now[key]), _typed(record, key, value)) for key, value in sorted(differing.items())}
    raise ChangedMeanwhile(by=by or Message(N_("Somebody")), changes=changes, version=record.version)


def grow(record: Base, *parts: str) -> None:
    """Let the version of a record grow though its own columns stay: whoever opened it before must see that its lines have changed.

    With `parts`: only if what belongs to these relationships came or went.
    """
    state = inspect(record)
    if not parts or any(state.attrs[part].history.has_changes() for part in parts):
        flag_modified(record, next(column.key for column in state.mapper.column_attrs if not column.columns[0].primary_key))


def check_as_opened(session: Session, record: Any, opened: Mapping[str, Any], now: Mapping[str, Any] | None = None) -> None:
    """The same for a record without a version: `opened` are the fields as the person saw them, `now` as they are where they are no
    columns of the record."""
    standing = now or {key: getattr(record, key) for key in opened}
    changes = {key: (standing[key], value) for key, value in sorted(opened.items()) if standing[key] != value}
    if changes:
        by, _before = _since(session, record, 0)
        raise ChangedMeanwhile(by=by or Message(N_("Somebody")), changes=changes)


def _since(session: Session, record: Any, opened: int) -> tuple[str | None, State]:
    """Who changed the record last, and how the fields that have changed since stood at version `opened`, by the audit log."""
    before: State = {}
    by: str | None = None
    lines = select(AuditEntry, User.name).join(User, User.id == AuditEntry.by_id, isouter=True)
    mine = lines.where(AuditEntry.subject == record.__tablename__, AuditEntry.subject_id == record.id)
    for line, name in session.execute(mine.order_by(AuditEntry.id.desc())):
        if not line.before or json.loads(line.after).get("version", opened + 1) <= opened:
            break
        before |= json.loads(line.before)
        by = by or name
    return by, before


def _typed(record: Base, key: str, value: Any) -> Any:
    """A column's value as the record has it: an amount, a date."""
    column = inspect(type(record)).columns.get(key)
    if value is None or column is None:
        return value
    if isinstance(column.type, Money):
        return Decimal(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value
