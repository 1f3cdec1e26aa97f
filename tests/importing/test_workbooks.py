"""XLSX and ODS: what their readers hide comes back, and what would fill the memory is refused."""

import re
from datetime import date, datetime

import pytest

from crm.importing.cells import NOT_CALCULATED, CellError
from crm.importing.problems import (
    DamagedFile,
    EmptyFile,
    HeaderOnly,
    NoSuchSheet,
    PasswordProtected,
    SeveralSheets,
    SheetTooWide,
    TooManyRows,
    UnpacksTooLarge,
)
from tests.importing.files import names, ods, ods_cell, ods_row, opened, rewritten, rows_workbook, table, without_results, workbook

SHEET = "xl/worksheets/sheet1.xml"


def test_cells_keep_their_types_and_rows_their_numbers(tmp_path):
    path = rows_workbook(tmp_path, [["姓名", "日期", "金额"], [], ["王", datetime(2026, 3, 5), 12.5], ["李", None, True]])
    assert table(opened(path)) == [(3, ["王", date(2026, 3, 5), 12.5]), (4, ["李", None, True])]


def test_a_table_may_begin_anywhere_on_the_sheet(tmp_path):
    path = rows_workbook(tmp_path, [[], [], [None, "姓名", "电话"], [None, "王", 13912345678]])
    sheet = opened(path)
    assert (sheet.header, sheet.header_row) == (("", "姓名", "电话"), 3)
    assert table(sheet) == [(4, [None, "王", 13912345678.0])]


def test_errors_and_formulas_without_a_result_are_not_empty_cells(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 1, "=1+1", None, 2)
        sheet.write(1, 2, "x")
        sheet.write_formula(3, 1, "=A1")

    path = rewritten(workbook(tmp_path, fill), SHEET, lambda content: content.replace(b"<f>A1</f><v>0</v>", b"<f>A1</f>"))
    assert table(opened(path)) == [(2, [CellError("#DIV/0!"), 2.0, "x"]), (4, [None, CellError(NOT_CALCULATED)])]


