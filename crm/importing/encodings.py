"""In which encoding a text file is written, decided over the whole file and not over its beginning.

A byte order mark decides. Without one: UTF-8 if all bytes are valid; GB18030 if all are and the characters are the common
ones; only then a guess, which the caller shows. NUL bytes are refused, as they belong to no text.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from crm.importing.problems import BinaryContent, UnknownEncoding

CHUNK = 1 << 20
SAMPLE = 1 << 18
ENOUGH = 20_000
"""Characters beyond ASCII after which the share of common ones is known well enough."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec's name, and whether it is a guess."""

    name: str
    guessed: bool = False


def encoding_of(path: Path, file: str) -> Encoding:
    """The encoding of the text file at `path`; `file` is its name for the person.

    Raises `BinaryContent` for NUL bytes, `UnknownEncoding` when nothing fits; both name the line.
    """
    with path.open("rb") as stream:
        head = stream.read(SAMPLE)
    for mark, codec in MARKS:
        if head.startswith(mark):
            return Encoding(_checked(path, file, codec))
    wide = _without_mark(head)
    if wide and _broken_at(path, wide) is None:
        return Encoding(wide)
    _refuse_nul(path, file)
    broken = _broken_at(path, "utf-8")
    if broken is None:
        return Encoding("utf-8")
    if _broken_at(path, "gb18030") is None and _mostly_common(path):
        return Encoding("gb18030")
    return _guess(path, file, head, broken)


def _checked(path: Path, file: str, codec: str) -> str:
    broken = _broken_at(path, codec)
    if broken is not None:
        raise UnknownEncoding(file=file, line=broken)
    return codec


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without a mark: its ASCII characters have a NUL each, all on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 20 < len(head) or min(even, odd):
        return None
    return "utf-16-le" if odd else "utf-16-be"


def _refuse_nul(path: Path, file: str) -> None:
    line = 1
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            at = chunk.find(0)
            if at >= 0:
                raise BinaryContent(file=file, line=line + chunk.count(b"\n", 0, at))
            line += chunk.count(b"\n")


def _broken_at(path: Path, codec: str) -> int | None:
    """The line of the first bytes that `codec` can't read; None when it reads the whole file."""
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                return line + chunk.count(b"\n", 0, error.start)
            if not chunk:
                return None
            line += text.count("\n")


def _mostly_common(path: Path) -> bool:
    """Whether the file, read as GB18030, holds the common characters: other encodings read so yield rare ones."""
    seen = common = 0
    with path.open(encoding="gb18030", newline="") as stream:
        while seen < ENOUGH and (text := stream.read(CHUNK)):
            wide = [c for c in text if not c.isascii()]
            seen += len(wide)
            common += sum(1 for c in wide if c.encode("gb2312", "ignore"))
    return common * 5 >= seen * 4


def _guess(path: Path, file: str, head: bytes, broken: int) -> Encoding:
    best = from_bytes(head).best()
    # A file that is UTF-8 but for one damaged place must not turn into Latin letters.
    if best is None or "utf" in best.encoding or _is_nearly_utf8(head) or _broken_at(path, best.encoding) is not None:
        raise UnknownEncoding(file=file, line=broken)
    return Encoding(best.encoding, guessed=True)


def _is_nearly_utf8(head: bytes) -> bool:
    text = head.decode("utf-8", "replace")
    good = sum(1 for c in text if not c.isascii() and c != "\ufffd")
    return good > 5 * text.count("\ufffd")
