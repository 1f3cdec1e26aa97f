"""The states of a page that are not its content: loading, empty, failed, saved, changed by others."""

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

from dash import dcc, html

from dashboard.components.ids import Ids
from dashboard.i18n import _


def skeleton(height: int, *, lines: int = 0, label: str | None = None) -> html.Div:
    """The place of something that is on its way, as high as it will be; `lines` pretend to be text or rows."""
    children = [html.Span(className="skeleton-line", style={"width": f"{92 - (17 * n) % 45}%"}) for n in range(lines)]
    return html.Div(
        [html.Span(label or _("Loading"), className="visually-hidden"), *children],
        className="skeleton" if not lines else "skeleton with-lines",
        style={"height": f"{height}px"},
        role="status",
    )


def empty(sentence: str, *, why: str | None = None, action: Any = None, height: int | None = None) -> html.Div:
    """No data: the sentence, what caused it (the filters that are set), and the next step."""
    children: list[Any] = [html.P(sentence, className="empty-sentence")]
    if why:
        children.append(html.P(why, className="empty-why"))
    if action is not None:
        children.append(action)
    return html.Div(children, className="empty", style={"minHeight": f"{height}px"} if height else None)


def failed(sentence: str | None = None, *, reference: str | None = None) -> html.Div:
    """What went wrong, as a sentence, and the reference under which the log tells more."""
    children: list[Any] = [html.P(sentence or _("Something went wrong."), className="failed-sentence")]
    if reference:
        children.append(html.P([_("Reference"), " ", html.Code(reference)], className="failed-reference"))
    return html.Div(children, className="failed", role="alert")


TOASTS = "toasts"
"""Where quiet messages appear."""


def toasts(id: str = TOASTS) -> html.Div:
    """Where quiet messages appear; callbacks put a `toast` into its children."""
    return html.Div(id=id, className="toasts", **{"aria-live": "polite"})


def toast(
    sentence: str, *, undo: tuple[str, Sequence[tuple[int, ...]]] | None = None, failure: bool = False, of: str = ""
) -> html.Div:
    """A quiet message that goes away by itself; `undo`, where undoing is possible: the verb that does and its rows (callbacks/undoing).

    `of`: what tells it from the same sentence said before, which has gone away.
    """
    children: list[Any] = [html.Span(sentence)]
    if undo is not None:
        of = of or token_urlsafe(6)
        children.append(html.Button(_("Undo"), id={"type": "undo", "of": of}, className="button plain", n_clicks=0))
        children.append(dcc.Store(id={"type": "undone", "of": of}, data={"verb": undo[0], "rows": undo[1]}))
    looks = {"className": "toast-line failure" if failure else "toast-line", "role": "alert" if failure else "status"}
    return html.Div(children, **looks, **({"id": f"toast-{of}"} if of else {}))


def news(sentence: str, id: Any) -> html.Div:
    """The quiet line for a page on which someone is in the middle of something: what changed, and "show"."""
    show = html.Button(_("Show"), id=id, className="button plain", n_clicks=0)
    return html.Div([html.Span(sentence), show], className="news", role="status")


def changed(sentence: str, ids: Ids, about: str, mark: Mapping[str, Any]) -> html.Div:
    """The quiet line of a page that is loaded anew when it is shown (`hearing.register_whole`), and what the page carries to hear."""
    line = html.Div(news(sentence, ids.news_show), id=ids.news, hidden=True)
    return html.Div([line, dcc.Store(id=about, data={"stamp": mark["data-stamp"]}), html.Div(**mark)])


def overtaken(id: Any, mark: Mapping[str, Any]) -> html.Div:
    """The quiet line of a form whose record somebody else saves while it is open; shown by who hears of it (`mark`)."""
    said = html.Span(_("Somebody has changed this meanwhile. What you typed stays; when you save you see both and choose."))
    return html.Div([html.Div([said], className="news", role="status"), html.Div(**mark)], id=id, hidden=True)


def partial_note(sentence: str) -> html.P:
    """Why a figure is not shown, or what a table's numbers leave open ("overlapping")."""
    return html.P(sentence, className="note")
