"""The filter bar that every report has: its controls, and the chips that say what is set.

It takes its choices as data and knows no report. What is chosen is one dictionary (`Ids.filters`), as in the page's address:
{"period", "start", "end", "compare", "as_of"} and, for each dimension, a list of values. Pictures follow at once: there is no
"apply".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from crm.rules.spelling import name_order
from dashboard.components.ids import Ids
from dashboard.i18n import N_, _

PERIODS: Mapping[str, str] = {
    "today": N_("Today"),
    "this_week": N_("This week"),
    "this_month": N_("This month"),
    "last_month": N_("Last month"),
    "this_quarter": N_("This quarter"),
    "last_quarter": N_("Last quarter"),
    "this_year": N_("This year"),
    "last_year": N_("Last year"),
    "last_12_months": N_("Last 12 months"),
    "all": N_("All time"),
    "custom": N_("Custom"),
}
"""The periods offered, by the word that stands in the address."""

COMPARISONS: Mapping[str, str] = {
    "none": N_("No comparison"),
    "previous": N_("Previous period"),
    "year": N_("Same period last year"),
}

DIMENSIONS: Mapping[str, str] = {
    "team": N_("Team"),
    "rep": N_("Rep"),
    "product": N_("Product"),
    "source": N_("Lead source"),
    "stage": N_("Stage"),
    "status": N_("Status"),
    "reason": N_("Reason"),
    "competitor": N_("Competitor"),
    "customer": N_("Customer"),
    "campaign": N_("Campaign"),
}
"""The dimensions that can be filtered, by their name in the address, in the order of the bar."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a filter offers: what travels, what is read, and under which other names it is sought."""

    value: str | int
    label: str
    also: str = ""


Choices = Mapping[str, Sequence[Choice]]
Chosen = Mapping[str, Any]


def bar(
    ids: Ids, chosen: Chosen, choices: Choices | None = None, *, dimensions: Sequence[str] = ("team", "rep", "product", "source")
) -> html.Div:
    """The bar with `chosen` set. `choices` may come later: into the `options` of `ids.control(dimension)`, by `options`."""
    offered = _standing(chosen, dimensions) | dict(choices or {})
    controls = [
        _labelled(_("Period"), _single(ids, "period", PERIODS, chosen.get("period", "this_month")), "period"),
        html.Div(
            [
                day(ids.control("start"), chosen.get("start"), _("From")),
                html.Span("–"),
                day(ids.control("end"), chosen.get("end"), _("To")),
            ],
            className="filter-days",
        ),
        *(_labelled(_(DIMENSIONS[name]), _several(ids, name, offered.get(name, ()), chosen.get(name) or []), name) for name in dimensions),
        html.Div(
            [
                _labelled(_("Compare with"), _single(ids, "compare", COMPARISONS, chosen.get("compare", "none")), "compare"),
                _labelled(_("As of"), day(ids.control("as_of"), chosen.get("as_of"), _("Now"), clearable=True), "as_of"),
            ],
            className="filter-against",
        ),
    ]
    return html.Div(
        [
            html.Div(controls, className="filter-controls of-report", role="group", **{"aria-label": _("Filters")}),
            html.Div(id=ids.chips, className="chips", **{"aria-live": "polite"}),
            dcc.Store(id=ids.filters, data=dict(chosen)),
        ],
        className="filter-bar",
    )


def toggle() -> html.Button:
    """On a phone the way to the controls: of a report beside its other buttons, so that its first figure stands higher."""
    return html.Button(_("Filters"), className="button filter-toggle", **{"data-act": "filters", "aria-expanded": "false"})


def _standing(chosen: Chosen, dimensions: Sequence[str]) -> dict[str, Sequence[Choice]]:
    """What is chosen, as choices without a name yet: a dropdown forgets values that it does not offer."""
    return {name: [Choice(value, "…") for value in chosen.get(name) or ()] for name in dimensions}


def options(choices: Sequence[Choice]) -> list[dict[str, Any]]:
    """`choices` for a dropdown's `options`; what is typed is sought in the label, and in other names."""
    return [{"value": one.value, "label": one.label, "search": f"{one.label} {one.also}".strip()} for one in choices]


