"""The start page: what waits for the person, and where they can go."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.components.navigation import Section
from dashboard.components.page import page, section
from dashboard.i18n import _


def layout(name: str, sections: Sequence[Section]) -> Any:
    """A word of welcome and the pages that the person may open."""
    return page(_("Hello, {name}", name=name), *(section(part.label, _ways(part)) for part in sections))


def _ways(part: Section) -> html.Ul:
    return html.Ul([html.Li(dcc.Link(str(entry.label), href=entry.path)) for entry in part.entries], className="ways")
