"""What two places say of one number: headline and tables, rows and totals, whole and parts, two reports, two people.

An identity is a function over what one person reads under one filter state. Each is held for every account that may open its reports
under a few questions, and (slowly) for every colleague under random ones.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crm.rules.periods import Preset
from crm.vocabulary import Kind, Reach
from dashboard.queries import REPORTS, report
from dashboard.queries.answers import Answers
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Measure
from dashboard.queries.measures.arrivals import FAILED
from dashboard.queries.measures.bridge import BRIDGE_FALLING, BRIDGE_RISING
from dashboard.queries.measures.closings import WON_AMOUNT
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from dashboard.queries.report import Report, Table, View
from tests.reports.conftest import ACCOUNTS, Demo
from tests.reports.oracle.questions import days, narrowed, questions
from tests.reports.seen import Seen, summed, views, who_may

PLAN, CONTRACTS, LEADS, LOSSES, OUTCOMES, PROGRESS = map(
    report, ("plan_completion", "contracts_in_progress", "lead_conversion", "loss_analysis", "rep_outcomes", "collection_progress")
)
FOLLOW_UP = report("team_followup")
ACTIVITY, BULLETIN, COLLECTIONS, RANKS = map(report, ("team_activity", "signing_bulletin", "sales_collections", "rep_ranking"))
AGEING = ("ageing_1_30", "ageing_31_60", "ageing_61_90", "ageing_over_90")
FIRST = date(2021, 1, 1)
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
YEARS = [Filters(Preset.THIS_YEAR), Filters(Preset.ALL), Filters(Preset.LAST_QUARTER, as_of=date(2026, 8, 20)).choose("team", [1, 2])]
EVERYWHERE = ("team", "rep", "product", "source")
"""The filters that all facts know, targets aside."""


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_every_table_has_the_total_of_the_headline_and_rows_that_sum_to_it(report: Report, demo: Demo, answers: Answers) -> None:
    chen = demo.actor("chen")

    @settings(max_examples=4, phases=(Phase.explicit, Phase.reuse, Phase.generate))
    @given(questions(answers, report, chen.scope, FIRST, demo.today))
    def holds(filters: Filters) -> None:
        seen = Seen(answers, chen, filters, demo.today)
        top = seen.shown(report, report.top).total
        for view in views(report):
            found = seen.shown(report, view)
            for measure in view.measures:
                if measure.key in top:
                    assert found.total[measure.key] == top[measure.key], (view.name, measure.key, filters)
                if adds_up(view, measure) and found.total[measure.key] is not None:
                    assert summed(found.rows, measure.key) == found.total[measure.key], (view.name, measure.key, filters)

    holds()


def adds_up(view: View, measure: Measure) -> bool:
    """Whether the rows of a table sum to its total: no median, no target (a unit's own figure), no record that stands in several rows."""
    return measure.adds_up and measure.over != "target" and not (view.overlapping and (measure.value == "1" or measure.over == "encounter"))


# ── for everybody ────────────────────────────────────────────────────────────────────────────────────────────────────────────
Identity = Callable[[Seen], object]
IDENTITIES: dict[str, tuple[tuple[Report, ...], Identity]] = {}
"""By name: the reports that it is about, and what holds of them; it hands back something that is not nothing if there was a number."""


def identity(*reports: Report) -> Callable[[Identity], Identity]:
    """What holds of these reports, for whoever may open all of them."""

    def known(holds: Identity) -> Identity:
        IDENTITIES[holds.__name__] = (reports, holds)
        return holds

    return known


@identity(PLAN, ACTIVITY, BULLETIN, RANKS)
def signed_is_the_same_in_four_reports(seen: Seen) -> object:
    by_rep = [(PLAN, "reps"), (ACTIVITY, "reps"), (BULLETIN, "reps"), (RANKS, "main")]
    people = [seen.units(*at, "signed_amount") for at in by_rep]
    assert all(found == people[0] for found in people)
    whole = [seen.table(*at).total["signed_amount"] for at in ((PLAN, "main"), (ACTIVITY, "main"))]
    assert [sum(people[0].values(), Decimal(0)), seen.records(SIGNED_AMOUNT).value] == whole
    if seen.reaches(Kind.CONTRACT) is not Reach.OWN:  # who sees only their own rows sees no team's figure
        teams = [seen.units(*at, "signed_amount") for at in ((PLAN, "main"), (ACTIVITY, "main"), (BULLETIN, "teams"))]
        assert all(found == teams[0] for found in teams)
    return people[0]


@identity(ACTIVITY, COLLECTIONS, PROGRESS)
def received_is_what_the_rankings_of_collections_come_to(seen: Seen) -> object:
    received_in_every_place(seen)
    assert seen.units(ACTIVITY, "reps", "received_amount") == seen.units(COLLECTIONS, "reps", "received_amount")
    assert seen.table(ACTIVITY, "main").total["received_amount"] == seen.table(COLLECTIONS, "main").total["received_amount"]
    return seen.units(COLLECTIONS, "reps", "received_amount")


@identity(COLLECTIONS, PROGRESS)
def received_in_every_place(seen: Seen) -> object:
    received = seen.table(PROGRESS, "months").total["received_amount"]
    for name in ("main", "teams", "reps", "customers", "months"):
        found = seen.table(COLLECTIONS, name)
        assert summed(found.rows, "received_amount") == found.total["received_amount"] == received, name
    return received


@identity(CONTRACTS, PROGRESS, COLLECTIONS)
def what_is_owed_is_the_same_in_three_reports(seen: Seen) -> object:
    keys = ("outstanding_amount", "overdue_amount", "contract_amount", "received_to_date")
    for here, there in (("contracts", "main"), ("teams", "teams")):
        for key in keys:
            assert seen.units(PROGRESS, here, key) == seen.units(CONTRACTS, there, key)
            assert seen.table(PROGRESS, here).total[key] == seen.table(CONTRACTS, there).total[key]
    assert seen.units(COLLECTIONS, "main", "outstanding_amount") == seen.units(CONTRACTS, "main", "outstanding_amount")
    return seen.units(CONTRACTS, "main", "overdue_amount")


@identity(CONTRACTS, PROGRESS)
def overdue_is_the_sum_of_its_ageing(seen: Seen) -> object:
    tables = [seen.table(*at) for at in ((CONTRACTS, "ageing"), (PROGRESS, "contracts"), (PROGRESS, "teams"), (PROGRESS, "reps"))]
    for found in tables:
        for row in (*found.rows, found.total):
            assert row["overdue_amount"] == sum(row[key] for key in AGEING)
    assert len({found.total["overdue_amount"] for found in tables}) == 1
    return tables[0].total["overdue_amount"]


@identity(OUTCOMES, BULLETIN)
def won_are_the_signings_with_an_opportunity(seen: Seen) -> object:
    """Of the company: of one person, a win is its owner's and a signing its signer's."""
    if seen.reaches(Kind.CONTRACT) is not Reach.COMPANY:
        return None
    won, signed = seen.records(WON_AMOUNT), seen.records(SIGNED_AMOUNT)
    assert (won.count, won.value) == (signed.count, signed.value)
    return won.count


@identity(BULLETIN, PLAN)
def products_of_the_bulletin_come_to_its_contracts(seen: Seen) -> object:
    products = seen.table(BULLETIN, "products")
    assert summed(products.rows, "sold_amount") == products.total["sold_amount"] == seen.table(PLAN, "reps").total["signed_amount"]
    return products.rows


@identity(PLAN, FOLLOW_UP, OUTCOMES)
def open_is_the_same_in_plan_follow_up_and_outcomes(seen: Seen) -> object:
    plan, followed, outcomes = (seen.units(*at, "open_amount") for at in ((PLAN, "reps"), (FOLLOW_UP, "reps"), (OUTCOMES, "main")))
    assert plan == followed == outcomes
    assert seen.units(FOLLOW_UP, "reps", "open_count") == seen.units(OUTCOMES, "main", "open_count")
    return plan


@identity(FOLLOW_UP)
def the_bridge_closes_and_ends_at_what_is_open(seen: Seen) -> object:
    """Rising steps add, falling ones take away, for the total, each team and each rep."""
    for name in ("bridge", "bridge_reps"):
        found = seen.table(FOLLOW_UP, name)
        for row in (*found.rows, found.total):
            moved = sum(row[m.key] for m in BRIDGE_RISING) - sum(row[m.key] for m in BRIDGE_FALLING)
            assert row["bridge_start"] + moved == row["bridge_end"]
    if seen.question.state <= seen.question.period.last:  # the bridge ends with the period, however much later one looks at it
        assert seen.units(FOLLOW_UP, "bridge_reps", "bridge_end") == seen.units(FOLLOW_UP, "reps", "open_amount")
    return found.rows


@identity(LEADS)
def leads_are_the_sum_of_their_four_parts(seen: Seen) -> object:
    for view in (view for view in LEADS.views if isinstance(view, View) and FAILED in view.figures):
        found = seen.shown(LEADS, view)
        assert summed(found.rows, "leads") == found.total["leads"]
        for row in (*found.rows, found.total):
            assert row["leads"] == row["unprocessed"] + row["working"] + row["converted"] + row["failed"]
    return seen.table(LEADS, "main").total["leads"]


@identity(OUTCOMES, LOSSES)
def how_it_ended_is_the_same_in_two_reports(seen: Seen) -> object:
    outcomes, losses = seen.table(OUTCOMES, "main").total, seen.table(LOSSES, "teams").total
    keys = ("won_count", "lost_count", "lost_amount", "stopped_count", "stopped_amount", "win_rate")
    assert {key: outcomes[key] for key in keys} == {key: losses[key] for key in keys}
    return losses["lost_count"]


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds_for_every_account(name: str, filters: Filters, demo: Demo, answers: Answers) -> None:
    reports, holds = IDENTITIES[name]
    numbers = [holds(Seen(answers, who, filters, demo.today)) for who in who_may(reports, demo, ACCOUNTS)]
    assert any(numbers), "there was nothing to compare"


@pytest.mark.slow
@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_holds_for_everybody_whatever_they_ask(name: str, demo: Demo, answers: Answers) -> None:
    reports, holds = IDENTITIES[name]
    common = replace(reports[0], filters=tuple(name for name in EVERYWHERE if all(name in report.filters for report in reports)))

    @settings(max_examples=10, phases=UNSHRUNK)
    @given(days(FIRST, demo.today), st.data())
    def everybody(asked: Filters, data: st.DataObject) -> None:
        for who in who_may(reports, demo, demo.actors):
            holds(Seen(answers, who, data.draw(narrowed(asked, answers, common, who.scope)), demo.today))

    everybody()


# ── two people, one unit ─────────────────────────────────────────────────────────────────────────────────────────────────────
UNITS = (("team",), ("team", "rep"))
NOT_FOR_ALL = re.compile("rank_|campaign_cost|cost_per_|cohort_")
"""Figures that others may see and this person not: a rank among hidden rows, a campaign's cost against a few leads, others' money."""


def same(row: dict[str, Any], hers: dict[str, Any] | None, table: Table) -> bool:
    """Whether a row says what the executive reads in hers; who has no row there has nothing."""
    told = [figure.key for figure in table.columns if row[figure.key] is not None or not NOT_FOR_ALL.match(figure.key)]
    return all(row[key] == hers[key] if hers else not row[key] for key in told)


def within(row: dict[str, Any], seen: Seen) -> bool:
    """Whether the whole unit of a row is this person's to see."""
    scope = seen.who.scope
    return not row.get("beyond") and (row["team"] in scope.team_ids or row.get("rep") == scope.user_id)


def units_agree(report: Report, seen: Seen, all_of_it: Seen) -> int:
    """Hold every unit that a person sees whole against what the executive reads of it; how many there were."""
    compared = 0
    for view in (view for view in views(report) if view.by in UNITS):
        found = seen.shown(report, view)
        alike = replace(view, name=f"{view.name} of {found.by}", by=found.by)  # a rep's tables of teams have their own row of each
        known = {tuple(row[name] for name in found.by): row for row in all_of_it.shown(report, alike).rows}
        for row in (row for row in found.rows if within(row, seen)):
            assert same(row, known.get(tuple(row[name] for name in found.by)), found), (view.name, row, seen.filters)
            compared += 1
    return compared


def company_agrees(report: Report, seen: Seen, all_of_it: Seen) -> int:
    """Hold what a person of the whole company reads against what the executive does."""
    for view in (report.top, *views(report)):
        found, known = seen.shown(report, view), all_of_it.shown(report, view)
        assert len(found.rows) == len(known.rows)
        for row, hers in zip((*found.rows, found.total), (*known.rows, known.total), strict=True):
            assert same(row, hers, found), (view.name, row, seen.filters)
    return len(found.rows)


def agree(report: Report, seen: Seen, all_of_it: Seen) -> int:
    """Hold what one person reads against what the executive does: how many rows they could be held by."""
    whole = seen.reaches(Kind.LEAD if report is LEADS else Kind.CONTRACT) is Reach.COMPANY
    return company_agrees(report, seen, all_of_it) if whole else units_agree(report, seen, all_of_it)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_unit_has_the_same_figures_for_every_account_that_may_see_it(report: Report, demo: Demo, answers: Answers) -> None:
    compared = 0
    for filters in YEARS:
        look = partial(Seen, answers, filters=filters, today=demo.today)
        compared += sum(agree(report, look(who=who), look(who=demo.actor("chen"))) for who in who_may((report,), demo, ACCOUNTS[1:]))
    assert compared or not any(view.by in UNITS for view in views(report))


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_unit_has_the_same_figures_for_everybody_whatever_they_ask(report: Report, demo: Demo, answers: Answers) -> None:
    @settings(max_examples=10, phases=UNSHRUNK)
    @given(days(FIRST, demo.today), st.data())
    def everybody(asked: Filters, data: st.DataObject) -> None:
        for who in who_may((report,), demo, demo.actors):
            filters = data.draw(narrowed(asked, answers, replace(report, filters=EVERYWHERE), who.scope))
            look = partial(Seen, answers, filters=filters, today=demo.today)
            agree(report, look(who=who), look(who=demo.actor("chen")))

    everybody()


# ── within one report ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_costs_by_category_are_the_costs(filters: Filters, demo: Demo, answers: Answers) -> None:
    seen = Seen(answers, demo.actor("chen"), filters, demo.today)
    main, costs = (seen.table(CONTRACTS, name) for name in ("main", "costs"))
    by_category = {f"cost_amount_{row['cost_category']}": row["cost_amount"] for row in costs.rows}
    assert by_category
    assert {key: main.total[key] for key in by_category} == by_category
    for row in (*main.rows, main.total):
        assert row["cost_amount"] == sum(row[figure.key] for figure in main.columns if figure.key.startswith("cost_amount_"))
        assert row["margin_amount"] == row["contract_amount"] - row["cost_amount"]


@pytest.mark.parametrize("filters", YEARS, ids=lambda filters: filters.write())
def test_lost_and_stopped_split_by_product_are_all_that_was_lost_and_stopped(filters: Filters, demo: Demo, answers: Answers) -> None:
    seen = Seen(answers, demo.actor("chen"), filters, demo.today)
    products, main = (seen.table(LOSSES, name) for name in ("products", "main"))
    assert summed(products.rows, "not_won_amount") == products.total["not_won_amount"] == main.total["not_won_amount"]
    assert products.total["not_won_count"] == main.total["not_won_count"] < summed(products.rows, "not_won_count")
    assert abs(summed(main.rows, "share") - 1) < Decimal("0.0001")
    assert main.rows[-1]["running_share"] == 1


@pytest.mark.parametrize("preset", [Preset.THIS_YEAR, Preset.ALL])
def test_the_pace_ends_at_what_was_signed_and_what_was_planned(preset: Preset, demo: Demo, answers: Answers) -> None:
    seen = Seen(answers, demo.actor("chen"), Filters(preset), demo.today)
    pace = seen.table(PLAN, "pace")
    signed = [row["signed_amount"] for row in pace.rows if row["signed_amount"] is not None]
    assert signed[-1] == pace.total["signed_amount"]
    assert signed == sorted(signed)
    planned = [row["target_amount"] for row in pace.rows if row["target_amount"] is not None]
    assert planned[-1] == pace.total["target_amount"] == seen.table(PLAN, "main").total["target_amount"]
