"""The public files in the other reports: what was done and by whom, what stood open, what came in, how late; all as pandas says.

There is nothing about competitors and nobody's follow-ups in these files: those figures are zero.
"""

import csv
import io
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd
import pytest

from dashboard.queries.measures.pipeline import OPEN_AMOUNT
from dashboard.queries.measures.receivables import DUE_IN_PERIOD, OVERDUE, RECEIVED
from dashboard.queries.measures.signings import SIGNED_AMOUNT
from tests.importing.real import DEALS, HERE, Loaded, money
from tests.importing.test_real_companies import said

pytestmark = HERE

QUARTERS = [pd.Period(quarter) for quarter in ("2017Q1", "2017Q2", "2017Q4")]
DAYS = [date(2017, 3, 15), date(2017, 7, 1), date(2017, 12, 30)]
SUPPLIED = pd.Timestamp("2017-12-31")
"""Of deals without a date of beginning (the layout says so)."""
PATIENCE = 14
"""Days after which a company that has set nothing calls an opportunity neglected."""


def asked(period: pd.Period) -> str:
    return f"from={period.start_time.date()}&to={period.end_time.date()}"


def as_then(period: pd.Period) -> str:
    """The same as it was told on its last day: what is imported counts as recorded on its day."""
    return f"{asked(period)}&as_of={period.end_time.date()}"


def inside(days: "pd.Series[Any]", period: pd.Period) -> "pd.Series[bool]":
    return days.between(period.start_time, period.end_time)


def figures(rows: list[dict[str, Any]], dimension: str, *keys: str) -> dict[str, tuple[Any, ...]]:
    """Name → these figures, of the rows that have any of them."""
    found = {row[f"{dimension}_label"]: tuple(row[key] for key in keys) for row in rows}
    return {name: values for name, values in found.items() if any(values)}


def whole(number: Any) -> int:
    return int(number)


def rate(part: Decimal | int, of: Decimal | int) -> Decimal | None:
    return (Decimal(part) / Decimal(of)).quantize(Decimal("0.000001"), ROUND_HALF_UP) if of else None


@pytest.fixture(scope="module")
def begun(deals: pd.DataFrame) -> pd.DataFrame:
    """The deals with the day on which each began, and what is known of its amount."""
    return deals.assign(began=deals["engage_date"].fillna(SUPPLIED), amount=deals["close_value"].fillna(0))


def standing(begun: pd.DataFrame, day: date) -> pd.DataFrame:
    """The deals that were open at the end of a day."""
    end = pd.Timestamp(day)
    return begun[(begun["began"] <= end) & (begun["close_date"].isna() | (begun["close_date"] > end))]


# ── what was done ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
@pytest.mark.parametrize(("view", "dimension", "column"), [("main", "team", "manager"), ("reps", "rep", "sales_agent")])
def test_what_teams_and_reps_began_and_signed(
    real: Loaded, begun: pd.DataFrame, quarter: pd.Period, view: str, dimension: str, column: str
) -> None:
    new = begun[inside(begun["began"], quarter)].groupby(column)["amount"].agg(["size", "sum"])
    signed = begun[(begun["deal_stage"] == "Won") & inside(begun["close_date"], quarter)].groupby(column)["amount"].agg(["size", "sum"])
    both = pd.concat([new, signed], axis=1).fillna(0)
    keys = ("new_count", "new_amount", "signed_count", "signed_amount", "received_amount", "followup_count")
    expected = {str(name): (*map(whole, row), 0, 0) for name, row in both.iterrows()}
    for query in (asked(quarter), as_then(quarter)):
        assert figures(real.view("team_activity", view, query), dimension, *keys) == expected


@pytest.mark.parametrize("quarter", QUARTERS[:2], ids=str)
def test_the_bulletin_of_products_and_of_signings(real: Loaded, won: pd.DataFrame, quarter: pd.Period) -> None:
    signed = won[inside(won["close_date"], quarter)]
    by_product = {name: (whole(amount),) for name, amount in signed.groupby("product")["close_value"].sum().items()}
    assert figures(real.view("signing_bulletin", "products", asked(quarter)), "product", "sold_amount") == by_product
    listed = real.records(SIGNED_AMOUNT, asked(quarter))
    columns = ("number", "customer", "team", "rep", "products", "signed_on", "adds")
    expected = zip(
        signed["opportunity_id"], signed["account"], signed["manager"], signed["sales_agent"], signed["product"],
        signed["close_date"].dt.date, signed["close_value"].map(whole), strict=True,
    )  # fmt: skip
    assert {tuple(row[key] for key in columns) for row in listed.rows} == set(expected)
    assert (listed.count, listed.value) == (len(signed), signed["close_value"].sum())


