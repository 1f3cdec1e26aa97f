"""What a file hands over: cells as they stand, and rows with the number that a spreadsheet program shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

NOT_CALCULATED = "not calculated"


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell without a usable value: `code` is what it shows (#N/A), or `NOT_CALCULATED` for a formula without a result."""

    code: str

    def __str__(self) -> str:
        return "" if self.code == NOT_CALCULATED else self.code


Cell = str | int | float | bool | date | datetime | time | timedelta | CellError | None
"""One cell; None is an empty one."""


class DateOrder(StrEnum):
    """In which order a date with separators is written."""

    YMD = "ymd"
    MDY = "mdy"
    DMY = "dmy"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its number there, starting with 1, and its cells from the sheet's first column on."""

    number: int
    cells: list[Cell]


Rows = Iterator[Row]


def is_empty(cell: Cell) -> bool:
    """Whether the cell holds nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def shown(cell: Cell) -> str:
    """The cell as text, as a person would recognise it: whole numbers without a decimal point, days without midnight."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)
