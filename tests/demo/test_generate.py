"""The same seed makes the same company to the byte, on either database; and it goes into an empty database only."""

import hashlib
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, inspect, select, text

from crm.db import make_engine, reading
from crm.demo.generator import DatabaseNotEmpty, ScaleOutOfRange, generate
from crm.models import AuditEntry, Base, Change, Lead, User
from tests.demo.conftest import TODAY

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def _bytes(url: str) -> dict[str, str]:
    """For each table a digest of its rows, in order of their keys."""
    engine = make_engine(url)
    digests = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name in {Change.__tablename__, AuditEntry.__tablename__}:
                continue
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).all()
            digests[table.name] = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()
    engine.dispose()
    return digests


def _fill(url: str, seed: int = 1, today: date = TODAY) -> None:
    engine = make_engine(url)
    try:
        generate(engine, scale=0.001, seed=seed, today=today)
    finally:
        engine.dispose()


@pytest.fixture
def another(sqlite_template: Path, tmp_path: Path) -> str:
    """A second migrated database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'another.db')}"


def test_the_same_seed_makes_the_same_company_on_both_databases(database_url: str, another: str) -> None:
    _fill(database_url)
    _fill(another)
    assert _bytes(database_url) == _bytes(another)


def test_another_seed_makes_another_company(sqlite_url: str, another: str) -> None:
    _fill(sqlite_url)
    _fill(another, seed=2)
    one, two = _bytes(sqlite_url), _bytes(another)
    assert {name for name in one if one[name] == two[name]} >= {"stages", "loss_reasons", "products"}
    assert all(one[name] != two[name] for name in ("users", "leads", "opportunities", "contracts", "receipts"))


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2027, 1, 1), date(2026, 8, 16)], ids=str)
def test_it_ends_today_whenever_that_is(sqlite_url: str, today: date) -> None:
    _fill(sqlite_url, today=today)
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.execute(text("pragma foreign_key_check")).all() == []
        assert date.fromisoformat(str(connection.scalar(text("select max(recorded_on) from opportunity_history")))) <= today
        last = date.fromisoformat(str(connection.scalar(text("select max(arrived_on) from leads"))))
        assert 0 <= (today - last).days < 7
    engine.dispose()


def test_nobodys_records_are_mixed_with_invented_ones(database_url: str) -> None:
    _fill(database_url)
    before = _bytes(database_url)
    with pytest.raises(DatabaseNotEmpty):
        _fill(database_url, seed=2)
    assert _bytes(database_url) == before


@pytest.mark.parametrize("scale", [0.0, 0.0009, 10.1, -1.0, float("nan")])
def test_a_scale_that_makes_no_company_is_refused(sqlite_url: str, scale: float) -> None:
    engine = make_engine(sqlite_url)
    with pytest.raises(ScaleOutOfRange):
        generate(engine, scale=scale, seed=1, today=TODAY)
    with reading(engine) as session:
        assert session.scalar(select(func.count(User.id))) == 0
    engine.dispose()


def test_new_records_count_on_behind_the_invented_ones_and_reach_the_change_log(database_url: str) -> None:
    _fill(database_url)
    engine = make_engine(database_url)
    with engine.execution_options(writing=True).begin() as connection:
        last = connection.scalar(select(func.max(Lead.id)))
        added = connection.scalar(
            Lead.__table__.insert().returning(Lead.id).values(
                contact_name="王芳", source_id=1, status="unprocessed", arrived_on=TODAY, created_at=NOON, company="", version=1
            )
        )  # fmt: skip
        assert added == last + 1
    with engine.connect() as connection:
        told = connection.execute(select(Change.subject, Change.subject_id).order_by(Change.position)).all()
        assert told == [("everything", 0), ("lead", added)]
    engine.dispose()


def test_every_index_and_trigger_is_there_again(sqlite_url: str, another: str) -> None:
    _fill(sqlite_url)
    schemas = []
    for url in (sqlite_url, another):
        engine = make_engine(url)
        with engine.connect() as connection:
            rows = connection.execute(text("select type, name, tbl_name, sql from sqlite_master order by type, name")).all()
            schemas.append([tuple(row) for row in rows])
            assert inspect(connection).get_table_names()
        engine.dispose()
    assert schemas[0] == schemas[1]
