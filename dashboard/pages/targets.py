"""How sales targets look: a grid of months × company, teams and reps, to be typed and pasted into; what parts sum to stands below."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html

from crm.errors import CrmError
from crm.services.target_grid import CopyYear, Plan, Row
from crm.vocabulary import TargetUnit
from dashboard.components import form, grid, states
from dashboard.components.ids import Ids
from dashboard.components.page import button, page
from dashboard.i18n import _, explain

IDS = Ids("targets")
TABLE, YEAR, WANTED, SAVE, SAID, CHANGED = (IDS.named(name) for name in ("table", "year", "wanted", "save", "said", "changed"))
"""The grid; the stores of the year and of the cells to be saved; the button, what was done, and how many cells wait."""

SEEN = IDS.named("seen")
"""The store of what others set meanwhile and this person was told: {"rep-3/2026-03-01": amount}."""

COPY = "copy-targets"
"""The form of last year's plan with so many percent more."""


def layout(plan: Plan, first: str, last: str) -> Any:
    """The plan of a fiscal year."""
    may_set = any(row.may_set for row in plan.rows)
    ways = [
        dcc.Link(_("Year before"), href=f"/master/targets?year={plan.year - 1}", className="button"),
        dcc.Link(_("Year after"), href=f"/master/targets?year={plan.year + 1}", className="button"),
    ]
    said = _("{first} to {last}. What is set holds from today on; reports of earlier days keep what was set then.", first=first, last=last)
    return page(
        _("Sales targets {year}", year=str(plan.year)),
        _tools() if may_set else None,
        table(plan) if plan.rows else states.empty(_("There is no plan for you to see.")),
        *([_copying(plan.year)] if may_set else []),
        dcc.Store(id=YEAR, data=plan.year),
        dcc.Store(id=WANTED),
        dcc.Store(id=SEEN, data={}),
        subtitle=said,
        actions=ways,
    )


def table(plan: Plan) -> dag.AgGrid:
    """The grid; cells that this person sets can be typed and pasted into."""
    return grid.edited(TABLE, columns(plan), rows(plan), "targetsChanged(params)")


def columns(plan: Plan) -> list[dict[str, Any]]:
    """The name, twelve months, and the year."""
    number = {"type": "rightAligned", "cellClass": {"function": "targetClass(params)"}, "sortable": False}
    months: list[dict[str, Any]] = [
        number | {
            "field": f"m{place}", "headerName": f"{month:%Y-%m}", "minWidth": 92, "flex": 1,
            "editable": {"function": "targetEditable(params)"}, "valueParser": {"function": "targetParsed(params)"},
            "valueFormatter": {"function": "targetWritten(params)"},
        }
        for place, month in enumerate(plan.months)
    ]  # fmt: skip
    name = {"field": "name", "headerName": _("Whose"), "pinned": "left", "width": 128, "sortable": False,
            "cellClass": {"function": "targetClass(params)"}}  # fmt: skip
    year = number | {
        "colId": "year", "headerName": _("Year"), "valueGetter": {"function": "targetYear(params)"}, "minWidth": 100, "pinned": "right",
        "width": 116, "valueFormatter": {"function": "targetWritten(params)"},
    }  # fmt: skip
    return [name, *months, year]


def rows(plan: Plan) -> list[dict[str, Any]]:
    """The rows as the grid takes them, sums among them."""
    drawn: list[dict[str, Any]] = []
    for row in plan.rows:
        drawn.append(_cells(row))
        if row.unit is TargetUnit.COMPANY:
            drawn.append(_sum(_("sum of the teams"), "company", plan.teams(), len(plan.months)))
        elif row.unit is TargetUnit.TEAM and plan.reps_of(row.team_id or 0):
            drawn.append(_sum(_("sum of its reps"), row.key, plan.reps_of(row.team_id or 0), len(plan.months)))
    return drawn


def _cells(row: Row) -> dict[str, Any]:
    name = _("Company") if row.unit is TargetUnit.COMPANY else row.name
    amounts = {f"m{place}": None if amount is None else float(amount) for place, amount in enumerate(row.amounts)}
    part = {TargetUnit.TEAM: "company", TargetUnit.REP: f"team-{row.team_id}"}.get(row.unit, "")
    return {"key": row.key, "unit": row.unit.value, "name": name, "may": row.may_set, "part": part, **amounts}


def _sum(name: str, of: str, parts: Sequence[Row], months: int) -> dict[str, Any]:
    sums = {f"m{place}": float(sum((part.amounts[place] or Decimal(0) for part in parts), Decimal(0))) for place in range(months)}
    return {"key": f"sum-{of}", "unit": "sum", "name": name, "may": False, "part": "", "of": of, **sums}


def _tools() -> html.Div:
    words = {"data-words": _("{count} cells changed, not saved yet"), "data-warning": _("What you typed is not saved. Leave anyway?")}
    return html.Div(
        [
            button(_("Save"), SAVE, kind="primary"),
            html.Span(id=CHANGED, className="note", **words),
            html.Span(id=SAID, className="note", role="status"),
            html.Span(_("Type into a cell, or paste a block from a spreadsheet."), className="note"),
        ],
        className="list-note",
    )


def _copying(year: int) -> html.Details:
    fields = form.fields(COPY, CopyYear, {"percent": Decimal(0)})
    drawn = form.form(COPY, _("Copy the plan of {year}", year=str(year - 1)), fields, save=_("Copy and save"))
    return html.Details([html.Summary(html.Span(_("Copy the year before"), className="button")), drawn], className="composer")


def told(plan: Plan, faults: Mapping[str, CrmError]) -> str:
    """What is wrong with the first cell at fault, named by its row and month."""
    place, fault = next(iter(faults.items()))
    key, _slash, month = place.partition("/")
    name = next((row.name or _("Company") for row in plan.rows if row.key == key), "")
    return " ".join(part for part in (name, month[:7], explain(fault)) if part)
