"""Markup that is drawn as one: what it holds is what was drawn, and nothing that lives slips in."""

import json

import pytest
from dash import dcc, html

from dashboard.components.still import plain, still


def test_elements_keep_attributes_text_and_ids() -> None:
    button = html.Button("12", id={"type": "cards", "measure": "lost"}, n_clicks=0, **{"aria-label": "Lost: 12"})
    drawn = html.Div([button, None], className="card")
    assert plain(drawn) == [
        "div", {"className": "card"},
        ["button", {"id": {"type": "cards", "measure": "lost"}, "aria-label": "Lost: 12"}, "12"],
        None,
    ]  # fmt: skip


def test_a_link_is_a_way_within_the_application() -> None:
    link = dcc.Link("Leads", href="/leads", className="menu-entry")
    assert plain(link) == ["way", {"href": "/leads", "className": "menu-entry"}, "Leads"]


def test_markup_in_a_name_stays_text() -> None:
    sent = json.loads(json.dumps(still(html.Span("<b>A</b>"), "x").to_plotly_json()["props"]))
    assert sent == {"id": "x", "drawn": ["span", {}, "<b>A</b>"]}


def test_what_lives_is_refused() -> None:
    with pytest.raises(TypeError, match="Input does not stand still"):
        plain(html.Div(dcc.Input(id="name")))
