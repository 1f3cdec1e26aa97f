"""An invoice that was mistyped is edited or cancelled, and stays."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoices", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("invoices", sa.Column("cancelled_on", sa.Date(), nullable=True))
    op.add_column("invoices", sa.Column("cancel_reason", sa.String(2000), nullable=False, server_default=""))
