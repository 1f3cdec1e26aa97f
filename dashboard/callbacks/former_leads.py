"""What happens in the list of former leads: what happens in every list."""

from typing import Any

from dash import Dash

from dashboard.callbacks import record_list
from dashboard.pages.former_leads import LIST


def layout(**address: Any) -> Any:
    """The page for an address."""
    return record_list.layout(LIST, **address)


def register(app: Dash) -> None:
    """Its rows and its filters."""
    record_list.register(app, LIST)
