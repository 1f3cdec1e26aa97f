"""XLSX, XLS and ODS through python-calamine: which sheets there are, and the rows of one.

The reader shows error cells and formulas without a result as empty; `packages` has noted them, and here they come back. The
value of a merged area stands for each row that it covers.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import python_calamine as calamine

from crm.importing.cells import Cell, Row, Rows
from crm.importing.markup import SheetFacts, column_letters
from crm.importing.problems import DamagedFile, PasswordProtected


@dataclass
class Workbook:
    """An open workbook. `facts` holds what was seen of its sheets beforehand; an XLS has none."""

    file: str
    book: calamine.CalamineWorkbook
    facts: dict[str, SheetFacts] = field(default_factory=dict)

    def visible(self) -> list[str]:
        """The sheets that hold cells and that a person sees, in the workbook's order."""
        return [m.name for m in self.book.sheets_metadata if _is_visible(m) and _is_table(m)]

    def hidden(self) -> list[str]:
        """The hidden sheets."""
        return [m.name for m in self.book.sheets_metadata if not _is_visible(m) and _is_table(m)]

    def has_data(self, name: str) -> bool:
        """Whether any cell of the sheet has a value."""
        if name in self.facts:
            return self.facts[name].cells > 0
        return self.sheet(name).start is not None

    def sheet(self, name: str) -> calamine.CalamineSheet:
        """The sheet of that name, loaded."""
        with readable(self.file):
            return self.book.get_sheet_by_name(name)


def open_workbook(path: Path, file: str, facts: dict[str, SheetFacts]) -> Workbook:
    """The workbook at `path`, told by its content and not by its name."""
    with readable(file):
        return Workbook(file, calamine.load_workbook(io.BytesIO(path.read_bytes())), facts)


@contextmanager
def readable(file: str) -> Iterator[None]:
    """Turn what the reader raises on bad files into a sentence; it may also panic, which is no ordinary exception."""
    try:
        yield
    except calamine.PasswordError as error:
        raise PasswordProtected(file=file) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise DamagedFile(file=file) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise DamagedFile(file=file) from error
        raise


def read(sheet: calamine.CalamineSheet, facts: SheetFacts | None) -> Rows:
    """The rows of a sheet from its first row on, cells from its first column on."""
    special = _by_row(facts)
    merged = Merged(sheet)
    left = sheet.start[1] if sheet.start else 0
    rows = sheet.iter_rows()
    number = 0
    for number, values in enumerate(rows, start=1):
        cells: list[Cell] = [None] * left
        cells += [None if value == "" else value for value in values]
        merged.fill(number - 1, cells)
        _put(cells, special.pop(number - 1, ()))
        yield Row(number, cells)
    for row in sorted(special):  # rows that hold nothing else lie beyond the reader's last
        cells = []
        _put(cells, special[row])
        yield Row(row + 1, cells)


class Merged:
    """The merged areas of a sheet, met row by row."""

    def __init__(self, sheet: calamine.CalamineSheet) -> None:
        ranges = sheet.merged_cell_ranges or []
        tall = sorted(((start, end) for start, end in ranges if end[0] > start[0]), reverse=True)
        self.count = len(ranges)
        self.first = _area(*min(ranges)) if ranges else ""
        self._waiting = tall
        self._open: dict[int, tuple[int, Cell]] = {}

    def fill(self, row: int, cells: list[Cell]) -> None:
        """Write the value of each area that covers `row` into the area's first column."""
        while self._waiting and self._waiting[-1][0][0] <= row:
            (_, column), (last, _) = self._waiting.pop()
            self._open[column] = (last, cells[column] if column < len(cells) else None)
        for column, (last, value) in list(self._open.items()):
            if row > last:
                del self._open[column]
            elif column < len(cells):
                cells[column] = value


def _by_row(facts: SheetFacts | None) -> dict[int, list[tuple[int, Cell]]]:
    rows: dict[int, list[tuple[int, Cell]]] = {}
    for (row, column), error in (facts.special if facts else {}).items():
        rows.setdefault(row, []).append((column, error))
    return rows


def _put(cells: list[Cell], special: list[tuple[int, Cell]] | tuple[()]) -> None:
    for column, error in special:
        cells.extend([None] * (column + 1 - len(cells)))
        cells[column] = error


def _area(start: tuple[int, int], end: tuple[int, int]) -> str:
    return f"{column_letters(start[1])}{start[0] + 1}:{column_letters(end[1])}{end[0] + 1}"


def _is_visible(sheet: calamine.SheetMetadata) -> bool:
    return sheet.visible == calamine.SheetVisibleEnum.Visible


def _is_table(sheet: calamine.SheetMetadata) -> bool:
    return sheet.typ == calamine.SheetTypeEnum.WorkSheet
