"""The XML of spreadsheets, read in a stream for what the readers of XLSX and ODS show as empty, and for how much there is.

Values are not kept: only the used area, the number of cells, errors, formulas without a result, and hidden columns.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from xml.parsers import expat

from crm.importing.cells import NOT_CALCULATED, CellError

Place = tuple[int, int]
"""Row and column, both from 0."""


@dataclass
class SheetFacts:
    """What was seen of one sheet without opening it."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    """Cells with a value."""
    special: dict[Place, CellError] = field(default_factory=dict)
    hidden_columns: set[int] = field(default_factory=set)
    shared: int = 0
    """Cells whose text is one of the shared strings."""
    characters: int = 0
    """The length of all texts once the shared ones are written out."""

    def saw(self, row: int, column: int) -> None:
        """Count a cell with a value."""
        self.cells += 1
        if row >= self.rows:
            self.rows = row + 1
        if column >= self.columns:
            self.columns = column + 1

    def reaches(self, rows: int, columns: int) -> None:
        """The sheet says that it is so large."""
        self.rows = max(self.rows, rows)
        self.columns = max(self.columns, columns)


class Parser:
    """A stream of XML, element by element as it is written; a document type, which can hold a bomb of entities, is refused."""

    def __init__(self) -> None:
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self.start
        self._expat.StartDoctypeDeclHandler = _refuse

    def feed(self, chunk: bytes, final: bool = False) -> None:
        """The next piece of the document."""
        self._expat.Parse(chunk, final)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; its name may have a prefix."""
        raise NotImplementedError

    def listen(self, to: Callable[[str], Any] | None) -> None:
        """Hand the text that follows to `to`, until told otherwise."""
        self._expat.CharacterDataHandler = to


def _refuse(*_: Any) -> None:
    raise ValueError("a document type in a spreadsheet")


class Attributes(Parser):
    """The attributes of all elements of one name, without prefixes."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.found: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == self.name:
            self.found.append({_local(key): value for key, value in attributes.items()})


class StringsParser(Parser):
    """The length of each shared string."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths = array("L")
        self.listen(self._count)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si" or _local(name) == "si":
            self.lengths.append(0)

    def _count(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


@cache
def column_number(letters: str) -> int:
    """A → 0, Z → 25, AA → 26. Raises `ValueError` for what is no column."""
    if not 1 <= len(letters) <= 3 or not all("A" <= letter <= "Z" for letter in letters):
        raise ValueError(letters)
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(number: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class SheetParser(Parser):
    """One worksheet of an XLSX. With `lengths`, those of the shared strings, the length of all texts is added up."""

    def __init__(self, facts: SheetFacts, lengths: "array[int] | None" = None) -> None:
        super().__init__()
        self.facts, self.lengths = facts, lengths
        self.row = self.column = -1
        self.type: str | None = None
        self.formula = self.listening = False
        self.text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        # Called for each of millions of elements: the frequent ones first.
        if name == "v":
            self._value()
        elif name == "c":
            self._cell(attributes)
        elif name == "f":
            self.formula = True
        elif name == "is":
            self.facts.saw(self.row, self.column)
        elif name == "row":
            self._finish()
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            self.facts.hidden_columns.update(range(int(attributes["min"]) - 1, min(int(attributes["max"]), 16_384)))
        elif ":" in name:
            self.start(_local(name), attributes)

    def feed(self, chunk: bytes, final: bool = False) -> None:
        super().feed(chunk, final)
        if final:
            self._finish()

    def _cell(self, attributes: dict[str, str]) -> None:
        if self.formula or self.listening:
            self._finish()
        place = attributes.get("r")
        if place:
            letters = place.rstrip("0123456789")
            self.row, self.column = int(place[len(letters) :]) - 1, column_number(letters)
        else:
            self.column += 1
        self.type = attributes.get("t")

    def _value(self) -> None:
        self.formula = False
        self.facts.saw(self.row, self.column)
        if self.type == "s":
            self.facts.shared += 1
        if self.type == "e" or (self.type == "s" and self.lengths is not None):
            self.listening = True
            self.listen(self.text.append)

    def _finish(self) -> None:
        """What the cell that ends here turned out to be."""
        if self.formula:
            self.facts.special[self.row, self.column] = CellError(NOT_CALCULATED)
            self.facts.saw(self.row, self.column)
        elif self.listening:
            text = "".join(self.text).strip()
            if self.type == "e":
                self.facts.special[self.row, self.column] = CellError(text)
            elif self.lengths is not None and text.isdecimal() and int(text) < len(self.lengths):
                self.facts.characters += self.lengths[int(text)]
            self.text.clear()
            self.listen(None)
        self.formula = self.listening = False


class OdsParser(Parser):
    """All sheets of an ODS, which may say "the same a million times" in one element. Prefixes are literal, as for its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, SheetFacts] = {}
        self.facts = SheetFacts()
        self.row = self.column = self.next_row = self.rows_of = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self.facts = self.sheets[attributes["table:name"]] = SheetFacts()
            self.row = self.next_row = self.column = 0
        elif name == "table:table-column":
            times = _times(attributes, "columns")
            if attributes.get("table:visibility") == "collapse":
                self.facts.hidden_columns.update(range(self.column, min(self.column + times, 16_384)))
            self.column += times
        elif name == "table:table-row":
            self.row, self.column, self.rows_of = self.next_row, 0, _times(attributes, "rows")
            self.next_row += self.rows_of
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._cell(attributes, _times(attributes, "columns"))

    def _cell(self, attributes: dict[str, str], times: int) -> None:
        is_error = attributes.get("calcext:value-type") == "error"
        has_value = "office:value-type" in attributes
        if is_error or ("table:formula" in attributes and not has_value):
            self.facts.special[self.row, self.column] = CellError("#ERROR" if is_error else NOT_CALCULATED)
        if has_value or is_error:
            self.facts.saw(self.row + self.rows_of - 1, self.column + times - 1)
        self.column += times


def _times(attributes: dict[str, str], what: str) -> int:
    return int(attributes.get(f"table:number-{what}-repeated", "1"))
