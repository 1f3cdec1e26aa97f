"""A report on paper has the figures of its page, whole, in one embedded type; who may not carry rows away has what the page shows first."""

import io
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Any

import pypdf
import pytest

from dashboard import exports, sheets
from dashboard.components import report_body
from dashboard.i18n import full, short, use_language
from dashboard.papers import picture, report, type
from dashboard.papers.pages import BOTTOM, WIDTH, Paper
from dashboard.papers.table import AIR, BELOW, LAST, Opening, Shown, draw, parted
from dashboard.queries import REPORTS, Report
from dashboard.queries import report as report_of
from dashboard.queries.filters import Filters
from dashboard.queries.report import Listing, View
from dashboard.sheets import Asked
from tests.people import CHEN, TO_COMPETITOR, TODAY, TOO_EXPENSIVE
from tests.reports.company import Company, actor
from tests.reports.conftest import Demo

YEAR = "period=this_year"
COMPARED = "period=this_year&compare=previous"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with use_language("en"):
        yield


def asked(demo: Demo, key: str, login: str, query: str = YEAR) -> Asked:
    return Asked(demo.answers, report_of(key), demo.actor(login).scope, Filters.read(query), demo.today)


def figures_of(found: Report) -> Any:
    return import_module(f"dashboard.pages.{found.key}").FIGURES


def printed(demo: Demo, wanted: Asked, login: str, name: str = "main") -> tuple[pypdf.PdfReader, int]:
    """The paper as another library reads it, and how many rows it is said to have."""
    by = report.Printed(demo.actor(login), "星河软件", "2026-11-20 09:30")
    paper, rows = report.written(wanted, wanted.report.view(name), figures_of(wanted.report), by)
    return pypdf.PdfReader(io.BytesIO(paper)), rows


def text_of(paper: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in paper.pages)


CASES = [
    ("plan_completion", "chen", COMPARED, "zh"),
    ("signing_bulletin", "lin", YEAR, "en"),
    ("contracts_in_progress", "fang", "as_of=2026-06-30", "zh"),
    ("rep_ranking", "wang", YEAR, "zh"),
    ("team_followup", "lin", COMPARED, "en"),
    ("lead_conversion", "mei", COMPARED, "zh"),
    ("loss_analysis", "chen", COMPARED, "en"),
    ("sales_collections", "lin", COMPARED, "zh"),
    ("collection_progress", "fang", YEAR, "en"),
]


LONG = frozenset({"contracts_in_progress", "collection_progress", "team_followup"})
"""Read in full by `make test-all`."""


@pytest.mark.parametrize(
    ("key", "login", "query", "language"),
    [pytest.param(*case, id=f"{case[0]}-{case[1]}", marks=[pytest.mark.slow] if case[0] in LONG else []) for case in CASES],
)
def test_the_paper_has_every_figure_of_the_page(demo: Demo, key: str, login: str, query: str, language: str) -> None:
    with use_language(language):
        wanted = asked(demo, key, login, query)
        paper, number = printed(demo, wanted, login)
        said, view = text_of(paper), wanted.report.views[0]
        top = wanted.answers.headline(wanted.report, wanted.scope, wanted.filters, wanted.today, ()).table.total
        for figure in wanted.report.headline:
            assert short(top[figure.key], figure.unit) in said
            assert full(top[figure.key], figure.unit) in said
        sheet = _sheet(wanted, view)
        rows = list(sheet.rows)
        assert number == len(rows) > 0
        for row in rows:
            for column in sheet.columns:
                text = exports.written(column, column.of(row))
                assert column.kind not in exports.FIGURES or text in said, (column.title, row)
        for name, value in sheets.standing(wanted):
            assert name in said or value == "–"
        for chart in figures_of(wanted.report).values():
            assert str(chart.title) in said
        assert [page.extract_text().split()[-3:] for page in paper.pages][-1] == [str(len(paper.pages)), "/", str(len(paper.pages))]


def test_the_paper_says_how_its_figures_are_computed_and_how_sure_the_few_are() -> None:
    """Two won, one lost, of which nobody stated the amount."""
    company = Company()
    for status, known in (("won", True), ("won", True), ("lost", False)):
        company.closed(status, date(2026, 11, 3), amount=5 if known else 0, amount_known=known)
    said = losses_on_paper(company, "")
    assert bare("How the figures are computed") in said
    losses = report_of("loss_analysis")
    for figure in (*losses.headline, *sheets.figures(losses.views[0])):
        assert bare(str(figure.definition)) in said, figure.key
    assert bare("Rows counted: 1. Left out: Counted with 0: nobody stated an amount (1).") in said
    assert bare("21–94%, only 3 cases") in said


