"""The help beside a payment plan: an amount becomes instalments in equal parts or by percentages; by hand they stay editable."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from dash import html
from pydantic import BaseModel

from crm.services.payment_plans import SplitPlan
from dashboard.components import form
from dashboard.i18n import _


def beside(key: str, model: type[BaseModel], fields: Sequence[Any], today: date, *, planned: bool = False) -> list[Any]:
    """The fields of a form, drawn in the model's order, with the help right under its plan; folded away where one is `planned`."""
    drawn: list[Any] = []
    for name, field in zip(model.model_fields, fields, strict=True):
        drawn += [field, help_with(key, today, open=not planned)] if name == "plan" else [field]
    return drawn


def help_with(key: str, first_due_on: date, *, open: bool) -> html.Details:
    """The help for the plan in the form `key`; its own fields belong to the form `key`-split."""
    own = f"{key}-split"
    values = {"first_due_on": first_due_on, "months": 1}
    return html.Details(
        [
            html.Summary(_("Split into instalments")),
            html.Div(id={"form": own, "part": "summary"}),
            html.Div(form.fields(own, SplitPlan, values), className="form-fields three"),
            html.Button(_("Split"), id={"form": own, "press": "save"}, type="button", className="button", n_clicks=0),
        ],
        className="split wide",
        open=open,  # most plans are made so, in one press
    )
