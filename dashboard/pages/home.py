"""How the workbench looks: what waits for the person, what they were told, and where they can go."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from dash import dcc, html

from crm.services.follow_ups import Problem
from crm.services.workbench import Told, Waiting
from dashboard.components import states
from dashboard.components.ids import Ids
from dashboard.components.navigation import Section
from dashboard.components.page import button, page, section
from dashboard.i18n import _, day, moment

IDS = Ids("home")

ADDRESSES = {
    "opportunities": "/opportunities/{id}",
    "leads": "/leads/{id}",
    "customers": "/customers/{id}",
    "contracts": "/contracts/{id}",
    "claims": "/claims",
    "users": "/hand-over/{id}",
}
"""Where a notification leads, by the record that it tells of."""
READ = IDS.named("read")
"""The button that says: I have read all of it."""


def layout(name: str, waiting: Sequence[Any], told: Any, ways: Sequence[Section]) -> Any:
    """A word of welcome, what waits, and beside it what was told and the ways to the pages that the person may open."""
    beside = [told, *(section(part.label, _ways(part)) for part in ways)]
    return page(_("Hello, {name}", name=name), html.Div([html.Div(list(waiting)), html.Div(beside)], className="home-columns"))


def news(told: Sequence[Told], zone: tzinfo) -> Any:
    """What the person was told."""
    if not told:
        return section(_("Notifications"), states.empty(_("Nothing new.")), id=IDS.named("news"))
    lines = [html.Li([_told(one), html.Span(moment(one.at, zone), className="said-when")]) for one in told]
    actions = [button(_("Mark all as read"), READ, kind="plain")]
    return section(_("Notifications"), html.Ul(lines, className="told"), id=IDS.named("news"), actions=actions)


def next_steps(count: int, waiting: Sequence[Waiting]) -> Any:
    """The next steps that are due."""
    if not waiting:
        return section(_("Next steps due"), states.empty(_("No next step is due.")))
    return section(_("Next steps due ({count})", count=count), _waiting(waiting))


def problems(waiting: Sequence[Problem]) -> Any:
    """The customers' problems that the person's department should solve."""
    if not waiting:
        return section(_("Problems of customers"), states.empty(_("No problem waits for your department.")))
    lines = [
        html.Li(
            [
                html.Span(
                    [
                        dcc.Link(one.problem[:80], href=f"/problems/{one.follow_up_id}"),
                        html.Span(one.customer, className="said-label told-words"),
                    ]
                ),
                html.Span(day(one.day), className="said-when"),
            ]
        )
        for one in waiting
    ]
    return section(_("Problems of customers ({count})", count=len(waiting)), html.Ul(lines, className="told"))


def neglected(days: int, count: int, waiting: Sequence[Waiting]) -> Any:
    """Open opportunities of which nobody has spoken for too long."""
    if not waiting:
        return section(_("Without a follow-up"), states.empty(_("Every open opportunity was followed up within {days} days.", days=days)))
    return section(_("Without a follow-up for more than {days} days ({count})", days=days, count=count), _waiting(waiting))


def _told(told: Told) -> Any:
    sentence = _(told.message, **told.values)
    address = ADDRESSES.get(told.subject)
    return dcc.Link(sentence, href=address.format(id=told.subject_id)) if address else html.Span(sentence)


def _waiting(waiting: Sequence[Waiting]) -> html.Ul:
    return html.Ul([html.Li([_opportunity(one), html.Span(day(one.since), className="said-when")]) for one in waiting], className="told")


def _opportunity(one: Waiting) -> html.Span:
    words = " · ".join(part for part in (one.customer, one.what) if part)
    return html.Span(
        [dcc.Link(one.title, href=f"/opportunities/{one.opportunity_id}"), html.Span(words, className="said-label told-words")]
    )


def _ways(part: Section) -> html.Ul:
    return html.Ul([html.Li(dcc.Link(str(entry.label), href=entry.path)) for entry in part.entries], className="ways")
