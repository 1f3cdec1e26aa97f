"""What leaves as a file is what the screen shows this person, whole, in the types of its values; and no name becomes a formula."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from crm.config import Settings
from crm.db import make_engine, reading, transaction
from crm.models import AuditEntry
from crm.vocabulary import AuditAct, Unit
from dashboard import exports, sheets
from dashboard.app import close, create_app
from dashboard.exports import DANGEROUS, Column, Sheet, delimited, guarded, workbook
from dashboard.i18n import use_language
from dashboard.queries import REPORTS, report
from dashboard.queries.filters import Filters
from dashboard.queries.measure import Figure
from dashboard.queries.measures.closings import NOT_WON_AMOUNT, WIN_RATE, WON_COUNT
from dashboard.queries.report import Report, View
from dashboard.sheets import Asked
from tests import people
from tests.people import CHEN, EAST, FANG, LIN, MEI, TODAY, WANG, WEST, ZHAO
from tests.reports.company import Company, actor

EVIL = ["=HYPERLINK(\"http://x\")", "+8613800001111", "-1+2", "@SUM(A1)", "\tcmd", "＝1+1", "\r=1"]  # fmt: skip


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use_language("en"):
        yield


def asked(company: Company, key: str, query: str = "", who: int = CHEN) -> Asked:
    """A person's question to a report, written as an address."""
    return Asked(company.answers, report(key), actor(who).scope, Filters.read(query), TODAY)


def view(wanted: Asked, name: str) -> View:
    found = wanted.report.view(name)
    assert isinstance(found, View)
    return found


def opened(*written: Sheet, about: Any = (), computed: Any = ()) -> dict[str, Worksheet]:
    """The worksheets of a written workbook, by name."""
    file = io.BytesIO()
    workbook(file, about, written, computed)
    book = openpyxl.load_workbook(file)
    return {page.title: page for page in book.worksheets}


def cells(page: Worksheet) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in page.iter_rows()]


