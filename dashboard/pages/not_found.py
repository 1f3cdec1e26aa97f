"""The page that says that there is nothing here: for an address nobody made, and for a record outside of the person's reach alike."""

from typing import Any

from dash import dcc

from crm.errors import NotFound
from dashboard.components import states
from dashboard.components.page import page
from dashboard.i18n import _


def layout(**_address: str) -> Any:
    """One sentence, and the way home."""
    home = dcc.Link(_("To the start page"), href="/", className="button")
    return page(_("Nothing here"), states.empty(_(NotFound.message), action=home))


def refused(said: Any) -> Any:
    """What can't be opened now, as a sentence."""
    return page(_("This can't be opened now"), said)
