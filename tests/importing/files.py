"""Files as people send them, made for a test: sheets, text in any encoding, packages with something wrong inside."""

import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from crm.importing.reading import Limits, Sheet, open_sheet

LEADS = "姓名,电话,来源\n王小明,13912345678,展会\n李娜,13800001111,官网\n"


def text_file(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "leads.csv") -> Path:
    """A text file in an encoding, or these very bytes."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def workbook(folder: Path, fill: Callable[[Any], None], name: str = "leads.xlsx", other_sheets: Iterable[str] = ()) -> Path:
    """An XLSX whose sheet 线索 is filled by `fill`; further sheets hold one cell."""
    path = folder / name
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("线索")
    sheet.day = book.add_format({"num_format": "yyyy-mm-dd"})
    fill(sheet)
    for other in other_sheets:
        book.add_worksheet(other).write(0, 0, "x")
    book.close()
    return path


def rows_workbook(folder: Path, rows: Sequence[Sequence[Any]], **options: Any) -> Path:
    """An XLSX with these rows."""

    def fill(sheet: Any) -> None:
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, sheet.day)
                elif cell is not None:
                    sheet.write(number, column, cell)

    return workbook(folder, fill, **options)


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The package with one part changed."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, change(content) if name == part else content)
    return path


def without_results(content: bytes) -> bytes:
    """A worksheet as programs write it that do not calculate: formulas without values."""
    return re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", content)


ODS = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{short}="urn:{long}"'
    for short, long in {
        "office": "oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "oasis:names:tc:opendocument:xmlns:text:1.0",
        "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)


def ods(folder: Path, rows: str, manifest: str = "", name: str = "leads.ods") -> Path:
    """An ODS with one sheet of these `table:table-row` elements."""
    table = f'<table:table table:name="线索">{rows}</table:table>'
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", ODS)
        package.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        package.writestr("content.xml", f"<office:document-content {SPACES}>{body}</office:document-content>")
    return path


def ods_cell(text: str, more: str = "") -> str:
    """One text cell."""
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def ods_row(*cells: str, more: str = "") -> str:
    """One row of cells."""
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def record(kind: int, content: bytes) -> bytes:
    """One record of an XLS."""
    return struct.pack("<HH", kind, len(content)) + content


def xls_text(row: int, column: int, text: str) -> bytes:
    """A cell with a text."""
    return record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def xls_number(row: int, column: int, number: float) -> bytes:
    """A cell with a number."""
    return record(0x0203, struct.pack("<HHHd", row, column, 0, number))


def xls_error(row: int, column: int, code: int) -> bytes:
    """A cell that shows an error."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, code, 1))


def xls_failed_formula(row: int, column: int, code: int) -> bytes:
    """A formula whose result is an error."""
    return record(0x0006, struct.pack("<HHHBBBBBBHHIH", row, column, 0, 2, 0, code, 0, 0, 0, 0xFFFF, 0, 0, 0))


def xls(folder: Path, cells: bytes, name: str = "leads.xls", padding: int = 5000) -> Path:
    """An XLS with one sheet 线索 of these records, in a compound file of one table sector.

    Without padding it is a small stream, which lies in the root's.
    """
    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    end = record(0x000A, b"")
    title = "线索"
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + end
    bound_length = 4 + 8 + 2 * len(title)
    bound = record(0x0085, struct.pack("<IHBB", len(begin) + bound_length + len(end), 0, len(title), 1) + title.encode("utf-16-le"))
    stream = begin + bound + end + sheet
    stream += bytes(max(0, padding - len(stream)))
    sectors = -(-len(stream) // 512)
    is_small = len(stream) < 4096
    table = [0xFFFF_FFFD, 0xFFFF_FFFE, *range(3, sectors + 2), 0xFFFF_FFFE]
    table += [0xFFFF_FFFE] if is_small else []
    table += [0xFFFF_FFFF] * (128 - len(table))
    small_table = struct.pack("<128I", *range(1, 8 * sectors), 0xFFFF_FFFE, *[0xFFFF_FFFF] * (128 - 8 * sectors)) if is_small else b""
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    small_start = sectors + 2 if is_small else 0xFFFF_FFFE
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, small_start, int(is_small), 0xFFFF_FFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFF_FFFF] * 108)
    root = _xls_entry("Root Entry", 5, 2 if is_small else 0xFFFF_FFFE, sectors * 512 if is_small else 0, child=1)
    folder_sector = root + _xls_entry("Workbook", 2, 0 if is_small else 2, len(stream)) + bytes(256)
    path = folder / name
    path.write_bytes(header + struct.pack("<128I", *table) + folder_sector + stream.ljust(sectors * 512, b"\0") + small_table)
    return path


def _xls_entry(name: str, kind: int, start: int, size: int, child: int = 0xFFFF_FFFF) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<HBB3I", len(text), kind, 1, 0xFFFF_FFFF, 0xFFFF_FFFF, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def opened(path: Path, sheet: str | None = None, **limits: int) -> Sheet:
    """The sheet in the file, under the file's own name."""
    return open_sheet(path, path.name, Limits(**limits), sheet)


def table(sheet: Sheet) -> list[tuple[int, list[Any]]]:
    """All rows with their numbers."""
    return [(row.number, row.cells) for row in sheet.rows()]


def names(notices: Iterable[object]) -> list[str]:
    """What was noticed, by class."""
    return [type(notice).__name__ for notice in notices]