def as_csv(sheet: Sheet) -> list[list[str]]:
    file = io.BytesIO()
    delimited(file, sheet)
    return list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_workbook_has_the_rows_of_the_screen_and_their_total(company: Company) -> None:
    company.target(1000, team=EAST)
    company.signed(amount="300.55")
    company.signed(owner=ZHAO, amount=77)
    wanted = asked(company, "plan_completion")
    page = opened(sheets.table(wanted, view(wanted, "months"), wanted.question))["By month"]
    assert cells(page) == [
        ["Month", "Target", "Signed amount", "Completion", "Gap"],
        [datetime(2026, 11, 1), 1000, 377.55, 0.37755, 622.45],
        ["Total", 1000, 377.55, 0.37755, 622.45],
    ]
    assert [page["B2"].number_format, page["D2"].number_format, page["A2"].number_format] == ["#,##0.00", "0.0%", "yyyy-mm"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("B2", "A1:E2"), "its head and its names stay in view"
    assert (page.page_setup.orientation, page.page_setup.fitToHeight, page.print_title_rows) == ("landscape", 0, "$1:$1")


def test_what_has_no_figure_is_an_empty_cell(company: Company) -> None:
    company.signed(amount=5)
    wanted = asked(company, "plan_completion", "product=1")
    page = opened(sheets.table(wanted, view(wanted, "months"), wanted.question))["By month"]
    assert cells(page)[1] == [datetime(2026, 11, 1), None, 5, None, None]


def test_the_first_sheet_says_what_the_rows_are(company: Company) -> None:
    company.signed(amount=5)
    wanted = asked(company, "plan_completion", f"as_of=2026-11-23&compare=year&team={EAST}&product=1", LIN)
    main = view(wanted, "main")
    pages = opened(sheets.table(wanted, main, wanted.question), about=sheets.about(wanted, "By team", [main]))
    assert list(pages) == ["About", "By team"]
    said = dict(row[:2] for row in cells(pages["About"]))
    assert said["Report"] == "Plan completion"
    assert said["Period"] == "2026-11-01 – 2026-11-23 (23 days)"
    assert said["Compared with"] == "2025-11-01 – 2025-11-23 (23 days)"
    assert said["Filters"] == "Product: 客户管理套件 · Team: 华东"
    assert said["State day"] == datetime(2026, 11, 23)
    assert said["As of"] == datetime(2026, 11, 23)
    assert said["Scope"] == "Teams: 华东"
    assert said["Data version"] == wanted.version
    assert said["Data as of"] == "2026-11-23 14:03"
    assert said["Target"] == "Not known by Product: clear this filter to see it."
    assert said["Rows"] == 1


def test_the_first_sheet_says_how_each_figure_is_computed_and_what_is_left_out(company: Company) -> None:
    """Three closings: two lost, one of them of nobody's amount; one won. The rate itself counts no rows, its parts do."""
    company.closed("lost", amount=5)
    company.closed("lost", amount=0, amount_known=False)
    company.closed("won")
    wanted = asked(company, "loss_analysis")
    shown = [figure for figure in wanted.report.headline if figure.key in ("not_won_amount", "win_rate")]
    page = opened(about=[("Report", "x")], computed=sheets.computed(wanted, shown))["About"]
    said = {row[0]: row[1] for row in cells(page) if row[0]}
    assert list(said)[:3] == ["Report", "Rows", "How the figures are computed"]
    assert said[str(WIN_RATE.title)] == str(WIN_RATE.definition)
    assert said[str(WON_COUNT.title)].endswith("Rows counted: 1.")
    assert said[str(NOT_WON_AMOUNT.title)].endswith("Rows counted: 2. Left out: Counted with 0: nobody stated an amount (1).")


def test_whole_days_have_no_decimal_in_any_file() -> None:
    """Zhao's deals took nine days and ten and a half, the whole company's ten in the mean; one young row is shaded."""
    days = Column("days", "Days", "days", lambda row: row["days"])
    rows = [{"days": Decimal("9.0")}, {"days": Decimal("10.5"), "young": True}, {"days": 0}, {"days": None}]
    page = opened(Sheet("Cycle", [days], rows, {"days": Decimal("9.98")}))["Cycle"]
    looks = [(page.cell(row, 1).value, page.cell(row, 1).number_format) for row in (2, 3, 4, 6)]
    assert looks == [(9, "#,##0"), (10.5, "#,##0.0"), (0, "#,##0"), (9.98, "#,##0")], "9.98 is 10 on the screen too"
    assert as_csv(Sheet("Cycle", [days], rows)) == [["Days"], ["9"], ["10.5"], ["0"], [""]]
    assert [exports.written(days, row["days"]) for row in rows] == ["9", "10.5", "0", "–"]


def test_the_total_is_empty_where_a_column_has_none(company: Company) -> None:
    """Nobody sums ranks, nor the numbers of instalments; what is only missing, a completion without a target, stays a dash."""
    company.signed(amount=5)
    ranking = asked(company, "rep_ranking")
    columns = sheets.table(ranking, view(ranking, "main"), ranking.question)
    assert columns.total is not None
    said = {column.key: exports.totalled(column, columns.total, place) for place, column in enumerate(columns.columns)}
    assert (said["rank_in_company"], said["rank_in_team"], said["team"]) == ("", "", "Total")
    assert (said["signed_amount"], said["completion_rate"]) == ("5.00", "–")
    company.instalment(date(2026, 11, 1), amount=100, met=40, since=date(2026, 11, 2), contract_id=company.contract("HT-1"))
    progress = asked(company, "collection_progress")
    measure = progress.measure("due_in_period", progress.report.views[0])
    assert measure is not None
    listed = sheets.behind(progress, measure, {}, progress.question)
    assert listed.total is not None
    cells_of = {column.key: exports.totalled(column, listed.total, place) for place, column in enumerate(listed.columns)}
    assert {cells_of.pop("adds"), cells_of.pop(listed.columns[0].key)} == {"100.00", "Total"}
    assert {*cells_of.values()} == {""}
    assert "days_late" in cells_of


def test_names_that_look_like_formulas_are_strings(company: Company) -> None:
    for number, name in enumerate(EVIL):
        company.balance(contract_id=company.contract(f"HT-{number}", company.customer(name)), amount=100 - number)
    wanted = asked(company, "contracts_in_progress")
    page = opened(sheets.table(wanted, view(wanted, "main"), wanted.question))["By contract"]
    names = [page.cell(row, 1) for row in range(2, len(EVIL) + 2)]
    assert {cell.data_type for cell in names} <= {"s", "inlineStr"}
    assert {cell.value for cell in names} == {*EVIL[:-1], " =1"}
    assert all(cell.quotePrefix for cell in names if cell.value != " =1")


def test_a_long_table_leaves_whole_and_each_row_once(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LOT", 3)
    for number in range(10):
        company.balance(contract_id=company.contract(f"HT-{number}"), amount=1000 - number)
    wanted = asked(company, "contracts_in_progress")
    rows = as_csv(sheets.table(wanted, view(wanted, "main"), wanted.question))
    assert [row[1] for row in rows[1:]] == [f"HT-{number}" for number in range(10)]


def test_a_full_worksheet_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 4)
    sheet = Sheet("Numbers", [Column("n", "N", "count", lambda row: row["n"])], ({"n": n} for n in range(10)), {"n": 45})
    pages = opened(sheet)
    assert [cells(pages[name]) for name in ("Numbers", "Numbers (2)", "Numbers (3)")] == [
        [["N"], [0], [1], [2], [3]], [["N"], [4], [5], [6], [7]], [["N"], [8], [9], [45]],
    ]  # fmt: skip
    assert cells(pages["About"]) == [["Rows", 10]]


def test_a_worksheet_is_called_by_the_whole_title_where_that_fits() -> None:
    """Fang opens the instalments: the name is not cut before it has to be, and a second sheet of the name has a number."""
    sheets_of = [Sheet(title, [], []) for title in ("Instalments due in the period", "Instalments due in the period", "x" * 40)]
    assert list(opened(*sheets_of))[-3:] == ["Instalments due in the period", "Instalments due in the per (2)", "x" * 31]


def test_the_compared_window_has_a_sheet_of_its_own(company: Company) -> None:
    company.signed(date(2026, 10, 5), amount=3)
    company.signed(amount=5)
    wanted = asked(company, "plan_completion", "compare=previous")
    assert wanted.before is not None
    pages = opened(*(sheets.table(wanted, view(wanted, "main"), question) for question in (wanted.question, wanted.before)))
    assert [pages[name].cell(2, 3).value for name in ("By team", "By team, compared")] == [5, 3]


def test_columns_of_categories_are_called_by_them(company: Company) -> None:
    contract = company.contract("HT-1")
    company.balance(contract_id=contract, amount=10)
    company.cost(contract_id=contract, amount=4)
    wanted = asked(company, "contracts_in_progress")
    sheet = sheets.table(wanted, view(wanted, "main"), wanted.question)
    assert [(column.key, column.title) for column in sheet.columns[-2:]] == [("cost_amount[差旅]", "差旅"), ("cost_amount[硬件]", "硬件")]
    assert as_csv(sheet)[1][-2:] == ["4.00", "0.00"]


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_csv_begins_with_a_mark_and_has_numbers_as_programs_read_them(company: Company) -> None:
    company.target(100, owner=WANG)
    company.signed(amount="1234.5")
    company.received(amount=-7)
    wanted = asked(company, "plan_completion")
    file = io.BytesIO()
    assert delimited(file, sheets.table(wanted, view(wanted, "reps"), wanted.question)) == 4
    assert file.getvalue().startswith(b"\xef\xbb\xbfTeam,Rep,Login,Target,")
    first = file.getvalue().decode("utf-8-sig").splitlines()[1]
    assert first == "华东,王,wang,100.00,1234.50,12.345000,-1134.50,0.00,0.00,1234.50,12.345000"


def test_csv_guards_text_and_never_our_own_negative_numbers() -> None:
    columns = [Column("name", "=N", "text", lambda row: row["name"]), Column("sum", "Sum", "money", lambda row: row["sum"])]
    rows = as_csv(Sheet("x", columns, [{"name": name, "sum": Decimal("-1.5")} for name in EVIL]))
    assert rows == [["'=N", "Sum"], *(["'" + name, "-1.50"] for name in EVIL)]


def test_csv_keeps_what_only_looks_like_a_number() -> None:
    """A product is called 007, an account has eighteen places, a part is 1E5: no spreadsheet program makes another number of them."""
    code = Column("code", "Code", "text", lambda row: row["code"])
    codes = ["007", "0.5", "110101199003071234", "13800001111", "1E5", "2e-10", "0", "A007", "007-1", "００７"]
    rows = as_csv(Sheet("x", [code], [{"code": text} for text in codes]))
    assert [row[0] for row in rows[1:]] == [
        "'007", "0.5", "'110101199003071234", "13800001111", "'1E5", "'2e-10", "0", "A007", "007-1", "００７",
    ]  # fmt: skip
    page = opened(Sheet("x", [code], [{"code": text} for text in codes]))["x"]
    assert [page.cell(place, 1).value for place in range(2, len(codes) + 2)] == codes


def test_a_thousand_reps_and_nobody_leave_whole_and_are_read_by_a_second_library() -> None:
    """Among them one called by a picture, one by a wide equals sign, and one whose name nobody will type."""
    odd = ["王磊🚀", "＝1+1", "很长的名字" * 60, "O'Brien \"Bob\", Jr."]
    names = [*odd, *(f"销售{number:04}" for number in range(996))]
    columns = [
        Column("rep", "Rep", "text", lambda row: row["rep"]),
        Column("sum", "Sum", "money", lambda row: row["sum"]),
        Column("rate", "Rate", "rate", lambda row: row["rate"]),
    ]
    rows = [{"rep": name, "sum": Decimal(number) / 100, "rate": None} for number, name in enumerate(names)]
    file = io.BytesIO()
    whole = Sheet("Reps", columns, rows, {"sum": Decimal("4995.00"), "rate": None})
    nobody = Sheet("Nobody", columns, [], {"sum": 0, "rate": None})
    assert workbook(file, [("Report", "x")], [whole, nobody]) == 1000
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.getvalue()))
    assert book.sheet_names == ["About", "Reps", "Nobody"]
    read = book.get_sheet_by_name("Reps").to_python()
    assert [row[0] for row in read] == ["Rep", *names, "Total"]
    assert [row[1] for row in read[1:]] == [*(number / 100 for number in range(1000)), 4995]
    assert {row[2] for row in read[1:]} == {""}
    assert book.get_sheet_by_name("Nobody").to_python() == [["Rep", "Sum", "Rate"], ["Total", 0, ""]]
    lines = as_csv(whole)
    assert [row[0] for row in lines[1:]] == [odd[0], "'＝1+1", *names[2:]]
    assert as_csv(nobody) == [["Rep", "Sum", "Rate"]]


