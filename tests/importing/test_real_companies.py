"""The public files through the whole product: imported by `saleslens real`, built, reported; every figure held against pandas.

The computation on the other side reads the same CSV files and knows nothing of this program.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from cli import main
from crm.config import PROJECT, Settings
from crm.models import Contract, Customer, ImportedRecord, ImportRun, Lead, Opportunity, OpportunityHistory, Receipt
from crm.vocabulary import OpportunityAct
from dashboard.app import close, create_app
from dashboard.queries import REPORTS
from tests.importing.real import HERE, REAL, Loaded, money
from tests.pages.visitor import Visitor

pytestmark = HERE


DEAL_TEAMS = ("Dustin Brinkmann", "Melvin Marxen", "Cara Losch", "Rocco Neubert", "Celia Rouche", "Summer Sewald")


def test_what_was_taken_and_what_not_is_told_with_the_reason(real: Loaded) -> None:
    for rows in ("9,240 rows of Leads", "8,800 rows of Opportunities", "2,466 rows of Contracts", "35 rows of People"):
        assert rows in real.said
    assert "“Customer” is empty in 1,425 rows and was supplied by the layout." in real.said
    assert "“Created on” is empty in 500 rows and was supplied by the layout." in real.said
    assert "data_dictionary.csv: not taken. No layout fits this file." in real.said
    assert "Faulty" not in real.said


def test_won_deals_come_to_the_figure_that_everybody_knows(real: Loaded, won: pd.DataFrame) -> None:
    assert (len(won), won["close_value"].sum()) == (4238, 10_005_534)
    teams = "&".join(f"team={real.ids('team')[name]}" for name in DEAL_TEAMS)
    assert real.total("plan_completion", f"period=all&{teams}")["signed_amount"] == 10_005_534
    assert real.total("loss_analysis")["won_count"] == 4238


@pytest.mark.parametrize(("view", "dimension", "column"), [("main", "team", "manager"), ("reps", "rep", "sales_agent")])
def test_signed_per_team_and_per_rep(real: Loaded, won: pd.DataFrame, view: str, dimension: str, column: str) -> None:
    expected = won.groupby(column)["close_value"].sum().to_dict()
    found = real.by("plan_completion", view, dimension, "signed_amount")
    assert {name: amount for name, amount in found.items() if not name.startswith("Receivables")} == expected


def test_signed_per_product(real: Loaded, won: pd.DataFrame) -> None:
    products = real.ids("product")
    expected = won.groupby("product")["close_value"].sum().to_dict()
    found = {name: real.total("plan_completion", f"period=all&product={products[name]}")["signed_amount"] for name in expected}
    assert found == expected


@pytest.mark.parametrize("quarter", ["2017Q1", "2017Q2", "2017Q3", "2017Q4"])
def test_signed_and_won_per_quarter_and_team(real: Loaded, won: pd.DataFrame, quarter: str) -> None:
    period = pd.Period(quarter)
    inside = won[won["close_date"].dt.to_period("Q") == period]
    query = f"from={period.start_time.date()}&to={period.end_time.date()}"
    assert real.by("plan_completion", "main", "team", "signed_amount", query) == inside.groupby("manager")["close_value"].sum().to_dict()
    assert real.by("loss_analysis", "teams", "team", "won_count", query) == inside.groupby("manager").size().to_dict()


def test_lost_deals_per_team_and_month(real: Loaded, deals: pd.DataFrame) -> None:
    lost = deals[deals["deal_stage"] == "Lost"]
    assert real.by("loss_analysis", "teams", "team", "lost_count") == lost.groupby("manager").size().to_dict()
    months = {row["month"].strftime("%Y-%m"): row["lost_count"] for row in real.view("loss_analysis", "months") if row["lost_count"]}
    assert months == lost.groupby(lost["close_date"].dt.strftime("%Y-%m")).size().to_dict()
    assert real.by("loss_analysis", "main", "reason", "lost_count") == {"未注明": 2473}


@pytest.mark.parametrize("day", [date(2017, 3, 15), date(2017, 7, 1), date(2017, 12, 31)])
def test_what_was_won_and_lost_as_of_a_past_day(real: Loaded, deals: pd.DataFrame, day: date) -> None:
    closed = deals[deals["close_date"] <= pd.Timestamp(day)]
    total = real.total("loss_analysis", f"period=all&as_of={day}")
    assert total["won_count"] == (closed["deal_stage"] == "Won").sum()
    assert total["lost_count"] == (closed["deal_stage"] == "Lost").sum()


def test_leads_and_converted_per_source_whatever_the_case(real: Loaded) -> None:
    leads = pd.read_csv(REAL / "lead_scoring" / "Leads.csv")
    assert len(leads) == 9240
    by_source = leads.groupby(leads["LeadSource"].str.casefold())["Converted"].agg(["size", "sum"])
    found = {row["source_label"].casefold(): (row["leads"], row["converted"]) for row in real.view("lead_conversion", "main")}
    assert found == {source: (row["size"], row["sum"]) for source, row in by_source.iterrows()}
    assert real.total("lead_conversion")["leads"] == 9240


@pytest.mark.parametrize("day", [date(2012, 6, 30), date(2013, 6, 30), date(2013, 12, 31)])
def test_invoices_due_received_and_overdue_on_a_past_day(real: Loaded, invoices: pd.DataFrame, day: date) -> None:
    """A contract in progress on a day: signed by then, not yet settled; so nothing of it has been received."""
    team = real.ids("team")["Receivables"]
    standing = invoices[(invoices["InvoiceDate"] <= day) & (invoices["SettledDate"] > day)]
    expected = {
        "contract_count": len(standing),
        "contract_amount": money(standing["cents"].sum()),
        "due_amount": money(standing.loc[standing["DueDate"] <= day, "cents"].sum()),
        "received_to_date": Decimal(0),
        "outstanding_amount": money(standing["cents"].sum()),
        "overdue_amount": money(standing.loc[standing["DueDate"] < day, "cents"].sum()),
    }
    for query in (f"period=all&as_of={day}", f"from={day.year}-01-01&to={day}"):
        (row,) = (one for one in real.view("contracts_in_progress", "teams", query) if one["team"] == team)
        assert {name: row[name] for name in expected} == expected


def test_overdue_by_age_and_by_customer(real: Loaded, invoices: pd.DataFrame) -> None:
    day = date(2013, 6, 30)
    standing = invoices[(invoices["InvoiceDate"] <= day) & (invoices["SettledDate"] > day) & (invoices["DueDate"] < day)]
    late = standing["DueDate"].map(lambda due: (day - due).days)
    team = real.ids("team")["Receivables"]
    (row,) = (one for one in real.view("contracts_in_progress", "ageing", f"period=all&as_of={day}") if one["team"] == team)
    for key, first, last in (("ageing_1_30", 1, 30), ("ageing_31_60", 31, 60), ("ageing_61_90", 61, 90), ("ageing_over_90", 91, 10_000)):
        assert row[key] == money(standing.loc[late.between(first, last), "cents"].sum())
    by_customer = real.by("contracts_in_progress", "customers", "customer", "overdue_amount", f"period=all&as_of={day}&team={team}")
    expected = standing.groupby("customerID")["cents"].sum()
    assert by_customer == {name: money(cents) for name, cents in expected.items()}


def test_every_invoice_was_received_to_the_cent_and_completed_that_day(real: Loaded, invoices: pd.DataFrame) -> None:
    with real.session() as session:
        kept = session.execute(
            select(Contract.number, Contract.amount, Contract.signed_on, Contract.completed_on, Receipt.amount, Receipt.received_on)
            .join(Receipt, Receipt.contract_id == Contract.id)
            .where(Contract.external_system == "accounts_receivable")
        ).all()
    assert {tuple(row) for row in kept} == {
        (row.invoiceNumber, money(row.cents), row.InvoiceDate, row.SettledDate, money(row.cents), row.SettledDate)
        for row in invoices.itertuples()
    }
    assert any(row.number.startswith("000") for row in kept)


def test_what_nobody_named_is_marked_and_nothing_is_made_up(real: Loaded, deals: pd.DataFrame) -> None:
    with real.session() as session:
        nameless = session.scalar(select(func.count()).select_from(Customer).where(Customer.name_to_be_found))
        supplied = session.scalar(select(func.count()).select_from(Opportunity).where(Opportunity.created_on_supplied))
        unknown = session.scalar(select(func.count()).select_from(Opportunity).where(Opportunity.expected_amount.is_(None)))
        strangers = session.scalar(select(func.count()).select_from(Lead).where(Lead.customer_id.is_not(None)))
    assert (nameless, supplied, unknown, strangers) == (1425, 500, 2089, 0)
    assert nameless == deals["account"].isna().sum()


def test_an_imported_opportunity_was_followed_from_created_to_closed(real: Loaded) -> None:
    with real.session() as session:
        history = session.execute(
            select(OpportunityHistory.act, OpportunityHistory.day, OpportunityHistory.recorded_on, OpportunityHistory.amount)
            .join(Opportunity, Opportunity.id == OpportunityHistory.opportunity_id)
            .where(Opportunity.external_id == "1C1I7A6R")
            .order_by(OpportunityHistory.seq)
        ).all()
    assert [tuple(row) for row in history] == [
        (OpportunityAct.CREATED, date(2016, 10, 20), date(2016, 10, 20), 1054),
        (OpportunityAct.WON, date(2017, 3, 1), date(2017, 3, 1), 1054),
    ]


def said(home: Path, *words: str) -> str:
    """What the command line answers, in a process of its own: the warehouse is open in this one."""
    environment = {**os.environ, "SALESLENS_HOME": str(home), "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-m", "cli", *words], capture_output=True, text=True, cwd=PROJECT, env=environment, check=True)
    return done.stdout


def test_records_and_exports_of_the_command_line_say_the_same(real: Loaded, won: pd.DataFrame) -> None:
    asked = ["report", "plan_completion", "--as", "executive", "--from", "2017-04-01", "--to", "2017-06-30", "--table", "reps"]
    inside = won[won["close_date"].between("2017-04-01", "2017-06-30")]
    table = json.loads(said(real.home, *asked, "--format", "json"))["tables"]["reps"]
    by_rep = {row["rep"]: Decimal(row["signed_amount"]) for row in table if Decimal(row["signed_amount"])}
    assert by_rep == inside.groupby(inside["sales_agent"].str.lower().str.replace(" ", "."))["close_value"].sum().to_dict()
    records = said(real.home, *asked, "--records", "signed_amount", "--format", "csv")
    behind = list(csv.DictReader(io.StringIO(records.removeprefix("\ufeff"))))
    expected = zip(inside["opportunity_id"], inside["close_value"].map(lambda value: Decimal(int(value))), strict=True)
    assert {(row["Contract"], Decimal(row["Signed amount"])) for row in behind} == set(expected)
    assert len(behind) == len(inside)


@pytest.fixture(scope="module")
def executive(real: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """The executive before the pages, with the account that the import told of, on a server's copy of the home."""
    home = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(real.home, home)
    first = re.search(r"executive.*?(?:password|密码)\s*(\S+)", real.said)
    assert first is not None
    app = create_app(Settings(home=home))
    visitor = Visitor(app).sign_in("executive", first[1])
    visitor.post("/profile/password", {"current": first[1], "new": CHOSEN, "again": CHOSEN})
    visitor.get("/")
    yield visitor
    close(app)


