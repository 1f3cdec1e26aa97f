"""Tables: exact figures, totals, and cells that know which number they are."""

import json
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from crm.money import LARGEST
from crm.vocabulary import OpportunityStatus
from dashboard.components import badges, grid, report_panel
from dashboard.components.charts.drawing import text_width
from dashboard.i18n import _l, use_language
from dashboard.queries.records import Column
from tests.components.measures import COMPLETED, PROJECTED, SIGNED, TEAMS

TEAM = grid.Column("team", "Team", name_in="team_label")


def column(table, key):
    return next(column for column in table.columnDefs if column["colId"] == key)


@given(st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2))
def test_an_amount_keeps_its_cents_on_the_way_to_the_browser(amount):
    travelled = json.loads(json.dumps(grid.plain_value(amount)))
    assert Decimal(repr(travelled)).quantize(Decimal("0.01")) == amount


def test_a_cell_knows_its_measure_and_its_row():
    table = grid.figures("t", TEAMS, [TEAM], [SIGNED, PROJECTED], totals={"team_label": "Total", "signed_amount": Decimal("17000000.00")})
    assert column(table, "signed_amount")["cellRendererParams"]["dimensions"] == ["team"]
    assert table.dashGridOptions["pinnedBottomRowData"] == [{"team_label": "Total", "signed_amount": 17_000_000.0}]


def test_bars_are_measured_against_the_largest_of_the_column():
    table = grid.figures("t", TEAMS, [TEAM], [SIGNED], bars=("signed_amount",))
    assert column(table, "signed_amount")["cellRendererParams"]["largest"] == 9_000_000


def test_a_table_whose_rows_open_knows_each_row_and_whom_a_press_tells():
    rows = [{"id": "1", "team": 1, "opened": True}, *({"id": f"1/{n}", "under": "1", "signed_amount": 1} for n in range(3))]
    table = grid.figures("t", rows, [TEAM], [SIGNED], folding={"fold": "store", "table": "main"})
    assert column(table, "team")["cellRendererParams"].items() >= {"fold": "store", "table": "main", "dimension": "team"}.items()
    assert table.style["height"] == grid.height(4)
    assert table.getRowId


def test_a_sum_stands_in_a_column_of_days_and_a_day_travels_as_people_write_it():
    with use_language("en"):
        table = grid.listed("r", [grid.Column("day", "Date", kind="day")], bottom={"day": "Total", "adds": Decimal("20.00")})
    assert table.dashGridOptions["pinnedBottomRowData"] == [{"day": "Total", "adds": 20.0}]
    assert table.defaultColDef["cellDataType"] is False
    assert grid.plain_value(date(2026, 3, 5)) == "2026-03-05"


def test_a_list_is_paged_by_the_server_and_its_states_have_words():
    with use_language("zh"):
        columns = [
            grid.Column("status", "状态", kind="badge", badges=badges.badge_cells(OpportunityStatus)),
            grid.Column("title", "标题", link="href"),
        ]
        table = grid.listed("l", columns)
    assert table.rowModelType == "infinite"
    assert column(table, "status")["cellRendererParams"]["badges"]["lost"] == {"label": "输单", "tone": "lost"}


def test_no_table_runs_text():
    for table in (grid.listed("l", [TEAM]), grid.figures("t", TEAMS, [TEAM], [SIGNED])):
        assert table.dangerously_allow_code is False


def test_amounts_that_are_not_shown_leave_the_table_standing():
    """Over too few contracts an amount is written "<3": no number, and no bar."""
    rows = [{**TEAMS[0], "signed_amount": "<3"}, TEAMS[1]]
    table = grid.figures("t", rows, [TEAM], [SIGNED], bars=("signed_amount",))
    assert column(table, "signed_amount")["cellRendererParams"]["largest"] == 9_000_000
    assert [row["signed_amount"] for row in table.rowData] == ["<3", 9_000_000]


def test_a_head_of_both_languages_stands_in_two_lines_and_breaks_no_word():
    assert grid.head_width("前期洽谈: Open opportunities") >= 30 + 7 * len("opportunities")
    assert grid.head_width("Projected completion") == 30 + 7 * (len("Projected completion") // 2 + 1)
    assert grid.head_width("转化数（按转化日期）") >= 24 + 12 * 5


def test_the_change_of_a_rate_has_room_below_it():
    for language, change in (("zh", "+148.6 个百分点"), ("en", "−148.6 points")):
        with use_language(language):
            table = grid.figures("t", TEAMS, [TEAM], [COMPLETED], compared="2025")
        assert column(table, "projected_completion")["minWidth"] >= 24 + text_width(change) * 11 / 12


def test_no_state_is_cut_in_a_list_of_records():
    with use_language("en"):
        (drawn, _adds) = report_panel.record_columns([Column("state", _l("State"), "state", "instalment_phase")], "", SIGNED)
    assert drawn.badges
    assert drawn.width >= 24 + 14 + text_width("Not due yet")
