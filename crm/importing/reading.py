"""A file on disk becomes a sheet: a header and rows that can be gone through as often as needed.

What the file is, its content says and not its name. Limits come from the caller and are never met by leaving something out:
what exceeds them is refused with a sentence (`problems`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import partial
from itertools import islice
from pathlib import Path

from crm.importing import compound, delimited, workbooks
from crm.importing.cells import Cell, Row, Rows, is_empty, shown
from crm.importing.encodings import encoding_of
from crm.importing.markup import SheetFacts
from crm.importing.packages import Package
from crm.importing.packages import inspect as inspect_package
from crm.importing.problems import (
    CellsMerged,
    ColumnsHidden,
    EmptyFile,
    EncodingGuessed,
    FileTooLarge,
    HeaderOnly,
    HtmlFile,
    NoSuchSheet,
    Notice,
    OldXmlSpreadsheet,
    PasswordProtected,
    SeveralSheets,
    SheetsHidden,
    SheetTooWide,
    TitleSkipped,
    TooManyColumns,
    TooManyRows,
    WrongFileType,
)
from crm.vocabulary import N_, Message

MEGABYTE = 1 << 20
HEADER_WITHIN = 10
"""Rows from the first with a value within which the header is looked for: titles may stand above it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken: the first two are the company's settings, the others keep a hostile file from filling the memory."""

    megabytes: int = 20
    rows: int = 1_000_000
    columns: int = 500
    unpacked_megabytes: int = 1_000
    cells: int = 20_000_000
    """Rows × columns of a workbook's sheet, which its reader holds at once."""


@dataclass(frozen=True)
class Sheet:
    """A table: `header` names its columns from the sheet's first on (some may be empty), `header_row` is where it stands."""

    file: str
    name: str | None
    header: tuple[str, ...]
    header_row: int
    notices: tuple[Notice, ...]
    limit: int
    read: Callable[[], Rows]

    def rows(self) -> Iterator[Row]:
        """The rows below the header that hold a value, streamed; may be called again. Raises `TooManyRows` beyond the limit."""
        count = 0
        for row in self.read():
            if row.number <= self.header_row or all(is_empty(cell) for cell in row.cells):
                continue
            count += 1
            if count > self.limit:
                raise TooManyRows(file=self.file, limit=self.limit)
            yield row


def open_sheet(path: Path, file: str, limits: Limits, sheet: str | None = None) -> Sheet:
    """The table in the file at `path`, which the person knows as `file`. `sheet` chooses among several of a workbook.

    Raises a `FileProblem`: what is wrong with the file and what to do about it.
    """
    size = path.stat().st_size
    if size == 0:
        raise EmptyFile(file=file)
    if size > limits.megabytes * MEGABYTE:
        raise FileTooLarge(file=file, limit=limits.megabytes)
    form = _form(path, file)
    if form is _Form.TEXT:
        return _open_text(path, file, limits)
    if form is _Form.COMPOUND:
        package = Package(compound.inspect(path, file), loads_whole=True)
    else:
        package = inspect_package(path, file, limits.unpacked_megabytes * MEGABYTE)
    for name, seen in package.sheets.items() if package.loads_whole else ():
        _refuse_giant(seen, file, name, limits)
    return _open_workbook(path, file, limits, package.sheets, sheet)


class _Form(StrEnum):
    TEXT, PACKAGE, COMPOUND = auto(), auto(), auto()


