"""The filled company, on each kind of database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.people import company


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """The company of tests/people.py, before anything happened."""
    engine = company(database_url)
    yield engine
    engine.dispose()
