"""What is kept ready is, in the answer, what Dash itself would have written."""

import json
from decimal import Decimal

import pytest
from dash import html, no_update
from plotly.io.json import to_json_plotly

from dashboard.components.ready import ready

DRAWN = [
    html.Div([html.Span("销售额", id={"card": "signed"}), html.A("更多", href="/x", **{"data-act": "open"}), None, 3], className="card"),
    {"data": [{"x": ["East", "West"], "y": [1.5, None]}], "layout": {"height": 300}},
    "text",
    None,
    False,
]


@pytest.mark.parametrize("drawn", DRAWN)
def test_what_is_ready_reads_like_what_was_drawn(drawn: object) -> None:
    assert json.loads(to_json_plotly({"children": ready(drawn)})) == json.loads(to_json_plotly({"children": drawn}))


def test_what_stays_as_it_is_stays() -> None:
    assert ready(no_update) is no_update


def test_an_amount_must_have_become_text_before() -> None:
    with pytest.raises(TypeError):
        ready(html.Span(Decimal("1.00")))
