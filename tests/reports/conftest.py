"""The demo company with its warehouse, made once for each test process; reports only read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from crm.config import Settings
from crm.db import make_engine, reading
from crm.demo.generator import generate
from crm.models import User
from crm.schema import upgrade
from crm.scope import Actor
from crm.services.people import actor_of
from dashboard.queries.answers import Answers
from dashboard.queries.warehouse import Warehouse
from etl.store import Store
from etl.sync import Follower

TODAY = date(2026, 11, 20)
ACCOUNTS = ("chen", "lin", "wang", "sun", "zhao", "fang", "mei", "xia", "ada")
"""Who can be signed in as: every role, and the reps and leads of two teams."""


@dataclass(frozen=True)
class Demo:
    """A company in operation: its database, its warehouse, its reports, its people by login; the past days that it kept, in a file."""

    engine: Engine
    store: Store
    answers: Answers
    today: date
    actors: dict[str, Actor]
    snapshots: Path

    def actor(self, login: str) -> Actor:
        """The person of that login as they act today."""
        return self.actors[login]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo company at its smallest, with every awkward case."""
    settings = Settings(home=tmp_path_factory.mktemp("demo"), warehouse_threads=1)
    engine = make_engine(settings.url)
    upgrade(engine)
    generate(engine, scale=0.001, seed=7, today=TODAY, keep_snapshots=settings.snapshots_path)
    with reading(engine) as session:
        actors = {login: actor_of(session, id, TODAY) for id, login in session.execute(select(User.id, User.login).where(User.active))}
    follower = Follower(engine, settings)
    follower.open()
    yield Demo(engine, follower.store, Answers(Warehouse(follower.cursor)), TODAY, actors, settings.snapshots_path)
    follower.stop()
    engine.dispose()


@pytest.fixture(scope="module")
def answers(demo: Demo) -> Iterator[Answers]:
    """The company's reports, which look once, and not before each of thousands of questions, whether anything has changed."""
    with demo.answers.still() as answers:
        yield answers
