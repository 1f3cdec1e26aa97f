"""The page that every list of records has: search and filters above, the rows below with their state in front, the number of them.

A list is a declaration (`ListPage`): which columns, what its filters are called and offer, where a row leads. How it behaves is
written once (dashboard/callbacks/record_list.py); what it finds is declared in crm/services (`RecordList`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services.list_terms import Asked
from crm.services.lists import MOST, PAGE, RecordList
from crm.services.saved_views import View
from crm.vocabulary import Kind, Permission
from dashboard.components import filters, grid, views
from dashboard.components.badges import badge_cells
from dashboard.components.filters import Choice, by_name, dropdown_words, options
from dashboard.components.grid import Column
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.components.views import Entry
from dashboard.i18n import N_, _

Choices = Mapping[str, Sequence[Choice]]
Wished = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a list and of its export: `title` is a message id, `of` takes the value from a row (left out: the one called `key`).

    `kind`: text, day, moment, money, count, days, word, mark (a warning in words), or badge (then `words` are the states). The column
    that `opens` is the link to the record. `otherwise`, a message id, stands where there is no value.
    """

    key: str
    title: str
    kind: str = "text"
    of: Callable[[Any], Any] | None = None
    words: type[StrEnum] | None = None
    opens: bool = False
    otherwise: str = ""
    width: int = 120
    flex: int = 0

    def value(self, row: Any) -> Any:
        """What a row says in this column."""
        found = self.of(row) if self.of else getattr(row, self.key)
        return _(self.otherwise) if found is None and self.otherwise else found


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person keeps of a list: filter states under names, and the columns they left out."""

    views: Sequence[Entry] = ()
    left_out: frozenset[str] = frozenset()


def nothing_more(_actor: Actor) -> Sequence[Any]:
    """No buttons of its own."""
    return ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as a page. All words are message ids.

    `filters` are titles by name, in the order of the bar; `offers` gives what they offer, within reach (one without any is not shown).
    Those among `days` are a day that is typed or picked.
    `counted` says how many there are, `many` that there are more than are counted. `opens` is where a row leads. `actions` are the
    buttons of the page; without `seek` nothing is searched.
    `kind` is what must be read to open the list and exported to carry it away; `open_to` where that is not all.
    """

    list: RecordList[Any]
    title: str
    kind: Kind
    fields: Sequence[Field]
    filters: Mapping[str, str]
    offers: Callable[[Session, Actor], Choices]
    counted: str
    many: str
    seek: str
    opens: Callable[[Any], str]
    actions: Callable[[Actor], Sequence[Any]] = nothing_more
    open_to: Callable[[Actor], bool] | None = None
    path: str = ""
    selectable: bool = False
    days: Sequence[str] = ()
    height: str = "calc(100vh - 212px)"

    @property
    def ids(self) -> Ids:
        """The ids of its page."""
        return Ids(self.list.key)

    @property
    def address(self) -> str:
        """Where the page is."""
        return self.path or f"/{self.list.key}"

    @property
    def names(self) -> tuple[str, ...]:
        """What its address may say besides the order."""
        return ("q", *self.filters)

    def is_open_to(self, actor: Actor) -> bool:
        """Whether this person opens the list at all."""
        return self.open_to(actor) if self.open_to else actor.may(Permission.READ, self.kind)

    def carried_by(self, actor: Actor) -> bool:
        """Whether this person may carry its rows away."""
        return self.is_open_to(actor) and actor.may(Permission.EXPORT, self.kind)

    def wished(self, address: Wished) -> dict[str, Any]:
        """What an address says that concerns the list."""
        return {name: address[name] for name in (*self.names, "sort", "dir") if address.get(name)}

    def cells(self, row: Any) -> dict[str, Any]:
        """A row as the grid takes it."""
        said: dict[str, Any] = {"id": row.id, "version": getattr(row, "version", None), "href": self.opens(row)}
        for field in self.fields:
            said[field.key] = field.value(row)
        return grid.plain_row(said)

    def number(self, count: int) -> str:
        """How many rows there are, as the page says it."""
        return _(self.many, most=MOST) if count > MOST else _(self.counted, count=count)


def layout(
    declared: ListPage, actor: Actor, asked: Asked, wished: Wished, choices: Choices, kept: Kept, *, beside: Any = None, above: Any = None,
    ways: Any = None,
) -> Any:
    """The list as an address asks for it; `beside` or `above` its rows stands what can be done with those that are ticked. `ways` lead to
    the lists that it stands beside."""
    ids = declared.ids
    rows = _grid(declared, asked, wished, kept.left_out, selectable=declared.selectable or above is not None)
    return page(
        _(declared.title),
        *([ways] if ways is not None else []),
        html.Div([_bar(declared, asked, choices), _tools(declared, kept)], className="list-head"),
        *([above] if above is not None else []),
        rows if beside is None else html.Div([html.Div(rows), html.Aside(beside)], className="list-desk"),
        dcc.Store(id=ids.filters, data={name: value for name, value in wished.items() if name in declared.names}),
        dcc.Store(id=ids.named("places"), data={}),
        dcc.Store(id=ids.named("names"), data={"list": declared.list.key, "names": declared.names}),
        subtitle=html.Span(id=ids.named("count"), **{"aria-live": "polite"}),
        actions=[*_exports(declared, actor, wished), *declared.actions(actor)],
    )


