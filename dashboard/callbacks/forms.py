"""How every form is saved: read what was typed, call the verb, and where it refuses, say what and leave the form as it was."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

import dash
from dash import ALL, Dash, Input, Output, Patch, State, no_update
from dash.exceptions import PreventUpdate

from crm.errors import ChangedMeanwhile, CrmError, Invalid, NotFound
from crm.services import inputs
from crm.services.inputs import Control
from dashboard.components import form, lines
from dashboard.components.states import TOASTS, toast
from dashboard.i18n import N_, _, explain

Typed = dict[str, Any]
Act = Callable[..., Sequence[Any]]
"""Takes the input that was read, what was typed, and the values of the form's further states; returns what goes into its outputs."""

LOCATION = "_pages_location"
"""Dash's own component of the address: what is saved leads on to its page."""

RELOAD = "reload"
"""The store that draws the window anew whenever it holds something else: for what is saved and stays on its page."""

NUMBERS = frozenset({Control.AMOUNT, Control.PERCENT, Control.COUNT})

NUMBERED = frozenset({"id", "version", "other", "other_version", "contact", "opportunity", "decision"})
"""What a page says of the record that it is about, and of others."""

LINE = N_("Line {number}: {sentence}")


def register(
    app: Dash,
    key: str,
    model: type[inputs.Input],
    outputs: Sequence[Output],
    states: Sequence[State],
    act: Act,
    *,
    press: str = "save",
    conflict: Callable[..., list[Any]] | None = None,
    told: bool | None = None,
) -> None:
    """Save the form `key` when `press` is pressed. `conflict` draws what somebody else changed meanwhile.

    That it is saved is said in a quiet line where it is to be `told`; unless that says otherwise, where the form leads on to another page.
    """
    columns = lines.states(key, model)
    told = any(output.component_id == LOCATION for output in outputs) if told is None else told
    past = 4 + len(columns)

    @app.callback(
        Output({"form": key, "part": "summary"}, "children", allow_duplicate=press != "save"),
        Output({"form": key, "fault": ALL}, "children", allow_duplicate=press != "save"),
        *outputs,
        Input({"form": key, "press": press}, "n_clicks"),
        *form.states(key),
        *columns,
        State({"form": key, "fault": ALL}, "id"),
        *states,
        prevent_initial_call=True,
    )
    def save(clicks: int, *found: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        fields, rows, places, more = found[:4], found[4:past], found[past], found[past + 1 :]
        typed = _typed(model, form.gathered(*fields), lines.gathered(model, rows))
        untouched = [no_update] * len(outputs)
        try:
            _check_wishes(more)
            answer = act(inputs.read(model, typed), typed, *more)
        except ChangedMeanwhile as changed:
            drawn = conflict(changed, typed, *more) if conflict else form.summary({form.SUMMARY: explain(changed)})
            return [drawn, [""] * len(places), *untouched]
        except Invalid as refused:
            faults = _by_field(refused.faults)
            return [form.summary(faults, model), [faults.get(place["fault"], "") for place in places], *untouched]
        except CrmError as error:
            return [form.summary({form.SUMMARY: explain(error)}), [""] * len(places), *untouched]
        if told:
            dash.set_props(TOASTS, {"children": [toast(_("Saved."), of=_once(more))]})
        return [[], [""] * len(places), *answer]


def _once(states: Sequence[Any]) -> str:
    """What one saving has of its own: its submission key, where the form has one; the same for a form sent twice."""
    own = [state for state in states if isinstance(state, str)] or states
    return sha256(repr(own).encode()).hexdigest()[:12]


def _check_wishes(states: Sequence[Any]) -> None:
    """Whatever is no number where a page keeps the id or the version of what it is about, is the id of nothing."""
    for store in states:
        if isinstance(store, Mapping):
            wishes = [store[name] for name in NUMBERED & store.keys() if store[name] is not None]
            if any(type(wish) is not int or not 0 <= wish < 2**31 for wish in wishes):
                raise NotFound()


def register_cancel(app: Dash, key: str, states: Sequence[State], back: Callable[..., str] | None) -> None:
    """Cancel the form `key`: the page at `back` of the states' values opens (None: this one, anew), and nothing is saved."""

    @app.callback(
        Output(LOCATION, "href", allow_duplicate=True) if back else Output(RELOAD, "data", allow_duplicate=True),
        Input({"form": key, "press": "cancel"}, "n_clicks"),
        *states,
        prevent_initial_call=True,
    )
    def cancel(clicks: int, *found: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        return back(*found) if back else token_urlsafe()


def typed_lines(model: type[inputs.Input], columns: Sequence[Sequence[Any]]) -> Typed:
    """What `lines.states` brought, as a person meant it."""
    return _plain_lines(model, lines.gathered(model, columns))


def _typed(model: type[inputs.Input], fields: Typed, rows: dict[str, list[Typed]]) -> Typed:
    """What a person meant by what they typed: numbers in the ways they are written (12万, full width) as plain digits."""
    known = {name: _plain(model, name, value) for name, value in fields.items() if name in model.model_fields}
    return known | _plain_lines(model, rows)


def _plain_lines(model: type[inputs.Input], rows: dict[str, list[Typed]]) -> Typed:
    return {
        name: [{part: _plain(lines.line_model(model, name), part, value) for part, value in row.items()} for row in of]
        for name, of in rows.items()
    }


def _plain(model: type[Any], name: str, value: Any) -> Any:
    extra = model.model_fields[name].json_schema_extra
    control = extra.get("control") if isinstance(extra, dict) else ""
    if control == Control.CHECK:
        return bool(value)
    if control == Control.FILES:
        return [part for part in str(value or "").split(",") if part]
    return form.plain_number(value) if control in NUMBERS and isinstance(value, str) else value


def register_lines(app: Dash, key: str, model: type[inputs.Input], name: str, choices: Callable[[], lines.Choices]) -> None:
    """One more row for the field `name` of the form `key`; `choices` are what its controls offer."""

    @app.callback(
        Output({"form": key, "list": name, "part": "rows"}, "children"),
        Input({"form": key, "list": name, "press": "add"}, "n_clicks"),
        prevent_initial_call=True,
    )
    def add(clicks: int) -> Any:
        if not clicks:
            raise PreventUpdate
        added = Patch()
        added.append(lines.row(key, model, name, 1000 + clicks, {}, choices(), form.drawn_cell))
        return added


def _by_field(faults: Mapping[str, CrmError]) -> dict[str, str]:
    """The sentences by field; those of lines with the number of their line."""
    told: dict[str, str] = {}
    for place, fault in faults.items():
        name, *within = place.split(".")
        sentence = explain(fault)
        if within:
            sentence = _(LINE, number=int(within[0]) + 1, sentence=sentence)
        told[name] = f"{told[name]} {sentence}" if name in told else sentence
    return told
