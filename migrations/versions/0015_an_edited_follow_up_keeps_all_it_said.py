"""A follow-up that was edited keeps its method, department and next step too, not only its texts.

What versions of before said of these is read out of the audit log, backwards from what the follow-up says now.
"""

import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEPT = ("method_id", "department_id", "next_step", "next_step_on")


def upgrade() -> None:
    op.add_column("follow_up_versions", sa.Column("next_step", sa.String(500), nullable=False, server_default=""))
    op.add_column("follow_up_versions", sa.Column("next_step_on", sa.Date(), nullable=True))
    for name, table in (("method_id", "follow_up_methods"), ("department_id", "departments")):
        if op.get_bind().dialect.name == "postgresql":
            op.add_column("follow_up_versions", sa.Column(name, sa.Integer(), nullable=True))
            op.create_foreign_key(f"fk_follow_up_versions_{name}", "follow_up_versions", table, [name], ["id"])
        else:  # SQLite takes a constraint only along with a new column
            constraint = f"constraint fk_follow_up_versions_{name} references {table} (id)"
            op.execute(f"alter table follow_up_versions add column {name} integer {constraint}")
    _fill()


def _fill() -> None:
    connection = op.get_bind()
    versions = sa.table("follow_up_versions", sa.column("id"), sa.column("follow_up_id"), *_kept())
    follow_ups = sa.table("follow_ups", sa.column("id"), *_kept())
    kept: dict[int, list[int]] = {}
    for row in connection.execute(sa.select(versions.c.id, versions.c.follow_up_id).order_by(versions.c.id.desc())):
        kept.setdefault(row.follow_up_id, []).append(row.id)
    for follow_up, ids in kept.items():
        now = connection.execute(sa.select(*(follow_ups.c[name] for name in KEPT)).where(follow_ups.c.id == follow_up)).one()._asdict()
        edits = _edits(connection, follow_up)
        if len(edits) != len(ids):  # an erasure emptied what the log said: then nobody knows
            continue
        for id, before in zip(ids, edits, strict=True):
            now |= {name: before[name] for name in KEPT if name in before}
            day = now["next_step_on"]
            now["next_step_on"] = date.fromisoformat(day) if isinstance(day, str) else day
            connection.execute(versions.update().where(versions.c.id == id).values(**now))


def _kept() -> list[sa.ColumnClause[Any]]:
    return [sa.column(name, sa.Date()) if name == "next_step_on" else sa.column(name) for name in KEPT]


def _edits(connection: sa.Connection, follow_up: int) -> list[dict[str, Any]]:
    """What the audit log says that each edit of the follow-up replaced, the latest first."""
    log = sa.table("audit_entries", *map(sa.column, ("id", "act", "subject", "subject_id", "before", "after")))
    mine = (log.c.subject == "follow_ups") & (log.c.subject_id == follow_up) & (log.c.act == "changed")
    lines = connection.execute(sa.select(log.c.before, log.c.after).where(mine).order_by(log.c.id.desc())).all()
    return [json.loads(line.before) for line in lines if line.before and "edited_at" in json.loads(line.after)]
