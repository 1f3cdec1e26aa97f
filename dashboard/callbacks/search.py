"""The search at the top of every page: customers by name or contact, opportunities, contracts and leads, each within reach."""

from collections.abc import Callable
from typing import Any

from flask import Flask, g, jsonify, request

from dashboard import session
from dashboard.components.record_list import ListPage
from dashboard.i18n import _, word
from dashboard.pages import contracts, customers, leads, opportunities

MOST = 6
"""So many of a kind are shown; the kind's own list has them all."""

Parts = tuple[str, tuple[str | None, ...]]

SOUGHT: tuple[tuple[ListPage, Callable[[Any], Parts]], ...] = (
    (customers.LIST, lambda row: (row.name, (row.contact, row.phone, row.owner))),
    (opportunities.LIST, lambda row: (row.title, (row.customer, row.owner, word(row.status)))),
    (contracts.LIST, lambda row: (row.number, (row.customer, row.owner, word(row.status)))),
    (leads.LIST, lambda row: (row.contact_name, (row.company, row.owner, word(row.status)))),
)
"""The lists that are searched, and what is said of a row: its title, and what stands beside it."""


def install(server: Flask) -> None:
    """`/search?q=`: what was found of each kind, the newest first; nothing for nothing."""

    @server.get("/search", endpoint="search.search")
    def search() -> Any:
        text = request.args.get("q", "")[:100].strip()
        found = [one for declared, said in SOUGHT for one in _found(declared, said, text)] if text else []
        g.rows = len(found)
        return jsonify(found)


def _found(declared: ListPage, said: Callable[[Any], Parts], text: str) -> list[dict[str, str]]:
    """The rows of one list that this person may open."""
    actor = session.actor()
    if not declared.is_open_to(actor):
        return []
    with session.looking() as opened:
        rows = declared.list.page(opened, actor, declared.list.asked({"q": text}), count=MOST)
    shown = []
    for row in rows:
        title, beside = said(row)
        about = " · ".join(part for part in (_(str(declared.title)), *beside) if part)
        shown.append({"title": title, "about": about, "href": f"{declared.address}/{row.id}"})
    return shown
