"""`saleslens report`: a person's numbers from the command line, in a shape that programs can rely on."""

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from cli import main
from crm import clock
from crm.config import Settings
from crm.db import transaction
from crm.vocabulary import Unit
from dashboard.cli_report import Source, command
from dashboard.cli_table import text_table, width
from dashboard.exports import Column, Sheet
from dashboard.queries import REPORTS
from dashboard.queries.measure import Derived
from etl.sync import Follower
from tests import people
from tests.people import EAST, EXPO, TO_COMPETITOR, WANG, ZHAO
from tests.reports.company import Company

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Engine]:
    """The operational database that knows who Chen, Lin and Wang are."""
    path = tmp_path_factory.mktemp("people") / "saleslens.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = people.company(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def company() -> Company:
    return Company()


class Terminal:
    """Where the command is typed."""

    def __init__(self, company: Company, engine: Engine) -> None:
        self.source = Source(company.answers, engine)

    def run(self, *words: str) -> Result:
        """What the command says to these words."""

        @contextmanager
        def opened(_settings: Any) -> Iterator[Source]:
            yield self.source

        with clock.at(NOON):
            result = CliRunner().invoke(command(opened), words)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *words: str) -> Any:
        """What it says as JSON, when all goes well."""
        result = self.run(*words, "--format", "json")
        assert (result.exit_code, result.stderr) == (0, ""), result.stderr
        return orjson.loads(result.stdout_bytes)

    def refused(self, *words: str) -> tuple[int, str]:
        """Its exit code and its sentence, when it prints nothing else."""
        result = self.run(*words, "--language", "en")
        assert result.stdout == ""
        return result.exit_code, result.stderr.strip()


@pytest.fixture
def terminal(company: Company, engine: Engine) -> Terminal:
    return Terminal(company, engine)


# ── the shape of an answer ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_answer_has_the_shape_that_programs_rely_on(company: Company, terminal: Terminal) -> None:
    company.target(1000, team=EAST)
    company.signed(date(2026, 11, 5), amount="300.5")
    company.signed(date(2026, 10, 5), amount=80)
    answer = terminal.json("plan_completion", "--team", "华东", "--compare", "previous", "--table", "reps", "--as-of", "2026-11-20")
    zeros = {"open_amount": "0.00", "weighted_amount": "0.00", "projected_amount": "0.00", "projected_completion": None}
    lin = {"team": "华东", "rep_name": "林", "rep": "lin", "target_amount": "0.00", "signed_amount": "0.00", "completion_rate": None}
    wang = lin | {"rep_name": "王", "rep": "wang", "signed_amount": "300.50"}
    projected = {"projected_amount": "300.50"}
    assert answer == {
        "report": "plan_completion",
        "filters": {
            "period": "this_month", "from": "2026-11-01", "to": "2026-11-30", "as_of": "2026-11-20", "compare": "previous",
            "team": ["华东"],
        },
        "state_day": "2026-11-20",
        "version": answer["version"],
        "headline": {
            "target_amount": "1000.00", "signed_amount": "300.50", "completion_rate": "0.300500", "gap_amount": "699.50",
            "projected_completion": "0.300500", "open_amount": "0.00",
        },
        "tables": {"reps": [wang | zeros | projected | {"gap_amount": "-300.50"}, lin | zeros | {"gap_amount": "0.00"}]},
        "compare": {
            "report": "plan_completion",
            "filters": {
                "period": "this_month", "from": "2026-10-01", "to": "2026-10-20", "as_of": "2026-10-20", "compare": "previous",
                "team": ["华东"],
            },
            "state_day": "2026-10-20",
            "version": answer["version"],
            "headline": {
                "target_amount": "0.00", "signed_amount": "80.00", "completion_rate": None, "gap_amount": "-80.00",
                "projected_completion": None, "open_amount": "0.00",
            },
            "tables": {"reps": [
                wang | zeros | {"signed_amount": "80.00", "gap_amount": "-80.00", "projected_amount": "80.00"},
                lin | zeros | {"gap_amount": "0.00"},
            ]},
        },
    }  # fmt: skip
    assert isinstance(answer["version"], int)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_every_report_answers_with_all_its_tables(company: Company, terminal: Terminal, report: Any) -> None:
    company.signed()
    company.lead(converted_on=date(2026, 11, 23), first_handled_on=date(2026, 11, 23))
    company.closed()
    company.balance()
    answer = terminal.json(report.key)
    assert list(answer["tables"]) == [view.name for view in report.views]
    shown = [figure.key for figure in report.headline]
    assert [key for key in answer["headline"] if key in shown] == shown
    ends = {f"{figure.key}_{end}" for figure in report.headline if isinstance(figure, Derived) and figure.cases for end in ("low", "high")}
    assert answer["headline"].keys() - set(shown) == ends  # how sure a rate over few cases is
    assert answer["compare"] is None


