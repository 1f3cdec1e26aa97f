"""The operational database's schema: bringing it up to date, and refusing one that is newer than the program.

A database that is up to date, as nearly every start finds it, costs one statement: Alembic, a fifth of a second to load, comes when
there is something to migrate. The revisions that the program knows are the files of `migrations/versions`, in their order.
"""

import re
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Engine, inspect, text

from crm.config import PROJECT
from crm.errors import DatabaseNewer, DatabaseOlder

MIGRATIONS = PROJECT / "migrations"
REVISION = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)


def upgrade(engine: Engine) -> str | None:
    """Run the migrations that are missing, in one transaction. Returns the revision it came from (None: an empty database)."""
    with engine.execution_options(writing=True).begin() as connection:
        found = revision_of(connection)
        if found is not None:
            refuse_unknown(found)
        if found != head():
            migrate(connection, "head")
    return found


def migrate(connection: Connection, revision: str) -> None:
    """Bring a database to `revision`, within the transaction that runs."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, revision)


def check(engine: Engine) -> None:
    """Raise `DatabaseNewer` or `DatabaseOlder` unless the database is at this program's revision."""
    with engine.connect() as connection:
        found = revision_of(connection)
    if found is not None:
        refuse_unknown(found)
    if found != head():
        raise DatabaseOlder(found=found or "-", known=head())


def revision_of(connection: Connection) -> str | None:
    """The revision that the database says it is at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("select version_num from alembic_version"))
    return found


def refuse_unknown(revision: str) -> None:
    """Raise `DatabaseNewer` for a revision that this program does not know."""
    if revision not in known():
        raise DatabaseNewer(found=revision, known=head())


def head() -> str:
    """The newest revision that this program knows."""
    return known()[-1]


@cache
def known() -> Sequence[str]:
    """The revisions of this program, the oldest first, as their files are numbered."""
    files = sorted((MIGRATIONS / "versions").glob("*.py"))
    return [revision for file in files for revision in REVISION.findall(file.read_text(encoding="utf-8"))]
