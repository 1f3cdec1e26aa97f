"""The follower: keeps one warehouse up to the operational database's commits, within a fraction of a second.

It is woken by `notify` (a commit in this process), by PostgreSQL's LISTEN, and every tenth of a second in any case. A step that fails
leaves the warehouse as it was, shows in `error` and `behind_since`, and is tried again, less and less often. When a new version of the
warehouse has been published (`saleslens etl build`), readers are led over to it; who reads from the old one finishes there.

A step costs about the same for one commit as for ten. So while the server is busy the follower rests after each one, and takes what
came meanwhile together; who waits for a position ends the rest.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from datetime import datetime
from types import TracebackType
from typing import Self

import duckdb
from sqlalchemy import Engine

from crm import clock
from crm.config import Settings
from crm.db import Commits
from etl import changes, touched
from etl.apply import RebuildNeeded, apply
from etl.build import build
from etl.store import Store, Versions, WarehouseTaken, WarehouseUnusable

log = logging.getLogger(__name__)

POLL = 0.1
"""Seconds after which it looks for commits that nobody told of."""

LONGEST_PAUSE = 10.0
"""Seconds between two attempts of a step that keeps failing."""

RESTS, LONGEST_REST = 10.0, 0.6
"""While the server is busy, a step is followed by a rest of so many times as long as it took, but no longer than so many seconds."""

PRUNE_EVERY = 3600.0
"""Seconds between two prunings of the change log, and of what the warehouse keeps of its steps."""


class Follower:
    """A warehouse that follows the operational database. `start` before reading; `stop` at the end.

    `busy` says whether people wait for the processors now."""

    def __init__(self, engine: Engine, settings: Settings, *, poll: float = POLL, busy: Callable[[], bool] = lambda: False) -> None:
        self._engine, self._settings, self._poll, self._busy = engine, settings, poll, busy
        self._versions = Versions(settings.warehouse_path)
        self._stores = threading.Lock()  # held while `_store` is exchanged or asked for a cursor
        self._stepping = threading.Lock()
        self._store: Store | None = None
        self._retired: list[Store] = []
        self._refused = ""
        self._reached = threading.Condition()
        self._commits: Commits | None = None
        self._applied: Hashable = None  # the mark of the state that was applied last: as long as nobody commits there is nothing to do
        self._wanted = 0  # the farthest position that anybody waits for
        self._woken, self._awaited, self._stopping = threading.Event(), threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self._pruned_at = time.monotonic()
        self.position = 0
        """Up to where of the change log the warehouse is (`etl.changes` says what it counts)."""
        self.behind_since: datetime | None = None
        """Since when something committed has been waiting to be applied; None while nothing is known to."""
        self.error: str | None = None
        """Why the last step failed; None if it did not."""

    @property
    def store(self) -> Store:
        """The version that is read from now."""
        if self._store is None:
            raise WarehouseUnusable("the follower has not been started")
        return self._store

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor on the current version, for one reader. To be closed soon: it keeps its version open."""
        with self._stores:
            return self.store.cursor()

    def start(self, progress: Callable[[str], None] = lambda what: None) -> None:
        """Open the warehouse, build it where there is none that can be followed, bring it up to date, then follow in the background."""
        self.open(progress)
        self.step()
        self._run(self._follow, "follower")
        if self._engine.dialect.name == "postgresql":
            self._run(self._listen, "follower-listen")

    def open(self, progress: Callable[[str], None] = lambda what: None) -> None:
        """Open the current version, or build one."""
        self._commits = Commits(self._engine)
        try:
            store = self._opened()
        except WarehouseTaken as taken:
            log.info("%s: this process keeps a warehouse of its own", taken)
            store = self._built(progress, publish=False)
        except WarehouseUnusable as unusable:
            log.warning("%s: building the warehouse from scratch", unusable)
            store = self._built(progress, publish=True)
        self._take(store)

    def stop(self) -> None:
        """End the background work and close the warehouse."""
        self._stopping.set()
        self._woken.set()
        self._awaited.set()
        for thread in self._threads:
            thread.join()
        if self._commits:
            self._commits.close()
        with self._stores:
            for store in (*self._retired, *([self._store] if self._store else [])):
                store.close()
            self._store, self._retired = None, []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def notify(self) -> None:
        """Something was committed: look now."""
        if self.behind_since is None:
            self.behind_since = clock.now()
        self._woken.set()

    def wait_for(self, position: int, timeout: float) -> bool:
        """Wait until everything up to `position` (`etl.changes.latest`) is in. False if it took longer than `timeout` seconds."""
        with self._reached:
            self._wanted = max(self._wanted, position)
            if self.position < position:
                self._awaited.set()
            return self._reached.wait_for(lambda: self.position >= position, timeout)

    def latest(self) -> int:
        """The position that, once reached, holds everything committed up to now."""
        return changes.latest(self._engine)

    def step(self) -> bool:
        """Apply what was committed since the last step, in this thread. Whether there was anything. Raises what went wrong."""
        with self._stepping:
            switched = self._switch()
            self._let_go()
            mark = self._commits.mark() if self._commits else None
            if mark is not None and mark == self._applied and not switched:
                self._arrived(self.position)
                self._prune()
                return False
            try:
                found = apply(self.store, self._engine)
            except RebuildNeeded as reason:
                log.warning("building the warehouse from scratch: %s", reason)
                self._take(self._built(lambda what: None, publish=True))
                self._arrived(self.store.position())
                return True
            self._arrived(found.position)
            self._applied = mark
            self._prune()
        return bool(found.subjects)

    def _arrived(self, position: int) -> None:
        """Tell who waits how far the warehouse is."""
        with self._reached:
            self.position = position
            self.behind_since = self.error = None
            if position >= self._wanted:
                self._awaited.clear()
            self._reached.notify_all()

    def _opened(self) -> Store:
        """The current version, if its database's change log leads on from it."""
        path = self._versions.current()
        if path is None:
            raise WarehouseUnusable("there is no warehouse yet")
        store = Store(path, self._settings.warehouse_threads, self._settings.warehouse_memory)
        with self._engine.connect() as connection:
            if not changes.reaches(connection, *store.state()):
                store.close()
                raise WarehouseUnusable(f"the change log does not lead on from {path.name}")
        return store

    def _built(self, progress: Callable[[str], None], publish: bool) -> Store:
        """A version built now."""
        built = build(self._engine, self._settings, progress, publish=publish)
        log.info("built version %s of the warehouse in %.1f s", built.path.name, built.seconds)
        return Store(built.path, self._settings.warehouse_threads, self._settings.warehouse_memory)

    def _take(self, store: Store) -> None:
        """Lead readers over to another version."""
        with self._stores:
            if self._store is not None:
                self._retired.append(self._store)
            self._store = store
        self._versions.clean()

    def _switch(self) -> bool:
        """Go over to a version that another process has published. Whether there was one."""
        current = self._versions.current()
        if current is None or current == self.store.path or current.name == self._refused:
            return False
        try:
            self._take(self._opened())
            log.info("reading from %s now", current.name)
            return True
        except WarehouseUnusable as unusable:
            self._refused = current.name
            log.info("keeping the version in use: %s", unusable)
            return False

    def _let_go(self) -> None:
        """Close retired versions that nobody reads any more."""
        for store in [store for store in self._retired if not store.in_use]:
            store.close()
            self._retired.remove(store)
            self._versions.clean()

    def _prune(self) -> None:
        """Now and then, shorten the change log, and what the warehouse keeps of its steps."""
        if time.monotonic() - self._pruned_at > PRUNE_EVERY:
            self._pruned_at = time.monotonic()
            changes.prune(self._engine, self.position)
            with self.store.write() as writer:
                touched.forget(writer)

    def _run(self, work: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _follow(self) -> None:
        """Step after step until stopped; after a failing one a pause, twice as long each time."""
        pause = self._poll
        while not self._stopping.is_set():
            self._woken.wait(self._poll)
            self._woken.clear()
            begun = time.monotonic()
            try:
                if self.step() and self._busy():
                    self._rest(time.monotonic() - begun)
                pause = self._poll
            except Exception as error:
                if self.error is None:
                    log.exception("the warehouse could not follow; trying again")
                self.error = str(error) or type(error).__name__
                self.behind_since = self.behind_since or clock.now()
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _rest(self, took: float) -> None:
        """Leave the processors to those who wait for them, unless somebody waits for the warehouse."""
        self._awaited.wait(min(RESTS * took, LONGEST_REST))

    def _listen(self) -> None:
        """PostgreSQL tells of commits in any process; when the connection is lost, the poll serves until it is back."""
        import psycopg  # of no use over SQLite

        address = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stopping.is_set():
            try:
                with psycopg.connect(address, autocommit=True) as connection:
                    connection.execute("listen saleslens_change")
                    while not self._stopping.is_set():
                        for _ in connection.notifies(timeout=self._poll * 10, stop_after=1):
                            self._woken.set()
            except psycopg.Error as error:
                log.info("not listening to the database: %s", error)
                self._stopping.wait(LONGEST_PAUSE)
