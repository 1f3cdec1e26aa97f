"""The one list in which reps read of each other: what Wang of the East gets of Zhao in the West, however she asks.

Zhao signed two contracts in October, one of them on the 5th. Wang may read his name, his team, his rank and the sum of both.
"""

import json
from datetime import date
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.db import transaction
from crm.models import CompanySettings
from dashboard.queries import REPORTS as ALL
from etl import changes
from tests.pages.visitor import Visitor
from tests.people import CRM_SUITE, EAST, WANG, WEB, WEST, ZHAO, a_contract, a_customer

REPORTS = {report.key: report for report in ALL}
OCTOBER = {"period": "custom", "start": "2026-10-01", "end": "2026-10-31"}
SUM, ONE, OTHER = 700300.0, 500100.0, 200200.0
SECRETS = ("HT-西-1", "HT-西-2", "西部钢铁", "500100", "500,100", "200200", "200,200", "50.0万", "20.0万")


@pytest.fixture(autouse=True)
def october(app: Dash, engine: Engine) -> None:
    """Zhao's two signings and Wang's one, carried over to the reports."""
    with transaction(engine) as session:
        his = a_customer(session, "西部钢铁", owner=ZHAO)
        lines = {CRM_SUITE: ONE}
        a_contract(session, "HT-西-1", customer=his, owner=ZHAO, amount="500100", signed=date(2026, 10, 5), lines=lines)
        a_contract(session, "HT-西-2", customer=his, owner=ZHAO, amount="200200", signed=date(2026, 10, 20))
        a_contract(session, "HT-东-1", owner=WANG, amount="100000", signed=date(2026, 10, 6))
    follow(app, engine)


def follow(app: Dash, engine: Engine) -> None:
    """Wait until the reports have all that was committed."""
    live = app.server.extensions["saleslens"].live
    live.committed()
    assert live.follows(changes.latest(engine), timeout=20)


def drawn(visitor: Visitor, report: str, view: str, **chosen: Any) -> str:
    """The page as it is filled under these filters, as text."""
    return json.dumps(visitor.call(f"{report}-tables.children", [OCTOBER | chosen, view, None], [None, None]).json, ensure_ascii=False)


def rows(visitor: Visitor, report: str, view: str, **chosen: Any) -> dict[str, dict[str, Any]]:
    """The rows of the table that is open, by the name of team or rep."""
    answer = visitor.call(f"{report}-tables.children", [OCTOBER | chosen, view, None], [None, None]).json
    table = answer["response"][f"{report}-tables"]["children"]
    found = table[0]["props"]["rowData"] if isinstance(table, list) else []
    return {row.get("rep_label") or row["team_label"]: row for row in found}


def opened(visitor: Visitor, report: str, view: str, measure: str, cell: dict[str, Any], **chosen: Any) -> str:
    """What a click, or what was made up as one, shows in the panel."""
    clicked = {"measure": measure, "cell": cell, "view": view}
    answer = visitor.call(f"{report}-panel.className...{report}-records.children", [clicked], [OCTOBER | chosen])
    return json.dumps(answer.json, ensure_ascii=False)


def listed(visitor: Visitor, report: str, view: str, measure: str, cell: dict[str, Any]) -> list[Any]:
    """The records that a grid would get for that click."""
    request = {"startRow": 0, "endRow": 100, "sortModel": []}
    clicked = {"measure": measure, "cell": cell, "view": view}
    answer = visitor.call(_grid(report, "records"), [request], [clicked, None, OCTOBER])
    filled = (answer.json or {}).get("response", {}).get(f"{report}-table-records") if answer.status_code == 200 else None
    return list(filled["getRowsResponse"]["rowData"]) if filled else []


def _grid(report: str, name: str) -> str:
    return f"{report}-table-{name}.getRowsResponse"


def secret(text: str) -> list[str]:
    """What of Zhao's single contracts stands in `text`."""
    return [word for word in SECRETS if word in text]


def test_a_whole_month_shows_names_ranks_and_sums(wang: Visitor) -> None:
    found = rows(wang, "rep_ranking", "main")
    his = next(row for row in found.values() if row["rep"] == ZHAO)
    assert (his["signed_amount"], his["rank_in_company"], his["rank_in_team"]) == (SUM, 1, 1)
    assert [his[key] for key in ("signed_count", "target_amount", "completion_rate")] == [None, None, None]
    for report, view in (
        ("rep_ranking", "main"),
        ("signing_bulletin", "reps"),
        ("signing_bulletin", "teams"),
        ("signing_bulletin", "main"),
    ):
        assert secret(drawn(wang, report, view)) == []
    assert "zhao" not in drawn(wang, "rep_ranking", "main")  # what he signs in with


