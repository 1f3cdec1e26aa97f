"""A new password: a plain page of its own, since a password that somebody else chose is replaced before anything else is shown."""

from typing import Any

from flask import Blueprint, redirect, render_template, request

from crm.errors import CrmError, Invalid
from crm.services import inputs, people
from dashboard import session
from dashboard.i18n import _, explain, language

pages = Blueprint("password", __name__)


@pages.route("/profile/password", methods=["GET", "POST"])
def change() -> Any:
    """Replace one's password; every other session of the person ends."""
    if request.method == "GET":
        return _form({})
    typed = {name: request.form.get(name, "") for name in people.ChangePassword.model_fields}
    try:
        values = inputs.read(people.ChangePassword, typed)
        with session.acting() as opened:
            user = people.change_password(opened, session.actor(), values)
    except Invalid as refused:
        return _form(refused.faults)
    session.begin(user)
    return redirect("/")


def _form(faults: dict[str, CrmError]) -> Any:
    person = session.person()
    return render_template(
        "password.html",
        fields=[_field(name, info, faults.get(name)) for name, info in people.ChangePassword.model_fields.items()],
        first=person is not None and person.must_change_password,
        company=session.company(),
        language=language(),
    )


def _field(name: str, info: Any, fault: CrmError | None) -> dict[str, str]:
    """What the page says of one field."""
    label, hint = (info.json_schema_extra[said] for said in ("label", "hint"))
    return {
        "name": name,
        "label": _(label),
        "hint": _(hint) if hint else "",
        "fault": explain(fault) if fault else "",
    }
