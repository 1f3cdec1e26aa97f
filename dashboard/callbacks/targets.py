"""What happens with sales targets: cells are saved all or none; last year's plan is copied with so many percent more."""

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from crm.errors import CrmError, Invalid, NotFound
from crm.services import target_grid
from crm.services.target_grid import CopyYear, Plan, SetMeanwhile
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.callbacks import forms
from dashboard.i18n import _, explain
from dashboard.pages import targets as page
from dashboard.pages.targets import CHANGED, COPY, SAID, SAVE, SEEN, TABLE, WANTED, YEAR


def layout(year: str = "", **_address: str) -> Any:
    """The plan of the year in the address, else of the running one; none for who reads no targets."""
    actor = session.actor()
    if not actor.may(Permission.READ, Kind.TARGET):
        raise NotFound()
    with session.looking() as opened:
        chosen = _year(year) if year else target_grid.year_of(opened, session.today())
        plan = target_grid.plan(opened, actor, chosen)
    return page.layout(plan, f"{plan.months[0]:%Y-%m}", f"{plan.months[-1]:%Y-%m}")


def _year(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise NotFound()
    return int(text)


def _plan(year: int) -> Plan:
    with session.looking() as opened:
        return target_grid.plan(opened, session.actor(), year)


def register(app: Dash) -> None:
    """What was typed is gathered in the browser and saved by its verb."""
    app.clientside_callback(
        ClientsideFunction("targets", "gather"), Output(WANTED, "data"), Input(SAVE, "n_clicks"), State(TABLE, "rowData"),
        State(SEEN, "data"), prevent_initial_call=True,
    )  # fmt: skip

    @app.callback(
        Output(TABLE, "rowData"),
        Output(SAID, "children"),
        Output(CHANGED, "children"),
        Output(SEEN, "data"),
        Input(WANTED, "data"),
        State(YEAR, "data"),
        prevent_initial_call=True,
    )
    def save(wanted: Sequence[dict[str, Any]] | None, year: Any) -> Any:
        if not isinstance(wanted, list):
            raise PreventUpdate
        try:
            with session.acting() as opened:
                changed = target_grid.set_cells(opened, session.actor(), _year(year), wanted, today=session.today())
        except Invalid as refused:
            others = {place: str(fault.values["amount"]) for place, fault in refused.faults.items() if isinstance(fault, SetMeanwhile)}
            return no_update, page.told(_plan(_year(year)), refused.faults), no_update, others
        except CrmError as refused:
            return no_update, explain(refused), no_update, no_update
        return page.rows(_plan(_year(year))), _("{count} cells saved.", count=changed), "", {}

    def copy(values: CopyYear, _typed: forms.Typed, year: Any) -> Any:
        with session.acting() as opened:
            changed = target_grid.copied(opened, session.actor(), _year(year), values, today=session.today())
        return [page.rows(_plan(_year(year))), _("{count} cells saved.", count=changed)]

    outputs = [Output(TABLE, "rowData", allow_duplicate=True), Output(SAID, "children", allow_duplicate=True)]
    forms.register(app, COPY, CopyYear, outputs, [State(YEAR, "data")], copy)
    forms.register_cancel(app, COPY, [State(YEAR, "data")], lambda year: f"/master/targets?year={_year(year)}")
