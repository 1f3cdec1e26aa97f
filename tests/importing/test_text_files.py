"""CSV in any encoding, with any delimiter and any quoting that a spreadsheet program writes."""

import pytest

from crm.importing.problems import (
    BinaryContent,
    BrokenQuotes,
    EmptyFile,
    FileTooLarge,
    HeaderOnly,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
)
from dashboard.exports import guarded as guard
from tests.importing.files import LEADS, names, opened, table, text_file

ROWS = [(2, ["王小明", "13912345678", "展会"]), (3, ["李娜", "13800001111", "官网"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_chinese_reads_the_same_in_every_encoding(tmp_path, encoding):
    sheet = opened(text_file(tmp_path, LEADS, encoding))
    assert sheet.header == ("姓名", "电话", "来源")
    assert table(sheet) == ROWS
    assert sheet.notices == ()


def test_a_rare_character_of_gb18030_is_no_reason_to_guess(tmp_path):
    sheet = opened(text_file(tmp_path, LEADS.replace("李娜", "朱镕基𠮷"), "gb18030"))
    assert table(sheet)[1][1][0] == "朱镕基𠮷"


def test_latin_letters_are_not_taken_for_chinese_and_the_guess_is_told(tmp_path):
    text = "name,city,source\n" + "Müller,Köln,Messe\nGrößmann,Düsseldorf,Empfehlung für später\n" * 20
    sheet = opened(text_file(tmp_path, text, "cp1252"))
    assert table(sheet)[0] == (2, ["Müller", "Köln", "Messe"])
    assert names(sheet.notices) == ["EncodingGuessed"]


def test_a_file_of_utf8_with_one_broken_place_names_its_line(tmp_path):
    broken = LEADS.encode() + "赵敏,13700000000,".encode() + b"\xe5\x8c" + b"\n"
    with pytest.raises(UnknownEncoding) as refused:
        opened(text_file(tmp_path, broken))
    assert refused.value.values == {"file": "leads.csv", "line": 4}


def test_a_mark_that_the_bytes_belie_is_refused(tmp_path):
    with pytest.raises(UnknownEncoding):
        opened(text_file(tmp_path, b"\xef\xbb\xbf" + LEADS.encode("gb18030")))


def test_a_nul_byte_is_refused_with_its_line(tmp_path):
    with pytest.raises(BinaryContent) as refused:
        opened(text_file(tmp_path, LEADS.replace("李娜", "李\0娜")))
    assert refused.value.values["line"] == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_splits_evenly(tmp_path, delimiter):
    sheet = opened(text_file(tmp_path, LEADS.replace(",", delimiter).replace("展会", "展会 2026 a b")))
    assert table(sheet)[0] == (2, ["王小明", "13912345678", "展会 2026 a b"])


def test_amounts_with_a_decimal_comma_do_not_split_a_semicolon_file(tmp_path):
    sheet = opened(text_file(tmp_path, "name;amount\na;1,5\nb;2,5\n"))
    assert table(sheet) == [(2, ["a", "1,5"]), (3, ["b", "2,5"])]


def test_a_first_line_may_state_the_delimiter(tmp_path):
    sheet = opened(text_file(tmp_path, "sep=;\nname;amount\na;1\n"))
    assert (sheet.header, table(sheet)) == (("name", "amount"), [(3, ["a", "1"])])


def test_line_breaks_and_quotes_inside_of_a_cell_stay_and_rows_are_numbered_as_on_screen(tmp_path):
    sheet = opened(text_file(tmp_path, '姓名,备注\n王,"第一行\n第二行 ""引号"", 逗号"\n\n李,后面\n'))
    assert table(sheet) == [(2, ["王", '第一行\n第二行 "引号", 逗号']), (4, ["李", "后面"])]


def test_a_quote_that_never_closes_swallows_nothing(tmp_path):
    with pytest.raises(BrokenQuotes) as refused:
        opened(text_file(tmp_path, 'name,note\na,fine\nb,"open\nc,fine\n'))
    assert refused.value.values == {"file": "leads.csv", "row": 3}


def test_a_title_above_the_header_is_skipped_and_told(tmp_path):
    sheet = opened(text_file(tmp_path, "2026年线索表,,\n,,\n" + LEADS))
    assert (sheet.header, sheet.header_row) == (("姓名", "电话", "来源"), 3)
    assert names(sheet.notices) == ["TitleSkipped"]
    assert [number for number, _ in table(sheet)] == [4, 5]


def test_one_column_is_a_table_too(tmp_path):
    sheet = opened(text_file(tmp_path, "名称\n华为\n中兴\n"))
    assert (sheet.header, table(sheet)) == (("名称",), [(2, ["华为"]), (3, ["中兴"])])


@pytest.mark.parametrize("content", ["", " \n\n", ",,\n,,\n", "\ufeff"])
def test_nothing_is_called_empty(tmp_path, content):
    with pytest.raises(EmptyFile):
        opened(text_file(tmp_path, content))


def test_a_header_alone_is_called_so(tmp_path):
    with pytest.raises(HeaderOnly):
        opened(text_file(tmp_path, "姓名,电话\n,\n"))


def test_limits_refuse_and_never_cut(tmp_path):
    path = text_file(tmp_path, LEADS)
    assert len(table(opened(path, rows=2))) == 2
    with pytest.raises(TooManyRows):
        table(opened(path, rows=1))
    with pytest.raises(TooManyColumns):
        opened(path, columns=2)
    with pytest.raises(FileTooLarge):
        opened(text_file(tmp_path, LEADS * 40_000), megabytes=1)


def test_a_sheet_can_be_read_again(tmp_path):
    sheet = opened(text_file(tmp_path, LEADS))
    assert table(sheet) == table(sheet) == ROWS


def test_many_rows_stream_without_being_held(tmp_path):
    import tracemalloc

    sheet = opened(text_file(tmp_path, "姓名,电话,来源\n" + "王小明,13912345678,展会\n" * 200_000), megabytes=20)
    tracemalloc.start()
    count = sum(1 for _ in sheet.rows())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_000
    assert peak < 2_000_000


def test_what_our_own_file_guards_with_an_apostrophe_comes_back_without_it(tmp_path):
    guarded = LEADS.replace("13912345678", guard("+8613912345678")).replace("王小明", guard("=王小明")).replace("官网", "'90s")
    assert table(opened(text_file(tmp_path, guarded)))[0] == (2, ["=王小明", "+8613912345678", "展会"])
    assert table(opened(text_file(tmp_path, guarded)))[1][1][2] == "'90s"
    assert table(opened(text_file(tmp_path, LEADS.replace("13912345678", guard("007")))))[0][1][1] == "007"
