"""Product lines keep history: since which act of its record a line stands, and the lines that were replaced.

What changed before nobody wrote down: a line that exists today is taken to have stood since its record's first act.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RECORDS = {"opportunity": ("opportunities", True), "contract": ("contracts", False)}
"""The record, its table, and whether a line may be without an amount."""


def upgrade() -> None:
    for record, (table, unpriced) in RECORDS.items():
        op.add_column(f"{record}_lines", sa.Column("since_seq", sa.Integer(), nullable=False, server_default="1"))
        _former(f"former_{record}_lines", record, table, unpriced)
        if op.get_bind().dialect.name == "postgresql":
            _logged_by_postgresql(f"former_{record}_lines", record)
        else:
            _logged_by_sqlite(f"former_{record}_lines", record)


def _former(name: str, record: str, table: str, unpriced: bool) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(f"{record}_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=unpriced),
        sa.Column("since_seq", sa.Integer(), nullable=False),
        sa.Column("until_seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("since_seq between 1 and until_seq - 1", name="acts_in_order"),
        sa.ForeignKeyConstraint([f"{record}_id"], [f"{table}.id"], name=f"fk_{name}_{record}_id"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=f"fk_{name}_product_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint(f"{record}_id", "product_id", "since_seq", name=f"uq_{name}_{record}_id_product_id_since_seq"),
    )


def _logged_by_sqlite(name: str, record: str) -> None:
    for event, row, when in (
        ("insert", "new", ""),
        ("update", "new", ""),
        ("delete", "old", ""),
        ("moved", "old", f" when old.{record}_id is not new.{record}_id"),
    ):
        op.execute(
            f"create trigger log_{name}_{event} after {'update' if event == 'moved' else event} on {name}{when} begin"
            f" insert into change_log (subject, subject_id) values ('{record}', {row}.{record}_id); end"
        )


def _logged_by_postgresql(name: str, record: str) -> None:
    write = f"insert into change_log (subject, subject_id, xid) values ('{record}', {{}}.{record}_id, pg_current_xact_id()::text::bigint);"
    op.execute(f"""
        create function log_{name}() returns trigger language plpgsql as $$
        begin
            if tg_op <> 'DELETE' then {write.format("new")} end if;
            if tg_op <> 'INSERT' then {write.format("old")} end if;
            perform pg_notify('saleslens_change', '');
            return null;
        end $$""")
    op.execute(f"create trigger log_{name} after insert or update or delete on {name} for each row execute function log_{name}()")
