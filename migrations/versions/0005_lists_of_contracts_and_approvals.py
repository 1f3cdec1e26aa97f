"""Contracts and waiting quotes in the orders of their lists."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_contracts_amount": ("contracts", ("amount", "id")),
    "ix_contracts_status": ("contracts", ("status", "id")),
    "ix_contracts_status_signed_on": ("contracts", ("status", "signed_on", "id")),
    "ix_contracts_status_amount": ("contracts", ("status", "amount", "id")),
    "ix_quotes_submitted_on": ("quotes", ("submitted_on", "id")),
    "ix_quotes_status_submitted_on": ("quotes", ("status", "submitted_on", "id")),
    "ix_quotes_status_total": ("quotes", ("status", "total", "id")),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, list(columns))