def by_name(offered: Iterable[tuple[Any, str]], also: Mapping[Any, str] | None = None) -> list[Choice]:
    """Offers as choices, in the order of their names; `also`: other names, by the value."""
    return [Choice(value, name, (also or {}).get(value, "")) for value, name in sorted(offered, key=lambda offer: name_order(offer[1]))]


def chips(ids: Ids, chosen: Chosen, choices: Choices, *, period: str, notes: Mapping[str, str] | None = None) -> list[Any]:
    """What is set, each with its own way out, then "reset" and "copy link".

    `period` is the window in words ("2026-03-01 – 2026-03-31"). `notes` are what a filter's chip must say besides: that amounts
    count whole where a record contains the product.
    """
    drawn: list[Any] = [html.Span(period, className="chip fixed")]
    if (comparison := chosen.get("compare") or "none") != "none":
        word = COMPARISONS[comparison]
        drawn.append(_chip(ids, "compare", "none", _(word)))
    if chosen.get("as_of"):
        drawn.append(_chip(ids, "as_of", "", _("As of {day}", day=chosen["as_of"])))
    for name, title in DIMENSIONS.items():
        labels = {choice.value: choice.label for choice in choices.get(name, ())}
        for value in (chosen.get(name) or []) if name in choices else ():
            text = _("{filter}: {value}", filter=_(title), value=labels.get(value, str(value)))
            drawn.append(_chip(ids, name, value, text, (notes or {}).get(name)))
    drawn.append(html.Button(_("Reset"), id=ids.reset, className="button plain", n_clicks=0))
    drawn.append(
        html.Button(
            _("Copy link"), id=ids.copy_link, className="button plain", n_clicks=0, **{"data-act": "copy-link", "data-done": _("Copied")}
        )
    )
    return drawn


def sentence(chosen: Chosen, choices: Choices, period: str) -> str:
    """What is set, as words: for an empty report, the head of a print, an export."""
    parts = [period]
    for name, title in DIMENSIONS.items():
        labels = {choice.value: choice.label for choice in choices.get(name, ())}
        if values := [labels.get(value, str(value)) for value in chosen.get(name) or []]:
            parts.append(_("{filter}: {value}", filter=_(title), value=values))
    return " · ".join(parts)


def day(id: Any, value: str | None, label: str, *, clearable: bool = False) -> dcc.DatePickerSingle:
    """A day: typed as 2026-03-05, or picked from a calendar in the person's language that begins its week on Monday."""
    return dcc.DatePickerSingle(
        id=id,
        date=value,
        display_format="YYYY-MM-DD",
        month_format="MMMM YYYY",
        first_day_of_week=1,
        placeholder=label,
        clearable=clearable,
        show_outside_days=False,
        className="day",
    )


def dropdown_words() -> dict[str, str]:
    """The words that a dropdown itself says."""
    return {
        "select_all": _("Select all"),
        "deselect_all": _("Select none"),
        "selected_count": _("{num_selected} selected", num_selected="{num_selected}"),
        "search": _("Search"),
        "clear_search": _("Clear the search"),
        "clear_selection": _("Clear"),
        "no_options_found": _("Nothing found"),
    }


def _labelled(title: str, control: Any, name: str) -> html.Div:
    return html.Div([html.Label(title, htmlFor=control.id), control], className=f"filter of-{name}")


def _single(ids: Ids, name: str, words: Mapping[str, str], value: str) -> dcc.Dropdown:
    return dcc.Dropdown(
        id=ids.control(name),
        options=[{"value": key, "label": _(word)} for key, word in words.items()],
        value=value,
        clearable=False,
        searchable=False,
        maxHeight=400,
        labels=dropdown_words(),
    )


def _several(ids: Ids, name: str, choices: Sequence[Choice], values: Sequence[Any]) -> dcc.Dropdown:
    return dcc.Dropdown(
        id=ids.control(name),
        options=options(choices),
        value=list(values),
        multi=True,
        placeholder=_("All"),
        maxHeight=320,
        labels=dropdown_words(),
    )


def _chip(ids: Ids, name: str, value: Any, text: str, note: str | None = None) -> html.Button:
    return html.Button(
        [html.Span(text), html.Span(className="icon icon-close")],
        id=ids.chip(name, value),
        className="chip",
        n_clicks=0,
        title=note,
        **{"aria-label": _("Remove {filter}", filter=text)},
    )
