"""The rows that were not taken, as a file of the same columns with a reason: to be corrected and imported again."""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import xlsxwriter  # type: ignore[import-untyped]  # it has none

from crm.errors import CrmError
from crm.importing.cells import shown
from crm.importing.judged import Judged, Outcome
from crm.importing.verdict import Verdict
from crm.vocabulary import N_

REASON = N_("Why it was not imported")
ROW = N_("Row in the file")

FORMULA = re.compile(r"[=@\t\r\n]|[+\-](?![\d\s().+-]*$)")
"""How a cell begins that a spreadsheet program would take for a formula; telephone numbers and negative amounts are none."""

Explain = Callable[[CrmError], str]
"""Turns an error into its sentence in the reader's language."""


def reason_of(row: Judged, explain: Explain) -> str:
    """Everything that is held against a row, in one line."""
    told = [f"{fault.column}: {explain(fault.reason)}" if fault.column else explain(fault.reason) for fault in row.faults]
    return " ".join([*told, *([explain(row.note)] if row.note and row.outcome is Outcome.DUPLICATE else [])])


def write(verdict: Verdict, path: Path, explain: Explain, say: Callable[[str], str]) -> int:
    """Write the faulty rows and the duplicates to `path`, XLSX or CSV by its name. Returns how many."""
    with path.open("wb") as stream:
        return write_to(verdict, stream, path.suffix.lower() == ".xlsx", explain, say)


def write_to(verdict: Verdict, stream: BinaryIO, as_workbook: bool, explain: Explain, say: Callable[[str], str]) -> int:
    """The same to an open file. `say` translates a message id."""
    lines = _lines(verdict, explain, say)
    return _workbook(lines, stream) if as_workbook else _text(lines, stream)


def _lines(verdict: Verdict, explain: Explain, say: Callable[[str], str]) -> Iterator[list[str]]:
    """The header, then each row as it stands in the file, with its number there and the reason."""
    left_out = {row.number: row for row in verdict.rows_of(Outcome.FAULTY, Outcome.DUPLICATE)}
    width = len(verdict.sheet.header)
    yield [*verdict.sheet.header, say(REASON), say(ROW)]
    for row in verdict.sheet.rows() if left_out else ():
        if row.number in left_out:
            cells = [shown(cell) for cell in row.cells][:width]
            yield [*cells, *[""] * (width - len(cells)), reason_of(left_out[row.number], explain), str(row.number)]


def _text(lines: Iterator[list[str]], stream: BinaryIO) -> int:
    """CSV that spreadsheet programs read as UTF-8; nothing in it becomes a formula."""
    count = -1
    stream.write(b"\xef\xbb\xbf")
    for line in lines:
        buffer = _Line()
        csv.writer(buffer).writerow([f"'{cell}" if FORMULA.match(cell) else cell for cell in line])
        stream.write(buffer.text.encode())
        count += 1
    return count


class _Line:
    """What the CSV writer writes to."""

    text = ""

    def write(self, text: str) -> None:
        self.text += text


def _workbook(lines: Iterator[list[str]], stream: BinaryIO) -> int:
    """XLSX whose cells are texts and nothing else."""
    count = -1
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for number, line in enumerate(lines):
        for column, cell in enumerate(line):
            sheet.write_string(number, column, cell[:32_767])
        count += 1
    book.close()
    return count
