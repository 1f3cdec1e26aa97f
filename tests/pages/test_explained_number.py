"""How a number is computed, as it is asked for: by whoever sees the number, with the statement for executives alone."""

import csv
import io
import json
import re
from decimal import Decimal

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.config import Settings
from crm.db import transaction
from dashboard.app import close, create_app
from tests import people
from tests.pages.visitor import Visitor
from tests.people import EAST

CLICKED = {"measure": "completion_rate", "cell": {"team": EAST}, "view": "main"}


def asked(visitor: Visitor, clicked: dict[str, object], pressed: int = 1) -> str:
    answer = visitor.call("plan_completion-explained.children", [pressed], [clicked, {"period": "this_month"}])
    return json.dumps(answer.json, ensure_ascii=False) if answer.data else ""


@pytest.mark.parametrize(("login", "statement"), [("chen", True), ("lin", False), ("wang", False)])
def test_only_executives_are_told_the_statement(app: Dash, login: str, statement: bool) -> None:
    said = asked(Visitor(app).sign_in(login), CLICKED)
    assert "计入记录数" in said
    assert "数据版本" in said
    assert ("mart.signed" in said) is statement
    assert ("$unseen" in said) is statement


def test_who_may_not_open_the_report_is_told_nothing(app: Dash) -> None:
    for login in ("fang", "mei", "xia"):
        said = asked(Visitor(app).sign_in(login), CLICKED)
        assert "计入记录数" not in said
        assert "mart." not in said


def test_a_rate_shows_both_its_parts(app: Dash) -> None:
    chen = Visitor(app).sign_in("chen")
    answer = chen.call("plan_completion-panel.className...plan_completion-records.children", [CLICKED], [{"period": "this_month"}])
    said = json.dumps(answer.json, ensure_ascii=False)
    assert '"value": "signed_amount"' in said
    assert '"value": "target_amount"' in said
    assert "计划完成率" in said


def test_a_point_of_the_pace_leaves_as_a_file_with_all_that_was_signed_up_to_it(engine: Engine, settings: Settings) -> None:
    """The panel offers the file, and what its records add comes to what the panel says of the day."""
    with transaction(engine) as session:
        people.a_contract(session, amount="1234.50")
    app = create_app(settings)
    chen, pace = Visitor(app).sign_in("chen"), {"measure": "signed_amount", "view": "pace"}
    asked_for, sums = {"period": "all"}, []
    for day in ("2000-01-01", "2199-12-30"):
        clicked = pace | {"cell": {"day": day}}
        answer = chen.call("plan_completion-panel.className...plan_completion-records.children", [clicked], [asked_for])
        said = json.dumps(answer.json, ensure_ascii=False)
        (address,) = set(re.findall(r'"href": "(/reports/plan_completion/export\.csv[^"]+)"', said))
        assert f"cell.day={day}" in address
        with chen.get(address) as file:
            rows = list(csv.reader(io.StringIO(file.data.decode("utf-8-sig"))))
        sums.append(sum((Decimal(row[-1]) for row in rows[1:]), Decimal(0)))
        assert f"{sums[-1]:,.2f}" in said
    close(app)
    assert sums == [0, Decimal("1234.50")]
