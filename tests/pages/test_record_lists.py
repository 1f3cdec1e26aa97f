"""What every list does, on that of leads: pages behind one another, views and columns of each person's own, several rows at once."""

import io
import json
from typing import Any

import openpyxl
import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.models import AuditEntry, Lead, SavedView
from crm.vocabulary import AuditAct
from tests.pages.visitor import Many, Visitor
from tests.people import LIN, WANG, ZHAO, a_lead

SORTED = {"sortModel": [{"colId": "arrived_on", "sort": "asc"}]}


@pytest.fixture
def many(engine: Engine) -> list[int]:
    """Two hundred and fifty leads of Wang's, one of Zhao's."""
    with transaction(engine) as session:
        ids = [a_lead(session, contact=f"线索{number:03}").id for number in range(250)]
        a_lead(session, contact="赵的线索", owner=ZHAO)
        return ids


def block(visitor: Visitor, start: int, kept: Any, wished: dict[str, Any] | None = None) -> Any:
    """A block of rows as the grid asks for it, with the places that the browser kept."""
    request = {"startRow": start, "endRow": start + 100, **SORTED}
    answer = visitor.call("leads-table-main.getRowsResponse", [request], [wished or {}, kept]).json["response"]
    return answer["leads-table-main"]["getRowsResponse"], answer.get("leads-places", {}).get("data"), answer


def test_blocks_lie_behind_one_another_and_the_last_says_where_the_list_ends(wang: Visitor, many: list[int]) -> None:
    names, kept, counts = [], {}, []
    for start in (0, 100, 200):
        rows, kept, _answer = block(wang, start, kept)
        names += [row["contact_name"] for row in rows["rowData"]]
        counts.append(rows["rowCount"])
    assert names == [f"线索{number:03}" for number in range(250)]
    assert counts == [250, None, 250]


def test_a_block_may_be_asked_for_without_the_one_before(wang: Visitor, many: list[int]) -> None:
    for kept in ({}, None, {"of": "another question", "at": {"200": ["2026-01-01", 1]}}, {"of": 3}):
        rows, _kept, _answer = block(wang, 200, kept)
        assert [row["contact_name"] for row in rows["rowData"]][:1] == ["线索200"]


def test_a_forged_place_shows_nothing_beyond_the_reach(lin: Visitor, many: list[int]) -> None:
    _rows, kept, _answer = block(lin, 0, {})
    for place in (["2020-01-01", 1], ["x", "y"], None, {"a": 1}):
        answer = lin.call(
            "leads-table-main.getRowsResponse", [{"startRow": 100, "endRow": 200, **SORTED}], [{}, {"of": kept["of"], "at": {"100": place}}]
        )
        assert "赵的线索" not in json.dumps(answer.json, ensure_ascii=False)


def test_views_are_each_persons_own(engine: Engine, wang: Visitor, lin: Visitor, many: list[int]) -> None:
    wanted = {"name": " 本周 ", "state": "?status=unprocessed&status=working&evil=1&sort=status&dir=asc"}
    shown = wang.call("leads-view-name.value", [wanted]).text
    assert "status=unprocessed&status=working&sort=status&dir=asc" in shown
    assert "evil" not in shown
    with reading(engine) as session:
        (view,) = session.scalars(select(SavedView)).all()
    assert (view.user_id, view.name) == (WANG, "本周")
    assert "本周" in json.dumps(json.loads(wang.page("/leads")), ensure_ascii=False)
    assert "本周" not in lin.page("/leads")
    remove = Many(({"type": "leads-remove-view", "view": view.id}, 1))
    output = next(
        one["output"] for one in wang.app._callback_list if "leads-views" in one["output"] and "leads-view-name" not in one["output"]
    )
    lin.call(output, [remove])
    with reading(engine) as session:
        assert session.get(SavedView, view.id) is not None
    wang.call(output, [remove])
    with reading(engine) as session:
        assert session.get(SavedView, view.id) is None


def test_columns_that_somebody_leaves_out_stay_out(wang: Visitor, lin: Visitor, many: list[int]) -> None:
    wang.call("leads-columns.options", [["status", "phone", "no such column"]])
    columns = {one["colId"]: one["hide"] for one in _columns(wang)}
    assert (columns["phone"], columns["contact_name"], columns["company"]) == (False, False, True)
    assert not any(one["hide"] for one in _columns(lin))


def _columns(visitor: Visitor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            found.extend(node.get("columnDefs") or [])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(visitor.page("/leads")))
    return found


def give(visitor: Visitor, to: int, *leads: tuple[int, int]) -> None:
    visitor.call("leads-filters.data@", [1], [[{"id": id, "version": version} for id, version in leads], to, {}])


def test_several_leads_go_to_a_rep_at_once_or_none_does(engine: Engine, app: Dash, wang: Visitor, lin: Visitor, many: list[int]) -> None:
    give(lin, LIN, (many[0], 1), (many[1], 9))
    give(wang, WANG, (many[0], 1))
    give(lin, ZHAO, (many[0], 1))
    with reading(engine) as session:
        assert session.get_one(Lead, many[0]).owner_id == WANG
    give(lin, LIN, (many[0], 1), (many[1], 1))
    with reading(engine) as session:
        assert [session.get_one(Lead, id).owner_id for id in many[:3]] == [LIN, LIN, WANG]


def test_who_carries_rows_away_leaves_a_line_and_reps_do_not(engine: Engine, wang: Visitor, lin: Visitor, many: list[int]) -> None:
    assert wang.get("/leads/export.xlsx").status_code == 403
    with lin.get("/leads/export.csv?q=线索00") as file:
        assert len(file.get_data(as_text=True).strip().splitlines()) == 11
    with reading(engine) as session:
        (line,) = session.scalars(select(AuditEntry).where(AuditEntry.act == AuditAct.EXPORTED)).all()
    assert (line.by_id, line.subject, json.loads(line.after)["rows"]) == (LIN, "leads", 10)


def test_a_workbook_says_what_was_looked_for(lin: Visitor, many: list[int]) -> None:
    with lin.get(f"/leads/export.xlsx?q=线索00&status=unprocessed&rep={WANG}") as file:
        book = openpyxl.load_workbook(io.BytesIO(file.data))
    about, rows = (dict(row[:2] for row in page.iter_rows(values_only=True)) for page in book.worksheets[:2])
    assert about["筛选"] == "搜索：线索00 · 状态：未处理 · 销售人员：王"
    assert (about["操作人"], about["行数"], len(rows)) == ("林", 10, 11)
    assert book.worksheets[1].freeze_panes == "A2"