def test_dimensions_are_called_by_what_names_them(company: Company, terminal: Terminal) -> None:
    company.lead(date(2026, 11, 2), source_id=EXPO, product_ids=[], product_mask=0)
    company.lead(date(2026, 11, 2), first_handled_on=date(2026, 11, 2), converted_on=date(2026, 11, 5))
    company.lead(date(2026, 11, 2), first_handled_on=date(2026, 11, 2), converted_on=date(2026, 11, 6))
    tables = terminal.json("lead_conversion")["tables"]
    named = {name: [{key: row[key] for key in list(row)[:2]} for row in rows] for name, rows in tables.items()}
    assert named["main"] == [{"source": "网站", "leads": 2}, {"source": "展会", "leads": 1}]
    assert named["products"] == [{"product_name": "客户管理套件", "product": "CRM"}, {"product_name": None, "product": None}]
    assert named["arrivals"] == [{"month": "2026-11", "leads": 3}]
    assert [row["conversion_median_days"] for row in tables["main"]] == ["3.5", None]
    assert [row["conversion_rate"] for row in tables["main"]] == ["1.000000", "0.000000"]


def test_a_long_table_comes_whole(company: Company, terminal: Terminal) -> None:
    for number in range(130):
        company.balance(contract_id=company.contract(f"HT-{number}", company.customer("大地")), amount=number + 1)
    rows = terminal.json("contracts_in_progress", "--table", "main")["tables"]["main"]
    assert [row["contract"] for row in rows] == [f"HT-{number}" for number in reversed(range(130))]
    assert sum(Decimal(row["contract_amount"]) for row in rows) == 8515


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_records_add_sums_to_the_number(company: Company, terminal: Terminal) -> None:
    company.signed(date(2026, 11, 5), amount="300.5", contract_id=company.contract("HT-1", company.customer("大地")))
    company.signed(date(2026, 11, 6), amount=12)
    company.signed(owner=ZHAO, amount=77)
    answer = terminal.json("plan_completion", "--records", "signed_amount", "--cell", "team=华东")
    assert answer["measure"] == "signed_amount"
    assert Decimal(answer["value"]) == sum(Decimal(record["adds"]) for record in answer["records"]) == Decimal("312.50")
    assert answer["records"][0] == {
        "number": "HT-1", "customer": "大地", "team": "华东", "rep_name": "王", "rep": "wang", "signed_on": None,
        "status": "in_progress", "products": "客户管理套件", "adds": "300.50",
    }  # fmt: skip


def test_the_row_of_what_is_not_stated_is_named_by_nothing(company: Company, terminal: Terminal) -> None:
    company.closed(reason_id=None, amount=5)
    company.closed(reason_id=TO_COMPETITOR, amount=7)
    assert terminal.json("loss_analysis", "--records", "lost_amount", "--cell", "reason=")["value"] == "5.00"
    assert terminal.json("loss_analysis", "--records", "lost_amount", "--cell", "reason=输给竞争对手")["value"] == "7.00"
    assert terminal.json("loss_analysis", "--records", "lost_count", "--table", "months", "--cell", "month=2026-11")["value"] == 2


def test_a_cell_is_named_as_the_table_names_it(company: Company, terminal: Terminal) -> None:
    contract = company.contract("HT-1", company.customer("大地"))
    company.balance(contract_id=contract)
    company.cost(contract_id=contract, amount=4)
    words = ("contracts_in_progress", "--records", "cost_amount[差旅]", "--cell", "contract=HT-1", "--cell", "customer=大地")
    assert terminal.json(*words)["value"] == "4.00"
    assert terminal.json("plan_completion", "--records", "open_amount", "--table", "reps", "--cell", "rep=wang")["value"] == "0.00"


def test_a_person_gets_the_numbers_of_their_own_page(company: Company, terminal: Terminal) -> None:
    company.signed(owner=WANG, amount=5)
    company.signed(owner=ZHAO, amount=70)
    signed = {login: terminal.json("plan_completion", "--as", login)["headline"]["signed_amount"] for login in ("wang", "sun", "chen")}
    assert signed | {"nobody": terminal.json("plan_completion")["headline"]["signed_amount"]} == {
        "wang": "5.00", "sun": "70.00", "chen": "75.00", "nobody": "75.00",
    }  # fmt: skip


def test_marketing_sees_sums_and_no_records_of_money(company: Company, terminal: Terminal) -> None:
    company.lead()
    company.became("signed", amount=5)
    company.became("won")
    answer = terminal.json("lead_conversion", "--as", "mei", "--records", "cohort_signed_amount")
    assert answer == {"measure": "cohort_signed_amount", "value": None, "records": []}
    (row,) = terminal.json("lead_conversion", "--as", "mei", "--table", "main")["tables"]["main"]
    assert (row["leads"], row["cohort_won_count"], row["cohort_signed_amount"]) == (1, 1, "<3")


