"""The command line: it starts, ends when told, and refuses what it can't serve by a sentence and an exit code."""

import signal
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from scripts.server import Server, saleslens


@pytest.fixture
def migrated(home: Path) -> Path:
    """A home with an empty database."""
    assert saleslens(home, "db", "upgrade").returncode == 0
    return home


def test_a_newer_database_refuses_an_older_program(migrated: Path) -> None:
    with sqlite3.connect(migrated / "saleslens.db") as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    for words in (
        ["serve", "--port", "1"],
        ["db", "upgrade"],
        ["etl", "build"],
        ["user", "add", "x", "X", "--role", "finance", "--password", "long enough 1"],
    ):
        refused = saleslens(migrated, *words, LANG="en_US.UTF-8")
        assert refused.returncode == 1
        assert "9999" in refused.stderr
        assert "newer" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert "9999" in saleslens(migrated, "db", "upgrade", LANG="zh_CN.UTF-8").stderr


def test_the_server_ends_when_it_is_told_and_leaves_nothing_behind(migrated: Path) -> None:
    server = Server(migrated).start()
    process = server._process
    assert isinstance(process, subprocess.Popen)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert not server.answers()
    assert "Traceback" not in server.log


def test_the_secret_key_is_made_once_and_is_its_owners(migrated: Path) -> None:
    server = Server(migrated)
    server.start()
    server.stop()
    made = (migrated / "secret.key").read_text()
    server.start()
    server.stop()
    assert (migrated / "secret.key").read_text() == made
    assert stat.S_IMODE((migrated / "secret.key").stat().st_mode) == 0o600


def test_the_first_account_is_made_on_the_machine(migrated: Path) -> None:
    words = ["user", "add", "Ada", "安达", "--role", "administrator", "--password"]
    short = saleslens(migrated, *words, "short", LANG="en_US.UTF-8")
    assert short.returncode == 1
    assert "password" in short.stderr
    assert saleslens(migrated, *words, "long enough 1", LANG="en_US.UTF-8").returncode == 0
    again = saleslens(migrated, *words, "long enough 1", LANG="en_US.UTF-8")
    assert again.returncode == 1
    assert "login" in again.stderr


def test_a_demo_company_goes_into_an_empty_database_only(migrated: Path) -> None:
    saleslens(migrated, "user", "add", "Ada", "安达", "--role", "administrator", "--password", "long enough 1")
    refused = saleslens(migrated, "demo", LANG="en_US.UTF-8")
    assert refused.returncode == 1
    assert "empty" in refused.stderr
