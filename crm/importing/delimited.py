"""CSV and its relatives: any delimiter of , ; tab |, quoted line breaks, rows streamed and never held.

A row's number is what a spreadsheet program shows: a record with line breaks in it is one row, an empty line is a row.
"""

import csv
import re
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TextIO

from crm.importing.cells import Row, Rows
from crm.importing.encodings import Encoding
from crm.importing.problems import BrokenQuotes

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_ROWS = 30

GUARDED = re.compile(r"'(?=[=+\-@＝＋－＠]|[\d.eE+-]+$)")
"""An apostrophe that guards what follows from being taken for a formula or a number, as in our own files: it is no part of the text."""


def delimiter_of(path: Path, encoding: Encoding) -> str:
    """The delimiter that splits the first rows most evenly; a comma where nothing splits them."""
    with path.open(encoding=encoding.name, newline="") as stream:
        stated = _stated(stream)
    return stated or max(DELIMITERS, key=lambda delimiter: _evenness(path, encoding, delimiter))


def read(path: Path, file: str, encoding: Encoding, delimiter: str) -> Rows:
    """The rows of the file, one after the other. Raises `BrokenQuotes` naming the row."""
    number = 0
    with path.open(encoding=encoding.name, newline="") as stream:
        if _stated(stream):
            number = 1
        try:
            for number, record in enumerate(csv.reader(stream, delimiter=delimiter, strict=True), start=number + 1):  # noqa: B020
                yield Row(number, [GUARDED.sub("", cell, count=1) if cell.startswith("'") else cell for cell in record])
        except csv.Error as error:
            raise BrokenQuotes(file=file, row=number + 1) from error


def _stated(stream: TextIO) -> str | None:
    """The delimiter named by a first line `sep=;`, which is then skipped; otherwise the stream stands at its start again."""
    first = stream.readline(16).strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    stream.seek(0)
    return None


def _evenness(path: Path, encoding: Encoding, delimiter: str) -> tuple[bool, float, int]:
    """How well `delimiter` explains the beginning: does it split at all, the share of rows of the most common width, that width."""
    with path.open(encoding=encoding.name, newline="") as stream:
        try:
            widths = [len(record) for record in islice(csv.reader(stream, delimiter=delimiter), SAMPLE_ROWS) if record]
        except csv.Error:
            return (False, 0.0, 0)
    if not widths:
        return (False, 0.0, 0)
    width, times = Counter(widths).most_common(1)[0]
    return (width > 1, times / len(widths), width)
