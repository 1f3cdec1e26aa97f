"""How the settings look: what the company decides about itself, in one form."""

from typing import Any

from dash import dcc, html

from crm.models import CompanySettings
from crm.services.master import EditSettings
from dashboard.components import form
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import _

IDS = Ids("settings")
ABOUT, KEY, SAVED = IDS.named("about"), IDS.named("key"), IDS.named("saved")
SETTINGS = "settings"
"""The form."""


def layout(standing: CompanySettings, key: str) -> Any:
    """The settings as they stand."""
    values = {name: getattr(standing, name) for name in EditSettings.model_fields}
    return page(
        _("Settings"),
        form.form(SETTINGS, _("What the company decides"), form.fields(SETTINGS, EditSettings, values)),
        html.P(id=SAVED, role="status"),
        dcc.Store(id=ABOUT, data={"version": standing.version}),
        dcc.Store(id=KEY, data=key),
        subtitle=_("Changes hold at once, for everybody; reports of earlier days keep what held then."),
    )
