"""Every table of the reports equals the oracle's: plain Python over the operational rows, for each person, whatever they ask."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crm.rules.periods import Compare, Period, Preset
from dashboard.queries import REPORTS
from dashboard.queries.answers import Answers
from dashboard.queries.choices import meant
from dashboard.queries.filters import Filters
from dashboard.queries.placed import Placed
from dashboard.queries.report import Report
from tests.reports.conftest import ACCOUNTS, Demo
from tests.reports.oracle.books import Books
from tests.reports.oracle.compare import WHOLE, differences
from tests.reports.oracle.questions import days, narrowed
from tests.reports.oracle.tables import Oracle

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A difference names its cell and its question already; making the question smaller would take minutes."""

FIRST = date(2021, 1, 1)


@pytest.fixture(scope="module")
def oracle(demo: Demo) -> Oracle:
    return Oracle(Books(demo.engine), demo.today)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_report_says_what_the_books_say(report: Report, demo: Demo, answers: Answers, oracle: Oracle) -> None:
    ask(report, demo, answers, oracle, 4)


AWKWARD = (
    Filters(Preset.THIS_MONTH, as_of=date(2025, 12, 20)),  # looked at before the period began
    Filters(Preset.LAST_YEAR, as_of=date(2026, 6, 30), compare=Compare.YEAR),  # looked at long after it ended
    Filters(Preset.THIS_YEAR, as_of=date(2026, 5, 31), compare=Compare.PREVIOUS),  # a month that is longer than the one before
    Filters(Preset.CUSTOM, Period.of(date(2024, 2, 29), date(2024, 2, 29)), compare=Compare.YEAR),
    Filters(Preset.ALL),
)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
@pytest.mark.parametrize("filters", AWKWARD, ids=lambda filters: filters.write())
def test_awkward_days_are_no_exception(report: Report, filters: Filters, demo: Demo, answers: Answers, oracle: Oracle) -> None:
    for login in ("chen", "wang"):
        assert differences(answers, oracle, report, demo.actor(login).scope, filters) == []


@pytest.mark.parametrize("name", ["reason", "status"])
def test_a_reason_is_nothing_that_a_win_has_nor_is_it_among_the_lost_and_the_stopped(
    name: str, demo: Demo, answers: Answers, oracle: Oracle
) -> None:
    losses = next(report for report in REPORTS if report.key == "loss_analysis")
    chen = demo.actor("chen")
    for chosen in sorted(answers.offered(name, chen.scope) or ())[:2]:
        filters = Filters(Preset.ALL).choose(name, [chosen])
        assert differences(answers, oracle, losses, chen.scope, filters) == []
        answer = answers.table(losses, losses.top, chen.scope, filters, demo.today).table
        assert (answer.total["won_count"], answer.total["win_rate"], answer.missing["won_count"]) == (None, None, (name,))
        assert answer.total["not_won_count"]


def test_the_status_of_a_closing_can_be_chosen_by_its_word(demo: Demo, answers: Answers) -> None:
    losses = next(report for report in REPORTS if report.key == "loss_analysis")
    chen, counts = demo.actor("chen"), ("not_won_count", "lost_count", "stopped_count")
    whole, lost, stopped = (
        answers.table(losses, losses.top, chen.scope, Filters(Preset.ALL).choose("status", ids), demo.today).table.total
        for ids in ([], *(meant("status", word, chen.scope, answers.names) for word in ("lost", "stopped")))
    )
    assert [lost[key] for key in counts] == [whole["lost_count"], whole["lost_count"], 0]
    assert [stopped[key] for key in counts] == [whole["stopped_count"], 0, whole["stopped_count"]]


@pytest.mark.parametrize(
    "filters", [Filters(Preset.ALL), Filters(Preset.THIS_YEAR).choose("team", [1])], ids=lambda filters: filters.write()
)
def test_a_place_is_one_more_than_there_are_larger_amounts(filters: Filters, demo: Demo, answers: Answers) -> None:
    ranking = next(report for report in REPORTS if report.key == "rep_ranking")
    main, chen = ranking.view("main"), demo.actor("chen").scope
    everybody = answers.table(ranking, main, chen, replace(filters, chosen=()), demo.today).table.rows  # type: ignore[arg-type]
    signed: dict[int, Decimal] = {}
    for row in everybody:
        signed[row["rep"]] = signed.get(row["rep"], Decimal(0)) + row["signed_amount"]
    for row in answers.table(ranking, main, chen, filters, demo.today).table.rows:  # type: ignore[arg-type]
        in_team = [other["signed_amount"] for other in everybody if other["team"] == row["team"]]
        assert row["rank_in_company"] == 1 + sum(amount > signed[row["rep"]] for amount in signed.values())
        assert row["rank_in_team"] == 1 + sum(amount > row["signed_amount"] for amount in in_team)


PLACED = [(report, view) for report in REPORTS for view in report.views if isinstance(view, Placed)]


@pytest.mark.parametrize("login", ["chen", "lin", "wang"])
@pytest.mark.parametrize(("report", "view"), PLACED, ids=[f"{report.key}-{view.name}" for report, view in PLACED])
def test_a_rank_in_a_table_counts_who_is_ahead_within_reach(
    report: Report, view: Placed, login: str, demo: Demo, answers: Answers
) -> None:
    scope = demo.actor(login).scope
    for filters in (Filters(Preset.THIS_YEAR), Filters(Preset.THIS_YEAR).choose("team", [1])):
        shown, everybody = (
            answers.table(report, view, scope, asked, demo.today, WHOLE if view.paged else None).table
            for asked in (filters, replace(filters, chosen=()) if "team" in view.by else filters)
        )
        amounts: dict[int, Decimal] = {}
        for row in everybody.rows:
            if row[shown.by[-1]] is not None:
                amounts[row[shown.by[-1]]] = amounts.get(row[shown.by[-1]], Decimal(0)) + row[view.order]
        for row in shown.rows:
            own = amounts.get(row[shown.by[-1]])
            ahead = None if own is None or (login != "chen" and "team" in view.by) else sum(amount > own for amount in amounts.values())
            assert row[view.figures[0].key] == (None if ahead is None else 1 + ahead)
        assert shown.rows


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_a_report_says_what_the_books_say_a_hundred_times(report: Report, demo: Demo, answers: Answers, oracle: Oracle) -> None:
    ask(report, demo, answers, oracle, 100)


def ask(report: Report, demo: Demo, answers: Answers, oracle: Oracle, times: int) -> None:
    """Hold a report against the oracle under so many random questions of each demo person, and of one more colleague each time.

    All ask about the same days, each with values of their own, so that the oracle reads the books once for all of them.
    """
    known = [login for login in ACCOUNTS if report.open_to(demo.actor(login).roles)]
    others = [login for login in sorted({*demo.actors} - {*ACCOUNTS}) if report.open_to(demo.actor(login).roles)]

    @settings(max_examples=times, phases=UNSHRUNK)
    @given(days(FIRST, demo.today), st.sampled_from(others), st.data())
    def holds(asked: Filters, another: str, data: st.DataObject) -> None:
        for login in (*known, another):
            scope = demo.actor(login).scope
            filters = data.draw(narrowed(asked, answers, report, scope))
            assert differences(answers, oracle, report, scope, filters) == [], login

    holds()
