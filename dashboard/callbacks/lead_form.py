"""What happens in the forms of a lead: each is one verb; who has a contact already shows while it is typed, and once more on saving."""

from collections.abc import Callable, Sequence
from secrets import token_urlsafe
from typing import Any

import dash
from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.errors import NotFound
from crm.models import Campaign, Customer, Lead, LeadSource, Product, User
from crm.scope import Actor
from crm.services import claims, contacts_taken, dictionaries, input_types, inputs, lead_overview, leads, offers
from crm.services.claims import OpenClaim
from crm.services.contacts_taken import Hit, Keys
from crm.services.dictionaries import DescribeSource
from crm.services.leads import AlreadyTakenCareOf, ConvertLead, CreateLead, EditLead, FailLead
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session, watching
from dashboard.callbacks import conflicts, forms, hearing
from dashboard.callbacks.opportunity import number
from dashboard.components import states
from dashboard.components.filters import Choice, options
from dashboard.components.page import page as blank_page
from dashboard.components.record_list import choices_of
from dashboard.i18n import _
from dashboard.pages import lead as lead_page
from dashboard.pages import lead_form as page
from dashboard.pages.lead_form import ABOUT, ASKED, CLAIM, CLAIMED, CONVERT, CREATE, EDIT, FAIL, KEY, TAKEN

About = dict[str, Any]
Draw = Callable[[Session, Lead, lead_overview.Rights], Any]


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def new_layout(**_address: str) -> Any:
    """The form of a new lead, for who may enter one."""
    actor = session.actor()
    if not actor.may(Permission.CREATE, Kind.LEAD):
        raise NotFound()
    frame.trail(*frame.trail_of("/leads", actor), (_("New lead"), None))
    with session.looking() as opened:
        choices = _choices(opened, actor)
    mine = actor.user_id if actor.user_id in {choice.value for choice in choices["owner_id"]} else None
    return page.create(choices, token_urlsafe(), {"owner_id": mine}, adds_sources=_adds_sources(actor))


def edit_layout(lead_id: str = "", **_address: str) -> Any:
    """The form of an open lead that this person may change."""

    def draw(opened: Session, lead: Lead, rights: lead_overview.Rights) -> Any:
        actor, locked = session.actor(), () if rights.assign else ("owner_id",)
        mark = watching.mark(opened.connection(), Kind.LEAD, lead.id, actor.user_id)
        return page.edit(lead, _choices(opened, actor, lead), token_urlsafe(), locked, mark, adds_sources=_adds_sources(actor))

    return _form(lead_id, _("Edit"), "edit", draw)


def convert_layout(lead_id: str = "", **_address: str) -> Any:
    """What a lead becomes."""

    def draw(opened: Session, lead: Lead, _rights: lead_overview.Rights) -> Any:
        actor = session.actor()
        found = contacts_taken.hits(opened, actor, Keys(lead.phone_key, lead.email_key, lead.company_key))
        customers = [hit for hit in found if hit.subject == Customer.__tablename__]
        choices = choices_of({"customer_id": offers.customers(opened, actor, "")})
        values = {"title": lead.company or lead.contact_name, "customer_name": lead.company or lead.contact_name}
        return page.convert(lead, choices, token_urlsafe(), values, customers)

    return _form(lead_id, _("Convert lead"), "convert", draw)


def fail_layout(lead_id: str = "", **_address: str) -> Any:
    """Why nothing came of a lead."""
    return _form(lead_id, _("Lead failed"), "convert", lambda _opened, lead, _rights: page.fail(lead, token_urlsafe()))


def _form(lead_id: str, title: str, right: str, draw: Draw) -> Any:
    """A form over a lead, for who has that right; who only sees it is told so."""
    actor, id = session.actor(), number(lead_id)
    with session.looking() as opened:
        found = leads.find(opened, actor, id)
        frame.trail(*frame.trail_of("/leads", actor), (lead_page.called(found), f"/leads/{id}"), (title, None))
        rights = lead_overview.rights(opened, actor, found)
        if not getattr(rights, right):
            return blank_page(found.contact_name, _("You may not do this here."))
        return draw(opened, found, rights)


