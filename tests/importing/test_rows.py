"""Rows by a layout: typed, with every fault named by column and value, and with nothing made up in silence."""

from datetime import date
from decimal import Decimal

import pytest

from crm.importing.layouts import parse_layout
from crm.importing.problems import ColumnsMissing, ColumnTwice, DateOrderAmbiguous, LayoutValueWrong, RequiredFieldsMissing
from crm.importing.rows import parse, settle_dates, unused_columns
from tests.importing.files import opened, rewritten, text_file, without_results, workbook

SHEET = "xl/worksheets/sheet1.xml"
LEADS = """
name = "展会"
kind = "leads"
[columns]
"姓名" = "contact"
"电话" = "phone"
"邮箱" = "email"
"来源" = "source"
"负责人" = "rep"
"日期" = "arrived_on"
[values.source]
"百度推广" = "百度"
"""
HEADER = "姓名,电话,邮箱,来源,负责人,日期\n"


def rows_of(folder, layout, text):
    return list(parse(opened(text_file(folder, text)), parse_layout(layout)))


def faults(row):
    return [(fault.column, fault.value, type(fault.reason).__name__) for fault in row.faults]


def test_a_good_row_is_typed_and_names_are_translated(tmp_path):
    (row,) = rows_of(tmp_path, LEADS, HEADER + "王小明,１３９１２３４５６７８,,百度推广,赵敏,2026年3月5日\n")
    assert row.values == {
        "contact": "王小明", "phone": "13912345678", "source": "百度", "rep": "赵敏", "arrived_on": date(2026, 3, 5),
    }  # fmt: skip
    assert (row.number, row.faults, row.supplied) == (2, [], frozenset())


def test_every_fault_of_a_row_is_named_with_column_and_value(tmp_path):
    bad, short = rows_of(tmp_path, LEADS, HEADER + ",12,wang,展会,赵敏,2026-02-30\n李娜,,,官网\n")
    assert faults(bad) == [
        ("电话", "12", "NotAPhone"), ("邮箱", "wang", "NotAnEmail"), ("日期", "2026-02-30", "NoSuchDay"),
        ("姓名", "", "RequiredValueMissing"),
    ]  # fmt: skip
    assert faults(short) == [
        ("负责人", "", "RequiredValueMissing"), ("日期", "", "RequiredValueMissing"), ("电话, 邮箱", "", "OneOfMissing"),
    ]  # fmt: skip
    assert bad.cells == ["", "12", "wang", "展会", "赵敏", "2026-02-30"]


def test_a_fault_quotes_the_beginning_of_a_long_value_only(tmp_path):
    (row,) = rows_of(tmp_path, LEADS, HEADER + f"{'长' * 100_000},139123456,,展会,赵敏,2026-03-05\n")
    assert [(column, len(value), reason) for column, value, reason in faults(row)] == [("姓名", 81, "TextTooLong")]


def test_a_value_beyond_the_header_is_not_dropped_in_silence(tmp_path):
    (row,) = rows_of(tmp_path, LEADS, HEADER + "王,13912345678,,展会,赵敏,2026-03-05,,多余\n")
    assert faults(row) == [("", "多余", "CellsBeyondHeader")]


def test_error_cells_and_uncalculated_formulas_are_faults_of_their_row(tmp_path):
    def fill(sheet):
        sheet.write_row(0, 0, ["姓名", "电话", "邮箱", "来源", "负责人", "日期", "别的"])
        sheet.write_row(1, 0, ["王", 13912345678, None, "展会"])
        sheet.write_formula(1, 4, "=A9", None, "#N/A")
        sheet.write_formula(1, 5, "=A9")
        sheet.write_formula(1, 6, "=A9")

    kept = b"<v>#N/A</v>"
    path = rewritten(workbook(tmp_path, fill), SHEET, lambda content: without_results(content.replace(kept, b" " + kept)))
    (row,) = parse(opened(path), parse_layout(LEADS))
    assert faults(row) == [("负责人", "#N/A", "ErrorInCell"), ("日期", "", "FormulaNotCalculated")]
    assert row.values["phone"] == "13912345678"


def test_what_the_layout_supplies_is_marked_and_what_the_file_says_is_not(tmp_path):
    layout = LEADS.replace('"日期" = "arrived_on"', "") + '[supplied]\narrived_on = "2026-01-01"\ncontact = "{phone}"\n'
    first, second = rows_of(tmp_path, layout, HEADER + "王,13912345678,,展会,赵敏,\n,13812345678,,展会,赵敏,\n")
    assert (first.values["contact"], first.values["arrived_on"], first.supplied) == ("王", date(2026, 1, 1), {"arrived_on"})
    assert (second.values["contact"], second.supplied) == ("13812345678", {"arrived_on", "contact"})


def test_an_empty_constant_fills_nothing(tmp_path):
    (row,) = rows_of(tmp_path, LEADS + '[constants]\nnote = ""\nhandled_on = " "', HEADER + "王,13912345678,,展会,赵敏,2026-03-05\n")
    assert not row.values.keys() & {"note", "handled_on"}
    assert row.faults == []


