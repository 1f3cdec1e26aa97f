"""Chen sets the plan: for the company, for a team, or for each rep."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crm.money import from_cents
from crm.rules.periods import Period
from crm.rules.targets import Target, counted, target_amounts
from crm.vocabulary import TargetUnit

D = Decimal
EAST, WEST, WANG, LI, ZHAO = 1, 2, 11, 12, 21
COMPANY_UNIT, EAST_UNIT, WEST_UNIT = (TargetUnit.COMPANY, None), (TargetUnit.TEAM, EAST), (TargetUnit.TEAM, WEST)
MARCH = date(2025, 3, 1)
Q1 = Period.of(date(2025, 1, 1), date(2025, 3, 31))


def for_company(amount: str, month: date = MARCH) -> Target:
    return Target(month, TargetUnit.COMPANY, None, None, D(amount))


def for_team(team: int, amount: str, month: date = MARCH) -> Target:
    return Target(month, TargetUnit.TEAM, team, None, D(amount))


def for_rep(team: int, rep: int, amount: str, month: date = MARCH) -> Target:
    return Target(month, TargetUnit.REP, team, rep, D(amount))


def test_a_team_without_a_figure_has_the_sum_of_its_reps_and_the_company_that_of_its_teams():
    targets = [for_rep(EAST, WANG, "10.00"), for_rep(EAST, LI, "20.00"), for_rep(WEST, ZHAO, "5.00"), for_team(WEST, "50.00")]
    assert target_amounts(targets, Q1) == {
        COMPANY_UNIT: D("80.00"),
        EAST_UNIT: D("30.00"),
        WEST_UNIT: D("50.00"),
        (TargetUnit.REP, WANG): D("10.00"),
        (TargetUnit.REP, LI): D("20.00"),
        (TargetUnit.REP, ZHAO): D("5.00"),
    }


def test_an_own_figure_goes_before_the_sum_month_by_month():
    february = date(2025, 2, 1)
    targets = [for_company("100.00"), for_team(EAST, "70.00"), for_team(EAST, "30.00", february)]
    assert target_amounts(targets, Q1) == {COMPANY_UNIT: D("130.00"), EAST_UNIT: D("100.00")}


def test_a_target_falls_on_a_period_by_days_and_each_record_is_rounded_by_itself():
    ten_days = Period.of(date(2025, 3, 22), date(2025, 3, 31))
    targets = [for_rep(EAST, WANG, "0.05"), for_rep(EAST, LI, "0.05")]
    amounts = target_amounts(targets, ten_days)  # 0.05 × 10 / 31 = 0.0161
    assert amounts[TargetUnit.REP, WANG] == D("0.02")
    assert amounts[EAST_UNIT] == amounts[COMPANY_UNIT] == D("0.04")


def test_wang_changes_team_and_his_target_stays_where_it_was_set():
    targets = [for_rep(EAST, WANG, "10.00"), for_rep(WEST, WANG, "4.00", date(2025, 2, 1))]
    amounts = target_amounts(targets, Q1)
    assert (amounts[EAST_UNIT], amounts[WEST_UNIT], amounts[TargetUnit.REP, WANG]) == (D("10.00"), D("4.00"), D("14.00"))


def test_other_months_do_not_count():
    assert target_amounts([for_company("100.00", date(2025, 4, 1))], Q1) == {}
    assert target_amounts([], Q1) == {}


MONTHS = st.sampled_from([date(2025, month, 1) for month in (1, 2, 3)])
REPS = st.builds(for_rep, st.sampled_from([EAST, WEST]), st.integers(1, 5), st.integers(0, 10**6).map(from_cents).map(str), MONTHS)
TEAMS = st.builds(for_team, st.sampled_from([EAST, WEST]), st.integers(0, 10**6).map(from_cents).map(str), MONTHS)


@given(st.lists(REPS), st.lists(TEAMS, unique_by=lambda target: (target.month, target.team_id)))
def test_the_records_behind_a_figure_are_either_its_own_or_its_parts(reps, teams):
    amounts = target_amounts([*reps, *teams], Q1)
    records = counted([*reps, *teams])
    for unit in amounts:
        behind = [target for (_, owner), targets in records.items() if owner == unit for target in targets]
        assert amounts[unit] == sum(target.amount for target in behind)
    assert amounts.get(COMPANY_UNIT, 0) == amounts.get(EAST_UNIT, 0) + amounts.get(WEST_UNIT, 0)
