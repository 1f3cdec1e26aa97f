"""What happens in master data: lists are read, values added, edited, retired and brought back, each by its verb."""

from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any

from dash import Dash, Input, Output, State
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import LeadSource, Product, User
from crm.scope import Actor
from crm.services import dictionaries, offers
from crm.services.dictionaries import DICTIONARIES, Dictionary
from crm.submissions import once
from crm.vocabulary import Permission
from dashboard import frame, session
from dashboard.callbacks import forms, record_list, retiring
from dashboard.callbacks.opportunity import number
from dashboard.components.filters import Choice, by_name
from dashboard.components.master import SEARCH, TABLE, Tab, tabs
from dashboard.i18n import _
from dashboard.master_menu import GROUPS
from dashboard.pages import master as page
from dashboard.pages.master import ABOUT, IDS, KEY
from dashboard.pages.master_lists import LISTS

About = dict[str, Any]


def layout(group: str = "", key: str = "", record: str = "", **wished: Any) -> Any:
    """The list called `key` in its group, or one of its values; none for who may not read it."""
    actor = session.actor()
    dictionary = dictionaries.by_key(actor, key)
    address = f"/master/{group}/{key}"
    steps = _steps(actor, group, _(dictionary.title), address)
    if not record:
        frame.trail(*steps)
        if key in LISTS:
            return record_list.layout(LISTS[key], ways=tabs(tabs_of(actor, group), address), **wished)
        return _listing(actor, dictionary, group, address)
    with session.looking() as opened:
        if record == "new":
            return _adding(opened, actor, dictionary, steps)
        return _editing(opened, actor, dictionary, number(record), steps)


def _steps(actor: Actor, group: str, title: str, address: str) -> list[tuple[object, str | None]]:
    """The way to a list; one that is alone on its page of the menu is called like it, and named once."""
    way = list(frame.trail_of(f"/master/{group}", actor))
    return way if way and str(way[-1][0]) == title else [*way, (title, address)]


def tabs_of(actor: Actor, group: str) -> list[Tab]:
    """The lists of a group that the person may read."""
    return [Tab(title, f"/master/{group}/{key}") for key, (title, kind) in GROUPS[group].items() if actor.may(Permission.READ, kind)]


def first_of(actor: Actor, group: str) -> str:
    """The key of the first list of a group that the person may read."""
    readable = [key for key, (_title, kind) in GROUPS.get(group, {}).items() if actor.may(Permission.READ, kind)]
    if not readable:
        raise NotFound()
    return readable[0]


def _listing(actor: Actor, dictionary: Dictionary, group: str, address: str) -> Any:
    with session.looking() as opened:
        records = opened.scalars(select(dictionary.model)).all()
        names = {"sources": LeadSource, "products": Product, "leaders": User}
        called = {name: offers.names(opened, model) for name, model in names.items() if name in _referred(dictionary)}
    return page.listing(
        dictionary, records, called, address, tabs_of(actor, group),
        may_add=actor.may(Permission.CREATE, dictionary.kind), may_edit=actor.may(Permission.UPDATE, dictionary.kind),
    )  # fmt: skip


def _adding(opened: Session, actor: Actor, dictionary: Dictionary, steps: Sequence[Any]) -> Any:
    if not actor.may(Permission.CREATE, dictionary.kind):
        raise NotFound()
    frame.trail(*steps, (_("New"), None))
    return page.adding(dictionary, _choices(opened, dictionary, None), token_urlsafe())


def _editing(opened: Session, actor: Actor, dictionary: Dictionary, record_id: int, steps: Sequence[Any]) -> Any:
    if not actor.may(Permission.UPDATE, dictionary.kind):
        raise NotFound()
    found = dictionaries.find(opened, actor, dictionary, record_id)
    frame.trail(*steps, (getattr(found, "name", ""), None))
    return page.editing(dictionary, found, _choices(opened, dictionary, found), token_urlsafe())


def _referred(dictionary: Dictionary) -> dict[str, str]:
    """The lists that a dictionary's fields choose from: what is offered → which field."""
    extras = {name: info.json_schema_extra for name, info in dictionary.form.model_fields.items()}
    return {str(extra["offers"]): name for name, extra in extras.items() if isinstance(extra, dict) and extra.get("offers")}


def _choices(opened: Session, dictionary: Dictionary, found: Any) -> dict[str, list[Choice]]:
    """What the form's fields offer, and what stands there already."""
    choices = {}
    for offered, name in _referred(dictionary).items():
        standing = getattr(found, name) if found is not None else None
        keep = [standing] if standing is not None else []
        chosen = offers.leaders(opened, keep) if offered == "leaders" else offers.values(opened, MODELS[offered], keep)
        choices[name] = by_name(chosen)
    return choices


MODELS = {"sources": LeadSource, "products": Product}
"""The lists that other lists refer to."""


def register(app: Dash) -> None:
    """Each dictionary's form saves by its verb and leads back to the list."""
    for dictionary in DICTIONARIES.values():
        _register_form(app, dictionary)
    for listed in LISTS.values():
        record_list.register(app, listed)
    retiring.register(app, IDS, ABOUT, _turn)
    app.clientside_callback(
        "(text) => ({quickFilterText: text || ''})",
        Output(TABLE, "dashGridOptions"),
        Input(SEARCH, "value"),
        prevent_initial_call=True,
    )


def _register_form(app: Dash, dictionary: Dictionary) -> None:
    def save(values: Any, _typed: forms.Typed, about: About, key: str) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            if "id" in about:
                id, version = int(about["id"]), int(about["version"])
                once(opened, actor, key, lambda: dictionaries.edit(opened, actor, dictionary, id, values, version=version))
            else:
                once(opened, actor, key, lambda: dictionaries.add(opened, actor, dictionary, values))
        return [address_of(dictionary)]

    known = [State(ABOUT, "data"), State(KEY, "data")]
    onward = [Output(forms.LOCATION, "href", allow_duplicate=True)]
    forms.register(app, page.name_of(dictionary), dictionary.form, onward, known, save)
    forms.register_cancel(app, page.name_of(dictionary), known[:1], lambda _about: address_of(dictionary))


def address_of(dictionary: Dictionary) -> str:
    """Where the dictionary's list is."""
    group = next(group for group, keys in GROUPS.items() if dictionary.key in keys)
    return f"/master/{group}/{dictionary.key}"


def _turn(opened: Session, actor: Actor, about: About) -> str:
    """A value goes out of use, or comes back."""
    dictionary = dictionaries.by_key(actor, str(about.get("list")))
    found = dictionaries.find(opened, actor, dictionary, int(about["id"]))
    if found.active:
        dictionaries.retire(opened, actor, dictionary, found.id, version=int(about["version"]))
    else:
        dictionaries.bring_back(opened, actor, dictionary, found.id)
    return address_of(dictionary)
