"""Taking a whole import back: what it created goes, what it changed becomes again what it was.

Spared, and named, is what people have changed since, and what something stands on that the import did not bring: a customer with an
opportunity of somebody's own, a source that another lead came from.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, DateTime, Enum, Table, select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.errors import CrmError
from crm.importing import runs
from crm.importing.directory import in_lots
from crm.models import Base, ImportedRecord, ImportRun
from crm.models.base import Money
from crm.scope import Actor
from crm.vocabulary import N_, AuditAct, ImportStatus

PARTS: Mapping[str, tuple[str, str]] = {
    "opportunity_lines": ("opportunity_id", "opportunities"),
    "former_opportunity_lines": ("opportunity_id", "opportunities"),
    "opportunity_history": ("opportunity_id", "opportunities"),
    "contract_lines": ("contract_id", "contracts"),
    "former_contract_lines": ("contract_id", "contracts"),
    "contract_history": ("contract_id", "contracts"),
    "instalments": ("plan_id", "payment_plans"),
    "receipt_instalments": ("receipt_id", "receipts"),
    "user_roles": ("user_id", "users"),
    "user_strengths": ("user_id", "users"),
    "team_memberships": ("user_id", "users"),
    "stage_versions": ("stage_id", "stages"),
    "assignments": ("customer_id", "customers"),
    "competitor_aliases": ("competitor_id", "competitors"),
}
"""Tables whose rows come and go with the record that they are a part of, and by which column they name it."""

ADDED = {"competitor_aliases": "name", "user_roles": "role"}
"""Parts that an import adds to a record that stands, and the column that tells them apart."""

HISTORY = {"opportunities": ("opportunity_history", "opportunity_id"), "contracts": ("contract_history", "contract_id")}


class UndoneAlready(CrmError):
    """An import is taken back once."""

    message = N_("This import was undone already.")


@dataclass(frozen=True, slots=True)
class Spared:
    """A record that stays: `changed` by people since, or because something else stands on it."""

    subject: str
    id: int
    name: str
    changed: bool


@dataclass
class Undone:
    """What the undo did."""

    removed: int = 0
    restored: int = 0
    spared: list[Spared] = field(default_factory=list)


def undo(session: Session, actor: Actor, run_id: int) -> Undone:
    """Take the import back within the caller's transaction. Raises `UndoneAlready` and `runs.NoSuchImport`."""
    run = runs.find(session, actor, run_id)
    if run.status is ImportStatus.UNDONE:
        raise UndoneAlready()
    done = Undone()
    created, changed = _written(session, run)
    # a successor first, to make room for the version that it ended; then what changed, which may refer to what was created
    _remove(session, {name: going for name, going in created.items() if not _referred_to(name)}, done)
    _restore(session, changed, done)
    _remove(session, {name: going for name, going in created.items() if _referred_to(name)}, done)
    run.status, run.undone_at, run.undone_by_id = ImportStatus.UNDONE, clock.now(), actor.user_id
    audit.write(
        session, actor, AuditAct.IMPORT_UNDONE, ImportRun.__tablename__, run.id,
        after={"removed": done.removed, "restored": done.restored, "spared": [f"{one.subject} {one.id}" for one in done.spared]},
    )  # fmt: skip
    session.flush()
    return done


Created = dict[str, dict[int, int]]
"""Table → record → the version that the import left."""


def _written(session: Session, run: ImportRun) -> tuple[Created, list[ImportedRecord]]:
    created: Created = {}
    changed = []
    for record in session.scalars(select(ImportedRecord).where(ImportedRecord.run_id == run.id).order_by(ImportedRecord.id)):
        if record.before:
            changed.append(record)
        else:
            created.setdefault(record.subject, {})[record.subject_id] = record.version
    return created, changed


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


# ---- what the import changed


def _restore(session: Session, changed: Iterable[ImportedRecord], done: Undone) -> None:
    """Put back what stood before, the latest change first."""
    for record in reversed(list(changed)):
        table = _table(record.subject)
        standing = session.execute(select(table).where(table.c.id == record.subject_id)).first()
        if standing is None:
            continue
        if record.version and standing.version != record.version:
            done.spared.append(Spared(record.subject, record.subject_id, _name(standing), changed=True))
            continue
        before = json.loads(record.before)
        columns = {name: _typed(table, name, value) for name, value in before["columns"].items()}
        if record.version:
            columns["version"] = standing.version + 1
        session.execute(table.update().where(table.c.id == record.subject_id).values(columns))
        _forget(session, record, before)
        done.restored += 1


def _forget(session: Session, record: ImportedRecord, before: Mapping[str, Any]) -> None:
    """Take back the lines that the change left in the record's history, its products, and the parts that it added."""
    for part, kept in before.get("parts", {}).items():
        table = _table(part)
        mine = table.c[PARTS[part][0]] == record.subject_id
        session.execute(table.delete().where(mine, table.c[ADDED[part]].not_in([_typed(table, ADDED[part], one) for one in kept])))
    if "history" in before and record.subject in HISTORY:
        name, of = HISTORY[record.subject]
        history = _table(name)
        session.execute(history.delete().where(history.c[of] == record.subject_id, history.c.seq > before["history"]))
    if "lines" in before:
        _restore_lines(session, record.subject_id, before["lines"], before["history"])