def test_templates_and_rules_make_fields_of_fields(tmp_path):
    layout = """
name = "商机"
kind = "opportunities"
date_order = "dmy"
blanks = ["-"]
[columns]
"编号" = "external_id"
"客户" = "customer"
"立项" = "created_on"
"结果" = ["status", "stage"]
"金额" = "amount"
"产品" = "products"
[values.stage]
"赢单" = ""
[computed]
title = "{customer} {external_id|lower}"
closed_on = "{'结束'}"
loss_note = ["行业 {'行业'}", "备注 {'备注'}"]
[[rules]]
when = { status = "won" }
set = { contract_number = "{external_id}", contract_amount = "{amount}", contract_signed_on = "{closed_on}" }
[[rules]]
when = { status = ["lost", "stopped"] }
set = { loss_reason = "未注明", amount = "" }
"""
    text = (
        "编号,客户,立项,结果,金额,产品,结束,行业,备注\n"
        "A1,华为,5/3/2026,赢单,3万,MG；GTX,6/3/2026,-,\n"
        "A2,中兴,5/3/2026,输单,5,MG,7/3/2026,通信,远\n"
        "A3,,5/3/2026,停止,x,MG,,-,-\n"
    )
    won, lost, bad = rows_of(tmp_path, layout, text)
    assert won.values == {
        "external_id": "A1", "customer": "华为", "created_on": date(2026, 3, 5), "status": "won", "amount": Decimal("30000.00"),
        "products": ("MG", "GTX"), "title": "华为 a1", "closed_on": date(2026, 3, 6), "contract_number": "A1",
        "contract_amount": Decimal("30000.00"), "contract_signed_on": date(2026, 3, 6),
    }  # fmt: skip
    assert (lost.values["loss_reason"], lost.values["loss_note"], "amount" in lost.values) == ("未注明", "行业 通信\n备注 远", False)
    assert faults(won) == faults(lost) == []
    assert faults(bad) == [
        ("金额", "x", "NotANumber"), ("", "", "RequiredValueMissing"), ("客户", "", "RequiredValueMissing"), ("", "", "NeededHere"),
    ]  # fmt: skip


def test_days_in_the_wrong_order_are_a_fault(tmp_path):
    columns = {"n": "number", "c": "customer", "s": "signer", "a": "amount", "d": "signed_on", "e": "completed_on"}
    layout = 'name = "a"\nkind = "contracts"\n[columns]\n' + "".join(f'{column} = "{field}"\n' for column, field in columns.items())
    (row,) = rows_of(tmp_path, layout, "n,c,s,a,d,e\n007,华为,王,5,2026-03-05,2026-03-04\n")
    assert faults(row) == [("e", "2026-03-04", "DaysOutOfOrder")]
    assert str(row.faults[0].reason) == "“Completed on” (2026-03-04) lies before “Signed on” (2026-03-05)."
    assert row.values["number"] == "007"


def test_several_columns_may_feed_one_field(tmp_path):
    layout = LEADS.replace('"电话" = "phone"', '"电话" = "phone"\n"手机" = "phone"\n"说明" = "note"\n"备注" = "note"')
    rest = "王,010-12345678,,展会,赵,2026-03-05\n"
    text = HEADER.replace("姓名", "手机,说明,备注,姓名") + f"13912345678,一,二,{rest},,二,{rest}"
    both, one = rows_of(tmp_path, layout, text)
    assert (both.values["phone"], both.values["note"]) == ("13912345678", "一\n二")
    assert (one.values["phone"], one.values["note"]) == ("010-12345678", "二")


def test_a_layout_that_does_not_fit_is_refused_before_the_first_row(tmp_path):
    with pytest.raises(ColumnsMissing) as missing:
        rows_of(tmp_path, LEADS, "姓名,电话,来源,日期\na,b,c,d\n")
    assert missing.value.values["columns"] == ("邮箱", "负责人")
    with pytest.raises(ColumnTwice):
        rows_of(tmp_path, LEADS, "姓名,电话,邮箱,来源,负责人,日期, 姓 名\na,b,c,d,e,f,g\n")
    with pytest.raises(RequiredFieldsMissing):
        rows_of(tmp_path, LEADS.replace('"负责人" = "rep"', ""), HEADER + "a,b,c,d,e,f\n")
    with pytest.raises(LayoutValueWrong) as wrong:
        rows_of(tmp_path, LEADS + '[constants]\nhandled_on = "soon"', HEADER + "a,b,c,d,e,f\n")
    assert "soon" in str(wrong.value)


def test_columns_that_nobody_uses_are_named(tmp_path):
    sheet = opened(text_file(tmp_path, HEADER.strip() + ",心情,天气\na,b,c,d,e,f,g,h\n"))
    notice = unused_columns(sheet, parse_layout("ignored = ['天气']\n" + LEADS))
    assert notice is not None
    assert notice.values == {"columns": "心情"}


def test_the_file_settles_its_date_order_or_a_person_is_asked(tmp_path):
    line = "王,13912345678,,展会,赵,{}\n"
    layout = parse_layout(LEADS)
    sheet = opened(text_file(tmp_path, HEADER + line.format("3/5/2026") + line.format("3/25/2026")))
    settled = settle_dates(sheet, layout)
    assert [row.values["arrived_on"] for row in parse(sheet, settled)] == [date(2026, 3, 5), date(2026, 3, 25)]
    with pytest.raises(DateOrderAmbiguous) as asked:
        settle_dates(opened(text_file(tmp_path, HEADER + line.format("３/5/2026"))), layout)
    assert asked.value.values == {"column": "日期", "value": "3/5/2026"}
    unasked = opened(text_file(tmp_path, HEADER + line.format("2026-03-05")))
    assert settle_dates(unasked, layout) == layout