def test_the_total_of_days_stands_in_files_as_on_the_screen(company: Company) -> None:
    """The company's last receipt is that of its last contract."""
    contract = company.contract("HT-1")
    company.received(date(2026, 11, 20), amount=7, contract_id=contract)
    company.balance(contract_id=contract, amount=10, received=7, last_receipt_on=date(2026, 11, 20))
    wanted = asked(company, "sales_collections")
    main = view(wanted, "main")
    sheet = sheets.table(wanted, main, wanted.question)
    assert sheet.total is not None
    said = {column.key: exports.totalled(column, sheet.total, place) for place, column in enumerate(sheet.columns)}
    assert said["last_receipt_on"] == "2026-11-20"
    page = opened(sheets.table(wanted, main, wanted.question))[str(main.title)]
    place = [column.key for column in sheet.columns].index("last_receipt_on") + 1
    assert page.cell(page.max_row, place).value == datetime(2026, 11, 20)


@given(st.text())
def test_no_text_begins_like_a_formula_once_it_is_guarded(text: str) -> None:
    assert not DANGEROUS.match(guarded(text))
    assert guarded(text) in (text, "'" + text)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_any_text_comes_out_of_both_files_as_text(texts: list[str]) -> None:
    texts = [text.encode(errors="replace").decode() for text in texts]  # half a pair of surrogates is no text
    sheet = Sheet("t", [Column("t", "T", "text", lambda row: row["t"])], [{"t": text} for text in texts])
    page = opened(sheet)["t"]
    assert {cell.data_type for (cell,) in page.iter_rows()} <= {"s", "inlineStr", "n"}
    assert [cell.value for (cell,) in page.iter_rows() if cell.data_type == "n" and cell.value is not None] == []
    assert [row[0] if row else "" for row in as_csv(sheet)[1:]] == [guarded(text) for text in texts]


