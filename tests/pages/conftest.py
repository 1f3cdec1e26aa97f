"""The application on the company of the tests, asked as a browser asks it, without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.config import Settings
from dashboard.app import close, create_app
from tests.pages.visitor import Visitor
from tests.people import company


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """The company's database."""
    opened = company(sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture
def app(engine: Engine, sqlite_url: str, tmp_path: Path) -> Iterator[Dash]:
    """The application on it."""
    made = create_app(Settings(home=tmp_path / "home", database_url=sqlite_url))
    yield made
    close(made)


@pytest.fixture
def nobody(app: Dash) -> Visitor:
    """Somebody who has not signed in."""
    return Visitor(app)


@pytest.fixture
def wang(app: Dash) -> Visitor:
    """The rep of East, signed in."""
    return Visitor(app).sign_in("wang")


@pytest.fixture
def zhao(app: Dash) -> Visitor:
    """The rep of West, signed in."""
    return Visitor(app).sign_in("zhao")


@pytest.fixture
def lin(app: Dash) -> Visitor:
    """The lead of East, signed in."""
    return Visitor(app).sign_in("lin")
