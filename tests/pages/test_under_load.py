"""While the server is busy the reports follow in larger steps: who has just saved sees it at once, and each says as of when it is."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from crm import clock
from crm.db import transaction
from dashboard import session
from etl import changes, sync
from tests.pages.visitor import Visitor
from tests.people import WANG, ZHAO, an_opportunity

PERIOD = {"period": "this_month", "compare": "none"}


@pytest.fixture
def busy(app, monkeypatch: pytest.MonkeyPatch) -> session.Application:
    """A server on which somebody always waits, whose follower has just begun a long rest."""
    monkeypatch.setattr(sync, "RESTS", 1e6)
    monkeypatch.setattr(sync, "LONGEST_REST", 60.0)
    here: session.Application = app.server.extensions[session.KEY]
    follower = here.live._follower
    monkeypatch.setattr(follower, "_busy", lambda: True)
    with transaction(here.engine) as opened:
        an_opportunity(opened, "先来的", owner=ZHAO)
    assert here.live.follows(changes.latest(here.engine), timeout=20)
    return here


def follow_ups(visitor: Visitor) -> str:
    """The page of the report, as JSON."""
    page = visitor.call("team_activity-headline.children...", [PERIOD, "main", None], [None, None]).json
    return json.dumps(page["response"], ensure_ascii=False)


def test_who_has_just_saved_sees_it_in_the_report_at_once(busy: session.Application, engine: Engine, wang: Visitor, zhao: Visitor) -> None:
    with transaction(engine) as opened:
        deal = an_opportunity(opened, "云盘", owner=WANG).id
    before = busy.live.position
    assert "followup_count" in follow_ups(zhao)
    assert busy.live.position == before  # nobody who asks waits for what others commit
    wang.save("follow-up", {"method_id": 1, "content": "谈了方案"}, {"id": deal, "version": 1}, "key")
    shown = follow_ups(wang)
    assert busy.live.position >= changes.latest(engine) - 1
    assert re.search(r'"followup_count": 1\b', shown), shown


def test_a_report_says_as_of_when_it_is(busy: session.Application, engine: Engine, zhao: Visitor) -> None:
    shown = zhao.call("team_activity-headline.children...", [PERIOD, "main", None], [None, None]).json["response"]
    assert re.search(r"\d\d:\d\d:\d\d", str(shown["team_activity-drawn"]))
    assert "滞后" not in str(shown["team_activity-drawn"])
    busy.live._follower.behind_since = clock.now() - timedelta(seconds=10)
    shown = zhao.call("team_activity-headline.children...", [PERIOD, "main", None], [None, None]).json["response"]
    assert "滞后" in str(shown["team_activity-drawn"])
