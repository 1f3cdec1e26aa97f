"""Where reports leak, unless someone looks: Wang of the East and what Zhao of the West did, in totals and records, on paper, on past days.

Zhao can read it each time, so that nothing is empty by accident. Ranking lists, the one exception, are turned off here and have a file of
their own (test_ranking.py).
"""

import io
import json
from datetime import date
from typing import Any

import pypdf
import pytest

from crm.db import reading, transaction
from crm.models import Contract, Customer
from crm.services import customers
from crm.services.carers import ChangeCarer, change
from crm.services.customers import AssignCustomer
from dashboard.queries import REPORTS, Report
from dashboard.queries.report import View
from tests.pages.test_report_bad_input import filled, said
from tests.pages.two_teams import ASKED, SECRETS, YEAR, Office, text_of
from tests.pages.visitor import Visitor
from tests.people import EAST, TODAY, WANG, WEST, ZHAO, a_contract, a_customer, actor


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_no_total_average_or_cached_answer_holds_what_zhao_did(office: Office, report: Report) -> None:
    """Zhao asks first, in the very words that Wang uses then: what is kept of his answer is not hers."""
    theirs = ""
    for view in report.views:
        theirs += json.dumps(filled(office.zhao, report, YEAR, view.name), ensure_ascii=False)
        for visitor in (office.wang, office.lin):
            found = SECRETS.search(json.dumps(filled(visitor, report, YEAR, view.name), ensure_ascii=False))
            assert found is None, (view.name, found)
    opens = report.open_to(frozenset(session_roles(office, "zhao")))
    assert bool(SECRETS.search(theirs)) == (opens and report.key not in WITHOUT_HIS)


WITHOUT_HIS = {"lead_conversion", "competition"}
"""Reports in which this story leaves no amount or name of Zhao's own."""


def session_roles(office: Office, login: str) -> Any:
    with reading(office.engine) as session:
        return actor(session, login).roles


@pytest.mark.parametrize("way", ["panel", "records", "explained"])
def test_nothing_opens_the_records_behind_his_numbers(office: Office, way: str) -> None:
    for report in REPORTS:
        if report.open_to(frozenset(session_roles(office, "wang"))):
            found = SECRETS.search(said(office.wang, report, way, "period=this_year")[1])
            assert found is None, (report.key, found)
    theirs = [said(office.zhao, report, way, "period=this_year")[1] for report in REPORTS]
    assert way == "explained" or any(SECRETS.search(text) for text in theirs)


def test_a_cell_made_up_for_zhao_holds_nothing(office: Office) -> None:
    report = next(found for found in REPORTS if found.key == "signing_bulletin")
    measure = next(view for view in report.views if isinstance(view, View)).measures[0].key
    for cell in ({"rep": ZHAO}, {"team": WEST}, {"customer": office.ids["customers"]}):
        clicked = {"measure": measure, "cell": cell, "view": report.views[0].name}
        answer = office.wang.call(f"{report.key}-table-records.getRowsResponse", [ASKED], [clicked, None, YEAR])
        assert not SECRETS.search(text_of(answer) if answer.status_code == 200 else ""), cell


def test_printed_pages_name_nothing_of_his(office: Office) -> None:
    """On paper too: a report's page, and an offer."""
    def paper(visitor: Visitor, key: str) -> str:
        with visitor.get(f"/reports/{key}/export.pdf?period=this_year&table=main") as answer:
            assert answer.status_code == 200, key
            return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)

    for key in ("signing_bulletin", "sales_collections", "rep_outcomes"):
        assert not SECRETS.search(paper(office.wang, key)), key
    assert "XM-西-1" in paper(office.zhao, "signing_bulletin")
    theirs = f"/quotes/{office.ids['quotes']}/offer.pdf"
    assert office.wang.get(theirs).status_code == office.wang.get("/quotes/999999/offer.pdf").status_code == 404
    with office.zhao.get(theirs) as offer:
        assert offer.data.startswith(b"%PDF")


def test_a_past_day_shows_what_is_in_reach_today(office: Office) -> None:
    """Zhao signed XM-西-9, Wang takes care of it now: each reads of it, on whatever day, what is theirs today."""
    with transaction(office.engine) as session:
        customer = a_customer(session, "过手客户", owner=ZHAO)
        contract = a_contract(session, "XM-过手", customer=customer, amount="55", signed=date(2026, 10, 7)).id
        version = session.get_one(Contract, contract).version
        chen = actor(session, "chen")
        change(session, chen, contract, ChangeCarer(owner_id=WANG, reason="休假"), version=version, today=TODAY)
        giving = AssignCustomer(team_id=EAST, owner_id=WANG)
        customers.assign(session, chen, customer.id, giving, version=session.get_one(Customer, customer.id).version, today=TODAY)
    office.follow()
    report = next(found for found in REPORTS if found.key == "signing_bulletin")
    for query in ("period=this_year", "from=2026-10-01&to=2026-10-31&as_of=2026-10-31"):
        deed = said(office.zhao, report, "records", query)[1]
        assert "55" in deed, "the signing stays his figure"
        assert "过手客户" not in deed, "without the customer"
        assert "过手" not in said(office.wang, report, "records", query)[1], "and it is no signing of Wang's"
