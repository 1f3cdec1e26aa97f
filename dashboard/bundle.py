"""What a page loads: our style sheets and our scripts as one file each, and what it is told to fetch before it asks.

A page that names forty small files waits for forty answers, six at a time. The files are read again when one of them changes, and the
address changes with them, so a browser may keep the whole for good. The sign-in page fetches the application's scripts while a person
types; a report's page says at once that it will need the pictures' and the tables' libraries, which Dash would ask for one after the
other.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort

ASSETS = Path(__file__).parent / "assets"
KINDS = {"css": "text/css", "js": "text/javascript"}
SUITES = "/_dash-component-suites"
PLOTLY = "/assets/vendor/plotly-basic-4.1.1.min.js"

REPORTS = "/reports/"
EARLY = (
    PLOTLY,
    *(f"{SUITES}/dash/dcc/async-{part}.js" for part in ("graph", "dropdown", "datepicker")),
    f"{SUITES}/dash_ag_grid/async-community.js",
)
"""What a report's page needs besides the scripts that its head names, under the addresses by which Dash asks for it."""

ASKED = ("/_dash-layout", "/_dash-dependencies")
"""What every page of Dash asks for first."""

SCRIPTS = "SCRIPTS"
"""Where the server keeps the addresses of the scripts that every page of the application loads."""


def install(server: Flask) -> None:
    """`/assets/saleslens.css` and `.js`."""
    server.add_url_rule("/assets/saleslens.<kind>", "bundle.bundle", _bundle)


def address(kind: str) -> str:
    """Where a browser finds all of our files of a kind; another address when one of them has changed."""
    state = sha256("".join(f"{file.name}{file.stat().st_mtime_ns}" for file in files(kind)).encode()).hexdigest()[:12]
    return f"/assets/saleslens.{kind}?m={state}"


def files(kind: str) -> list[Path]:
    """Our files of a kind, in the order in which they come."""
    return sorted(ASSETS.glob(f"*.{kind}"))


def needed(scripts: str) -> str:
    """The script tags of Dash without that of its own old table, of which nothing is used here."""
    return re.sub(rf'<script src="{SUITES}/dash/dash_table/[^"]*"></script>\n?', "", scripts)


def sources(scripts: str) -> list[str]:
    """The addresses that script tags name."""
    return re.findall(r'<script src="([^"]+)"', scripts)


def early(path: str) -> str:
    """The tags by which the page at `path` says what it will need."""
    tags = [f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{asked}">' for asked in ASKED]
    if path.startswith(REPORTS):
        tags += [f'<link rel="preload" as="script" href="{script}">' for script in EARLY]
    return "".join(tags)


def later(config: Mapping[str, Any]) -> list[str]:
    """What the sign-in page of a server with this `config` fetches while a person types."""
    return [*config.get(SCRIPTS, ()), PLOTLY]


def _bundle(kind: str) -> Any:
    if kind not in KINDS:
        abort(404)
    whole = "\n".join(file.read_text(encoding="utf-8") for file in files(kind))
    return Response(whole, mimetype=KINDS[kind])
