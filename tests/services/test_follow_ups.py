"""Follow-ups: written by who works on the opportunity, seen at once, mended within a day; problems reach their department."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import clock
from crm.db import reading, transaction
from crm.errors import Invalid, NotAllowed, NotFound
from crm.models import FollowUp, FollowUpVersion, Opportunity
from crm.services import follow_ups
from crm.services.follow_ups import FollowUpSettled, MendFollowUp, NextStepChanged, NoOpenProblem, Problem, SolveProblem, WriteFollowUp
from crm.services.inputs import read
from tests.people import (
    CALL,
    DELIVERY,
    EAST,
    LIN,
    SERVICE_DESK,
    TODAY,
    VISIT,
    WANG,
    XIA,
    a_follow_up,
    actor,
    an_opportunity,
    noon,
)
from tests.services.stories import audited, told


def written(session: Session, login: str, opportunity: Opportunity, **values: Any) -> FollowUp:
    """A follow-up that somebody writes today at noon."""
    form = read(WriteFollowUp, {"method_id": CALL, "content": "谈了价格", **values})
    with clock.at(noon(TODAY)):
        return follow_ups.write(session, actor(session, login), opportunity.id, form, today=TODAY)


def mended(session: Session, login: str, follow_up: FollowUp, after: timedelta, **values: Any) -> FollowUp:
    """The follow-up after somebody mended it so long after it was written."""
    form = read(MendFollowUp, {"method_id": CALL, "content": "谈了价格", **values})
    with clock.at(noon(TODAY) + after):
        return follow_ups.edit(session, actor(session, login), follow_up.id, form)


def test_a_follow_up_is_credited_to_its_writer_and_shows_on_the_opportunity(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        made = written(session, "lin", opportunity, feedback="太贵", next_step="再访", next_step_on="2026-12-01")
        assert (made.by_id, made.team_id, made.day, made.recorded_on, made.at) == (LIN, EAST, TODAY, TODAY, noon(TODAY))
    with reading(engine) as session:
        shown = session.get_one(Opportunity, opportunity.id)
        assert (shown.last_followed_up_on, shown.next_step, shown.next_step_on) == (TODAY, "再访", date(2026, 12, 1))
        assert shown.version == 1, "nobody's open form is outdated by a follow-up"
        assert told(session) == [(WANG, "{by} wrote a follow-up on “{title}”.", {"by": "林", "title": "企业版"})]
        assert [line[:3] for line in audited(session)] == [(LIN, "created", "follow_ups")]
        assert [row.content for row in follow_ups.of_opportunity(session, actor(session, "wang"), opportunity.id)] == ["谈了价格"]
        assert follow_ups.of_opportunity(session, actor(session, "zhao"), opportunity.id) == []


@pytest.mark.parametrize("login", ["zhao", "sun", "fang", "mei", "xia", "ada"])
def test_nobody_writes_on_what_they_do_not_see(engine: Engine, login: str) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        with pytest.raises(NotFound):
            written(session, login, opportunity)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"method_id": 99}, "method_id"),
        ({"department_id": 99, "problem": "坏了"}, "department_id"),
        ({"department_id": SERVICE_DESK}, "problem"),
        ({"content": ""}, "content"),
        ({"content": "x" * 100_000}, "content"),
        ({"next_step_on": "2026-02-30"}, "next_step_on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(engine: Engine, values: dict[str, Any], fault: str) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        with pytest.raises(Invalid) as refused:
            written(session, "wang", opportunity, **values)
        assert list(refused.value.faults) == [fault]


def test_its_writer_mends_it_within_a_day_and_the_old_text_is_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        follow_up = written(session, "wang", an_opportunity(session, "企业版"), next_step="再访", next_step_on="2026-12-01")
        mended(session, "wang", follow_up, timedelta(hours=23, minutes=59), content="谈了交付", method_id=VISIT, next_step="报价")
        assert (follow_up.content, follow_up.method_id, follow_up.edited_at) == ("谈了交付", VISIT, noon(TODAY) + timedelta(minutes=1439))
        (before,) = session.scalars(select(FollowUpVersion))
        assert (before.content, before.method_id, follow_ups.step(before)) == ("谈了价格", CALL, "2026-12-01 再访")
        assert session.scalars(select(Opportunity.next_step)).all() == ["报价"]
        with pytest.raises(FollowUpSettled):
            mended(session, "wang", follow_up, timedelta(hours=24))
        with pytest.raises(FollowUpSettled):
            mended(session, "lin", follow_up, timedelta(0))
        with pytest.raises(NotFound):
            mended(session, "zhao", follow_up, timedelta(0))


def test_a_next_step_stays_until_it_is_done_or_another_is_written(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)

        def step() -> str:
            session.refresh(opportunity)
            return follow_ups.step(opportunity)

        written(session, "wang", opportunity, next_step="再访", next_step_on="2026-12-01")
        written(session, "lin", opportunity, content="问候")
        assert (step(), opportunity.last_followed_up_on) == ("2026-12-01 再访", TODAY)
        written(session, "wang", opportunity, next_step="寄合同")
        assert step() == "寄合同"
        done = written(session, "wang", opportunity, step_done=True, step_seen="寄合同")
        assert step() == ""
        mended(session, "wang", done, timedelta(hours=1), content="已寄出")
        assert step() == ""
        mended(session, "wang", done, timedelta(hours=2), next_step="催款")
        assert step() == "催款"
        mended(session, "wang", done, timedelta(hours=3))
        assert step() == "", "its writer took back the step that it spoke of"


def test_nobody_says_done_of_a_step_that_they_have_not_seen(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        written(session, "lin", opportunity, next_step="见总经理")
        session.refresh(opportunity)
        with pytest.raises(Invalid) as refused:
            written(session, "wang", opportunity, step_done=True, step_seen="2026-12-01 再访")
        fault = refused.value.faults["step_done"]
        assert isinstance(fault, NextStepChanged)
        assert fault.values == {"step": "见总经理"}
        written(session, "wang", opportunity, step_done=True, step_seen="2026-12-01 再访", next_step="报价")
        session.refresh(opportunity)
        assert follow_ups.step(opportunity) == "报价"


def test_mending_an_older_one_leaves_the_next_step_of_the_latest(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        older = written(session, "wang", opportunity, next_step="再访")
        a_follow_up(session, opportunity, TODAY + timedelta(days=1))
        session.get_one(Opportunity, opportunity.id).next_step = "报价"
        session.flush()
        mended(session, "wang", older, timedelta(hours=1), next_step="无")
        assert session.scalars(select(Opportunity.next_step)).all() == ["报价"]


def test_a_problem_reaches_its_department_alone(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "企业版")
        follow_up = written(session, "wang", opportunity, problem="装不上", department_id=SERVICE_DESK)
        other = written(session, "wang", opportunity, problem="送错了", department_id=DELIVERY)
        xia = actor(session, "xia")
        assert told(session) == [(XIA, "{by} asks your department to solve a customer's problem.", {"by": "王"})]
        name = session.get_one(Opportunity, opportunity.id).customer_id
        assert [(problem.follow_up_id, problem.problem) for problem in follow_ups.open_problems(session, xia)] == [(follow_up.id, "装不上")]
        assert name
        form = read(SolveProblem, {"answer": "换了安装包"})
        with pytest.raises(NotFound):
            follow_ups.solve_problem(session, xia, other.id, form)
        solved = follow_ups.solve_problem(session, xia, follow_up.id, form)
        assert (solved.problem_answer, solved.problem_solved_by_id) == ("换了安装包", XIA)
        assert follow_ups.open_problems(session, xia) == []
        assert told(session)[1:] == [(WANG, "{by} solved the problem on “{title}”.", {"by": "夏", "title": "企业版"})]
        with pytest.raises(NoOpenProblem):
            follow_ups.solve_problem(session, xia, follow_up.id, form)


def test_who_works_on_it_ticks_a_problem_off_too_and_nobody_else(engine: Engine) -> None:
    with transaction(engine) as session:
        follow_up = a_follow_up(session, an_opportunity(session), problem="装不上")
        form = read(SolveProblem, {"answer": "客户说好了"})
        for login in ("zhao", "mei", "fang"):
            with pytest.raises(NotFound):
                follow_ups.solve_problem(session, actor(session, login), follow_up.id, form)
        assert follow_ups.solve_problem(session, actor(session, "wang"), follow_up.id, form).problem_solved_by_id == WANG
        with pytest.raises(NotAllowed):
            follow_ups.open_problems(session, actor(session, "wang"))


def test_the_department_sees_whom_to_call(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session)
        session.flush()
        follow_up = a_follow_up(session, opportunity, problem="装不上")
        (problem,) = follow_ups.open_problems(session, actor(session, "xia"))
        assert isinstance(problem, Problem)
        assert (problem.follow_up_id, problem.day, problem.contact) == (follow_up.id, TODAY, "")
