"""The audit log: what it keeps, that it only grows, and that a missing or changed line shows."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from crm import audit, clock
from crm.db import reading, transaction
from crm.models import AuditEntry, AuditSeal, Lead
from crm.vocabulary import AuditAct
from tests.people import TODAY, a_lead, actor, company, noon


def write_some(engine: Engine, count: int) -> None:
    """So many lines, in one act."""
    with transaction(engine) as session, clock.at(noon(TODAY)):
        for number in range(count):
            audit.write(session, actor(session, "wang"), AuditAct.EXPORTED, "report", number, after={"rows": number})


def sealed(engine: Engine) -> tuple[int, int] | None:
    """The numbers of the first and last line that a seal now covers."""
    with transaction(engine) as session:
        made = audit.seal(session)
        return (made.first_id, made.last_id) if made else None


def without_triggers(engine: Engine, statement: str) -> None:
    """What somebody does who gets at the database itself."""
    with engine.execution_options(writing=True).begin() as connection:
        if engine.dialect.name == "sqlite":
            for event in ("update", "delete"):
                connection.execute(text(f"drop trigger audit_entries_no_{event}"))
        else:
            connection.execute(text("alter table audit_entries disable trigger all"))
        connection.execute(text(statement))


def first_broken(engine: Engine) -> int | None:
    """The last line of the first seal that does not fit."""
    with reading(engine) as session:
        seal = audit.broken(session)
        return seal.last_id if seal else None


def test_blocks_are_sealed_one_after_another(engine: Engine) -> None:
    assert sealed(engine) is None
    write_some(engine, 3)
    assert sealed(engine) == (1, 3)
    assert sealed(engine) is None
    write_some(engine, 2)
    with reading(engine) as session:
        assert audit.unsealed(session) == 2
    assert sealed(engine) == (4, 5)
    assert first_broken(engine) is None


@pytest.mark.parametrize(
    "statement",
    [
        "delete from audit_entries where id = 2",
        "update audit_entries set after = '{}' where id = 3",
        "update audit_entries set by_id = 5 where id = 1",
        "update audit_seals set sha256 = '0' where id = 1",
    ],
)
def test_what_was_tampered_with_shows(engine: Engine, statement: str) -> None:
    write_some(engine, 3)
    sealed(engine)
    write_some(engine, 2)
    sealed(engine)
    without_triggers(engine, statement)
    assert first_broken(engine) == 3


def test_the_log_only_grows(engine: Engine) -> None:
    write_some(engine, 1)
    for statement in ("delete from audit_entries", "update audit_entries set before = 'x'"):
        with pytest.raises(DBAPIError), engine.execution_options(writing=True).begin() as connection:
            connection.execute(text(statement))


def test_a_seal_waits_for_who_is_writing_and_nobody_waits_for_it(postgres_url: str) -> None:
    engine = company(postgres_url)
    write_some(engine, 1)
    with transaction(engine) as writing:
        audit.write(writing, None, AuditAct.EXPORTED, "report", 1)
        writing.flush()  # has the number 2, and is not committed
        write_some(engine, 1)  # has the number 3, and is
        assert sealed(engine) is None
    assert sealed(engine) == (1, 3)
    assert first_broken(engine) is None
    engine.dispose()


def test_a_change_is_told_by_what_differs(engine: Engine) -> None:
    with transaction(engine) as session:
        lead = a_lead(session, contact="李")
        with audit.changing(session, actor(session, "wang"), lead):
            lead.contact_name, lead.arrived_on = "李总", TODAY - timedelta(days=1)
        with audit.changing(session, actor(session, "wang"), lead):
            lead.contact_name = "李总"
        (line,) = session.scalars(select(AuditEntry)).all()
        assert line.before == '{"arrived_on":"2026-11-23","contact_name":"李","version":1}'
        assert line.after == '{"arrived_on":"2026-11-22","contact_name":"李总","version":2}'
        assert (line.subject, line.subject_id, line.act) == ("leads", lead.id, AuditAct.CHANGED)


def test_what_is_undone_leaves_no_line(engine: Engine) -> None:
    def failing() -> None:
        with transaction(engine) as session:
            lead = a_lead(session)
            with audit.changing(session, actor(session, "wang"), lead):
                lead.contact_name = "李总"
            raise KeyError

    with pytest.raises(KeyError):
        failing()
    with reading(engine) as session:
        counts = [session.scalar(select(func.count()).select_from(model)) for model in (AuditEntry, AuditSeal, Lead)]
        assert counts == [0, 0, 0]
