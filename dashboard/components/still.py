"""Markup that stands still until the server draws it anew, as one component of the page however much of it there is.

Dash keeps a component for each element: every one of them looks up its place whenever anything on the page changes, and tells the rest
when it appears. Headline figures and the menu are two thirds of a report's elements and hold nothing that a callback reads but what
is pressed; drawn as one (assets/still.js) they cost nothing while filters change. Elements keep ids, classes and attributes.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.i18n import Lazy


class Still(Component):
    """`drawn`, as `plain` writes it. `pressed` becomes the id (a dictionary) of a button that was pressed, with the moment in `at`."""

    _children_props: list[str] = []
    _base_nodes = ["children"]
    _namespace = "saleslens"
    _type = "Still"
    _prop_names = ["id", "drawn", "pressed"]
    _valid_wildcard_attributes: list[str] = []
    available_properties = ["id", "drawn", "pressed"]
    available_wildcard_properties: list[str] = []

    def __init__(self, id: str, drawn: Any) -> None:
        self.id, self.drawn = id, drawn  # Dash would look for a package of the namespace's name each time


class Element(list[Any]):
    """A piece of `markup`: it reads like a component of `dash.html`, is made in a tenth of the time, and is written as it stands:
    [tag, attributes, its children ...]."""

    def __init__(self, tag: str, children: Any = None, **attributes: Any) -> None:
        super().__init__((tag, attributes))
        self.extend([plain(child) for child in children] if type(children) in (list, tuple) else [plain(children)])

    @property
    def attributes(self) -> dict[str, Any]:
        """Its id, classes and the like."""
        return self[1]  # type: ignore[no-any-return]

    @property
    def children(self) -> list[Any]:
        """What stands in it."""
        return self[2:]

    def __getattr__(self, name: str) -> Any:
        try:
            return self[1][name]
        except KeyError:
            raise AttributeError(name) from None


class Markup:
    """`markup.Div(children, className=...)`, as `dash.html` has it, for what only `still` draws."""

    def __getattr__(self, name: str) -> Callable[..., Element]:
        made = partial(Element, name.lower())
        setattr(self, name, made)  # the next time it is there
        return made


markup = Markup()


def still(drawn: Any, id: str) -> Still:
    """`drawn`, made of `markup`, `dash.html` and links, as one component called `id`."""
    return Still(id=id, drawn=plain(drawn))


def plain(part: Any) -> Any:
    """An element as [tag, attributes, its children ...]; text and nothing as they are. TypeError for what lives: a control, a graph."""
    if part is None or isinstance(part, (Element, str, int, float)):
        return part
    if isinstance(part, Lazy):
        return str(part)
    if not (isinstance(part, dcc.Link) or type(part).__module__.startswith(html.__name__)):
        raise TypeError(f"{type(part).__name__} does not stand still")
    attributes = dict(part.to_plotly_json()["props"])
    children = attributes.pop("children", None)
    attributes.pop("n_clicks", None)
    tag = "way" if isinstance(part, dcc.Link) else str(part._type).lower()
    return [tag, attributes, *_all_plain(children)]


def _all_plain(children: Any) -> list[Any]:
    return [plain(child) for child in (children if isinstance(children, list | tuple) else [children])]


__all__ = ["Element", "Still", "markup", "plain", "still"]
