"""The application on the company of the tests, asked as a browser asks it, without one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.config import Settings
from crm.db import make_engine
from dashboard.app import close, create_app
from tests.pages.product import Product, a_product
from tests.pages.two_teams import Office, an_office
from tests.pages.visitor import Visitor
from tests.people import company


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """A home with the filled company and its warehouse, made once, to be copied."""
    home = tmp_path_factory.mktemp("company") / "home"
    home.mkdir()
    settings = Settings(home=home)
    shutil.copy(sqlite_template, home / "saleslens.db")
    company(settings.url).dispose()
    close(create_app(settings))
    return home


@pytest.fixture
def settings(built_home: Path, tmp_path: Path) -> Settings:
    """The settings of a home of this test's own."""
    return Settings(home=Path(shutil.copytree(built_home, tmp_path / "served")))


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The company's database."""
    opened = make_engine(settings.url)
    yield opened
    opened.dispose()


@pytest.fixture
def app(settings: Settings) -> Iterator[Dash]:
    """The application on it."""
    made = create_app(settings)
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


@pytest.fixture(scope="module")
def product(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The application with a company in which every form can be filled in; what a test writes there it takes back (`again`)."""
    made = a_product(built_home, tmp_path_factory.mktemp("product"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def office(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The application with what Zhao of the West holds, and Wang and Lin of the East before it."""
    yield from an_office(built_home, tmp_path_factory.mktemp("office"))
