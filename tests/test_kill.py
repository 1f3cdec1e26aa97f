"""Killed at any moment: an act of a person leaves everything or nothing, and the warehouse goes on without gap or double."""

import contextlib
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from sqlalchemy import select

from crm.db import make_engine, reading, transaction
from crm.models import FollowUp
from etl.build import build
from etl.store import Store
from etl.sync import Follower
from scripts.postgres import Postgres
from scripts.server import Server
from tests.killing import ACTS, OPEN, Killer, contents, contents_of_warehouse, settings_of, stage
from tests.people import CALL, company
from tests.remote import RemoteVisitor

FRESH = Callable[[], str]
"""Makes a database of the stage, and says its address."""


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    running = Killer()
    yield running
    running.close()


def _staged(url: str) -> None:
    engine = company(url)
    with transaction(engine) as session:
        stage(session)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()


@pytest.fixture(scope="module")
def sqlite_stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("stage") / "stage.db"))
    _staged(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="module")
def postgres_stage(postgres: Postgres, postgres_template: str) -> str:
    url = postgres.database(postgres_template)
    _staged(url)
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FRESH]:
    """Databases of the stage, of each kind."""
    made: list[str] = []

    def sqlite() -> str:
        path = shutil.copy(request.getfixturevalue("sqlite_stage"), tmp_path / f"{len(made)}.db")
        made.append(f"sqlite:///{path}")
        return made[-1]

    def postgresql() -> str:
        made.append(request.getfixturevalue("postgres").database(request.getfixturevalue("postgres_stage")))
        return made[-1]

    yield sqlite if request.param == "sqlite" else postgresql
    if request.param == "postgresql":
        for url in made:
            request.getfixturevalue("postgres").drop(url)


def contents_at(url: str) -> dict[str, list[str]]:
    engine = make_engine(url)
    try:
        return contents(engine)
    finally:
        engine.dispose()


SOME_OR_ALL = pytest.mark.parametrize("many", [pytest.param(False, id="some"), pytest.param(True, id="all", marks=pytest.mark.slow)])


@SOME_OR_ALL
@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_is_killed_leaves_everything_or_nothing(act: str, many: bool, fresh: FRESH, killer: Killer) -> None:
    """Some: before each write and before the commit, since nothing happens between a write's end and the next; all: after each too."""
    done, killed = fresh(), fresh()
    before = contents_at(done)
    points = killer.attempt("act", act, done).points
    after = contents_at(done)
    assert points >= 4
    assert after != before
    for point in range(1, points, 1 if many else 2):
        assert killer.attempt("act", act, killed, point).killed
        assert contents_at(killed) == before, f"killed at point {point} of {points}"
    last = fresh()
    assert killer.attempt("act", act, last, points).killed
    assert contents_at(last) == after
    # whoever was killed holds no lock and no number: the act can be done again
    assert not killer.attempt("act", act, killed).killed
    assert {table: len(rows) for table, rows in contents_at(killed).items()} == {table: len(rows) for table, rows in after.items()}


class Warehouse:
    """The stage with its warehouse, behind by one act of Wang's; and what a warehouse that was built afterwards holds."""

    def __init__(self, folder: Path, url: str, killer: Killer) -> None:
        self.url, self.engine, self._folder = url, make_engine(url), folder
        build(self.engine, settings_of(folder / "behind"))
        killer.attempt("act", "sign a contract with its plan", url)
        killer.attempt("act", "receive", url)
        store = Store(build(self.engine, settings_of(folder / "rebuilt")).path, threads=1)
        self.rebuilt = contents_of_warehouse(store)
        store.close()

    def home(self, kind: str) -> Path:
        """A home whose warehouse is `kind`: "missing", or "behind"."""
        home = self._folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        if kind == "behind":
            shutil.copytree(self._folder / "behind", home)
        return home

    def check(self, home: Path) -> None:
        """The server starts again on what the killed one left, and shows what a rebuilt warehouse shows; nothing lies about."""
        with Follower(self.engine, settings_of(home)) as follower:
            assert contents_of_warehouse(follower.store) == self.rebuilt
            left = {path.name for path in (home / "warehouse").iterdir()}
            assert left - {f"{follower.store.path.name}.wal"} == {"current", follower.store.path.name}


@pytest.fixture
def warehouse(fresh: FRESH, tmp_path: Path, killer: Killer) -> Iterator[Warehouse]:
    made = Warehouse(tmp_path, fresh(), killer)
    yield made
    made.engine.dispose()


@pytest.mark.parametrize(("work", "kind"), [("follow", "missing"), ("follow", "behind"), ("build", "behind")])
@SOME_OR_ALL
def test_a_warehouse_whose_follower_is_killed_goes_on(work: str, kind: str, many: bool, warehouse: Warehouse, killer: Killer) -> None:
    points = killer.attempt(work, str(warehouse.home(kind)), warehouse.url).points
    assert points > 50
    chosen = range(1, points + 1) if many else range(points // 9, points, points // 9)
    for point in chosen:
        home = warehouse.home(kind)
        assert killer.attempt(work, str(home), warehouse.url, point).killed
        warehouse.check(home)


class Clerk(threading.Thread):
    """Writes follow-ups through the server as fast as it answers, each with a text of its own, until the server is gone."""

    def __init__(self, address: str, login: str, opportunity_id: int) -> None:
        super().__init__()
        self._address, self._login, self._opportunity_id = address, login, opportunity_id
        self.sent: list[str] = []
        self.acknowledged: list[str] = []
        self.refused: list[str] = []

    def run(self) -> None:
        with contextlib.suppress(OSError, HTTPException):
            visitor = RemoteVisitor(self._address, self._login)
            about = {"id": self._opportunity_id, "version": 1}
            while True:
                text = f"电话 {self._login} {len(self.sent)} {token_hex(4)}"
                self.sent.append(text)
                answer = visitor.save("follow-up", {"method_id": CALL, "content": text}, about, text)
                (self.acknowledged if text in answer else self.refused).append(text)


@pytest.mark.parametrize("times", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_a_server_that_is_killed_loses_and_doubles_nothing(times: int, sqlite_stage: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    engine = make_engine(f"sqlite:///{shutil.copy(sqlite_stage, home / 'saleslens.db')}")
    server = Server(home)
    clerks: list[Clerk] = []
    for _time in range(times):
        server.start()
        working = [Clerk(server.address, "wang", OPEN), Clerk(server.address, "lin", OPEN)]
        for clerk in working:
            clerk.start()
        busy_until(lambda: all(len(clerk.acknowledged) >= 3 for clerk in working))  # noqa: B023
        server.kill()
        for clerk in working:
            clerk.join()
        clerks += working
    server.start()
    server.stop()
    with reading(engine) as session:
        written = Counter(session.scalars(select(FollowUp.content)))
    acknowledged = {text for clerk in clerks for text in clerk.acknowledged}
    assert [text for clerk in clerks for text in clerk.refused] == []
    assert set(written.values()) == {1}, "nothing is there twice"
    assert acknowledged <= set(written), "what was acknowledged is there"
    assert set(written) <= {text for clerk in clerks for text in clerk.sent}
    followed, rebuilt = home / "warehouse", tmp_path / "rebuilt"
    with Follower(engine, settings_of(home)) as follower:
        assert follower.store.path.parent == followed
        shown = contents_of_warehouse(follower.store)
    store = Store(build(engine, settings_of(rebuilt)).path, threads=1)
    assert contents_of_warehouse(store) == shown
    store.close()
    assert len(shown["follow_up"]) == sum(written.values())
    engine.dispose()


def busy_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline, "the clerks could not write"
        time.sleep(0.01)
