"""A team opens over its reps in the same table: whose rows come, that they sum to the team's, and that each figure leads to its records."""

import json
from datetime import date
from typing import Any

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.db import transaction
from etl import changes
from tests.pages.visitor import Visitor
from tests.people import EAST, WANG, WEST, ZHAO, a_contract

OCTOBER = {"period": "custom", "start": "2026-10-01", "end": "2026-10-31", "compare": "previous"}


@pytest.fixture(autouse=True)
def october(app: Dash, engine: Engine) -> None:
    """What Wang and Zhao signed, carried over to the reports."""
    with transaction(engine) as session:
        a_contract(session, "HT-东-1", owner=WANG, amount="100000", signed=date(2026, 10, 6))
        a_contract(session, "HT-西-1", owner=ZHAO, amount="500100", signed=date(2026, 10, 5))
    live = app.server.extensions["saleslens"].live
    live.committed()
    assert live.follows(changes.latest(engine), timeout=20)


@pytest.fixture
def chen(app: Dash) -> Visitor:
    """The executive, signed in."""
    return Visitor(app).sign_in("chen")


def pressed(visitor: Visitor, *values: Any, view: str = "main", before: Any = None) -> tuple[list[dict[str, Any]], Any]:
    """The rows of team activity once these teams stand open, and what the page remembers of it."""
    answer = visitor.call("team_activity-table-main.rowData", [{"view": view, "values": list(values)}], [before, OCTOBER])
    found = answer.json["response"] if answer.status_code == 200 and answer.json else {}
    return found.get("team_activity-table-main", {}).get("rowData", []), found.get("team_activity-unfolded", {}).get("data")


def test_a_team_opens_over_its_reps_who_sum_to_it(chen: Visitor) -> None:
    rows, remembered = pressed(chen, EAST, before={"other": [1]})
    (east,) = (row for row in rows if row["id"] == str(EAST))
    parts = [row for row in rows if row.get("under")]
    assert {row["under"] for row in parts} == {str(EAST)}
    assert sum(row["signed_amount"] for row in parts) == east["signed_amount"] == 100000
    assert sum(row["before"]["signed_amount"] for row in parts) == east["before"]["signed_amount"]
    assert remembered == {"other": [1], "main": [EAST]}
    assert not [row for row in pressed(chen)[0] if row.get("under")]


def test_a_part_opens_the_records_of_its_own_cell(chen: Visitor) -> None:
    (wang,) = (row for row in pressed(chen, EAST)[0] if row.get("rep") == WANG)
    clicked = {"measure": "signed_amount", "cell": wang["cell"], "view": wang["view"]}
    panel = chen.call("team_activity-panel.className...team_activity-records.children", [clicked], [OCTOBER]).text
    assert "100,000.00" in panel
    assert "500,100.00" not in panel


def test_open_rows_stand_open_when_the_page_is_drawn_anew(chen: Visitor) -> None:
    answer = chen.call("team_activity-tables.children", [OCTOBER, "main", None], [None, {"main": [WEST]}]).json
    rows = answer["response"]["team_activity-tables"]["children"][0]["props"]["rowData"]
    assert {row["rep"] for row in rows if row.get("under")} >= {ZHAO}


def test_a_lead_opens_no_other_team_and_a_rep_none(lin: Visitor, wang: Visitor) -> None:
    assert str(WEST) not in {row.get("under") for row in pressed(lin, EAST, WEST)[0]}
    assert not [row for row in pressed(wang, EAST, WEST)[0] if row.get("under")]
    for forged in ("bridge", "nonsense", None):
        assert pressed(lin, EAST, view=forged) == ([], None)  # type: ignore[arg-type]
    assert "500100" not in json.dumps(pressed(lin, "1 or 1=1", {"a": 1}, WEST)[0])
