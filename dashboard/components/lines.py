"""Lines in a form: a row for each line of a field that is a list of inputs (products, instalments), drawn from the line's own model.

A control of a row has the id {"form": key, "list": field, "line": number, "part": name}; rows left empty count as none. One empty
row stands at the end, a button adds more.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from dash import ALL, State, html
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dashboard.components.filters import Choice
from dashboard.components.typed import typed
from dashboard.i18n import _

Draw = Callable[[Mapping[str, Any], FieldInfo, Any, Sequence[Choice] | None], Any]
"""Draws one control: its id, its field, the value, what is offered."""

Rows = Sequence[Mapping[str, Any]]
Choices = Mapping[str, Sequence[Choice]]


def lists(model: type[BaseModel]) -> list[str]:
    """The fields of a model that are lists of lines."""
    return [name for name, info in model.model_fields.items() if _extra(info).get("control") == "lines"]


def line_model(model: type[BaseModel], name: str) -> type[BaseModel]:
    """What one line of the field is."""
    (line, *_rest) = get_args(model.model_fields[name].annotation)
    assert isinstance(line, type)
    assert issubclass(line, BaseModel)
    return line


def lines(key: str, model: type[BaseModel], name: str, rows: Rows, choices: Choices, draw: Draw, *, locked: bool = False) -> html.Div:
    """The field `name` of the form `key`; `rows` are the lines as they stand."""
    info = model.model_fields[name]
    called, hint = str(_extra(info)["label"]), str(_extra(info).get("hint", ""))
    shown = [*rows] if locked else [*rows, {}]
    drawn = [row(key, model, name, number, line, choices, draw) for number, line in enumerate(shown)]
    more = html.Button(_("Add a line"), id={"form": key, "list": name, "press": "add"}, type="button", className="button plain", n_clicks=0)
    return html.Div(
        [
            html.Span(_(called), className="field-name", id=f"{key}-{name}-name"),
            *([html.P(_(hint), className="field-hint")] if hint else []),
            html.Div(drawn, id={"form": key, "list": name, "part": "rows"}, className=f"lines {name}-lines", role="group",
                     **{"aria-labelledby": f"{key}-{name}-name"}),
            *([] if locked else [more]),
            html.P("", className="field-fault", id={"form": key, "fault": name}),
        ],
        className="field lines-field wide",
    )  # fmt: skip


def row(key: str, model: type[BaseModel], name: str, number: int, line: Mapping[str, Any], choices: Choices, draw: Draw) -> html.Div:
    """One line: a control for each field of its model."""
    cells: list[Any] = []
    for part, info in line_model(model, name).model_fields.items():
        id = {"form": key, "list": name, "line": number, "part": part}
        control = draw(id, info, line.get(part, _default(info, line)), choices.get(_extra(info).get("offers") or part))
        hidden = _extra(info).get("control") == "hidden"
        cells.append(control if hidden else html.Label([html.Span(_(str(_extra(info)["label"]))), control], className=f"cell {part}"))
    return html.Div(cells, className="line")


def states(key: str, model: type[BaseModel]) -> list[State]:
    """What a callback needs to read the lines of a form, list by list and column by column."""
    return [
        State({"form": key, "list": name, "line": ALL, "part": part}, "date" if _is_day(info) else "value")
        for name in lists(model)
        for part, info in line_model(model, name).model_fields.items()
    ]


def gathered(model: type[BaseModel], columns: Sequence[Sequence[Any]]) -> dict[str, list[dict[str, Any]]]:
    """The lines that `states` brought, by field. A row in which only what it began with stands counts as empty."""
    found, taken = {}, iter(columns)
    for name in lists(model):
        parts = line_model(model, name).model_fields
        values = [next(taken) for _part in parts]
        rows = [dict(zip(parts, row, strict=True)) for row in zip(*values, strict=True)]
        found[name] = [row for row in rows if any(_said(info, row[part]) for part, info in parts.items())]
    return found


def _said(info: FieldInfo, value: Any) -> bool:
    """Whether a control holds what a person put there: what a fresh row is filled with, or what is not shown, is nothing."""
    control = str(_extra(info).get("control", ""))
    text = str(value if value is not None else "").strip()
    return control != "hidden" and text not in ("", "" if info.is_required() else typed(info.default, control))


def _default(info: FieldInfo, line: Mapping[str, Any]) -> Any:
    """What a fresh row begins with; a row that stands says all of itself."""
    return None if info.is_required() or line else info.default


def _is_day(info: FieldInfo) -> bool:
    return bool(_extra(info).get("control") == "day")


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
