"""One act on one record as a page: a form drawn from the input of its verb, and the stores of what it is about.

`ABOUT` holds the record's id and version as it was opened, and the addresses "here" and "back"; `KEY` the submission key.
"""

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

from dash import dcc, html

from dashboard.components import form, states
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import _

IDS = Ids("act")
ABOUT, KEY, STAMP = IDS.named("about"), IDS.named("key"), IDS.named("stamp")

Difference = tuple[str, str]
"""A field that somebody changed meanwhile, and what they made of it."""


def act_page(
    title: str,
    key: str,
    heading: str,
    body: Sequence[Any],
    about: Mapping[str, Any],
    *,
    save: str | None = None,
    subtitle: Any = None,
    grave: bool = False,
    mark: Mapping[str, Any] | None = None,
) -> html.Div:
    """The page of the form `key`. `mark`: how it hears of changes by others (`hearing.register_whole`)."""
    drawn = form.form(key, heading, body, save=save, titled=heading not in title, grave=grave)
    heard = [states.changed(_("Others have changed what this form is about. What you typed stays."), IDS, STAMP, mark)] if mark else []
    return page(title, *heard, drawn, *kept(about), subtitle=subtitle)


def kept(about: Mapping[str, Any]) -> list[Any]:
    """The stores of a page with an act on it."""
    return [dcc.Store(id=ABOUT, data=dict(about)), dcc.Store(id=KEY, data=token_urlsafe())]


def conflict(key: str, by: str, differences: Sequence[Difference], version: int, address: str) -> list[Any]:
    """What somebody else saved meanwhile, and the choice: what was typed here goes over it, or is given up."""
    rows = [html.Tr([html.Th(name, scope="row"), html.Td(theirs)]) for name, theirs in differences]
    keep = html.Button(_("Keep mine"), id={"form": key, "press": "keep"}, type="button", className="button primary", n_clicks=0)
    return [
        html.Div(
            [
                html.Strong(_("{by} changed this record while you were editing it. Look at the changes and choose.", by=by)),
                html.Table(html.Tbody(rows)),
                html.Div([keep, html.A(_("Take theirs"), href=address, className="button")], className="conflict-actions"),
                dcc.Store(id={"form": key, "part": "seen"}, data=version),
            ],
            className="conflict",
            role="alert",
        )
    ]
