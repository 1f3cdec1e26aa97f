"""The pages of master data: their addresses, and what happens in them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from dash import Dash

from dashboard.callbacks import audit_log, master, months, settings, stages, targets, users
from dashboard.callbacks.master import first_of
from dashboard.master_menu import GROUPS, PAGES, TITLES, title_of
from dashboard.session import actor

OWN: dict[str, Callable[..., Any]] = {"stages": stages.layout, "users": users.layout}
"""The lists that have pages of their own."""

LAYOUTS: dict[str, Callable[..., Any]] = {
    "targets": targets.layout,
    "months": months.layout,
    "settings": settings.layout,
    "audit": audit_log.layout,
}


def pages(register: Callable[..., None]) -> None:
    """Each page at its address; a page of several lists opens with the first that the person may read."""
    for name, layout in LAYOUTS.items():
        register(f"master_{name}", f"/master/{name}", PAGES[name][0], layout)
    for group in GROUPS:
        register(f"master_{group}", f"/master/{group}", TITLES[group], partial(_group, group))
        for key in GROUPS[group]:
            layout = OWN.get(key) or partial(master.layout, group=group, key=key)
            title = title_of(group, key)
            register(f"master_{group}_{key}", f"/master/{group}/{key}", title, layout)
            register(f"master_{group}_{key}_one", f"/master/{group}/{key}/0", title, layout, f"/master/{group}/{key}/<record>")


def _group(group: str, **_address: str) -> Any:
    key = first_of(actor(), group)
    layout = OWN.get(key) or partial(master.layout, group=group, key=key)
    return layout()


def register(app: Dash) -> None:
    """What happens in all of them."""
    for behaviour in (audit_log, master, months, settings, stages, targets, users):
        behaviour.register(app)
