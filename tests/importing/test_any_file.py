"""Whatever somebody uploads: a table or a sentence, never a trace and never an endless wait."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.importing.problems import FileProblem
from tests.importing.files import LEADS, opened, rows_workbook, table, text_file, xls, xls_text

BEGINNINGS = st.sampled_from(
    [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"<?xml", b'"']
)


@pytest.fixture(scope="module")
def samples():
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        yield [
            rows_workbook(here, [["姓名", "电话"], ["王", 139.5], ["李", None]]).read_bytes(),
            xls(here, xls_text(0, 0, "姓名") + xls_text(0, 1, "电话") + xls_text(1, 0, "王")).read_bytes(),
            LEADS.encode("gb18030"),
        ]


def read(content):
    """A table of the content, or the sentence that refuses it."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return table(opened(text_file(Path(folder), content), rows=1000, unpacked_megabytes=5, cells=100_000))
        except FileProblem as problem:
            return str(problem)


@given(BEGINNINGS, st.binary(max_size=600))
def test_any_bytes_give_a_table_or_a_sentence(beginning, rest):
    assert read(beginning + rest)


@given(st.data())
def test_any_damage_to_a_good_file_gives_a_table_or_a_sentence(samples, data):
    content = bytearray(data.draw(st.sampled_from(samples)))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(content) // 2, len(content)))
    assert read(bytes(content[:cut])) is not None