CHOSEN = "a-password-of-one's-own"


def test_the_page_shows_the_figures_of_the_files(
    executive: Visitor, won: pd.DataFrame, deals: pd.DataFrame, invoices: pd.DataFrame
) -> None:
    quarter = won[won["close_date"].between("2017-04-01", "2017-06-30")]
    asked = {"period": "custom", "start": "2017-04-01", "end": "2017-06-30", "compare": "none"}
    page = figures(executive, "plan_completion", asked)
    assert f"{quarter['close_value'].sum():,.2f}" in page
    lost = deals[(deals["deal_stage"] == "Lost") & deals["close_date"].between("2017-04-01", "2017-06-30")]
    assert f'"{len(lost)}"' in figures(executive, "loss_analysis", asked)
    assert '"9,240"' in figures(executive, "lead_conversion", {"period": "all", "compare": "none"})
    day = date(2013, 6, 30)
    open_then = invoices.loc[(invoices["InvoiceDate"] <= day) & (invoices["SettledDate"] > day), "cents"].sum()
    past = {"period": "all", "compare": "none", "as_of": "2013-06-30"}
    assert f"{money(int(open_then)):,.2f}" in figures(executive, "contracts_in_progress", past)
    assert f"{quarter['close_value'].sum():,.2f}" in figures(executive, "team_activity", asked)
    assert f'"{len(lost)}"' in figures(executive, "rep_outcomes", asked)
    spring = {"period": "custom", "start": "2013-03-01", "end": "2013-05-31", "compare": "none"}
    came = money(int(invoices.loc[invoices["SettledDate"].between(date(2013, 3, 1), date(2013, 5, 31)), "cents"].sum()))
    for report in ("sales_collections", "collection_progress"):
        assert f"{came:,.2f}" in figures(executive, report, spring)


