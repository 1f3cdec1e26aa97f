"""A person's roles reach the warehouse too: who is a rep decides the ranking lists. On PostgreSQL the log is found by transaction.

The follower asks for the lines of all transactions since the last one it knows.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    for event, row in (("insert", "new"), ("update", "new"), ("update", "old"), ("delete", "old")):
        name = f"log_user_roles_{event}" if row == "new" or event == "delete" else "log_user_roles_moved"
        moved = " when old.user_id is not new.user_id" if name == "log_user_roles_moved" else ""
        op.execute(
            f"create trigger {name} after {event} on user_roles{moved} begin"
            f" insert into change_log (subject, subject_id) values ('user', {row}.user_id); end"
        )


def _postgresql() -> None:
    op.create_index("ix_change_log_xid", "change_log", ["xid"])
    op.execute("""
        create function log_user_roles() returns trigger language plpgsql as $$
        begin
            if tg_op <> 'DELETE' then
                insert into change_log (subject, subject_id, xid) values ('user', new.user_id, pg_current_xact_id()::text::bigint);
            end if;
            if tg_op <> 'INSERT' then
                insert into change_log (subject, subject_id, xid) values ('user', old.user_id, pg_current_xact_id()::text::bigint);
            end if;
            perform pg_notify('saleslens_change', '');
            return null;
        end $$""")
    op.execute(
        "create trigger log_user_roles after insert or update or delete on user_roles for each row execute function log_user_roles()"
    )
