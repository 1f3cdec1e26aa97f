"""The public files, and a company made of them as `make real` makes it; what its reports say, to be held against another reading."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.config import PROJECT, Settings
from crm.db import make_engine, reading
from crm.scope import Scope
from crm.services import people
from dashboard.queries import report as report_of
from dashboard.queries.answers import Answers
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Measure
from dashboard.queries.records import Records
from dashboard.queries.report import View
from dashboard.queries.warehouse import Warehouse
from etl.store import Store, Versions

# Read as this file is loaded, since a test sees no SALESLENS_* of its developer.
REAL = Path(os.environ.get("SALESLENS_REAL_DATA") or PROJECT.parent / "shared" / "real_data")
DEALS = REAL / "crm_opportunities"
INVOICES = REAL / "accounts_receivable" / "WA_Fn-UseC_-Accounts-Receivable.csv"
HERE = pytest.mark.skipif(not REAL.is_dir(), reason=f"the public files are not in {REAL}; SALESLENS_REAL_DATA names another folder")

TODAY = date(2026, 11, 23)


class Loaded:
    """A company of the three folders, and what its reports say."""

    def __init__(self, home: Path, said: str) -> None:
        self.home, self.said = home, said
        self.engine: Engine = make_engine(Settings(home=home).url)
        current = Versions(home / "warehouse").current()
        assert current is not None
        self.store = Store(current, threads=1, memory="1GB")
        self.answers = Answers(Warehouse(self.store.cursor))
        with reading(self.engine) as session:
            self.scope: Scope = people.actor_of(session, 2, TODAY).scope  # the executive

    def close(self) -> None:
        """Let go of database and warehouse."""
        self.store.close()
        self.engine.dispose()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A look into the books."""
        with reading(self.engine) as session:
            yield session

    def view(self, report: str, view: str, query: str = "period=all") -> list[dict[str, Any]]:
        """The rows of a table, with the names beside the ids."""
        found = report_of(report)
        table = found.view(view)
        assert isinstance(table, View)
        page = Page(count=100_000) if table.paged else None
        return self.answers.table(found, table, self.scope, Filters.read(query), TODAY, page).table.rows

    def total(self, report: str, query: str = "period=all") -> dict[str, Any]:
        """The headline."""
        found = report_of(report)
        return self.answers.table(found, found.top, self.scope, Filters.read(query), TODAY).table.total

    def by(self, report: str, view: str, dimension: str, figure: str, query: str = "period=all") -> dict[str, Any]:
        """Name → figure, of the rows that have any."""
        return {row[f"{dimension}_label"]: row[figure] for row in self.view(report, view, query) if row[figure]}

    def records(self, measure: Measure, query: str = "period=all", cell: dict[str, Any] | None = None) -> Records:
        """The records behind a figure."""
        return self.answers.records(measure, cell or {}, self.scope, Filters.read(query), TODAY)

    def ids(self, dimension: str) -> dict[str, int]:
        """Name → id of a dimension's values."""
        return {name: id for id, name in (self.answers.offered(dimension, self.scope) or {}).items()}


def money(cents: int) -> Decimal:
    """Cents as an amount."""
    return Decimal(int(cents)) / 100
