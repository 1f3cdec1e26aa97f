"""XLS files (BIFF in a compound file) looked at before their reader opens them: for what it shows as empty, and for giants.

Errors, hidden columns and the used area are noted; the values themselves are the reader's, which would end the whole program
over a few bytes that speak of billions of cells. So whatever could make it reserve memory counts here, too much rather than too
little.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from crm.importing.cells import CellError
from crm.importing.markup import SheetFacts
from crm.importing.problems import DamagedFile

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
BOF, EOF, BOUNDSHEET, DIMENSIONS, COLINFO, MULRK, BOOLERR, FORMULA = 0x0809, 0x000A, 0x0085, 0x0200, 0x007D, 0x00BD, 0x0205, 0x0006
ONE_CELL = frozenset((0x00FD, 0x00D6, 0x0204, 0x0203, 0x027E, BOOLERR, FORMULA))
"""Records that hold one cell with a value: shared text, formatted text, text, number, packed number, truth or error, formula."""

BIFF8 = 0x0600
SMALL = 64
"""Bytes of a sector of the small streams."""

LAST_SECTOR = 0xFFFF_FFFA
"""Sector numbers above are marks: end of a chain, free and the like."""

Record = tuple[int, bytes]


def inspect(path: Path, file: str) -> dict[str, SheetFacts]:
    """What was seen of the sheets of the XLS at `path`, by name. Raises `DamagedFile`."""
    try:
        compound = Compound(path.read_bytes())
        return _sheets(compound.stream("Workbook") or compound.stream("Book"))
    except (struct.error, IndexError, ValueError) as error:
        raise DamagedFile(file=file) from error


class Compound:
    """A compound file: a small file system of sectors, chained by a table."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.size = 1 << struct.unpack_from("<H", content, 30)[0]
        if not 128 <= self.size <= 65_536:
            raise ValueError("sector size")
        self.table = self._numbers(b"".join(self._sector(number) for number in self._table_sectors()))
        self.folder = self._chain(self._header(48), self.table)
        self.small_limit = self._header(56)

    def stream(self, name: str) -> bytes:
        """The content of the stream of that name; nothing if there is none."""
        root = 0
        for at in range(0, len(self.folder) - 127, 128):
            length, kind = struct.unpack_from("<HB", self.folder, at + 64)
            start, size = struct.unpack_from("<II", self.folder, at + 116)
            if kind == 5:
                root = start
            elif kind == 2 and self.folder[at : at + max(length - 2, 0)] == name.encode("utf-16-le"):
                return (self._small(start, root) if size < self.small_limit else self._chain(start, self.table))[:size]
        return b""

    def _small(self, start: int, root: int) -> bytes:
        """A stream among the small ones, which share the root's."""
        shared = self._chain(root, self.table)
        table = self._numbers(self._chain(self._header(60), self.table))
        return b"".join(shared[number * SMALL : (number + 1) * SMALL] for number in _follow(start, table))

    def _header(self, at: int) -> int:
        return int(struct.unpack_from("<I", self.content, at)[0])

    def _numbers(self, content: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4])

    def _sector(self, number: int) -> bytes:
        return self.content[(number + 1) * self.size : (number + 2) * self.size]

    def _table_sectors(self) -> list[int]:
        """The sectors of the table itself: 109 in the header, the others chained from there."""
        sectors = list(self._numbers(self.content[76:512]))
        following, seen = self._header(68), 0
        while following < LAST_SECTOR and seen * self.size < len(self.content):
            *more, following = self._numbers(self._sector(following))
            sectors += more
            seen += 1
        return [number for number in sectors if number < LAST_SECTOR]

    def _chain(self, start: int, table: tuple[int, ...]) -> bytes:
        return b"".join(self._sector(number) for number in _follow(start, table))


def _follow(start: int, table: tuple[int, ...]) -> Iterator[int]:
    """The sectors of a chain; one that bites its tail is refused."""
    for _ in range(len(table) + 1):
        if start >= LAST_SECTOR:
            return
        yield start
        start = table[start]
    raise ValueError("a chain without an end")


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records of one part of the stream, from its beginning to its end, charts inside of it too."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 0 and kind == EOF:
            return
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _sheets(stream: bytes) -> dict[str, SheetFacts]:
    sheets: dict[str, SheetFacts] = {}
    version = BIFF8
    for kind, content in _records(stream, 0):
        if kind == BOF:
            (version,) = struct.unpack_from("<H", content)
        elif kind == BOUNDSHEET:
            (place,) = struct.unpack_from("<I", content)
            facts = _facts(_records(stream, place), version)
            sheets[_name(content[6:], version) or str(len(sheets))] = facts
    return sheets


def _name(content: bytes, version: int) -> str:
    length = content[0]
    if version < BIFF8:
        return content[1 : 1 + length].decode("latin-1")
    return content[2 : 2 + length * 2].decode("utf-16-le") if content[1] & 1 else content[2 : 2 + length].decode("latin-1")


def _facts(records: Iterator[Record], version: int) -> SheetFacts:
    facts = SheetFacts()
    for kind, content in records:
        if kind in ONE_CELL:
            row, column = struct.unpack_from("<HH", content)
            facts.saw(row, column)
            code = _error(kind, content)
            if code is not None:
                facts.special[row, column] = CellError(ERRORS.get(code, "#ERROR"))
        elif kind == MULRK:
            facts.saw(*struct.unpack_from("<H", content), *struct.unpack_from("<H", content, len(content) - 2))
        elif kind == DIMENSIONS:
            _, rows, _, columns = struct.unpack_from("<IIHH" if version == BIFF8 else "<4H", content)
            facts.reaches(rows, columns)
        elif kind == COLINFO:
            first, last, _, _, options = struct.unpack_from("<5H", content)
            if options & 1:
                facts.hidden_columns.update(range(first, last + 1))
    return facts


def _error(kind: int, content: bytes) -> int | None:
    """The code of the error that the cell shows, if it does."""
    if kind == BOOLERR and content[7]:
        return content[6]
    if kind == FORMULA and content[12:14] == b"\xff\xff" and content[6] == 2:
        return content[8]
    return None
