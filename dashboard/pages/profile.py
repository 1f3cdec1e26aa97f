"""How a person's profile looks: who they are here, and the way to a new password."""

from typing import Any

from dash import html

from crm.models import CompanySettings
from crm.scope import Actor
from dashboard.components.page import page, section
from dashboard.i18n import LANGUAGES, NOTHING, _, plain


def layout(actor: Actor, team: str | None, company: CompanySettings) -> Any:
    """What the company knows of the person; language and colours are changed in the line at the top, where they stay."""
    facts = [
        (_("Person's name"), actor.name),
        (_("Account"), actor.login),
        (_("Roles"), plain(sorted(actor.roles))),
        (_("Team"), team or NOTHING),
        (_("Language"), LANGUAGES.get(actor.language, actor.language)),
        (_("Company"), company.company_name or NOTHING),
    ]
    return page(
        _("Profile"),
        html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts"),
        section(_("Password"), html.A(_("Change password"), href="/profile/password", className="button")),
    )