# ── every report ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def busy() -> Company:
    """A company in which something of every kind happened, in both teams."""
    company = Company()
    for owner, (amount, day) in product((WANG, ZHAO), ((7, date(2026, 11, 3)), ("1250.55", date(2026, 11, 20)), (90, date(2026, 9, 9)))):
        company.target(1000, month=day.replace(day=1), owner=owner)
        company.lead(day, owner, first_handled_on=day, converted_on=day)
        company.lead(day, owner, source_id=people.EXPO, campaign_id=people.SPRING_EXPO, product_ids=[2], product_mask=2)
        company.became("won", day, owner)
        company.became("signed", day, owner, amount)
        company.open(day, owner, amount, expected_close_on=date(2026, 11, 10))
        for status, reason in (("won", None), ("lost", people.TO_COMPETITOR), ("lost", None), ("stopped", people.POSTPONED)):
            company.closed(status, day, owner, amount, reason_id=reason, competitor_id=people.RIVAL)
        contract = company.contract(owner=owner, amount=amount)
        company.signed(day, owner, amount, contract_id=contract)
        company.balance(day, owner, amount, received=5, contract_id=contract)
        company.instalment(date(2026, 11, 1), owner, amount, met=5, since=day, contract_id=contract)
        company.cost(day, owner, 3, contract_id=contract)
    return company


