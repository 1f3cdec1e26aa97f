"""How a number is computed, as it is asked for: by whoever sees the number, with the statement for executives alone."""

import json

import pytest
from dash import Dash

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
