"""The visitor of tests/pages before a server that is a process of its own: the same manners, over HTTP.

What the test client of Flask does in-process, `Wire` does on a socket; a server that dies under a request raises `OSError` or
`HTTPException`, as a browser would see it.
"""

import http.client
import json
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.pages.visitor import Visitor

WAIT = 30
"""Seconds after which a server that does not answer is taken for gone."""


class Reply:
    """An answer, as far as the visitor reads it."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status_code, self._body = status, body

    @property
    def text(self) -> str:
        return self._body.decode("utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self._body)


class Wire:
    """A browser's cookies on a connection for each request."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._cookies: dict[str, str] = {}

    def get(self, path: str, headers: dict[str, str]) -> Reply:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, *, data: dict[str, str] | str, headers: dict[str, str], content_type: str = "") -> Reply:
        body = data if isinstance(data, str) else urlencode(data)
        kind = content_type or "application/x-www-form-urlencoded"
        return self._ask("POST", path, body.encode(), headers | {"Content-Type": kind, "Origin": f"http://{self._host}"})

    def get_cookie(self, name: str) -> SimpleNamespace | None:
        value = self._cookies.get(name)
        return SimpleNamespace(value=value) if value else None

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Reply:
        connection = http.client.HTTPConnection(self._host, timeout=WAIT)
        try:
            kept = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            connection.request(method, path, body, headers | ({"Cookie": kept} if kept else {}))
            answer = connection.getresponse()
            for header in answer.headers.get_all("Set-Cookie") or ():
                self._cookies.update({name: crumb.value for name, crumb in SimpleCookie(header).items()})
            return Reply(answer.status, answer.read())
        finally:
            connection.close()


class RemoteVisitor(Visitor):
    """Somebody before the server at `address`, signed in."""

    def __init__(self, address: str, login: str) -> None:
        self.client = Wire(address)  # type: ignore[assignment]
        self.sign_in(login)
        self.app = SimpleNamespace(_callback_list=self.get("/_dash-dependencies").json)  # type: ignore[assignment]
