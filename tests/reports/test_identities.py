"""What two places say of one number: headline and tables, rows and totals, whole and parts, two reports, two people."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from crm.rules.periods import Preset
from dashboard.queries import REPORTS, report
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Measure
from dashboard.queries.measures.bridge import BRIDGE_FALLING, BRIDGE_RISING
from dashboard.queries.measures.closings import WON_AMOUNT
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from dashboard.queries.report import Report, Table, View
from tests.reports.conftest import Demo
from tests.reports.oracle.compare import WHOLE
from tests.reports.oracle.questions import questions

PLAN, CONTRACTS, LEADS, LOSSES, OUTCOMES, PROGRESS = map(
    report, ("plan_completion", "contracts_in_progress", "lead_conversion", "loss_analysis", "rep_outcomes", "collection_progress")
)
FOLLOW_UP = report("team_followup")
ACTIVITY, BULLETIN, COLLECTIONS, RANKS = map(report, ("team_activity", "signing_bulletin", "sales_collections", "rep_ranking"))
AGEING = ("ageing_1_30", "ageing_31_60", "ageing_61_90", "ageing_over_90")
FIRST = date(2021, 1, 1)
SELLERS = ["chen", "lin", "wang", "sun", "zhao"]
YEARS = [Filters(Preset.THIS_YEAR), Filters(Preset.ALL), Filters(Preset.LAST_QUARTER, as_of=date(2026, 8, 20)).choose("team", [1, 2])]


def table(demo: Demo, report: Report, name: str, login: str, filters: Filters) -> Table:
    """A table as a person gets it, with all its rows."""
    view = report.view(name)
    assert isinstance(view, View)
    return demo.answers.table(report, view, demo.actor(login).scope, filters, demo.today, WHOLE if view.paged else None).table


def views(report: Report) -> Iterator[View]:
    """The tables of a report that have a grain and figures."""
    yield from (view for view in report.views if isinstance(view, View) and view.name != "pace")


def summed(rows: list[dict[str, Any]], key: str) -> Decimal:
    """What the rows come to."""
    return sum((row[key] for row in rows if row[key] is not None), Decimal(0))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_every_table_has_the_total_of_the_headline_and_rows_that_sum_to_it(report: Report, demo: Demo) -> None:
    chen = demo.actor("chen")

    @settings(max_examples=4, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(questions(demo.answers, report, chen.scope, FIRST, demo.today))
    def holds(filters: Filters) -> None:
        top = demo.answers.table(report, report.top, chen.scope, filters, demo.today).table.total
        for view in views(report):
            found = table(demo, report, view.name, "chen", filters)
            for measure in view.measures:
                if measure.key in top:
                    assert found.total[measure.key] == top[measure.key], (view.name, measure.key, filters)
                if adds_up(view, measure) and found.total[measure.key] is not None:
                    assert summed(found.rows, measure.key) == found.total[measure.key], (view.name, measure.key, filters)

    holds()


def adds_up(view: View, measure: Measure) -> bool:
    """Whether the rows of a table sum to its total: no median, no target (a unit's own figure), no record that stands in several rows."""
    return measure.adds_up and measure.over != "target" and not (view.overlapping and (measure.value == "1" or measure.over == "encounter"))


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_overdue_is_the_sum_of_its_ageing(filters: Filters, demo: Demo) -> None:
    found = table(demo, CONTRACTS, "ageing", "fang", filters)
    assert found.total["overdue_amount"] > 0
    for row in (*found.rows, found.total):
        assert row["overdue_amount"] == sum(row[key] for key in AGEING)


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_what_is_owed_is_the_same_on_both_pages_of_receivables(filters: Filters, demo: Demo) -> None:
    for here, there in (("contracts", "main"), ("teams", "teams")):
        owed, progress = table(demo, PROGRESS, here, "fang", filters), table(demo, CONTRACTS, there, "fang", filters)
        keys = ("outstanding_amount", "overdue_amount", "contract_amount", "received_to_date")
        found, known = (
            {tuple(row[name] for name in view.by): [row[key] for key in keys] for row in view.rows} for view in (owed, progress)
        )
        assert found == known
        for row in (*owed.rows, owed.total):
            assert row["overdue_amount"] == sum(row[key] for key in AGEING)


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("login", SELLERS)
def test_still_open_is_the_same_in_plan_follow_up_and_outcomes(login: str, filters: Filters, demo: Demo) -> None:
    places = ((PLAN, "reps"), (FOLLOW_UP, "reps"), (OUTCOMES, "main"))
    plan, followed, outcomes = (rows_of_units(table(demo, report, name, login, filters)) for report, name in places)
    assert plan == followed == outcomes
    assert plan != {} or login == "wang"


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("login", SELLERS)
def test_the_bridge_closes_for_everybody_and_ends_at_what_is_open(login: str, filters: Filters, demo: Demo) -> None:
    """Rising steps add, falling ones take away, for the total and for each rep; the end is what the report's own table says."""
    found = table(demo, FOLLOW_UP, "bridge_reps", login, filters)
    for row in (*found.rows, found.total):
        moved = sum(row[m.key] for m in BRIDGE_RISING) - sum(row[m.key] for m in BRIDGE_FALLING)
        assert row["bridge_start"] + moved == row["bridge_end"]
    ends = {(row["team"], row["rep"]): row["bridge_end"] for row in found.rows if row["bridge_end"]}
    assert ends == rows_of_units(table(demo, FOLLOW_UP, "reps", login, filters))


def rows_of_units(found: Table) -> dict[tuple[int, int], Decimal]:
    """The open amount of each rep in each team that has one."""
    return {(row["team"], row["rep"]): row["open_amount"] for row in found.rows if row["open_amount"]}


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_costs_by_category_are_the_costs(filters: Filters, demo: Demo) -> None:
    main, costs = (table(demo, CONTRACTS, name, "chen", filters) for name in ("main", "costs"))
    by_category = {f"cost_amount_{row['cost_category']}": row["cost_amount"] for row in costs.rows}
    assert by_category
    assert {key: main.total[key] for key in by_category} == by_category
    for row in (*main.rows, main.total):
        assert row["cost_amount"] == sum(row[figure.key] for figure in main.columns if figure.key.startswith("cost_amount_"))
        assert row["margin_amount"] == row["contract_amount"] - row["cost_amount"]


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("login", ["mei", *SELLERS])
def test_leads_are_the_sum_of_their_four_parts(login: str, filters: Filters, demo: Demo) -> None:
    for view in ("main", "campaigns", "products", "months", "teams"):
        found = table(demo, LEADS, view, login, filters)
        for row in (*found.rows, found.total):
            assert row["leads"] == row["unprocessed"] + row["working"] + row["converted"] + row["failed"]


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_lost_and_stopped_split_by_product_are_all_that_was_lost_and_stopped(filters: Filters, demo: Demo) -> None:
    products, main = (table(demo, LOSSES, name, "chen", filters) for name in ("products", "main"))
    assert summed(products.rows, "not_won_amount") == products.total["not_won_amount"] == main.total["not_won_amount"]
    assert products.total["not_won_count"] == main.total["not_won_count"] < summed(products.rows, "not_won_count")
    assert abs(summed(main.rows, "share") - 1) < Decimal("0.0001")
    assert main.rows[-1]["running_share"] == 1


@pytest.mark.parametrize("preset", [Preset.THIS_YEAR, Preset.ALL])
def test_the_pace_ends_at_what_was_signed_and_what_was_planned(preset: Preset, demo: Demo) -> None:
    pace = table(demo, PLAN, "pace", "chen", Filters(preset))
    signed = [row["signed_amount"] for row in pace.rows if row["signed_amount"] is not None]
    assert signed[-1] == pace.total["signed_amount"]
    assert signed == sorted(signed)
    planned = [row["target_amount"] for row in pace.rows if row["target_amount"] is not None]
    assert planned[-1] == pace.total["target_amount"] == table(demo, PLAN, "main", "chen", Filters(preset)).total["target_amount"]


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_what_was_won_are_the_signings_with_an_opportunity(filters: Filters, demo: Demo) -> None:
    chen = demo.actor("chen").scope
    won, signed = (demo.answers.records(measure, {}, chen, filters, demo.today) for measure in (WON_AMOUNT, SIGNED_AMOUNT))
    assert won.count > 0
    assert (won.count, won.value) == (signed.count, signed.value)


def by_unit(found: Table, key: str) -> dict[tuple[Any, ...], Any]:
    """One figure of each unit, where there is any; of rankings the rows within reach."""
    return {tuple(row[name] for name in found.by): row[key] for row in found.rows if row[key] and not row.get("beyond")}


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("login", ["chen", "lin"])
def test_what_was_signed_is_the_same_in_four_reports(login: str, filters: Filters, demo: Demo) -> None:
    by_rep = [(PLAN, "reps"), (ACTIVITY, "reps"), (BULLETIN, "reps"), (RANKS, "main")]
    people = [by_unit(table(demo, *at, login, filters), "signed_amount") for at in by_rep]
    assert people[0]
    assert all(found == people[0] for found in people)
    by_team = [(PLAN, "main"), (ACTIVITY, "main"), (BULLETIN, "teams")]
    teams = [by_unit(table(demo, *at, login, filters), "signed_amount") for at in by_team]
    assert all(found == teams[0] for found in teams)
    bulletin = demo.answers.records(SIGNED_AMOUNT, {}, demo.actor(login).scope, filters, demo.today)
    assert bulletin.value == sum(teams[0].values())


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_products_and_contracts_of_the_bulletin_come_to_the_same(filters: Filters, demo: Demo) -> None:
    products, teams = (table(demo, BULLETIN, name, "chen", filters) for name in ("products", "teams"))
    assert summed(products.rows, "sold_amount") == products.total["sold_amount"] == teams.total["signed_amount"] > 0


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("login", SELLERS)
def test_what_teams_received_is_what_the_rankings_of_collections_come_to(login: str, filters: Filters, demo: Demo) -> None:
    received = table(demo, ACTIVITY, "main", login, filters).total["received_amount"]
    for name in ("main", "teams", "reps", "customers", "months"):
        found = table(demo, COLLECTIONS, name, login, filters)
        assert summed(found.rows, "received_amount") == found.total["received_amount"] == received, name
    assert table(demo, PROGRESS, "months", login, filters).total["received_amount"] == received


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("login", ["fang", *SELLERS])
def test_what_is_owed_is_the_same_in_three_reports(login: str, filters: Filters, demo: Demo) -> None:
    owed = table(demo, CONTRACTS, "main", login, filters).total
    progress = table(demo, PROGRESS, "contracts", login, filters).total
    keys = ("contract_amount", "received_to_date", "outstanding_amount", "overdue_amount")
    assert {key: progress[key] for key in keys} == {key: owed[key] for key in keys}
    assert table(demo, COLLECTIONS, "main", login, filters).total["outstanding_amount"] == owed["outstanding_amount"]


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("login", SELLERS)
def test_what_is_open_and_how_it_ended_is_the_same_in_two_reports(login: str, filters: Filters, demo: Demo) -> None:
    plan, outcomes, losses = (table(demo, *at, login, filters) for at in ((PLAN, "reps"), (OUTCOMES, "main"), (LOSSES, "teams")))
    assert by_unit(plan, "open_amount") == by_unit(outcomes, "open_amount")
    for key in ("won_count", "lost_count", "lost_amount", "stopped_count", "stopped_amount"):
        assert outcomes.total[key] == losses.total[key]


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_a_rank_counts_those_who_signed_more_and_is_there_before_team_filters(filters: Filters, demo: Demo) -> None:
    everybody = replace(filters, chosen=())
    found = table(demo, RANKS, "main", "chen", everybody)
    signed: dict[int, Decimal] = {}
    for row in found.rows:
        signed[row["rep"]] = signed.get(row["rep"], Decimal(0)) + row["signed_amount"]
    for row in found.rows:
        assert row["rank_in_company"] == 1 + sum(amount > signed[row["rep"]] for amount in signed.values())
    ranks = {(row["team"], row["rep"]): row["rank_in_company"] for row in found.rows}
    narrowed = table(demo, RANKS, "main", "chen", everybody.choose("team", [1])).rows
    assert narrowed
    assert all(row["rank_in_company"] == ranks[row["team"], row["rep"]] for row in narrowed)


@pytest.mark.parametrize("login", ["lin", "sun"])
def test_a_rep_has_the_figures_that_their_lead_sees_of_them(login: str, demo: Demo) -> None:
    lead = demo.actor(login)
    reps = {"lin": "wang", "sun": "zhao"}

    @settings(max_examples=3, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(questions(demo.answers, PLAN, demo.actor(reps[login]).scope, FIRST, demo.today))
    def holds(filters: Filters) -> None:
        own = rows_of(table(demo, PLAN, "reps", reps[login], filters))
        mine = {place: row for place, row in own.items() if place[0] in lead.scope.team_ids}
        seen_by_lead = rows_of(table(demo, PLAN, "reps", login, filters))
        seen_by_chen = rows_of(table(demo, PLAN, "reps", "chen", filters))
        assert mine.items() <= seen_by_lead.items()
        assert own.items() <= seen_by_chen.items()

    holds()


def rows_of(found: Table) -> dict[tuple[int, int], tuple[Any, ...]]:
    """The figures of each rep in each team."""
    return {(row["team"], row["rep"]): tuple(row[figure.key] for figure in found.columns) for row in found.rows}
