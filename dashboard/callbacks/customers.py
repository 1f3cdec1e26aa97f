"""What happens in the list of customers: what happens in every list; and several of them go to another rep at once."""

from collections.abc import Sequence
from typing import Any

from dash import Dash
from sqlalchemy.orm import Session

from crm.models import User
from crm.scope import Actor
from crm.services import customers, offers
from crm.services.customers import AssignCustomer
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.callbacks import record_list, undoing
from dashboard.components.record_list import choices_of, giving
from dashboard.pages.customers import LIST


def layout(**address: Any) -> Any:
    """The page for an address; who may assign ticks several customers and gives them."""
    actor = session.actor()
    above = None
    if actor.may(Permission.ASSIGN, Kind.CUSTOMER):
        with session.looking() as opened:
            above = giving(LIST, choices_of({"to": offers.sellers(opened, actor, Kind.CUSTOMER)})["to"])
    return record_list.layout(LIST, above=above, **address)


def register(app: Dash) -> None:
    """Its rows, its filters, its file; giving several."""
    record_list.register(app, LIST)
    record_list.register_giving(app, LIST, _give)


def _give(opened: Session, actor: Actor, rows: Sequence[tuple[int, int]], to: User) -> tuple[int, tuple[str, undoing.Rows] | None]:
    values = AssignCustomer(team_id=to.team_id, owner_id=to.id)
    moved = customers.assign_many(opened, actor, rows, values, today=session.today())
    return len(moved), undoing.of_customers(moved)
