"""A small company lives at random through the verbs; its reports are held against the oracle, and past days against what was seen then."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crm.config import Settings
from crm.db import make_engine, reading
from crm.rules.periods import Period, Preset
from crm.scope import Scope
from dashboard.queries import REPORTS
from dashboard.queries.answers import Answers
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report, View
from dashboard.queries.warehouse import Warehouse
from etl.sync import Follower
from tests import people
from tests.reports.asking import PEOPLE
from tests.reports.oracle.books import Books
from tests.reports.oracle.compare import WHOLE, differences, views, window_of
from tests.reports.oracle.lives import BEGAN, Life
from tests.reports.oracle.questions import questions
from tests.reports.oracle.tables import SOURCES, Oracle, withheld
from tests.reports.oracle.windows import Window

KNOWN = [report for report in REPORTS if report.key in SOURCES]
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A life can't be made smaller by hypothesis; its chance repeats it."""


@pytest.fixture(scope="module")
def small_company(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the people of tests/people.py, before anything happened."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("small") / "saleslens.db"))
    engine = people.company(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    return path


@contextmanager
def a_life(small_company: Path, seed: int) -> Iterator[Life]:
    """A copy of the company at its beginning."""
    with TemporaryDirectory() as home:
        engine = make_engine(f"sqlite:///{shutil.copy(small_company, Path(home) / 'saleslens.db')}")
        yield Life(engine, Random(seed))
        engine.dispose()


@contextmanager
def reports_of(life: Life) -> Iterator[Answers]:
    """The reports of a company as it stands now."""
    with TemporaryDirectory() as home:
        follower = Follower(life.engine, Settings(home=Path(home), warehouse_threads=1, warehouse_memory="1GB"))
        follower.open()
        yield Answers(Warehouse(follower.cursor))
        follower.stop()


def hold_against_the_books(small_company: Path, seed: int, data: st.DataObject) -> None:
    with a_life(small_company, seed) as life:
        life.go_on(250)
        with reports_of(life) as answers, reading(life.engine) as session:
            oracle = Oracle(Books(life.engine), life.today)
            for report in KNOWN:
                for login in PEOPLE:
                    who = people.actor(session, login, life.today)
                    if report.open_to(who.roles):
                        filters = data.draw(questions(answers, report, who.scope, BEGAN, life.today))
                        assert differences(answers, oracle, report, who.scope, filters) == [], (login, seed)


def hold_a_past_day_against_that_day(small_company: Path, seed: int) -> None:
    with a_life(small_company, seed) as life:
        life.go_on(150)
        then, seen = life.today, Oracle(Books(life.engine), life.today)
        life.today += timedelta(days=1)
        life.go_on(120)
        period = Period.of(BEGAN - timedelta(days=60), date(2026, 12, 31))
        at = window_of(Filters(Preset.CUSTOM, period), seen)
        with reports_of(life) as answers, reading(life.engine) as session:
            scope = people.actor(session, "chen", life.today).scope
            for report in KNOWN:
                for name in sorted({"", "product", life.chance.choice(report.filters)}):
                    asked = Filters(Preset.CUSTOM, period, as_of=then).choose(name, some_values(life, answers, name, scope))
                    for view in views(report):
                        assert shown(answers, report, view, scope, asked, life.today) == was_shown(seen, report, view, scope, asked, at), (
                            report.key, view.name, asked.write(), seed,
                        )  # fmt: skip


def some_values(life: Life, answers: Answers, name: str, scope: Scope) -> list[int]:
    """One or two of the values that a filter offers."""
    offered = sorted(answers.offered(name, scope) or ()) if name else []
    return life.chance.sample(offered, min(len(offered), life.chance.choice((1, 2))))


Told = dict[str, tuple[dict[tuple[Any, ...], Any], Any]]
"""By measure, what is not nothing of each cell, and the total."""


def shown(answers: Answers, report: Report, view: View, scope: Scope, asked: Filters, today: date) -> Told:
    """What a table of the reports says."""
    table = answers.table(report, view, scope, asked, today, WHOLE if view.paged else None).table
    cells = {tuple(row[name] for name in view.by): row for row in table.rows if view.by}
    keys = [measure.key for measure in view.measures]
    return {key: ({cell: row[key] for cell, row in cells.items() if row[key]}, table.total[key] or 0) for key in keys}


def was_shown(seen: Oracle, report: Report, view: View, scope: Scope, asked: Filters, at: Window) -> Told:
    """What the books of that day came to."""
    chosen = dict(asked.chosen)
    table = seen.table(report.key, view.by, scope, chosen, at)
    rows = table.rows if view.by else {}
    told: Told = {}
    for measure in view.measures:
        key = measure.key
        if withheld(key, view.by, scope, chosen):
            told[key] = {}, 0
        else:
            told[key] = {cell: row[key] for cell, row in rows.items() if row[key]}, table.total[key] or 0
    return told


def test_whatever_happens_the_reports_say_what_the_books_say(small_company: Path) -> None:
    @settings(max_examples=2, phases=UNSHRUNK)
    @given(st.integers(0, 2**32), st.data())
    def holds(seed: int, data: st.DataObject) -> None:
        hold_against_the_books(small_company, seed, data)

    holds()


def test_a_past_day_shows_what_was_shown_on_that_day(small_company: Path) -> None:
    @settings(max_examples=2, phases=UNSHRUNK)
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        hold_a_past_day_against_that_day(small_company, seed)

    holds()


@pytest.mark.slow
def test_through_many_lives_the_reports_say_what_the_books_say(small_company: Path) -> None:
    @settings(max_examples=60, phases=UNSHRUNK)
    @given(st.integers(0, 2**32), st.data())
    def holds(seed: int, data: st.DataObject) -> None:
        hold_against_the_books(small_company, seed, data)

    holds()


@pytest.mark.slow
def test_through_many_lives_a_past_day_shows_what_was_shown_then(small_company: Path) -> None:
    @settings(max_examples=60, phases=UNSHRUNK)
    @given(st.integers(0, 2**32))
    def holds(seed: int) -> None:
        hold_a_past_day_against_that_day(small_company, seed)

    holds()
