"""Backups: whole while people work, proved, brought back row for row; what was tampered with, or is in the way, is told."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from cli import main
from crm import clock
from crm.backup import making, proving, restoring
from crm.backup.manifest import NoBackup, newest
from crm.backup.restoring import BackupBroken, HomeInUse, OtherDatabase
from crm.config import Settings
from crm.db import make_engine, reading, transaction
from crm.errors import DatabaseNewer
from crm.models import Base, Contract, File, Lead, Opportunity
from scripts.postgres import Postgres
from tests.people import TODAY, a_contract, a_lead, a_receipt, an_opportunity, company, noon

SCAN = b"%PDF-1.7 signed and scanned"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """A home with the company, a contract, its scanned copy, and a secret key."""
    home = Settings(home=tmp_path / "home", database_url=database_url)
    home.files_path.mkdir(parents=True)
    (home.files_path / "a1b2c3").write_bytes(SCAN)
    home.secret_path.write_text("secret")
    engine = company(database_url)
    with transaction(engine) as session:
        contract = a_contract(session, "HT-1", amount="100000.10", opportunity=an_opportunity(session, "恒力云盘"))
        a_receipt(session, contract, "60000.05", date(2026, 5, 4))
        digest = hashlib.sha256(SCAN).hexdigest()
        session.add(
            File(
                subject="contracts", subject_id=contract.id, stored_name="a1b2c3", name="合同.pdf", content_type="application/pdf",
                size=len(SCAN), sha256=digest, uploaded_at=noon(TODAY),
            )
        )  # fmt: skip
    engine.dispose()
    return home


@pytest.fixture
def elsewhere(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """An empty place of the same kind."""
    if settings.url.startswith("sqlite"):
        yield Settings(home=tmp_path / "elsewhere")
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.database()
    yield Settings(home=tmp_path / "elsewhere", database_url=url)
    server.drop(url)


def rows_of(url: str) -> dict[str, list[str]]:
    """All that a database holds, but for the transaction numbers of its server."""
    engine = make_engine(url)
    with reading(engine) as session:
        held = {
            table.name: sorted(str(tuple(row)) for row in session.execute(select(*(c for c in table.columns if c.name != "xid"))))
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return held


def test_what_was_backed_up_comes_back_row_for_row_and_file_for_file(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    before = rows_of(settings.url)
    made, manifest = making.backup(settings, tmp_path / "backups")
    assert (manifest.counts["contracts"], manifest.sums["contracts.amount"], list(manifest.files)) == (1, 10_000_010, ["a1b2c3"])
    assert proving.verify(made) == (manifest, [])
    assert restoring.restore(elsewhere, made) == manifest
    assert rows_of(elsewhere.url) == before == rows_of(settings.url)
    assert (elsewhere.files_path / "a1b2c3").read_bytes() == SCAN
    assert elsewhere.secret_path.read_text() == "secret"
    assert proving.verify_home(elsewhere) == []
    again = make_engine(elsewhere.url)
    with transaction(again) as session:
        assert a_lead(session).id > 0
        assert an_opportunity(session).id == 2  # numbers go on
    again.dispose()
    found = newest(tmp_path / "backups")
    assert found is not None
    assert found[0] == made


def test_a_backup_is_one_moment_while_people_work(settings: Settings, tmp_path: Path) -> None:
    """Each act leaves an opportunity with its customer and a lead; a copy holds whole acts alone."""
    engine, stop = make_engine(settings.url), threading.Event()

    def work() -> None:
        while not stop.is_set():
            with transaction(engine) as session:
                an_opportunity(session, "忙着")
                a_lead(session, contact="忙着")

    worker = threading.Thread(target=work)
    worker.start()
    try:
        copies = [making.backup(settings, tmp_path / "backups") for _copy in range(3)]
    finally:
        stop.set()
        worker.join()
        engine.dispose()
    for made, manifest in copies:
        assert proving.verify(made)[1] == []
        assert manifest.counts["leads"] == manifest.counts["opportunities"] - 1
    assert copies[-1][1].counts["leads"] > 0


def test_what_was_tampered_with_is_told_and_never_brought_back(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made, manifest = making.backup(settings, tmp_path / "backups")
    scan = made / "files" / "a1b2c3"
    scan.write_bytes(SCAN.replace(b"signed", b"forged"))
    assert [str(fault) for fault in proving.verify(made)[1]] == ["the file a1b2c3 was changed"]
    with pytest.raises(BackupBroken):
        restoring.restore(elsewhere, made)
    scan.unlink()
    assert [str(fault) for fault in proving.verify(made)[1]] == ["the file a1b2c3 is missing"]
    scan.write_bytes(SCAN)
    database = made / ("saleslens.db" if manifest.dialect == "sqlite" else "saleslens.tables")
    database.write_bytes(database.read_bytes()[:-1] + b"?")
    assert [str(fault) for fault in proving.verify(made)[1]] == ["the copy of the database was changed or is missing"]
    with pytest.raises(BackupBroken):
        restoring.restore(elsewhere, made)
    assert not elsewhere.files_path.exists()


def test_nothing_is_overwritten(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    before = rows_of(settings.url)
    made, _manifest = making.backup(settings, tmp_path / "backups")
    with pytest.raises(HomeInUse):
        restoring.restore(settings, made)
    assert rows_of(settings.url) == before
    restoring.restore(elsewhere, made)
    with pytest.raises(HomeInUse):
        restoring.restore(elsewhere, made)


def test_a_backup_of_a_later_program_is_refused(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made, _manifest = making.backup(settings, tmp_path / "backups")
    said = json.loads((made / "backup.json").read_text())
    (made / "backup.json").write_text(json.dumps(said | {"revision": "9999"}))
    with pytest.raises(DatabaseNewer):
        restoring.restore(elsewhere, made)
    assert not elsewhere.files_path.exists()


def test_what_is_gone_from_the_home_is_told_and_the_rest_is_kept(settings: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    (settings.files_path / "a1b2c3").unlink()
    assert [str(fault) for fault in proving.verify_home(settings)] == ["the file a1b2c3 is missing"]
    made, manifest = making.backup(settings, tmp_path / "backups")
    assert manifest.missing == ("a1b2c3",)
    assert [str(fault) for fault in proving.verify(made)[1]] == ["the file a1b2c3 was missing when it was backed up"]
    assert restoring.restore(elsewhere, made).counts["contracts"] == 1


def test_a_damaged_database_is_told(sqlite_url: str, tmp_path: Path) -> None:
    """A reference to nothing, and a line of the audit log that somebody changed past the application."""
    engine = company(sqlite_url)
    with transaction(engine) as session:
        a_contract(session)
    engine.dispose()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as raw:
        raw.execute("pragma foreign_keys=off")
        raw.execute("update contracts set customer_id = 999")
        raw.commit()
    faults = proving.verify_home(Settings(home=tmp_path / "home", database_url=sqlite_url))
    assert [str(fault) for fault in faults] == ["a row of contracts refers to one that is missing"]


def test_a_copy_of_one_kind_does_not_go_into_another(sqlite_url: str, tmp_path: Path) -> None:
    company(sqlite_url).dispose()
    made, _manifest = making.backup(Settings(home=tmp_path / "home", database_url=sqlite_url), tmp_path)
    with pytest.raises(OtherDatabase):
        restoring.restore(Settings(home=tmp_path / "other", database_url="postgresql://nobody@127.0.0.1:1/nothing"), made)
    with pytest.raises(NoBackup):
        proving.verify(tmp_path)


def test_on_the_command_line(home: Path, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "saleslens.db").write_bytes(sqlite_template.read_bytes())
    engine = company(Settings(home=home).url)
    with transaction(engine) as session, clock.at(noon(TODAY)):
        an_opportunity(session)
    engine.dispose()
    made = CliRunner().invoke(main, ["backup", str(tmp_path / "backups")]).stdout.strip()
    assert CliRunner().invoke(main, ["verify", made]).exit_code == 0
    refused = CliRunner().invoke(main, ["restore", made])
    assert (refused.exit_code, str(home) in refused.stderr) == (1, True)
    monkeypatch.setenv("SALESLENS_HOME", str(tmp_path / "new"))
    assert CliRunner().invoke(main, ["restore", made]).exit_code == 0
    assert CliRunner().invoke(main, ["verify"]).exit_code == 0
    engine = make_engine(Settings(home=tmp_path / "new").url)
    with reading(engine) as session:
        assert session.scalar(select(func.count()).select_from(Opportunity)) == 1
        assert session.scalars(select(Contract.id)).all() == session.scalars(select(Lead.id)).all() == []
    engine.dispose()