def test_a_number_that_runs_up_over_the_days_has_all_records_up_to_its_day(company: Company, terminal: Terminal) -> None:
    for day, amount in ((3, 10), (5, 20), (9, 40)):
        company.signed(date(2026, 11, day), amount=amount)
    pace = {row["day"]: row["signed_amount"] for row in terminal.json("plan_completion", "--table", "pace")["tables"]["pace"]}
    for day in ("2026-11-04", "2026-11-05", "2026-11-23"):
        behind = terminal.json("plan_completion", "--table", "pace", "--records", "signed_amount", "--cell", f"day={day}")
        assert (behind["value"], len(behind["records"])) == (pace[day], {"2026-11-04": 1, "2026-11-05": 2}.get(day, 3))


PLAN = ("plan_completion",)


# ── what is not there ────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        ([*PLAN, "--team", "华北"], 2, "“华北” is not a value of the filter “team” that you can choose."),
        ([*PLAN, "--as", "lin", "--team", "华西"], 2, "“华西” is not a value of the filter “team” that you can choose."),
        ([*PLAN, "--rep", "王"], 2, "“王” is not a value of the filter “rep” that you can choose."),
        ([*PLAN, "--stage", "前期洽谈"], 2, "This report has no filter “stage”."),
        ([*PLAN, "--from", "2026-02-30", "--to", "2026-03-01"], 2, "“2026-02-30” is not a value of the filter “from” that you can choose."),
        ([*PLAN, "--from", "2026-03-02", "--to", "2026-03-01"], 1, "The period ends (2026-03-01) before it begins (2026-03-02)."),
        ([*PLAN, "--as-of", "2026-11-24"], 1, "The as-of day 2026-11-24 has not come yet."),
        ([*PLAN, "--as", "nobody"], 2, "Nobody who can sign in is called “nobody”."),
        ([*PLAN, "--as", "mei"], 2, "There is no report “plan_completion”. The reports are: lead_conversion."),
        ([*PLAN, "--table", "x"], 2, "This report has no table “x”. Its tables are: main, reps, pace, months, slipped_reps, slipped."),
        ([*PLAN, "--records", "signed_amount", "--cell", "team=华北"], 2, "The table “main” has no row with team “华北”."),
        ([*PLAN, "--records", "signed_amount", "--cell", "rep=wang"], 2, "The table “main” has no row with rep “wang”."),
        (["contracts_in_progress", "--customer", "大地"], 2, "“大地” is not a value of the filter “customer” that you can choose."),
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_sentence(terminal: Terminal, words: list[str], code: int, sentence: str) -> None:
    assert terminal.refused(*words) == (code, sentence)


def test_a_rate_names_the_numbers_that_have_records(terminal: Terminal) -> None:
    code, sentence = terminal.refused("plan_completion", "--records", "completion_rate")
    assert code == 2
    assert sentence.startswith("This report has no records behind “completion_rate”. There are some behind: target_amount, signed_amount,")


def test_the_sentence_is_in_the_language_that_was_asked_for(terminal: Terminal) -> None:
    result = terminal.run("plan_completion", "--team", "华北", "--language", "zh")
    assert result.stderr.strip() == "“华北”不是筛选条件“team”中您可以选择的值。"


NONSENSE = (
    ["--from", "1026-01-01", "--to", "2026-01-01"],
    ["--from", "2026-02-01", "--to", "2026-01-01"],
    ["--as-of", "2199-01-01"],
    ["--as-of", "yesterday"],
    ["--as", "lin", "--team", "华西"],
    ["--source", "9" * 30],
    [word for number in range(5000) for word in ("--rep", f"{number}")],
    ["--table", "none"],
    ["--records", "none"],
)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
def test_nonsense_is_one_sentence_in_every_report(report: Any, terminal: Terminal) -> None:
    for words in NONSENSE:
        for kind in ("json", "xlsx"):
            code, sentence = terminal.refused(report.key, *words, "--format", kind)
            assert code in (1, 2), words[:4]
            assert len(sentence) < 2000, words[:4]
            assert "Traceback" not in sentence, words[:4]
            assert len(sentence.splitlines()) == 1, words[:4]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.key)
@pytest.mark.parametrize("days", ["--as-of 1990-01-01 --period all", "--from 2150-01-01 --to 2150-12-31 --compare year"])
def test_of_nothing_no_rate_is_made(report: Any, days: str, terminal: Terminal) -> None:
    answer = terminal.json(report.key, *days.split())
    rates = {figure.key for figure in report.figures.values() if figure.unit is Unit.RATE}
    for row in (answer["headline"], *(row for rows in answer["tables"].values() for row in rows)):
        assert not {key for key in rates if row.get(key) is not None}
        amounts = {key: value for key, value in row.items() if key in report.figures and not key.startswith("rank_")}
        assert all(value in (None, 0) or Decimal(value) == 0 for value in amounts.values())