VIEWS = [(found, shown) for found in REPORTS for shown in found.views if isinstance(shown, View)]
ADDRESSES = ("", "period=this_year&product=2", "period=all&as_of=2026-10-01")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(("found", "shown"), VIEWS, ids=[f"{found.key}-{shown.name}" for found, shown in VIEWS])
def test_the_file_has_exactly_the_figures_of_the_screen(found: Report, shown: View, address: str, busy: Company) -> None:
    for who in map(actor, (CHEN, LIN, WANG, MEI, FANG)):
        if not found.open_to(who.roles):
            continue
        wanted = Asked(busy.answers, found, who.scope, Filters.read(address), TODAY)
        screen = busy.answers.table(found, shown, who.scope, wanted.filters, TODAY).table
        columns, *rows = as_csv(sheets.table(wanted, shown, wanted.question))
        places = [columns.index(guarded(str(figure.title))) for figure in screen.columns]
        assert [[row[place] for place in places] for row in rows] == [
            [plain(row, figure) for figure in screen.columns] for row in screen.rows
        ]
        assert places == sorted(places)


def plain(row: dict[str, Any], figure: Figure) -> str:
    """A figure of the screen as CSV has it, written a second time."""
    if figure.key in row.get("few", ()):
        return "<3"
    places = {Unit.MONEY: ".2f", Unit.RATE: ".6f", Unit.DAYS: ".1f", Unit.COUNT: "", Unit.MOVE: "", Unit.DAY: "%Y-%m-%d"}[figure.unit]
    text = "" if row[figure.key] is None else format(row[figure.key], places)
    return text.removesuffix(".0") if figure.unit is Unit.DAYS else text


