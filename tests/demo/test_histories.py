# ruff: noqa: E501  (a question to the records is a line)
"""Histories are what the as-of view reads: legal acts in order, and today's state is what the last of them left."""

import itertools
from collections.abc import Sequence
from sqlite3 import Row

from crm.rules import stages
from crm.vocabulary import OpportunityAct, OpportunityStatus
from tests.demo.conftest import Book

BY_ACT = {act: (before, after) for before, moves in stages.MOVES.items() for after, act in moves.items()}


def _histories(book: Book) -> dict[int, list[Row]]:
    return book.grouped("select * from (select opportunity_id as first, h.* from opportunity_history h) order by opportunity_id, seq")


def test_acts_follow_one_another_as_the_rules_allow(book: Book) -> None:
    for history in _histories(book).values():
        assert [line["seq"] for line in history] == list(range(1, len(history) + 1))
        assert (history[0]["act"], history[0]["status"]) == ("created", "following")
        for before, line in itertools.pairwise(history):
            _check_step(before, line)


def _check_step(before: Row, line: Row) -> None:
    act = OpportunityAct(line["act"])
    assert act is not OpportunityAct.CREATED
    assert line["at"] > before["at"]
    assert line["recorded_on"] >= before["recorded_on"]
    assert line["day"] <= line["recorded_on"]
    was, becomes = OpportunityStatus(before["status"]), OpportunityStatus(line["status"])
    if act in {OpportunityAct.WON, OpportunityAct.LOST, OpportunityAct.STOPPED, OpportunityAct.REOPENED, OpportunityAct.VOIDED}:
        assert stages.move(was, becomes) is act
    else:
        assert was is becomes
    if act in {OpportunityAct.STAGE, OpportunityAct.AMOUNT, OpportunityAct.EXPECTED_CLOSE}:
        assert was is OpportunityStatus.FOLLOWING
    changing = {
        OpportunityAct.ASSIGNED: ("owner_id", "team_id"),
        OpportunityAct.STAGE: ("stage_id",),
        OpportunityAct.EXPECTED_CLOSE: ("expected_close_on",),
    }
    assert any(line[name] != before[name] for name in changing.get(act, ("at",))), act
    if act is not OpportunityAct.ASSIGNED:
        assert (line["owner_id"], line["team_id"]) == (before["owner_id"], before["team_id"])
    assert (line["loss_reason_id"] is not None) == (becomes in {OpportunityStatus.LOST, OpportunityStatus.STOPPED})
    assert line["day"] == line["recorded_on"] or act is OpportunityAct.WON


def test_an_opportunity_is_what_its_last_act_left(book: Book) -> None:
    histories = _histories(book)
    for now in book.rows("select * from opportunities"):
        history = histories.pop(now["id"])
        last = history[-1]
        for column, kept in {
            "status": "status", "stage_id": "stage_id", "owner_id": "owner_id", "team_id": "team_id", "expected_amount": "amount",
            "expected_close_on": "expected_close_on", "loss_reason_id": "loss_reason_id", "loss_competitor_id": "loss_competitor_id",
        }.items():  # fmt: skip
            assert now[column] == last[kept], (now["id"], column)
        assert now["created_on"] == history[0]["day"]
        assert now["created_at"] == history[0]["at"]
        assert now["first_owner_id"] == _first(history, "owner_id")
        assert now["first_team_id"] == _first(history, "team_id")
        assert now["version"] == len(history)
        assert now["closed_on"] == (None if now["status"] == "following" else _closing(history))
    assert histories == {}


def _first(history: Sequence[Row], column: str) -> int | None:
    return next((line[column] for line in history if line[column] is not None), None)


def _closing(history: Sequence[Row]) -> str:
    moves = [
        line for before, line in zip([None, *history], history, strict=False) if before is not None and before["status"] != line["status"]
    ]
    return str(moves[-1]["day"])


