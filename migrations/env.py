"""Alembic's entry: runs migrations on the connection that `crm.schema` hands over, or on the configured database."""

from alembic import context
from sqlalchemy import BigInteger, DateTime

from crm.config import Settings
from crm.db import make_engine
from crm.models import Base
from crm.models.base import Instant, Money


def render(kind: str, item: object, _context: object) -> str | bool:
    """Our own column types are written into migrations as what they are in the database, so that old ones never depend on new code."""
    if kind == "type" and isinstance(item, Money):
        return f"sa.{BigInteger.__name__}()"
    if kind == "type" and isinstance(item, Instant):
        return f"sa.{DateTime.__name__}()"
    return False


def run() -> None:
    """Run the migrations in one transaction."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _on(connection)
        return
    with make_engine(Settings().url).connect() as own, own.begin():
        _on(own)


def _on(connection: object) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_item=render, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


run()