def test_a_rate_over_few_cases_leaves_with_both_its_parts_and_its_interval(company: Company) -> None:
    """Two won, one lost; the interval as Wilson's formula gives it for 2 of 3. The headline has no column of the lost ones but here."""
    for status in ("won", "won", "lost"):
        company.closed(status, date(2026, 11, 3), amount=5)
    wanted = asked(company, "loss_analysis")
    titles, row = as_csv(sheets.table(wanted, wanted.report.top, wanted.question))
    assert {str(part.title) for part in WIN_RATE.parts} <= {*titles}
    assert row[-3:] == ["0.666667", "0.207660", "0.938508"]


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_records_leave_with_what_each_adds(company: Company) -> None:
    company.signed(
        date(2026, 11, 5), amount="10.10", contract_id=company.contract("HT-1", company.customer("大地"), signed_on=date(2026, 11, 5))
    )
    company.signed(
        date(2026, 11, 6), amount=5, contract_id=company.contract("HT-2", company.customer("=大地"), signed_on=date(2026, 11, 6))
    )
    wanted = asked(company, "plan_completion")
    measure = wanted.measure("signed_amount", view(wanted, "main"))
    assert measure is not None
    page = opened(sheets.behind(wanted, measure, {"team": EAST}, wanted.question))["Signed amount"]
    signed = [datetime(2026, 11, 5), datetime(2026, 11, 6)]
    assert cells(page) == [
        ["Contract", "Customer", "Team (at the time)", "Rep (at the time)", "Login", "Signed on", "Status today", "Products",
         "Signed amount"],
        ["HT-1", "大地", "华东", "王", "wang", signed[0], "In progress", "客户管理套件", 10.1],
        ["HT-2", "=大地", "华东", "王", "wang", signed[1], "In progress", "客户管理套件", 5],
        ["Total", None, None, None, None, None, None, None, 15.1],
    ]  # fmt: skip


def test_who_no_longer_holds_a_contract_exports_it_without_its_customer(company: Company) -> None:
    company.signed(amount=5, contract_id=company.contract("HT-1", company.customer("大地", owner=ZHAO), owner=ZHAO))
    wanted = asked(company, "plan_completion", who=LIN)
    measure = wanted.measure("signed_amount", view(wanted, "main"))
    assert measure is not None
    (row,) = as_csv(sheets.behind(wanted, measure, {}, wanted.question))[1:]
    assert row[:3] == ["HT-1", "", "华东"]


# ── the addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[tuple[Any, str]]:
    """The application over a company with one lead, one open opportunity and one lost: (app, database address)."""
    home = tmp_path_factory.mktemp("exports")
    url = f"sqlite:///{home / 'saleslens.db'}"
    (home / "saleslens.db").write_bytes(sqlite_template.read_bytes())
    engine = people.company(url)
    with transaction(engine) as session:
        people.a_lead(session, arrived=TODAY)
        people.an_opportunity(session, "云盘", created=date(2026, 11, 3), amount="12.50")
        people.an_opportunity(
            session, "=套件", created=date(2026, 11, 3), amount="7.25", status=people.OpportunityStatus.LOST, closed=date(2026, 11, 4)
        )
    engine.dispose()
    app = create_app(Settings(home=home))
    yield app, url
    close(app)


