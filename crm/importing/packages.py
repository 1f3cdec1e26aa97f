"""Spreadsheet packages (XLSX, ODS) looked at before a reader may open them.

A package is a zip of XML. Each part is unpacked here in a stream that counts what really comes out, so that neither a false
size in the directory nor a giant hidden in a small file gets further. While the parts run past, the cells that the reader
would silently show as empty are noted: errors, and formulas without a result.
"""

import zipfile
import zlib
from array import array
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from crm.importing.markup import Attributes, OdsParser, Parser, SheetFacts, SheetParser, StringsParser
from crm.importing.problems import DamagedFile, FileProblem, OldXmlSpreadsheet, PasswordProtected, UnpacksTooLarge, WrongFileType
from crm.vocabulary import N_, Message

CHUNK = 1 << 18
PARTS = 20_000
OTHERS = {"word/document.xml": N_("a text document"), "ppt/presentation.xml": N_("a presentation")}
ODS = "application/vnd.oasis.opendocument.spreadsheet"


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
        self.counted: set[str] = set()
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
            self._parse(part, SheetParser(facts))
            if facts.shared * max(texts.lengths, default=0) > self.limit:
                self._bound_texts(part, texts.lengths)
        return Package(sheets)

    def _bound_texts(self, part: str, lengths: "array[int]") -> None:
        """A long text that a million cells share is small in the package and giant in the reader's memory: add up what comes out."""
        facts = SheetFacts()
        self._parse(part, SheetParser(facts, lengths))
        if facts.characters > self.limit:
            raise UnpacksTooLarge(file=self.file, limit=self.limit >> 20)

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

    def _parse(self, part: str, parser: Parser) -> None:
        for chunk in self._chunks(part):
            parser.feed(chunk)
        parser.feed(b"", final=True)

    def _chunks(self, part: str) -> Iterator[bytes]:
        """The part unpacked, piece by piece. Reading past the size that the directory declares shows what is really there."""
        info = self.package.getinfo(part)
        left = self.limit if part in self.counted else self.left
        honest = copy(info)
        honest.file_size = left + 2 * CHUNK  # never reached, so that the reader does not stop and compare sums there
        with self.package.open(honest) as stream:
            size = 0
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > left:
                    raise UnpacksTooLarge(file=self.file, limit=self.limit >> 20)
                yield chunk
        if size != info.file_size:
            raise DamagedFile(file=self.file)
        if part not in self.counted:
            self.counted.add(part)
            self.left -= size
