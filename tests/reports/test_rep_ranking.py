"""Rep ranking: competition ranks over everybody, and what a rep of one team may know of those of another."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.periods import Compare, Period, Preset
from crm.vocabulary import Kind, Reach, Unit
from dashboard import exports
from dashboard.i18n import NOTHING, full
from dashboard.queries.answers import Answers
from dashboard.queries.filters import Filters, Question
from dashboard.queries.measures.signings import RANK_MOVEMENT
from dashboard.queries.ranking import Place, moved, places, ranks, told, whole_months
from dashboard.queries.rep_ranking import REPORT
from dashboard.queries.report import Report, View
from dashboard.queries.signing_bulletin import REPORT as BULLETIN
from dashboard.queries.warehouse import values_of
from tests.people import CHEN, CRM_SUITE, EAST, LIN, SUN, TODAY, WANG, WEST, ZHAO
from tests.reports.company import Company, actor
from tests.reports.conftest import Demo
from tests.reports.seen import Seen

OCTOBER = date(2026, 10, 15)
MONTH = Filters()
LAST_MONTH = Filters(Preset.LAST_MONTH)


@pytest.fixture
def company() -> Company:
    return Company()


def rows(company: Company, who: int, filters: Filters = MONTH, report: Report = REPORT, view: str = "main") -> list[dict[str, Any]]:
    shown = report.view(view)
    assert isinstance(shown, View)
    return company.answers.table(report, shown, actor(who).scope, filters, TODAY).table.rows


def standing(found: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["rep"], row["signed_amount"], row["rank_in_company"], row["rank_in_team"]) for row in found]


# ── ranks ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_equal_amounts_share_a_rank_and_the_next_one_counts_them_all() -> None:
    assert ranks({"a": Decimal(5), "b": Decimal(9), "c": Decimal(5), "d": Decimal(1)}) == {"b": 1, "a": 2, "c": 2, "d": 4}


@given(st.dictionaries(st.integers(), st.decimals(0, 100, places=2), max_size=12))
def test_a_rank_is_one_more_than_the_number_of_those_ahead(amounts: dict[int, Decimal]) -> None:
    assert ranks(amounts) == {key: 1 + sum(other > amount for other in amounts.values()) for key, amount in amounts.items()}


def test_who_changed_teams_has_a_rank_in_each_and_one_in_the_company() -> None:
    field: dict[Any, Decimal] = {(EAST, 1): Decimal(6), (WEST, 1): Decimal(5), (EAST, 2): Decimal(10), (WEST, 3): Decimal(9)}
    field |= {(None, None): Decimal(99), (None, 4): Decimal(1)}
    assert places(field) == {
        (EAST, 1): Place(2, 1), (WEST, 1): Place(2, 1), (EAST, 2): Place(1, 2), (WEST, 3): Place(1, 3),
        (None, None): Place(None, None), (None, 4): Place(None, 4),
    }  # fmt: skip


def test_movement_is_known_where_both_ranks_are() -> None:
    assert moved(Place(1, 2), Place(1, 5)) == 3
    assert moved(Place(1, 5), Place(1, 2)) == -3
    assert moved(Place(1, 2), None) is None
    assert moved(Place(1, None), Place(1, 2)) is None


def test_ranks_are_those_before_team_and_rep_filters(company: Company) -> None:
    company.signed(owner=ZHAO, amount=500)
    company.signed(owner=WANG, amount=300)
    company.signed(owner=LIN, amount=300)
    everybody = [(ZHAO, 500, 1, 1), (LIN, 300, 2, 1), (WANG, 300, 2, 1), (SUN, 0, 4, 2)]  # 林 sounds before 王
    assert standing(rows(company, CHEN)) == everybody
    assert standing(rows(company, CHEN, MONTH.choose("team", [EAST]))) == everybody[1:3]
    assert standing(rows(company, CHEN, MONTH.choose("rep", [WANG]))) == [everybody[2]]


def test_movement_is_against_the_compared_period(company: Company) -> None:
    company.signed(OCTOBER, ZHAO, 900)
    company.signed(OCTOBER, WANG, 100)
    company.signed(owner=WANG, amount=200)
    compared = replace(MONTH, compare=Compare.PREVIOUS)
    assert {row["rep"]: row["rank_movement"] for row in rows(company, CHEN, compared)} == {WANG: 1, ZHAO: -1, LIN: 1, SUN: 1}
    assert all(row["rank_movement"] is None for row in rows(company, CHEN))


def test_places_gained_and_lost_are_written_with_their_sign() -> None:
    """Chen reads who rose and who fell on every sheet; a spreadsheet still has a number, and other programs a plain one."""
    assert [full(places, Unit.MOVE) for places in (2, -2, 0, None)] == ["+2", "−2", "0", NOTHING]
    column = exports.Column("rank_movement", "Movement", RANK_MOVEMENT.unit.value, lambda row: row["rank_movement"])
    rows = [{"rank_movement": 2}, {"rank_movement": -2}, {"rank_movement": 0}, {"rank_movement": None}]
    assert [exports.written(column, column.of(row)) for row in rows] == ["+2", "−2", "0", NOTHING]
    file = io.BytesIO()
    exports.workbook(file, [], [exports.Sheet("Ranking", [column], rows)])
    found = openpyxl.load_workbook(file)["Ranking"]["A"][1:4]
    assert [(cell.value, cell.number_format) for cell in found] == [(places, '+0;"−"0;0') for places in (2, -2, 0)]
    plain = io.BytesIO()
    exports.delimited(plain, exports.Sheet("Ranking", [column], rows))
    assert plain.getvalue().decode("utf-8-sig").split() == ["Movement", "2", "-2", "0", '""']


def test_who_left_is_listed_with_what_they_signed_and_not_without(company: Company) -> None:
    company.connection.execute("update mart.person set active = false where user_id in (?, ?)", [ZHAO, SUN])
    company.signed(owner=ZHAO, amount=500)
    company.target(1000, owner=SUN)
    assert [row["rep"] for row in rows(company, CHEN)] == [ZHAO, LIN, WANG]


# ── what others may know ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_all_reps_read_names_ranks_and_amounts_and_nothing_else(company: Company) -> None:
    company.signed(owner=ZHAO, amount=500)
    company.signed(owner=WANG, amount=300)
    company.target(1000, owner=ZHAO)
    company.target(600, owner=WANG)
    found = {row["rep"]: row for row in rows(company, WANG)}
    assert standing(list(found.values())) == standing(rows(company, CHEN))
    assert (found[WANG]["signed_count"], found[WANG]["target_amount"], found[WANG]["completion_rate"]) == (1, 600, Decimal("0.5"))
    assert told(rows(company, WANG)), "the dashes in the rows of others have their reason below the table"
    assert told(rows(company, CHEN)) == "", "and nobody reads of it who sees all"
    known = {key for key, value in found[ZHAO].items() if value is not None}
    assert known == {"team", "rep", "team_label", "rep_label", "rank_in_team", "rank_in_company", "signed_amount", "beyond", "own"}
    teams = rows(company, WANG, report=BULLETIN, view="teams")
    assert [(row["team"], row["signed_amount"], row["rank_in_company"], row["signed_count"]) for row in teams] == [
        (WEST, 500, 1, None),
        (EAST, 300, 2, None),
    ]
    total = company.answers.table(REPORT, REPORT.view("main"), actor(WANG).scope, MONTH, TODAY).table.total  # type: ignore[arg-type]
    assert set(total.values()) == {None}


NARROW = (
    Filters(Preset.CUSTOM, Period.of(date(2026, 11, 5), date(2026, 11, 5))),
    Filters(Preset.CUSTOM, Period.of(date(2026, 11, 1), date(2026, 11, 20))),
    Filters(Preset.THIS_WEEK),
    Filters(as_of=date(2026, 11, 6)),
    Filters(Preset.LAST_MONTH, as_of=date(2026, 11, 6)),
    MONTH.choose("product", [CRM_SUITE]),
    MONTH.choose("source", [1]),
    MONTH.choose("campaign", [1]),
)


@pytest.mark.parametrize("filters", NARROW, ids=lambda filters: filters.write())
def test_a_day_or_a_product_shows_nobody_elses_signing(filters: Filters, company: Company) -> None:
    company.signed(date(2026, 11, 5), ZHAO, 500)
    company.signed(date(2026, 11, 5), WANG, 300)
    company.signed(date(2026, 11, 5), LIN, 100)
    for report, view in ((REPORT, "main"), (BULLETIN, "reps"), (BULLETIN, "teams")):
        for row in rows(company, WANG, filters, report, view):
            assert (row["rep"], row["rank_in_company"], row["rank_in_team"]) == (WANG, None, None)
    assert {row["rep"]: row["rank_in_team"] for row in rows(company, LIN, filters) if row["signed_amount"]}.keys() <= {WANG, LIN}
    assert all(row["rank_in_company"] is None and row["team"] == EAST for row in rows(company, LIN, filters))


def test_a_part_of_the_month_before_moves_nobody(company: Company) -> None:
    company.signed(date(2026, 10, 2), ZHAO, 500)
    company.signed(owner=WANG, amount=300)
    compared = replace(MONTH, compare=Compare.PREVIOUS)  # the first 23 days of October
    assert {row["rank_movement"] for row in rows(company, WANG, compared)} == {None}
    whole = replace(LAST_MONTH, compare=Compare.PREVIOUS)
    assert {row["rep"]: row["rank_movement"] for row in rows(company, WANG, whole)} == {ZHAO: 0, WANG: -1, LIN: -1, SUN: -1}


def test_with_the_setting_off_there_is_the_own_rank_and_the_own_figures(company: Company) -> None:
    company.connection.execute("update mart.settings set ranking_visible = false")
    company.signed(owner=ZHAO, amount=500)
    company.signed(owner=WANG, amount=300)
    assert standing(rows(company, WANG)) == [(WANG, 300, 2, 1)]
    assert standing(rows(company, ZHAO)) == [(ZHAO, 500, 1, 1)]
    assert standing(rows(company, LIN)) == [(WANG, 300, None, 1), (LIN, 0, 3, 2)]
    assert [(row["team"], row["rank_in_company"]) for row in rows(company, LIN, report=BULLETIN, view="teams")] == [(EAST, 2)]
    assert standing(rows(company, WANG, NARROW[0])) == [(WANG, 0, None, None)]


@pytest.mark.parametrize(
    ("first", "last", "state", "past", "whole"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), TODAY, False, True),
        (date(2026, 1, 1), date(2026, 3, 31), date(2026, 3, 31), False, True),
        (date(2026, 11, 1), TODAY, TODAY, False, False),
        (date(2026, 10, 2), date(2026, 10, 31), date(2026, 10, 31), False, False),
        (date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 20), True, False),
        (date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 31), True, True),
        (date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 10), True, False),
    ],
)
def test_a_ranking_of_all_is_one_of_whole_months(first: date, last: date, state: date, past: bool, whole: bool) -> None:
    assert whole_months(Question(Period.of(first, last), state, TODAY, past)) is whole


# ── in the demo company ──────────────────────────────────────────────────────────────────────────────────────────────────────
SAID = {"team", "rep", "team_label", "rep_label", "rank_in_team", "rank_in_company", "rank_movement", "signed_amount"}
"""What the lists tell of people out of reach."""
LISTS = ((REPORT, "main"), (BULLETIN, "reps"), (BULLETIN, "teams"))


@pytest.mark.parametrize(
    ("filters", "shared"),
    [
        (Filters(Preset.THIS_YEAR, compare=Compare.YEAR), True),
        (Filters(Preset.LAST_MONTH).choose("team", [1, 2]), True),
        (Filters(Preset.LAST_QUARTER, as_of=date(2026, 8, 20)), False),
        (Filters(Preset.THIS_YEAR).choose("product", [1]), False),
        (Filters(Preset.THIS_YEAR).choose("campaign", [1]), False),
    ],
    ids=lambda value: value.write() if isinstance(value, Filters) else "",
)
def test_what_is_told_of_others_is_what_the_executive_reads_and_no_more(
    filters: Filters, shared: bool, demo: Demo, answers: Answers
) -> None:
    told = 0
    sellers = [who for who in demo.actors.values() if REPORT.open_to(who.roles)]
    for who in (one for one in sellers if one.scope.over(Kind.CONTRACT) is not Reach.COMPANY):
        for listed, name in LISTS:
            mine, all_of_it = (Seen(answers, one, filters, demo.today).table(listed, name) for one in (who, demo.actor("chen")))
            known = dict(zip(values_of(all_of_it.rows, all_of_it.by), all_of_it.rows, strict=True))
            for row in (row for row in mine.rows if row.get("beyond")):
                said = {key: value for key, value in row.items() if value is not None and key not in ("beyond", "own")}
                assert said.keys() <= SAID
                assert said.items() <= known[values_of([row], mine.by)[0]].items()
                told += 1
    assert bool(told) is shared
