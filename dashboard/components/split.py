"""The help beside a payment plan: an amount becomes instalments in equal parts or by percentages; by hand they stay editable."""

from typing import Any

from dash import html

from crm.services.payments import SplitPlan
from dashboard.components import form
from dashboard.i18n import _


def help_with(key: str, first_due_on: Any = None) -> html.Details:
    """The help for the plan in the form `key`; its own fields belong to the form `key`-split."""
    own = f"{key}-split"
    values = {"first_due_on": first_due_on, "months": 1}
    return html.Details(
        [
            html.Summary(html.Span(_("Split into instalments"), className="button")),
            html.Div(id={"form": own, "part": "summary"}),
            html.Div(form.fields(own, SplitPlan, values), className="form-fields three"),
            html.Button(_("Split"), id={"form": own, "press": "save"}, type="button", className="button", n_clicks=0),
        ],
        className="split wide",
    )
