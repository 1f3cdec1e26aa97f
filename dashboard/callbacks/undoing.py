"""What happens when "undo" is pressed in a quiet message: the verb that takes it back is asked, and what is shown is read anew.

The browser only says what should be taken back; whether it may be, the verb decides.
"""

from collections.abc import Callable, Mapping, Sequence
from secrets import token_urlsafe
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.models import Customer, Lead
from crm.scope import Actor
from crm.services import taking_back
from crm.services.input_faults import NotAChoice
from crm.services.list_terms import reference
from dashboard import frame, session
from dashboard.components import states
from dashboard.i18n import _

CUSTOMERS, LEADS = "customers", "leads"
"""What can be taken back: customers, each with its version, and leads, each with its version and its former rep."""

Rows = Sequence[tuple[int, ...]]


def _customers(opened: Session, actor: Actor, rows: Rows) -> int:
    return len(taking_back.take_back(opened, actor, [(id, version) for id, version in rows], today=session.today()))


def _leads(opened: Session, actor: Actor, rows: Rows) -> int:
    return len(taking_back.take_back_leads(opened, actor, [(id, version, owner) for id, version, owner in rows]))


def of_customers(moved: Sequence[Customer]) -> tuple[str, Rows]:
    """How an assignment of customers is taken back."""
    return CUSTOMERS, [(customer.id, customer.version) for customer in moved]


def of_leads(given: Sequence[Lead], former: Mapping[int, int | None]) -> tuple[str, Rows] | None:
    """How an assignment of leads is taken back; not at all where one of them was nobody's before."""
    rows = [(lead.id, lead.version, owner) for lead in given if (owner := former.get(lead.id)) is not None]
    return (LEADS, rows) if len(rows) == len(given) else None


VERBS: Mapping[str, Callable[[Session, Actor, Rows], int]] = {CUSTOMERS: _customers, LEADS: _leads}


def register(app: Dash) -> None:
    """One callback for all messages that can be taken back."""

    @app.callback(
        Output(states.TOASTS, "children", allow_duplicate=True),
        Output(frame.TAKEN_BACK, "data"),
        Input({"type": "undo", "of": ALL}, "n_clicks"),
        State({"type": "undone", "of": ALL}, "data"),
        prevent_initial_call=True,
    )
    def undo(clicks: Sequence[int | None], said: Sequence[Mapping[str, Any]]) -> Any:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        verb, rows = _wished(said)
        with session.acting() as opened:
            count = VERBS[verb](opened, session.actor(), rows)
        return [states.toast(_("Taken back: {count}", count=count))], token_urlsafe()

    app.clientside_callback(
        ClientsideFunction("list", "again"),
        Output(frame.TAKEN_BACK, "modified_timestamp"),
        Input(frame.TAKEN_BACK, "data"),
        prevent_initial_call=True,
    )


def _wished(said: Sequence[Mapping[str, Any]]) -> tuple[str, Rows]:
    """The verb and the rows that the message on the screen is about; `NotAChoice` for what is none."""
    try:
        (wish,) = said
        rows = [tuple(reference(one) for one in row) for row in wish["rows"]]
        if wish["verb"] not in VERBS or len({len(row) for row in rows}) > 1 or any(len(row) != 2 + (wish["verb"] == LEADS) for row in rows):
            raise NotAChoice()
        return str(wish["verb"]), rows
    except (KeyError, TypeError, ValueError):
        raise NotAChoice() from None