def _restore_lines(session: Session, opportunity_id: int, amounts: Mapping[str, str | None], seq: int) -> None:
    """Give an opportunity the lines that it had after the act `seq`: the former ones stand again since when they stood before."""
    lines, former = _table("opportunity_lines"), _table("former_opportunity_lines")
    replaced = (former.c.opportunity_id == opportunity_id) & (former.c.until_seq > seq)
    kept = (lines.c.opportunity_id == opportunity_id) & (lines.c.since_seq <= seq)
    stood = {
        product: since
        for table, which in ((lines, kept), (former, replaced))
        for product, since in session.execute(select(table.c.product_id, table.c.since_seq).where(which))
    }
    session.execute(former.delete().where(replaced))
    session.execute(lines.delete().where(lines.c.opportunity_id == opportunity_id))
    for product, amount in amounts.items():
        row = {"opportunity_id": opportunity_id, "product_id": int(product), "since_seq": stood.get(int(product), 1)}
        session.execute(lines.insert().values(row | {"amount": None if amount is None else Decimal(amount)}))


def _typed(table: Table, name: str, value: Any) -> Any:
    """A value of the column, from JSON."""
    kind = table.c[name].type
    if value is None:
        return None
    if isinstance(kind, Money):
        return Decimal(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Enum) and isinstance(kind.enum_class, type) and issubclass(kind.enum_class, StrEnum):
        return kind.enum_class(value)
    return value


# ---- what the import created


def _remove(session: Session, created: Created, done: Undone) -> None:
    """Remove what can go, what refers to others before the others; what stays keeps what it refers to."""
    leaders = _untie(session, list(created.get("teams", ())))
    for table in reversed(Base.metadata.sorted_tables):
        going = created.get(table.name)
        if not going:
            continue
        changed = _changed(session, table, going)
        held = _held(session, table, [id for id in going if id not in changed])
        for id, name in _names(session, table, [*changed, *held]).items():
            done.spared.append(Spared(table.name, id, name, changed=id in changed))
        gone = [id for id in going if id not in changed and id not in held]
        _delete(session, table, gone)
        done.removed += len(gone)
    _tie(session, leaders)


def _untie(session: Session, ids: list[int]) -> dict[int, int]:
    """Part teams from their leaders, who may belong to them: of two that refer to each other none could go first."""
    teams = _table("teams")
    leaders = {id: leader for id, leader in session.execute(select(teams.c.id, teams.c.leader_id).where(teams.c.id.in_(ids))) if leader}
    session.execute(teams.update().where(teams.c.id.in_(leaders)).values(leader_id=None))
    return leaders


def _tie(session: Session, leaders: Mapping[int, int]) -> None:
    """Give the teams that stay their leaders back."""
    teams, users = _table("teams"), _table("users")
    staying = set(session.scalars(select(users.c.id).where(users.c.id.in_(leaders.values()))))
    for team, leader in leaders.items():
        if leader in staying:
            session.execute(teams.update().where(teams.c.id == team).values(leader_id=leader))


def _referred_to(name: str) -> bool:
    """Whether rows of other tables can stand on one of this table."""
    keys = (key for other in Base.metadata.tables.values() for column in other.columns for key in column.foreign_keys)
    return any(key.column.table.name == name for key in keys)


def _changed(session: Session, table: Table, going: Mapping[int, int]) -> set[int]:
    """The records that people have changed since."""
    if "version" not in table.c:
        return set()
    rows = select(table.c.id, table.c.version)
    return {id for id, version in in_lots(session, rows, table.c.id, going) if version != going[id]}


def _held(session: Session, table: Table, ids: list[int]) -> set[int]:
    """The records that rows refer to which stay: by now all that go before them are gone."""
    held: set[int] = set()
    for other in Base.metadata.tables.values():
        for column in other.columns:
            refers = any(key.column.table is table for key in column.foreign_keys)
            if refers and PARTS.get(other.name) != (column.name, table.name):
                held |= {row[0] for row in in_lots(session, select(column).distinct(), column, ids)}
    return held


def _delete(session: Session, table: Table, ids: list[int]) -> None:
    for name, (column, of) in PARTS.items():
        if of == table.name:
            part = _table(name)
            for lot in _lots(ids):
                session.execute(part.delete().where(part.c[column].in_(lot)))
    for lot in _lots(ids):
        session.execute(table.delete().where(table.c.id.in_(lot)))


def _lots(ids: list[int], size: int = 900) -> Iterable[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _names(session: Session, table: Table, ids: list[int]) -> dict[int, str]:
    """What people call the records that stay."""
    return {row.id: _name(row) for row in in_lots(session, select(table), table.c.id, ids)}


def _name(row: Any) -> str:
    """The name, title or number of a record."""
    return next((str(getattr(row, key)) for key in ("title", "name", "contact_name", "number") if getattr(row, key, None)), str(row.id))
