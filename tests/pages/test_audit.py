"""What the server keeps of its own accord: a line for each act that it refused, and a seal each second over what was written."""

import time

from sqlalchemy import Engine, select

from crm import audit
from crm.config import Settings
from crm.db import make_engine, reading, transaction
from crm.models import AuditEntry, AuditSeal
from crm.vocabulary import AuditAct, OpportunityStatus
from dashboard.app import close, create_app
from dashboard.sealing import Sealer
from tests.pages.visitor import Visitor
from tests.people import CHEN, WANG, actor, an_opportunity, company

PATIENCE = 30.0
"""Seconds that a loaded machine may take for what should take one."""


def refusals(engine: Engine) -> list[tuple[int | None, str, int | None, str, str]]:
    lines = select(AuditEntry).where(AuditEntry.act == AuditAct.REFUSED).order_by(AuditEntry.id)
    with reading(engine) as session:
        return [(line.by_id, line.subject, line.subject_id, line.after, line.address) for line in session.scalars(lines)]


def test_a_refused_act_leaves_a_line_and_nothing_else(engine: Engine, wang: Visitor) -> None:
    with transaction(engine) as session:
        lost = an_opportunity(session, owner=WANG, status=OpportunityStatus.LOST)
    wang.save("reopen-opportunity", {}, {"id": lost.id, "version": 1}, "key")
    assert refusals(engine) == [(WANG, "opportunities", lost.id, '{"act":"reopen","kind":"opportunity"}', "127.0.0.1")]
    with reading(engine) as session:
        assert session.get_one(type(lost), lost.id).status is OpportunityStatus.LOST


def test_what_is_not_there_for_somebody_is_no_refusal(engine: Engine, zhao: Visitor) -> None:
    """A line would say that there is something."""
    with transaction(engine) as session:
        lost = an_opportunity(session, owner=WANG, status=OpportunityStatus.LOST)
    zhao.save("reopen-opportunity", {}, {"id": lost.id, "version": 1}, "key")
    assert refusals(engine) == []


def write_one(engine: Engine) -> None:
    with transaction(engine) as session:
        audit.write(session, actor(session, "chen"), AuditAct.EXPORTED, "reports", after={"by": CHEN})


def sealed(engine: Engine) -> list[tuple[int, int]]:
    with reading(engine) as session:
        assert audit.broken(session) is None
        return [(seal.first_id, seal.last_id) for seal in session.scalars(select(AuditSeal).order_by(AuditSeal.id))]


def wait_for_seals(engine: Engine) -> None:
    deadline = time.monotonic() + PATIENCE
    with reading(engine) as session:
        while audit.unsealed(session):
            assert time.monotonic() < deadline, "nothing sealed it"
            session.rollback()
            time.sleep(0.05)


def test_the_server_seals_while_it_runs_and_when_it_ends(engine: Engine, settings: Settings) -> None:
    app = create_app(settings)
    write_one(engine)
    wait_for_seals(engine)
    assert sealed(engine) == [(1, 1)]
    write_one(engine)
    close(app)
    assert sealed(engine) == [(1, 1), (2, 2)]


def test_two_servers_on_one_database_make_one_chain(database_url: str) -> None:
    engine = company(database_url)
    engines = [make_engine(database_url) for _server in range(2)]
    sealers = [Sealer(each) for each in engines]
    for sealer in sealers:
        sealer.start()
    for _line in range(6):
        write_one(engine)
        time.sleep(0.3)
    for sealer in sealers:
        sealer.stop()
    chain = sealed(engine)
    assert [first for first, _last in chain] == [1, *[last + 1 for _first, last in chain[:-1]]]
    assert chain[-1][1] == 6
    for each in (engine, *engines):
        each.dispose()