def test_an_opportunity_goes_where_its_customer_goes(book: Book) -> None:
    apart = "select o.id from opportunities o join customers c on c.id = o.customer_id where o.owner_id is not c.owner_id or o.team_id is not c.team_id"
    assert book.rows(apart) == []
    assert book.rows("select o.id from opportunities o join customers c on c.id = o.customer_id where o.created_on < c.created_on") == []


def test_assignments_hang_together_and_end_where_the_customer_is(book: Book) -> None:
    now = {row["id"]: (row["team_id"], row["owner_id"]) for row in book.rows("select id, team_id, owner_id from customers")}
    for customer, assignments in book.grouped("select customer_id, a.* from assignments a order by customer_id, id").items():
        for before, after in itertools.pairwise(assignments):
            assert (before["to_team_id"], before["to_owner_id"]) == (after["from_team_id"], after["from_owner_id"])
            assert before["at"] < after["at"]
        assert (assignments[-1]["to_team_id"], assignments[-1]["to_owner_id"]) == now[customer]


def test_won_is_what_has_one_valid_contract_of_that_day(book: Book) -> None:
    valid = book.grouped("select opportunity_id, c.* from contracts c where status <> 'voided'")
    signed = {
        row["contract_id"]: row["amount"] for row in book.rows("select contract_id, amount from contract_history where act = 'signed'")
    }
    for opportunity in book.rows("select * from opportunities"):
        contracts = valid.pop(opportunity["id"], [])
        if opportunity["status"] != "won":
            assert contracts == []
            continue
        (contract,) = contracts
        assert opportunity["expected_amount"] == signed[contract["id"]]
        assert opportunity["closed_on"] == contract["signed_on"]
        assert opportunity["customer_id"] == contract["customer_id"]
        assert (opportunity["source_id"], opportunity["campaign_id"]) == (contract["source_id"], contract["campaign_id"])
    assert valid == {}


def test_the_signer_is_whoever_followed_it_when_it_was_won(book: Book) -> None:
    strangers = (
        "select c.id from contracts c join opportunity_history h on h.opportunity_id = c.opportunity_id and h.act = 'won' and h.day = c.signed_on"
        " where h.owner_id is not c.signer_id or h.team_id is not c.signer_team_id or h.recorded_on <> c.recorded_on"
    )
    assert book.rows(strangers) == []


def test_lines_sum_to_what_is_expected(book: Book) -> None:
    wrong = (
        "select o.id from opportunities o join opportunity_lines l on l.opportunity_id = o.id group by o.id"
        " having (o.expected_amount is null) <> (count(l.amount) = 0) or sum(l.amount) <> o.expected_amount"
    )
    assert book.rows(wrong) == []


def test_the_system_sets_the_stages_of_quote_and_contract(book: Book) -> None:
    assert book.rows("select id from opportunity_history where (stage_id = 4) <> (status = 'won')") == []
    unquoted = "select h.id from opportunity_history h where act = 'stage' and stage_id = 3 and not exists (select 1 from quotes q where q.opportunity_id = h.opportunity_id and q.submitted_on = h.day)"
    assert book.rows(unquoted) == []


def test_follow_ups_are_written_by_the_owner_of_the_day(book: Book) -> None:
    histories = _histories(book)
    for note in book.rows("select opportunity_id, by_id, team_id, day, recorded_on from follow_ups"):
        known = [line for line in histories[note["opportunity_id"]] if line["recorded_on"] <= note["day"]]
        assert (note["by_id"], note["team_id"]) == (known[-1]["owner_id"], known[-1]["team_id"])
    latest = (
        "select o.id from opportunities o left join (select opportunity_id, max(day) as day from follow_ups group by 1) f on f.opportunity_id = o.id"
        " where o.last_followed_up_on is not f.day"
    )
    assert book.rows(latest) == []


def test_a_loss_to_a_competitor_was_met_before(book: Book) -> None:
    unmet = (
        "select o.id from opportunities o where loss_competitor_id is not null and not exists"
        " (select 1 from competition_records r where r.opportunity_id = o.id and r.competitor_id = o.loss_competitor_id and r.day <= o.closed_on)"
    )
    assert book.rows(unmet) == []
