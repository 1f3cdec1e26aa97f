"""What happens on the page of one customer and in its forms: each is one verb."""

from collections.abc import Callable, Sequence
from secrets import token_urlsafe
from typing import Any

import dash
from dash import ALL, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Contact, Customer
from crm.services import customer_overview, customers, desk, merging, offers
from crm.services.customer_overview import CustomerOverview, Rights
from crm.services.customers import AssignCustomer, CreateCustomer, DescribeContact, EditCustomer
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session, watching
from dashboard.callbacks import conflicts, contract, forms, hearing, undoing
from dashboard.callbacks.opportunity import number
from dashboard.components.filters import options
from dashboard.components.page import page as blank_page
from dashboard.components.record_list import choices_of
from dashboard.components.states import TOASTS, toast
from dashboard.i18n import _
from dashboard.pages import customer as page
from dashboard.pages import merge as merge_page
from dashboard.pages.customer import ABOUT, ACTIONS, ASSIGN, CONTACT, CREATE, DEALS, DESK, EDIT, FACTS, KEY, OPEN, PEOPLE, SEEN, SUBTITLE
from dashboard.pages.customers import opens_customers

About = dict[str, Any]
Draw = Callable[[Session, Customer, Rights], Any]


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def layout(customer_id: str = "", **_address: str) -> Any:
    """The page of the customer in the address; none for one out of reach. Who reads customers' names alone sees the contracts' money."""
    actor = session.actor()
    if not opens_customers(actor):
        return contract.account_layout(customer_id)
    id = number(customer_id)
    with session.looking() as opened:
        try:
            seen = customer_overview.of_customer(opened, actor, id)
        except NotFound:
            return merge_page.gone(*merging.went_into(opened, actor, id))
        mark = watching.mark(opened.connection(), Kind.CUSTOMER, id, actor.user_id)
    frame.trail(*frame.trail_of("/customers", actor), (seen.customer.name, None))
    return page.layout(seen, mark)


def new_layout(**_address: str) -> Any:
    """The form of a new customer, for who may enter one."""
    actor = session.actor()
    if not actor.may(Permission.CREATE, Kind.CUSTOMER):
        raise NotFound()
    frame.trail(*frame.trail_of("/customers", actor), (_("New customer"), None))
    return page.create(token_urlsafe())


def edit_layout(customer_id: str = "", **_address: str) -> Any:
    """The form of a customer that this person may change."""

    def draw(opened: Session, found: Customer, _rights: Rights) -> Any:
        mark = watching.mark(opened.connection(), Kind.CUSTOMER, found.id, session.actor().user_id)
        return page.edit(found, token_urlsafe(), mark)

    return _form(customer_id, _("Edit"), "edit", draw)


def contact_layout(customer_id: str = "", contact_id: str = "", **_address: str) -> Any:
    """The form of a new contact, or of one of the customer's."""

    def draw(_opened: Session, found: Customer, _rights: Rights) -> Any:
        standing = None if contact_id in ("", "new") else next((one for one in found.contacts if str(one.id) == contact_id), None)
        if standing is None and contact_id not in ("", "new"):
            raise NotFound()
        return page.contact(found, standing, token_urlsafe())

    return _form(customer_id, _("Contact"), "edit", draw)


def assign_layout(customer_id: str = "", **_address: str) -> Any:
    """The form of where a customer goes."""

    def draw(opened: Session, found: Customer, rights: Rights) -> Any:
        actor = session.actor()
        offered = {"team_id": offers.teams_for(opened, actor, found), "owner_id": offers.takers(opened, actor, found, found.team_id)}
        beside = _desk(opened, found, found.team_id)
        return page.assign(found, choices_of(offered), token_urlsafe(), beside, teams=rights.assign_teams)

    return _form(customer_id, _("Assign"), "assign", draw)


def _desk(opened: Session, found: Customer, team_id: int | None) -> list[Any]:
    """Who could take the customer, of those that this person assigns to."""
    actor = session.actor()
    reps = desk.reps(opened, actor, team_id, [found.id]) if team_id is not None else []
    return page.desk(found, reps, desk.teams(opened, actor, [found.id]))


