"""The lists of a team of a hundred thousand records, and states together with every order of a list."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WIDE = {
    "opportunities": (
        "team_id", "created_on", "id", "status", "stage_id", "owner_id", "source_id", "expected_amount", "expected_close_on",
        "last_followed_up_on", "customer_id",
    ),
    "leads": ("team_id", "arrived_on", "id", "status", "first_handled_on", "source_id", "campaign_id", "owner_id"),
    "customers": ("team_id", "created_on", "id", "name", "owner_id", "merged_into_id"),
    "contracts": ("team_id", "signed_on", "id", "status", "amount", "owner_id", "customer_id"),
}  # fmt: skip
"""A team's rows in the usual order of the list, with all that it is narrowed to and sorted by: no row is looked at."""

INDEXES = {
    "ix_opportunities_status_stage_id": ("opportunities", ("status", "stage_id", "id")),
    "ix_leads_status_first_handled_on": ("leads", ("status", "first_handled_on", "id")),
    "ix_leads_team_id_status": ("leads", ("team_id", "status", "id")),
    "ix_leads_team_id_first_handled_on": ("leads", ("team_id", "first_handled_on", "id")),
}


def upgrade() -> None:
    op.drop_index("ix_opportunities_list", "opportunities")
    op.drop_index("ix_leads_team_id_arrived_on", "leads")
    # of the merged ones only: SQLite would take it for the shortest way to all that are not
    op.drop_index("ix_customers_merged_into_id", "customers")
    op.execute("create index ix_customers_merged_into_id on customers (merged_into_id) where merged_into_id is not null")
    for table, columns in WIDE.items():
        op.create_index(f"ix_{table}_list", table, list(columns))
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, list(columns))
