"""Where master data 基础资料 stands in the menu, and which lists belong together on a page."""

from collections.abc import Mapping

from crm.scope import Actor
from crm.services.dictionaries import DICTIONARIES
from crm.vocabulary import Kind, Permission
from dashboard.components.navigation import Entry
from dashboard.i18n import N_, _

MASTER = N_("Master data")
STAGES, USERS = N_("Follow-up stages"), N_("Users")
P = Permission

Listed = Mapping[str, tuple[str, Kind]]
"""Lists by their key: what each is called, and what kind of record it holds."""


def _dictionaries(*keys: str) -> dict[str, tuple[str, Kind]]:
    return {key: (DICTIONARIES[key].title, DICTIONARIES[key].kind) for key in keys}


GROUPS: Mapping[str, Listed] = {
    "sales": {"stages": (STAGES, Kind.MASTER)}
    | _dictionaries(
        "lead-sources", "campaigns", "follow-up-methods", "loss-reasons", "cost-categories", "competition-factors"
    ),
    "products": _dictionaries("products"),
    "competitors": _dictionaries("competitors"),
    "people": {"users": (USERS, Kind.MASTER)} | _dictionaries("teams", "departments"),
}  # fmt: skip
"""The pages of the menu, each with the lists that stand side by side on it."""

TITLES: Mapping[str, str] = {
    "sales": N_("Sales definitions"),
    "products": N_("Products"),
    "competitors": N_("Competitors"),
    "people": N_("Teams and users"),
}

PAGES: Mapping[str, tuple[str, tuple[tuple[Permission, Kind], ...]]] = {
    "targets": (N_("Sales targets"), ((P.READ, Kind.TARGET),)),
    "months": (N_("Closing of months"), ((P.CLOSE, Kind.RECEIPT), (P.REOPEN, Kind.RECEIPT))),
    "settings": (N_("Settings"), ((P.READ, Kind.MASTER),)),
    "audit": (N_("Audit log"), ((P.READ, Kind.AUDIT),)),
}
"""The pages beside the lists, and what opens them: any one of the permissions."""


def opens(actor: Actor, name: str) -> bool:
    """Whether the person may open the page called `name`."""
    return any(actor.may(permission, kind) for permission, kind in PAGES[name][1])


def entries(actor: Actor) -> list[Entry]:
    """The pages of master data that this person may open."""
    groups = [
        Entry(_(TITLES[name]), f"/master/{name}")
        for name, listed in GROUPS.items()
        if any(actor.may(P.READ, kind) for _title, kind in listed.values())
    ]
    return groups + [Entry(_(title), f"/master/{name}") for name, (title, _needed) in PAGES.items() if opens(actor, name)]


def title_of(group: str, key: str) -> str:
    """What a list is called."""
    return GROUPS[group][key][0]
