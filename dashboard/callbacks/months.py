"""What happens with months: finance closes one that is over, the executive reopens it."""

from typing import Any

from dash import ALL, Dash, Input, Output, ctx, no_update
from dash.exceptions import PreventUpdate

from crm.errors import CrmError, NotFound
from crm.services import months
from crm.services.input_types import a_day
from crm.vocabulary import Kind, Permission
from dashboard import session
from dashboard.callbacks.opportunity import zone
from dashboard.i18n import _, explain
from dashboard.pages import months as page
from dashboard.pages.months import IDS


def layout(**_address: str) -> Any:
    """The months, for who closes or reopens them."""
    return page.layout(_months(), zone(), **_rights())


def _months() -> list[months.Month]:
    with session.looking() as opened:
        return months.overview(opened, session.actor(), session.today())


def _rights() -> dict[str, bool]:
    actor = session.actor()
    return {"may_close": actor.may(Permission.CLOSE, Kind.RECEIPT), "may_reopen": actor.may(Permission.REOPEN, Kind.RECEIPT)}


def register(app: Dash) -> None:
    """A month is closed or reopened by its button."""

    @app.callback(
        Output(IDS.named("table"), "children"),
        Output(IDS.named("said"), "children"),
        Input({"type": "month", "month": ALL, "act": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def act(clicks: list[int]) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            raise PreventUpdate
        actor, pressed = session.actor(), ctx.triggered_id
        month = a_day(pressed["month"])
        try:
            with session.acting() as opened:
                if pressed["act"] == "close":
                    months.close(opened, actor, month, today=session.today())
                elif pressed["act"] == "reopen":
                    months.reopen(opened, actor, month)
                else:
                    raise NotFound()
        except CrmError as refused:
            return no_update, explain(refused)
        said = _("{month} is closed.") if pressed["act"] == "close" else _("{month} is open again.")
        return page.table(_months(), zone(), **_rights()), said.format(month=f"{month:%Y-%m}")