def test_a_sheet_of_uncalculated_formulas_alone_is_not_empty(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=A1")
        sheet.write_formula(1, 1, "=B1")

    path = rewritten(workbook(tmp_path, fill), SHEET, without_results)
    assert table(opened(path)) == [(2, [CellError(NOT_CALCULATED), CellError(NOT_CALCULATED)])]


def test_a_merged_value_stands_for_each_row_it_covers(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["来源", "姓名", "备注"])
        sheet.merge_range(1, 0, 3, 0, "展会")
        sheet.write_column(1, 1, ["王", "李", "赵", "孙"])
        sheet.write(4, 0, "官网")
        sheet.merge_range(4, 1, 4, 2, "孙")

    sheet = opened(workbook(tmp_path, fill))
    assert [cells[:2] for _, cells in table(sheet)] == [["展会", "王"], ["展会", "李"], ["展会", "赵"], ["官网", "孙"]]
    (notice,) = sheet.notices
    assert (type(notice).__name__, notice.values) == ("CellsMerged", {"count": 2, "first": "A2:A4"})


def test_hidden_columns_are_read_and_named(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["姓名", "电话", "来源"])
        sheet.write_row(1, 0, ["王", "139", "展会"])
        sheet.set_column(1, 1, None, None, {"hidden": True})
        sheet.set_column(3, 16_383, None, None, {"hidden": True})

    sheet = opened(workbook(tmp_path, fill))
    assert table(sheet) == [(2, ["王", "139", "展会"])]
    assert [notice.values["columns"] for notice in sheet.notices] == ["电话"]


def test_several_sheets_are_a_question_and_one_may_be_chosen(tmp_path):
    path = rows_workbook(tmp_path, [["a", "b"], ["1", "2"]], other_sheets=["客户"])
    with pytest.raises(SeveralSheets) as asked:
        opened(path)
    assert asked.value.choices == ("线索", "客户")
    assert table(opened(path, sheet="线索")) == [(2, ["1", "2"])]
    with pytest.raises(NoSuchSheet) as refused:
        opened(path, sheet="合同")
    assert "线索, 客户" in str(refused.value)


def test_empty_and_hidden_sheets_are_no_choice(tmp_path):
    import xlsxwriter

    path = tmp_path / "leads.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, rows in {"空": [], "线索": [["a", "b"], ["1", "2"]], "旧": [["x"], ["y"]]}.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.get_worksheet_by_name("旧").hide()
    book.close()
    sheet = opened(path)
    assert sheet.name == "线索"
    assert [notice.values["sheets"] for notice in sheet.notices] == ["旧"]
    assert table(opened(path, sheet="旧")) == [(2, ["y"])]


def test_a_workbook_without_values_is_empty_and_one_with_a_header_says_so(tmp_path):
    with pytest.raises(EmptyFile):
        opened(rows_workbook(tmp_path, []))
    with pytest.raises(HeaderOnly):
        opened(rows_workbook(tmp_path, [["姓名", "电话"]]))


def test_too_many_rows_are_refused_before_they_are_loaded(tmp_path):
    path = rows_workbook(tmp_path, [["a", "b"], *([["1", "2"]] * 50)])
    with pytest.raises(TooManyRows):
        opened(path, rows=20)


def test_two_cells_at_far_corners_do_not_fill_the_memory(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write(1, 0, "1")
        sheet.write(1_048_575, 16_383, "far away")

    with pytest.raises(SheetTooWide):
        opened(workbook(tmp_path, fill))


def test_formatted_but_empty_rows_to_the_end_of_the_sheet_do_no_harm(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_row(1, 0, ["1", "2"])
        sheet.write_blank(1_048_575, 1, None, sheet.day)

    assert table(opened(workbook(tmp_path, fill))) == [(2, ["1", "2"])]


def test_a_zip_bomb_is_not_opened(tmp_path):
    path = rows_workbook(tmp_path, [["a", "b"], ["1", "2"]])
    rewritten(path, "docProps/app.xml", lambda content: content + b" " * 30_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(UnpacksTooLarge):
        opened(path, unpacked_megabytes=20)
    assert len(table(opened(path, unpacked_megabytes=40))) == 1


def test_a_zip_bomb_that_lies_about_its_size_is_not_opened(tmp_path):
    path = rewritten(rows_workbook(tmp_path, [["a", "b"], ["1", "2"]]), "docProps/app.xml", lambda content: content + b" " * 30_000_000)
    content = path.read_bytes()
    size = 30_000_000
    entry = content.rindex(b"docProps/app.xml") - 46 + 24
    declared = int.from_bytes(content[entry : entry + 4], "little")
    assert declared > size
    path.write_bytes(content[:entry] + (1000).to_bytes(4, "little") + content[entry + 4 :])
    with pytest.raises(UnpacksTooLarge):
        opened(path, unpacked_megabytes=20)
    with pytest.raises(DamagedFile):
        opened(path, unpacked_megabytes=400)


def test_a_long_text_shared_by_many_cells_is_a_bomb_too(tmp_path):
    path = rows_workbook(tmp_path, [["a", "b"], *([["长" * 30_000, "2"]] * 400)])
    with pytest.raises(UnpacksTooLarge):
        opened(path, unpacked_megabytes=2)


def test_one_long_text_among_many_short_ones_is_no_bomb(tmp_path):
    path = rows_workbook(tmp_path, [["a", "b"], ["长" * 30_000, "2"], *([["x", "y"]] * 400)])
    assert len(table(opened(path, unpacked_megabytes=2))) == 401


def test_a_workbook_whose_elements_have_a_prefix_is_looked_through_like_any_other(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write(1, 0, 1)
        sheet.write_formula(1, 1, "=A1")

    def prefixed(content):
        return re.sub(rb"<(/?)(\w)", rb"<\1x:\2", without_results(content)).replace(b" xmlns=", b" xmlns:x=")

    assert table(opened(rewritten(workbook(tmp_path, fill), SHEET, prefixed))) == [(2, [1.0, CellError(NOT_CALCULATED)])]


def test_cells_without_addresses_count_from_the_left(tmp_path):
    path = rows_workbook(tmp_path, [["a", "b"], [1, 2]])
    rewritten(path, SHEET, lambda content: re.sub(rb' r="[A-Z]+\d+"', b"", content))
    assert table(opened(path)) == [(2, [1.0, 2.0])]


def test_a_bomb_of_entities_is_refused(tmp_path):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path = rewritten(rows_workbook(tmp_path, [["a", "b"], ["1", "2"]]), SHEET, lambda content: content.replace(b"?>\n", b"?>" + bomb, 1))
    with pytest.raises(DamagedFile):
        opened(path)


@pytest.mark.parametrize("keep", [0.3, 0.8, 0.99])
def test_a_cut_off_workbook_is_called_damaged(tmp_path, keep):
    path = rows_workbook(tmp_path, [["a", "b"], ["1", "2"]])
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DamagedFile):
        opened(path)


def test_rubbish_inside_of_a_workbook_is_called_damaged(tmp_path):
    for part in ("xl/workbook.xml", SHEET, "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"):
        path = rewritten(rows_workbook(tmp_path, [["a", "b"], ["1", "2"]]), part, lambda _: b"\x00rubbish<")
        with pytest.raises(DamagedFile):
            table(opened(path))


def test_an_ods_reads_like_any_other_sheet(tmp_path):
    uncalculated = '<table:table-cell table:formula="of:=1+1"/>'
    error = ods_cell("#N/A", 'calcext:value-type="error"')
    number = '<table:table-cell office:value-type="float" office:value="12.5"><text:p>12.5</text:p></table:table-cell>'
    path = ods(
        tmp_path,
        '<table:table-column/><table:table-column table:visibility="collapse"/>'
        + ods_row(ods_cell("姓名"), ods_cell("金额"), ods_cell("公式"))
        + ods_row('<table:table-cell table:number-columns-repeated="3"/>', more='table:number-rows-repeated="2"')
        + ods_row(ods_cell("王"), number, uncalculated)
        + ods_row(ods_cell("李"), error, ods_cell("x"))
        + ods_row('<table:table-cell table:number-columns-repeated="16384"/>', more='table:number-rows-repeated="1048570"'),
    )
    sheet = opened(path)
    assert table(sheet) == [(4, ["王", 12.5, CellError(NOT_CALCULATED)]), (5, ["李", CellError("#ERROR"), "x"])]
    assert names(sheet.notices) == ["ColumnsHidden"]


def test_a_repetition_in_an_ods_is_no_way_around_the_limits(tmp_path):
    wide = ods_cell("x", 'table:number-columns-repeated="16384"')
    with pytest.raises((SheetTooWide, TooManyRows)):
        opened(ods(tmp_path, ods_row(ods_cell("a"), ods_cell("b")) + ods_row(wide, more='table:number-rows-repeated="1000000"')))


def test_an_encrypted_ods_asks_for_one_without_password(tmp_path):
    with pytest.raises(PasswordProtected):
        opened(ods(tmp_path, "", manifest="<file-entry><encryption-data/></file-entry>"))
