"""Triggers: every write to what the warehouse reads leaves a line in the change log, and the audit log only grows.

Triggers, rather than hooks of the program, since a correction by hand in SQL must reach the reports too.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = {
    "leads": ("lead", "id"),
    "customers": ("customer", "id"),
    "opportunities": ("opportunity", "id"),
    "opportunity_lines": ("opportunity", "opportunity_id"),
    "opportunity_history": ("opportunity", "opportunity_id"),
    "follow_ups": ("opportunity", "opportunity_id"),
    "competition_records": ("opportunity", "opportunity_id"),
    "quotes": ("opportunity", "opportunity_id"),
    "contracts": ("contract", "id"),
    "contract_lines": ("contract", "contract_id"),
    "contract_history": ("contract", "contract_id"),
    "payment_plans": ("contract", "contract_id"),
    "instalments": ("contract", "contract_id"),
    "receipts": ("contract", "contract_id"),
    "receipt_instalments": ("contract", "contract_id"),
    "costs": ("contract", "contract_id"),
    "teams": ("team", "id"),
    "users": ("user", "id"),
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


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _subject(table: str, row: str) -> tuple[str, str]:
    """The subject's name, and SQL for its id as `row` (new or old) has it."""
    if table in COLUMNS:
        subject, column = COLUMNS[table]
        return subject, f"{row}.{column}"
    subject, through = THROUGH[table]
    return subject, f"({through.format(row=row)})"


def _sqlite() -> None:
    for table in (*COLUMNS, *THROUGH):
        for event, row in (("insert", "new"), ("update", "new"), ("delete", "old")):
            subject, record = _subject(table, row)
            op.execute(
                f"create trigger log_{table}_{event} after {event} on {table} when {record} is not null begin"
                f" insert into change_log (subject, subject_id) values ('{subject}', {record}); end"
            )
        subject, new = _subject(table, "new")
        _, old = _subject(table, "old")
        if new != "new.id":
            op.execute(
                f"create trigger log_{table}_moved after update on {table} when {old} is not null and {old} is not {new} begin"
                f" insert into change_log (subject, subject_id) values ('{subject}', {old}); end"
            )
    for event in ("update", "delete"):
        op.execute(
            f"create trigger audit_entries_no_{event} before {event} on audit_entries begin"
            " select raise(abort, 'the audit log only grows'); end"
        )


def _postgresql() -> None:
    for table in (*COLUMNS, *THROUGH):
        subject, new = _subject(table, "new")
        _, old = _subject(table, "old")
        write = "insert into change_log (subject, subject_id, xid) values ('{}', {}, pg_current_xact_id()::text::bigint);"
        op.execute(f"""
            create function log_{table}() returns trigger language plpgsql as $$
            declare before integer; after integer;
            begin
                if tg_op <> 'INSERT' then before := {old}; end if;
                if tg_op <> 'DELETE' then after := {new}; end if;
                if after is not null then {write.format(subject, "after")} end if;
                if before is not null and before is distinct from after then {write.format(subject, "before")} end if;
                perform pg_notify('saleslens_change', '');
                return null;
            end $$""")
        op.execute(f"create trigger log_{table} after insert or update or delete on {table} for each row execute function log_{table}()")
    op.execute("""
        create function audit_entries_grow() returns trigger language plpgsql as $$
        begin raise exception 'the audit log only grows'; end $$""")
    op.execute(
        "create trigger audit_entries_grow before update or delete on audit_entries for each row execute function audit_entries_grow()"
    )
