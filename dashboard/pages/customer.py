"""How one customer looks: who they are, what is going on with them, their money, and in whose hands they have been; and its forms."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from crm.models import Contact, Customer
from crm.services.customer_list import place_of
from crm.services.customer_overview import Assigned, CustomerOverview, Rights
from crm.services.customers import AssignCustomer, CreateCustomer, DescribeContact, EditCustomer
from crm.services.desk import Candidate
from dashboard.components import form, origins, states
from dashboard.components.badges import badge
from dashboard.components.candidates import cards
from dashboard.components.filters import Choice
from dashboard.components.ids import Ids
from dashboard.components.page import page, section
from dashboard.i18n import NOTHING, _, day, money

IDS = Ids("customer-form")
ABOUT, KEY = IDS.named("about"), IDS.named("key")
DESK, TO_TEAM, TO_REP = IDS.named("desk"), IDS.named("to-team"), IDS.named("to-rep")
CREATE, EDIT, CONTACT, ASSIGN = "new-customer", "edit-customer", "customer-contact", "assign-customer"

OPEN = Ids("customer")
SEEN, FACTS, DEALS, PEOPLE, SUBTITLE, ACTIONS = (OPEN.named(name) for name in ("seen", "facts", "deals", "people", "subtitle", "actions"))
"""The parts of the page that are drawn anew when somebody changes the customer."""

Choices = Mapping[str, Sequence[Choice]]


def layout(seen: CustomerOverview, mark: Mapping[str, Any]) -> Any:
    """The page. `mark`: how it hears of changes by others."""
    customer = seen.customer
    return page(
        customer.name,
        html.Div(states.news(_("Others have changed this customer."), OPEN.news_show), id=OPEN.news, hidden=True),
        html.Div(facts(seen), id=FACTS),
        html.Div(
            [html.Div(deals(seen), id=DEALS, className="said"), html.Div(people(seen), id=PEOPLE, className="aside")],
            className="opportunity-columns",
        ),
        dcc.Store(id=SEEN, data={"id": customer.id, "version": customer.version}),
        html.Div(**mark),
        subtitle=html.Div(subtitle(customer), id=SUBTITLE, className="page-subtitle"),
        actions=[html.Div(actions(seen), id=ACTIONS, className="page-actions")],
    )


def deals(seen: CustomerOverview) -> list[Any]:
    """What is going on with the customer, and what was signed."""
    return [_deals(seen), *([_contracts(seen)] if seen.contracts is not None else [])]


def people(seen: CustomerOverview) -> list[Any]:
    """Whom to talk to there, and in whose hands it has been."""
    return [_contacts(seen), *origins.brief(seen.leads, _("Leads")), section(_("Assignments"), _assignments(seen.assignments))]


def subtitle(customer: Customer) -> list[Any]:
    """Where it is, and in whose hands."""
    held = " · ".join([customer.owner.name if customer.owner else _("Not assigned"), *([customer.team.name] if customer.team else [])])
    return [badge(place_of(customer)), html.Span(held, className="subtitle-words")]


def actions(seen: CustomerOverview) -> list[Any]:
    """What this person may do with it; the server is asked again when they do."""
    address = f"/customers/{seen.customer.id}"
    drawn: list[Any] = []
    if seen.rights.edit:
        drawn.append(dcc.Link(_("Edit"), href=f"{address}/edit", className="button"))
        drawn.append(dcc.Link(_("New opportunity"), href=f"/opportunities/new?customer={seen.customer.id}", className="button"))
    if seen.rights.merge:
        drawn.append(dcc.Link(_("Merge"), href=f"{address}/merge", className="button"))
    if seen.rights.assign:
        word = _("Reassign") if seen.customer.owner_id else _("Assign")
        drawn.append(dcc.Link(word, href=f"{address}/assign", className="button primary"))
    return drawn


def facts(seen: CustomerOverview) -> html.Dl:
    """Its money, and what is known."""
    customer = seen.customer
    said: list[tuple[str, Any]] = []
    if seen.contracts is not None:
        said += [(_("Signed"), money(seen.signed)), (_("Received"), money(seen.received)), (_("Outstanding"), money(seen.outstanding))]
    said += [
        (_("Industry"), customer.industry or NOTHING),
        (_("Region"), customer.region or NOTHING),
        (_("Address"), customer.address or NOTHING),
        (_("Created on"), day(customer.created_on)),
    ]
    if customer.pooled_on:
        said.append((_("Waiting since"), day(customer.pooled_on)))
    if seen.merged:
        said.append((_("Merged into it"), ", ".join(seen.merged)))
    if customer.note:
        said.append((_("Note"), html.Span(customer.note, className="said-text")))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in said], className="facts")


def _deals(seen: CustomerOverview) -> Any:
    if not seen.deals:
        return section(_("Opportunities"), states.empty(_("No opportunity yet.")))
    rows = [
        html.Tr(
            [
                html.Td(badge(one.status)),
                html.Td(dcc.Link(one.title, href=f"/opportunities/{one.id}")),
                html.Td(one.stage),
                html.Td(money(one.expected_amount), className="number"),
                html.Td(day(one.expected_close_on)),
            ]
        )
        for one in seen.deals
    ]
    head = [_("Status"), _("Title"), _("Stage"), _("Expected amount"), _("Expected close date")]
    return section(_("Opportunities"), _table(head, rows, numbers=(3,)))


def _contracts(seen: CustomerOverview) -> Any:
    if not seen.contracts:
        return section(_("Contracts"), states.empty(_("No contract yet.")))
    rows = [
        html.Tr(
            [
                html.Td(badge(one.status)),
                html.Td(dcc.Link(one.number, href=f"/contracts/{one.id}")),
                html.Td(day(one.signed_on)),
                html.Td(money(one.amount), className="number"),
                html.Td(money(one.received), className="number"),
            ]
        )
        for one in seen.contracts
    ]
    head = [_("Status"), _("Contract no."), _("Signed on"), _("Amount"), _("Received")]
    return section(_("Contracts"), _table(head, rows, numbers=(3, 4)))


def _table(head: Sequence[str], rows: Sequence[Any], numbers: Sequence[int] = ()) -> html.Div:
    names = [html.Th(name, scope="col", className="number" if place in numbers else None) for place, name in enumerate(head)]
    return html.Div(html.Table([html.Thead(html.Tr(names)), html.Tbody(list(rows))], className="plain-table"), className="table-scroll")


def _contacts(seen: CustomerOverview) -> Any:
    address = f"/customers/{seen.customer.id}"
    add = [dcc.Link(_("Add a contact"), href=f"{address}/contacts/new", className="button plain")] if seen.rights.edit else []
    drawn = [_contact(one, address, seen.rights) for one in seen.customer.contacts]
    return section(_("Contacts"), html.Ul(drawn, className="contacts") if drawn else states.empty(_("No contact yet.")), actions=add)


def _contact(contact: Contact, address: str, rights: Rights) -> html.Li:
    ways = [html.A(contact.phone, href=f"tel:{contact.phone}")] if contact.phone else []
    ways += [html.A(contact.email, href=f"mailto:{contact.email}")] if contact.email else []
    edit = [dcc.Link(_("Edit"), href=f"{address}/contacts/{contact.id}", className="button plain")] if rights.edit else []
    if rights.erase and not contact.erased_at:
        edit.append(dcc.Link(_("Erase"), href=f"{address}/contacts/{contact.id}/erase", className="button plain"))
    title = [html.Span(contact.title, className="note")] if contact.title else []
    head = html.Div([html.Strong(contact.name), *title, *edit], className="contact-head")
    return html.Li([head, html.Div(ways, className="contact-ways")])


def _assignments(assignments: Sequence[Assigned]) -> Any:
    if not assignments:
        return states.empty(_("Never assigned yet."))
    return html.Ol([html.Li(_assigned(one)) for one in assignments], className="history")


def _assigned(one: Assigned) -> list[Any]:
    head = html.Div([html.Span(f"{_place(one.was)} → {_place(one.now)}", className="history-act")], className="history-head")
    said = [head, html.Time(day(one.day), className="said-when"), html.Span(f" {one.by or _('Import')}", className="history-who")]
    return [*said, html.P(one.why, className="said-text")] if one.why else said


def _place(place: tuple[str | None, str | None]) -> str:
    team, owner = place
    if team is None:
        return _("Company's pool")
    return f"{team} · {owner}" if owner else _("{team}'s pool", team=team)


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def edit(customer: Customer, key: str, mark: Mapping[str, Any]) -> Any:
    """The form of what is known of a customer. `mark`: how it hears of changes by others."""
    values = {name: getattr(customer, name) for name in EditCustomer.model_fields}
    return page(
        _("Edit {title}", title=customer.name),
        states.overtaken(IDS.news, mark),
        form.form(EDIT, _("Customer"), form.fields(EDIT, EditCustomer, values)),
        *_kept({"id": customer.id, "version": customer.version}, key),
    )


def create(key: str) -> Any:
    """An empty form; the customer will wait in the company's pool."""
    return page(
        _("New customer"),
        form.form(CREATE, _("Customer"), form.fields(CREATE, CreateCustomer)),
        *_kept({}, key),
        subtitle=_("It waits in the company's pool until it is assigned."),
    )