def signed_in(app: Any, login: str) -> FlaskClient:
    """A browser in which that person has signed in."""
    app.server.config["WTF_CSRF_ENABLED"] = False
    client = app.server.test_client()
    answer = client.post("/sign-in", data={"login": login, "password": people.PASSWORD}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 302
    return client


def fetched(client: FlaskClient, address: str) -> Any:
    """The answer, with all its bytes in hand."""
    answer = client.get(address)
    answer.get_data()
    answer.close()
    return answer


NOVEMBER = "from=2026-11-01&to=2026-11-30"


def test_a_lead_exports_what_the_page_shows_and_it_is_logged(address: tuple[Any, str]) -> None:
    app, url = address
    answer = fetched(signed_in(app, "lin"), f"/reports/loss_analysis/export.csv?{NOVEMBER}&table=main&team={EAST}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "2026-11-01" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[:5] for row in rows[1:]] == [["价格太高", "1", "7.25", "1", "7.25"]]
    with reading(make_engine(url)) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == AuditAct.EXPORTED).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.by_id == LIN
    assert '"rows":1' in entry.after
    assert f'"filters":"from=2026-11-01&to=2026-11-30&team={EAST}"' in entry.after


def test_a_file_is_named_after_what_was_asked(address: tuple[Any, str]) -> None:
    answer = fetched(signed_in(address[0], "chen"), f"/reports/loss_analysis/export.csv?{NOVEMBER}&table=main&team={EAST}&as_of=2026-11-10")
    name = unquote(answer.headers["Content-Disposition"])
    assert "输单及停止分析_按原因_华东_2026-11-01_2026-11-10_截至 2026-11-10_v" in name


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("export.xlsx?table=main", ('"format":"xlsx"', '"table":"main"', '"rows":1')),
        ("export.csv?table=main", ('"format":"csv"', '"rows":1')),
        ("export.pdf?table=main", ('"format":"pdf"', '"rows":1')),
        ("export.xlsx?records=lost_count&view=main&cell.reason=1", ('"format":"xlsx"', '"measure":"lost_count"', '"cell":{"reason":"1"}')),
        ("export.csv?records=lost_count&view=main", ('"format":"csv"', '"measure":"lost_count"', '"rows":1')),
    ],
)
def test_whatever_leaves_stands_in_the_log(address: tuple[Any, str], path: str, said: tuple[str, ...]) -> None:
    app, url = address
    engine = make_engine(url)
    left = select(AuditEntry).where(AuditEntry.act == AuditAct.EXPORTED).order_by(AuditEntry.id)
    with reading(engine) as session:
        before = len(session.scalars(left).all())
    assert fetched(signed_in(app, "chen"), f"/reports/loss_analysis/{path}&{NOVEMBER}").status_code == 200
    with reading(engine) as session:
        entries = session.scalars(left).all()
    assert len(entries) == before + 1
    assert entries[-1].by_id == CHEN
    assert [words for words in (*said, f'"filters":"{NOVEMBER}"') if words not in entries[-1].after] == []


def test_a_rep_takes_the_page_along_on_paper_and_it_is_logged(address: tuple[Any, str]) -> None:
    app, url = address
    answer = fetched(signed_in(app, "wang"), f"/reports/loss_analysis/export.pdf?{NOVEMBER}")
    assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert answer.headers["Content-Disposition"].endswith(".pdf")
    with reading(make_engine(url)) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.act == AuditAct.EXPORTED).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.by_id == WANG
    assert '"format":"pdf"' in entry.after
    assert '"rows":1' in entry.after


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("wang", f"loss_analysis/pictures/reasons?{NOVEMBER}", 204),
        ("wang", "loss_analysis/pictures/nothing", 404),
        ("wang", f"loss_analysis/pictures/reasons?team={WEST}", 400),
        ("mei", "loss_analysis/pictures/reasons", 404),
    ],
)
def test_a_picture_stands_in_the_log_before_it_is_saved(address: tuple[Any, str], login: str, path: str, status: int) -> None:
    app, url = address
    engine = make_engine(url)
    pictures = select(AuditEntry).where(AuditEntry.act == AuditAct.EXPORTED, AuditEntry.after.contains('"picture":"reasons"'))
    with reading(engine) as session:
        before = len(session.scalars(pictures).all())
    answer = signed_in(app, login).post(f"/reports/{path}", headers={"Origin": "http://localhost"})
    assert answer.status_code == status
    with reading(engine) as session:
        assert len(session.scalars(pictures).all()) == before + (status == 204)


