"""A kept view says itself that its page opens with it; a rep's contracts and what was received are read from indexes alone."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPENING = "opening of "
"""Before a page's name: so was kept, as a view of its own, with which view the page opens."""


def upgrade() -> None:
    op.add_column("saved_views", sa.Column("opens", sa.Boolean(), nullable=False, server_default=sa.false()))
    _told_apart(sa.table("saved_views", sa.column("id"), sa.column("user_id"), sa.column("page"), sa.column("state"), sa.column("opens")))
    op.create_index("uq_saved_views_opens", "saved_views", ["user_id", "page"], unique=True, postgresql_where=sa.text("opens"),
                    sqlite_where=sa.text("opens"))  # fmt: skip
    op.drop_index("ix_receipts_contract_id", "receipts")
    op.create_index("ix_receipts_contract_id", "receipts", ["contract_id", "cancelled_on", "amount"])
    op.drop_index("ix_contracts_owner_id", "contracts")
    op.create_index("ix_contracts_owner_id", "contracts", ["owner_id", "signed_on", "id", "status", "amount"])


def _told_apart(views: sa.TableClause) -> None:
    """Each view that a page opens with says so, and the one that said it goes."""
    connection = op.get_bind()
    for opening in connection.execute(sa.select(views).where(views.c.page.startswith(OPENING))).all():
        own = (views.c.user_id == opening.user_id, views.c.page == opening.page.removeprefix(OPENING))
        connection.execute(views.update().where(views.c.id == int(opening.state), *own).values(opens=True))
    connection.execute(views.delete().where(views.c.page.startswith(OPENING)))
