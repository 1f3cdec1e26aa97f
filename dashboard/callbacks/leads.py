"""What happens in the list of leads: what happens in every list; and several of them are given to a rep at once."""

from collections.abc import Sequence
from typing import Any

from dash import Dash
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import Lead, User
from crm.scope import Actor
from crm.services import leads, offers
from crm.services.leads import AssignLead
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.callbacks import record_list, undoing
from dashboard.components.record_list import choices_of, giving
from dashboard.pages.leads import LIST


def layout(**address: Any) -> Any:
    """The page for an address; who may assign ticks several leads and gives them."""
    actor = session.actor()
    above = None
    if actor.may(Permission.ASSIGN, Kind.LEAD):
        with session.looking() as opened:
            above = giving(LIST, choices_of({"to": offers.sellers(opened, actor, Kind.LEAD)})["to"])
    return record_list.layout(LIST, above=above, **address)


def register(app: Dash) -> None:
    """Its rows, its filters, its file; giving several."""
    record_list.register(app, LIST)
    record_list.register_giving(app, LIST, _give)


def _give(opened: Session, actor: Actor, rows: Sequence[tuple[int, int]], to: User) -> tuple[int, tuple[str, undoing.Rows] | None]:
    former = dict(opened.execute(select(Lead.id, Lead.owner_id).where(Lead.id.in_([id for id, _version in rows]))).all())
    given = leads.assign_many(opened, actor, rows, AssignLead(owner_id=to.id))
    return len(given), undoing.of_leads(given, former)
