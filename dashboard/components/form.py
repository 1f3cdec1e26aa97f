"""A form from the input model of a verb: declared once beside the verb, drawn, read and explained from there.

A field's look comes from its type (an amount, a day, a choice, words) or from `Field(json_schema_extra={...})`:

    title: str = Field(json_schema_extra={"label": N_("Title")})
    customer_id: int = Field(json_schema_extra={"label": N_("Customer"), "control": "choice"})

`control`: "text", "area", "amount", "count", "percent", "day", "choice", "choices", "check", "lines", "files", "hidden"; `hint` is a
sentence under the label, `wide` gives the whole row. Offered values come as data. Every field has the id
{"form": key, "field": name}, a day {"form": key, "day": name}, so that one callback reads them all (`states`, `gathered`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from dash import ALL, State, dcc, html
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from crm.errors import CrmError
from crm.money import exact_money
from dashboard.components import files, lines
from dashboard.components.filters import Choice, day, dropdown_words, options
from dashboard.components.typed import typed
from dashboard.i18n import N_, _, explain, word

Input = TypeVar("Input", bound=BaseModel)
Values = Mapping[str, Any]
Faults = Mapping[str, str]
"""A field's name → what is wrong with it, in the reader's language."""

SUMMARY = ""
"""The name under which stands what concerns no single field."""

_FAULTS: Mapping[str, str] = {
    "missing": N_("This is required."),
    "string_too_short": N_("This is required."),
    "string_too_long": N_("At most {max_length} characters."),
    "decimal_parsing": N_("This is not an amount."),
    "decimal_type": N_("This is not an amount."),
    "decimal_max_places": N_("At most {decimal_places} decimals."),
    "int_parsing": N_("This is not a whole number."),
    "int_from_float": N_("This is not a whole number."),
    "int_type": N_("This is not a whole number."),
    "date_from_datetime_parsing": N_("A day is written as 2026-03-05."),
    "date_parsing": N_("A day is written as 2026-03-05."),
    "date_type": N_("A day is written as 2026-03-05."),
    "greater_than": N_("Must be more than {gt}."),
    "greater_than_equal": N_("Must be at least {ge}."),
    "less_than": N_("Must be less than {lt}."),
    "less_than_equal": N_("Must be at most {le}."),
    "enum": N_("Choose one of the offered values."),
    "literal_error": N_("Choose one of the offered values."),
    "finite_number": N_("This is not an amount."),
}
"""pydantic's kinds of fault as sentences; any other kind says `_OTHER`."""

_OTHER = N_("This can't be accepted.")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，．－＋％", "0123456789,.-+%")
_ENLARGED = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}


def form(
    key: str,
    title: object,
    body: Sequence[Any],
    *,
    faults: Faults | None = None,
    save: object | None = None,
    danger: Sequence[Any] = (),
    titled: bool = True,
    grave: bool = False,
) -> html.Form:
    """The form called `key`: title, faults summed up, fields, and what is pressed ({"form": key, "press": "save" | "cancel"}).

    Enter saves, Esc cancels; what was typed is not lost without a question. Not `titled` where the page's title says the same already;
    `grave` where saving destroys something.
    """
    return html.Form(
        [
            html.H2(str(title), className="" if titled else "visually-hidden"),
            html.Div(summary(faults or {}), id={"form": key, "part": "summary"}),
            html.Div(list(body), id={"form": key, "part": "fields"}, className="form-fields"),
            html.Div(
                [
                    html.Button(
                        str(save or _("Save")),
                        id={"form": key, "press": "save"},
                        type="submit",
                        className="button primary grave" if grave else "button primary",
                        n_clicks=0,
                    ),
                    html.Button(
                        _("Cancel"),
                        id={"form": key, "press": "cancel"},
                        type="button",
                        className="button",
                        n_clicks=0,
                        **{"data-act": "cancel"},
                    ),
                    html.Div(list(danger), className="form-danger"),
                ],
                className="form-actions",
            ),
        ],
        className="form",
        **{"data-form": key, "data-warning": _("What you typed is not saved. Leave anyway?"), "aria-label": str(title)},
    )


