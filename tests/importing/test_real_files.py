"""The public files by the layouts that come with the product: what must come out, to the unit."""

import csv
import os
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.config import PROJECT
from crm.importing.layouts import find_layout, load_layouts
from crm.importing.rows import parse, settle_dates, unused_columns
from tests.importing.files import opened

# Read as this file is loaded, since a test sees no SALESLENS_* of its developer.
REAL = Path(os.environ.get("SALESLENS_REAL_DATA") or PROJECT.parent / "shared" / "real_data")

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"the public files are not in {REAL}; SALESLENS_REAL_DATA names another folder")


def rows_of(name):
    sheet = opened(REAL / name)
    layout = find_layout(sheet.header, load_layouts())
    assert unused_columns(sheet, layout) is None
    return layout.name, list(parse(sheet, settle_dates(sheet, layout)))


def good(name):
    title, rows = rows_of(name)
    assert [row for row in rows if row.faults] == []
    return title, rows


def test_every_opportunity_with_its_dates_and_every_won_one_a_contract():
    title, rows = good("crm_opportunities/sales_pipeline.csv")
    assert title == "CRM sales opportunities: pipeline"
    assert Counter(row.values["status"] for row in rows) == {"won": 4238, "lost": 2473, "following": 2089}
    contracts = [row.values for row in rows if "contract_number" in row.values]
    assert len(contracts) == 4238
    assert sum(values["contract_amount"] for values in contracts) == 10_005_534
    assert all(values["contract_number"] == values["external_id"] for values in contracts)
    assert all(values["contract_signed_on"] == values["closed_on"] for values in contracts)
    assert {row.values.get("loss_reason") for row in rows if row.values["status"] == "lost"} == {"未注明"}


def test_what_the_opportunities_lack_is_supplied_and_marked():
    _, rows = good("crm_opportunities/sales_pipeline.csv")
    assert Counter(key for row in rows for key in row.supplied) == {"customer": 1425, "created_on": 500}
    assert {row.values["created_on"] for row in rows if "created_on" in row.supplied} == {date(2017, 12, 31)}
    assert all(row.values["customer"] == row.values["external_id"] for row in rows if "customer" in row.supplied)
    assert [row.values for row in rows if row.values["status"] == "following" and "amount" in row.values] == []
    assert {row.values["stage"] for row in rows if "stage" in row.values} == {"Prospecting", "Engaging"}


def test_products_and_people_go_by_the_names_of_their_own_lists():
    _, deals = good("crm_opportunities/sales_pipeline.csv")
    _, products = good("crm_opportunities/products.csv")
    _, people = good("crm_opportunities/sales_teams.csv")
    assert {name for row in deals for name in row.values["products"]} == {row.values["name"] for row in products}
    assert {row.values["owner"] for row in deals} < {row.values["name"] for row in people}
    assert {row.values["list_price"] for row in products} == {Decimal(price) for price in (550, 4821, 55, 3393, 5482, 1096, 26768)}


def test_a_team_is_a_manager_and_logins_are_first_dot_last():
    _, people = good("crm_opportunities/sales_teams.csv")
    by_name = {row.values["name"]: row.values for row in people}
    assert len(by_name) == 35
    assert by_name["Mei-Mei Johns"]["login"] == "mei-mei.johns"
    assert len({values["team"] for values in by_name.values()}) == 6
    assert all(values["team"] == values["team_lead"] for values in by_name.values())


def test_customers_keep_what_stands_there():
    _, accounts = good("crm_opportunities/accounts.csv")
    acme = accounts[0].values
    assert len(accounts) == 85
    assert (acme["name"], acme["industry"]) == ("Acme Corporation", "technolgy")
    assert acme["note"] == "Founded 1996\nRevenue 1100.04 million\nEmployees 2822"


def test_leads_take_their_defaults_for_the_whole_file_and_say_so():
    _, leads = good("lead_scoring/Leads.csv")
    assert len(leads) == 9240
    assert Counter(row.values["status"] for row in leads) == {"working": 5679, "converted": 3561}
    assert Counter(frozenset(row.supplied) for row in leads) == {frozenset({"contact", "rep", "team", "arrived_on"}): 9240}
    assert all(row.values["contact"] == row.values["external_id"] for row in leads)
    assert len({row.values["source"].casefold() for row in leads}) == 10


def test_an_invoice_is_a_contract_due_once_and_settled_once():
    _, invoices = good("accounts_receivable/WA_Fn-UseC_-Accounts-Receivable.csv")
    with (REAL / "accounts_receivable/WA_Fn-UseC_-Accounts-Receivable.csv").open(newline="") as stream:
        expected = list(csv.DictReader(stream))
    assert [row.values["number"] for row in invoices] == [line["invoiceNumber"] for line in expected]
    assert invoices[0].values["number"] == "0000611365"
    assert sum(row.values["amount"] for row in invoices) == sum(Decimal(line["InvoiceAmount"]) for line in expected)
    assert all(row.values["completed_on"] == row.values["settled_on"] for row in invoices)
    assert {(row.values["signer"], row.values["team"]) for row in invoices} == {("Receivables Desk", "Receivables")}


def test_the_data_dictionary_is_no_table_that_a_layout_knows():
    assert find_layout(opened(REAL / "crm_opportunities/data_dictionary.csv").header, load_layouts()) is None