SIGNATURES = {
    b"%PDF": N_("a PDF document"),
    b"\x89PNG": N_("a picture"),
    b"\xff\xd8\xff": N_("a picture"),
    b"GIF8": N_("a picture"),
    b"\x1f\x8b": N_("a compressed archive"),
    b"7z\xbc\xaf": N_("a compressed archive"),
    b"Rar!": N_("a compressed archive"),
    b"{\\rtf": N_("a text document"),
    b"\x7fELF": N_("a program"),
    b"MZ\x90": N_("a program"),
    b"SQLite format 3": N_("a database"),
}
MARKUP = (b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<div", b"<style")
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def _form(path: Path, file: str) -> _Form:
    """What the first bytes say the file is; raises for what can't be a table."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.startswith(b"PK\x03\x04"):
        return _Form.PACKAGE
    if head.startswith(COMPOUND):
        if ENCRYPTED in path.read_bytes():
            raise PasswordProtected(file=file)
        return _Form.COMPOUND
    for signature, what in SIGNATURES.items():
        if head.startswith(signature):
            raise WrongFileType(file=file, found=Message(what))
    _refuse_markup(head, file)
    return _Form.TEXT


def _refuse_markup(head: bytes, file: str) -> None:
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in text and text.startswith(b"<?xml"):
        raise OldXmlSpreadsheet(file=file)
    if text.startswith(MARKUP) or b"<html" in text[:1000]:
        raise HtmlFile(file=file)
    if text.startswith((b"<?xml", b"<svg")):
        raise WrongFileType(file=file, found=Message(N_("XML")))


def _open_text(path: Path, file: str, limits: Limits) -> Sheet:
    encoding = encoding_of(path, file)
    delimiter = delimited.delimiter_of(path, encoding)
    notices: list[Notice] = [EncodingGuessed(encoding=encoding.name)] if encoding.guessed else []
    return _sheet(file, None, limits, notices, partial(delimited.read, path, file, encoding, delimiter), hidden=set())


def _open_workbook(path: Path, file: str, limits: Limits, facts: dict[str, SheetFacts], name: str | None) -> Sheet:
    book = workbooks.open_workbook(path, file, facts)
    chosen = _choose(book, file, name)
    seen = facts.get(chosen)
    if seen:
        _refuse_giant(seen, file, chosen, limits)
    sheet = book.sheet(chosen)
    notices: list[Notice] = []
    hidden = [other for other in book.hidden() if other != chosen]
    if hidden and name is None:
        notices.append(SheetsHidden(sheets=", ".join(hidden)))
    merged = workbooks.Merged(sheet)
    if merged.count:
        notices.append(CellsMerged(count=merged.count, first=merged.first))
    return _sheet(file, chosen, limits, notices, partial(workbooks.read, sheet, seen), seen.hidden_columns if seen else set())


def _choose(book: workbooks.Workbook, file: str, name: str | None) -> str:
    if name is not None:
        names = book.visible() + book.hidden()
        if name not in names:
            raise NoSuchSheet(file=file, sheet=name, sheets=", ".join(names))
        return name
    filled = [candidate for candidate in book.visible() if book.has_data(candidate)]
    if not filled:
        raise EmptyFile(file=file)
    if len(filled) > 1:
        raise SeveralSheets(file=file, sheets=", ".join(filled), names=tuple(filled))
    return filled[0]


def _refuse_giant(seen: SheetFacts, file: str, sheet: str, limits: Limits) -> None:
    if min(seen.rows, seen.cells) > limits.rows + HEADER_WITHIN:
        raise TooManyRows(file=file, limit=limits.rows)
    if seen.rows * seen.columns > limits.cells:
        raise SheetTooWide(sheet=sheet, rows=seen.rows, columns=seen.columns)


def _sheet(file: str, name: str | None, limits: Limits, notices: list[Notice], read: Callable[[], Rows], hidden: set[int]) -> Sheet:
    header = _find_header(read(), file)
    names = _names(header.cells)
    if len(names) > limits.columns:
        raise TooManyColumns(file=file, columns=len(names), limit=limits.columns)
    unseen = [names[column] for column in sorted(hidden) if column < len(names) and names[column]]
    if unseen:
        notices.append(ColumnsHidden(columns=", ".join(unseen)))
    if header.title:
        notices.append(TitleSkipped(row=header.number))
    sheet = Sheet(file, name, names, header.number, tuple(notices), limits.rows, read)
    if next(sheet.rows(), None) is None:
        raise HeaderOnly(file=file, row=header.number)
    return sheet


@dataclass(frozen=True, slots=True)
class _Header:
    number: int
    cells: list[Cell]
    title: bool


def _find_header(rows: Rows, file: str) -> _Header:
    """The first row with two values or more; a single value above it is a title. A table of one column has only single ones."""
    filled = (row for row in rows if not all(is_empty(cell) for cell in row.cells))
    first = list(islice(filled, HEADER_WITHIN))
    if not first:
        raise EmptyFile(file=file)
    for position, row in enumerate(first):
        if sum(not is_empty(cell) for cell in row.cells) > 1:
            return _Header(row.number, row.cells, title=position > 0)
    return _Header(first[0].number, first[0].cells, title=False)


def _names(cells: list[Cell]) -> tuple[str, ...]:
    names = [" ".join(shown(cell).split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)