def _adds_sources(actor: Actor) -> bool:
    return actor.may(Permission.CREATE, Kind.SOURCE)


def _choices(opened: Session, actor: Actor, lead: Lead | None = None) -> dict[str, list[Choice]]:
    """What the fields offer."""
    owners = offers.sellers(opened, actor, Kind.LEAD)
    if lead and lead.owner and lead.owner_id not in {id for id, _name in owners}:
        owners = [*owners, (lead.owner.id, lead.owner.name)]
    kept = [(lead.source_id,), (lead.campaign_id,), (lead.product_id,)] if lead else [(), (), ()]
    source, campaign, product = ([id for id in ids if id] for ids in kept)
    offered = {
        "source_id": offers.sources(opened, source),
        "campaign_id": offers.campaigns(opened, campaign),
        "owner_id": owners,
        "product_id": offers.products(opened, product),
    }
    return choices_of(offered)


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def register(app: Dash) -> None:
    """Each form saves by its verb and leads on to the lead, or what it became."""
    onward = [Output(forms.LOCATION, "href", allow_duplicate=True)]
    known = [State(ABOUT, "data"), State(KEY, "data")]
    for press, knowingly in (("save", False), ("knowingly", True)):
        forms.register(app, CREATE, CreateLead, onward, known, _creating(knowingly), press=press)
    conflicts.register(app, EDIT, EditLead, known, _editing(False), _found, _named, "/leads/{id}/edit")
    forms.register(app, EDIT, EditLead, onward, known, _editing(True), press="knowingly")
    forms.register(app, CONVERT, ConvertLead, onward, known, _convert)
    forms.register(app, FAIL, FailLead, onward, known, _fail)
    forms.register(app, CLAIM, OpenClaim, [Output(CLAIMED, "children")], [State(ASKED, "data"), State(KEY, "data")], _claim)
    for key in (CREATE, EDIT):
        _register_check(app, key)
        _register_source(app, key)
    hearing.register_form(app, page.IDS, ABOUT, _version)
    for key in (CREATE, EDIT, CONVERT, FAIL):
        forms.register_cancel(app, key, known[:1], lambda about: f"/leads/{int(about['id'])}" if "id" in about else "/leads")
    _register_customer(app)


def _version(lead_id: int) -> int:
    """At which version the lead is now, within reach."""
    with session.looking() as opened:
        return leads.find(opened, session.actor(), lead_id).version


def _found(opened: Session, about: About) -> Lead:
    return leads.find(opened, session.actor(), int(about["id"]))


def _named(opened: Session) -> dict[str, dict[Any, str]]:
    """What sources, campaigns, people and products are called."""
    models = {"source_id": LeadSource, "campaign_id": Campaign, "owner_id": User, "product_id": Product}
    return {name: dict(offers.names(opened, model)) for name, model in models.items()}


def _creating(knowingly: bool) -> forms.Act:
    def act(values: CreateLead, _typed: forms.Typed, _about: About, key: str) -> Any:
        actor = session.actor()
        with _told(CREATE), session.acting() as opened:
            made = once(opened, actor, key, lambda: leads.create(opened, actor, values, today=session.today(), knowingly=knowingly))
        return [f"/leads/{made.id}"]

    return act


def _editing(knowingly: bool) -> forms.Act:
    def act(values: EditLead, _typed: forms.Typed, about: About, key: str) -> Any:
        actor, id, version = session.actor(), int(about["id"]), int(about["version"])
        with _told(EDIT), session.acting() as opened:
            once(
                opened, actor, key,
                lambda: leads.edit(opened, actor, id, values, version=version, today=session.today(), knowingly=knowingly),
            )  # fmt: skip
        return [f"/leads/{id}"]

    return act


class _told:  # noqa: N801  (reads as a word: `with _told(form)`)
    """Shows who has the contact where a verb refuses it for that; that somebody heard so is kept, as of any look."""

    def __init__(self, form: str) -> None:
        self.form = form

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, AlreadyTakenCareOf):
            with session.acting() as opened:
                contacts_taken.note_look(opened, session.actor())
            dash.set_props(TAKEN, {"children": page.taken(error.values["hits"], anyway=self.form)})


