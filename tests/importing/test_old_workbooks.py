"""XLS, which companies still send: its errors are noted too, and nothing in its table of sectors leads astray."""

import struct

import pytest

from crm.importing.cells import CellError
from crm.importing.problems import DamagedFile, SheetTooWide
from tests.importing.files import names, opened, record, table, xls, xls_error, xls_failed_formula, xls_number, xls_text

HEADER = xls_text(0, 0, "姓名") + xls_text(0, 1, "金额") + xls_text(0, 2, "备注")


def test_an_xls_reads_with_its_errors(tmp_path):
    hidden = record(0x007D, struct.pack("<6H", 1, 1, 2048, 0, 1, 0))
    cells = hidden + HEADER + xls_text(2, 0, "王") + xls_number(2, 1, 12.5) + xls_error(2, 2, 0x2A) + xls_failed_formula(3, 1, 0x07)
    sheet = opened(xls(tmp_path, cells))
    assert (sheet.name, sheet.header) == ("线索", ("姓名", "金额", "备注"))
    assert table(sheet) == [(3, ["王", 12.5, CellError("#N/A")]), (4, [None, CellError("#DIV/0!"), None])]
    assert names(sheet.notices) == ["ColumnsHidden"]


def test_a_large_xls_spans_many_sectors(tmp_path):
    cells = HEADER + b"".join(xls_text(row, 0, "王" * 40) for row in range(1, 400))
    assert len(table(opened(xls(tmp_path, cells)))) == 399


def test_a_short_xls_lies_among_the_small_streams(tmp_path):
    assert table(opened(xls(tmp_path, HEADER + xls_error(1, 2, 0x2A), padding=0))) == [(2, [None, None, CellError("#N/A")])]


@pytest.mark.parametrize("padding", [0, 5000])
@pytest.mark.parametrize(
    "cells",
    [
        HEADER + xls_text(65_535, 65_535, "far away"),
        record(0x0200, struct.pack("<IIHHH", 0, 0xFFFF_FFFF, 0, 0xFFFF, 0)) + HEADER + xls_text(1, 0, "王"),
        record(0x0809, bytes(16)) + HEADER + xls_text(65_535, 65_535, "in a chart"),
    ],
)
def test_an_xls_that_speaks_of_billions_of_cells_never_reaches_its_reader(tmp_path, cells, padding):
    with pytest.raises(SheetTooWide):
        opened(xls(tmp_path, cells, padding=padding))


@pytest.mark.parametrize("keep", [0.05, 0.3, 0.7])
def test_a_cut_off_xls_is_called_damaged(tmp_path, keep):
    path = xls(tmp_path, HEADER + xls_text(1, 0, "王"))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(DamagedFile):
        opened(path)


def test_a_chain_that_bites_its_tail_ends_the_reading(tmp_path):
    path = xls(tmp_path, HEADER + xls_text(1, 0, "王"))
    content = bytearray(path.read_bytes())
    content[512 + 4 * 3 : 512 + 4 * 4] = struct.pack("<I", 2)
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        opened(path)