def _grid(declared: ListPage, asked: Asked, wished: Wished, left_out: frozenset[str], *, selectable: bool) -> Any:
    columns = [_column(field, declared, asked, bool(wished.get("sort")), field.key in left_out) for field in declared.fields]
    return grid.listed(
        declared.ids.table(),
        columns,
        height=declared.height,
        selectable=selectable,
        page=PAGE,
        sorting=declared.list.key,
    )


def giving(declared: ListPage, people: Sequence[Choice]) -> html.Div:
    """What appears above the rows with the first that is ticked: how many are, to whom they go, and the press."""
    ids = declared.ids
    to = dcc.Dropdown(id=ids.named("to"), options=options(people), placeholder=_("Sales rep"), labels=dropdown_words(), maxHeight=320)
    give = html.Button(_("Assign"), id=ids.named("give"), className="button primary", n_clicks=0)
    parts = [html.Strong(id=ids.named("chosen")), html.Label(_("Assign to"), htmlFor=to.id), to, give]
    return html.Div(parts, id=ids.named("bulk"), hidden=True, className="bulk-bar", **{"aria-live": "polite"})


def choices_of(offered: Mapping[str, Sequence[tuple[Any, str]]], as_they_are: Sequence[str] = ()) -> dict[str, list[Choice]]:
    """Offers as choices: by pinyin, but for those that come in an order of their own."""
    return {
        name: [Choice(*offer) for offer in found] if name in as_they_are else by_name(found) for name, found in offered.items()
    }


def _exports(declared: ListPage, actor: Actor, wished: Wished) -> list[Any]:
    """The ways to carry the rows away, for who may; the browser keeps the filters in their addresses (assets/list.js)."""
    if not declared.carried_by(actor):
        return []
    query = urlencode(dict(wished), doseq=True)
    return [
        html.A(text, id=declared.ids.named(f"export-{kind}"), className="button", href=f"{declared.address}/export.{kind}?{query}")
        for kind, text in (("xlsx", _("Export XLSX")), ("csv", _("Export CSV")))
    ]


def _bar(declared: ListPage, asked: Asked, choices: Choices) -> html.Div:
    q = declared.ids.control("q")
    seek = _(declared.seek or N_("Search"))
    search = dcc.Input(
        id=q, value=asked.text, type="search", debounce=0.25, placeholder=seek, autoComplete="off", maxLength=100,
        className="input list-search",
    )  # fmt: skip
    parts = [html.Div([html.Label(_("Search"), htmlFor=q), search], className="filter search", hidden=not declared.seek)]
    parts += [_filter(declared, name, choices.get(name, ()), asked.chosen.get(name, ())) for name in declared.filters]
    return html.Div(
        [
            filters.toggle(),
            html.Div(parts, className="filter-controls", role="group", **{"aria-label": _("Filters")}),
        ],
        className="filter-bar list-bar",
    )


def _tools(declared: ListPage, kept: Kept) -> html.Div:
    """What a person arranges for themselves: views under names, and which columns are seen."""
    ids = declared.ids
    choosable = [field for field in declared.fields if not field.opens]
    columns = dcc.Checklist(
        id=ids.named("columns"),
        options=[{"value": field.key, "label": _(field.title)} for field in choosable],
        value=[field.key for field in choosable if field.key not in kept.left_out],
        className="column-choice",
    )
    return html.Div([views.kept(ids, kept.views, pinned=False), views.popper(_("Columns"), columns)], className="list-tools")


def entries_of(declared: ListPage, found: Sequence[View]) -> list[Entry]:
    """A person's views of the list, with where they lead."""
    return [Entry(view.id, view.name, f"{declared.address}?{view.state}") for view in found]


def _filter(declared: ListPage, name: str, choices: Sequence[Choice], chosen: Sequence[Any]) -> html.Div:
    """One filter; where there is nothing to choose it is there for the page's behaviour and not seen."""
    if name in declared.days:
        control = filters.day(declared.ids.control(name), str(chosen[0]) if chosen else None, _(declared.filters[name]), clearable=True)
        return html.Div([html.Label(_(declared.filters[name]), htmlFor=control.id), control], className=f"filter {name}")
    id, values = declared.ids.control(name), [getattr(value, "value", value) for value in chosen]
    dropdown = dcc.Dropdown(
        id=id, options=options(choices), value=values, multi=True, placeholder=_("All"), maxHeight=320, labels=dropdown_words()
    )
    title = html.Label(_(declared.filters[name]), htmlFor=id)
    return html.Div([title, dropdown], className=f"filter {name}", hidden=not choices)


def _column(field: Field, declared: ListPage, asked: Asked, sorted_by_wish: bool, left_out: bool) -> Column:
    here = sorted_by_wish and asked.sort == field.key
    return Column(
        field.key,
        _(field.title),
        kind="text" if field.kind == "word" else field.kind,
        link="href" if field.opens else None,
        badges=badge_cells(field.words) if field.words and field.kind == "badge" else None,
        width=field.width,
        flex=field.flex,
        sortable=field.key in declared.list.sorts,
        sort=("desc" if asked.descending else "asc") if here else None,
        hide=left_out and not field.opens,
    )
