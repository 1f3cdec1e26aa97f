"""How the workbench looks: what waits for the person, what they were told, and where they can go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from typing import Any

from dash import dcc, html

from crm.services.follow_ups import Problem
from crm.services.workbench import Returned, Told, Waiting
from crm.vocabulary import Unit
from dashboard.components import states, tour
from dashboard.components.contracts import scroller
from dashboard.components.ids import Ids
from dashboard.components.navigation import Section
from dashboard.components.page import button, page, section
from dashboard.i18n import NOTHING, _, day, full, moment, money, short

IDS = Ids("home")

ADDRESSES = {
    "opportunities": "/opportunities/{id}",
    "follow_ups": "/problems/{id}",
    "leads": "/leads/{id}",
    "customers": "/customers/{id}",
    "contracts": "/contracts/{id}",
    "claims": "/claims",
    "erasures": "/erasures",
    "users": "/hand-over/{id}",
    "deputies": "/profile",
    "teams": "/customers?team={id}",
}
"""Where a notification leads, by the record that it tells of."""
READ, OLDER = IDS.named("read"), IDS.named("older")
"""The button that says: I have read all of it; and the one that shows more of what was told, kept in a store of how much is shown."""
SHOWN = IDS.named("shown")


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that leads to its list; one that `waits` stands out."""

    label: str
    number: str
    href: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a report, and the way to it."""

    label: str
    value: Any
    unit: Unit
    href: str
    definition: str


@dataclass(frozen=True, slots=True)
class Silent:
    """An opportunity that nobody has followed up for so many days; without an id where it is not held within reach today."""

    opportunity_id: int | None
    title: str | None
    customer: str | None
    amount: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Owed:
    """An instalment with what is open of it; without an id where its contract is not held within reach today."""

    contract_id: int | None
    number: str
    customer: str | None
    no: int
    due_on: date
    open: Decimal


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about the program: what, how it is, whether that is as it should be, and where there is more of it."""

    label: str
    said: str
    well: bool
    href: str = ""


def layout(name: str, top: Sequence[Any], waiting: Sequence[Any], told: Any, ways: Sequence[Section]) -> Any:
    """A word of welcome, the numbers of the day, what waits, and beside it what was told and the ways to the pages."""
    beside = [told, *(section(part.label, _ways(part)) for part in ways)]
    columns = html.Div([html.Div(list(waiting)), html.Div(beside)], className="home-columns")
    return page(_("Hello, {name}", name=name), *(part for part in top if part is not None), columns)


def guided(*, menu: bool, finds: Sequence[str], reports: bool) -> Any:
    """The guided tour, for who has not ended it; `menu`, `reports`: they open some pages, some reports; `finds`: what the search finds."""
    return tour.tour(tour.stops(menu=menu, finds=finds, reports=reports))


def tiles(shown: Sequence[Tile]) -> Any:
    """How much waits, each number a way to it."""
    if not shown:
        return None
    drawn = [
        dcc.Link(
            [html.Span(tile.number, className="tile-number"), html.Span(tile.label, className="tile-label")],
            href=tile.href, className="tile waits" if tile.waits else "tile",
        )
        for tile in shown
    ]  # fmt: skip
    return html.Nav(drawn, className="tiles", **{"aria-label": _("What waits")})


def figures(shown: Sequence[Figure]) -> Any:
    """This month's figures, each a way to its report."""
    if not shown:
        return None
    drawn = [
        dcc.Link(
            [html.Span(short(one.value, one.unit), className="tile-number", title=full(one.value, one.unit)),
             html.Span(one.label, className="tile-label")],
            href=one.href, className="tile", title=one.definition,
        )
        for one in shown
    ]  # fmt: skip
    return html.Nav([html.H2(_("This month")), html.Div(drawn, className="tiles")], className="month", **{"aria-label": _("This month")})


def returned(waiting: Sequence[Returned]) -> Any:
    """Quotes that came back, with the word of who decided."""
    if not waiting:
        return None
    lines = [
        html.Li(
            [html.Span([dcc.Link(one.title, href=f"/opportunities/{one.opportunity_id}/quotes"),
                        html.Span(one.note, className="said-label told-words")]), html.Span(day(one.day), className="said-when")]
        )
        for one in waiting
    ]  # fmt: skip
    return section(_("Quotes that came back ({count})", count=len(waiting)), html.Ul(lines, className="told"))


