"""The audit log narrowed to an act or to a kind of record, the newest first."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_entries_act_id", "audit_entries", ["act", "id"])
    op.create_index("ix_audit_entries_subject_kind", "audit_entries", ["subject", "id"])
