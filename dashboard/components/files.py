"""Files: the field of a form into which they are dropped (assets/files.js sends them), and the list of those that a record has.

The field's value is the numbers of what was sent, separated by commas; whose they are the server looks up.
"""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from crm.models import File
from dashboard.i18n import _

UPLOAD = "/files/upload"


def field(key: str, name: str, label: str, hint: str) -> html.Div:
    """Where files are chosen or dropped, in the form `key`."""
    return html.Div(
        [
            html.Span(label, className="field-name", id=f"{key}-{name}-name"),
            *([html.P(hint, className="field-hint")] if hint else []),
            html.Div(
                className="file-drop",
                role="group",
                **{
                    "aria-labelledby": f"{key}-{name}-name",
                    "data-upload": UPLOAD,
                    "data-label": _("Choose files"),
                    "data-drop": _("or drop them here"),
                    "data-sending": _("Sending"),
                    "data-remove": _("Remove"),
                    "data-failed": _("The file could not be sent. Please try again."),
                },
            ),
            dcc.Input(id={"form": key, "field": name}, type="text", value="", className="hidden-field file-numbers"),
            html.P("", className="field-fault", id={"form": key, "fault": name}),
        ],
        className="field files wide",
    )


def listed(found: Sequence[File]) -> Any:
    """The files of a record, each to be downloaded."""
    if not found:
        return html.P(_("No files."), className="field-hint")
    rows = [
        html.Li([html.A(file.name, href=f"/files/{file.id}", download=file.name), html.Span(size(file.size), className="file-size")])
        for file in found
    ]
    return html.Ul(rows, className="files-listed")


def size(count: int) -> str:
    """So many bytes, as people say it."""
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{max(1, round(count / 1024))} kB"


def links(found: Sequence[File]) -> html.Span:
    """Files as a line of links."""
    return html.Span([html.A(file.name, href=f"/files/{file.id}", download=file.name, className="file-link") for file in found])
