"""A browser's part of a conversation without the browser: a session's cookies, a connection that stays open, callbacks as Dash sends them.

Sessions are signed with the home's own key, so that two hundred people need not type two hundred passwords.
"""

import gzip
import http.client
import json
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import brotli
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from crm import clock

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACKED: Mapping[str, Callable[[bytes], bytes]] = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}
"""What undoes the compression of an answer, by its name."""

Values = Mapping[str, Any]
"""What a callback's inputs and states hold, by "id.property"; of a pattern, a list of (id, value)."""


def signed(home: Path, identity: str) -> str:
    """The cookie of a session that begins now, for the person whom a session calls `identity`."""
    server = Flask("bench")
    server.secret_key = (home / "secret.key").read_text().strip()
    serializer = SecureCookieSessionInterface().get_signing_serializer(server)
    assert serializer is not None
    now = clock.now().timestamp()
    return str(serializer.dumps({"_user_id": identity, "_fresh": True, "_permanent": True, "begun": now, "seen": now}))


class Client:
    """One person's browser before the server at `port`."""

    def __init__(self, port: int, session: str) -> None:
        self._port, self._cookies = port, {"saleslens": session}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.get("/profile")  # gives the token for callbacks

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of an address."""
        return self._send("GET", path, None)

    def call(self, spec: Mapping[str, Any], values: Values, by: str = "") -> tuple[int, bytes]:
        """The callback of which Dash says `spec`, set off by the input whose id ends in `by`, else by its first."""
        changed = next(item for item in spec["inputs"] if item["id"].endswith(by))
        body = {
            "output": spec["output"],
            "outputs": _outputs(spec["output"]),
            "inputs": [_filled(item, values) for item in spec["inputs"]],
            "state": [_filled(item, values) for item in spec["state"]],
            "changedPropIds": [f"{changed['id']}.{changed['property']}"],
        }
        return self._send("POST", "/_dash-update-component", json.dumps(body).encode())

    @cached_property
    def callbacks(self) -> list[dict[str, Any]]:
        """What Dash tells a page of its callbacks."""
        return list(json.loads(self.get("/_dash-dependencies")[1]))

    def filling(self, *outputs: str) -> dict[str, Any]:
        """The callback that fills all these."""
        return next(spec for spec in self.callbacks if all(output in spec["output"] for output in outputs))

    def _send(self, how: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "Origin": f"http://127.0.0.1:{self._port}",
            "Accept": "text/html" if how == "GET" and not path.startswith("/_") else "application/json",
            "Accept-Encoding": "gzip, deflate, br, zstd",
            "Content-Type": "application/json",
            "X-CSRFToken": unquote(self._cookies.get("_csrf_token", "")),
        }
        self._connection.request(how, path, body, headers)
        answer = self._connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        said = answer.read()
        return answer.status, UNPACKED.get(answer.headers.get("Content-Encoding", ""), bytes)(said)


def _filled(spec: Mapping[str, Any], values: Values) -> Any:
    """An input or state with its value; of a pattern, those of its components that `values` name."""
    value = values.get(f"{spec['id']}.{spec['property']}")
    if '["ALL"]' in spec["id"]:
        return [{"id": id, "property": spec["property"], "value": one} for id, one in value or ()]
    return {"id": _id(spec["id"]), "property": spec["property"], "value": value}


def _outputs(output: str) -> Any:
    """The outputs that a callback's name lists; no component of a pattern is on the page."""
    return [_output(part) for part in output.strip(".").split("...")] if output.startswith("..") else _output(output)


def _output(part: str) -> Any:
    id, _, named = part.rpartition(".")
    return [] if '["ALL"]' in id else {"id": _id(id), "property": named.partition("@")[0]}


def _id(text: str) -> Any:
    return json.loads(text) if text.startswith("{") else text
