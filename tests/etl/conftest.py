"""A company before anything happened, for the tests that let a spring of acts happen to it."""

import shutil
from pathlib import Path

import pytest

from etl.build import build
from tests import people
from tests.etl import warehouse


@pytest.fixture(scope="module")
def beginning(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company before anything happened, with its warehouse; to be copied."""
    home = tmp_path_factory.mktemp("beginning")
    engine = people.company(f"sqlite:///{shutil.copy(sqlite_template, home / 'saleslens.db')}")
    build(engine, warehouse.settings(home))
    engine.dispose()
    return home


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the springs of a module happen, one after the other."""
    return tmp_path_factory.mktemp("springs")
