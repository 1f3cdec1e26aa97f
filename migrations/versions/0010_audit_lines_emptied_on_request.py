"""What an audit line says of a person can be emptied on request; that it happened, and everything else of the line, stays."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEPT = ("id", "at", "by_id", "act", "subject", "subject_id", "address")

EMPTIED = """new.before = '' and new.after = '{"erased"\\:true}'"""
"""What a line may become. (A colon stands for a parameter unless it is escaped.)"""


def upgrade() -> None:
    changed = sa.text("before <> ''")
    op.create_index(
        "ix_imported_records_changed", "imported_records", ["subject", "subject_id"], sqlite_where=changed, postgresql_where=changed
    )
    if op.get_bind().dialect.name == "postgresql":
        same = " and ".join(f"new.{column} is not distinct from old.{column}" for column in KEPT)
        op.execute(f"""
            create or replace function audit_entries_grow() returns trigger language plpgsql as $$
            begin
                if tg_op = 'UPDATE' then
                    if {same} and {EMPTIED} then return new; end if;
                end if;
                raise exception 'the audit log only grows';
            end $$""")
        return
    same = " and ".join(f"new.{column} is old.{column}" for column in KEPT)
    op.execute("drop trigger audit_entries_no_update")
    op.execute(
        f"create trigger audit_entries_no_update before update on audit_entries when not ({same} and {EMPTIED}) begin"
        " select raise(abort, 'the audit log only grows'); end"
    )
