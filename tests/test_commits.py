"""What was read is kept until anybody commits: the mark tells one committed state of the database from the next."""

from contextlib import ExitStack

from sqlalchemy import text

from crm.db import Commits, make_engine, reading, transaction
from crm.models import Department


def test_the_mark_stays_while_nobody_commits_and_changes_when_somebody_does(database_url: str) -> None:
    here, elsewhere = make_engine(database_url), make_engine(database_url)
    commits = Commits(here)
    with transaction(here) as session:
        session.add(Department(name="Delivery"))
    first = commits.mark()
    assert commits.mark() == first
    with transaction(here) as session:
        session.execute(text("update departments set name = 'Support'"))
    second = commits.mark()
    with transaction(elsewhere) as session:
        session.execute(text("update departments set name = 'Service'"))
    assert len({first, second, commits.mark()}) == 3
    commits.close()
    here.dispose()
    elsewhere.dispose()


def test_a_commit_that_began_earlier_and_ends_later_changes_the_mark_too(postgres_url: str) -> None:
    """Wang's role is being taken away while Lin saves something: what was kept after Lin's commit must not outlive the other.

    SQLite has one writer at a time and no such order.
    """
    engine = make_engine(postgres_url)
    commits = Commits(engine)
    with transaction(engine) as slow:
        slow.add(Department(name="Slow"))
        slow.flush()
        with transaction(engine) as quick:
            quick.add(Department(name="Quick"))
            quick.flush()
        between = commits.mark()
    assert commits.mark() != between
    commits.close()
    engine.dispose()


def test_sixty_people_look_at_once_and_nobody_waits_for_a_connection(database_url: str) -> None:
    engine = make_engine(database_url)
    with ExitStack() as looking:
        sessions = [looking.enter_context(reading(engine)) for _person in range(60)]
        assert [session.scalar(text("select 1")) for session in sessions] == [1] * 60
    engine.dispose()
