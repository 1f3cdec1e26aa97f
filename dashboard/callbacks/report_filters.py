"""The filters of a report's page: the controls, the chips and the address hold one state; what is offered comes from the server."""

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from crm.errors import CrmError
from dashboard.components import filters as bar
from dashboard.components import states
from dashboard.components.ids import Ids
from dashboard.components.ready import ready
from dashboard.i18n import _, language
from dashboard.queries.answers import Answers
from dashboard.queries.choices import SEARCHED
from dashboard.queries.filters import Filters
from dashboard.queries.report import Report
from dashboard.session import actor, today
from dashboard.windows import window

Chosen = Mapping[str, Any]

NO_COMPARISON = next(iter(bar.COMPARISONS))
"""What the control says where nothing is compared with."""


def register(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    """The controls, the chips and the address hold one state; the browser keeps them together."""
    names = ["period", "start", "end", "compare", "as_of", *report.filters]
    values = [_value(ids, name) for name in names]
    app.clientside_callback(
        ClientsideFunction("report", "collect"),
        Output(ids.filters, "data"),
        Output(ids.control("period"), "value"),
        *[Input(*value) for value in values],
        State(ids.filters, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("report", "unset"),
        *[Output(*value, allow_duplicate=True) for value in values],
        Input(ids.chip(), "n_clicks"),
        Input(ids.reset, "n_clicks"),
        *[State(*value) for value in values],
        prevent_initial_call=True,
    )
    _register_offers(app, report, answers, ids)
    for name in report.filters:
        if name in SEARCHED:
            _register_search(app, report, answers, ids, name)
    app.clientside_callback(
        ClientsideFunction("report", "address"), Output(ids.named("address"), "modified_timestamp"), Input(ids.named("address"), "data")
    )


def _register_offers(app: Dash, report: Report, answers: Answers, ids: Ids) -> None:
    """What the filters offer, when the page opens and whenever a team, a person, a source ... has been changed meanwhile."""
    app.clientside_callback(
        ClientsideFunction("report", "renamed"),
        Output(ids.named("names"), "data"),
        Input(ids.named("shown"), "data"),
        State(ids.named("names"), "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        [Output(ids.control(name), "options") for name in report.filters],
        Output(ids.named("names"), "data", allow_duplicate=True),
        Input(ids.named("names"), "data"),
        State(ids.filters, "data"),
        prevent_initial_call="initial_duplicate",
    )
    def offer_all(_names: Any, chosen: Chosen) -> list[Any]:
        if not report.open_to(actor().roles):
            raise PreventUpdate
        with answers.still() as now:
            found = choices(report, now, _readable(chosen, report))
            version = now.names_version
            key = ("options", version, actor().scope.key, language())
            options = [
                bar.options(offered) if name in SEARCHED else now.once((*key, name), lambda offered=offered: ready(bar.options(offered)))
                for name, offered in found.items()
            ]
            return [*options, version]


def _readable(chosen: Chosen, report: Report) -> Filters:
    """The chosen filters; none where they can't be read, which the page says elsewhere."""
    try:
        return filters_of(chosen, report)
    except CrmError:
        return Filters()


def _register_search(app: Dash, report: Report, answers: Answers, ids: Ids, name: str) -> None:
    """A filter with many values offers those that match what is typed, and keeps offering what is chosen."""

    @app.callback(
        Output(ids.control(name), "options", allow_duplicate=True),
        Input(ids.control(name), "search_value"),
        State(ids.control(name), "value"),
        prevent_initial_call=True,
    )
    def offer(text: str | None, chosen: list[int] | None) -> Any:
        if not text or not report.open_to(actor().roles):
            raise PreventUpdate
        scope = actor().scope
        found = {**answers.named(name, [id for id in chosen or [] if isinstance(id, int)], scope), **answers.matching(name, text, scope)}
        return bar.options([bar.Choice(id, label) for id, label in found.items()])


def _value(ids: Ids, name: str) -> tuple[str, str]:
    return ids.control(name), "date" if name in ("start", "end", "as_of") else "value"


def filters_of(chosen: Chosen, report: Report) -> Filters:
    """The filters that a page's store states; it comes from the browser and is read like an address."""
    pairs = [(name, str(value)) for name in report.filters for value in chosen.get(name) or ()]
    if chosen.get("period") == "custom":
        pairs += [("from", str(chosen.get("start") or "")), ("to", str(chosen.get("end") or ""))]
    elif chosen.get("period"):
        pairs.append(("period", str(chosen["period"])))
    pairs += [("as_of", str(chosen["as_of"]))] if chosen.get("as_of") else []
    pairs += [("compare", str(chosen["compare"]))] if (chosen.get("compare") or NO_COMPARISON) != NO_COMPARISON else []
    return Filters.of(pairs, report.filters)


def choices(report: Report, answers: Answers, filters: Filters) -> dict[str, list[bar.Choice]]:
    """What each filter offers this person; of the many (customers) those that are chosen."""
    scope = actor().scope
    offered = {name: answers.offered(name, scope) for name in report.filters}
    return standing(report, answers, filters) | {name: _drawn(values) for name, values in offered.items() if values is not None}


def standing(report: Report, answers: Answers, filters: Filters) -> dict[str, list[bar.Choice]]:
    """What is chosen in each filter, by its name."""
    scope, chosen = actor().scope, dict(filters.chosen)
    return {name: _drawn(answers.named(name, chosen[name], scope)) if name in chosen else [] for name in report.filters}


def nothing(report: Report, answers: Answers, filters: Filters) -> html.Div:
    """That there is nothing in a table, and which days and filters are the cause."""
    period = window(filters, answers.question(filters, today()))
    why = bar.sentence(dict(filters.chosen), standing(report, answers, filters), period)
    return states.empty(_("No records fall into this table."), why=why)


def _drawn(values: Mapping[int, str]) -> list[bar.Choice]:
    return [bar.Choice(id, str(label)) for id, label in values.items()]
