"""How an act on a record's page is saved: once, by its verb, and on to where it leads; who saved in between is shown first."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from dash import Dash, Output, State
from sqlalchemy.orm import Session

from crm.errors import ChangedMeanwhile
from crm.models import Base
from crm.scope import Actor
from crm.services import inputs
from crm.submissions import once
from dashboard import session
from dashboard.callbacks import forms
from dashboard.components import act, form
from dashboard.components.act import ABOUT, KEY
from dashboard.i18n import day, money, plain

About = dict[str, Any]
Verb = Callable[[Session, Actor, About, Any, date], Base]
Onward = Callable[[Any, About], str]


def register(
    app: Dash, key: str, model: type[inputs.Input], verb: Verb, onward: Onward | None, *, press: str = "save", keeps: bool = True
) -> None:
    """Save the form `key` by `verb` when `press` is pressed, and go to the address that `onward` makes of what was made; None: draw the
    page anew.

    `keeps`: whether what is typed may go over what somebody saved meanwhile; a word on something is only about what was seen.
    """

    def save(values: Any, _typed: forms.Typed, about: About, submission: str) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            made = once(opened, actor, f"{key} {press} {submission}", lambda: verb(opened, actor, about, values, session.today()))
            return [onward(made, about) if onward else submission]

    def keep(values: Any, typed: forms.Typed, about: About, submission: str, seen: int) -> Any:
        return save(values, typed, about | {"version": int(seen)}, f"{submission} over {int(seen)}")

    def conflict(changed: ChangedMeanwhile, _typed: forms.Typed, about: About, *_more: Any) -> list[Any]:
        differences = [
            (form.field_label(model, name), told(now))
            for name, (now, _before) in changed.values["changes"].items()
            if name in model.model_fields
        ]
        return act.conflict(key, plain(changed.values["by"]), differences, changed.values["version"], str(about.get("here", "/")))

    outputs = [Output(forms.LOCATION, "href", allow_duplicate=True) if onward else Output(forms.RELOAD, "data", allow_duplicate=True)]
    known = [State(ABOUT, "data"), State(KEY, "data")]
    forms.register(app, key, model, outputs, known, save, press=press, conflict=conflict if keeps else None)
    if keeps:
        seen = [*known, State({"form": key, "part": "seen"}, "data")]
        forms.register(app, key, model, outputs, seen, keep, press="keep", conflict=conflict)
    if press == "save":
        forms.register_cancel(app, key, [State(ABOUT, "data")], (lambda about: _within(about.get("back"))) if onward else None)


def told(value: Any, names: Mapping[Any, str] | None = None) -> str:
    """What somebody made of a field, in words (`names`: of the records that it chooses from); of a list how many lines it has."""
    match value:
        case Decimal():
            return money(value)
        case date():
            return day(value)
        case list() | tuple():
            return str(len(value))
    return (names or {}).get(value) or str(value or "–")


def _within(address: Any) -> str:
    """An address of this application; the workbench for any other."""
    text = str(address or "/")
    return text if text.startswith("/") and not text.startswith("//") else "/"
