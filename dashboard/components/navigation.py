"""The frame around every page: the side menu, the line at the top, and the place of the page.

The menu comes as data (the pages that exist and that this person may open). What needs no server (folding the menu, the theme,
the drawer on a phone) is done in the browser by `data-act` (assets/frame.js).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboard.components.still import Still, still
from dashboard.i18n import LANGUAGES, _, language


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in the menu: its name (lazy or translated) and its path; `count` is what waits there."""

    label: object
    path: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """One group of the menu."""

    label: object
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in, as the frame shows it: the name, and the roles in words."""

    name: str
    roles: str


def frame(menu: Sequence[Section], person: Person, content: Any, *, sign_out: Any, unread: int = 0, product: str = "Saleslens") -> html.Div:
    """The whole window. `content` is the pages' container, `sign_out` the form that ends the session (with its CSRF field).

    `unread`: how many notifications wait; the number is kept up to date by the browser (assets/live.js).
    """
    return html.Div(
        [
            html.A(_("Skip to the content"), href="#content", className="skip-link"),
            side_menu(menu, product),
            html.Div(className="drawer-shade", **{"data-act": "menu"}),
            html.Div(
                [top_bar(person, sign_out, unread), html.Main(content, id="content", tabIndex=-1)],
                className="stage",
            ),
        ],
        className="frame",
    )


def side_menu(menu: Sequence[Section], product: str) -> Still:
    """The menu's paths as the company knows them; the current one is marked by the browser."""
    groups = [
        html.Div(
            [html.H2(str(section.label), className="menu-section"), html.Ul([html.Li(_entry(entry)) for entry in section.entries])],
            className="menu-group",
        )
        for section in menu
    ]
    brand = dcc.Link(product, href="/", className="brand")
    return still(html.Nav([brand, *groups], id="menu", className="side-menu", **{"aria-label": _("Menu")}), "paths")


def _entry(entry: Entry) -> dcc.Link:
    count = [html.Span(f"{entry.count:,}", className="menu-count")] if entry.count else []
    return dcc.Link([html.Span(str(entry.label)), *count], href=entry.path, className="menu-entry")


def top_bar(person: Person, sign_out: Any, unread: int = 0) -> html.Header:
    """Menu, way back, search; what is new, the language, the theme, the person."""
    return html.Header(
        [
            _icon_button("menu", _("Menu"), "menu", **{"aria-controls": "menu"}),
            html.Nav(id="breadcrumbs", className="breadcrumbs", **{"aria-label": _("Where you are")}),
            html.Button(
                [html.Span(className="icon icon-search"), html.Span(_("Search"), className="search-word"), html.Kbd("Ctrl K")],
                id="search-open",
                className="search-open",
                n_clicks=0,
                **{"data-act": "search", "aria-label": _("Search")},
            ),
            bell(unread),
            language_switch(),
            _icon_button("theme", _("Light or dark"), "theme"),
            _person(person, sign_out),
        ],
        className="top-bar",
    )


def breadcrumbs(trail: Sequence[tuple[object, str | None]]) -> list[Any]:
    """The way to this page, for the children of `breadcrumbs`; the last one, or one without a path, is no link."""
    drawn: list[Any] = []
    for position, (label, path) in enumerate(trail):
        here = position == len(trail) - 1
        if drawn:
            drawn.append(html.Span("/", className="crumb-slash", **{"aria-hidden": "true"}))
        if path is None or here:
            drawn.append(html.Span(str(label), className="crumb here" if here else "crumb", **({"aria-current": "page"} if here else {})))
        else:
            drawn.append(dcc.Link(str(label), href=path, className="crumb"))
    return drawn


def bell(unread: int) -> dcc.Link:
    """The way to what the person was told, with how much of it is unread."""
    label = _("Notifications")
    mark = html.Span(str(unread) if unread else "", id="unread", className="bell-count")
    return dcc.Link(
        [html.Span(className="icon icon-bell"), html.Span(label, className="visually-hidden"), mark],
        href="/",
        className="button icon-button bell",
        title=label,
    )


def language_switch() -> html.Div:
    """The other languages, each by its own name; the choice is the person's and kept in the profile."""
    others = [name for name in LANGUAGES if name != language()]
    return html.Div(
        [
            html.Button(
                LANGUAGES[name] if name != "zh" else "中文",
                id={"type": "language", "language": name},
                className="button plain language",
                n_clicks=0,
                lang=name,
            )
            for name in others
        ],
        className="languages",
    )


def _person(person: Person, sign_out: Any) -> html.Details:
    initial = person.name[:1] or "·"
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(initial, className="avatar", **{"aria-hidden": "true"}),
                    html.Span(
                        [html.Span(person.name, className="person-name"), html.Span(person.roles, className="person-roles")],
                        className="person-words",
                    ),
                ],
                **{"aria-label": f"{person.name} · {person.roles}"},
            ),
            html.Div([dcc.Link(_("Profile"), href="/profile", className="pop-entry"), sign_out], className="pop right"),
        ],
        className="popper person",
    )


def _icon_button(icon: str, label: str, act: str, **more: Any) -> html.Button:
    return html.Button(
        html.Span(className=f"icon icon-{icon}"),
        className="button icon-button",
        title=label,
        **{"data-act": act, "aria-label": label, **more},
    )
