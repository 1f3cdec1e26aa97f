"""An assignment says since when the customer had waited, so that taking it back does not begin the waiting anew."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignments", sa.Column("waited_since", sa.Date(), nullable=True))
