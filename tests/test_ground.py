"""What a fresh checkout promises: locks that hold everything, commands that explain themselves."""

import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def entries(lock: str) -> list[str]:
    """One entry a package: its pin and its hashes."""
    return re.split(r"^(?=\S.*==)", (TOP / lock).read_text(), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_everything_and_names_no_registry(lock: str) -> None:
    assert [entry for entry in entries(lock) if "--hash=sha256:" not in entry] == []
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url", (TOP / lock).read_text()) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_whatever_its_source_asks_for(lock: str) -> None:
    source = (TOP / lock).with_suffix(".in").read_text()
    asked = {name.lower() for name in re.findall(r"^([A-Za-z][\w-]*)", source, flags=re.MULTILINE)}
    locked = {entry.split("==")[0].split("[")[0] for entry in entries(lock)}
    assert asked - locked == set()


def test_the_scanners_are_of_duckdbs_own_version() -> None:
    versions = dict(re.findall(r"^(duckdb\S*)==(\S+)", (TOP / "requirements.txt").read_text(), flags=re.MULTILINE))
    assert versions.keys() == {"duckdb", "duckdb-extension-sqlite-scanner", "duckdb-extension-postgres-scanner"}
    assert len(set(versions.values())) == 1


def test_make_explains_each_of_its_targets() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (TOP / "Makefile").read_text(), flags=re.MULTILINE)
    assert phony is not None
    listed = subprocess.run(["make"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"make ([\w-]+)  ", listed) == phony[1].split()


def test_each_library_that_is_asked_for_says_why() -> None:
    sources = "".join((TOP / lock).with_suffix(".in").read_text() for lock in LOCKS)
    assert [line for line in sources.splitlines() if line and not line.startswith(("#", "-c")) and " # " not in line] == []