def test_invoices_are_signed_without_a_product(real: Loaded, invoices: pd.DataFrame) -> None:
    signed = invoices[invoices["InvoiceDate"].map(lambda day: day.year == 2012)]
    (row,) = (row for row in real.view("signing_bulletin", "products", "from=2012-01-01&to=2012-12-31") if row["sold_amount"])
    assert (row["product"], row["sold_amount"]) == (None, money(signed["cents"].sum()))


def test_every_reps_place_in_team_and_company_and_how_far_they_moved(real: Loaded, won: pd.DataFrame) -> None:
    """Who signed nothing stands last, with all the others of the team list who did not."""
    agents = pd.read_csv(DEALS / "sales_teams.csv").set_index("sales_agent")
    others = pd.DataFrame({"manager": ["Inside Sales", "Receivables"]}, index=["Inside Sales", "Receivables Desk"])
    everybody = pd.concat([agents[["manager"]], others])
    now, before = (
        won[inside(won["close_date"], pd.Period(quarter))].groupby("sales_agent")["close_value"].sum().reindex(everybody.index).fillna(0)
        for quarter in ("2017Q2", "2017Q1")
    )
    places = pd.DataFrame(
        {
            "company": now.rank(method="min", ascending=False),
            "team": now.groupby(everybody["manager"]).rank(method="min", ascending=False),
            "moved": before.rank(method="min", ascending=False) - now.rank(method="min", ascending=False),
            "signed": now,
        }
    )
    keys = ("rank_in_company", "rank_in_team", "rank_movement", "signed_amount")
    rows = real.view("rep_ranking", "main", "from=2017-04-01&to=2017-06-30&compare=previous")
    assert figures(rows, "rep", *keys) == {str(name): tuple(map(whole, row)) for name, row in places.iterrows()}


# ── how it ended ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
OUTCOME = (
    "won_count", "won_amount", "lost_count", "lost_amount", "win_rate", "win_rate_by_amount", "cycle_median_days", "cycle_mean_days",
)  # fmt: skip


def outcome(ended: pd.DataFrame) -> tuple[Any, ...]:
    """Won, lost and how long the won ones took, of the deals of one unit."""
    won, lost = ended[ended["deal_stage"] == "Won"], ended[ended["deal_stage"] == "Lost"]
    days = (won["close_date"] - won["began"]).dt.days
    amounts = whole(won["amount"].sum()), whole(lost["amount"].sum())
    cycle = (float(days.median()), rate(whole(days.sum()), len(days))) if len(days) else (None, None)
    return (len(won), amounts[0], len(lost), amounts[1], rate(len(won), len(ended)), rate(amounts[0], sum(amounts)), *cycle)


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
@pytest.mark.parametrize(("view", "dimension", "column"), [("main", "rep", "sales_agent"), ("teams", "team", "manager")])
def test_how_deals_ended_and_how_long_the_won_ones_took(
    real: Loaded, begun: pd.DataFrame, quarter: pd.Period, view: str, dimension: str, column: str
) -> None:
    ended = begun[inside(begun["close_date"], quarter)]
    expected = {str(name): outcome(unit) for name, unit in ended.groupby(column)}
    for query in (asked(quarter), as_then(quarter)):
        assert figures(real.view("rep_outcomes", view, query), dimension, *OUTCOME) == expected


@pytest.mark.parametrize("column", ["rep", "product", "month"])
def test_what_was_lost_by_rep_product_and_month(real: Loaded, deals: pd.DataFrame, column: str) -> None:
    """A deal is about one product, and a lost one has no amount in these files."""
    closed = deals[deals["close_date"].notna()].assign(
        rep=deals["sales_agent"], month=deals["close_date"].dt.to_period("M").dt.start_time.dt.date
    )
    lost, both = closed[closed["deal_stage"] == "Lost"].groupby(column).size(), closed.groupby(column).size()
    rows = real.view("loss_analysis", f"{column}s")
    found = {row["month"] if column == "month" else row[f"{column}_label"]: row for row in rows if row["not_won_count"]}
    assert {name: row["not_won_count"] for name, row in found.items()} == lost.to_dict()
    assert not any(row["not_won_amount"] for row in rows)
    if column != "product":
        assert {name: row["win_rate"] for name, row in found.items()} == {
            name: rate(whole(both[name] - number), whole(both[name])) for name, number in lost.items()
        }


