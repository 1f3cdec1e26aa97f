"""The change log says which table of a record was written, so that the warehouse makes anew only what is made from it.

An update of an opportunity or a contract in nothing but what only its own row in the warehouse tells (its name, its next step, its
version) is the part *record*. Lines from before say nothing: there everything of the record is made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = {
    "leads": ("lead", "id"),
    "customers": ("customer", "id"),
    "opportunities": ("opportunity", "id"),
    "opportunity_lines": ("opportunity", "opportunity_id"),
    "former_opportunity_lines": ("opportunity", "opportunity_id"),
    "opportunity_history": ("opportunity", "opportunity_id"),
    "follow_ups": ("opportunity", "opportunity_id"),
    "competition_records": ("opportunity", "opportunity_id"),
    "quotes": ("opportunity", "opportunity_id"),
    "contracts": ("contract", "id"),
    "contract_lines": ("contract", "contract_id"),
    "former_contract_lines": ("contract", "contract_id"),
    "contract_history": ("contract", "contract_id"),
    "payment_plans": ("contract", "contract_id"),
    "instalments": ("contract", "contract_id"),
    "receipts": ("contract", "contract_id"),
    "receipt_instalments": ("contract", "contract_id"),
    "costs": ("contract", "contract_id"),
    "teams": ("team", "id"),
    "users": ("user", "id"),
    "user_roles": ("user", "user_id"),
    "lead_sources": ("source", "id"),
    "campaigns": ("campaign", "id"),
    "products": ("product", "id"),
    "stages": ("stage", "id"),
    "stage_versions": ("stage", "stage_id"),
    "loss_reasons": ("reason", "id"),
    "competitors": ("competitor", "id"),
    "competition_factors": ("factor", "id"),
    "cost_categories": ("cost_category", "id"),
    "sales_targets": ("target", "id"),
    "settings": ("settings", "id"),
    "setting_versions": ("settings", "id"),
}
"""Table → the record that depends on its rows, and the column that names that record."""

THROUGH = {
    "quote_lines": ("opportunity", "select opportunity_id from quotes where id = {row}.quote_id"),
    "competition_record_factors": ("opportunity", "select opportunity_id from competition_records where id = {row}.record_id"),
}
"""Tables that name the record only through another one."""

TOLD = {
    "opportunities": "id customer_id lead_id source_id campaign_id stage_id created_on first_owner_id first_team_id",
    "contracts": "id customer_id opportunity_id source_id campaign_id signed_on signer_id signer_team_id",
}
"""The columns of a record that more is made from than its own row."""


def upgrade() -> None:
    op.add_column("change_log", sa.Column("part", sa.String(length=40), nullable=True))
    for table in (*COLUMNS, *THROUGH):
        if op.get_bind().dialect.name == "postgresql":
            _postgresql(table)
        else:
            _sqlite(table)


def _subject(table: str, row: str) -> tuple[str, str]:
    """The subject's name, and SQL for its id as `row` (new or old) has it."""
    if table in COLUMNS:
        subject, column = COLUMNS[table]
        return subject, f"{row}.{column}"
    subject, through = THROUGH[table]
    return subject, f"({through.format(row=row)})"


def _sqlite(table: str) -> None:
    for event, row in (("insert", "new"), ("update", "new"), ("delete", "old"), ("moved", "old")):
        subject, record = _subject(table, row)
        when = f"{record} is not null"
        if event == "moved":
            if record == "old.id":
                continue  # nobody gives a record another number
            when += f" and {record} is not {_subject(table, 'new')[1]}"
        part = f"'{table}'"
        if event == "update" and table in TOLD:
            other = " or ".join(f"new.{column} is not old.{column}" for column in TOLD[table].split())
            part = f"case when {other} then '{table}' else 'record' end"
        op.execute(f"drop trigger log_{table}_{event}")
        op.execute(
            f"create trigger log_{table}_{event} after {'update' if event == 'moved' else event} on {table} when {when} begin"
            f" insert into change_log (subject, subject_id, part) values ('{subject}', {record}, {part}); end"
        )


def _postgresql(table: str) -> None:
    subject, new = _subject(table, "new")
    _, old = _subject(table, "old")
    write = f"insert into change_log (subject, subject_id, xid, part) values ('{subject}', {{}}, pg_current_xact_id()::text::bigint, told);"
    compared = ""
    if table in TOLD:
        before, after = (", ".join(f"{row}.{column}" for column in TOLD[table].split()) for row in ("old", "new"))
        compared = f"if tg_op = 'UPDATE' then if ({before}) is not distinct from ({after}) then told := 'record'; end if; end if;"
    op.execute(f"""
        create or replace function log_{table}() returns trigger language plpgsql as $$
        declare before integer; after integer; told text := '{table}';
        begin
            if tg_op <> 'INSERT' then before := {old}; end if;
            if tg_op <> 'DELETE' then after := {new}; end if;
            {compared}
            if after is not null then {write.format("after")} end if;
            if before is not null and before is distinct from after then {write.format("before")} end if;
            perform pg_notify('saleslens_change', '');
            return null;
        end $$""")
