"""How master data looks: one frame for every dictionary, its list and its form, and the tabs that lead from one to the next."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from dash import dcc, html

from crm.rules.spelling import name_order
from crm.services.dictionaries import Dictionary, values_of
from crm.services.inputs import Control
from dashboard.components import form
from dashboard.components.filters import Choice
from dashboard.components.grid import Column
from dashboard.components.ids import Ids
from dashboard.components.master import Tab, retiring, state_column, tabs, whole
from dashboard.components.page import page
from dashboard.i18n import _, word

IDS = Ids("master")
ABOUT, KEY = IDS.named("about"), IDS.named("key")
"""The stores of which value is edited, {"list", "id", "version"}, and of the submission key."""

Choices = Mapping[str, Sequence[Choice]]


def listing(
    dictionary: Dictionary, records: Sequence[Any], names: Mapping[str, Mapping[int, str]], address: str, shown: Sequence[Tab], *,
    may_add: bool, may_edit: bool,
) -> Any:  # fmt: skip
    """All values of a dictionary; `names` has for each list that it refers to what the values are called."""
    rows = [_row(dictionary, record, names, f"{address}/{record.id}" if may_edit else None) for record in records]
    rows.sort(key=lambda row: (row["active"] == "false", name_order(str(row[dictionary.unique]))))
    actions = [dcc.Link(_("New"), href=f"{address}/new", className="button primary")] if may_add else []
    return whole(_(dictionary.title), rows, columns(dictionary), tabs(shown, address), actions)


def columns(dictionary: Dictionary) -> list[Column]:
    """A column for each field of the form but the long texts, the state in front."""
    drawn = [state_column()]
    for name, info in dictionary.form.model_fields.items():
        extra: Any = info.json_schema_extra or {}
        control, title = extra.get("control"), str(extra["label"])
        if control == Control.AREA:
            continue
        kind = {Control.AMOUNT: "money", Control.DAY: "day"}.get(control, "text")
        named = name in ("name", "code")
        drawn.append(Column(name, _(title), kind, link="href" if named else None, width=132, flex=2 if named else 1))
    return drawn


def editing(dictionary: Dictionary, record: Any, choices: Choices, key: str, *, may_retire: bool = True) -> Any:
    """The form of a value as it stands, with the way to retire it or to bring it back."""
    title = getattr(record, "name", "") or getattr(record, dictionary.unique)
    drawn = form.form(
        name_of(dictionary), _(dictionary.title), form.fields(name_of(dictionary), dictionary.form, values_of(dictionary, record),
        choices=choices), danger=[retiring(IDS.named("retire"), record.active)] if may_retire else [],
    )  # fmt: skip
    about = {"list": dictionary.key, "id": record.id, "version": record.version}
    said = None if record.active else _("This value is retired: old records keep it, new forms do not offer it.")
    return page(title, drawn, *_kept(about, key), subtitle=said)


def adding(dictionary: Dictionary, choices: Choices, key: str) -> Any:
    """An empty form."""
    drawn = form.form(
        name_of(dictionary),
        _(dictionary.title),
        form.fields(name_of(dictionary), dictionary.form, defaults(dictionary.form), choices=choices),
    )
    return page(_("New: {list}", list=_(dictionary.title)), drawn, *_kept({"list": dictionary.key}, key))


def defaults(model: type[Any]) -> dict[str, Any]:
    """What a new form holds: the defaults of its fields."""
    return {name: info.default for name, info in model.model_fields.items() if not info.is_required()}


def name_of(dictionary: Dictionary) -> str:
    """The name of the dictionary's form."""
    return f"master-{dictionary.key}"


def _row(dictionary: Dictionary, record: Any, names: Mapping[str, Mapping[int, str]], href: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": record.id, "active": str(record.active).lower(), "href": href}
    for name, info in dictionary.form.model_fields.items():
        extra: Any = info.json_schema_extra or {}
        if extra.get("control") != Control.AREA:
            row[name] = _cell(getattr(record, name), extra, names)
    return row


def _cell(value: Any, extra: Mapping[str, Any], names: Mapping[str, Mapping[int, str]]) -> Any:
    """A value as the list shows it."""
    match value:
        case None:
            return ""
        case bool():
            return _("Yes") if value else ""
        case StrEnum():
            return word(value)
    if offers := extra.get("offers"):
        return names.get(offers, {}).get(value, "")
    if extra.get("control") == Control.PERCENT:
        return f"{(Decimal(value) / 100).normalize():f} %"
    return value


def _kept(about: Mapping[str, Any], key: str) -> list[Any]:
    return [dcc.Store(id=ABOUT, data=dict(about)), dcc.Store(id=KEY, data=key), html.Div(id=IDS.named("refused"), role="alert")]
