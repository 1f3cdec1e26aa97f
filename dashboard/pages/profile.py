"""How a person's profile looks: who they are here, who stands in for them, and the way to a new password."""

from collections.abc import Sequence
from typing import Any

from dash import html

from crm.models import CompanySettings
from crm.scope import Actor
from crm.services.deputies import NameDeputy, StandIn
from dashboard.components import form, tour
from dashboard.components.act import kept
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import page, section
from dashboard.i18n import LANGUAGES, NOTHING, _, day, plain

IDS = Ids("profile")
DEPUTIES = IDS.named("deputies")
NAME = "name-deputy"
"""The form."""
ADDRESS = "/profile"


def layout(actor: Actor, team: str | None, company: CompanySettings, *deputies: Any) -> Any:
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
        *deputies,
        section(_("Password"), html.A(_("Change password"), href="/profile/password", className="button")),
        section(_("Guided tour"), tour.again()),
    )


def stands_in(stretches: Sequence[StandIn]) -> list[Any]:
    """For whom the person stands in."""
    if not stretches:
        return []
    lines = [html.Li(_stretch(one)) for one in stretches]
    return [section(_("You stand in for"), html.Ul(lines, className="told"))]


def naming(stretches: Sequence[StandIn], people: Sequence[Choice]) -> list[Any]:
    """Who stands in for the person, and the form that names somebody."""
    said = _("They see and do what you lead, from the first day to the last; nobody approves their own quote.")
    return [
        section(_("Deputy"), html.P(said, className="field-hint"), html.Div(named(stretches), id=DEPUTIES)),
        form.form(NAME, _("Name a deputy"), form.fields(NAME, NameDeputy, choices={"deputy_id": people}), save=_("Name a deputy")),
        *kept({"back": ADDRESS, "here": ADDRESS}),
    ]


def named(stretches: Sequence[StandIn]) -> Any:
    """Each deputy with the button that ends it."""
    if not stretches:
        return html.P(_("Nobody stands in for you."), className="note")
    return html.Ul([html.Li([_stretch(one), _end(one)]) for one in stretches], className="told")


def _stretch(one: StandIn) -> html.Span:
    return html.Span([one.person, html.Span(f"{day(one.from_on)} – {day(one.until_on)}", className="said-label told-words")])


def _end(one: StandIn) -> html.Button:
    label = _("End that {name} stands in for you", name=one.person)
    id = {"type": "end-deputy", "deputy": one.id}
    return html.Button(_("End it"), id=id, className="button plain", n_clicks=0, **{"aria-label": label, "data-asks": label + "?"})
