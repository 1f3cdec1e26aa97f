"""Rows become files: XLSX with typed cells, CSV as UTF-8 with a byte order mark. Knows no report and asks nobody for data.

Rows are taken one after the other and never kept, however many they are; a sheet that is full goes on in the next. What a person
once typed can't become a formula in anybody's spreadsheet program.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import IO, Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from crm.vocabulary import Unit
from dashboard.i18n import NOTHING, Lazy, _, days, tabled, word

Row = Mapping[str, Any]

FIGURES = frozenset({"money", "count", "rate", "days", "move"})
"""The kinds of column that hold numbers."""

MOST_ROWS = 1_048_576 - 2
"""Rows of a worksheet, without its head and its total."""

LONGEST = 32_767
"""Characters in a cell of a worksheet."""

DANGEROUS = re.compile(r"[=+\-@＝＋－＠\x00-\x1f\x7f]")
"""How a text begins that a spreadsheet program may take for a formula (wide forms too), or for a command to split cells."""

TURNED = re.compile(r"0\d+|\d{12,}|\d+(\.\d+)?[eE][+-]?\d+")
"""Text that a spreadsheet program takes for a number and then writes otherwise: 007 as 7, a number of eighteen places as 1.2E+17."""

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Control characters that a worksheet can't hold."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet. `of` takes the value from a row: text (a `Lazy` stands for a value that there is not), a `StrEnum`, a day, a
    number in the type of its unit, or None. `kind`: text, word, day, month, money, count, rate, days or move. `then` takes what the value
    was in the compared window, of what can be compared. Neighbours of one `group` are read together and stand together on paper. A column
    that has no total (`totals`) is empty in the table's last row."""

    key: str
    title: str
    kind: str
    of: Callable[[Row], Any]
    then: Callable[[Row], Any] | None = None
    group: str = ""
    totals: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to be written: its columns, its rows (taken once), and its total, in which only figures stand (and days that are such)."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    total: Row | None = None


def readable(value: Any) -> str:
    """A value of text for a person: words and empty groups in their language."""
    if value is None:
        return ""
    return word(value) if isinstance(value, StrEnum) else str(value)


def written(column: Column, value: Any) -> str:
    """A cell as a person reads it: a figure as on the screen, a dash where there is none."""
    if isinstance(value, str) or column.kind not in FIGURES:
        text = machine(column.kind, value) if column.kind in ("day", "month") else readable(value)
        return UNPRINTABLE.sub(" ", str(text or "")).replace("\n", " ").replace("\t", " ")
    return NOTHING if value is None else tabled(value, Unit(column.kind))


def totalled(column: Column, total: Row, position: int) -> str:
    """A cell of the total as a person reads it: in the first column its name, nothing where a column has none."""
    if _summed(column):
        return written(column, column.of(total))
    return _("Total") if position == 0 else ""


def _summed(column: Column) -> bool:
    """Whether the total has something of a column: a figure, or a day such as that of the last receipt."""
    return column.totals and (column.kind in FIGURES or column.kind == "day")


# ── XLSX ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
NUMBERS = {
    "money": "#,##0.00",
    "count": "#,##0",
    "rate": "0.0%",
    "days": "#,##0",
    "days_and_part": "#,##0.0",
    "day": "yyyy-mm-dd",
    "month": "yyyy-mm",
    "move": '+0;"−"0;0',
}
SHADE = "#F1F3F5"
"""Behind rows that are marked: cohorts too young to be judged."""
A4 = 9
"""The paper's size, as worksheets call it."""
MOST_NAMES = 3
"""So many columns at the left may name a row and stay in view."""
WIDTHS = {"money": 18, "count": 12, "rate": 12, "days": 12, "move": 12, "day": 12, "month": 10, "word": 12, "text": 24}


def workbook(
    file: IO[bytes], about: Sequence[tuple[str, object]], sheets: Sequence[Sheet], computed: Sequence[tuple[str, object]] = ()
) -> int:
    """Write the sheets into `file`, behind a first one that says what they are (`about`, and the number of rows) and how figures are
    `computed`. Returns the number of rows."""
    with Workbook(file, {"constant_memory": True}) as book:
        writer = _Writer(book)
        first = writer.page(_("About"))
        written = sum(writer.sheet(sheet) for sheet in sheets)
        heading = [("", None), (_("How the figures are computed"), None)] if computed else []
        writer.about(first, [*about, (_("Rows"), written), *heading, *computed])
    return written


