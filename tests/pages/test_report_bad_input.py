"""Whatever stands in a report's address: the page says what is wrong, or that there is nothing; never a trace, never a wrong zero."""

import json
import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from dash import Dash

from crm.config import Settings
from crm.vocabulary import Role
from dashboard.app import close, create_app
from dashboard.queries import REPORTS, Report
from dashboard.queries.report import View
from tests.pages.visitor import HERE, Visitor
from tests.people import EAST, WEST

KEYS = [report.key for report in REPORTS]

WRONG = [
    "colour=red",
    "report=1&figures=2&kept=3&lost=4&address=5",
    "period=never",
    "period=custom",
    "compare=maybe",
    "from=1026-01-01&to=2026-01-01",
    "from=0000-00-00&to=9999-99-99",
    "from=2026-01-01",
    "from=2026-02-01&to=2026-01-01",
    "as_of=2199-01-01",
    "as_of=yesterday",
    "as_of=0001-01-01",
    f"team={WEST}",
    "team=999",
    "team=east",
    "team=-1",
    "team=99999999999999",
    "team=１",
    "%00=1",
    f"team={EAST}&team={quote('<script>')}",
    "&".join(f"team={number}" for number in range(10_000)),
]
"""Addresses that ask for what there is not, or not for Lin."""

EMPTY = ["from=1999-01-01&to=1999-01-31", "period=all&as_of=1990-01-01", "from=2100-01-01&to=2100-12-31&compare=year", "period=today"]
"""What can be asked and has no records: before the company began, after today, a day without any."""

TRACES = re.compile(r"Traceback|出了点问题|出错了|Something went wrong|NaN|Infinity")


@pytest.fixture(scope="module")
def served(built_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dash]:
    """The application, only looked at."""
    app = create_app(Settings(home=Path(shutil.copytree(built_home, tmp_path_factory.mktemp("bad") / "home"))))
    yield app
    close(app)


@pytest.fixture(scope="module")
def lin_there(served: Dash) -> Visitor:
    return Visitor(served).sign_in("lin")


def stored(query: str) -> dict[str, Any]:
    """What a browser would send as the page's state, had somebody written this there."""
    chosen: dict[str, Any] = {}
    for name, value in parse_qsl(query):
        if name in ("from", "to"):
            chosen |= {"period": "custom", {"from": "start", "to": "end"}[name]: value}
        elif name in ("period", "compare", "as_of"):
            chosen[name] = value
        else:
            chosen.setdefault(name, []).append(value)
    return chosen


def filled(visitor: Visitor, report: Report, chosen: Any, view: str = "") -> dict[str, Any]:
    """What the report's callback answers."""
    answer = visitor.call(f"{report.key}-tables.children", [chosen, view or report.views[0].name, None], [None, None])
    assert answer.status_code in (200, 204), (answer.status_code, chosen)
    found: dict[str, Any] = answer.json if answer.status_code == 200 else {}
    assert not TRACES.search(json.dumps(found, ensure_ascii=False)), chosen
    return found


@pytest.mark.parametrize("report", REPORTS, ids=KEYS)
def test_a_wrong_address_is_a_sentence_on_page_and_in_files(report: Report, lin_there: Visitor) -> None:
    for query in WRONG:
        page = lin_there.page(f"/reports/{report.key}", f"?{query}")
        assert not TRACES.search(page), query[:80]
        if "failed" not in page:  # what only the data know is said when the page is filled
            page = json.dumps(filled(lin_there, report, stored(query))["response"][f"{report.key}-fault"], ensure_ascii=False)
        assert "failed" in page, query[:80]
        assert "不带筛选打开报表" in page, query[:80]
        for kind in ("csv", "pdf"):
            with lin_there.get(f"/reports/{report.key}/export.{kind}?{query}") as answer:
                text = answer.text
            assert (answer.status_code, answer.mimetype) in ((400, "text/plain"), (403, "text/plain")), query[:80]
            assert not TRACES.search(text)
        fault = filled(lin_there, report, stored(query)).get("response", {}).get(f"{report.key}-fault")
        known = {name for name, _value in parse_qsl(query)} <= {*report.filters, "from", "to", "period", "as_of", "compare"}
        assert not known or fault, query[:80]
    unoffered = {"owner": [1], "status" if "status" not in report.filters else "stages": [None]}
    assert "failed" not in json.dumps(filled(lin_there, report, {"period": "this_month"} | unoffered), ensure_ascii=False)


@pytest.mark.parametrize("report", REPORTS, ids=KEYS)
def test_what_has_no_records_says_so_and_no_rate_is_made_of_nothing(report: Report, lin_there: Visitor) -> None:
    for number, query in enumerate(EMPTY):
        assert "failed" not in lin_there.page(f"/reports/{report.key}", f"?{query}")
        for view in report.views if number == 0 else report.views[:1]:
            answer = filled(lin_there, report, stored(query), view.name)["response"]
            assert not answer[f"{report.key}-fault"].get("children"), query
            assert answer[f"{report.key}-tables"]["children"], query
            cards = json.dumps(answer[f"{report.key}-headline"], ensure_ascii=False)
            assert not re.search(r'"children": ?"0(\.0+)?%"', cards), query
    with lin_there.get(f"/reports/{report.key}/export.pdf?{EMPTY[0]}") as file:
        assert (file.status_code, file.data[:5]) == (200, b"%PDF-")


@pytest.mark.parametrize("key", ["collection_progress", "loss_analysis"])
def test_what_is_empty_says_under_which_days_and_filters(key: str, lin_there: Visitor) -> None:
    """A list of records and a table of figures alike."""
    found = next(report for report in REPORTS if report.key == key)
    answer = filled(lin_there, found, stored("from=1999-01-01&to=1999-01-31&source=1"))["response"]
    said = json.dumps(answer[f"{key}-tables"]["children"], ensure_ascii=False)
    assert "1999-01-01 – 1999-01-31" in said
    assert re.search(r"· 线索来源：\w+", said)


