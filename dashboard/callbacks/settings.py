"""What happens with the settings: they are changed by who administers, and kept."""

from secrets import token_urlsafe
from typing import Any

from dash import Dash, Output, State

from crm.errors import NotFound
from crm.services import master
from crm.services.master import EditSettings
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.callbacks import forms
from dashboard.i18n import _
from dashboard.pages import settings as page
from dashboard.pages.settings import ABOUT, KEY, SAVED, SETTINGS


def layout(**_address: str) -> Any:
    """The form; none for who does not administer."""
    if not session.actor().may(Permission.READ, Kind.MASTER):
        raise NotFound()
    with session.looking() as opened:
        return page.layout(master.settings(opened), token_urlsafe())


def register(app: Dash) -> None:
    """The form saves by its verb; cancelling leads home."""

    def save(values: EditSettings, _typed: forms.Typed, about: dict[str, Any], key: str) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            once(
                opened, actor, key,
                lambda: master.change_settings(opened, actor, values, version=int(about["version"]), today=session.today()),
            )  # fmt: skip
        with session.looking() as opened:
            version = master.settings(opened).version
        return [{"version": version}, token_urlsafe(), _("The settings are saved.")]

    known = [State(ABOUT, "data"), State(KEY, "data")]
    outputs = [Output(ABOUT, "data"), Output(KEY, "data"), Output(SAVED, "children")]
    forms.register(app, SETTINGS, EditSettings, outputs, known, save)
    forms.register_cancel(app, SETTINGS, known[:1], lambda _about: "/")
