"""Followed step by step, or built anew from everything: the same warehouse, row by row, whatever happened in between."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from etl.build import build
from etl.checks import check, compare
from etl.store import Store, Versions
from etl.sync import Follower
from tests import people
from tests.etl import warehouse
from tests.etl.deeds import ACTS
from tests.etl.springs import at_the_beginning, live

SPRINGS = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 2**32), st.booleans()), min_size=10, max_size=60)
"""Acts in their order: which, by what chance, and whether the follower comes by afterwards."""


def assert_the_same(engine: Engine, follower: Follower, home: Path) -> None:
    """The followed warehouse equals one built now, and both hold what must hold."""
    anew = Store(build(engine, warehouse.settings(home), scanning=False).path, 1, "1GB")
    try:
        assert [str(fault) for fault in compare(follower.store, anew)] == []
        assert [str(fault) for fault in check(engine, anew)] == []
    finally:
        anew.close()


# a history that fails is printed as it is: to shrink it would take longer than to read it
@settings(max_examples=12, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(spring=SPRINGS)
def test_after_any_history_the_followed_warehouse_equals_one_built_anew(beginning, place, spring):
    engine, follower = at_the_beginning(beginning, place / "home")
    try:
        for act, seed, followed in spring:
            live(engine, act, seed)
            if followed:
                follower.step()
        follower.step()
        assert_the_same(engine, follower, place / "anew")
    finally:
        follower.stop()
        engine.dispose()


def test_on_postgresql_too(postgres_url, tmp_path):
    engine = people.company(postgres_url)
    follower = Follower(engine, warehouse.settings(tmp_path / "home"))
    follower.open()
    chance = Random(20260301)
    try:
        for _ in range(3):
            for _ in range(40):
                live(engine, chance.choice(ACTS), chance.randrange(2**32))
                if chance.random() < 0.3:
                    follower.step()
            follower.step()
            assert_the_same(engine, follower, tmp_path / "anew")
    finally:
        follower.stop()
        engine.dispose()


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("seed", range(4))
def test_killed_between_any_two_statements_it_continues_without_gap_or_double(beginning, tmp_path, monkeypatch, seed):
    engine, follower = at_the_beginning(beginning, tmp_path / "home")
    chance = Random(seed)
    write = Store.write
    for _ in range(6):
        for _ in range(5):
            live(engine, chance.choice(ACTS), chance.randrange(2**32))
        with monkeypatch.context() as patch:
            patch.setattr(Store, "write", _dying(write, chance.randrange(40)))
            try:
                follower.step()
            except Killed:
                follower.stop()
                follower = Follower(engine, warehouse.settings(tmp_path / "home"))
                follower.open()
    follower.step()
    assert_the_same(engine, follower, tmp_path / "anew")
    follower.stop()
    engine.dispose()


def _dying(write, after: int):
    """`Store.write`, whose cursor lives for so many statements."""

    class Dying:
        def __init__(self, cursor) -> None:
            self.cursor, self.left = cursor, after

        def execute(self, *statement):
            self.left -= 1
            if self.left < 0:
                raise Killed
            return self.cursor.execute(*statement)

    def dying(store: Store):
        from contextlib import contextmanager

        @contextmanager
        def writing():
            with write(store) as cursor:
                yield Dying(cursor)

        return writing()

    return dying


def test_an_old_version_of_the_same_warehouse_catches_up(beginning, tmp_path):
    engine, follower = at_the_beginning(beginning, tmp_path / "home")
    follower.stop()
    chance = Random(5)
    for _ in range(60):
        live(engine, chance.choice(ACTS), chance.randrange(2**32))
    follower = Follower(engine, warehouse.settings(tmp_path / "home"))
    follower.open()
    assert follower.step()
    assert Versions(warehouse.settings(tmp_path / "home").warehouse_path).current() == follower.store.path
    assert_the_same(engine, follower, tmp_path / "anew")
    follower.stop()
    engine.dispose()
