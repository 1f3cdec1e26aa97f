"""Somebody before the application: cookies, forms with their token, and callbacks called as a browser calls them, or forged."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

from dash import Dash
from werkzeug.test import TestResponse

from tests.people import PASSWORD

HERE = {"Origin": "http://localhost"}
"""What a browser says of where a request comes from."""

Value = Any


class Visitor:
    """A browser's cookies and manners."""

    def __init__(self, app: Dash) -> None:
        self.app = app
        self.client = app.server.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        """A page or file."""
        return self.client.get(path, headers={"Accept": "text/html"} | headers)

    def post(self, path: str, data: dict[str, str] | None = None, **headers: str) -> TestResponse:
        """A plain form, with the token of its page."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        sent = {"csrf_token": token[1]} if token else {}
        return self.client.post(path, data=sent | (data or {}), headers=HERE | headers)

    def sign_in(self, login: str, password: str = PASSWORD) -> Self:
        """Sign in; the page that follows gives the token for callbacks."""
        self.post("/sign-in", {"login": login, "password": password})
        self.get("/")
        return self

    @property
    def token(self) -> str:
        """The session's token, from where Dash takes it."""
        cookie = self.client.get_cookie("_csrf_token")
        return cookie.value if cookie else ""

    def call(self, output: str, inputs: Sequence[Value], states: Sequence[Value] = (), **headers: str) -> TestResponse:
        """The callback that fills `output`, with values in the order of its inputs and states. `Many` stands for a pattern."""
        callback = next(known for known in self.app._callback_list if output in known["output"])
        body = {
            "output": callback["output"],
            "outputs": _outputs(callback["output"], states),
            "inputs": _filled(callback["inputs"], inputs),
            "state": _filled(callback["state"], states),
            "changedPropIds": [_changed(callback["inputs"][0], inputs[0])],
        }
        sent = {"X-CSRFToken": self.token} | HERE | headers
        return self.client.post("/_dash-update-component", data=json.dumps(body), content_type="application/json", headers=sent)

    def page(self, path: str, search: str = "") -> str:
        """What a page shows, as the text of its components."""
        return json.dumps(self.call("_pages_content.children", [path, search]).json, ensure_ascii=False)

    def save(
        self,
        form: str,
        typed: Mapping[str, Value],
        *more: Value,
        days: Sequence[str] = (),
        press: str = "save",
        rows: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
    ) -> str:
        """Press "save" in a form in which this is typed; `more` are the stores that the form reads. The answer as text.

        `rows`: what is typed into the form's lists, by field.
        """
        fields = {name: value for name, value in typed.items() if name not in days}
        of = [("field", fields, "value"), ("day", {name: typed.get(name) for name in days}, "date")]
        states: list[Value] = []
        for part, values, _property in of:
            states.append(Many(*(({"form": form, part: name}, value) for name, value in values.items())))
            states.append(Many(*(({"form": form, part: name}, {"form": form, part: name}) for name in values)))
        output = f'{{"form":"{form}","part":"summary"}}.children' + ("..." if press == "save" else "@")
        states += self._lines(form, output, rows or {})
        places = [*typed, *(rows or {})]
        states.append(Many(*(({"form": form, "fault": name}, {"form": form, "fault": name}) for name in places)))
        return json.dumps(self.call(output, [1], [*states, *more]).json, ensure_ascii=False)

    def _lines(self, form: str, output: str, rows: Mapping[str, Sequence[Mapping[str, Value]]]) -> list["Many"]:
        """The columns of the form's lists, as its callback asks for them."""
        callback = next(known for known in self.app._callback_list if output in known["output"])
        asked = [json.loads(state["id"]) for state in callback["state"] if '"line":["ALL"]' in state["id"]]
        asked = [id for id in asked if id["form"] == form]
        return [
            Many(*((id | {"line": number}, line.get(id["part"])) for number, line in enumerate(rows.get(id["list"], ())))) for id in asked
        ]


class Many:
    """The values of all the components that fit a pattern, with their ids."""

    def __init__(self, *pairs: tuple[dict[str, str], Value]) -> None:
        self.pairs = pairs


def _changed(spec: Mapping[str, Any], value: Value) -> str:
    """The name of the input that set the callback off: of a pattern, its first."""
    id = json.dumps(value.pairs[0][0], sort_keys=True, separators=(",", ":")) if isinstance(value, Many) else spec["id"]
    return f"{id}.{spec['property']}"


def _filled(expected: Sequence[Mapping[str, Any]], values: Sequence[Value]) -> list[Any]:
    return [_one(spec, value) for spec, value in zip(expected, values, strict=True)]


def _one(spec: Mapping[str, Any], value: Value) -> Any:
    if isinstance(value, Many):
        return [{"id": id, "property": spec["property"], "value": one} for id, one in value.pairs]
    return {"id": _id(spec["id"]), "property": spec["property"], "value": value}


def _id(text: str) -> Any:
    return json.loads(text) if text.startswith("{") else text


def _outputs(output: str, states: Sequence[Value]) -> Any:
    """The outputs that a callback's name lists; the faults of a form are those whose ids its states bring."""
    if not output.startswith(".."):
        return _output(output, states)
    return [_output(part, states) for part in output.strip(".").split("...")]


def _output(part: str, states: Sequence[Value]) -> Any:
    id, _, named = part.rpartition(".")
    property = named.partition("@")[0]
    if '["ALL"]' not in id:
        return {"id": _id(id), "property": property}
    brought = (one for state in states if isinstance(state, Many) for one, _value in state.pairs)
    return [{"id": one, "property": property} for one in brought if "fault" in one]
