"""The list of opportunities: what is asked for, in order, without gaps, and never more than is within reach."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from crm.db import reading, transaction
from crm.services import opportunity_list
from crm.services.inputs import NotAChoice
from crm.services.opportunity_list import Asked, Order
from crm.vocabulary import OpportunityStatus
from tests.people import LIN, PROPOSAL, QUOTED, TALKS, WANG, WEB, ZHAO, a_customer, actor, an_opportunity

S = OpportunityStatus


@pytest.fixture
def office(engine: Engine) -> Engine:
    """The company, with five opportunities of East and one of West."""
    with transaction(engine) as session:
        fill(session)
    return engine


def fill(session: Session) -> None:
    cheap = {"stage": QUOTED, "amount": "1000.00", "created": date(2026, 1, 5), "expected_close": date(2026, 12, 1)}
    an_opportunity(session, "A 云盘", customer=a_customer(session, "恒力机械"), **cheap)  # type: ignore[arg-type]
    an_opportunity(session, "B 培训", amount="5000.00", stage=TALKS, created=date(2026, 2, 5), expected_close=date(2026, 10, 1))
    an_opportunity(session, "C 100%", amount=None, stage=PROPOSAL, created=date(2026, 3, 5))
    an_opportunity(session, "D 云盘", amount="3000.00", stage=TALKS, created=date(2026, 3, 5), status=S.LOST, source=None)
    an_opportunity(session, "E 续约", owner=LIN, amount="3000.00", stage=TALKS, created=date(2026, 1, 1))
    an_opportunity(session, "F 西部云盘", owner=ZHAO, created=date(2026, 4, 1))


def titles(engine: Engine, who: str, asked: Asked, start: int = 0, count: int = 100) -> str:
    """The first letters of the titles that somebody sees."""
    with reading(engine) as session:
        return "".join(row.title[0] for row in opportunity_list.page(session, actor(session, who), asked, start, count))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(), "DCBAE"),
        (Asked(descending=False), "EABCD"),
        (Asked(order=Order.EXPECTED_AMOUNT), "BEDAC"),
        (Asked(order=Order.EXPECTED_AMOUNT, descending=False), "CADEB"),
        (Asked(order=Order.EXPECTED_CLOSE_ON), "ABEDC"),
        (Asked(order=Order.STAGE, descending=False), "BDECA"),
        (Asked(statuses=(S.LOST,)), "D"),
        (Asked(stages=(TALKS,)), "DBE"),
        (Asked(reps=(LIN,)), "E"),
        (Asked(reps=(ZHAO,)), ""),
        (Asked(teams=(2,)), ""),
        (Asked(sources=(WEB,)), "CBAE"),
        (Asked(text="云盘"), "DA"),
        (Asked(text="恒力"), "A"),
        (Asked(text="100%"), "C"),
        (Asked(text="_"), ""),
        (Asked(text="云盘", statuses=(S.FOLLOWING,)), "A"),
    ],
)
def test_lin_sees_her_teams_rows_as_asked(office: Engine, asked: Asked, expected: str) -> None:
    assert titles(office, "lin", asked) == expected


def test_everybody_sees_their_own_reach(office: Engine) -> None:
    assert {who: titles(office, who, Asked()) for who in ("chen", "lin", "wang", "sun", "zhao", "fang", "mei", "ada")} == {
        "chen": "FDCBAE", "lin": "DCBAE", "wang": "DCBA", "sun": "F", "zhao": "F", "fang": "", "mei": "", "ada": ""
    }  # fmt: skip


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("descending", [True, False])
def test_pages_have_no_gap_and_no_double(office: Engine, order: Order, descending: bool) -> None:
    asked = Asked(order=order, descending=descending)
    whole = titles(office, "chen", asked)
    assert len(set(whole)) == 6
    assert "".join(titles(office, "chen", asked, start, 2) for start in range(0, 8, 2)) == whole


def test_the_number_of_rows_is_that_of_the_reach(office: Engine) -> None:
    with reading(office) as session:
        assert opportunity_list.counted(session, actor(session, "wang"), Asked()) == 4
        assert opportunity_list.counted(session, actor(session, "chen"), Asked(text="云盘")) == 3


def test_the_list_ends_and_says_that_it_goes_on(office: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opportunity_list, "MOST", 3)
    assert titles(office, "chen", Asked()) == "FDC"
    assert titles(office, "chen", Asked(), start=2) == "C"
    assert titles(office, "chen", Asked(), start=5) == ""
    with reading(office) as session:
        assert opportunity_list.counted(session, actor(session, "chen"), Asked()) == 4


@pytest.mark.parametrize(
    "wished", [{"status": "married"}, {"stage": "x"}, {"rep": ["1", "2; drop table"]}, {"sort": "password_hash"}, {"team": "9" * 30}]
)
def test_an_address_that_nobody_offered_is_a_sentence(wished: dict[str, object]) -> None:
    with pytest.raises(NotAChoice):
        Asked.of(wished)


def test_an_address_means_what_it_says() -> None:
    wished = {"q": " 云盘 ", "status": ["lost", "stopped"], "stage": "1", "rep": [str(WANG)], "sort": "stage", "dir": "asc"}
    expected = Asked(statuses=(S.LOST, S.STOPPED), stages=(1,), reps=(WANG,), text="云盘", order=Order.STAGE, descending=False)
    assert Asked.of(wished) == expected
