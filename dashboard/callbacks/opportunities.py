"""How the list of opportunities behaves: filters stand in the address, the rows come from the server, a hundred at a time."""

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from flask import g

from crm.errors import NotFound
from crm.services import offers, opportunity_list
from crm.services.opportunity_list import Asked
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.pages import opportunities as page
from dashboard.pages.opportunities import FILTERS, IDS, control


def layout(**address: Any) -> Any:
    """The page for an address; none for who reads no opportunities."""
    actor = session.actor()
    if not actor.may(Permission.READ, Kind.OPPORTUNITY):
        raise NotFound()
    wished = {name: address[name] for name in ("q", *FILTERS, "sort", "dir") if address.get(name)}
    with session.looking() as opened:
        offered = {
            "stage": offers.stages(opened),
            "team": offers.teams(opened, actor),
            "rep": offers.reps(opened, actor),
            "source": offers.sources(opened),
        }
    return page.layout(
        Asked.of(wished),
        wished,
        page.choices_of(offered),
        may_create=actor.may(Permission.CREATE, Kind.OPPORTUNITY),
        may_export=actor.may(Permission.EXPORT, Kind.OPPORTUNITY),
    )


def register(app: Dash) -> None:
    """The controls become one state, the state an address, a request for rows an answer within reach."""
    controls = [(control("q"), "value"), *((control(name), "value") for name in FILTERS)]
    app.clientside_callback(
        ClientsideFunction("opportunities", "ask"),
        Output(IDS.filters, "data"),
        *[Input(*value) for value in controls],
        State(IDS.filters, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("opportunities", "reread"),
        Output(IDS.filters, "modified_timestamp"),
        Input(IDS.filters, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(IDS.table(), "getRowsResponse"),
        Output(IDS.named("count"), "children"),
        Input(IDS.table(), "getRowsRequest"),
        State(IDS.filters, "data"),
    )
    def rows(request: Mapping[str, Any] | None, wished: Mapping[str, Any] | None) -> Any:
        if request is None:
            return no_update, no_update
        actor, asked = session.actor(), Asked.of(dict(wished or {}) | _sorted(request))
        with session.looking() as opened:
            found = opportunity_list.page(opened, actor, asked, int(request["startRow"]), opportunity_list.PAGE)
            count = opportunity_list.counted(opened, actor, asked)
        g.rows = len(found)
        return {"rowData": [page.cells(row) for row in found], "rowCount": min(count, opportunity_list.MOST)}, page.counted(count)


def _sorted(request: Mapping[str, Any]) -> dict[str, str]:
    """The order that the grid asks for; without one, the newest first."""
    for column in request.get("sortModel") or ():
        return {"sort": str(column.get("colId")), "dir": str(column.get("sort"))}
    return {}
