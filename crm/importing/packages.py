"""Spreadsheet packages (XLSX, ODS) looked at before a reader may open them.

A package is a zip of XML. Each part is unpacked here in a stream that counts what really comes out, so that neither a false
size in the directory nor a giant hidden in a small file gets further. While the parts run past, the cells that the reader
would silently show as empty are noted: errors, and formulas without a result.
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from crm.importing.cells import NOT_CALCULATED, CellError
from crm.importing.problems import DamagedFile, FileProblem, OldXmlSpreadsheet, PasswordProtected, UnpacksTooLarge, WrongFileType
from crm.vocabulary import N_, Message

CHUNK = 1 << 18
PARTS = 20_000
OTHERS = {"word/document.xml": N_("a text document"), "ppt/presentation.xml": N_("a presentation")}
ODS = "application/vnd.oasis.opendocument.spreadsheet"

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
    characters: int = 0
    """The length of all texts once the shared ones are written out."""

    def saw(self, row: int, column: int) -> None:
        """Count a cell with a value."""
        self.cells += 1
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)


@dataclass(frozen=True)
class Package:
    """What was seen of a package: its sheets by name."""

    sheets: dict[str, SheetFacts]
    loads_whole: bool = False
    """Whether its reader loads all sheets at once, also those that are not asked for."""


def inspect(path: Path, file: str, unpacked_limit: int) -> Package:
    """Look through the package at `path`, which must unpack to at most `unpacked_limit` bytes, cells' texts included.

    Raises `UnpacksTooLarge`, `DamagedFile`, `PasswordProtected`, `WrongFileType` or `OldXmlSpreadsheet`.
    """
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > unpacked_limit:
                raise UnpacksTooLarge(file=file, limit=unpacked_limit >> 20)
            return _Inspection(package, file, unpacked_limit).run()
    except (zipfile.BadZipFile, expat.ExpatError, EOFError, NotImplementedError, KeyError, ValueError, OSError, zlib.error) as error:
        raise DamagedFile(file=file) from error
    except RuntimeError as error:  # zipfile's word for an encrypted part
        raise PasswordProtected(file=file) from error


class _Inspection:
    """One look through one package."""

    def __init__(self, package: zipfile.ZipFile, file: str, limit: int) -> None:
        self.package, self.file, self.limit = package, file, limit
        self.left = limit
        self.names = {part.filename for part in package.infolist()}

    def run(self) -> Package:
        """Every part once, each by the parser that its place in the package asks for."""
        if "xl/workbook.xml" in self.names:
            return self._xlsx()
        if "content.xml" in self.names and self._text("mimetype").strip() == ODS:
            return self._ods()
        raise self._other()

    def _other(self) -> FileProblem:
        if "xl/workbook.bin" in self.names:
            return OldXmlSpreadsheet(file=self.file)
        found = next((what for name, what in OTHERS.items() if name in self.names), N_("a zip archive"))
        return WrongFileType(file=self.file, found=Message(found))

    def _xlsx(self) -> Package:
        sheets = {}
        targets = self._sheet_parts()
        texts = StringsParser()
        for part in sorted(self.names - set(targets)):
            if part.lower() == "xl/sharedstrings.xml":
                self._parse(part, texts)
            else:
                self._count(part)
        for part, name in targets.items():
            facts = sheets[name] = SheetFacts()
            self._parse(part, SheetParser(facts, texts.lengths))
            # A long text that a million cells share is small in the package and giant in the reader's memory.
            if facts.characters > self.limit:
                raise UnpacksTooLarge(file=self.file, limit=self.limit >> 20)
        return Package(sheets)

    def _ods(self) -> Package:
        if "encryption-data" in self._text("META-INF/manifest.xml"):
            raise PasswordProtected(file=self.file)
        parser = OdsParser()
        self._parse("content.xml", parser)
        for part in self.names - {"content.xml", "mimetype", "META-INF/manifest.xml"}:
            self._count(part)
        return Package(parser.sheets, loads_whole=True)

    def _sheet_parts(self) -> dict[str, str]:
        """The part of each sheet, and its name."""
        relations, sheets = Attributes("Relationship"), Attributes("sheet")
        self._parse("xl/_rels/workbook.xml.rels", relations)
        self._parse("xl/workbook.xml", sheets)
        target = {found["Id"]: found["Target"] for found in relations.found}
        parts = {}
        for sheet in sheets.found:
            where = target[sheet["id"]]
            parts[where.lstrip("/") if where.startswith("/") else f"xl/{where}"] = sheet["name"]
        return parts

    def _text(self, part: str) -> str:
        return b"".join(self._chunks(part)).decode("utf-8", "replace") if part in self.names else ""

    def _count(self, part: str) -> None:
        for _ in self._chunks(part):
            pass

    def _parse(self, part: str, parser: "Parser") -> None:
        for chunk in self._chunks(part):
            parser.feed(chunk)
        parser.feed(b"", final=True)

    def _chunks(self, part: str) -> Iterator[bytes]:
        """The part unpacked, piece by piece. Reading past the size that the directory declares shows what is really there."""
        info = self.package.getinfo(part)
        honest = copy(info)
        honest.file_size = self.left + 2 * CHUNK  # never reached, so that the reader does not stop and compare sums there
        with self.package.open(honest) as stream:
            size = 0
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > self.left:
                    raise UnpacksTooLarge(file=self.file, limit=self.limit >> 20)
                yield chunk
        if size != info.file_size:
            raise DamagedFile(file=self.file)
        self.left -= size


class Parser:
    """A stream of XML, elements by their local name; a document type, which can hold a bomb of entities, is refused."""

    def __init__(self) -> None:
        self._expat = expat.ParserCreate(namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.StartDoctypeDeclHandler = _refuse

    def feed(self, chunk: bytes, final: bool = False) -> None:
        """The next piece of the document."""
        self._expat.Parse(chunk, final)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.start(name.rpartition(" ")[2], attributes)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; attribute names keep their namespace in front, if they have one."""
        raise NotImplementedError

    def listen(self, to: Callable[[str], Any] | None) -> None:
        """Hand the text that follows to `to`, until told otherwise."""
        self._expat.CharacterDataHandler = to