def fields(
    key: str,
    model: type[BaseModel],
    values: Values | None = None,
    faults: Faults | None = None,
    choices: Mapping[str, Sequence[Choice]] | None = None,
    locked: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> list[html.Div]:
    """The fields of `model` with `values` in them, each with its fault; `locked` ones are shown and not editable, `left_out` not shown.

    What a field offers stands in `choices` under its name; what a line of a list offers, under the name of its `offers`.
    """
    return [
        lines.lines(key, model, name, (values or {}).get(name) or [], choices or {}, drawn_cell, locked=name in locked)
        if _control(info) == "lines"
        else _field(key, name, info, (values or {}).get(name), (faults or {}).get(name), (choices or {}).get(name), name in locked)
        for name, info in model.model_fields.items()
        if _extra(info).get("control") != "hidden" and name not in left_out
    ]


def hidden(key: str, name: str, value: str) -> dcc.Input:
    """A field that nobody sees: what the form was drawn with, so that the verb can tell whether it still holds."""
    return dcc.Input(id={"form": key, "field": name}, type="hidden", value=value, className="hidden-field")


def drawn_cell(id: dict[str, Any], info: FieldInfo, value: Any, choices: Sequence[Choice] | None) -> Any:
    """One control of a line."""
    return _drawn(_control(info), id, info, value, choices, locked=False)


def summary(faults: Faults, model: type[BaseModel] | None = None) -> list[Any]:
    """All faults on top of the form, each with the name of its field."""
    if not faults:
        return []
    lines = [sentence if name == SUMMARY else f"{field_label(model, name)}: {sentence}" for name, sentence in faults.items()]
    return [
        html.Div(
            [html.Strong(_("Some fields need another look.")), html.Ul([html.Li(line) for line in lines])],
            className="form-faults",
            role="alert",
        )
    ]


def field_label(model: type[BaseModel] | None, name: str) -> str:
    """What a field is called on the screen."""
    info = model.model_fields.get(name) if model else None
    return _label(info, name) if info else name


def states(key: str) -> list[State]:
    """What a callback needs to read the form: its values and days, each with their ids."""
    return [
        State({"form": key, "field": ALL}, "value"),
        State({"form": key, "field": ALL}, "id"),
        State({"form": key, "day": ALL}, "date"),
        State({"form": key, "day": ALL}, "id"),
    ]


def gathered(
    values: Sequence[Any], ids: Sequence[Mapping[str, str]], days: Sequence[Any], day_ids: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    """What `states` brought, by field name."""
    by_name = {id["field"]: value for id, value in zip(ids, values, strict=True)}
    return by_name | {id["day"]: value for id, value in zip(day_ids, days, strict=True)}


def read(model: type[Input], values: Values) -> tuple[Input | None, dict[str, str]]:
    """The model made of what was typed, or what is wrong with which field, in the reader's language."""
    cleaned: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name, info in model.model_fields.items():
        try:
            cleaned[name] = cleaned_value(info, values.get(name))
        except CrmError as error:
            faults[name] = explain(error)
    try:
        made = model(**{name: value for name, value in cleaned.items() if value is not None})
    except ValidationError as error:
        return None, {_place(fault["loc"]): _sentence(fault) for fault in error.errors()} | faults
    return (None, faults) if faults else (made, {})


def explained(faults: Mapping[str, CrmError | str]) -> dict[str, str]:
    """The faults that a verb found (`Invalid.faults`), in the reader's language."""
    return {name: explain(fault) if isinstance(fault, CrmError) else _(fault) for name, fault in faults.items()}


def cleaned_value(info: FieldInfo, value: Any) -> Any:
    """What a person meant by what they typed: spaces around it dropped, nothing for an empty field, numbers without separators.

    What is no amount, too large or finer than a cent is the `CrmError` of crm.money.
    """
    if isinstance(value, str):
        value = value.strip()
    if value in ("", None, []):
        return None
    control = _control(info)
    if isinstance(value, str) and control in ("amount", "count", "percent"):
        return exact_money(plain_number(value)) if control == "amount" else plain_number(value)
    return value == ["on"] if control == "check" else value


def plain_number(text: str) -> str:
    """A typed number as plain digits: full width, separators, currency signs and 万 are how people write. Anything else stays."""
    digits = text.translate(_FULL_WIDTH).replace(",", "").replace(" ", "").lstrip("¥￥$€").rstrip("元%")
    factor = _ENLARGED.get(digits[-1:])
    if factor is None:
        return digits
    try:
        return f"{Decimal(digits[:-1]) * factor:f}"
    except ArithmeticError:
        return text


def _place(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location else SUMMARY


def _sentence(fault: Mapping[str, Any]) -> str:
    """One of pydantic's faults in the reader's language; a `CrmError` raised by a validator speaks for itself."""
    context = fault.get("ctx", {})
    cause = context.get("error")
    if isinstance(cause, CrmError):
        return explain(cause)
    return _(_FAULTS.get(fault["type"], _OTHER), **context)


def _label(info: FieldInfo, name: str) -> str:
    message = _extra(info).get("label", name)
    return _(message)


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _kind(info: FieldInfo) -> Any:
    """The field's type without its "or None"."""
    if get_origin(info.annotation) in (Union, UnionType):
        return next((part for part in get_args(info.annotation) if part is not type(None)), str)
    return info.annotation


def _control(info: FieldInfo) -> str:
    """Which control a field has: as it says, or by its type."""
    if given := _extra(info).get("control"):
        return str(given)
    kind = _kind(info)
    if get_origin(kind) in (list, tuple, set, frozenset):
        return "choices"
    by_type: dict[Any, str] = {Decimal: "amount", int: "count", date: "day", bool: "check"}
    return "choice" if isinstance(kind, type) and issubclass(kind, StrEnum) else by_type.get(kind, "text")


def _field(key: str, name: str, info: FieldInfo, value: Any, fault: str | None, choices: Sequence[Choice] | None, locked: bool) -> html.Div:
    extra, control = _extra(info), _control(info)
    if control == "files":
        said = str(extra.get("hint", ""))
        return files.field(key, name, _label(info, name), _(said) if said else "")
    id = {"form": key, "day" if control == "day" else "field": name}
    label = html.Label(
        [_label(info, name), *([html.Span("*", className="required", title=_("Required"))] if info.is_required() else [])],
        htmlFor=_dom_id(id),
    )
    children: list[Any] = [label]
    if hint := extra.get("hint"):
        children.append(html.P(_(hint), className="field-hint"))
    children.append(_drawn(control, id, info, value, choices, locked))
    children.append(html.P(fault or "", className="field-fault", id={"form": key, "fault": name}))
    wide = extra.get("wide") or control == "area"
    return html.Div(children, className=f"field {control}{' wide' if wide else ''}{' faulty' if fault else ''}")


def _dom_id(id: Mapping[str, str]) -> str:
    """The id that Dash gives the element of a pattern id: its keys in order, as compact JSON."""
    return "{" + ",".join(f'"{name}":"{id[name]}"' for name in sorted(id)) + "}"


def _drawn(control: str, id: dict[str, Any], info: FieldInfo, value: Any, choices: Sequence[Choice] | None, locked: bool) -> Any:
    """The control with its value."""
    match control:
        case "area":
            return dcc.Textarea(id=id, value=value or "", disabled=locked, className="input", spellCheck=False)
        case "day":
            control_day = day(id, value.isoformat() if isinstance(value, date) else value, "2026-03-05", clearable=not info.is_required())
            control_day.disabled = locked
            return control_day
        case "choice" | "choices":
            offered = choices if choices is not None else _words(_kind(info))
            return dcc.Dropdown(
                id=id,
                options=options(offered),
                value=value,
                multi=control == "choices",
                clearable=not info.is_required(),
                disabled=locked,
                placeholder=_("Choose"),
                labels=dropdown_words(),
            )
        case "hidden":
            return dcc.Input(id=id, type="hidden", value=typed(value, control), className="hidden-field")
        case "check":
            said = choices[0].label if choices else _("Yes")
            return dcc.Checklist(id=id, options=[{"value": "on", "label": said}], value=["on"] if value else [])
    number = control in ("amount", "count", "percent")
    return dcc.Input(
        id=id,
        value=typed(value, control),
        type="text",
        inputMode="decimal" if number else None,
        autoComplete="off",
        disabled=locked,
        className=f"input {control}",
        maxLength=20_000,
    )


def _words(kind: Any) -> list[Choice]:
    """The values of a closed set, as they are called."""
    return [Choice(value.value, word(value)) for value in kind] if isinstance(kind, type) and issubclass(kind, StrEnum) else []
