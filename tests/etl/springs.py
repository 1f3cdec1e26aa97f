"""A spring: acts that happen to a company one after the other, with a follower that is stepped by hand."""

import shutil
from pathlib import Path
from random import Random

from sqlalchemy import Engine

from crm.db import make_engine, transaction
from etl.sync import Follower
from tests.etl import warehouse
from tests.etl.deeds import Act


def at_the_beginning(beginning: Path, home: Path) -> tuple[Engine, Follower]:
    """The company before anything happened, at `home`, and its follower."""
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(beginning, home)
    engine = make_engine(f"sqlite:///{home / 'saleslens.db'}")
    follower = Follower(engine, warehouse.settings(home))
    follower.open()
    return engine, follower


def live(engine: Engine, act: Act, seed: int) -> None:
    """Let something happen, by that chance."""
    with transaction(engine) as session:
        act(session, Random(seed))
