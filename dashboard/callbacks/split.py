"""How the help beside a payment plan fills its lines."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from dash import Dash, Output, State

from crm.services import inputs, payment_plans
from crm.services.payment_plans import SplitPlan
from dashboard.callbacks import forms
from dashboard.components import form, lines


def register(app: Dash, key: str, model: type[inputs.Input], states: Sequence[State], amount: Callable[..., Decimal]) -> None:
    """Split what `amount` makes of the `states` into the plan of the form `key`."""

    def split(values: SplitPlan, _typed: forms.Typed, *found: Any) -> Any:
        parts = [part.model_dump() for part in payment_plans.split(values, amount(*found))]
        rows = [lines.row(key, model, "plan", 2000 + number, part, {}, form.drawn_cell) for number, part in enumerate(parts)]
        return [rows]

    outputs = [Output({"form": key, "list": "plan", "part": "rows"}, "children", allow_duplicate=True)]
    forms.register(app, f"{key}-split", SplitPlan, outputs, states, split)