class _Writer:
    """Writes worksheets from top to bottom, one row at a time, each cell in the type of its value; text is only ever a string."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.formats = {kind: book.add_format({"num_format": text}) for kind, text in NUMBERS.items()}
        self.shaded = {kind: book.add_format({"num_format": text, "bg_color": SHADE}) for kind, text in NUMBERS.items()}
        self.shade = book.add_format({"bg_color": SHADE})
        self.sums = {kind: book.add_format({"num_format": text, "bold": True, "top": 1}) for kind, text in NUMBERS.items()}
        self.sum = book.add_format({"bold": True, "top": 1})
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top", "align": "left"})
        self.quoted = book.add_format({"quote_prefix": True})

    def page(self, title: str) -> Worksheet:
        """An empty worksheet, called by `title` as far as names of worksheets allow."""
        return self.book.add_worksheet(_title(title, [page.get_name() for page in self.book.worksheets()]))

    def sheet(self, sheet: Sheet) -> int:
        """All rows of a sheet, on as many worksheets as they need, and its total. Returns their number."""
        page, number, full = self._begun(sheet), 0, 0
        for row in sheet.rows:
            if number == MOST_ROWS:
                self._filtered(page, sheet, number)
                page, number, full = self._begun(sheet), 0, full + number
            number += 1
            for position, column in enumerate(sheet.columns):
                value = column.of(row)
                look = _look(column.kind, value)
                self.cell(page, number, position, value, self.shaded.get(look, self.shade) if row.get("young") else self.formats.get(look))
        self._filtered(page, sheet, number)
        if sheet.total is not None:
            self._total(page, sheet, number + 1, sheet.total)
        return full + number

    def cell(self, page: Worksheet, row: int, position: int, value: Any, format: Format | None) -> None:
        """One cell."""
        if isinstance(value, date):
            page.write_datetime(row, position, value, format)
        elif isinstance(value, Decimal | int | float):
            page.write_number(row, position, value, format)
        elif text := _text(readable(value)):
            page.write_string(row, position, text, self.quoted if DANGEROUS.match(text) else format)

    def about(self, page: Worksheet, lines: Iterable[tuple[str, object]]) -> None:
        """A sheet of names and values."""
        page.set_column(0, 0, 22)
        page.set_column(1, 1, 90, self.wrapped)
        for number, (name, value) in enumerate(lines):
            page.write_string(number, 0, name, self.head)
            self.cell(page, number, 1, value, self.formats["day"] if isinstance(value, date) else None)

    def _begun(self, sheet: Sheet) -> Worksheet:
        page = self.page(sheet.title)
        page.freeze_panes(1, _names(sheet))
        page.set_landscape()
        page.set_paper(A4)
        page.fit_to_pages(1, 0)  # on paper all columns stand beside each other, under their heads on each page
        page.repeat_rows(0)
        for position, column in enumerate(sheet.columns):
            page.set_column(position, position, WIDTHS[column.kind])
            page.write_string(0, position, _text(column.title), self.head)
        return page

    def _filtered(self, page: Worksheet, sheet: Sheet, number: int) -> None:
        page.autofilter(0, 0, number, len(sheet.columns) - 1)

    def _total(self, page: Worksheet, sheet: Sheet, number: int, total: Row) -> None:
        for position, column in enumerate(sheet.columns):
            value = column.of(total) if _summed(column) else None
            if value is not None:
                self.cell(page, number, position, value, self.sums[_look(column.kind, value)])
            else:
                page.write(number, position, _("Total") if position == 0 else None, self.sum)


def _look(kind: str, value: Any) -> str:
    """Which of `NUMBERS` writes a value: days have a decimal only where they are not whole, as on the screen."""
    parted = kind == "days" and isinstance(value, Decimal | int | float) and days(value) % 1
    return "days_and_part" if parted else kind


def _names(sheet: Sheet) -> int:
    """How many columns at the left name a row and stay in view beside its figures; of a list of records, the first."""
    leading = next((place for place, column in enumerate(sheet.columns) if column.kind in FIGURES), 1)
    return leading if leading <= MOST_NAMES else 1


def _title(title: str, taken: Sequence[str]) -> str:
    """A worksheet's name: at most 31 characters, without those that are forbidden, and not taken."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip(" '") or _("Table")
    names = {name.casefold() for name in taken}
    numbered = (plain[:31].rstrip(" '") if number == 1 else f"{plain[:26]} ({number})" for number in range(1, len(taken) + 2))
    return next(name for name in numbered if name.casefold() not in names)


def _text(text: str) -> str:
    """`text` as a cell holds it: what is too long for one ends in an ellipsis."""
    text = UNPRINTABLE.sub(" ", text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def delimited(file: IO[bytes], sheet: Sheet) -> int:
    """Write the rows into `file` under one line of heads, without the total: a file for other programs. Returns the number of rows."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([guarded(column.title) for column in sheet.columns])
    number = 0
    for row in sheet.rows:
        number += 1
        writer.writerow([_plain(column.kind, column.of(row)) for column in sheet.columns])
    text.detach()
    return number


def _plain(kind: str, value: Any) -> str:
    """One cell of CSV: numbers and days as programs read them, text guarded."""
    if value is None or isinstance(value, str | Lazy):
        return guarded(readable(value))
    return str(machine(kind, value))


def guarded(text: str) -> str:
    """`text` with an apostrophe before it, where a spreadsheet program might else take it for a formula, or for a number that it turns."""
    return f"'{text}" if DANGEROUS.match(text) or TURNED.fullmatch(text) else text


def machine(kind: str, value: Any) -> str | int | None:
    """A value as programs read it, exactly: amounts with two places, rates with six, days 2026-03-05, words by their code."""
    if value is None or isinstance(value, Lazy):
        return None
    match kind:
        case "month":
            return f"{value:%Y-%m}"
        case "day":
            return f"{value:%Y-%m-%d}"
        case _ if isinstance(value, str):
            return value.value if isinstance(value, StrEnum) else str(value)
        case "money":
            return f"{value:.2f}"
        case "rate":
            return f"{value:.6f}"
        case "days":
            return f"{days(value):f}"
    return int(value)
