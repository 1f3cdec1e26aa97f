"""Long lists: an index of the pairs of characters in what is searched, and indexes in the orders in which lists are read.

SQLite keeps full-text tables of pairs (`search_<table>`) by triggers, `search_<table>_rows` says what belongs into them; PostgreSQL
indexes the pairs themselves (`search_grams`). Two Chinese characters are a word: neither side's own tokens are as short.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEARCHED = {
    "opportunities": ("title",),
    "customers": ("name",),
    "contacts": ("name", "phone"),
    "leads": ("contact_name", "company", "phone"),
    "contracts": ("number",),
}
"""Table → the columns in which its rows are sought."""

LONGEST = 200

SORTED = ("expected_amount", "expected_close_on", "last_followed_up_on")
INDEXES = {
    "ix_opportunities_list": (
        "opportunities",
        ("team_id", "created_on", "status", "stage_id", "owner_id", "source_id", *SORTED),
    ),
    "ix_opportunities_status_created_on": ("opportunities", ("status", "created_on", "id")),
    "ix_opportunities_status_expected_amount": ("opportunities", ("status", "expected_amount", "id")),
    "ix_opportunities_status_expected_close_on": ("opportunities", ("status", "expected_close_on", "id")),
    "ix_opportunities_status_last_followed_up_on": ("opportunities", ("status", "last_followed_up_on", "id")),
    "ix_opportunities_source_id_created_on": ("opportunities", ("source_id", "created_on", "id")),
    "ix_leads_status_arrived_on": ("leads", ("status", "arrived_on", "id")),
    "ix_leads_status": ("leads", ("status", "id")),
    "ix_leads_first_handled_on": ("leads", ("first_handled_on", "id")),
    "ix_customers_created_on": ("customers", ("created_on", "id")),
    "ix_customers_pooled_on": ("customers", ("pooled_on", "id")),
    "ix_customers_name": ("customers", ("name", "id")),
}
"""What is read in another order or narrowed. The widest one answers a team lead's whole list without a look at the rows."""


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, list(columns))
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def _sqlite() -> None:
    op.execute("create table search_numbers (n integer primary key)")
    counting = f"with recursive up (n) as (select 1 union all select n + 1 from up where n < {LONGEST})"
    op.execute(f"{counting} insert into search_numbers select n from up")
    for table, columns in SEARCHED.items():
        name = f"search_{table}"
        grams = {row: " || ' ' || ".join(_grams(f"{row}{column}") for column in columns) for row in ("", "new.", "old.")}
        changed = " or ".join(f"old.{column} is not new.{column}" for column in columns)
        add = f"insert into {name} (rowid, grams) values (new.id, {grams['new.']});"
        drop = f"insert into {name} ({name}, rowid, grams) values ('delete', old.id, {grams['old.']});"
        op.execute(f"""create virtual table {name} using fts5(grams, content='', tokenize="unicode61 remove_diacritics 0", detail=none)""")
        op.execute(f"create view {name}_rows as select id, {grams['']} as grams from {table}")
        op.execute(f"insert into {name} (rowid, grams) select id, grams from {name}_rows")
        op.execute(f"create trigger {name}_insert after insert on {table} begin {add} end")
        op.execute(f"create trigger {name}_delete after delete on {table} begin {drop} end")
        op.execute(f"create trigger {name}_update after update on {table} when {changed} begin {drop} {add} end")


def _grams(column: str) -> str:
    """SQL for the pairs of characters of a text, and its last character."""
    return f"coalesce((select group_concat(substr({column}, n, 2), ' ') from search_numbers where n <= length({column})), '')"


def _postgresql() -> None:
    op.execute("""
        create function search_grams(said text) returns text[] language sql immutable parallel safe as $$
            select coalesce(array_agg(distinct gram), '{}') from (
                select substr(lower(said), n, 2) as gram from generate_series(1, length(said)) as n
                union all
                select substr(lower(said), n, 1) from generate_series(1, length(said)) as n
            ) as grams
        $$""")
    for table, columns in SEARCHED.items():
        said = " || ' ' || ".join(columns)
        op.execute(f"create index ix_{table}_search on {table} using gin (search_grams({said}))")
