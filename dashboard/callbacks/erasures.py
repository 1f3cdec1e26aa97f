"""What happens to requests to erase a person's data: they are made, done by the other one, or withdrawn."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import ALL, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from crm.errors import NotFound
from crm.models import Contact
from crm.services import contacts_taken, erasures, reach
from crm.services.erasures import AskErasure, AskForPerson
from crm.services.reach import find
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session
from dashboard.callbacks import acts, forms
from dashboard.callbacks.opportunity import number
from dashboard.components.act import KEY
from dashboard.i18n import _
from dashboard.pages import erasures as page
from dashboard.pages.erasures import ASK, IDS, PERSON


def layout(**_address: Any) -> Any:
    """The page, for the two roles that erase together."""
    actor = session.actor()
    if not actor.may(Permission.ERASE, Kind.CUSTOMER):
        raise NotFound()
    with session.looking() as opened:
        waiting = erasures.waiting(opened, actor)
    return page.layout(waiting, _zone(), by_number=not actor.may(Permission.READ, Kind.CUSTOMER))


def ask_layout(customer_id: str = "", contact_id: str = "", **_address: str) -> Any:
    """Why a contact's data go, for who sees the contact and may ask."""
    actor = session.actor()
    if not actor.may(Permission.ERASE, Kind.CUSTOMER):
        raise NotFound()
    with session.looking() as opened:
        contact = find(opened, actor, Contact, number(contact_id))
        if contact.customer_id != number(customer_id):
            raise NotFound()
        back = f"/customers/{contact.customer_id}"
        frame.trail(*frame.trail_of("/customers", actor), (contact.name, back), (_("Erase personal data"), None))
        return page.ask(contact)


def register(app: Dash) -> None:
    """Asking, in two ways; and the two answers."""

    def ask(opened: Any, actor: Any, about: acts.About, values: AskErasure, _today: Any) -> Any:
        return erasures.ask(opened, actor, int(about["id"]), values)

    def ask_for(values: AskForPerson, _typed: forms.Typed, submission: str) -> list[Any]:
        actor = session.actor()
        reach.require(actor, Permission.ERASE, Kind.CUSTOMER)
        with session.acting() as opened:  # kept though nobody is found
            contacts_taken.note_look(opened, actor)
        with session.acting() as opened:
            once(opened, actor, f"{PERSON} {submission}", lambda: erasures.ask_for(opened, actor, values))
        return [submission]

    acts.register(app, ASK, AskErasure, ask, lambda _made, _about: "/erasures", keeps=False)
    anew = [Output(forms.RELOAD, "data", allow_duplicate=True)]
    forms.register(app, PERSON, AskForPerson, anew, [State(KEY, "data")], ask_for)
    forms.register_cancel(app, PERSON, [], None)

    @app.callback(
        Output(IDS.body, "children"),
        Input({"type": IDS.named("erase"), "request": ALL}, "submit_n_clicks"),
        Input({"type": IDS.named("withdraw"), "request": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def answer(erased: Sequence[int | None], withdrawn: Sequence[int | None]) -> Any:
        if not (any(erased) or any(withdrawn)) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        actor, id = session.actor(), int(ctx.triggered_id["request"])
        verb = erasures.erase if ctx.triggered_id["type"] == IDS.named("erase") else erasures.withdraw
        with session.acting() as opened:
            verb(opened, actor, id)
        with session.looking() as opened:
            return page.listed(erasures.waiting(opened, actor), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(session.company().zone)