def test_on_paper_a_share_over_few_cases_has_its_change() -> None:
    """Of three losses two were too expensive; the month before, one of two."""
    company = Company()
    for day, reason in ((3, TOO_EXPENSIVE), (4, TOO_EXPENSIVE), (5, TO_COMPETITOR)):
        company.closed("lost", date(2026, 11, day), amount=5, reason_id=reason)
    for reason in (TOO_EXPENSIVE, TO_COMPETITOR):
        company.closed("lost", date(2026, 10, 2), amount=5, reason_id=reason)
    said = losses_on_paper(company, "compare=previous")
    assert "+16.7points" in said
    assert "−16.7points" in said


def test_intervals_take_room_on_paper_where_a_rate_is_over_few_cases() -> None:
    """Of forty that were lost for one reason the share is sure, of three it is not."""
    few, many = Company(), Company()
    for company, number in ((few, 3), (many, 40)):
        for _number in range(number):
            company.closed("lost", date(2026, 11, 3), amount=5, reason_id=TOO_EXPENSIVE)
    assert "Share,atleast" in losses_on_paper(few, "")
    assert "Share,atleast" not in losses_on_paper(many, "")


def test_that_the_total_is_all_of_itself_is_no_estimate() -> None:
    """Of three losses two were too expensive: that share is told as unsure, the 100% of the total is not, on the screen as in files."""
    company = Company()
    for reason in (TOO_EXPENSIVE, TOO_EXPENSIVE, TO_COMPETITOR):
        company.closed("lost", date(2026, 11, 3), amount=5, reason_id=reason)
    wanted = Asked(company.answers, report_of("loss_analysis"), actor(CHEN).scope, Filters.read(""), TODAY)
    view = wanted.report.views[0]
    assert isinstance(view, View)
    answer = company.answers.table(wanted.report, view, wanted.scope, wanted.filters, TODAY)
    total = report_body.totals(answer)
    assert total is not None
    assert "doubt" not in total
    assert all("doubt" in row for row in report_body.rows_of(answer))
    sheet = sheets.table(wanted, view, wanted.question)
    assert sheet.total is not None
    cells = {column.key: exports.totalled(column, sheet.total, place) for place, column in enumerate(sheet.columns)}
    assert [text for key, text in cells.items() if key.endswith(sheets.ENDS)] == ["", ""]


def losses_on_paper(company: Company, query: str) -> str:
    """The words of a paper about what was lost."""
    wanted = Asked(company.answers, report_of("loss_analysis"), actor(CHEN).scope, Filters.read(query), TODAY)
    by = report.Printed(actor(CHEN), "星河软件", "2026-11-23 09:30")
    paper, _rows = report.written(wanted, wanted.report.views[0], figures_of(wanted.report), by)
    return bare(text_of(pypdf.PdfReader(io.BytesIO(paper))))


def bare(text: str) -> str:
    """Without spaces and ends of lines: a paper breaks its lines elsewhere."""
    return "".join(text.split())


def _sheet(wanted: Asked, view: Any) -> exports.Sheet:
    """All rows of a table, as the files have them."""
    if isinstance(view, Listing):
        return sheets.behind(wanted, view.measure, {}, wanted.question, order=view.order)
    return sheets.table(wanted, view, wanted.question)


def test_every_type_on_the_paper_is_inside_of_it(demo: Demo) -> None:
    paper, _rows = printed(demo, asked(demo, "signing_bulletin", "chen"), "chen")
    fonts = {name: font.get_object() for page in paper.pages for name, font in page["/Resources"]["/Font"].items()}
    assert fonts
    used = {name for page in paper.pages for name in fonts if f"{name} ".encode() in page.get_contents().get_data()}
    assert used
    assert all("/FontFile2" in fonts[name]["/FontDescriptor"] for name in used)


def test_each_page_repeats_the_head_and_says_which_of_how_many_it_is(demo: Demo) -> None:
    paper, rows = printed(demo, asked(demo, "collection_progress", "chen"), "chen")
    pages = [page.extract_text() for page in paper.pages]
    assert rows > 100
    assert len(pages) > 3
    assert all("Days late" in page and "Due on" in page for page in pages[2:])
    for number, page in enumerate(pages, 1):
        assert page.replace("\n", " ").split()[-3:] == [str(number), "/", str(len(pages))]


def test_who_may_not_carry_rows_away_has_the_first_of_them_and_reads_that(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "SCREENFUL", 3)
    for key, name in (("sales_collections", "main"), ("signing_bulletin", "main")):
        whole = len(list(_sheet(asked(demo, key, "wang"), report_of(key).view(name)).rows))
        paper, rows = printed(demo, asked(demo, key, "wang"), "wang", name)
        assert whole > rows == 3
        assert "Only the first 3 rows are on this paper" in text_of(paper)
        paper, rows = printed(demo, asked(demo, key, "chen"), "chen", name)
        assert rows > 3
        assert "Only the first" not in text_of(paper)


