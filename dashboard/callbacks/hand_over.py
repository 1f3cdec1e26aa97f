"""What happens when somebody is handed over: each step is one verb, and the server says which step it is."""

from secrets import token_urlsafe
from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from crm.errors import NotFound
from crm.services import hand_over
from crm.services.hand_over import HandOver
from crm.services.reach import reaches_company
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session
from dashboard.callbacks import forms
from dashboard.callbacks.opportunity import number
from dashboard.components import states
from dashboard.components.record_list import choices_of
from dashboard.i18n import _
from dashboard.pages import hand_over as page
from dashboard.pages.hand_over import ABOUT, FORM, IDS, KEY, WHO

ADDRESS = "/hand-over"


def layout(user_id: str = "", **_address: str) -> Any:
    """The step at which this person's hand-over stands; without one, who leaves."""
    actor = session.actor()
    hands_over, closes = reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER), actor.may(Permission.UPDATE, Kind.MASTER)
    if not (hands_over or closes):
        raise NotFound()
    with session.looking() as opened:
        if not user_id:
            return page.start(choices_of({"who": hand_over.leavers(opened, actor)})["who"])
        leaver, holds = hand_over.leaver(opened, actor, number(user_id))
        takers = choices_of({"to": hand_over.takers(opened, actor, leaver.id)})["to"] if hands_over else []
    frame.trail(*frame.trail_of(ADDRESS, actor), (leaver.name, None))
    return page.guided(leaver, holds, takers, token_urlsafe(), hands_over=hands_over, closes=closes)


def register(app: Dash) -> None:
    """Choosing, handing over, asking."""
    anew = [Output(forms.RELOAD, "data", allow_duplicate=True)]
    forms.register(app, FORM, HandOver, anew, [State(ABOUT, "data"), State(KEY, "data")], _hand)
    forms.register_cancel(app, FORM, [], lambda: ADDRESS)

    @app.callback(Output(forms.LOCATION, "href", allow_duplicate=True), Input(WHO, "value"), prevent_initial_call=True)
    def chosen(who: int | None) -> Any:
        if not who:
            raise PreventUpdate
        return f"{ADDRESS}/{int(who)}"

    @app.callback(
        Output(IDS.named("said"), "children"), Input(IDS.named("ask"), "n_clicks"), State(ABOUT, "data"), prevent_initial_call=True
    )
    def ask(clicks: int, about: dict[str, Any]) -> Any:
        if not clicks:
            raise PreventUpdate
        with session.acting() as opened:
            hand_over.ask(opened, session.actor(), int(about["id"]))
        return states.toast(_("They were told."))


def _hand(values: HandOver, _typed: forms.Typed, about: dict[str, Any], key: str) -> Any:
    actor, id = session.actor(), int(about["id"])
    with session.acting() as opened:
        once(opened, actor, key, lambda: hand_over.hand_over(opened, actor, id, values, today=session.today()))
    return [key]
