"""Customers that were merged into others, who held a lead until it was converted, and requests to erase a person's data."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REFERENCES = (("customers", "merged_into_id", "customers"), ("leads", "converted_owner_id", "users"))


def upgrade() -> None:
    # in plain SQL: SQLite would otherwise copy the whole table, and lose its triggers with it
    for table, column, of in REFERENCES:
        op.execute(f"alter table {table} add column {column} integer constraint fk_{table}_{column} references {of} (id)")
    op.create_index("ix_customers_merged_into_id", "customers", ["merged_into_id"])
    op.create_index("ix_leads_converted_owner_id", "leads", ["converted_owner_id", "arrived_on", "id"])
    # nobody wrote down who held a lead in between; who held it first is known
    op.execute("update leads set converted_owner_id = arrival_owner_id where status = 'converted'")
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("done_by_id is null or done_by_id <> asked_by_id", name="ck_erasures_by_two"),
        sa.CheckConstraint("(done_at is null) = (done_by_id is null)", name="ck_erasures_done"),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_erasures_contact_id"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["users.id"], name="fk_erasures_asked_by_id"),
        sa.ForeignKeyConstraint(["done_by_id"], ["users.id"], name="fk_erasures_done_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_contact_id", "erasures", ["contact_id"])
