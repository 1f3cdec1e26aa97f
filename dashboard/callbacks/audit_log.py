"""What happens in the audit log: what happens in every list; who exports it can have its seals checked."""

from typing import Any

from dash import Dash, Input, Output, html
from dash.exceptions import PreventUpdate

from crm.services import audit_log
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.callbacks import record_list
from dashboard.components.page import button
from dashboard.i18n import _
from dashboard.pages import audit_log as page
from dashboard.pages.audit_log import LIST


def layout(**address: Any) -> Any:
    """The page for an address."""
    actor, said = session.actor(), []
    if actor.may(Permission.EXPORT, Kind.AUDIT):
        said = [html.Div([button(_("Check the seals"), page.CHECK), html.Span(id=page.SEALS, role="status")], className="list-note")]
    return record_list.layout(LIST, *said, **address)


def register(app: Dash) -> None:
    """Its rows, its filters, its file."""
    record_list.register(app, LIST)

    @app.callback(Output(page.SEALS, "children"), Input(page.CHECK, "n_clicks"), prevent_initial_call=True)
    def check(clicks: int) -> Any:
        if not clicks:
            raise PreventUpdate
        with session.looking() as opened:
            return page.sentence(audit_log.seals(opened, session.actor()))