def figures(visitor: Visitor, report: str, chosen: dict[str, Any]) -> str:
    """What a report's page is filled with for these filters, as text."""
    first = next(one for one in REPORTS if one.key == report).views[0].name
    answer = visitor.call(f"{report}-headline.children...", [chosen, first, None], [None, None])
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.json, ensure_ascii=False)


def workbook(visitor: Visitor, report: str, query: str) -> dict[str, set[float]]:
    """The numbers beside each text of the last sheet, read by another library than the one that wrote it."""
    with visitor.get(f"/reports/{report}/export.xlsx?{query}") as answer:
        sheets = pd.read_excel(io.BytesIO(answer.data), sheet_name=None, header=None, engine="calamine")
    rows = list(sheets.values())[-1].itertuples(index=False)
    return {cell: {value for value in row if isinstance(value, int | float)} for row in rows for cell in row if isinstance(cell, str)}


def test_the_workbooks_from_the_pages_hold_the_rows_of_the_files(executive: Visitor, won: pd.DataFrame, invoices: pd.DataFrame) -> None:
    quarter = "from=2017-04-01&to=2017-06-30"
    inside = won[won["close_date"].between("2017-04-01", "2017-06-30")]
    signed = inside.groupby("sales_agent")["close_value"].sum()
    came = invoices[invoices["SettledDate"].between(date(2013, 3, 1), date(2013, 5, 31))].groupby("customerID")["cents"].sum() / 100
    for report, query, expected in (
        ("plan_completion", f"{quarter}&table=reps", signed),
        ("rep_ranking", f"{quarter}&table=main", signed),
        ("sales_collections", "from=2013-03-01&to=2013-05-31&table=customers", came),
    ):
        written = workbook(executive, report, query)
        assert {name: amount for name, amount in expected.items() if amount not in written.get(name, set())} == {}, report
        assert round(float(expected.sum()), 2) in written["合计"], report


def test_a_second_run_finds_everything_there(real: Loaded) -> None:
    with real.session() as session:
        before = session.scalar(select(func.count()).select_from(ImportedRecord))
    again = said(real.home, "real", str(REAL))
    assert again.count("This very file was imported before") == 6
    assert again.count("There is nothing to import") == 6
    with real.session() as session:
        assert session.scalar(select(func.count()).select_from(ImportedRecord)) == before
        assert session.scalar(select(func.count()).select_from(ImportRun)) == 6


def test_a_folder_without_tables_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESLENS_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(main, ["real", str(tmp_path / "nowhere")])
    assert result.exit_code == 1
    assert "There are no tables in" in result.stderr
