"""A file is what its bytes say, and is called so."""

import pytest

from crm.rules.files import SHEET, SLIDES, WORD, kind_of, named


@pytest.mark.parametrize(
    ("head", "tail", "kind"),
    [
        (b"%PDF-1.4", b"", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", b"", "image/png"),
        (b"\xff\xd8\xff\xe0", b"", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", b"", "image/heic"),
        (b"PK\x03\x04....[Content_Types].xml", b"word/document.xml", WORD),
        (b"PK\x03\x04....", b"[Content_Types].xml xl/workbook.xml", SHEET),
        (b"PK\x03\x04....[Content_Types].xml", b"ppt/presentation.xml", SLIDES),
        (b"PK\x03\x04....", b"word/document.xml", None),
        (b"PK\x03\x04....", b"classes.dex", None),
        (b"RIFF\x00\x00\x00\x00AVI ", b"", None),
        (b"<html>", b"", None),
        (b"MZ", b"", None),
        (b" %PDF-1.4", b"", None),
        (b"", b"", None),
    ],
)
def test_the_first_bytes_tell(head: bytes, tail: bytes, kind: str | None) -> None:
    assert kind_of(head, tail) == kind


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("合同.PDF", "合同.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\wang\\合同.pdf", "合同.pdf"),
        ("contract.pdf.exe", "contract.pdf.exe.pdf"),
        ("a\x00b\r\n.pdf", "ab.pdf"),
        ("", "file.pdf"),
        (" .. ", "file.pdf"),
        ("长" * 300, "长" * 190 + ".pdf"),
    ],
)
def test_a_name_is_harmless_and_ends_as_what_it_is(sent: str, kept: str) -> None:
    assert named(sent, "application/pdf") == kept
