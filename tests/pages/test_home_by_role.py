"""The workbench, phrase by phrase: what each role is shown of its day and of its month, with the figures that are theirs."""

from datetime import timedelta

from dash import Dash
from sqlalchemy import Engine

from crm import clock
from crm.db import transaction
from crm.models import FollowUp
from crm.vocabulary import OpportunityStatus
from tests.pages.test_home import followed
from tests.pages.visitor import Visitor
from tests.people import (
    DELIVERY,
    EAST,
    EXPO,
    SERVICE_DESK,
    WANG,
    WEST,
    ZHAO,
    a_contract,
    a_follow_up,
    a_lead,
    a_target,
    an_opportunity,
)

TODAY = clock.today("Asia/Shanghai")


def home(app: Dash, login: str) -> str:
    return Visitor(app).sign_in(login).page("/")


def test_a_rep_finds_the_steps_that_are_due_and_no_others(app: Dash, engine: Engine) -> None:
    steps = (
        ("今天回电", WANG, 0, OpportunityStatus.FOLLOWING),
        ("上周该去", WANG, -7, OpportunityStatus.FOLLOWING),
        ("明天再说", WANG, 1, OpportunityStatus.FOLLOWING),
        ("已经输了", WANG, 0, OpportunityStatus.LOST),
        ("赵的事", ZHAO, 0, OpportunityStatus.FOLLOWING),
    )
    with transaction(engine) as session:
        for words, owner, days, status in steps:
            opportunity = an_opportunity(session, owner=owner, status=status)
            opportunity.next_step, opportunity.next_step_on = words, TODAY + timedelta(days=days)
    mine, lins = home(app, "wang"), home(app, "lin")
    assert [words for words, *_rest in steps if words in mine] == ["今天回电", "上周该去"]
    assert mine.index("上周该去") < mine.index("今天回电"), "the oldest first"
    assert [words for words, *_rest in steps if words in lins] == [], "her own, not her people's"


def test_a_department_finds_the_problems_that_were_sent_to_it(app: Dash, engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        for words, department, solved in (("登录慢", SERVICE_DESK, False), ("交付晚", DELIVERY, False), ("早就好了", SERVICE_DESK, True)):
            found: FollowUp = a_follow_up(session, opportunity, problem=words)
            found.department_id = department
            if solved:
                found.problem_solved_at, found.problem_solved_by_id = clock.now(), WANG
    shown = home(app, "xia")
    assert "登录慢" in shown
    assert not any(words in shown for words in ("交付晚", "早就好了"))
    assert "登录慢" not in home(app, "fang")


def test_marketing_finds_where_this_months_leads_came_from(app: Dash, engine: Engine) -> None:
    with transaction(engine) as session:
        for _lead in range(17):
            a_lead(session, source=EXPO, owner=WANG, arrived=TODAY)
        a_lead(session, owner=ZHAO, arrived=TODAY)
        a_lead(session, owner=ZHAO, arrived=TODAY.replace(day=1) - timedelta(days=1))
    followed(app, engine)
    shown = home(app, "mei")
    assert shown.index("展会") < shown.index("网站"), "the most first"
    assert '"17"' in shown
    assert "本月线索来源" not in home(app, "wang")


def test_figures_of_the_month_are_those_of_ones_own_reach(app: Dash, engine: Engine) -> None:
    """Own target for the rep, the team's for its lead, plan, signings and receivables of the company for the head."""
    month = TODAY.replace(day=1)
    with transaction(engine) as session:
        a_target(session, month, "2000", rep=WANG, since=month)
        a_target(session, month, "30000", team=EAST, since=month)
        a_target(session, month, "40000", team=WEST, since=month)
        a_contract(session, "HT-1", amount="1000", signed=TODAY, plan=[(TODAY, "1000")])
        a_contract(session, "HT-2", owner=ZHAO, amount="5000", signed=TODAY, plan=[(TODAY, "5000")])
    followed(app, engine)
    shown = {login: home(app, login) for login in ("wang", "lin", "chen", "fang")}
    for login, target, signed, owed in (
        ("wang", "¥2,000.00", "¥1,000.00", "¥1,000.00"),
        ("lin", "¥30,000.00", "¥1,000.00", "¥1,000.00"),
        ("chen", "¥70,000.00", "¥6,000.00", "¥6,000.00"),
    ):
        assert all(f'"{figure}"' in shown[login] for figure in (target, signed, owed)), login
    assert '"¥6,000.00"' in shown["fang"]
    assert "/reports/plan_completion" in shown["chen"]
    for secret in ("5,000.00", "6,000.00", "40,000.00", "70,000.00"):
        assert f'"¥{secret}"' not in shown["wang"] + shown["lin"], secret
