"""What stood on past days: kept by the generator then, replayed from the books, asked of the warehouse, read in reports; all the same."""

import json
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm.rules.periods import Preset
from crm.vocabulary import ContractStatus, OpportunityStatus
from dashboard.queries import report
from dashboard.queries.compose import Page
from dashboard.queries.filters import Filters
from dashboard.queries.report import View
from etl import snapshots
from tests.reports.conftest import Demo
from tests.reports.oracle import standing
from tests.reports.oracle.books import Books
from tests.reports.oracle.facts import bucket
from tests.reports.oracle.windows import ALL, Window

Rows = Counter[tuple[Any, ...]]
EPOCH = date(1970, 1, 1)
AGEING = ("ageing_1_30", "ageing_31_60", "ageing_61_90", "ageing_over_90")


@pytest.fixture(scope="module")
def kept(demo: Demo) -> dict[date, dict[str, Rows]]:
    """The rows that were kept, by day and kind."""
    days = json.loads(demo.snapshots.read_text(encoding="utf-8"))
    return {
        date.fromisoformat(day): {kind: Counter(zip(*columns.values(), strict=True)) for kind, columns in kinds.items()}
        for day, kinds in days.items()
    }


def cents(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)


def test_many_days_are_kept_and_something_stood_on_each(kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    assert len(kept) >= 8
    assert max(kept) == demo.today - timedelta(days=1)
    for kinds in kept.values():
        assert set(kinds) == {"opportunities", "contracts", "instalments"}
        assert all(max(rows.values()) == 1 for rows in kinds.values())
        assert kinds["opportunities"]
    assert all(sum(len(kinds[kind]) for kinds in kept.values()) > 200 for kind in REPLAYED)


def test_some_of_them_are_days_whose_books_were_not_complete_that_evening(kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    """Otherwise the two views of a past day could not be told apart by them."""
    books = Books(demo.engine)
    known_later = [
        day
        for day in kept
        if {kind: seen(books, day) for kind, seen in REPLAYED.items()} != {kind: seen(books, day, False) for kind, seen in REPLAYED.items()}
    ]
    assert len(known_later) >= 3


def test_the_warehouse_answers_as_was_kept(demo: Demo) -> None:
    assert snapshots.differences(demo.store, demo.snapshots) == []


def test_a_row_that_differs_is_named(demo: Demo, kept: dict[date, dict[str, Rows]], tmp_path: Path) -> None:
    forged = json.loads(demo.snapshots.read_text(encoding="utf-8"))
    day = max(forged)
    forged[day]["contracts"]["received"][0] += 1
    (tmp_path / "forged.json").write_text(json.dumps(forged), encoding="utf-8")
    (fault,) = snapshots.differences(demo.store, tmp_path / "forged.json")
    assert (fault.relation, fault.rule) == ("balance", f"contracts on {day} as kept then")
    assert fault.found.startswith(f"1 missing, 1 new: - ({forged[day]['contracts']['id'][0]}, ")


# ── replayed from the books ──────────────────────────────────────────────────────────────────────────────────────────────────
def at(day: date, past: bool = True) -> Window:
    return Window(*ALL, day, past)


def open_ones(books: Books, day: date, past: bool = True) -> Rows:
    """Opportunities that are followed after their last act that is seen."""
    acts = ((row.id, standing.opportunity(books, row, at(day, past))) for row in books.opportunities)
    following = ((id, act) for id, act in acts if act and act.status is OpportunityStatus.FOLLOWING)
    return Counter(
        (id, act.stage_id, act.owner_id, act.team_id, cents(act.amount), products(books, id, day, past)) for id, act in following
    )


def products(books: Books, opportunity: int, day: date, past: bool) -> int:
    """The products that it contained, bit by bit."""
    return sum(1 << line.product_id - 1 for line in standing.opportunity_lines(books, opportunity, at(day, past)))


def contracts(books: Books, day: date, past: bool = True) -> Rows:
    """Contracts in progress after their last act that is seen, with what had come in."""
    found: Rows = Counter()
    for row in books.contracts:
        stood = standing.contract(books, row, at(day, past))
        if stood and stood.status is ContractStatus.IN_PROGRESS:
            received = standing.received(books, row.id, at(day, past))
            found[row.id, stood.carer, stood.team, *map(cents, (stood.amount, received, max(stood.amount - received, Decimal(0))))] += 1
    return found


def instalments(books: Books, day: date, past: bool = True) -> Rows:
    """What was missing of the plans in force, receipt by receipt."""
    found: Rows = Counter()
    for contract in (key[0] for key in contracts(books, day, past)):
        for no, due_on, _amount, open_part in standing.unpaid(books, contract, at(day, past)):
            if open_part:
                found[contract, no, (due_on - EPOCH).days, cents(open_part)] += 1
    return found


REPLAYED = {"opportunities": open_ones, "contracts": contracts, "instalments": instalments}


@pytest.mark.parametrize("kind", REPLAYED)
def test_replaying_the_books_to_the_end_of_the_day_gives_what_was_kept(kind: str, kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    books = Books(demo.engine)
    for day, kinds in kept.items():
        assert REPLAYED[kind](books, day) == kinds[kind], day


# ── read in the reports ──────────────────────────────────────────────────────────────────────────────────────────────────────
def rows(demo: Demo, key: str, name: str, day: date) -> list[dict[str, Any]]:
    """A table of the whole company as of that day."""
    asked, view = report(key), report(key).view(name)
    assert isinstance(view, View)
    filters, scope = Filters(Preset.ALL, as_of=day), demo.actor("chen").scope
    return demo.answers.table(asked, view, scope, filters, demo.today, Page(count=1_000_000) if view.paged else None).table.rows


def summed(rows: Rows, by: tuple[int, ...], what: int) -> dict[tuple[Any, ...], int]:
    """Amounts by these columns; what is nothing is left out."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        found[tuple(row[place] for place in by)] += row[what] or 0
    return {key: amount for key, amount in found.items() if amount}


def shown(rows: list[dict[str, Any]], by: tuple[str, ...], figure: str) -> dict[tuple[Any, ...], int | None]:
    return {tuple(row[name] for name in by): cents(row[figure]) for row in rows if row[figure]}


@pytest.mark.parametrize(
    "place", [("plan_completion", "reps"), ("team_followup", "reps"), ("rep_outcomes", "main")], ids=lambda place: place[0]
)
def test_open_amounts_of_each_rep_are_those_that_were_kept(place: tuple[str, str], kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    for day, kinds in kept.items():
        found = rows(demo, *place, day)
        assert shown(found, ("team", "rep"), "open_amount") == summed(kinds["opportunities"], (3, 2), 4), day
        if place[0] != "plan_completion":
            counted = Counter((team, rep) for _id, _stage, rep, team, *_others in kinds["opportunities"])
            assert {(row["team"], row["rep"]): row["open_count"] for row in found if row["open_count"]} == counted, day


def test_weighted_amounts_are_what_was_kept_by_the_probabilities_of_that_day(kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    books = Books(demo.engine)
    for day, kinds in kept.items():
        weighted: Counter[tuple[Any, ...]] = Counter()
        for _id, stage, rep, team, amount, _products in kinds["opportunities"]:
            part = standing.half_up(Decimal(amount or 0) / 100 * standing.probability(books, stage, day))
            weighted[team, rep] += cents(part) or 0
        assert shown(rows(demo, "plan_completion", "reps", day), ("team", "rep"), "weighted_amount") == {
            unit: amount for unit, amount in weighted.items() if amount
        }, day


def test_open_amounts_by_stage_are_those_that_were_kept(kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    for day, kinds in kept.items():
        found = {
            (row["team"], int(key.removeprefix("open_amount_"))): cents(amount)
            for row in rows(demo, "team_followup", "main", day)
            for key, amount in row.items()
            if key.startswith("open_amount_") and amount
        }
        assert found == summed(kinds["opportunities"], (3, 1), 4), day


def test_receivables_of_each_contract_are_those_that_were_kept(kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    for day, kinds in kept.items():
        overdue = Counter({row: 1 for row in kinds["instalments"] if EPOCH + timedelta(days=row[2]) < day})
        for place in (("contracts_in_progress", "main"), ("collection_progress", "contracts")):
            found = rows(demo, *place, day)
            for figure, column in (("contract_amount", 3), ("received_to_date", 4), ("outstanding_amount", 5)):
                assert shown(found, ("contract",), figure) == summed(kinds["contracts"], (0,), column), (place, figure, day)
            assert shown(found, ("contract",), "overdue_amount") == summed(overdue, (0,), 3), (place, day)
        found = rows(demo, "contracts_in_progress", "teams", day)
        assert shown(found, ("team",), "outstanding_amount") == summed(kinds["contracts"], (2,), 5), day


def test_the_age_of_what_was_overdue_is_that_of_the_instalments_that_were_kept(kept: dict[date, dict[str, Rows]], demo: Demo) -> None:
    for day, kinds in kept.items():
        teams = {contract: team for contract, _carer, team, *_amounts in kinds["contracts"]}
        aged: dict[tuple[int, str], int] = Counter()
        for contract, _no, due_on, open_part in kinds["instalments"]:
            late = (day - EPOCH).days - due_on
            if late > 0:
                aged[teams[contract], bucket(late)] += open_part
        for place in (("contracts_in_progress", "ageing"), ("collection_progress", "teams")):
            found = rows(demo, *place, day)
            assert {(row["team"], key): cents(row[key]) for row in found for key in AGEING if row[key]} == aged, (place, day)
