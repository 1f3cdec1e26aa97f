"""The PDF of a report has the figures of its page: the same cards with the same changes, the same sentence under each picture."""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from dash import Dash

from crm.config import Settings
from crm.db import transaction
from crm.vocabulary import LeadStatus, OpportunityStatus
from dashboard.app import close, create_app
from dashboard.components import report_page
from dashboard.queries import report
from dashboard.queries.filters import Filters
from tests import people
from tests.pages.visitor import Visitor
from tests.people import EAST, RIVAL, WANG, WEB, WEST, ZHAO


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Dash]:
    """The application over a company in which both teams did business in this month and in the one before."""
    home = tmp_path_factory.mktemp("paper")
    (home / "saleslens.db").write_bytes(sqlite_template.read_bytes())
    engine = people.company(f"sqlite:///{home / 'saleslens.db'}")
    with transaction(engine) as session:
        deals = ((WANG, date(2026, 11, 3), "1250.55"), (ZHAO, date(2026, 11, 9), "90"), (WANG, date(2026, 10, 6), "777"))
        for owner, day, amount in deals:
            people.a_target(session, day.replace(day=1), "1000.00", rep=owner)
            lead = people.a_lead(session, owner=owner, arrived=day, status=LeadStatus.CONVERTED)
            people.an_opportunity(session, owner=owner, created=day, amount=amount, lead=lead, expected_close=date(2026, 11, 28))
            people.an_opportunity(
                session, owner=owner, created=day, amount=amount, status=OpportunityStatus.LOST, closed=day, competitor=RIVAL
            )
            contract = people.a_contract(session, owner=owner, signed=day, amount=amount)
            people.a_plan(session, contract, (day, amount), on=day)
            people.a_receipt(session, contract, "50.00", on=day)
    engine.dispose()
    app = create_app(Settings(home=home))
    yield app
    close(app)


CASES = [
    ("chen", "plan_completion", "period=this_year", "main"),
    ("chen", "plan_completion", "period=this_month&compare=previous", "slipped"),
    ("lin", "team_followup", "period=this_month&compare=previous", "main"),
    ("sun", "loss_analysis", f"from=2026-11-01&to=2026-11-20&compare=previous&rep={ZHAO}", "stages"),
    ("mei", "lead_conversion", f"period=this_month&compare=previous&source={WEB}", "months"),
    ("fang", "collection_progress", "period=this_year", "months"),
    ("wang", "rep_ranking", "period=this_month", "main"),
    ("chen", "team_activity", f"period=this_year&compare=year&team={EAST}&team={WEST}", "main"),
]


@pytest.mark.parametrize(("login", "key", "query", "table"), CASES, ids=[f"{case[1]}-{case[0]}" for case in CASES])
def test_a_page_and_its_paper_say_the_same(busy: Dash, login: str, key: str, query: str, table: str) -> None:
    visitor = Visitor(busy).sign_in(login)
    chosen = report_page.chosen_of(Filters.read(query, report(key).filters))
    page = visitor.call(f"{key}-headline.children...", [chosen, table, None], [None, None]).json["response"]
    with visitor.get(f"/reports/{key}/export.pdf?{query}&table={table}") as answer:
        paper = words_of(answer.data)
    cards = list(said_on_cards(page[f"{key}-headline"]["children"]["props"]["drawn"]))
    captions = [shown["children"] for id, shown in page.items() if id.startswith(f"{key}-caption")]
    assert len(cards) >= len(report(key).headline)
    assert any("¥" in words or words[0].isdigit() for words in cards)
    assert captions
    assert [words for words in (*cards, *captions) if bare(words) not in paper] == []


def said_on_cards(part: Any) -> Iterator[str]:
    """The values of the headline in full, and how far they are from the compared window."""
    if isinstance(part, list) and part:
        _tag, attributes, *children = part
        kind = attributes.get("className", "").split(" ")[0]
        if kind == "card-value":
            yield attributes["title"]
        elif kind == "change":
            yield children[0]
        for child in children:
            yield from said_on_cards(child)


def words_of(paper: bytes) -> str:
    """The paper's words as another library reads them."""
    return bare("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages))


def bare(text: str) -> str:
    """Without spaces and ends of lines: a paper breaks its lines elsewhere."""
    return re.sub(r"\s", "", text)
