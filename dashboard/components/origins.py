"""The leads from which a customer or an opportunity comes: how each came, who converted it, and what was noted."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from crm.services.lead_origins import Origin
from dashboard.components.page import section
from dashboard.i18n import _, day


def brief(found: Sequence[Origin], title: str) -> list[Any]:
    """The section called `title`, the newest first; none where there is no lead."""
    return [section(title, *[_origin(one) for one in found])] if found else []


def _origin(one: Origin) -> html.Article:
    name = f"{one.contact} · {one.company}" if one.company else one.contact
    came = " · ".join(part for part in (one.source, one.campaign, one.product, one.intent) if part)
    drawn: list[Any] = [
        html.Div([dcc.Link(name, href=f"/leads/{one.id}", className="said-who"), html.Time(day(one.arrived_on), className="said-when")],
                 className="said-head"),
        html.P(came, className="said-label"),
    ]  # fmt: skip
    if one.converted_by and one.converted_on:
        converted = _("Converted by {person} on {day}", person=one.converted_by, day=day(one.converted_on))
        drawn.append(html.P(converted, className="said-label"))
    if one.note:
        drawn.append(html.P(one.note, className="said-text"))
    if one.notes:
        lines = [html.Li([html.Span(note.content, className="said-text"), html.Span(note.by or _("Import"), className="said-when")])
                 for note in one.notes]  # fmt: skip
        summary = html.Summary(_("Notes ({count})", count=len(one.notes)))
        drawn.append(html.Details([summary, html.Ul(lines, className="told")], className="said-before"))
    return html.Article(drawn, className="said-item")
