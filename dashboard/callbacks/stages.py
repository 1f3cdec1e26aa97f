"""What happens with follow-up stages: they are described, put into an order, retired and brought back."""

from secrets import token_urlsafe
from typing import Any

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from sqlalchemy.orm import Session

from crm.errors import CrmError, NotFound
from crm.scope import Actor
from crm.services import master
from crm.services.input_faults import NotAChoice
from crm.services.master import DescribeStage
from crm.submissions import once
from crm.vocabulary import Kind, Permission
from dashboard import frame, session
from dashboard.callbacks import forms, retiring
from dashboard.callbacks.master import tabs_of
from dashboard.callbacks.opportunity import number
from dashboard.i18n import _, explain
from dashboard.pages import stages as page
from dashboard.pages.stages import ABOUT, IDS, KEY, ORDER, STAGE

ADDRESS = "/master/sales/stages"

About = dict[str, Any]


def layout(record: str = "", **_address: str) -> Any:
    """All stages, or the form of one; none for who does not administer."""
    actor = session.actor()
    if not actor.may(Permission.READ, Kind.MASTER):
        raise NotFound()
    steps = (*frame.trail_of("/master/sales", actor), (_("Follow-up stages"), ADDRESS))
    if record == "new":
        frame.trail(*steps, (_("New stage"), None))
        return page.adding(token_urlsafe())
    with session.looking() as opened:
        if record:
            found = master.stage(opened, actor, number(record))
            frame.trail(*steps, (found.name, None))
            return page.editing(found, token_urlsafe())
        frame.trail(*steps)
        return page.layout(master.stages(opened), tabs_of(actor, "sales"), ADDRESS)


def register(app: Dash) -> None:
    """The form saves by its verb; a wished order is kept at once; a stage goes out of use and comes back."""
    known = [State(ABOUT, "data"), State(KEY, "data")]
    forms.register(app, STAGE, DescribeStage, [Output(forms.LOCATION, "href", allow_duplicate=True)], known, _save)
    forms.register_cancel(app, STAGE, known[:1], lambda _about: ADDRESS)
    _register_order(app)
    retiring.register(app, IDS, ABOUT, _turn)


def _save(values: DescribeStage, _typed: forms.Typed, about: About, key: str) -> Any:
    actor, today = session.actor(), session.today()
    with session.acting() as opened:
        if "id" in about:
            id, version = int(about["id"]), int(about["version"])
            once(opened, actor, key, lambda: master.edit_stage(opened, actor, id, values, version=version, today=today))
        else:
            once(opened, actor, key, lambda: master.add_stage(opened, actor, values, today=today))
    return [ADDRESS]


def _register_order(app: Dash) -> None:
    @app.callback(
        Output(IDS.named("list"), "children"),
        Output(IDS.named("said"), "children"),
        Input(ORDER, "data"),
        prevent_initial_call=True,
    )
    def reorder(wanted: Any) -> Any:
        if not wanted:
            raise PreventUpdate
        actor = session.actor()
        try:
            with session.acting() as opened:
                master.reorder_stages(opened, actor, _ids(wanted), today=session.today())
        except CrmError as refused:
            return no_update, explain(refused)
        with session.looking() as opened:
            return page.listed(master.stages(opened), ADDRESS), _("The new order is saved.")


def _ids(wanted: Any) -> list[int]:
    if not isinstance(wanted, list) or not all(isinstance(one, int) for one in wanted):
        raise NotAChoice()
    return wanted


def _turn(opened: Session, actor: Actor, about: About) -> str:
    """A stage goes out of use, or comes back."""
    found = master.stage(opened, actor, int(about["id"]))
    if found.active:
        master.retire_stage(opened, actor, found.id, version=int(about["version"]))
    else:
        master.bring_back_stage(opened, actor, found.id)
    return ADDRESS
