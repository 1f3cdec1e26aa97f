"""The filled company, on each kind of database: filled once, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from crm.db import make_engine
from scripts.postgres import Postgres
from tests.people import company


@pytest.fixture(scope="session")
def sqlite_company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the company of tests/people.py, before anything happened."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("company") / "company.db"))
    engine = company(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_company(postgres: Postgres, postgres_template: str) -> str:
    """The name of a PostgreSQL database with the same."""
    url = postgres.database(postgres_template)
    company(url).dispose()
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """The company of tests/people.py, before anything happened, in a database of this test's own."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_company'), tmp_path / 'saleslens.db')}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        url = server.database(request.getfixturevalue("postgres_company"))
    engine = make_engine(url)
    yield engine
    engine.dispose()
    if request.param == "postgresql":
        server.drop(url)