def test_how_deals_ended_and_what_was_signed_month_by_month(real: Loaded, begun: pd.DataFrame) -> None:
    closed = begun[begun["close_date"].dt.year == 2017]
    months = closed.groupby(closed["close_date"].dt.to_period("M").dt.start_time.dt.date)
    year = "from=2017-01-01&to=2017-12-31"
    found = {row["month"]: tuple(row[key] for key in OUTCOME) for row in real.view("rep_outcomes", "months", year)}
    assert found == {month: outcome(unit) for month, unit in months}
    signed = {row["month"]: row["signed_amount"] for row in real.view("plan_completion", "months", year)}
    assert signed == {month: told[1] for month, told in found.items()}
    pace = {row["day"]: row["signed_amount"] for row in real.view("plan_completion", "pace", year)}
    days = closed.assign(day=closed["close_date"].dt.date).groupby("day")["amount"].sum().cumsum()
    assert {day: pace[day] for day in days.index} == {day: whole(amount) for day, amount in days.items()}


def test_the_rankings_of_products_of_teams_and_of_people(real: Loaded, won: pd.DataFrame) -> None:
    signed = won[inside(won["close_date"], QUARTERS[0])]
    for view, dimension, column, keys in (
        ("products", "product", "product", ("rank_by_sold", "sold_amount")),
        ("teams", "team", "manager", ("rank_in_company", "signed_amount")),
        ("reps", "rep", "sales_agent", ("rank_in_company", "signed_amount")),
    ):
        amounts = signed.groupby(column)["close_value"].sum()
        places = amounts.rank(method="min", ascending=False)
        rows = [row for row in real.view("signing_bulletin", view, asked(QUARTERS[0])) if row[keys[1]]]
        expected = {str(name): (whole(places[name]), whole(amount)) for name, amount in amounts.items()}
        assert figures(rows, dimension, *keys) == expected, view


# ── what stood open ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize(("view", "dimension", "column"), [("main", "team", "manager"), ("reps", "rep", "sales_agent")])
def test_what_stood_open_and_was_neglected_as_of_a_past_day(
    real: Loaded, begun: pd.DataFrame, day: date, view: str, dimension: str, column: str
) -> None:
    open_then = standing(begun, day)
    silent = open_then["began"] < pd.Timestamp(day - timedelta(days=PATIENCE))
    units = open_then.assign(silent=silent, at_rest=open_then["amount"].where(silent, 0)).groupby(column)
    expected = {
        str(name): tuple(map(whole, (len(unit), unit["amount"].sum(), unit["silent"].sum(), unit["at_rest"].sum()))) for name, unit in units
    }
    keys = ("open_count", "open_amount", "neglected_count", "neglected_amount")
    for query in (f"period=all&as_of={day}", f"from=2017-01-01&to={day}"):
        assert figures(real.view("team_followup", view, query), dimension, *keys) == expected
    listed = real.records(OPEN_AMOUNT, f"period=all&as_of={day}")
    titles = set(open_then["product"] + " " + open_then["opportunity_id"])
    assert ({row["title"] for row in listed.rows}, listed.count) == (titles, len(open_then))


def test_what_is_open_today_by_stage(real: Loaded, deals: pd.DataFrame) -> None:
    open_now = deals[deals["close_date"].isna()]
    found = {
        (row["stage_label"], row["team_label"]): row["open_count"] for row in real.view("team_followup", "stages") if row["open_count"]
    }
    assert found == {key: len(unit) for key, unit in open_now.groupby(["deal_stage", "manager"])}


