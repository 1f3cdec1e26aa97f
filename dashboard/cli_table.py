"""Tables for a terminal: aligned columns, in which a Chinese character is as wide as two Latin ones."""

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

from dashboard.exports import FIGURES, Sheet, totalled, written


def text_table(sheet: Sheet) -> str:
    """The sheet as lines: heads, a rule, the rows, and the total under another rule."""
    heads = [column.title for column in sheet.columns]
    rows = [[written(column, column.of(row)) for column in sheet.columns] for row in sheet.rows]
    total = None if sheet.total is None else [totalled(column, sheet.total, position) for position, column in enumerate(sheet.columns)]
    widths = [max(map(width, cells)) for cells in zip(heads, *rows, *([total] if total else []), strict=True)]
    right = [column.kind in FIGURES for column in sheet.columns]
    rule = "  ".join("─" * size for size in widths)
    lines = [_line(heads, widths, right), rule, *(_line(row, widths, right) for row in rows)]
    return "\n".join([*lines, rule, _line(total, widths, right)] if total else lines)


def width(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1 for character in text)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (_padded(text, size, to_right) for text, size, to_right in zip(cells, widths, right, strict=True))
    return "  ".join(padded).rstrip()


def _padded(text: str, size: int, to_right: bool) -> str:
    space = " " * (size - width(text))
    return space + text if to_right else text + space
