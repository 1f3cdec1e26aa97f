"""The search at the top of every page: opportunities by title or customer, within reach."""

from typing import Any

from flask import Flask, g, jsonify, request

from crm.services.opportunity_list import OPPORTUNITIES
from dashboard import session
from dashboard.i18n import word

MOST = 12


def install(server: Flask) -> None:
    """`/search?q=`: what was found, the newest first; nothing for nothing."""

    @server.get("/search", endpoint="search.search")
    def search() -> Any:
        text = request.args.get("q", "")[:100].strip()
        if not text:
            return jsonify([])
        with session.looking() as opened:
            rows = OPPORTUNITIES.page(opened, session.actor(), OPPORTUNITIES.asked({"q": text}), count=MOST)
        g.rows = len(rows)
        about = (" · ".join(part for part in (row.customer, row.owner, word(row.status)) if part) for row in rows)
        found = zip(rows, about, strict=True)
        return jsonify([{"title": row.title, "about": said, "href": f"/opportunities/{row.id}"} for row, said in found])
