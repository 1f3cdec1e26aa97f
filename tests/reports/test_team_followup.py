"""Team follow-up: who is neglected, and a bridge that closes to the cent for every team and rep, whatever happened."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from crm.rules.periods import Period, Preset
from crm.rules.stages import days_silent, is_neglected
from dashboard.queries import report
from dashboard.queries.filters import Filters
from dashboard.queries.measures.bridge import BRIDGE_FALLING, BRIDGE_RISING, BRIDGE_START
from dashboard.queries.report import Listing, View
from tests.people import CHEN, EAST, PROPOSAL, QUOTED, TALKS, TODAY, WANG, WEST, ZHAO
from tests.reports.company import FOREVER, LONG_AGO, Company, actor
from tests.reports.conftest import Demo
from tests.reports.oracle.questions import questions

REPORT = report("team_followup")
NOVEMBER = Filters(Preset.THIS_MONTH)
DAY = timedelta(days=1)


@pytest.fixture
def company() -> Company:
    return Company()


def rows(company: Company, name: str, who: int = CHEN, filters: Filters = NOVEMBER) -> list[dict[str, Any]]:
    view = REPORT.view(name)
    assert isinstance(view, View)
    return company.answers.table(REPORT, view, actor(who).scope, filters, TODAY).table.rows


def listed(company: Company, name: str, filters: Filters = NOVEMBER) -> list[dict[str, Any]]:
    view = REPORT.view(name)
    assert isinstance(view, Listing)
    return company.answers.records(view.measure, {}, actor(CHEN).scope, filters, TODAY).rows


def spoken(company: Company, opportunity: int, day: date, **values: Any) -> None:
    company.fact("follow_up", day, **{"follow_up_id": opportunity * 100 + day.day, "opportunity_id": opportunity} | values)


# ── neglect ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("days", [13, 14, 15, 16])
@pytest.mark.parametrize("by", ["creation", "assignment", "follow_up"])
def test_neglected_is_who_was_silent_for_more_than_the_companys_days(company: Company, by: str, days: int) -> None:
    when, opportunity = TODAY - days * DAY, company.opportunity()
    touched = {"creation": LONG_AGO, "assignment": LONG_AGO, "follow_up": LONG_AGO} | {by: when}
    company.open(LONG_AGO, opportunity_id=opportunity, created_on=touched["creation"], assigned_on=touched["assignment"])
    spoken(company, opportunity, touched["follow_up"])
    wanted = is_neglected(days_silent(touched.values(), TODAY), 14)
    assert bool(listed(company, "neglected")) is wanted is (days > 14)
    (row,) = listed(company, "opportunities")
    assert (row["days_silent"], row["last_follow_up"]) == (days, touched["follow_up"])


def test_a_past_day_has_the_next_step_of_that_day_or_none_and_never_todays(company: Company) -> None:
    """Wang planned a visit on the 2nd and a quote on the 10th: as of the 9th nobody knows of the quote, and the visit is not kept."""
    opportunity = company.opportunity(next_step="报价", next_step_on=date(2026, 11, 20))
    company.open(LONG_AGO, opportunity_id=opportunity)
    for day in (date(2026, 11, 2), date(2026, 11, 10)):
        spoken(company, opportunity, day)

    def planned(filters: Filters) -> tuple[Any, Any]:
        (row,) = listed(company, "opportunities", filters)
        return row["next_step"], row["next_step_on"]

    assert planned(NOVEMBER) == planned(Filters(as_of=date(2026, 11, 10))) == ("报价", date(2026, 11, 20))
    assert planned(Filters(as_of=date(2026, 11, 9))) == (None, None)
    assert planned(Filters(Preset.LAST_MONTH)) == (None, None)


def test_what_was_written_down_later_changed_the_next_step_later(company: Company) -> None:
    opportunity = company.opportunity(next_step="报价")
    company.open(LONG_AGO, opportunity_id=opportunity)
    told, written = date(2026, 11, 5), date(2026, 11, 8)
    for basis, seen in ((1, told), (2, written)):
        spoken(company, opportunity, told, basis=basis, valid_from=seen)
    found = {day: listed(company, "opportunities", Filters(as_of=day))[0]["next_step"] for day in (written - DAY, written)}
    assert found == {written - DAY: None, written: "报价"}


def test_a_past_day_knows_the_limit_of_its_time_and_not_what_was_written_down_later(company: Company) -> None:
    company.connection.execute("update mart.setting_version set valid_to = date '2026-11-10'")
    company.put("setting_version", valid_from=date(2026, 11, 10), valid_to=FOREVER, opportunity_neglected_days=60)
    opportunity = company.opportunity()
    company.open(date(2026, 10, 1), opportunity_id=opportunity)
    spoken(company, opportunity, date(2026, 11, 8), basis=1)
    spoken(company, opportunity, date(2026, 11, 8), basis=2, valid_from=date(2026, 11, 12), follow_up_id=7)
    told = {day: bool(listed(company, "neglected", Filters(as_of=date(2026, 11, day)))) for day in (9, 11, 12)}
    assert told == {9: True, 11: False, 12: False}
    assert listed(company, "opportunities", Filters(as_of=date(2026, 11, 9)))[0]["last_follow_up"] is None


def test_stages_are_columns_in_the_companys_order(company: Company) -> None:
    company.open(amount=100, stage_id=TALKS)
    company.open(amount=20, stage_id=QUOTED)
    company.open(amount=3, stage_id=QUOTED)
    company.connection.execute("update mart.stage set position = 9 where stage_id = ?", [TALKS])
    view = REPORT.view("main")
    assert isinstance(view, View)
    table = company.answers.table(REPORT, view, actor(CHEN).scope, NOVEMBER, TODAY).table
    of_stages = [figure.key for figure in table.columns if figure.key.startswith("open_amount_")]
    assert of_stages[0] == f"open_amount_{PROPOSAL}"
    assert of_stages[-1] == f"open_amount_{TALKS}"
    east = next(row for row in table.rows if row["team"] == EAST)
    assert (east[f"open_count_{QUOTED}"], east[f"open_amount_{QUOTED}"], east[f"open_amount_{TALKS}"]) == (2, 23, 100)


def test_a_past_day_has_the_names_and_order_that_stages_had_then(company: Company) -> None:
    company.open(date(2026, 10, 1), stage_id=QUOTED)
    company.open(date(2026, 10, 1), stage_id=TALKS)
    company.connection.execute("update mart.stage_version set valid_to = date '2026-11-10' where stage_id = ?", [QUOTED])
    company.put("stage_version", stage_id=QUOTED, valid_from=date(2026, 11, 10), valid_to=FOREVER, name="报价中", position=0, probability=1)
    company.connection.execute("update mart.stage set name = '报价中', position = 0 where stage_id = ?", [QUOTED])
    told = {day: [row["stage_label"] for row in rows(company, "stages", filters=Filters(as_of=date(2026, 11, day)))] for day in (9, 10)}
    assert told == {9: ["前期洽谈", "销售报价"], 10: ["报价中", "前期洽谈"]}
    assert listed(company, "opportunities", Filters(as_of=date(2026, 11, 9)))[0]["stage"] in ("销售报价", "前期洽谈")


# ── the bridge ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def step(company: Company, step: str, day: date, delta: Any, owner: int = WANG, **values: Any) -> None:
    opportunity = values.pop("opportunity_id", None) or company.opportunity(owner=owner)
    company.fact("pipeline_change", day, owner, opportunity_id=opportunity, seq=1, step=step, delta=delta, stage_id=TALKS, **values)


def test_an_opportunity_that_goes_from_wang_to_zhao_is_two_rows_and_leaves_the_company_as_it_was(company: Company) -> None:
    opportunity = company.opportunity(owner=ZHAO)
    company.put("open_past", **_stood(company, opportunity, WANG, date(2026, 10, 5), date(2026, 11, 6)))
    company.open(date(2026, 11, 6), ZHAO, amount=500, opportunity_id=opportunity)
    step(company, "new", date(2026, 10, 5), 500, opportunity_id=opportunity)  # before the period
    step(company, "given", date(2026, 11, 6), -500, opportunity_id=opportunity)
    step(company, "received", date(2026, 11, 6), 500, ZHAO, opportunity_id=opportunity)
    step(company, "pushed_out", date(2026, 11, 7), 0, ZHAO, opportunity_id=opportunity, close_before=TODAY, close_after=TODAY + 9 * DAY)
    found = {row["team"]: row for row in rows(company, "bridge")}
    east, west = found[EAST], found[WEST]
    assert (east["bridge_start"], east["bridge_given"], east["bridge_end"]) == (500, 500, 0)
    assert (west["bridge_start"], west["bridge_received"], west["bridge_end"], west["pushed_out_count"]) == (0, 500, 500, 1)
    (moved,) = listed(company, "date_moves")
    assert (moved["step"], moved["days_moved"], moved["adds"]) == ("pushed_out", 9, 1)


def _stood(company: Company, opportunity: int, owner: int, since: date, until: date) -> dict[str, Any]:
    return {
        "opportunity_id": opportunity, "valid_from": since, "valid_to": until, "basis": 0, "owner_id": owner, "team_id": EAST,
        "stage_id": TALKS, "amount": 500, "amount_known": True, "created_on": since, "assigned_on": since, "product_ids": [],
        "product_mask": 0, "products_varied": False,
    }  # fmt: skip


def closes(row: dict[str, Any]) -> bool:
    """Whether the steps lead from what stood at the start to what stands at the end."""
    rising = sum((row[step.key] for step in BRIDGE_RISING), Decimal(0))
    falling = sum((row[step.key] for step in BRIDGE_FALLING), Decimal(0))
    return row["bridge_start"] + rising - falling == row["bridge_end"]


@pytest.mark.parametrize("login", ["chen", "lin", "wang"])
def test_the_bridge_closes_for_every_period_team_and_rep(login: str, demo: Demo) -> None:
    scope = demo.actor(login).scope

    @settings(max_examples=8, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(questions(demo.answers, REPORT, scope, date(2021, 1, 1), demo.today))
    def holds(filters: Filters) -> None:
        asked = filters.choose("stage", ())  # a change of stage is no step, so that stages have no bridge
        for name in ("bridge", "bridge_reps"):
            view = REPORT.view(name)
            assert isinstance(view, View)
            answer = demo.answers.table(REPORT, view, scope, asked, demo.today)
            for table in (answer.table, answer.table_before):
                assert all(closes(row) for row in (*(table.rows if table else ()), *([table.total] if table else ()))), asked

    holds()


def test_open_at_the_start_is_what_was_open_the_day_before(demo: Demo) -> None:
    scope = demo.actor("chen").scope
    for first in (date(2026, 1, 1), date(2025, 7, 1), date(2026, 11, 2)):
        period = Filters(Preset.CUSTOM, Period.of(first, demo.today))
        the_day_before = Filters(Preset.CUSTOM, Period.of(first - DAY, first - DAY))
        start = demo.answers.records(BRIDGE_START, {}, scope, period, demo.today)
        open_then = demo.answers.table(REPORT, REPORT.top, scope, the_day_before, demo.today).table.total
        assert start.value == open_then["open_amount"] > 0
        assert start.count == open_then["open_count"]


def test_every_step_happens_in_the_demo_company(demo: Demo) -> None:
    total = demo.answers.table(REPORT, REPORT.view("bridge"), demo.actor("chen").scope, Filters(Preset.ALL), demo.today).table.total
    assert {step.key for step in (*BRIDGE_RISING, *BRIDGE_FALLING) if not total[step.key]} == set()
    assert total["bridge_start"] == 0
    top = demo.answers.table(REPORT, REPORT.top, demo.actor("chen").scope, Filters(Preset.ALL), demo.today).table.total
    assert total["bridge_end"] == top["open_amount"]
