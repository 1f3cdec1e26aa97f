"""Answers come compressed by what costs the server least; files, which it compresses once, by what is smallest."""

import pytest
from dash import Dash

from dashboard import bundle
from tests.pages.visitor import Visitor

BROWSER = "gzip, deflate, br, zstd"


@pytest.mark.parametrize(("understood", "chosen"), [(BROWSER, "zstd"), ("gzip, deflate, br", "br"), ("gzip, deflate", "gzip"), ("", None)])
def test_chen_gets_a_page_in_a_compression_that_the_browser_understands(app: Dash, understood: str, chosen: str | None) -> None:
    chen = Visitor(app).sign_in("chen")
    answer = chen.get("/_dash-dependencies", **{"Accept-Encoding": understood})
    assert answer.headers.get("Content-Encoding") == chosen


def test_the_scripts_that_all_pages_share_are_as_small_as_they_get(app: Dash) -> None:
    file = Visitor(app).get(bundle.address("js"), **{"Accept-Encoding": BROWSER})
    assert file.headers["Content-Encoding"] == "br"
    assert "immutable" in file.headers["Cache-Control"]