def _refuse(*_: Any) -> None:
    raise ValueError("a document type in a spreadsheet")


class Attributes(Parser):
    """The attributes of all elements of one name, without namespaces."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.found: list[dict[str, str]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self.name:
            self.found.append({key.rpartition(" ")[2]: value for key, value in attributes.items()})


class StringsParser(Parser):
    """The length of each shared string."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths = array("L")
        self.listen(self._count)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.lengths.append(0)

    def _count(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)


CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


def column_number(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
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
    """One worksheet of an XLSX."""

    def __init__(self, facts: SheetFacts, lengths: "array[int]") -> None:
        super().__init__()
        self.facts, self.lengths = facts, lengths
        self.row = self.column = -1
        self.type = ""
        self.formula = False
        self.text: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
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

    def feed(self, chunk: bytes, final: bool = False) -> None:
        super().feed(chunk, final)
        if final:
            self._finish()

    def _cell(self, attributes: dict[str, str]) -> None:
        self._finish()
        place = CELL.fullmatch(attributes.get("r", ""))
        if place:
            self.row, self.column = int(place[2]) - 1, column_number(place[1])
        else:
            self.column += 1
        self.type = attributes.get("t", "")

    def _value(self) -> None:
        self.formula = False
        self.facts.saw(self.row, self.column)
        if self.type in ("s", "e"):
            self.listen(self.text.append)

    def _finish(self) -> None:
        """What the cell that ends here turned out to be."""
        if self.formula:
            self.facts.special[self.row, self.column] = CellError(NOT_CALCULATED)
            self.facts.saw(self.row, self.column)
        elif self.text:
            text = "".join(self.text).strip()
            if self.type == "e":
                self.facts.special[self.row, self.column] = CellError(text)
            elif text.isdecimal() and int(text) < len(self.lengths):
                self.facts.characters += self.lengths[int(text)]
            self.text.clear()
            self.listen(None)
        self.formula = False
        self.type = ""


TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
CALC = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "


class OdsParser(Parser):
    """All sheets of an ODS, which may say "the same a million times" in one element."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, SheetFacts] = {}
        self.facts = SheetFacts()
        self.row = self.column = self.next_row = self.rows_of = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table":
            self.facts = self.sheets[attributes[f"{TABLE}name"]] = SheetFacts()
            self.row = self.next_row = self.column = 0
        elif name == "table-column":
            times = _times(attributes, "columns")
            if attributes.get(f"{TABLE}visibility") == "collapse":
                self.facts.hidden_columns.update(range(self.column, min(self.column + times, 16_384)))
            self.column += times
        elif name == "table-row":
            self.row, self.column, self.rows_of = self.next_row, 0, _times(attributes, "rows")
            self.next_row += self.rows_of
        elif name in ("table-cell", "covered-table-cell"):
            self._cell(attributes, _times(attributes, "columns"))

    def _cell(self, attributes: dict[str, str], times: int) -> None:
        is_error = attributes.get(f"{CALC}value-type") == "error"
        has_value = f"{OFFICE}value-type" in attributes
        if is_error or (f"{TABLE}formula" in attributes and not has_value):
            self.facts.special[self.row, self.column] = CellError("#ERROR" if is_error else NOT_CALCULATED)
        if has_value or is_error:
            self.facts.saw(self.row + self.rows_of - 1, self.column + times - 1)
        self.column += times


def _times(attributes: dict[str, str], what: str) -> int:
    return int(attributes.get(f"{TABLE}number-{what}-repeated", "1"))
