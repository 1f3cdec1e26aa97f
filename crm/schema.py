"""The operational database's schema: bringing it up to date, and refusing one that is newer than the program."""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from crm.config import PROJECT
from crm.errors import DatabaseNewer, DatabaseOlder


def upgrade(engine: Engine) -> str | None:
    """Run the migrations that are missing, in one transaction. Returns the revision it came from (None: an empty database)."""
    with engine.execution_options(writing=True).begin() as connection:
        found = revision_of(connection)
        _refuse_newer(found)
        command.upgrade(_config(connection), "head")
    return found


def migrate(connection: Connection, revision: str) -> None:
    """Bring an empty database to `revision`, within the transaction that runs."""
    command.upgrade(_config(connection), revision)


def check(engine: Engine) -> None:
    """Raise `DatabaseNewer` or `DatabaseOlder` unless the database is at this program's revision."""
    with engine.connect() as connection:
        found = revision_of(connection)
    _refuse_newer(found)
    if found != head():
        raise DatabaseOlder(found=found or "-", known=head())


def revision_of(connection: Connection) -> str | None:
    """The revision that the database says it is at; None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_unknown(revision: str) -> None:
    """Raise `DatabaseNewer` for a revision that this program does not know."""
    _refuse_newer(revision)


def head() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _refuse_newer(found: str | None) -> None:
    scripts = ScriptDirectory.from_config(_config())
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseNewer(found=found, known=head())


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
