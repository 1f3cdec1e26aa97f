"""What happens in the audit log: what happens in every list; who exports it can have its seals checked."""

from typing import Any

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from crm.services import audit_log
from dashboard import session
from dashboard.callbacks import record_list
from dashboard.pages import audit_log as page
from dashboard.pages.audit_log import CHECK, LIST, SEALS


def layout(**address: Any) -> Any:
    """The page for an address."""
    return record_list.layout(LIST, **address)


def register(app: Dash) -> None:
    """Its rows, its filters, its file, its seals."""
    record_list.register(app, LIST)

    @app.callback(Output(SEALS, "children"), Input(CHECK, "n_clicks"), prevent_initial_call=True)
    def check(clicks: int) -> Any:
        if not clicks:
            raise PreventUpdate
        with session.looking() as opened:
            return page.sentence(audit_log.seals(opened, session.actor()))