def _form(customer_id: str, title: str, right: str, draw: Draw) -> Any:
    """A form over a customer, for who has that right; who only sees it is told so."""
    actor, id = session.actor(), number(customer_id)
    if not opens_customers(actor):
        raise NotFound()
    with session.looking() as opened:
        found = customers.find(opened, actor, id)
        frame.trail(*frame.trail_of("/customers", actor), (found.name, f"/customers/{id}"), (title, None))
        rights = customer_overview.rights(opened, actor, id)
        if not getattr(rights, right):
            return blank_page(found.name, _("You may not do this here."))
        return draw(opened, found, rights)


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def register(app: Dash) -> None:
    """Each form saves by its verb and leads on to the customer; the open page hears of changes by others."""
    hearing.register(
        app, OPEN, SEEN, _overview, lambda seen: seen.customer.version,
        by_itself={FACTS: page.facts, DEALS: page.deals, PEOPLE: page.people},
        offered={SUBTITLE: lambda seen: page.subtitle(seen.customer), ACTIONS: page.actions},
    )  # fmt: skip
    onward = [Output(forms.LOCATION, "href", allow_duplicate=True)]
    known = [State(ABOUT, "data"), State(KEY, "data")]
    forms.register(app, CREATE, CreateCustomer, onward, known, _create)
    forms.register_cancel(app, CREATE, [], lambda: "/customers")
    hearing.register_form(app, page.IDS, ABOUT, lambda id: _overview(id).customer.version)
    conflicts.register(app, EDIT, EditCustomer, known, _edit, _found, lambda _opened: {}, "/customers/{id}/edit")
    forms.register(app, CONTACT, DescribeContact, onward, known, _contact)
    forms.register(app, ASSIGN, AssignCustomer, onward, known, _assign, told=False)
    _register_candidates(app)
    for key in (EDIT, CONTACT, ASSIGN):
        forms.register_cancel(app, key, known[:1], lambda about: f"/customers/{int(about['id'])}")


def _register_candidates(app: Dash) -> None:
    """The candidates follow the chosen team; a press on one of them chooses it in the form, where the reason is still to be said."""
    team, rep = ({"form": ASSIGN, "field": name} for name in ("team_id", "owner_id"))

    @app.callback(
        Output(DESK, "children"),
        Output(rep, "options"),
        Output(rep, "value"),
        Input(team, "value"),
        State(rep, "value"),
        State(ABOUT, "data"),
        prevent_initial_call=True,
    )
    def follow(team_id: Any, chosen: Any, about: About) -> Any:
        with session.looking() as opened:
            found = customers.find(opened, session.actor(), number(str(about["id"])))
            of = number(str(team_id)) if team_id is not None else None
            offered = choices_of({"owner_id": offers.takers(opened, session.actor(), found, of)})["owner_id"]
            kept = chosen if chosen in {choice.value for choice in offered} else None
            return _desk(opened, found, of), options(offered), kept

    @app.callback(
        Output(rep, "value", allow_duplicate=True), Input({"type": page.TO_REP, "to": ALL}, "n_clicks"), prevent_initial_call=True
    )
    def choose_rep(clicks: Sequence[int | None]) -> Any:
        return _pressed(clicks)

    @app.callback(
        Output(team, "value"),
        Output(rep, "value", allow_duplicate=True),
        Input({"type": page.TO_TEAM, "to": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def choose_team(clicks: Sequence[int | None]) -> Any:
        return _pressed(clicks), None


def _pressed(clicks: Sequence[int | None]) -> int:
    if not any(clicks) or not isinstance(ctx.triggered_id, dict):
        raise PreventUpdate
    return int(ctx.triggered_id["to"])


def _overview(customer_id: int) -> CustomerOverview:
    """The customer as it is now, within reach."""
    with session.looking() as opened:
        return customer_overview.of_customer(opened, session.actor(), customer_id)


def _found(opened: Session, about: About) -> Customer:
    return customers.find(opened, session.actor(), int(about["id"]))


def _create(values: CreateCustomer, _typed: forms.Typed, _about: About, key: str) -> Any:
    actor = session.actor()
    with session.acting() as opened:
        made = once(opened, actor, key, lambda: customers.create(opened, actor, values, today=session.today()))
    return [f"/customers/{made.id}"]


def _edit(values: EditCustomer, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id, version = session.actor(), int(about["id"]), int(about["version"])
    with session.acting() as opened:
        once(opened, actor, key, lambda: customers.edit(opened, actor, id, values, version=version))
    return [f"/customers/{id}"]


def _contact(values: DescribeContact, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id, standing = session.actor(), int(about["id"]), about.get("contact")
    drawn = about.get("was") or {}
    was = DescribeContact.model_construct(**{name: str(drawn.get(name) or "") for name in DescribeContact.model_fields})

    def act() -> Contact:
        if standing is not None:
            return customers.edit_contact(opened, actor, int(standing), values, was=was)
        return customers.add_contact(opened, actor, id, values)

    with session.acting() as opened:
        made = once(opened, actor, key, act)
    return [f"/customers/{made.customer_id}"]


def _assign(values: AssignCustomer, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id, version = session.actor(), int(about["id"]), int(about["version"])
    with session.acting() as opened:
        given = once(opened, actor, key, lambda: customers.assign(opened, actor, id, values, version=version, today=session.today()))
        undo = undoing.of_customers([given])
    dash.set_props(TOASTS, {"children": [toast(_("Saved."), undo=undo, of=f"assigned-{undo[1][0]}")]})
    with session.looking() as opened:
        still = offers.seen(opened, actor, Customer, id)
    return [f"/customers/{id}" if still else "/customers"]
