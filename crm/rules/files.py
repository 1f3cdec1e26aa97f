"""What an uploaded file is, told by its first bytes and never by its name; and which kinds are taken."""

from collections.abc import Mapping

HEAD = 4096
"""Bytes from the beginning that tell what a file is."""

OPEN_OFFICE = {"application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet"}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
OLD_OFFICE = "application/x-ole-storage"

_BEGINNINGS: Mapping[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": OLD_OFFICE,
}

_PARTS: Mapping[bytes, str] = {b"word/": WORD, b"xl/": SHEET, b"ppt/": SLIDES}
"""What the packages of office programs hold, by the folders in their table."""

ENDINGS: Mapping[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/tiff": (".tif", ".tiff"),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    OLD_OFFICE: (".doc", ".xls", ".ppt"),
    WORD: (".docx",),
    SHEET: (".xlsx",),
    SLIDES: (".pptx",),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
}
"""The kinds that are taken, and the endings that a name of each may have; another ending is replaced by the first."""


def kind_of(head: bytes, tail: bytes = b"") -> str | None:
    """The content type by what stands at the beginning (and, of a package, in the table at its end); None for what is not taken."""
    for beginning, kind in _BEGINNINGS.items():
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"heif"):
        return "image/heic"
    return _package(head, tail) if head.startswith(b"PK\x03\x04") else None


def named(name: str, kind: str) -> str:
    """The name under which a file is kept: no folders, no control characters, an ending that fits what it is."""
    base = "".join(character for character in name.replace("\\", "/").rpartition("/")[2] if character.isprintable()).strip(" .") or "file"
    endings = ENDINGS[kind]
    return base[-200:] if base.lower().endswith(endings) else base[:190] + endings[0]


def _package(head: bytes, tail: bytes) -> str | None:
    """What a package of an office program holds; any other archive is none of ours."""
    for kind in OPEN_OFFICE:
        if b"mimetype" + kind.encode() in head[:200]:
            return kind
    if b"[Content_Types].xml" not in head + tail:
        return None
    return next((kind for folder, kind in _PARTS.items() if folder in head + tail), None)
