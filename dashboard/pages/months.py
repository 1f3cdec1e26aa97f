"""How the closing of months looks: each month that is over, open or closed, and what may be done with it."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from dash import html

from crm.services.months import Month
from dashboard.components import states
from dashboard.components.contracts import scroller
from dashboard.components.ids import Ids
from dashboard.components.page import page
from dashboard.i18n import _, moment

IDS = Ids("months")


def layout(months: Sequence[Month], zone: tzinfo, *, may_close: bool, may_reopen: bool) -> Any:
    """The months, the newest first."""
    return page(
        _("Closing of months"),
        html.Div(table(months, zone, may_close=may_close, may_reopen=may_reopen), id=IDS.named("table")),
        html.P(id=IDS.named("said"), role="status"),
        subtitle=_("In a closed month nothing dated in it can be written, changed or cancelled any more."),
    )


def table(months: Sequence[Month], zone: tzinfo, *, may_close: bool, may_reopen: bool) -> Any:
    """A row for each month, with its button."""
    if not months:
        return states.empty(_("No month with contracts or receipts is over yet."))
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in (_("Month"), _("State"), _("By"), "")]))
    rows = [html.Tr(_cells(month, zone, may_close=may_close, may_reopen=may_reopen)) for month in months]
    return scroller(html.Table([head, html.Tbody(rows)], className="plain-table wrapping months"), wide=False)


def _cells(month: Month, zone: tzinfo, *, may_close: bool, may_reopen: bool) -> list[Any]:
    reopened = not month.closed and month.at is not None
    word = _("Closed") if month.closed else _("Reopened") if reopened else _("Not closed yet")
    tone = "stopped" if month.closed else "overdue" if reopened else "open"
    return [
        html.Td(f"{month.first:%Y-%m}"),
        html.Td(html.Span(word, className=f"badge-state tone-{tone}")),
        html.Td(" · ".join(part for part in (month.by, moment(month.at, zone) if month.at else "") if part)),
        html.Td(_button(month, may_close=may_close, may_reopen=may_reopen), className="number"),
    ]


def _button(month: Month, *, may_close: bool, may_reopen: bool) -> Any:
    if month.closed and may_reopen:
        asks = _("Reopen {month}? What is dated in it can be changed again.", month=f"{month.first:%Y-%m}")
        label, act = _("Reopen"), "reopen"
    elif not month.closed and may_close:
        asks = _("Close {month}? Nothing dated in it can change any more, until an executive reopens it.", month=f"{month.first:%Y-%m}")
        label, act = _("Close the month"), "close"
    else:
        return None
    said = f"{label} {month.first:%Y-%m}"
    id = {"type": "month", "month": month.first.isoformat(), "act": act}
    return html.Button(label, id=id, className="button", n_clicks=0, **{"aria-label": said, "data-asks": asks})