@pytest.mark.parametrize(
    "narrow",
    [
        {"start": "2026-10-05", "end": "2026-10-05"},
        {"end": "2026-10-30"},
        {"as_of": "2026-10-06"},
        {"as_of": "2026-11-05"},
        {"product": [CRM_SUITE]},
        {"source": [WEB]},
    ],
    ids=json.dumps,
)
def test_a_day_a_product_or_a_source_shows_wang_alone(narrow: dict[str, Any], wang: Visitor) -> None:
    for report, view in (("rep_ranking", "main"), ("signing_bulletin", "reps"), ("signing_bulletin", "teams")):
        assert {row["rep"] for row in rows(wang, report, view, **narrow).values()} <= {WANG}
        assert secret(drawn(wang, report, view, **narrow)) == []


@pytest.mark.parametrize("chosen", [{"customer": [1]}, {"team": [WEST]}, {"rep": [ZHAO]}, {"rep": [999]}], ids=json.dumps)
def test_a_filter_that_she_is_not_offered_is_one_that_does_not_exist(chosen: dict[str, Any], wang: Visitor) -> None:
    for report, view in (("rep_ranking", "main"), ("signing_bulletin", "reps")):
        text = drawn(wang, report, view, **chosen)
        assert secret(text) == []
        assert str(int(SUM)) not in text or not set(chosen) <= set(REPORTS[report].filters)


@pytest.mark.parametrize("report", ["rep_ranking", "signing_bulletin"])
def test_nothing_leads_from_his_row_to_a_contract(report: str, wang: Visitor) -> None:
    view = "main" if report == "rep_ranking" else "reps"
    for measure in ("signed_amount", "signed_count", "rank_in_company"):
        for cell in ({"rep": ZHAO}, {"team": WEST}, {"team": WEST, "rep": ZHAO}):
            assert listed(wang, report, view, measure, cell) == []
            assert secret(opened(wang, report, view, measure, cell)) == []
    for made_up in ("ranked_amount", "sold_amount; drop", "adds"):
        assert secret(opened(wang, report, view, made_up, {"rep": ZHAO})) == []
        assert listed(wang, report, view, made_up, {"rep": ZHAO}) == []
    assert len(listed(wang, report, view, "signed_amount", {"rep": WANG})) == 1


def test_his_row_answers_like_that_of_nobody(wang: Visitor) -> None:
    his, nobodys = (opened(wang, "rep_ranking", "main", "signed_amount", {"rep": rep}) for rep in (ZHAO, 999))
    assert his.replace("赵", "999") == nobodys.replace(f'"{ZHAO}"', '"999"')


def test_neither_takes_the_list_away_as_a_file(wang: Visitor, zhao: Visitor, lin: Visitor) -> None:
    for visitor in (wang, zhao, lin):
        for query in ("table=main", "records=signed_amount&view=main", f"records=signed_amount&view=main&cell.rep={ZHAO}"):
            answer = visitor.get(f"/reports/rep_ranking/export.csv?from=2026-10-01&to=2026-10-31&{query}")
            assert answer.status_code in (400, 403, 404), query
            assert secret(answer.text) == []


def test_the_lead_of_the_east_knows_no_more_of_him(lin: Visitor) -> None:
    his = next(row for row in rows(lin, "rep_ranking", "main").values() if row["rep"] == ZHAO)
    assert (his["signed_amount"], his["signed_count"]) == (SUM, None)
    assert listed(lin, "rep_ranking", "main", "signed_amount", {"rep": ZHAO}) == []
    teams = rows(lin, "signing_bulletin", "teams")
    assert {row["team"]: (row["signed_amount"], row["signed_count"], row["rank_in_company"]) for row in teams.values()} == {
        WEST: (SUM, None, 1),
        EAST: (100000.0, 1, 2),
    }


def test_with_the_setting_off_each_reads_the_own_rank(app: Dash, engine: Engine, wang: Visitor, zhao: Visitor) -> None:
    with transaction(engine) as session:
        session.query(CompanySettings).one().ranking_visible = False
    follow(app, engine)
    for visitor, rep, amount, rank in ((wang, WANG, 100000.0, 2), (zhao, ZHAO, SUM, 1)):
        for report, view in (("rep_ranking", "main"), ("signing_bulletin", "reps")):
            assert [(row["rep"], row["signed_amount"], row["rank_in_company"]) for row in rows(visitor, report, view).values()] == [
                (rep, amount, rank)
            ]
