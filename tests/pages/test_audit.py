"""What the server keeps of its own accord: a line for each act that it refused, and a seal each second over what was written."""

import re
import time

from dash import Dash
from sqlalchemy import Engine, select

from crm import audit
from crm.config import Settings
from crm.db import make_engine, reading, transaction
from crm.models import AuditEntry, AuditSeal
from crm.services.audit_words import MODELS
from crm.vocabulary import AuditAct, OpportunityStatus
from dashboard.app import close, create_app
from dashboard.pages import audit_log as page
from dashboard.sealing import Sealer
from tests.pages.every_form import service_modules
from tests.pages.visitor import Visitor
from tests.people import CHEN, CLOUD_DRIVE, WANG, a_lead, actor, an_opportunity, company
from tests.services.deeds import DEEDS

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


def test_the_log_speaks_of_people_in_the_readers_language(app: Dash, engine: Engine, lin: Visitor) -> None:
    """A change reads as the forms call it, with names, words and amounts, and not as columns and numbers."""
    with transaction(engine) as session:
        lead = a_lead(session, owner=WANG).id
        deal = an_opportunity(session, owner=WANG, lines={CLOUD_DRIVE: "1234.50"})
        audit.created(session, actor(session, "wang"), deal, "lines")
    lin.save("fail-lead", {"reason": "空号"}, {"id": lead, "version": 1}, "key")
    chen = Visitor(app).sign_in("chen")
    request = {"startRow": 0, "endRow": 100, "sortModel": []}
    said = str(chen.call("audit-table-main.getRowsResponse", [request], [{}, {}]).json)
    for words in ("状态：未处理 → 失败", "销售人员：王", "阶段：前期洽谈", "产品 云盘", "金额 ¥1,234.50", "预计金额：¥100,000.00"):
        assert words in said, words
    for column in ("owner_id", "stage_id", "product_id", "unprocessed", "following"):
        assert column not in said, column


def test_every_table_and_column_of_the_log_has_a_name() -> None:
    kept = [line.split() for deed in DEEDS.values() for line in re.split(", | or ", deed.keeps) if line]
    subjects = {subject for act, subject in kept if act not in ("history", "contract")}
    assert subjects - page.SUBJECTS.keys() == set()
    service_modules()
    nameless = {
        f"{table}.{column.name}"
        for table in subjects & MODELS.keys()
        for column in MODELS[table].__table__.c
        if page.called(column.name) == column.name and column.name not in page.UNSAID
    }
    assert nameless == set()
