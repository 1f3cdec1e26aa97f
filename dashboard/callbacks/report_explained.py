"""How a number that was clicked is computed: asked for when somebody opens it, and never with the page."""

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, no_update

from crm.errors import CrmError, NotFound
from crm.vocabulary import Role
from dashboard import sheets
from dashboard.callbacks.report_filters import Chosen, filters_of
from dashboard.callbacks.report_records import meant, until
from dashboard.components import report_panel, states
from dashboard.components.ids import Ids
from dashboard.i18n import explain
from dashboard.queries.answers import Answers
from dashboard.queries.explained import explained
from dashboard.queries.measure import parts_of
from dashboard.queries.report import Report
from dashboard.session import actor, catch_up, today


def register(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    """A press on "How is this computed?" says it, the next one folds it away."""

    @app.callback(
        Output(ids.named("explained"), "children"),
        Input(ids.named("explain"), "n_clicks"),
        State(ids.named("clicked"), "data"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def show(pressed: int | None, clicked: Mapping[str, Any] | None, chosen: Chosen) -> Any:
        if not pressed or not clicked:
            return no_update
        if pressed % 2 == 0:
            return None
        try:
            return _told(report, answers, clicked, chosen)
        except CrmError as error:
            return states.failed(explain(error))


def _told(report: Report, answers: Answers, clicked: Mapping[str, Any], chosen: Chosen) -> Any:
    """What is said to this person: the statements to executives alone."""
    who = actor()
    if not report.open_to(who.roles):
        raise NotFound()
    filters = filters_of(chosen, report)
    catch_up()
    with answers.still() as now:
        now.accept(report, filters, who.scope)
        figure, cell = meant(report, now, clicked)
        asked = sheets.Asked(now, report, who.scope, filters, today())
        question, cell = until(report, clicked, cell, asked.question)
        parts = [explained(part, cell, who.scope, question, now.warehouse, now.names) for part in parts_of(figure)]
        return report_panel.explanation(figure, parts, sheets.standing(asked), Role.EXECUTIVE in who.roles)
