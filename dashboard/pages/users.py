"""How accounts look: the form of one, a new password, and what somebody who leaves still holds."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.models import User
from crm.services.holdings import TEAMS_LED
from crm.services.users import CreateUser, EditUser, NewPassword
from crm.vocabulary import Role
from dashboard.components import form
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import button, page, section
from dashboard.i18n import LANGUAGES, N_, _, word

IDS = Ids("users")
ABOUT, KEY, PASSWORD_KEY = IDS.named("about"), IDS.named("key"), IDS.named("password-key")
"""The stores of whose account it is, {"id", "version"}, and of the forms' submission keys."""

EDIT, CREATE, PASSWORD = "edit-user", "new-user", "give-password"
"""The forms."""

Choices = Mapping[str, Sequence[Choice]]


def editing(user: User, values: Mapping[str, Any], choices: Choices, held: Mapping[str, int], keys: tuple[str, str]) -> Any:
    """One account: who it is, a new password, and the way out of the company."""
    body = form.fields(EDIT, EditUser, values, choices=choices | roles(), left_out=() if set(held) - {TEAMS_LED} else ("parting",))
    return page(
        user.name,
        form.form(EDIT, _("Account"), body),
        section(_("Leaving"), *_leaving(user, held)),
        html.Div(
            [
                form.form(PASSWORD, _("Give a new password"), form.fields(PASSWORD, NewPassword), save=_("Give this password")),
                html.P(id=IDS.named("given"), role="status"),
            ],
            className="section",
        ),
        dcc.Store(id=ABOUT, data={"id": user.id, "version": user.version}),
        dcc.Store(id=KEY, data=keys[0]),
        dcc.Store(id=PASSWORD_KEY, data=keys[1]),
        subtitle=user.login if user.active else _("{login} · this account is closed", login=user.login),
    )


def adding(choices: Choices, key: str) -> Any:
    """An empty form."""
    body = form.fields(CREATE, CreateUser, {"language": "zh"}, choices=choices | roles())
    return page(
        _("New account"),
        form.form(CREATE, _("Account"), body),
        dcc.Store(id=ABOUT, data={}),
        dcc.Store(id=KEY, data=key),
        subtitle=_("The first password is changed at the first sign-in."),
    )


def roles() -> dict[str, list[Choice]]:
    """What can be chosen that is no record."""
    return {
        "roles": [Choice(role.value, word(role)) for role in Role],
        "language": [Choice(name, called) for name, called in LANGUAGES.items()],
    }


def refused(sentence: str) -> html.P:
    """Why an account can't be closed."""
    return html.P(sentence, className="form-faults")


def _leaving(user: User, held: Mapping[str, int]) -> list[Any]:
    """What is open in the person's hands and where it is handed over; the button once there is nothing."""
    said = html.Div(id=IDS.named("refused"), role="alert")
    if not user.active:
        return [button(_("Open the account again"), IDS.named("active")), said]
    if held:
        counts = ", ".join(f"{_(what)} {count}" for what, count in held.items())
        sentence = N_("{person} still holds: {held}. The executive hands it over; then the account can be closed.")
        text = _(sentence, person=user.name, held=counts)
        return [
            html.P(text),
            dcc.Link(_("To the hand-over"), href=f"/hand-over/{user.id}", className="button"),
            html.Div(button("", IDS.named("active")), hidden=True),
            said,
        ]
    text = _("{person} holds nothing open. Closing the account ends all sessions at once; what they did stays.", person=user.name)
    asks = _("Close the account of {person}? All their sessions end at once.", person=user.name)
    return [html.P(text), button(_("Close the account"), IDS.named("active"), kind="danger", **{"data-asks": asks}), said]
