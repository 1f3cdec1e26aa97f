"""`saleslens import`: the same verdict and import as on the page, in sentences or JSON, with an exit code that tells."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from cli import main
from crm.config import Settings
from crm.db import make_engine, reading, transaction
from crm.importing.layouts import parse_layout
from crm.importing.runs import save_layout
from crm.models import Lead
from crm.schema import upgrade
from tests import people
from tests.importing.company import LEADS, LEADS_HEADER
from tests.importing.files import LEADS as SHORT
from tests.importing.files import opened

GOOD = LEADS_HEADER + "A1,张三,,13800000001,抖音,王,2026-11-01,,\n"
FAULTY = GOOD + "A2,李四,,12,网站,王,2026-11-01,,\n"


@pytest.fixture
def engine(home: Path) -> Engine:
    engine = make_engine(Settings().url)
    upgrade(engine)
    with transaction(engine) as session:
        people.fill(session)
    return engine


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["import", *words], env={"LC_ALL": "C.UTF-8"})


@pytest.fixture
def leads(tmp_path: Path) -> list[str]:
    """KIND, FILE and layout of a file with one faulty row."""
    (tmp_path / "leads.csv").write_text(FAULTY, "utf-8")
    (tmp_path / "fair.toml").write_text(LEADS, "utf-8")
    return ["leads", str(tmp_path / "leads.csv"), "--layout", str(tmp_path / "fair.toml")]


def contacts(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.scalars(select(Lead.contact_name).order_by(Lead.id)))


def test_faulty_rows_refuse_the_file_and_are_told(engine: Engine, leads: list[str], tmp_path: Path) -> None:
    done = run(*leads, "--faulty", str(tmp_path / "faulty.csv"))
    assert done.exit_code == 1
    assert "Row 3, column “电话”, value “12”: This is not a telephone number." in done.stdout
    assert "1 row is faulty and nothing was imported" in done.stderr
    assert contacts(engine) == []
    header, row = (tmp_path / "faulty.csv").read_text("utf-8-sig").splitlines()
    assert header.endswith("Why it was not imported,Row in the file")
    assert row.startswith("A2,李四,,12,网站,王,2026-11-01,,,电话: This is not a telephone number.")


def test_the_good_rows_alone_are_a_success(engine: Engine, leads: list[str]) -> None:
    done = run(*leads, "--good-only", "--format", "json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["counts"] == {"good": 1, "changes": 0, "unchanged": 0, "duplicate": 0, "faulty": 1}
    assert told["besides"] == [{"what": "source", "name": "抖音", "rows": 1}]
    assert told["faulty"][0]["reasons"][0] | {"row": 3} == {
        "row": 3, "field": "phone", "column": "电话", "value": "12", "reason": "This is not a telephone number.",
    }  # fmt: skip
    assert told["import"] == {"number": 1, "created": 2, "changed": 0}
    assert contacts(engine) == ["张三"]


def test_a_dry_run_writes_nothing(engine: Engine, leads: list[str]) -> None:
    assert run(*leads, "--dry-run").exit_code == 1
    assert contacts(engine) == []


def test_an_import_is_listed_and_undone(engine: Engine, leads: list[str]) -> None:
    run(*leads, "--good-only")
    assert "no. 1: leads.csv" in run("--list").stdout
    done = run("undo", "1")
    assert (done.exit_code, contacts(engine)) == (0, [])
    assert done.stdout.startswith("2 records removed, 0 restored, 0 spared.")
    assert run("undo", "1").exit_code == 1
    assert run("undo", "one").exit_code == 2


def test_what_is_required_and_missing_is_named_and_may_be_a_default(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text(SHORT.replace("官网", "网站"), "utf-8")
    missing = run("leads", str(path))
    assert missing.exit_code == 1
    assert missing.stderr == ("Nothing fills the required fields Sales rep, Arrived on. Choose a column or a default for the whole file.\n")
    done = run("leads", str(path), "--default", "rep=王", "--default", "arrived_on=2026-11-01")
    assert done.exit_code == 0, done.output
    assert contacts(engine) == ["王小明", "李娜"]
    assert run("leads", str(path), "--default", "colour=red").exit_code == 1
    assert run("leads", str(path), "--default", "rep").exit_code == 2


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["rubbish", "leads.csv"], 2, "KIND is one of"),
        (["leads"], 2, "Missing argument"),
        (["leads", "nowhere.csv"], 2, "There is no file"),
        (["leads", "leads.csv", "--layout", "no such"], 2, "There is no layout “no such”"),
        (["leads", "leads.csv", "--layout", "Accounts receivable"], 1, "is not one for these records"),
        (["leads", "leads.csv", "--as", "nobody"], 2, "Nobody who can sign in is called “nobody”."),
        (["leads", "leads.csv", "--as", "wang"], 1, "You may not do this here."),
        (["leads", "picture.csv"], 1, "its content is a picture"),
        (["leads", "bytes.csv"], 1, "bytes.csv"),
        (["opportunities", "other.csv"], 1, "No layout fits this file"),
    ],
)  # fmt: skip
def test_what_can_not_be_done_is_a_sentence(engine: Engine, tmp_path: Path, words: list[str], code: int, sentence: str) -> None:
    (tmp_path / "leads.csv").write_text(GOOD, "utf-8")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "bytes.csv").write_bytes(b"a,b\n\x00\x01,2\n")
    (tmp_path / "other.csv").write_text("aa,bb\n1,2\n", "utf-8")
    found = [str(tmp_path / word) if (tmp_path / word).is_file() else word for word in words]
    done = run(*found)
    assert (done.exit_code, done.stdout) == (code, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert contacts(engine) == []


def test_layouts_are_listed_saved_ones_first(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(GOOD, "utf-8")
    with transaction(engine) as session:
        save_layout(session, people.actor(session, "ada"), parse_layout(LEADS), opened(tmp_path / "leads.csv"))
    listed = run("--list-layouts").stdout
    assert listed.startswith("展会名单  (Leads)")
    assert "Accounts receivable" in listed
    assert run("leads", str(tmp_path / "leads.csv")).exit_code == 0
    assert contacts(engine) == ["张三"]