def test_a_paper_names_nothing_out_of_reach(demo: Demo) -> None:
    numbers = {
        login: {row["number"] for row in _sheet(asked(demo, "signing_bulletin", login), report_of("signing_bulletin").view("main")).rows}
        for login in ("chen", "lin")
    }
    beyond = numbers["chen"] - numbers["lin"]
    said = text_of(printed(demo, asked(demo, "signing_bulletin", "lin"), "lin")[0])
    assert beyond
    assert [number for number in numbers["lin"] if number not in said] == []
    assert [number for number in beyond if number in said] == []


def test_more_rows_than_a_paper_takes_are_said_to_be_missing(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_ROWS", 5)
    for key in ("contracts_in_progress", "rep_outcomes"):
        paper, rows = printed(demo, asked(demo, key, "chen"), "chen")
        assert rows == 5
        assert "Only the first 5 rows are on this paper; the total is that of all." in text_of(paper)


def test_a_report_without_records_says_so(demo: Demo) -> None:
    paper, rows = printed(demo, asked(demo, "loss_analysis", "wang", "from=2001-01-01&to=2001-01-31"), "wang")
    assert rows == 0
    assert "No records fall into this table." in text_of(paper)


@pytest.mark.parametrize("found", REPORTS, ids=lambda found: found.key)
def test_nothing_of_a_picture_is_unknown_to_the_paper(demo: Demo, found: Report) -> None:
    for query in (YEAR, COMPARED, "from=2001-01-01&to=2001-01-31"):
        wanted = asked(demo, found.key, "lin" if found.key != "lead_conversion" else "mei", query)
        charts = figures_of(found)
        answers: dict[str, Any] = {
            chart.view: demo.answers.table(found, found.view(chart.view), wanted.scope, wanted.filters, wanted.today)
            for chart in charts.values()
        }  # type: ignore[arg-type]
        drawn, _sentences = report_body.pictures(charts, answers, "")
        assert [picture.unfamiliar(figure) for figure in drawn] == [set()] * len(drawn)


def test_columns_that_do_not_fit_stand_below_each_other(demo: Demo) -> None:
    type.font()
    named = exports.Column("name", "Name", "text", lambda row: "上海精工自动化设备有限公司")
    many = [exports.Column(str(n), f"Figure {n}", "money", lambda row, n=n: 1_000_000_000 + n) for n in range(30)]
    parts = parted([Shown(column) for column in (named, *many)], [{}], None)
    assert len(parts) > 1
    assert all(part.columns[0].column is named for part in parts)
    assert [shown.column for part in parts for shown in part.columns[1:]] == many
    assert all(sum(part.widths) <= WIDTH + 0.01 for part in parts)


def test_parts_of_a_table_are_about_as_wide_as_each_other(demo: Demo) -> None:
    """One column more than fits does not stand alone on pages of its own."""
    type.font()
    named = exports.Column("name", "Name", "text", lambda row: "上海精工")
    many = [exports.Column(str(n), f"Figure {n}", "money", lambda row, n=n: 1_000_000_000 + n) for n in range(30)]
    for count in range(10, 30):
        sizes = [len(part.columns) - 1 for part in parted([Shown(column) for column in (named, *many[:count])], [{}], None)]
        assert sum(sizes) == count
        assert max(sizes) - min(sizes) < len(sizes), sizes


def test_what_is_read_together_stands_in_one_part(demo: Demo) -> None:
    """A stage's count and amount, a rate and the ends of its interval: Lin reads them beside each other, however many stages there are."""
    type.font()
    named = exports.Column("name", "Name", "text", lambda row: "上海精工")
    for size, stages in ((2, 9), (3, 7), (2, 12)):
        many = [
            exports.Column(f"{stage}-{n}", f"Figure {n}", "money", lambda row: 1_000_000_000, group=f"Stage {stage}")
            for stage in range(stages)
            for n in range(size)
        ]
        parts = parted([Shown(column) for column in (named, exports.Column("n", "N", "count", lambda row: 1), *many)], [{}], None)
        assert len(parts) > 1
        where = [(number, shown.column.group) for number, part in enumerate(parts) for shown in part.columns if shown.column.group]
        assert len({*where}) == stages
        assert [shown.column for part in parts for shown in part.columns if shown.column.group] == many


def test_a_group_that_no_page_has_room_for_is_parted(demo: Demo) -> None:
    type.font()
    many = [exports.Column(str(n), f"Figure {n}", "money", lambda row: 1_000_000_000, group="all") for n in range(30)]
    parts = parted([Shown(exports.Column("name", "Name", "text", lambda row: "上海精工")), *map(Shown, many)], [{}], None)
    assert [shown.column for part in parts for shown in part.columns[1:]] == many
    assert all(sum(part.widths) <= WIDTH + 0.01 for part in parts)


def test_the_stages_of_the_company_keep_their_two_figures_together_on_paper(demo: Demo) -> None:
    wanted = asked(demo, "team_followup", "chen")
    columns = _sheet(wanted, wanted.report.view("main")).columns
    stages = {column.group for column in columns if "[" in column.key}
    assert len(stages) > 2
    for stage in stages:
        assert [column.key.split("[")[0] for column in columns if column.group == stage] == ["open_count", "open_amount"]


def test_the_last_page_of_a_long_table_holds_more_than_a_line_or_two() -> None:
    """However many signings there are, their last eight stand on the last page with the total and what is said of the figures."""
    type.font()
    number = exports.Column("number", "Contract", "text", lambda row: row["number"])
    amount = exports.Column("amount", "Amount", "money", lambda row: row["amount"])
    for count in range(1, 70):
        rows = [{"number": f"HT-{n:03}", "amount": Decimal(n)} for n in range(count)]
        paper = Paper("Signings", "星河软件", "")
        drawn: list[int] = []
        opening = Opening(26, lambda paper=paper, drawn=drawn: drawn.append(paper.pages) or setattr(paper, "y", paper.y - 26))
        draw(paper, opening, [Shown(number), Shown(amount)], rows, {"amount": Decimal(1)}, 100)
        assert paper.y - 100 >= BOTTOM - 8.01, "what follows has room there too"
        pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.finished())).pages]
        assert [row["number"] for row in rows] == [word for page in pages for word in page.split() if word.startswith("HT-")]
        assert pages[-1].count("HT-") >= min(count, LAST), count
        assert all("Contract" in page for page in pages), "no head without rows, no rows without a head"
        assert len(drawn) == 1


