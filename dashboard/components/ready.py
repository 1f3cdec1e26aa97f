"""What was drawn, written as JSON once: an answer that is kept is sent again without being drawn or written a second time."""

from typing import Any

import orjson
from dash import no_update
from dash.development.base_component import Component

from dashboard.i18n import Lazy


def ready(drawn: Any) -> Any:
    """`drawn` (components, figures, plain values, lists of them) as JSON that Dash puts into its answer as it stands.

    What is not to be updated stays so. TypeError for what has no place in a page: an amount must have become text before.
    """
    if drawn is no_update:
        return drawn
    return orjson.Fragment(orjson.dumps(drawn, default=_plain, option=orjson.OPT_NON_STR_KEYS))


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        return value.to_plotly_json()
    if isinstance(value, Lazy):
        return str(value)
    raise TypeError(f"{type(value).__name__} can't be written into a page")