def _convert(values: ConvertLead, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id = session.actor(), int(about["id"])
    with session.acting() as opened:
        made = once(opened, actor, key, lambda: leads.convert(opened, actor, id, values, today=session.today()))
    with session.looking() as opened:
        shown = offers.seen(opened, actor, type(made), made.id)
    return [f"/opportunities/{made.id}" if shown else "/leads"]


def _fail(values: FailLead, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id, version = session.actor(), int(about["id"]), int(about["version"])
    with session.acting() as opened:
        once(opened, actor, key, lambda: leads.fail(opened, actor, id, values, version=version, today=session.today()))
    return [f"/leads/{id}"]


def _claim(_values: OpenClaim, typed: forms.Typed, asked: dict[str, str] | None, key: str) -> Any:
    actor = session.actor()
    values = inputs.read(OpenClaim, {**{name: (asked or {}).get(name) for name in ("phone", "email", "company")}, **typed})
    with session.acting() as opened:  # kept though nobody has the contact
        contacts_taken.note_look(opened, actor)
    with session.acting() as opened:
        once(opened, actor, f"{key}-claim", lambda: claims.open_claim(opened, actor, values))
    return [states.toast(_("Your claim was sent to the leads of both teams."))]


# ── within the forms ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _register_check(app: Dash, key: str) -> None:
    """Who has the contact, while it is typed."""
    typed = [Input({"form": key, "field": name}, "value") for name in ("phone", "email", "company")]
    app.clientside_callback(
        ClientsideFunction("lead", "typed"),
        Output(ASKED, "data", allow_duplicate=True), *typed, State(ASKED, "data"), prevent_initial_call=True,
    )  # fmt: skip
    if key == EDIT:
        return  # one callback answers for both forms

    @app.callback(Output(TAKEN, "children"), Input(ASKED, "data"), State(ABOUT, "data"), prevent_initial_call=True)
    def look(asked: dict[str, str] | None, about: About) -> Any:
        if not asked:
            raise PreventUpdate
        wanted = {name: input_types.clean(asked.get(name) or "") for name in ("phone", "email", "company")}
        with session.acting() as opened:
            found = contacts_taken.look(opened, session.actor(), **wanted)
        return page.taken(_others(found, about))


def _others(found: Sequence[Hit], about: About) -> list[Hit]:
    """What was found without the lead that is being edited."""
    return [hit for hit in found if not (hit.subject == Lead.__tablename__ and hit.record_id and hit.record_id == about.get("id"))]


def _register_source(app: Dash, key: str) -> None:
    """A source that is missing is added in place, and chosen."""
    field, added, place = {"form": key, "field": "source_id"}, page.SOURCE[key], page.IDS.named(f"composer-{page.SOURCE[key]}")
    outputs = [Output(field, "options"), Output(field, "value"), Output(place, "open")]

    def add(values: DescribeSource, _typed: forms.Typed) -> Any:
        actor = session.actor()
        with session.acting() as opened:
            made = dictionaries.add(opened, actor, dictionaries.SOURCES, values)
            offered = choices_of({"source_id": offers.sources(opened)})["source_id"]
        return [options(offered), made.id, False]

    forms.register(app, added, DescribeSource, outputs, [], add)

    cancelled = Input({"form": added, "press": "cancel"}, "n_clicks")

    @app.callback(Output(place, "open", allow_duplicate=True), cancelled, prevent_initial_call=True)
    def cancel(clicks: int) -> Any:
        if not clicks:
            raise PreventUpdate
        return False


def _register_customer(app: Dash) -> None:
    """An existing customer is found by typing."""
    customer = {"form": CONVERT, "field": "customer_id"}

    @app.callback(Output(customer, "options"), Input(customer, "search_value"), State(customer, "value"), prevent_initial_call=True)
    def search(text: str | None, chosen: int | None) -> Any:
        if not text:
            raise PreventUpdate
        with session.looking() as opened:
            found = offers.customers(opened, session.actor(), text, chosen)
        return [{"value": id, "label": name, "search": name} for id, name in found]
