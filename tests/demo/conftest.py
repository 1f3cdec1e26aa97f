"""A demo company of each small size, made once, and asked in plain SQL."""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crm.db import make_engine
from crm.demo.generator import generate

TODAY = date(2026, 11, 23)


class Book:
    """The company's records, asked in SQL."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.row_factory = sqlite3.Row

    def rows(self, sql: str) -> list[sqlite3.Row]:
        return self._connection.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        return self._connection.execute(sql).fetchone()[0]

    def grouped(self, sql: str) -> dict[Any, list[sqlite3.Row]]:
        """The rows by their first column, in the order of the query."""
        groups: dict[Any, list[sqlite3.Row]] = {}
        for row in self.rows(sql):
            groups.setdefault(row[0], []).append(row)
        return groups

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session", params=[0.001, 0.01], ids=["first start", "ten times that"])
def book(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A company of this size."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("demo") / "saleslens.db"))
    engine = make_engine(f"sqlite:///{path}")
    generate(engine, scale=request.param, seed=1, today=TODAY)
    engine.dispose()
    found = Book(path)
    yield found
    found.close()
