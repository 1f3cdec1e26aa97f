"""The menu of sales management holds, for each role, exactly the pages that open for it."""

import pytest
from dash import Dash
from sqlalchemy import Engine

from crm.db import reading
from crm.errors import NotFound
from dashboard.frame import menu
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Visitor
from tests.people import actor

with use_language("zh"):
    NOT_THERE = explain(NotFound())

OPENED = {
    "chen": {"/leads", "/claims", "/assign/teams", "/assign/reps", "/customers", "/opportunities", "/hand-over", "/erasures"},
    "lin": {"/leads", "/claims", "/assign/reps", "/customers", "/opportunities"},
    "wang": {"/leads", "/customers", "/opportunities"},
    "mei": {"/leads", "/import"},
    "fang": set(),
    "xia": set(),
    "ada": {"/import", "/hand-over", "/erasures"},
}
OURS = {"/leads", "/import", "/claims", "/assign/teams", "/assign/reps", "/customers", "/opportunities", "/hand-over", "/erasures"}
"""The pages that this file speaks of; others have files of their own."""


@pytest.mark.parametrize("login", OPENED)
def test_an_entry_opens_and_what_has_none_does_not_exist(app: Dash, engine: Engine, login: str) -> None:
    visitor = Visitor(app).sign_in(login)
    with reading(engine) as session, use_language("zh"):
        listed = {entry.path for section in menu(actor(session, login)) for entry in section.entries}
    opened = {path for path in OURS if NOT_THERE not in visitor.page(path)}
    assert listed & OURS == OPENED[login]
    assert opened == OPENED[login]
