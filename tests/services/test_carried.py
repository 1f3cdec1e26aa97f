"""What leaves the house as a file: how many rows stands in the log for who reads it, and what is unusual is found."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.db import transaction
from crm.errors import NotAllowed
from crm.services import carried
from crm.services.audit_log import AUDIT
from crm.vocabulary import AuditAct
from tests.people import TODAY, actor, noon


def took(session: Session, login: str, rows: int, days_ago: int = 0) -> None:
    with clock.at(noon(TODAY - timedelta(days=days_ago))):
        said = {"filters": "status=working", "rows": rows}
        audit.write(session, actor(session, login), AuditAct.EXPORTED, "leads", after=said)
        session.flush()


def test_who_reads_the_log_sees_how_many_rows_left_the_house(engine: Engine) -> None:
    """Ada sees no lead, and yet that Lin took 12 of them; what stands on the paper of an offer she does not see."""
    with transaction(engine) as session:
        took(session, "lin", 12)
        audit.write(session, actor(session, "lin"), AuditAct.EXPORTED, "quotes", 1, after={"quote": "绝密"})
        session.flush()
        lines = AUDIT.page(session, actor(session, "ada"), AUDIT.asked({}))
        assert [(line.subject, line.after) for line in lines] == [("quotes", None), ("leads", {"filters": "status=working", "rows": 12})]


def test_unusual_is_what_stands_out_from_ones_own_days(engine: Engine) -> None:
    with transaction(engine) as session:
        took(session, "lin", 300, days_ago=40)
        took(session, "lin", 450, days_ago=2)
        took(session, "lin", 451, days_ago=2)  # 901 on one day: more than three times as many as ever
        took(session, "sun", 9000, days_ago=20)  # too long ago to be shown, and usual since
        took(session, "sun", 20000, days_ago=1)
        took(session, "mei", 501)
        took(session, "chen", 500)
        found = carried.unusual(session, actor(session, "ada"), TODAY, "Asia/Shanghai")
        told = [(one.person, (TODAY - one.day).days, one.rows, one.most_before) for one in found]
        assert told == [("梅", 0, 501, 0), ("林", 2, 901, 300)]


@pytest.mark.parametrize("login", ["chen", "lin", "wang", "fang", "mei", "xia"])
def test_it_is_the_administrators_to_know(engine: Engine, login: str) -> None:
    with transaction(engine) as session, pytest.raises(NotAllowed):
        carried.unusual(session, actor(session, login), TODAY, "Asia/Shanghai")
