"""What an open page hears once a second: at once what was committed, and without asking the database where nothing was."""

from collections.abc import Iterator
from http import HTTPStatus
from time import sleep

import pytest
from dash import Dash
from sqlalchemy import Engine, event, text, update

from crm import audit, clock
from crm.db import reading, transaction
from crm.models import Deputy, User
from dashboard import session
from etl import changes
from tests.pages.visitor import HERE, Visitor
from tests.people import LIN, WANG, ZHAO, a_follow_up, a_lead, an_opportunity


@pytest.fixture
def statements(app: Dash) -> Iterator[list[str]]:
    """What the application asks its database, from now on."""
    asked: list[str] = []
    engine = app.server.extensions[session.KEY].engine

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def here(visitor: Visitor) -> session.Application:
    found: session.Application = visitor.app.server.extensions[session.KEY]
    return found


def settled(visitor: Visitor, engine: Engine) -> None:
    """Wait until the reports have all that is committed."""
    assert here(visitor).live.follows(changes.latest(engine), timeout=20)


def sealed(engine: Engine) -> None:
    """Wait until the audit log's lines are sealed: a seal is a commit too."""
    for _look in range(200):
        with reading(engine) as opened:
            if not audit.unsealed(opened):
                return
        sleep(0.1)
    raise AssertionError("nobody seals the audit log")


def position(visitor: Visitor, reads: str = "") -> int:
    heard: int = visitor.get(f"/live?reads={reads}").json["position"]
    return heard


def test_what_is_read_for_one_is_read_for_all_until_somebody_commits(
    engine: Engine, wang: Visitor, lin: Visitor, statements: list[str]
) -> None:
    settled(wang, engine)
    wang.get("/live")
    statements.clear()
    for visitor in (wang, lin, wang):
        assert visitor.get("/live").json["unread"] == 0
    assert not [asked for asked in statements if "notifications" in asked]
    with transaction(engine) as opened:
        deal = an_opportunity(opened, "云盘", owner=WANG).id
    lin.save("comment", {"kind": "question", "content": "预算多少？"}, {"id": deal, "version": 1}, "key")
    sealed(engine)
    statements.clear()
    assert wang.get("/live").json["unread"] == 1
    assert lin.get("/live").json["unread"] == 0
    assert len([asked for asked in statements if "notifications" in asked]) == 1


def test_a_report_s_page_hears_of_what_it_reads_and_of_nothing_else(engine: Engine, wang: Visitor) -> None:
    settled(wang, engine)
    leads, money, any_of_it = position(wang, "lead_conversion"), position(wang, "sales_collections"), position(wang)
    with transaction(engine) as opened:
        a_lead(opened, contact="钱女士", owner=WANG)
    settled(wang, engine)
    assert position(wang, "lead_conversion") > leads
    assert position(wang, "sales_collections") == money
    assert position(wang) > any_of_it
    assert position(wang, "no_such_report") == position(wang)


def test_what_changes_in_the_east_is_no_news_in_the_west(engine: Engine, wang: Visitor, lin: Visitor, zhao: Visitor) -> None:
    with transaction(engine) as opened:
        deal = an_opportunity(opened, "云盘", owner=WANG)
    settled(wang, engine)
    before = [position(who, "team_followup") for who in (wang, lin, zhao)]
    with transaction(engine) as opened:
        a_follow_up(opened, deal)
    settled(wang, engine)
    east, lead, west = (position(who, "team_followup") for who in (wang, lin, zhao))
    assert (east > before[0], lead > before[1], west == before[2]) == (True, True, True)


def test_who_stands_in_for_somebody_looks_from_elsewhere_though_no_figure_changed(engine: Engine, zhao: Visitor) -> None:
    def heard() -> tuple[int, str]:
        news = zhao.get("/live?reads=team_followup").json
        return news["position"], news["here"]

    settled(zhao, engine)
    before = heard()
    assert heard() == before
    today = clock.today("Asia/Shanghai")
    with transaction(engine) as opened:
        opened.add(Deputy(principal_id=LIN, deputy_id=ZHAO, from_on=today, until_on=today))
    position, here = heard()
    assert (position, here != before[1]) == (before[0], True)


def test_a_new_password_elsewhere_ends_what_this_browser_hears(engine: Engine, wang: Visitor) -> None:
    assert wang.get("/live").status_code == HTTPStatus.OK
    with transaction(engine) as opened:
        opened.execute(update(User).where(User.id == WANG).values(session_epoch=User.session_epoch + 1))
    assert wang.get("/live").status_code == HTTPStatus.UNAUTHORIZED


def test_a_session_that_nobody_signed_hears_nothing(wang: Visitor, nobody: Visitor) -> None:
    cookie = wang.client.get_cookie("saleslens")
    assert cookie
    signed = cookie.value
    nobody.client.set_cookie("saleslens", signed[:-3] + "abc")
    assert nobody.get("/live").status_code == HTTPStatus.UNAUTHORIZED
    nobody.client.set_cookie("saleslens", signed)
    assert nobody.get("/live").status_code == HTTPStatus.OK
    assert wang.client.post("/live", headers=HERE).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_nothing_of_it_is_kept_by_a_browser(wang: Visitor) -> None:
    headers = wang.get("/live").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_while_the_database_is_away_the_page_waits(engine: Engine, wang: Visitor) -> None:
    with engine.begin() as connection:
        connection.execute(text("alter table notifications rename to elsewhere"))
    assert wang.get("/live").status_code == HTTPStatus.SERVICE_UNAVAILABLE
    with engine.begin() as connection:
        connection.execute(text("alter table elsewhere rename to notifications"))
    assert wang.get("/live").json["unread"] == 0