def test_english_quotation_marks_are_as_narrow_as_its_letters_and_chinese_ones_wide() -> None:
    type.font()
    narrow = {mark: type.width_of(mark, 10) for mark in "“”‘’"}
    assert max(narrow.values()) < 6
    assert list(type.in_fonts("stand “following” at")) == [
        (type.FONT, "stand "), (type.NARROW, "“"), (type.FONT, "following"), (type.NARROW, "”"), (type.FONT, " at"),
    ]  # fmt: skip
    with use_language("zh"):
        assert {type.width_of(mark, 10) for mark in narrow} == {10.0}
        assert list(type.in_fonts("“久未跟进”")) == [(type.FONT, "“久未跟进”")]


def test_how_far_a_figure_moved_has_room_below_it(demo: Demo) -> None:
    """Fang prints margins of 0% that moved by points: what stands below is longer than the figure, and touches no neighbour."""
    type.font()
    moved = "−1,234.5 percentage points"
    rates = [exports.Column(str(n), "Rate", "rate", lambda row: Decimal(0)) for n in range(10)]
    (part,) = parted([Shown(rates[0], lambda row: moved), *(Shown(rate) for rate in rates[1:])], [{"before": {}}], None)
    assert type.width_of(moved, part.size * BELOW) <= part.widths[0] - AIR
    assert sum(part.widths) <= WIDTH + 0.01


def test_lines_break_where_they_may_and_lose_nothing() -> None:
    type.font()
    text = "Contracts in progress 上海精工自动化设备有限公司 and-one-very-long-word-that-nobody-can-break"
    for width in (30, 60, 100, 400):
        lines = type.wrapped(text, 8, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(type.width_of(line, 8) <= width for line in lines)


def test_no_line_begins_with_a_mark_that_closes() -> None:
    type.font()
    text = "以往的转化有 90% 发生在到达后这么多天之内：客户推荐 12 天、网站（官网）17 天。"
    for width in range(20, 120, 4):
        assert not {line[0] for line in type.wrapped(text, 8, width)} & set(type.CLOSING)


def test_no_line_ends_with_a_mark_that_opens() -> None:
    type.font()
    for width in range(24, 120, 4):
        lines = type.wrapped("销售团队（2026-12-01 负责）、“久未跟进”的机会", 8, width)
        assert "".join(lines).replace(" ", "") == "销售团队（2026-12-01负责）、“久未跟进”的机会"
        assert [line for line in lines[:-1] if line[-1] in type.OPENING] == []


def test_marked_words_are_read_and_names_stay_text() -> None:
    (runs,) = picture.runs_of("<b>华东</b>&nbsp;<span style='color:#ff0000'>12%</span> a&lt;b&gt;")
    assert [(run.text, run.paint, run.bold) for run in runs] == [
        ("华东", None, True), (" ", None, False), ("12%", "#ff0000", False), (" a<b>", None, False),
    ]  # fmt: skip
