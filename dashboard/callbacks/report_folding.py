"""A report's table of figures, and its rows that open over their parts: a team over its reps, a source over its campaigns, in place.

Which rows stand open is the page's own state, by table: it lasts when the data or the filters change, and while other tables are open.
"""

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from crm.errors import CrmError
from crm.scope import Scope
from dashboard.callbacks.report_filters import Chosen, filters_of, nothing
from dashboard.components import report_body
from dashboard.components.ids import Ids
from dashboard.queries.answers import Answer, Answers
from dashboard.queries.filters import Filters
from dashboard.queries.measure import parts_of
from dashboard.queries.relations import lists
from dashboard.queries.report import Report, View
from dashboard.session import actor, catch_up, today

Unfolded = Mapping[str, Any]


def register(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    """A press on a row opens or folds it: the table gets the rows that it has then."""
    if not any(report.parts(view.name) for view in report.views):
        return

    @app.callback(
        Output(ids.table(), "rowData"),
        Output(ids.table(), "style"),
        Output(ids.unfolded, "data"),
        Input(ids.fold, "data"),
        State(ids.unfolded, "data"),
        State(ids.filters, "data"),
        prevent_initial_call=True,
    )
    def fold(pressed: Mapping[str, Any] | None, unfolded: Unfolded | None, chosen: Chosen) -> Any:
        name = str((pressed or {}).get("view"))
        if name not in report.names or report.parts(name) is None or not report.open_to(actor().roles):
            raise PreventUpdate
        rows = opened({name: (pressed or {}).get("values")}, name)
        catch_up()
        try:
            drawn = _drawn(report, answers, ids, filters_of(chosen, report), name, rows)
        except CrmError:  # what is wrong with the filters is said by the page
            raise PreventUpdate from None
        return drawn.rowData, drawn.style, {**(unfolded or {}), name: sorted(rows)}


def _drawn(report: Report, answers: Answers, ids: Ids, filters: Filters, name: str, rows: frozenset[int]) -> Any:
    """The table with these rows open; there is none where nothing falls into it any more."""
    with answers.still() as now:
        now.accept(report, filters, actor().scope)
        shown = report.view(name)
        assert isinstance(shown, View)
        drawn, *_notes = table(report, now, ids, filters, shown, rows)
    if not hasattr(drawn, "rowData"):
        raise PreventUpdate
    return drawn


def opened(unfolded: Any, name: str) -> frozenset[int]:
    """The values of the rows of a table that stand open, as far as what the browser says of it makes sense."""
    values = unfolded.get(name) if isinstance(unfolded, Mapping) else None
    return frozenset(value for value in values if isinstance(value, int)) if isinstance(values, list) else frozenset()


def table(report: Report, answers: Answers, ids: Ids, filters: Filters, shown: View, rows: frozenset[int]) -> list[Any]:
    """A table of figures, with the parts of the rows that stand open."""
    scope = actor().scope
    answer = answers.table(report, shown, scope, filters, today())
    if not answer.table.rows:
        return [nothing(report, answers, filters)]
    under = _under(report, answers, scope, filters, shown, rows)
    return report_body.table(ids, answer, listed=_listed(answer, scope), parts=_parts(report, answers, shown), under=under)


def _under(report: Report, answers: Answers, scope: Scope, filters: Filters, shown: View, rows: frozenset[int]) -> report_body.Under | None:
    """What the rows open over; nothing where a person sees only their own part of each row."""
    below = report.parts(shown.name)
    if below is None or shown.grain(scope) != shown.by:
        return None
    return report_body.Under(below, answers.table(report, below, scope, filters, today()) if rows else None, rows)


def _parts(report: Report, answers: Answers, shown: View) -> report_body.Parts | None:
    """The table that a row of this one leads to, if the report has one and its dimension is a filter."""
    below = report.opens.get(shown.name)
    if below is None or shown.by[0] not in report.filters:
        return None
    offered = answers.offered(shown.by[0], actor().scope)
    return report_body.Parts(below, report.view(below).title, offered or ())


def _listed(answer: Answer, scope: Scope) -> set[str]:
    """The figures whose records this person may be shown."""
    return {figure.key for figure in answer.table.columns if all(lists(part.relation, scope) for part in parts_of(figure))}