@pytest.mark.parametrize("quarter", QUARTERS, ids=str)
def test_how_the_pipeline_got_from_start_to_end(real: Loaded, begun: pd.DataFrame, quarter: pd.Period) -> None:
    start, end = (quarter.start_time - pd.Timedelta(days=1)).date(), quarter.end_time.date()
    won = begun[(begun["deal_stage"] == "Won") & inside(begun["close_date"], quarter)]
    parts = (standing(begun, start), begun[inside(begun["began"], quarter)], won, standing(begun, end))
    sums = [part.groupby("manager")["amount"].sum() for part in parts]
    expected = {
        str(name): tuple(map(whole, row)) for name, row in pd.concat(sums, axis=1).fillna(0).iterrows() if row.any()
    }  # a lost deal has the amount 0 here
    keys = ("bridge_start", "bridge_new", "bridge_won", "bridge_end")
    rows = real.view("team_followup", "bridge", asked(quarter))
    assert figures(rows, "team", *keys) == expected
    assert all(row["bridge_start"] + row["bridge_new"] - row["bridge_won"] == row["bridge_end"] for row in rows)


def test_nobody_competed_in_these_files(real: Loaded) -> None:
    assert not any(real.total("competition").values())
    assert real.view("competition", "main") == []


# ── what came in ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
SPRING = "from=2013-03-01&to=2013-05-31"
FIRST, LAST = date(2013, 3, 1), date(2013, 5, 31)


def within(days: "pd.Series[Any]") -> "pd.Series[bool]":
    return (days >= FIRST) & (days <= LAST)


def cents_by(invoices: pd.DataFrame, key: str) -> dict[str, Decimal]:
    return {str(name): money(cents) for name, cents in invoices.groupby(key)["cents"].sum().items()}


def test_what_came_in_by_customer_team_and_rep(real: Loaded, invoices: pd.DataFrame) -> None:
    came = invoices[within(invoices["SettledDate"])]
    assert real.by("sales_collections", "customers", "customer", "received_amount", SPRING) == cents_by(came, "customerID")
    total = money(came["cents"].sum())
    assert real.by("sales_collections", "teams", "team", "received_amount", SPRING) == {"Receivables": total}
    assert real.by("sales_collections", "reps", "rep", "received_amount", SPRING) == {"Receivables Desk": total}
    listed = real.records(RECEIVED, SPRING)
    expected = zip(came["invoiceNumber"], came["SettledDate"], came["cents"].map(money), strict=True)
    assert {(row["number"], row["day"], row["adds"]) for row in listed.rows} == set(expected)
    assert (listed.count, listed.value) == (len(came), total)


def test_the_account_of_each_invoice_that_was_paid_or_is_outstanding(real: Loaded, invoices: pd.DataFrame) -> None:
    signed, settled = invoices["InvoiceDate"] <= LAST, invoices["SettledDate"] <= LAST
    listed = invoices[signed & (within(invoices["SettledDate"]) | ~settled)]
    team = real.ids("team")["Receivables"]
    expected = {}
    for row in listed.itertuples():
        amount, paid = money(row.cents), row.SettledDate <= LAST
        came = amount if paid else Decimal(0)
        expected[row.invoiceNumber] = (amount, came, came, amount - came, row.SettledDate if paid else None)
    keys = ("contract_amount", "received_amount", "received_to_date", "outstanding_amount", "last_receipt_on")
    rows = real.view("sales_collections", "main", f"{SPRING}&team={team}")
    assert {row["contract_label"]: tuple(row[key] for key in keys) for row in rows} == expected


def test_due_against_received_by_month(real: Loaded, invoices: pd.DataFrame) -> None:
    due, came = invoices[within(invoices["DueDate"])], invoices[within(invoices["SettledDate"])]
    met = due[due["SettledDate"] <= LAST]
    by_month = [
        frame.groupby(frame[column].map(lambda day: day.replace(day=1)))["cents"].sum()
        for frame, column in ((due, "DueDate"), (met, "DueDate"), (came, "SettledDate"))
    ]
    expected = {month: tuple(map(money, row)) for month, row in pd.concat(by_month, axis=1).fillna(0).iterrows()}
    rows = real.view("collection_progress", "months", SPRING)
    keys = ("due_in_period", "met_in_period", "received_amount")
    assert {row["month"]: tuple(row[key] for key in keys) for row in rows} == expected
    assert all(row["met_rate"] == rate(row["met_in_period"], row["due_in_period"]) for row in rows)
    assert {row["month"]: (row["due_in_period"], row["received_amount"]) for row in real.view("sales_collections", "months", SPRING)} == {
        month: (amounts[0], amounts[2]) for month, amounts in expected.items()
    }