def contact(customer: Customer, standing: Contact | None, key: str) -> Any:
    """The form of a contact, a new one or one that is there."""
    values = {name: getattr(standing, name) for name in DescribeContact.model_fields} if standing else {}
    title = _("Edit {title}", title=standing.name) if standing else _("New contact")
    return page(
        title,
        form.form(CONTACT, _("Contact"), form.fields(CONTACT, DescribeContact, values)),
        *_kept({"id": customer.id, "contact": standing.id if standing else None, "was": values}, key),
        subtitle=customer.name,
    )


def assign(customer: Customer, choices: Choices, key: str, candidates: Sequence[Any], *, teams: bool) -> Any:
    """The form of where a customer goes, beside it the `candidates`. `teams`: this person gives customers from team to team."""
    values = {"team_id": customer.team_id, "owner_id": customer.owner_id}
    fields = form.fields(ASSIGN, AssignCustomer, values, choices=choices, locked=() if teams else ("team_id",))
    back = _("Without a rep it waits in the team's pool, without a team in the company's.")
    return page(
        _("Assign {title}", title=customer.name),
        html.Div(
            [
                form.form(ASSIGN, _("Assignment"), fields, save=_("Assign")),
                html.Aside(list(candidates), id=DESK, className="desk", **{"aria-label": _("Who could take it"), "aria-live": "polite"}),
            ],
            className="list-desk",
        ),
        *_kept({"id": customer.id, "version": customer.version}, key),
        subtitle=back if teams else _("Without a rep it waits in the team's pool."),
    )


def desk(customer: Customer, reps: Sequence[Candidate], teams: Sequence[Candidate]) -> list[Any]:
    """Who could take the customer: the reps of the chosen team, and for who assigns over the company the teams."""
    drawn: list[Any] = []
    if reps:
        drawn += [html.H2(_("Reps")), cards(reps, TO_REP, _("Select"), holder=customer.owner_id)]
    if teams:
        drawn += [html.H2(_("Teams")), cards(teams, TO_TEAM, _("Select"), holder=customer.team_id)]
    return drawn or [states.empty(_("There is nobody to give them to."))]


def _kept(about: Mapping[str, Any], key: str) -> list[Any]:
    return [dcc.Store(id=ABOUT, data=dict(about)), dcc.Store(id=KEY, data=key)]
