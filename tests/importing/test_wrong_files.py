"""Files that are not what their names say: told by their content, with a sentence about what to do."""

import zipfile

import pytest

from crm.importing.problems import DamagedFile, HtmlFile, OldXmlSpreadsheet, PasswordProtected, WrongFileType
from tests.importing.files import LEADS, opened, rows_workbook, table, text_file

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html><body><table><tr><td>1</td></tr></table></body></html>", HtmlFile),
        (b"\xef\xbb\xbf \r\n<!DOCTYPE HTML><html></html>", HtmlFile),
        ("<TABLE border=1><tr><td>x</td></tr></TABLE>".encode("utf-16"), HtmlFile),
        (b'<?xml version="1.0"?><html xmlns:o="urn:schemas-microsoft-com:office:office"></html>', HtmlFile),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', OldXmlSpreadsheet),
        (b'<?xml version="1.0"?><leads/>', WrongFileType),
        (b"%PDF-1.7 ...", WrongFileType),
        (b"\x89PNG\r\n\x1a\n", WrongFileType),
        (b"\xff\xd8\xff\xe0 JFIF", WrongFileType),
        (b"\x1f\x8b\x08 gzip", WrongFileType),
        (COMPOUND + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, PasswordProtected),
        (COMPOUND + b"\0" * 2000, DamagedFile),
        (b"PK\x03\x04 nothing of a zip", DamagedFile),
    ],
)
def test_what_is_no_spreadsheet_is_refused_under_any_name(tmp_path, content, problem):
    for name in ("leads.xls", "leads.csv"):
        with pytest.raises(problem) as refused:
            opened(text_file(tmp_path, content, name=name))
        assert name in str(refused.value)


@pytest.mark.parametrize(
    ("part", "problem"),
    [("word/document.xml", WrongFileType), ("xl/workbook.bin", OldXmlSpreadsheet), ("a", WrongFileType), ("content.xml", WrongFileType)],
)
def test_other_packages_are_called_what_they_are(tmp_path, part, problem):
    path = tmp_path / "leads.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(part, "x")
    with pytest.raises(problem):
        opened(path)


def test_the_content_decides_and_not_the_name(tmp_path):
    assert len(table(opened(text_file(tmp_path, LEADS, name="leads.xls")))) == 2
    path = rows_workbook(tmp_path, [["a", "b"], ["1", "2"]]).rename(tmp_path / "leads.csv")
    assert table(opened(path)) == [(2, ["1", "2"])]