def phase(due_on: date, paid: bool) -> str:
    if paid:
        return "paid"
    return "overdue" if due_on < LAST else "due" if due_on == LAST else "future"


@pytest.mark.parametrize("query", [SPRING, f"{SPRING}&as_of={LAST}"])
def test_each_instalment_with_what_met_it_and_how_late(real: Loaded, invoices: pd.DataFrame, query: str) -> None:
    due = invoices[within(invoices["DueDate"]) & (invoices["InvoiceDate"] <= LAST)]
    expected = set()
    for row in due.itertuples():
        paid = row.SettledDate <= LAST
        late = max(((row.SettledDate if paid else LAST) - row.DueDate).days, 0)
        receipts = f"{row.SettledDate} {money(row.cents):.2f}" if paid else None
        met = money(row.cents) if paid else Decimal(0)
        expected.add((row.invoiceNumber, row.DueDate, money(row.cents), met, phase(row.DueDate, paid), late, receipts))
    columns = ("number", "due_on", "adds", "met", "phase", "days_late", "receipts")
    assert {tuple(row[key] for key in columns) for row in real.records(DUE_IN_PERIOD, query).rows} == expected


def test_what_each_customer_owes_and_for_how_long(real: Loaded, invoices: pd.DataFrame) -> None:
    team = real.ids("team")["Receivables"]
    standing = invoices[(invoices["InvoiceDate"] <= LAST) & (invoices["SettledDate"] > LAST)]
    expected = {}
    for row in standing.itertuples():
        amount, late = money(row.cents), max((LAST - row.DueDate).days, 0)
        next_due = row.DueDate if row.DueDate >= LAST else None
        expected[row.invoiceNumber] = (amount, amount if late else 0, 0 if late else amount, late or None, next_due)
    keys = ("outstanding_amount", "overdue_amount", "not_yet_due", "days_late", "next_due_on")
    rows = real.view("collection_progress", "contracts", f"period=all&as_of={LAST}&team={team}")
    assert {row["contract_label"]: tuple(row[key] for key in keys) for row in rows} == expected


def test_every_contract_in_progress_and_each_instalment_that_is_overdue(real: Loaded, invoices: pd.DataFrame) -> None:
    team = real.ids("team")["Receivables"]
    query = f"period=all&as_of={LAST}&team={team}"
    standing = invoices[(invoices["InvoiceDate"] <= LAST) & (invoices["SettledDate"] > LAST)]
    expected, late = {}, set()
    for row in standing.itertuples():
        amount, days = money(row.cents), (LAST - row.DueDate).days
        expected[row.invoiceNumber] = (amount, amount if days >= 0 else 0, 0, amount, amount if days > 0 else 0, 0, amount, 1, 0)
        if days > 0:
            late.add((row.invoiceNumber, row.DueDate, days, amount))
    keys = (
        "contract_amount", "due_amount", "received_to_date", "outstanding_amount", "overdue_amount", "cost_amount", "margin_amount",
        "margin_rate", "received_less_cost",
    )  # fmt: skip
    rows = real.view("contracts_in_progress", "main", query)
    assert {row["contract_label"]: tuple(row[key] for key in keys) for row in rows} == expected
    listed = real.records(OVERDUE, query)
    assert {(row["number"], row["due_on"], row["days_late"], row["adds"]) for row in listed.rows} == late
    owed = standing.groupby("customerID")["cents"].sum().map(money).to_dict()
    assert real.by("contracts_in_progress", "customers", "customer", "outstanding_amount", query) == owed


# ── on the command line and in files ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_records_on_the_command_line_are_the_rows_of_the_file(real: Loaded, invoices: pd.DataFrame) -> None:
    came = invoices[within(invoices["SettledDate"])]
    words = ["report", "sales_collections", "--as", "executive", "--from", str(FIRST), "--to", str(LAST)]
    records = said(real.home, *words, "--records", "received_amount", "--format", "csv")
    behind = list(csv.DictReader(io.StringIO(records.removeprefix("\ufeff"))))
    expected = zip(came["invoiceNumber"], came["cents"].map(money), strict=True)
    # numbers that begin with zeros are guarded, so that a spreadsheet program leaves them as they are
    assert {(row["Contract"].removeprefix("'"), Decimal(list(row.values())[-1])) for row in behind} == set(expected)
