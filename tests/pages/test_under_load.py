"""While the server is busy the reports follow in larger steps: who has just saved sees it at once, and each says as of when it is."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

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


def late(shown: Mapping[str, Any]) -> str:
    """What a report's page says of being behind, in what its callback answered."""
    line = shown["team_activity-drawn"]["children"]["props"]["children"][-1]["props"]
    assert line["data-words"] == "自 {time} 起滞后", "the browser knows the words before they are true"
    return str(line["children"])


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


def test_who_has_just_saved_sees_it_on_the_workbench_too(busy: session.Application, engine: Engine, wang: Visitor, zhao: Visitor) -> None:
    today = clock.today("Asia/Shanghai")
    with transaction(engine) as opened:
        deal = an_opportunity(opened, "老泵站改造", owner=WANG, created=today - timedelta(days=200)).id
    assert busy.live.follows(changes.latest(engine), timeout=20)
    assert "老泵站改造" in wang.page("/")
    before = busy.live.position
    wang.save("follow-up", {"method_id": 1, "content": "谈了方案"}, {"id": deal, "version": 1}, "key")
    zhao.page("/")
    assert busy.live.position == before  # nobody else waits for it
    assert "老泵站改造" not in wang.page("/")


def test_who_has_just_saved_sees_it_among_the_records(busy: session.Application, engine: Engine, wang: Visitor) -> None:
    with transaction(engine) as opened:
        deal = an_opportunity(opened, "云盘", owner=WANG).id
    assert busy.live.follows(changes.latest(engine), timeout=20)
    clicked = {"measure": "followup_count", "cell": {}, "view": "headline", "at": 1}

    def records() -> str:
        asked = {"startRow": 0, "endRow": 100, "sortModel": []}
        return json.dumps(wang.call("team_activity-table-records.getRowsResponse", [asked], [clicked, None, PERIOD]).json)

    assert '"rowCount": 0' in records()
    wang.save("follow-up", {"method_id": 1, "content": "谈了方案"}, {"id": deal, "version": 1}, "key")
    assert '"rowCount": 1' in records()
    heard = wang.get("/live?reads=team_activity").json
    assert heard["mine"] >= heard["position"] > 0, "the news are their own"


def test_a_report_says_as_of_when_it_is(busy: session.Application, engine: Engine, zhao: Visitor) -> None:
    shown = zhao.call("team_activity-headline.children...", [PERIOD, "main", None], [None, None]).json["response"]
    assert re.search(r"\d\d:\d\d:\d\d", str(shown["team_activity-drawn"]))
    assert late(shown) == ""
    busy.live._follower.behind_since = clock.now() - timedelta(seconds=10)
    shown = zhao.call("team_activity-headline.children...", [PERIOD, "main", None], [None, None]).json["response"]
    assert re.fullmatch(r"自 \d\d:\d\d:\d\d 起滞后", late(shown))


def test_a_page_that_is_open_and_idle_hears_that_the_reports_are_behind_and_that_they_no_longer_are(
    busy: session.Application, zhao: Visitor
) -> None:
    assert zhao.get("/live").json["behind"] is None
    busy.live._follower.behind_since = clock.now() - timedelta(seconds=10)
    assert re.fullmatch(r"\d\d:\d\d:\d\d", zhao.get("/live").json["behind"])
    shown = zhao.call("team_activity-headline.children...", [PERIOD, "main", None], [None, None]).json["response"]
    assert zhao.get("/live").json["behind"] in late(shown), "both speak of the company's clock"
    busy.live._follower.behind_since = None
    assert zhao.get("/live").json["behind"] is None
