"""Imports point one way, commits have one home, and the folders stand where everybody looks for them.

The directions themselves are declared in pyproject.toml ([tool.importlinter]).
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dashboard.queries import REPORTS

TOP = Path(__file__).resolve().parent.parent
PACKAGES = ("crm", "etl", "dashboard", "migrations")
CHOICES = {"dashboard.queries.choices"}
SOURCES = sorted(path for package in PACKAGES for path in (TOP / package).rglob("*.py"))


def test_imports_point_inwards() -> None:
    linted = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-logo"], cwd=TOP, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def imported(path: Path) -> set[str]:
    """The modules that a file names in its import statements."""
    tree = ast.parse(path.read_text())
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def test_nothing_imports_the_command_line() -> None:
    # cli.py is one module and no package, so the import graph of the contracts does not hold it
    assert [path for path in SOURCES if "cli" in imported(path)] == []


def test_every_part_of_the_business_has_its_layer() -> None:
    contracts = tomllib.loads((TOP / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    placed = set(re.findall(r"crm\.(\w+)", " ".join(contracts[0]["layers"])))
    assert {path.stem for path in (TOP / "crm").iterdir() if not path.name.startswith("__")} == placed


def test_a_report_page_changes_nothing_and_a_form_page_asks_no_report() -> None:
    """Reports are drawn from queries, forms from verbs; what a form offers to choose from is the one thing that it asks."""
    reports = {report.key for report in REPORTS}
    pages = {path.stem: imported(path) for path in (TOP / "dashboard" / "pages").glob("*.py")}
    writing = {page for page in pages.keys() & reports if any(name.startswith("crm.services") for name in pages[page])}
    asking = {page for page in pages.keys() - reports if any(name.startswith("dashboard.queries") for name in pages[page] - CHOICES)}
    assert (writing, asking) == (set(), set())


def test_commits_have_one_home() -> None:
    """One act, one transaction, opened at the edge: whoever commits elsewhere cuts an act in two."""
    assert [str(path.relative_to(TOP)) for path in SOURCES if commits(path)] == ["crm/db.py"]


def commits(path: Path) -> bool:
    """Whether the file calls a `commit` of anything, or says so in SQL of its own."""
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    return any(isinstance(call, ast.Attribute) and call.attr == "commit" for call in calls)


@pytest.mark.parametrize(
    "folder", ["dashboard/pages", "dashboard/callbacks", "dashboard/queries", "dashboard/components", "etl", "data", "tests", "crm"]
)
def test_the_folders_stand_where_everybody_looks(folder: str) -> None:
    assert (TOP / folder).is_dir()
