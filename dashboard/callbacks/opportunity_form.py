"""What happens in the forms of an opportunity: each is one verb. Nobody overwrites another unseen, and nothing is saved twice."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.errors import ChangedMeanwhile, NotFound
from crm.models import Opportunity
from crm.services import competition, inputs, offers, opportunities, overview
from crm.services.opportunities import CloseOpportunity, CreateOpportunity, EditOpportunity
from crm.submissions import once
from crm.vocabulary import Kind, LossKind, Permission
from dashboard import frame, session, watching
from dashboard.callbacks import forms, hearing
from dashboard.callbacks.opportunity import number
from dashboard.components.filters import Choice, by_name
from dashboard.components.page import page as blank_page
from dashboard.i18n import _, plain
from dashboard.pages import opportunity_form as page
from dashboard.pages.opportunity_form import ABOUT, CLOSE, CREATE, EDIT, KEY, REOPEN, Difference

About = dict[str, Any]
Draw = Callable[[Session, Opportunity], Any]


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def new_layout(customer: str = "", **_address: str) -> Any:
    """The form of a new opportunity, for who may open one; with the customer of the address, if there is one within reach."""
    actor = session.actor()
    if not actor.may(Permission.CREATE, Kind.OPPORTUNITY):
        raise NotFound()
    frame.trail(*frame.trail_of("/opportunities", actor), (_("New opportunity"), None))
    wanted = number(customer) if customer else None
    with session.looking() as opened:
        found = offers.customers(opened, actor, "", wanted)
        chosen = wanted if wanted in dict(found) else None
        begun = {"customer_id": chosen, "stage_id": opportunities.first_stage(opened)}
        contacts = [Choice(*offer) for offer in offers.contacts(opened, chosen)] if chosen is not None else []
        choices = _choices(opened) | {"customer_id": by_name(found), "contact_id": contacts}
        return page.create(choices, token_urlsafe(), begun)


def edit_layout(opportunity_id: str = "", **_address: str) -> Any:
    """The form of an opportunity that this person may change now."""

    def draw(opened: Session, found: Opportunity) -> Any:
        mark = watching.mark(opened.connection(), Kind.OPPORTUNITY, found.id, session.actor().user_id)
        return page.edit(found, _choices(opened, found), token_urlsafe(), mark)

    return _form(opportunity_id, _("Edit"), "edit", draw)


def close_layout(opportunity_id: str = "", kind: str = "", **_address: str) -> Any:
    """Why an opportunity is lost, or stopped."""
    if kind not in set(LossKind):
        raise NotFound()

    def draw(opened: Session, found: Opportunity) -> Any:
        choices = {
            "reason_id": by_name(offers.reasons(opened, LossKind(kind))),
            "competitor_id": by_name(offers.competitors(opened), offers.other_names(opened)),
        }
        met = competition.competitors(opened, session.actor(), found.id)
        return page.close(found, LossKind(kind), choices, token_urlsafe(), met[0] if len(met) == 1 else None)

    return _form(opportunity_id, _("Mark as lost") if kind == LossKind.LOST else _("Mark as stopped"), "close", draw)


def reopen_layout(opportunity_id: str = "", **_address: str) -> Any:
    """Asks before a closed opportunity is followed again."""
    return _form(opportunity_id, _("Reopen"), "reopen", lambda _opened, found: page.reopen(found, token_urlsafe()))


def _form(opportunity_id: str, title: str, right: str, draw: Draw) -> Any:
    """A form over an opportunity, for who has that right; who only sees it is led back to it by a sentence."""
    actor, id = session.actor(), number(opportunity_id)
    with session.looking() as opened:
        found = opportunities.find(opened, actor, id)
        frame.trail(*frame.trail_of("/opportunities", actor), (found.title, f"/opportunities/{id}"), (title, None))
        if not getattr(overview.rights(opened, actor, found), right):
            return blank_page(found.title, _("You may not do this here."))
        return draw(opened, found)


def _choices(opened: Session, found: Opportunity | None = None) -> dict[str, list[Choice]]:
    """What the fields offer."""
    standing = [line.product_id for line in found.lines] if found else []
    return {
        "stage_id": [Choice(*offer) for offer in offers.stages(opened, by_hand=True, keep=found.stage_id if found else None)],
        "source_id": by_name(offers.sources(opened)),
        "contact_id": [Choice(*offer) for offer in offers.contacts(opened, found.customer_id)] if found else [],
        "products": by_name(offers.products(opened, standing)),
    }


# ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def register(app: Dash) -> None:
    """Each form saves by its verb and leads on to the opportunity."""
    onward = [Output(forms.LOCATION, "href", allow_duplicate=True)]
    known = [State(ABOUT, "data"), State(KEY, "data")]
    forms.register(app, EDIT, EditOpportunity, onward, known, _edit, conflict=_conflict)
    kept = [*known, State({"form": EDIT, "part": "seen"}, "data")]
    forms.register(app, EDIT, EditOpportunity, onward, kept, _keep, press="keep", conflict=_conflict)
    forms.register(app, CREATE, CreateOpportunity, onward, known, _create)
    forms.register(app, CLOSE, CloseOpportunity, onward, known, _close)
    forms.register(app, REOPEN, inputs.Input, onward, known, _reopen)
    forms.register_lines(app, EDIT, EditOpportunity, "lines", _products)
    forms.register_lines(app, CREATE, CreateOpportunity, "lines", _products)
    hearing.register_form(app, page.IDS, ABOUT, _version)
    _register_customer(app)
    for key in (EDIT, CREATE, CLOSE, REOPEN):
        _register_cancel(app, key)


def _version(opportunity_id: int) -> int:
    """At which version the opportunity is now, within reach."""
    with session.looking() as opened:
        return opportunities.find(opened, session.actor(), opportunity_id).version


def _edit(values: EditOpportunity, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id = session.actor(), int(about["id"])
    with session.acting() as opened:
        once(
            opened, actor, key, lambda: opportunities.edit(opened, actor, id, values, version=int(about["version"]), today=session.today())
        )
    return [_address(id)]


def _keep(_values: EditOpportunity, typed: forms.Typed, about: About, key: str, seen: int) -> Any:
    """Save what was typed over what somebody else saved, where it was typed; nothing unseen is overwritten."""
    actor, id, today = session.actor(), int(about["id"]), session.today()

    def keep(opened: Session) -> Opportunity:
        try:
            values = inputs.read(EditOpportunity, typed)
            return opportunities.edit(opened, actor, id, values, version=int(about["version"]), today=today)
        except ChangedMeanwhile as changed:
            if changed.values["version"] != seen:
                raise
            merged = inputs.read(EditOpportunity, _merged(typed, changed.values["changes"]))
            return opportunities.edit(opened, actor, id, merged, version=int(seen), today=today)

    with session.acting() as opened:
        once(opened, actor, key, lambda: keep(opened))
    return [_address(id)]


def _create(values: CreateOpportunity, _typed: forms.Typed, _about: About, key: str) -> Any:
    actor = session.actor()
    with session.acting() as opened:
        made = once(opened, actor, key, lambda: opportunities.create(opened, actor, values, today=session.today()))
    return [_address(made.id)]


def _close(values: CloseOpportunity, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id, version = session.actor(), int(about["id"]), int(about["version"])
    verb = opportunities.mark_lost if about["kind"] == LossKind.LOST else opportunities.mark_stopped
    with session.acting() as opened:
        once(opened, actor, key, lambda: verb(opened, actor, id, values, version=version, today=session.today()))
    return [_address(id)]


def _reopen(_values: inputs.Input, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, id, version = session.actor(), int(about["id"]), int(about["version"])
    with session.acting() as opened:
        once(opened, actor, key, lambda: opportunities.reopen(opened, actor, id, version=version, today=session.today()))
    return [_address(id)]


def _address(id: int) -> str:
    return f"/opportunities/{id}"


# ── what somebody else changed meanwhile ─────────────────────────────────────────────────────────────────────────────────────
def _conflict(changed: ChangedMeanwhile, typed: forms.Typed, about: About, *_more: Any) -> list[Any]:
    """Their change beside what is typed here, field by field."""
    actor, changes = session.actor(), changed.values["changes"]
    with session.looking() as opened:
        found = opportunities.find(opened, actor, int(about["id"]))
        choices = _choices(opened, found) | {"owner_id": _one(found.owner), "team_id": _one(found.team)}
    values = inputs.read(EditOpportunity, typed).model_dump()
    differences = [
        Difference(
            page.label(name),
            page.written(name, now, choices),
            page.written(name, values[name], choices) if name in values and _told(values[name]) != _told(before) else None,
        )
        for name, (now, before) in changes.items()
        if name in values or name in page.OTHERS
    ]
    return page.conflict(plain(changed.values["by"]), differences, changed.values["version"], f"{_address(found.id)}/edit")


def _merged(typed: forms.Typed, changes: Mapping[str, tuple[Any, Any]]) -> forms.Typed:
    """What was typed, and theirs where this person left a field as it was when they opened it."""
    values = inputs.read(EditOpportunity, typed).model_dump()
    theirs = {name: now for name, (now, before) in changes.items() if name in values and _told(values[name]) == _told(before)}
    return typed | theirs


def _told(value: Any) -> Any:
    """A value so that two ways of holding the same are equal: lines by product, amounts as numbers."""
    if isinstance(value, list | tuple):
        return sorted((int(row["product_id"]), None if row.get("amount") is None else Decimal(row["amount"])) for row in value)
    return value


def _one(record: Any) -> list[Choice]:
    return [Choice(record.id, record.name)] if record else []


# ── within the forms ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _products() -> dict[str, list[Choice]]:
    with session.looking() as opened:
        return {"products": by_name(offers.products(opened))}


def _register_customer(app: Dash) -> None:
    """A new opportunity's customer is found by typing; their contacts are offered."""
    customer, contact = {"form": CREATE, "field": "customer_id"}, {"form": CREATE, "field": "contact_id"}

    @app.callback(Output(customer, "options"), Input(customer, "search_value"), State(customer, "value"), prevent_initial_call=True)
    def search(text: str | None, chosen: int | None) -> Any:
        if not text:
            raise PreventUpdate
        with session.looking() as opened:
            found = offers.customers(opened, session.actor(), text, chosen)
        return [{"value": id, "label": name, "search": name} for id, name in found]

    @app.callback(Output(contact, "options"), Output(contact, "value"), Input(customer, "value"), prevent_initial_call=True)
    def contacts(chosen: int | None) -> Any:
        if not chosen:
            return [], None
        with session.looking() as opened:
            customer_within = offers.customers(opened, session.actor(), "", int(chosen))
            if int(chosen) not in {id for id, _name in customer_within}:
                raise NotFound()
            return [{"value": id, "label": name, "search": name} for id, name in offers.contacts(opened, int(chosen))], None


def _register_cancel(app: Dash, key: str) -> None:
    """Cancel leads back without saving."""

    @app.callback(
        Output(forms.LOCATION, "href", allow_duplicate=True),
        Input({"form": key, "press": "cancel"}, "n_clicks"),
        State(ABOUT, "data"),
        prevent_initial_call=True,
    )
    def cancel(clicks: int, about: About) -> Any:
        if not clicks:
            return no_update
        return _address(int(about["id"])) if "id" in about else "/opportunities"
