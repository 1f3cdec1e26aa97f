"""Bulk writing keeps the database's promises: checks, keys, the change log, and nothing at all where something fails."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, Table, func, select, text
from sqlalchemy.exc import IntegrityError

from crm import bulk
from crm.db import make_engine, transaction
from crm.models import Change, LeadSource, Product, Stage, Team
from crm.vocabulary import ChannelKind, StageMeaning


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database of either kind."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def _table(model: type) -> Table:
    found = model.__table__  # type: ignore[attr-defined]
    assert isinstance(found, Table)
    return found


def test_columns_arrive_as_the_models_read_them(engine: Engine) -> None:
    names = np.array(["相机", "机器人"], dtype=object)
    columns = {
        "id": bulk.whole(np.array([1, 2])), "code": bulk.given(["A", "B"]), "name": bulk.made(lambda part: names[part]),
        "list_price": bulk.whole(np.array([1280050, 100])), "floor_price": bulk.same(5), "active": bulk.flags(np.array([True, False])),
    }  # fmt: skip
    with transaction(engine) as session:
        bulk.insert(session.connection(), _table(Product), 2, columns)
    with transaction(engine) as session:
        camera, robot = session.scalars(select(Product).order_by(Product.id))
        assert (camera.list_price, robot.list_price, robot.floor_price) == (Decimal("12800.50"), Decimal("1.00"), Decimal("0.05"))
        assert (camera.active, robot.active, camera.tax_rate_bp, camera.category, camera.external_id) == (True, False, 1300, "", None)
        session.add(Product(code="C", name="网关", list_price=Decimal(1), floor_price=Decimal(1)))
        session.flush()
        assert session.scalar(select(func.max(Product.id))) == 3


def test_days_moments_and_empty_values() -> None:
    assert bulk.days(np.array([0, -1, 20_780]))(0, 3) == ["1970-01-01", None, "2026-11-23"]
    instant = int(datetime(2026, 11, 23, 4, 5, 6, tzinfo=UTC).timestamp())
    assert bulk.moments(np.array([instant, -1]))(0, 2) == ["2026-11-23 04:05:06.000000", None]
    assert bulk.whole(np.array([7, 0]), missing=0)(0, 2) == [7, None]
    assert bulk.chosen([StageMeaning.QUOTED, StageMeaning.SIGNED], np.array([1, -1, 0]))(0, 3) == ["signed", None, "quoted"]
    assert bulk.chosen(["a", "b", "c"], np.array([2, 0]))(1, 2) == ["a"]
    assert date.fromisoformat(str(bulk.days(np.array([19_782]))(0, 1)[0])) == date(2024, 2, 29)


def _source(name: str, channel: str = ChannelKind.EVENT.value) -> dict[str, bulk.Column]:
    return {"id": bulk.same(1), "name": bulk.same(name), "name_key": bulk.same(name), "channel": bulk.same(channel)}


def test_silence_leaves_one_line_and_ends(engine: Engine) -> None:
    with transaction(engine) as session:
        with bulk.silenced(session.connection()):
            bulk.insert(session.connection(), _table(LeadSource), 1, _source("展会"))
        session.add(Team(name="华东"))
    with transaction(engine) as session:
        assert session.execute(select(Change.subject, Change.subject_id).order_by(Change.position)).all() == [
            ("everything", 0),
            ("team", 1),
        ]


def test_what_a_check_forbids_is_not_written(engine: Engine) -> None:
    with (
        pytest.raises((bulk.CheckFailed, IntegrityError)),
        transaction(engine) as session,
        bulk.silenced(session.connection()),
        bulk.checked_at_the_end(session.connection(), [_table(LeadSource), _table(Stage)]),
    ):
        bulk.insert(session.connection(), _table(LeadSource), 1, _source("展会", "telepathy"))
    with transaction(engine) as session:
        assert session.scalar(select(func.count(LeadSource.id))) == 0
        assert session.scalar(select(func.count(Change.position))) == 0
        session.add(Team(name="华东"))
    with transaction(engine) as session:
        assert session.scalars(select(Change.subject)).all() == ["team"]
    with pytest.raises(IntegrityError), transaction(engine) as session:
        bulk.insert(session.connection(), _table(LeadSource), 1, _source("展会", "telepathy"))


def test_indexes_come_back(engine: Engine) -> None:
    told: list[tuple[int, int]] = []
    with transaction(engine) as session:
        before = _indexes(session.connection())
        with bulk.without_indexes(session.connection(), lambda done, total: told.append((done, total))):
            assert _indexes(session.connection()) < before
        assert _indexes(session.connection()) == before
    assert told[-1][0] == told[-1][1] > 50


def _indexes(connection: Connection) -> set[str]:
    standing = {"sqlite": "select name from sqlite_master where type = 'index'", "postgresql": "select indexname from pg_indexes"}
    return set(connection.scalars(text(standing[connection.dialect.name])))
