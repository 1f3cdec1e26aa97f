"""Two people change one record in its form: the second sees what the first changed, and may put theirs over it.

What the second left as it was when they opened it stays as the first saved it.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dash import Dash, Output, State
from sqlalchemy.orm import Session

from crm.errors import ChangedMeanwhile
from crm.services import inputs
from crm.services.versions import check_unchanged
from dashboard import session
from dashboard.callbacks import forms
from dashboard.callbacks.acts import told
from dashboard.components import act, form
from dashboard.i18n import plain

Form = TypeVar("Form", bound=inputs.Input)
About = dict[str, Any]
Save = Callable[[Any, forms.Typed, About, str], Any]
Named = Callable[[Session], Mapping[str, Mapping[Any, str]]]
"""What the values of fields that choose a record are called, by the field."""

Found = Callable[[Session, About], Any]


def register(app: Dash, key: str, model: type[Form], known: list[State], save: Save, found: Found, named: Named, here: str) -> None:
    """Save the form `key` by `save`, where "keep mine" goes over what `found` (the record, within reach) has become meanwhile.

    `named` says what the values of fields that choose a record are called; `here` is the form's address, with "{id}".
    """

    def conflict(changed: ChangedMeanwhile, _typed: forms.Typed, about: About, *_more: Any) -> list[Any]:
        with session.looking() as opened:
            names = named(opened)
        said = [
            (form.field_label(model, name), told(now, names.get(name, {})))
            for name, (now, _before) in changed.values["changes"].items()
            if name in model.model_fields
        ]
        address = here.format(id=int(about["id"]))
        return act.conflict(key, plain(changed.values["by"]), said, changed.values["version"], address)

    def keep(_values: Form, typed: forms.Typed, about: About, submission: str, seen: int) -> Any:
        with session.looking() as opened:
            values = _merged(opened, found(opened, about), int(about["version"]), int(seen), model, typed)
        return save(values, typed, about | {"version": int(seen)}, f"{submission} over {int(seen)}")

    onward = [Output(forms.LOCATION, "href", allow_duplicate=True)]
    forms.register(app, key, model, onward, known, save, conflict=conflict)
    seen = [*known, State({"form": key, "part": "seen"}, "data")]
    forms.register(app, key, model, onward, seen, keep, press="keep", conflict=conflict)


def _merged(opened: Session, record: Any, version: int, seen: int, model: type[Form], typed: forms.Typed) -> Form:
    """What was typed, and theirs where this person left a field as it was; `ChangedMeanwhile` if it was saved once more since."""
    values = inputs.read(model, typed)
    try:
        check_unchanged(opened, record, version)
    except ChangedMeanwhile as changed:
        if changed.values["version"] != seen:
            raise
        mine, changes = values.model_dump(), changed.values["changes"]
        theirs = {name: now for name, (now, before) in changes.items() if name in mine and mine[name] == before}
        return inputs.read(model, mine | theirs)
    return values
