"""Targets, stages and settings: who sets them, and what the past keeps."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import transaction
from crm.errors import ChangedMeanwhile, CrmError, Invalid, NotAllowed
from crm.models import SalesTarget, SettingVersion, Stage, StageVersion, User
from crm.services import master, targets
from crm.services.input_faults import NotAChoice
from crm.services.inputs import read
from crm.services.master import DescribeStage, EditSettings, StageIsNeeded
from crm.services.targets import SetTarget
from tests.people import ADA, CHEN, EAST, FOUNDED, LIN, PROPOSAL, QUOTED, SIGNED, SUN, TALKS, TODAY, WANG, WEST, ZHAO, actor
from tests.services.stories import audited

D = Decimal
TOMORROW = TODAY + timedelta(days=1)
DECEMBER = date(2026, 12, 1)


def targeted(session: Session, login: str, amount: str, today: date = TODAY, **values: Any) -> SalesTarget:
    """The target for December that somebody sets."""
    return targets.set_target(
        session, actor(session, login), read(SetTarget, {"month": "2026-12-24", "amount": amount, **values}), today=today
    )


def test_a_changed_target_leaves_the_old_one_to_the_past(engine: Engine) -> None:
    with transaction(engine) as session:
        targeted(session, "chen", "1000", team_id=EAST)
        targeted(session, "chen", "1100", team_id=EAST)  # of one day the last word counts
        targeted(session, "chen", "1100", today=TOMORROW, team_id=EAST)
        targeted(session, "chen", "1200", today=TOMORROW, team_id=EAST)
        rows = session.scalars(select(SalesTarget).order_by(SalesTarget.id)).all()
        assert [(row.month, row.team_id, row.amount, row.valid_from, row.valid_to) for row in rows] == [
            (DECEMBER, EAST, D("1100.00"), TODAY, TOMORROW),
            (DECEMBER, EAST, D("1200.00"), TOMORROW, None),
        ]
        assert {line[0] for line in audited(session)} == {CHEN}


def test_a_rep_s_target_keeps_its_team(engine: Engine) -> None:
    with transaction(engine) as session:
        targeted(session, "lin", "500", user_id=WANG)
        session.get_one(User, WANG).team_id = WEST
        session.flush()
        later = targeted(session, "chen", "600", today=TOMORROW, user_id=WANG)
        assert (later.team_id, later.user_id, later.valid_from) == (EAST, WANG, TOMORROW)


@pytest.mark.parametrize(
    ("login", "values", "allowed"),
    [
        ("chen", {}, True), ("chen", {"team_id": WEST}, True), ("chen", {"user_id": ZHAO}, True), ("lin", {"user_id": WANG}, True),
        ("lin", {"user_id": LIN}, True), ("lin", {"user_id": ZHAO}, False), ("lin", {"team_id": EAST}, False), ("lin", {}, False),
        ("wang", {"user_id": WANG}, False), ("fang", {}, False), ("mei", {}, False), ("ada", {}, False),
    ],
)  # fmt: skip
def test_who_sets_which_target(engine: Engine, login: str, values: dict[str, int], allowed: bool) -> None:
    with transaction(engine) as session:
        if allowed:
            assert targeted(session, login, "7", **values).amount == D("7.00")
        else:
            with pytest.raises(NotAllowed):
                targeted(session, login, "7", **values)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"user_id": CHEN}, "user_id"),
        ({"team_id": 9}, "team_id"),
        ({"user_id": SUN, "team_id": EAST}, "user_id"),
        ({"amount": "-1"}, "amount"),
    ],
)
def test_a_target_is_somebody_s(engine: Engine, values: dict[str, Any], fault: str) -> None:
    with transaction(engine) as session:
        with pytest.raises(Invalid) as refused:
            targeted(session, "chen", **{"amount": "1", **values})
        assert list(refused.value.faults) == [fault]


def a_stage(name: str, percent: str) -> DescribeStage:
    """How a stage shall be called and weighed."""
    return read(DescribeStage, {"name": name, "probability_bp": percent})


def versions(session: Session, stage_id: int) -> list[tuple[date, str, int, int]]:
    """How a stage stood, from which day on."""
    rows = session.scalars(select(StageVersion).where(StageVersion.stage_id == stage_id).order_by(StageVersion.valid_from))
    return [(row.valid_from, row.name, row.position, row.probability_bp) for row in rows]


def test_a_renamed_stage_keeps_its_past_name(engine: Engine) -> None:
    with transaction(engine) as session:
        ada = actor(session, "ada")
        master.edit_stage(session, ada, PROPOSAL, a_stage("方案", "35.5"), version=1, today=TODAY)
        master.edit_stage(session, ada, PROPOSAL, a_stage("方案确认", "40"), version=2, today=TODAY)
        assert versions(session, PROPOSAL) == [(FOUNDED, "提报方案", 2, 3000), (TODAY, "方案确认", 2, 4000)]
        with pytest.raises(ChangedMeanwhile):
            master.edit_stage(session, ada, PROPOSAL, a_stage("x", "1"), version=1, today=TODAY)
        with pytest.raises(Invalid):
            master.edit_stage(session, ada, PROPOSAL, a_stage("前期洽谈", "1"), version=3, today=TODAY)


def test_a_new_stage_stands_before_those_of_the_system(engine: Engine) -> None:
    with transaction(engine) as session:
        made = master.add_stage(session, actor(session, "ada"), a_stage("需求确认", "20"), today=TODAY)
        order = session.scalars(select(Stage.id).order_by(Stage.position)).all()
        assert order == [TALKS, PROPOSAL, made.id, QUOTED, SIGNED]
        assert versions(session, made.id) == [(TODAY, "需求确认", 3, 2000)]
        assert versions(session, SIGNED) == [(FOUNDED, "签订合同", 4, 10000), (TODAY, "签订合同", 5, 10000)]
        assert versions(session, TALKS) == [(FOUNDED, "前期洽谈", 1, 1000)]


def test_stages_are_reordered_all_at_once(engine: Engine) -> None:
    with transaction(engine) as session:
        ada = actor(session, "ada")
        master.reorder_stages(session, ada, [PROPOSAL, TALKS, QUOTED, SIGNED], today=TODAY)
        assert versions(session, TALKS)[-1] == (TODAY, "前期洽谈", 2, 1000)
        for order in ([TALKS], [TALKS, TALKS, QUOTED, SIGNED], [TALKS, PROPOSAL, QUOTED, 99]):
            with pytest.raises(NotAChoice):
                master.reorder_stages(session, ada, order, today=TODAY)


def test_what_is_needed_is_not_retired(engine: Engine) -> None:
    with transaction(engine) as session:
        ada = actor(session, "ada")
        assert not master.retire_stage(session, ada, PROPOSAL, version=1).active
        for stage_id in (TALKS, QUOTED, SIGNED):
            with pytest.raises(StageIsNeeded):
                master.retire_stage(session, ada, stage_id, version=1)
        assert master.bring_back_stage(session, ada, PROPOSAL).active


def test_the_days_of_neglect_are_kept_by_day(engine: Engine) -> None:
    with transaction(engine) as session:
        ada = actor(session, "ada")
        for days in ("30", "20"):
            standing = master.settings(session)
            form = read(EditSettings, {"company_name": "东西软件", "opportunity_neglected_days": days})
            master.change_settings(session, ada, form, version=standing.version, today=TODAY)
        form = read(EditSettings, {"company_name": "新名", "opportunity_neglected_days": "20", "approval_discount_bp": "12.5"})
        changed = master.change_settings(session, ada, form, version=standing.version, today=TOMORROW)
        assert (changed.company_name, changed.approval_discount_bp) == ("新名", 1250)
        kept = session.execute(select(SettingVersion.valid_from, SettingVersion.opportunity_neglected_days).order_by(SettingVersion.id))
        assert [tuple(row) for row in kept] == [(FOUNDED, 14), (TODAY, 20)]
        assert audited(session)[-1][:3] == (ADA, "changed", "settings")


@pytest.mark.parametrize(
    ("values", "fault"),
    [({"zone": "Mars/Olympus"}, "zone"), ({"zone": "../../etc/passwd"}, "zone"), ({"currency": "yuan"}, "currency"),
     ({"fiscal_year_first_month": "13"}, "fiscal_year_first_month"), ({"lead_neglected_days": "-1"}, "lead_neglected_days")],
)  # fmt: skip
def test_settings_that_can_not_be(engine: Engine, values: dict[str, str], fault: str) -> None:
    with transaction(engine) as session:
        with pytest.raises(Invalid) as refused:
            master.change_settings(session, actor(session, "ada"), read(EditSettings, values), version=1, today=TODAY)
        assert list(refused.value.faults) == [fault]


@pytest.mark.parametrize("login", ["chen", "lin", "wang", "fang", "mei", "xia"])
def test_master_data_are_the_administrator_s(engine: Engine, login: str) -> None:
    with transaction(engine) as session:
        who = actor(session, login)
        acts: list[Any] = [
            lambda: master.add_stage(session, who, a_stage("x", "1"), today=TODAY),
            lambda: master.edit_stage(session, who, TALKS, a_stage("x", "1"), version=1, today=TODAY),
            lambda: master.reorder_stages(session, who, [1, 2, 3, 4], today=TODAY),
            lambda: master.retire_stage(session, who, TALKS, version=1),
            lambda: master.bring_back_stage(session, who, TALKS),
            lambda: master.change_settings(session, who, read(EditSettings, {}), version=1, today=TODAY),
        ]
        for act in acts:
            with pytest.raises(CrmError) as refused:
                act()
            assert type(refused.value) is NotAllowed