@pytest.mark.parametrize("words", ["", "x --period all --from 2026-01-01", "x --cell team=1", "x --compare y"])
def test_a_wrong_use_is_told_and_nothing_else(terminal: Terminal, words: str) -> None:
    result = terminal.run(*words.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage:")


def test_customers_are_found_by_name_within_reach(company: Company, terminal: Terminal) -> None:
    company.balance(contract_id=company.contract("HT-1", company.customer("大地")), amount=3)
    company.balance(owner=ZHAO, contract_id=company.contract("HT-2", company.customer("西域", owner=ZHAO), owner=ZHAO), amount=4)
    words = ("contracts_in_progress", "--table", "teams", "--customer")
    assert terminal.json(*words, "西域")["headline"]["contract_amount"] == "4.00"
    assert terminal.refused(*words, "西域", "--as", "lin")[0] == 2


# ── other formats ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_list_names_reports_and_tables(terminal: Terminal) -> None:
    listed = terminal.json("--list")
    assert [found["report"] for found in listed] == [report.key for report in REPORTS]
    assert listed[0]["tables"] == ["main", "reps", "pace", "months", "slipped_reps", "slipped"]
    assert [found["report"] for found in terminal.json("--list", "--as", "fang")] == [
        "sales_collections",
        "contracts_in_progress",
        "collection_progress",
    ]
    assert "销售计划完成情况" in terminal.run("--list", "--language", "zh").stdout


def test_the_same_numbers_as_text_csv_and_workbook(company: Company, terminal: Terminal, tmp_path: Path) -> None:
    company.signed(amount="1234.5")
    words = ("plan_completion", "--table", "months", "--language", "zh")
    text = terminal.run(*words).stdout.splitlines()
    assert [line.split() for line in text if line.startswith("2026-11 ")] == [["2026-11", "0.00", "1,234.50", "–", "-1,234.50"]]
    rows = list(csv.reader(io.StringIO(terminal.run(*words, "--format", "csv").stdout_bytes.decode("utf-8-sig"))))
    assert rows == [["月份", "销售目标", "签单金额", "计划完成率", "差额"], ["2026-11", "0.00", "1234.50", "", "-1234.50"]]
    assert terminal.run("plan_completion", "--format", "xlsx", "--output", str(tmp_path / "plan.xlsx"), "--language", "zh").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert book.sheetnames == ["说明", "按团队", "按销售人员", "进度", "按月份", "逾期未签（按销售人员）", "逾期未签机会"]
    assert book["按月份"]["C2"].value == 1234.5


def test_a_file_that_cannot_be_written_is_told(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("plan_completion", "--format", "csv", "--output", str(tmp_path / "none" / "plan.csv"))
    assert result.exit_code == 1
    assert "plan.csv" in result.stderr


def test_chinese_and_latin_columns_stand_under_each_other() -> None:
    columns = [Column("a", "团队", "text", lambda row: row["a"]), Column("b", "Sum", "money", lambda row: row["b"])]
    rows = [{"a": "华东 East", "b": Decimal("1234.5")}, {"a": "é", "b": None}]
    lines = text_table(Sheet("", columns, rows, {"b": Decimal("1234.5")})).splitlines()
    assert {width(line) for line in lines} == {width("华东 East  1,234.50")}
    assert lines[2:4] == ["华东 East  1,234.50", "é                 –"]


# ── from the database to the terminal ────────────────────────────────────────────────────────────────────────────────────────
def test_beside_a_running_server_it_says_what_is_committed_now(home: Path, sqlite_template: Path) -> None:
    (home / "saleslens.db").write_bytes(sqlite_template.read_bytes())
    settings = Settings()
    engine = people.company(settings.url)
    with transaction(engine) as session:
        people.an_opportunity(session, created=date(2026, 11, 3), amount="12.50")
    with Follower(engine, settings) as follower:
        with transaction(engine) as session:
            people.an_opportunity(session, created=date(2026, 11, 4), amount="7.25")
        words = ["report", "plan_completion", "--as", "lin", "--from", "2026-11-01", "--to", "2026-11-30", "--format", "json"]
        result = subprocess.run([sys.executable, "-m", "cli", *words], capture_output=True, check=False)
        assert result.returncode == 0, result.stderr.decode()
        assert orjson.loads(result.stdout)["headline"]["open_amount"] == "19.75"
        assert list(settings.warehouse_path.glob("*.duckdb")) == [follower.store.path], "what a reading made for itself is gone"
    engine.dispose()


def test_without_a_database_it_says_so(home: Path) -> None:
    result = CliRunner().invoke(main, ["report", "plan_completion"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.strip().splitlines()) == 1
