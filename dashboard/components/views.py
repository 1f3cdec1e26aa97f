"""The views that a person keeps of a page: filter states under names, to open, call otherwise, forget; of a report, one to open it with.

How they behave is written once (dashboard/callbacks/views.py), for lists and reports alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboard.components.ids import Ids
from dashboard.i18n import _


@dataclass(frozen=True, slots=True)
class Entry:
    """One view as the page offers it: where it leads, whether the page opens with it, whether a part of it is there no longer."""

    id: int
    name: str
    href: str
    opens: bool = False
    lacks: bool = False


def popper(title: str, *body: Any) -> html.Details:
    """What opens under a button of its own."""
    return html.Details(
        [html.Summary(html.Span(title, className="button")), html.Div(list(body), className="pop right")], className="popper"
    )


def kept(ids: Ids, entries: Sequence[Entry], *, pinned: bool) -> html.Details:
    """The button "Views" with all of them, and the way to keep one more. `pinned`: one can be chosen to open the page with."""
    name = dcc.Input(id=ids.named("view-name"), type="text", maxLength=60, placeholder=_("Name of the view"), className="input", value="")
    save = html.Button(_("Save as my view"), id=ids.save_view, className="button", n_clicks=0)
    drawn = popper(
        _("Views"),
        html.Div(listed(ids, entries, pinned=pinned), id=ids.named("views")),
        html.Div([name, save], className="view-keep"),
        dcc.Store(id=ids.named("keep")),
    )
    drawn.className = "popper kept-views"
    return drawn


def listed(ids: Ids, entries: Sequence[Entry], *, pinned: bool, renaming: int | None = None) -> list[Any]:
    """The views; the one that is being called otherwise has a field in place of its name."""
    if not entries:
        return [html.P(_("Choose filters, then keep them here under a name."), className="note")]
    lines = [_renamed(ids, entry) if entry.id == renaming else _line(ids, entry, pinned) for entry in entries]
    return [html.Ul([html.Li(line) for line in lines], className="views")]


def _line(ids: Ids, entry: Entry, pinned: bool) -> list[Any]:
    # no link of Dash's: the page must open anew also where the address says the same as when it was opened
    link = html.A(entry.name, href=entry.href, className="pop-entry", title=_("Some of its values are gone.") if entry.lacks else None)
    buttons = [
        _button(ids, "rename-view", entry, "pencil", _("Rename {name}", name=entry.name)),
        _button(ids, "remove-view", entry, "close", _("Remove {name}", name=entry.name)),
    ]
    if pinned:
        pressed = "true" if entry.opens else "false"
        buttons.insert(
            0, _button(ids, "pin-view", entry, "pin", _("Open the report with {name}", name=entry.name), **{"aria-pressed": pressed})
        )
    return [link, *buttons]


def _renamed(ids: Ids, entry: Entry) -> list[Any]:
    id = {"type": ids.named("called-view"), "view": entry.id}
    field = dcc.Input(id=id, value=entry.name, maxLength=60, className="input", n_submit=0, autoFocus=True)
    save = html.Button(_("Save"), id={"type": ids.named("call-view"), "view": entry.id}, className="button", n_clicks=0)
    label = html.Label(_("Name of the view"), htmlFor=_written(id), className="visually-hidden")
    return [label, field, save]


def _written(id: dict[str, Any]) -> str:
    """A component's id as it stands in the page."""
    return "{" + f'"type":"{id["type"]}","view":{id["view"]}' + "}"


def _button(ids: Ids, act: str, entry: Entry, icon: str, label: str, **more: Any) -> html.Button:
    return html.Button(
        html.Span(className=f"icon icon-{icon}"),
        id={"type": ids.named(act), "view": entry.id},
        className="button icon-button quiet",
        n_clicks=0,
        title=label,
        **{"aria-label": label} | more,
    )
