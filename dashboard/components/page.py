"""The parts of a page: its head, its sections, a picture with its words, and the panel that opens at the side."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.components.charts import Chart, Picture, blank
from dashboard.i18n import _

GRAPH_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False, "showTips": False}


def page(title: object, *children: Any, subtitle: Any = None, actions: Sequence[Any] = ()) -> html.Div:
    """A page: what it is, what can be done here, then its parts."""
    words = [html.H1(str(title))]
    if subtitle is not None:
        words.append(html.Div(subtitle, className="page-subtitle"))
    head = html.Div([html.Div(words, className="page-words"), html.Div(list(actions), className="page-actions")], className="page-head")
    return html.Div([head, *children], className="page")


def section(title: object, *children: Any, id: Any = None, actions: Sequence[Any] = ()) -> html.Section:
    """A part of a page under its own title, set off by a hairline."""
    head = html.Div([html.H2(str(title)), html.Div(list(actions), className="section-actions")], className="section-head")
    return html.Section([head, *children], className="section", **({"id": id} if id else {}))


def button(label: object, id: Any, *, kind: str = "", disabled: bool = False, **more: Any) -> html.Button:
    """A button; `kind`: "" quiet, "primary" (one a page), "plain" (as a link), "danger" (destructive, asks first)."""
    return html.Button(str(label), id=id, className=f"button {kind}".strip(), n_clicks=0, disabled=disabled, **more)


def figure(chart: Chart, id: str, caption_id: str, picture: Picture | None = None, *, tables: str) -> html.Figure:
    """The place of a picture: its title, the sentence that says what it shows, the graph, its way to the same numbers as a table, which
    keys can walk through, and its way out as PNG. `tables`: the control that says which table is open.

    Without `picture` the graph is a skeleton of the same height; a callback fills `figure` of `id` and `children` of `caption_id`.
    """
    sentence = picture.sentence if picture else ""
    title = str(chart.title)
    return html.Figure(
        [
            html.Figcaption(
                [
                    html.Div([html.H3(title), html.P(sentence, id=caption_id, className="figure-sentence")]),
                    html.Div([_twin(chart, title, tables), _saved(id, title)], className="figure-actions"),
                ]
            ),
            graph(id, chart.height, picture),
        ],
        className="figure",
    )


def _twin(chart: Chart, title: str, tables: str) -> html.Button:
    return html.Button(
        html.Span(className="icon icon-table"),
        className="button icon-button quiet",
        title=_("Show as a table"),
        **{"data-act": "twin", "data-tables": tables, "data-view": chart.view, "aria-label": _("Show {picture} as a table", picture=title)},
    )


def _saved(id: str, title: str) -> html.Button:
    return html.Button(
        html.Span(className="icon icon-image"),
        className="button icon-button quiet",
        title=_("Save as PNG"),
        **{"data-act": "png", "data-graph": id, "data-name": title, "aria-label": _("Save {picture} as PNG", picture=title)},
    )


def graph(id: str, height: int, picture: Picture | None = None) -> html.Div:
    """The graph alone; what holds neither points nor words yet looks like a skeleton of the same height (page.css)."""
    return html.Div(
        dcc.Graph(
            id=id,
            figure=picture.figure if picture else blank(height),
            config=GRAPH_CONFIG,
            responsive=True,
            style={"height": f"{height}px"},
        ),
        className="graph",
        style={"height": f"{height}px"},
    )


def figures(drawn: Sequence[html.Figure], id: str | None = None) -> html.Div:
    """Pictures side by side; on a narrow window one under the other."""
    return html.Div(list(drawn), className="figures", **({"id": id} if id else {}))


def panel(id: str, body_id: str, close_id: str) -> html.Aside:
    """The side panel of the records behind a number: empty and closed; `panel_body` fills it, `className` opens it."""
    return html.Aside(
        [
            html.Button(
                html.Span(className="icon icon-close"),
                id=close_id,
                className="button icon-button panel-close",
                n_clicks=0,
                title=_("Close"),
                **{"aria-label": _("Close"), "data-act": "close-panel"},
            ),
            html.Div(id=body_id, className="panel-body"),
        ],
        id=id,
        className=PANEL_CLOSED,
        **{"aria-label": _("Records behind the number")},
    )


PANEL_CLOSED = "panel"
PANEL_OPEN = "panel open"
"""The panel's class names: what a callback puts into its `className`."""


def panel_body(number: str, value: str, grid: Any, *, adds_up: str, actions: Sequence[Any] = ()) -> list[Any]:
    """What the panel says: which number it explains, its value, that the records add up to it, and the records."""
    return [
        html.Div(
            [
                html.H2(number),
                html.P([html.Strong(value), html.Span(adds_up, className="adds-up")]),
                html.Div(list(actions), className="panel-actions"),
            ],
            className="panel-head",
        ),
        html.Div(grid, className="panel-grid"),
    ]


def drawn_line(day: str, time: str, behind: str | None = None) -> html.Span:
    """From which data version a page was drawn ("14:03:22"), and since when the data is behind, if it is. What is kept says the day too.

    While nothing is drawn anew the browser says and takes back itself that the data is behind (assets/live.js).
    """
    late = html.Span(
        _("behind since {time}", time=behind) if behind else "",
        className="behind",
        **{"data-words": _("behind since {time}", time="{time}")},
    )
    as_of = _("Data as of {time}", time=f"{day} {time}".strip())
    return html.Span([_("Data as of {time}", time=time), late], className="drawn", **{"data-kept": as_of})
