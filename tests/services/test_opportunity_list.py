"""The list of opportunities: what is asked for, in order, without gaps, and never more than is within reach."""

import json
from datetime import date

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.db import reading, transaction
from crm.models import Customer, Opportunity
from crm.services import list_search, lists
from crm.services.input_faults import NotAChoice
from crm.services.list_terms import Asked
from crm.services.opportunity_list import OPPORTUNITIES
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


def titles(engine: Engine, who: str, wished: dict[str, object], skip: int = 0, count: int = 100) -> str:
    """The first letters of the titles that somebody sees."""
    with reading(engine) as session:
        rows = OPPORTUNITIES.page(session, actor(session, who), OPPORTUNITIES.asked(wished), skip=skip, count=count)
        return "".join(row.title[0] for row in rows)


@pytest.mark.parametrize(
    ("wished", "expected"),
    [
        ({}, "DCBAE"),
        ({"sort": "created_on", "dir": "asc"}, "EABCD"),
        ({"sort": "expected_amount"}, "BEDAC"),
        ({"sort": "expected_amount", "dir": "asc"}, "CADEB"),
        ({"sort": "expected_close_on"}, "ABEDC"),
        ({"sort": "stage", "dir": "asc"}, "BDECA"),
        ({"status": "lost"}, "D"),
        ({"stage": [TALKS]}, "DBE"),
        ({"rep": LIN}, "E"),
        ({"rep": ZHAO}, ""),
        ({"team": "2"}, ""),
        ({"source": WEB}, "CBAE"),
        ({"q": "云盘"}, "DA"),
        ({"q": "恒力"}, "A"),
        ({"q": "云"}, "DA"),
        ({"q": "100%"}, "C"),
        ({"q": "%"}, ""),
        ({"q": "_"}, ""),
        ({"q": "云盘", "status": "following"}, "A"),
    ],
)
def test_lin_sees_her_teams_rows_as_asked(office: Engine, wished: dict[str, object], expected: str) -> None:
    assert titles(office, "lin", wished) == expected


@pytest.mark.parametrize("gathered", [0, 60_000])
def test_what_is_found_often_is_met_along_the_way(office: Engine, monkeypatch: pytest.MonkeyPatch, gathered: int) -> None:
    """Beyond a number of hits the list is walked in its order, the hits gathered before or not; what is found is the same."""
    monkeypatch.setattr(list_search, "FEW", 0)
    monkeypatch.setattr(list_search, "GATHERED", gathered)
    found = {text: titles(office, "lin", {"q": text}) for text in ("云盘", "恒力", "云", "培训", "100%", "%", "咨询")}
    assert found == {"云盘": "DA", "恒力": "A", "云": "DA", "培训": "B", "100%": "C", "%": "", "咨询": ""}
    with reading(office) as session:
        assert {text: OPPORTUNITIES.counted(session, actor(session, "lin"), Asked(text=text)) for text in found} == {
            text: len(rows) for text, rows in found.items()
        }
    assert titles(office, "chen", {"q": "恒力"}) == "A"
    with reading(office) as session:
        assert OPPORTUNITIES.counted(session, actor(session, "chen"), Asked(text="云盘")) == 3


def test_a_changed_title_is_found_by_its_new_words(office: Engine) -> None:
    with transaction(office) as session:
        session.scalars(select(Opportunity).where(Opportunity.title == "B 培训")).one().title = "B 咨询服务"
        session.scalars(select(Customer).where(Customer.name == "恒力机械")).one().name = "恒心重工"
    assert [titles(office, "chen", {"q": text}) for text in ("培训", "咨询", "询服", "恒力", "重工", "咨务")] == ["", "B", "B", "", "A", ""]


def test_everybody_sees_their_own_reach(office: Engine) -> None:
    assert {who: titles(office, who, {}) for who in ("chen", "lin", "wang", "sun", "zhao", "fang", "mei", "ada")} == {
        "chen": "FDCBAE", "lin": "DCBAE", "wang": "DCBA", "sun": "F", "zhao": "F", "fang": "", "mei": "", "ada": ""
    }  # fmt: skip


@pytest.mark.parametrize("sort", OPPORTUNITIES.sorts)
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_have_no_gap_and_no_double(office: Engine, sort: str, direction: str) -> None:
    """One after the other by the last row's place, as a page keeps it, and any of them past the ones before."""
    wished = {"sort": sort, "dir": direction}
    whole = titles(office, "chen", wished)
    assert len(set(whole)) == 6
    assert "".join(titles(office, "chen", wished, start, 2) for start in range(0, 8, 2)) == whole
    with reading(office) as session:
        chen, asked = actor(session, "chen"), OPPORTUNITIES.asked(wished)
        walked, after = "", None
        while rows := OPPORTUNITIES.page(session, chen, asked, after, count=1):
            assert len(walked) < 6, "it goes round in circles"
            walked += rows[0].title[0]
            after = OPPORTUNITIES.placed(asked, json.loads(json.dumps(OPPORTUNITIES.place(session, asked, rows[0].id))))
        assert walked == whole
        assert [row.title[0] for row in OPPORTUNITIES.everything(session, chen, asked)] == list(whole)


def test_the_number_of_rows_is_that_of_the_reach(office: Engine) -> None:
    with reading(office) as session:
        assert OPPORTUNITIES.counted(session, actor(session, "wang"), Asked()) == 4
        assert OPPORTUNITIES.counted(session, actor(session, "chen"), Asked(text="云盘")) == 3


def test_rows_are_counted_up_to_a_number_and_never_end_there(office: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST", 3)
    assert titles(office, "chen", {}) == "FDCBAE"
    with reading(office) as session:
        assert OPPORTUNITIES.counted(session, actor(session, "chen"), Asked()) == 4


@pytest.mark.parametrize(
    "wished", [{"status": "married"}, {"stage": "x"}, {"rep": ["1", "2; drop table"]}, {"sort": "password_hash"}, {"team": "9" * 30}]
)
def test_an_address_that_nobody_offered_is_a_sentence(wished: dict[str, object]) -> None:
    with pytest.raises(NotAChoice):
        OPPORTUNITIES.asked(wished)


@pytest.mark.parametrize("place", [3, [1], ["2026-13-01", 1], ["2026-01-05", -1], [None, "x"], {"a": 1}])
def test_a_place_that_no_page_had_is_a_sentence(place: object) -> None:
    with pytest.raises(NotAChoice):
        OPPORTUNITIES.placed(Asked(sort="created_on"), place)


def test_an_address_means_what_it_says() -> None:
    wished = {"q": " 云盘 ", "status": ["lost", "stopped"], "stage": "1", "rep": [str(WANG)], "sort": "stage", "dir": "asc"}
    chosen = {"status": (S.LOST, S.STOPPED), "stage": (1,), "rep": (WANG,)}
    assert OPPORTUNITIES.asked(wished) == Asked(chosen, "云盘", "stage", descending=False)
