"""Every page is drawn for every role, in both languages; who may not open it is told that there is no such page."""

import dash
import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import transaction
from crm.models import User
from crm.vocabulary import Role
from dashboard.i18n import _, use_language
from dashboard.queries import REPORTS
from tests.pages.visitor import Visitor

ROLES = {
    "chen": Role.EXECUTIVE,
    "lin": Role.TEAM_LEAD,
    "wang": Role.REP,
    "fang": Role.FINANCE,
    "mei": Role.MARKETING,
    "xia": Role.SERVICE,
    "ada": Role.ADMINISTRATOR,
}
TRACES = ("Traceback", "KeyError", "TypeError", "<lambda>", "object at 0x")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("login", ROLES)
def test_every_page_is_drawn(app: Dash, engine: Engine, login: str, language: str) -> None:
    with transaction(engine) as session:
        session.scalars(select(User).where(User.login == login)).one().language = language
    visitor = Visitor(app).sign_in(login)
    for page in dash.page_registry.values():
        if page["path_template"]:
            continue
        text = visitor.page(page["path"])
        assert len(text) > 200, page["path"]
        assert not any(trace in text for trace in TRACES), page["path"]
        assert ("销售" in text or "没有" in text or "请" in text or "记录" in text or "工作台" in text) or language == "en", page["path"]


@pytest.mark.parametrize("login", ROLES)
def test_a_report_opens_for_its_roles_and_does_not_exist_for_others(app: Dash, engine: Engine, login: str) -> None:
    visitor = Visitor(app).sign_in(login)
    for report in REPORTS:
        text = visitor.page(f"/reports/{report.key}")
        with use_language("zh"):
            title = _(report.title.message)
        opened = f"{report.key}-headline" in text
        assert opened == (ROLES[login] in report.roles), report.key
        assert title in text or not opened