def test_a_team_out_of_reach_and_one_that_is_not_read_alike(lin_there: Visitor) -> None:
    report = REPORTS[KEYS.index("loss_analysis")]
    said = [json.dumps(filled(lin_there, report, {"period": "this_month", "team": [team]})["response"]) for team in (WEST, 999)]
    assert said[0].replace(f"\\u201c{WEST}\\u201d", "N") == said[1].replace("\\u201c999\\u201d", "N")


# ── every role, every way to ask ─────────────────────────────────────────────────────────────────────────────────────────────
ROLES = {
    "chen": Role.EXECUTIVE, "wang": Role.REP, "fang": Role.FINANCE, "mei": Role.MARKETING, "xia": Role.SERVICE, "ada": Role.ADMINISTRATOR,
}  # fmt: skip
"""One of each other role."""

WAYS = ("csv", "xlsx", "pdf", "panel", "records", "explained", "picture")
CLICKED = ("panel", "records", "explained")
"""What a click on the page asks for: its state has the filters of the report and no other, and the page has said what is wrong."""

ANSWERED = re.compile(r'rowData|-table-records|计入记录数|"type": ?"Strong"')
"""What stands in an answer of these that tells a number."""

OUTSIDE = [
    "colour=red",
    "period=never",
    "from=1026-01-01&to=2026-01-01",
    "as_of=2199-01-01",
    "team=999",
    "team=east",
    "rep=999",
    "product=999&source=999",
    "customer=99999999999999",
    "&".join(f"team={number}" for number in range(10_000)),
]
"""Addresses that ask anybody for what there is not."""


def said(visitor: Visitor, report: Report, way: str, query: str) -> tuple[int, str]:
    """What comes of asking in this way: the status, and the text unless it is a file."""
    view = next(view for view in report.views if isinstance(view, View))
    clicked = {"measure": view.measures[0].key, "cell": {}, "view": view.name}
    match way:
        case "panel":
            answer = visitor.call(f"{report.key}-panel.className...{report.key}-records.children", [clicked], [stored(query)])
        case "records":
            asked = {"startRow": 0, "endRow": 100, "sortModel": []}
            answer = visitor.call(f"{report.key}-table-records.getRowsResponse", [asked], [clicked, None, stored(query)])
        case "explained":
            answer = visitor.call(f"{report.key}-explained.children", [1], [clicked, stored(query)])
        case "picture":
            name = next(iter(import_module(f"dashboard.pages.{report.key}").FIGURES))
            answer = visitor.client.post(f"/reports/{report.key}/pictures/{name}?{query}", headers=HERE | {"X-CSRFToken": visitor.token})
        case _:
            answer = visitor.get(f"/reports/{report.key}/export.{way}?{query}")
    text = "" if answer.mimetype not in ("text/plain", "text/html", "application/json") else answer.text
    answer.close()
    return answer.status_code, text


def refused(way: str, status: int, text: str) -> bool:
    """Whether nothing was handed over, and it was said with a sentence."""
    if way in CLICKED:
        return status in (200, 204) and not ANSWERED.search(text)
    return status in (400, 403, 404) and bool(text)


def asked_of(report: Report, way: str) -> list[str]:
    """The addresses that can be asked in this way."""
    known = {*report.filters, "from", "to", "period", "as_of"}
    return [query for query in OUTSIDE if way not in CLICKED or {name for name, _value in parse_qsl(query)} <= known]


def test_however_lin_asks_she_gets_a_sentence(lin_there: Visitor) -> None:
    report = REPORTS[KEYS.index("loss_analysis")]
    for way in WAYS:
        for query in (*asked_of(report, way), f"team={WEST}"):
            status, text = said(lin_there, report, way, query)
            assert refused(way, status, text), (way, query[:80], status, text[:300])
            assert not TRACES.search(text), (way, query[:80], text[:300])
        assert not refused(way, *said(lin_there, report, way, "period=this_year")), "otherwise nothing is shown by this"


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS, ids=KEYS)
@pytest.mark.parametrize("login", ROLES)
def test_whoever_asks_and_however_it_is_a_sentence(report: Report, login: str, served: Dash) -> None:
    visitor = Visitor(served).sign_in(login)
    for query in OUTSIDE:
        assert not TRACES.search(visitor.page(f"/reports/{report.key}", f"?{query}")), query[:80]
        filled(visitor, report, stored(query))
    for way in WAYS:
        for query in asked_of(report, way):
            status, text = said(visitor, report, way, query)
            assert refused(way, status, text), (way, query[:80], status, text[:300])
            assert not TRACES.search(text), (way, query[:80], text[:300])


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS, ids=KEYS)
@pytest.mark.parametrize("login", ROLES)
def test_what_has_no_records_is_told_to_everybody(report: Report, login: str, served: Dash) -> None:
    visitor = Visitor(served).sign_in(login)
    for query in EMPTY:
        page = visitor.page(f"/reports/{report.key}", f"?{query}")
        assert not TRACES.search(page), query
        for view in report.views:
            filled(visitor, report, stored(query), view.name)
        for way in WAYS:
            status, text = said(visitor, report, way, query)
            assert not TRACES.search(text), (way, query)
            told = (200, 204, 403) if report.open_to(frozenset({ROLES[login]})) or way in CLICKED else (404,)
            assert status in told, (way, query, status, text[:200])
            assert status != 403 or (way in ("csv", "xlsx") and text), (way, query)
