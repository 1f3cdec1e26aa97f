"""A payment plan that was proposed and declined says itself by whom, when and why.

So far the audit log said that it was declined, and the next version by whom and why: the plan in force once more, or, where none was, an
empty proposal. The plan in force stays as it was written; the empty proposals go, since what they said is said by the declined one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

DECLINED = '{"declined":true}'
"""What the audit log says of a proposal that was declined."""

UNSAID = "—"
"""Stands for a reason that nobody can read any more."""

CHECKS = {
    "declined_proposal": "declined_at is null or proposed",
    "decline_explained": "(declined_at is null) = (decline_reason = '')",
}


def upgrade() -> None:
    op.add_column("payment_plans", sa.Column("decline_reason", sa.String(2000), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("payment_plans", sa.Column("declined_by_id", sa.Integer(), nullable=True))
        op.create_foreign_key("fk_payment_plans_declined_by_id", "payment_plans", "users", ["declined_by_id"], ["id"])
        op.add_column("payment_plans", sa.Column("declined_at", sa.DateTime(), nullable=True))
        for name, condition in CHECKS.items():
            op.create_check_constraint(op.f(f"ck_payment_plans_{name}"), "payment_plans", condition)
    else:  # SQLite takes a constraint only along with a new column; to copy the table would lose its triggers
        fresh = "alter table payment_plans add column"
        op.execute(f"{fresh} declined_by_id integer constraint fk_payment_plans_declined_by_id references users (id)")
        checks = " ".join(f"constraint ck_payment_plans_{name} check ({condition})" for name, condition in CHECKS.items())
        op.execute(f"{fresh} declined_at datetime {checks}")
    _fill()


def _fill() -> None:
    """Each proposal that was declined says what the audit log and the version after it said."""
    columns = ("id", "contract_id", "revision", "proposed", "at", "by_id", "reason", "declined_at", "declined_by_id", "decline_reason")
    plans = sa.table("payment_plans", *map(sa.column, columns))
    log = sa.table("audit_entries", *map(sa.column, ("id", "at", "by_id", "subject", "subject_id", "after")))
    parts = sa.table("instalments", sa.column("id"), sa.column("plan_id"))
    answer = plans.alias("answer")
    follows = (answer.c.contract_id == plans.c.contract_id) & (answer.c.revision == plans.c.revision + 1)
    said = (log.c.subject == "payment_plans") & (log.c.subject_id == plans.c.id) & (log.c.after == DECLINED)
    found = sa.select(plans.c.id, log.c.at, log.c.by_id, answer.c.id.label("answer"), answer.c.reason)
    connection = op.get_bind()
    for row in connection.execute(found.join_from(plans, log, said).join(answer, follows, isouter=True).order_by(log.c.id)).all():
        told = {"declined_at": row.at, "declined_by_id": row.by_id, "decline_reason": row.reason or UNSAID}
        connection.execute(plans.update().where(plans.c.id == row.id).values(**told))
        empty = ~sa.exists().where(parts.c.plan_id == plans.c.id)
        connection.execute(plans.delete().where(plans.c.id == row.answer, plans.c.proposed, empty))