def test_the_records_behind_a_cell_leave_as_a_workbook(address: tuple[Any, str]) -> None:
    client = signed_in(address[0], "chen")
    answer = fetched(
        client, f"/reports/loss_analysis/export.xlsx?{NOVEMBER}&records=lost_amount&view=main&cell.reason={people.TOO_EXPENSIVE}"
    )
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    values = [[cell.value for cell in row] for row in book.worksheets[1].iter_rows()]
    assert (values[1][0], values[1][-1], values[2][-1]) == ("=套件", 7.25, 7.25)
    nothing = fetched(client, f"/reports/loss_analysis/export.csv?{NOVEMBER}&records=lost_amount&view=main&cell.reason=")
    assert len(nothing.data.decode("utf-8-sig").splitlines()) == 1


def test_a_rep_carries_nothing_away(address: tuple[Any, str]) -> None:
    client = signed_in(address[0], "wang")
    for query in ("table=main", "table=slipped", "records=target_amount&view=main", "records=open_amount&view=main&cell.team=1"):
        answer = client.get(f"/reports/plan_completion/export.xlsx?{query}")
        assert (answer.status_code, answer.mimetype) == (403, "text/plain")
        assert answer.data.decode() == "您不能导出这些数据行，但可以打印页面、保存图片。"


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("mei", "plan_completion/export.csv", 404),  # not a report of hers
        ("mei", "lead_conversion/export.csv?table=main", 200),
        ("mei", "lead_conversion/export.csv?records=cohort_signed_amount&view=main", 403),
        ("lin", f"loss_analysis/export.csv?team={WEST}", 400),
        ("chen", "loss_analysis/export.csv?team=east", 400),
        ("chen", "loss_analysis/export.csv?from=2026-02-01&to=2026-01-01", 400),
        ("chen", "loss_analysis/export.csv?table=none", 404),
        ("chen", "loss_analysis/export.csv?records=win_rate", 404),
        ("chen", "loss_analysis/export.csv?records=lost_count&cell.owner=1", 404),
        ("chen", "loss_analysis/export.csv?records=lost_count&cell.reason=x", 404),
        ("chen", "nothing/export.csv", 404),
        ("chen", "loss_analysis/export.exe", 404),
        ("wang", "plan_completion/export.pdf?table=reps", 200),
        ("mei", "plan_completion/export.pdf", 404),
        ("lin", f"loss_analysis/export.pdf?team={WEST}", 400),
        ("wang", "loss_analysis/export.pdf?records=lost_count&view=main", 404),
        ("", "loss_analysis/export.pdf", 401),
        ("chen", "loss_analysis/export.csv?unknown=1", 400),
        ("", "loss_analysis/export.csv", 401),
    ],
)
def test_an_address_gives_rows_or_a_sentence(address: tuple[Any, str], login: str, path: str, status: int) -> None:
    client = signed_in(address[0], login) if login else address[0].server.test_client()
    assert fetched(client, f"/reports/{path}").status_code == status


@pytest.mark.parametrize(("key", "name"), [("plan_completion", "main"), ("contracts_in_progress", "main")])
def test_a_file_says_beside_each_figure_what_it_was_in_the_compared_window(key: str, name: str, company: Company) -> None:
    contract = company.contract("HT-1")
    company.balance(contract_id=contract, amount=10)
    company.signed(date(2026, 10, 5), amount=3)
    company.signed(amount=5)
    wanted = asked(company, key, "compare=previous")
    assert wanted.before
    now, then = sheets.exported(wanted, view(wanted, name))
    shown, other = as_csv(now), as_csv(then)
    compared = [place for place, column in enumerate(now.columns) if column.key.endswith("_before")]
    assert compared
    for place in compared:
        column = now.columns[place].key.removesuffix("_before")
        there = next(number for number, own in enumerate(then.columns) if own.key == column)
        by_name = {row[0]: row[there] for row in other[1:]}
        assert [row[place] or "0.00" for row in shown[1:]] == [by_name.get(row[0]) or "0.00" for row in shown[1:]]
