"""The demo company: an invented maker of automation equipment, with six years of business and a few crises worth finding.

Scale 1 is 1,000 reps in 60 teams with 2 M leads and 1 M opportunities; 0.001 fills a first start in seconds. The same seed, scale
and day give the same bytes. To be found in it: a team that falls apart after its lead has left, a product withdrawn, a source whose
quality falls, a large customer that stops paying, a competitor's price war; and at every scale each state and each awkward case.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text

from crm import bulk
from crm.db import transaction
from crm.demo import company as companies
from crm.demo.company import Company
from crm.demo.rows import Rows, clients, deals, master, sales, staff, voices
from crm.demo.snapshots import keep
from crm.errors import CrmError
from crm.models import Base, Customer, Lead, User
from crm.vocabulary import N_

Progress = Callable[[str, int, int], None]
"""Told the stage (a message id), how much of it is done, and of how much."""

INVENTING = N_("Inventing the company")
WRITING = N_("Writing rows")
INDEXING = N_("Building indexes")

LEAST, MOST = 0.001, 10
"""The scales that can be asked for."""


class DatabaseNotEmpty(CrmError):
    """A demo company goes into an empty database only: nobody's records are mixed with invented ones."""

    message = N_("The database already holds records; a demo company needs an empty one. Nothing was changed.")


class ScaleOutOfRange(CrmError):
    """Smaller is no company, larger does not fit into memory."""

    message = N_("The scale must lie between {least} and {most}, and not be {scale}.")


def generate(
    engine: Engine, *, scale: float, seed: int, today: date, progress: Progress | None = None, keep_snapshots: Path | None = None
) -> dict[str, int]:
    """Fill an empty, migrated database with the demo company; in one transaction. Returns how many rows each table got.

    `keep_snapshots` names a file for how the company stood on some past days, as it was invented (`snapshots`).
    """
    told = progress or (lambda stage, done, total: None)
    if not LEAST <= scale <= MOST:
        raise ScaleOutOfRange(scale=scale, least=LEAST, most=MOST)
    with transaction(engine) as session:
        connection = session.connection()
        _check_empty(connection)
        company = companies.invent(scale, seed, today, lambda done, total: told(INVENTING, done, total))
        if keep_snapshots:
            keep(company, keep_snapshots)
        with (
            bulk.silenced(connection),
            bulk.without_indexes(connection, lambda done, total: told(INDEXING, done, total)),
            bulk.checked_at_the_end(connection, Base.metadata.sorted_tables),
        ):
            return _write(connection, company, told)


def _check_empty(connection: Connection) -> None:
    for model in (User, Lead, Customer):
        if connection.scalar(select(func.count()).select_from(model.__table__)):
            raise DatabaseNotEmpty()


def tables(company: Company) -> Iterator[Rows]:
    """Every table's rows, in an order in which what is referred to stands before."""
    yield from staff.rows(company)
    yield from master.rows(company)
    yield staff.strengths(company)
    yield from clients.rows(company)
    yield from sales.rows(company)
    yield from voices.rows(company)
    yield from sales.quote_rows(company)
    yield from deals.rows(company)


def _write(connection: Connection, company: Company, told: Progress) -> dict[str, int]:
    # the tables are counted as they are made; these two tell how many rows there will be, nearly
    expected, written = 3 * len(company.leads) + 4 * len(company.story), 0
    counts: dict[str, int] = {}
    for rows in tables(company):
        before = written
        bulk.insert(
            connection, rows.table, rows.size, rows.columns,
            lambda done, before=before: told(WRITING, min(before + done, expected), expected),  # type: ignore[misc]
        )  # fmt: skip
        written = before + rows.size
        counts[rows.table.name] = rows.size
    for person, team in staff.leaders(company.people):
        connection.execute(text("update teams set leader_id = :person where id = :team"), {"person": person, "team": team})
    told(WRITING, expected, expected)
    return counts


__all__ = ["DatabaseNotEmpty", "ScaleOutOfRange", "generate"]