def sources(shown: Sequence[tuple[str, int]], address: str) -> Any:
    """Where this month's leads came from."""
    if not shown:
        return section(_("Lead sources this month"), states.empty(_("No lead came in this month yet.")), id=IDS.named("sources"))
    rows = [html.Tr([html.Td(name), html.Td(f"{number:,}", className="number")]) for name, number in shown]
    way = dcc.Link(_("Lead conversion"), href=address, className="button plain")
    table = html.Table(html.Tbody(rows), className="plain-table")
    return section(_("Lead sources this month"), table, id=IDS.named("sources"), actions=[way])


def health(facts: Sequence[Fact]) -> Any:
    """How the program is."""
    if not facts:
        return None
    rows = [html.Tr([html.Td(_state(fact.well)), html.Td(fact.label), html.Td(_fact(fact))]) for fact in facts]
    return section(_("Health"), html.Table(html.Tbody(rows), className="plain-table wrapping"))


def _fact(fact: Fact) -> Any:
    return dcc.Link(fact.said, href=fact.href) if fact.href else fact.said


def _state(well: bool) -> html.Span:
    return html.Span(_("in order") if well else _("look"), className=f"badge-state tone-{'won' if well else 'overdue'}")


def news(count: int, told: Sequence[Told], zone: tzinfo) -> Any:
    """What the person was told and has not read: how much, and the newest of it."""
    if not told:
        return section(_("Notifications"), states.empty(_("Nothing new.")), id=IDS.named("news"))
    lines = [html.Li([_told(one), html.Span(moment(one.at, zone), className="said-when")]) for one in told]
    older = button(_("Show older ({count})", count=count - len(told)), OLDER, kind="plain") if count > len(told) else None
    return section(
        _("Notifications ({count})", count=count),
        html.Ul(lines, className="told"),
        *([older] if older else []),
        dcc.Store(id=SHOWN, data=len(told)),
        id=IDS.named("news"),
        actions=[button(_("Mark all as read"), READ, kind="plain")],
    )


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


def neglected(days: int, count: int, silent: Sequence[Silent], address: str) -> Any:
    """Open opportunities of which nobody has spoken for too long."""
    if not silent:
        return section(_("Without a follow-up"), states.empty(_("Every open opportunity was followed up within {days} days.", days=days)))
    lines = [
        html.Li([_named(one.title, one.customer, f"/opportunities/{one.opportunity_id}", one.opportunity_id),
                 html.Span(f"{money(one.amount)} · {_('{days} days', days=one.days)}", className="said-when")])
        for one in silent
    ]  # fmt: skip
    way = dcc.Link(_("Team follow-up"), href=address, className="button plain")
    title = _("Without a follow-up for more than {days} days ({count})", days=days, count=count)
    return section(title, html.Ul(lines, className="told"), actions=[way])


def owed(title: str, definition: str, count: int, value: Any, rows: Sequence[Owed], address: str) -> Any:
    """Instalments that want to be collected, the oldest first, with what is open of each."""
    if not rows:
        return section(title, states.empty(_("Nothing here.")))
    lines = [
        html.Li([_named(f"{one.number} · {one.no}", one.customer, f"/contracts/{one.contract_id}", one.contract_id),
                 html.Span(f"{money(one.open)} · {day(one.due_on)}", className="said-when")])
        for one in rows
    ]  # fmt: skip
    way = dcc.Link(_("Collection progress"), href=address, className="button plain")
    head = html.P(f"{definition} {money(value)}", className="field-hint")
    return section(_("{title} ({count})", title=title, count=count), head, html.Ul(lines, className="told"), actions=[way])


def stages(rows: Sequence[Mapping[str, Any]]) -> Any:
    """What stands open in which stage of the team."""
    if not rows:
        return section(_("Open by stage"), states.empty(_("Nothing is open.")))
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in (_("Stage"), _("Team"), _("Open opportunities"), _("Open amount"))]))
    body = [
        html.Tr(
            [
                html.Td(str(row["stage_label"])),
                html.Td(str(row["team_label"])),
                html.Td(full(row["open_count"], Unit.COUNT), className="number"),
                html.Td(money(row["open_amount"]), className="number"),
            ]
        )
        for row in rows
    ]
    return section(_("Open by stage"), scroller(html.Table([head, html.Tbody(body)], className="plain-table"), wide=False))


def _named(name: str | None, customer: str | None, address: str, id: int | None) -> html.Span:
    """A record that can be opened while it is within reach."""
    link = dcc.Link(name, href=address) if id else html.Span(name or NOTHING)
    return html.Span([link, html.Span(customer or "", className="said-label told-words")])


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
