"""The audit log as a list: narrowed to a person, an act, a kind of record and the days between two."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from crm import audit, clock
from crm.db import reading, transaction
from crm.services import audit_log
from crm.services.audit_log import AUDIT
from crm.services.input_faults import NotAChoice
from crm.vocabulary import AuditAct
from tests.people import TODAY, WANG, actor, noon

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture(autouse=True)
def lines(engine: Engine) -> None:
    """Wang exports leads yesterday, Chen reports today."""
    for day, who, subject in ((YESTERDAY, "wang", "leads"), (TODAY, "chen", "reports")):
        with transaction(engine) as session, clock.at(noon(day)):
            audit.write(session, actor(session, who), AuditAct.EXPORTED, subject, after={"rows": 1})


def told(engine: Engine, **wished: object) -> list[tuple[str, str]]:
    with reading(engine) as session:
        ada, asked = actor(session, "ada"), AUDIT.asked(wished)
        found = [(line.by, line.subject) for line in AUDIT.page(session, ada, asked)]
        assert AUDIT.counted(session, ada, asked) == len(found)
        return found


def test_the_log_is_narrowed_to_days_people_and_kinds_of_record(engine: Engine) -> None:
    both = told(engine, act="exported")
    assert [subject for _by, subject in both] == ["reports", "leads"]
    chen, wang = both
    assert told(engine, act="exported", **{"from": str(TODAY)}) == [chen]
    assert told(engine, act="exported", to=str(YESTERDAY)) == [wang]
    assert told(engine, act="exported", to=str(TODAY), **{"from": str(YESTERDAY)}) == [chen, wang]
    assert told(engine, by=WANG) == [wang]
    assert told(engine, subject="reports") == [chen]
    assert told(engine, subject=["reports", "leads"]) == [chen, wang]
    assert told(engine, subject="reports", by=WANG) == []


def test_a_day_that_is_none_is_refused(engine: Engine) -> None:
    for wrong in ("2026-02-30", "yesterday", "0001-01-01"):
        with pytest.raises(NotAChoice):
            AUDIT.asked({"from": wrong})
    assert AUDIT.asked({"from": "2026-03-05"}).chosen == {"from": (date(2026, 3, 5),)}


def test_the_kinds_of_record_are_those_that_the_log_tells_of(engine: Engine) -> None:
    with reading(engine) as session:
        assert audit_log.subjects(session) == ["leads", "reports"]
