"""A form as it stands on an opened page: what is in its fields, what they offer, and its button pressed as a browser presses it.

`opened(visitor, "receive-money", "/contracts/1/receive")` reads the form off the page; `press` sends what stands in it, with some of it
replaced, together with everything else of the page that the form's callback reads. `Answer` is what came back.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.pages.visitor import Many, Visitor

Id = str | dict[str, Any]
TRACES = ("Traceback", "KeyError", "TypeError", "ValueError", "<lambda>", "object at 0x")
"""What no answer shows: the program's own words."""


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a page: its id and what it holds."""

    id: Id
    holds: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the server said to a pressed form: the sentences on top and at the fields, and whatever else it would change on the page."""

    status: int
    text: str
    summary: str
    faults: Mapping[str, str]
    changes: frozenset[str]

    @property
    def refused(self) -> bool:
        """Whether the form says that something is wrong."""
        return bool(self.summary)

    @property
    def sound(self) -> bool:
        """Whether the answer is one for people, and not the program falling over."""
        return self.status in (200, 204) and not any(trace in self.text for trace in TRACES)


class Form:
    """A form on a page, and the page around it."""

    def __init__(self, visitor: Visitor, key: str, parts: list[Part]) -> None:
        self.visitor, self.key, self._parts = visitor, key, parts

    def add(self, parts: Sequence[Part], held: Mapping[str, Mapping[str, Any]]) -> None:
        """What came onto the page since it was opened; `held`: what its stores hold now."""
        self._parts = [part for part in self._parts if not (isinstance(part.id, str) and part.id in held)] + [
            *parts,
            *(Part(id, holds) for id, holds in held.items()),
        ]

    @property
    def is_there(self) -> bool:
        """Whether the page has the form."""
        return any(part.id == {"form": self.key, "press": "save"} for part in self._parts)

    @property
    def about(self) -> Mapping[str, Any]:
        """What the page says that the form is about."""
        store = self._store
        return store.holds["data"] if store and isinstance(store.holds["data"], Mapping) else {}

    def forge(self, about: Mapping[str, Any]) -> None:
        """Let the page say something else of what the form is about."""
        store = self._store
        assert store
        self.add([], {str(store.id): {"data": about}})

    @property
    def _store(self) -> Part | None:
        return next((part for part in self._parts if isinstance(part.id, str) and part.id.endswith("about")), None)

    def value(self, name: str) -> Any:
        """What stands in a field."""
        return next((part.holds.get(kind) for part in self._parts for kind in ("value", "date") if self._is(part, name)), None)

    def offered(self, name: str) -> list[Any]:
        """The values that a field offers."""
        part = next((part for part in self._parts if self._is(part, name)), None)
        return [one["value"] for one in (part.holds.get("options") or [])] if part else []

    @property
    def drawn(self) -> list[str]:
        """The fields as they stand on the page, one after the other."""
        ids = [part.id for part in self._parts if isinstance(part.id, dict) and part.id.get("form") == self.key]
        return [str(id.get("field") or id.get("day")) for id in ids if "field" in id or "day" in id]

    @property
    def names(self) -> set[str]:
        """The fields that are drawn and can be typed into."""
        ids = [part.id for part in self._parts if isinstance(part.id, dict) and not part.holds.get("disabled")]
        return {str(id.get("field") or id.get("day")) for id in ids if id.get("form") == self.key and ("field" in id or "day" in id)}

    def offered_in(self, name: str) -> dict[str, list[Any]]:
        """The parts of a line in the list `name`, each with the values that it offers."""
        ids = [(part.id, part.holds) for part in self._parts if isinstance(part.id, dict)]
        mine = [(id, holds) for id, holds in ids if (id.get("form"), id.get("list")) == (self.key, name) and "line" in id]
        return {str(id["part"]): [one["value"] for one in (holds.get("options") or [])] for id, holds in mine}

    def press(self, typed: Mapping[str, Any], rows: Mapping[str, list[Mapping[str, Any]]] | None = None, press: str = "save") -> Answer:
        """Press the button with `typed` in the place of what stands there; `rows` replace the lines of a list."""
        callback = self._callback(press)
        states = [self._state(spec["id"], spec["property"], typed, rows or {}) for spec in callback["state"]]
        return _answer(self.visitor.call(callback["output"], [1], states), self.key)

    @property
    def reads_about(self) -> bool:
        """Whether what is sent says what the form is about."""
        store = self._store
        return store is not None and store.id in [state["id"] for state in self._callback("save")["state"]]

    def _callback(self, press: str) -> Any:
        output = f'{{"form":"{self.key}","part":"summary"}}.children' + ("..." if press == "save" else "@")
        known = [one for one in self.visitor.app._callback_list if output in one["output"]]
        return next(one for one in known if json.loads(one["inputs"][0]["id"])["press"] == press)

    def _is(self, part: Part, name: str) -> bool:
        return isinstance(part.id, dict) and part.id.get("form") == self.key and name in (part.id.get("field"), part.id.get("day"))

    def _state(self, id: str, property: str, typed: Mapping[str, Any], rows: Mapping[str, list[Mapping[str, Any]]]) -> Any:
        """What the page holds at a place that the callback reads."""
        if not id.startswith("{"):
            return next((part.holds.get(property) for part in self._parts if part.id == id), None)
        wanted = json.loads(id)
        if wanted.get("line") == ["ALL"] and wanted["list"] in rows:
            return Many(*((wanted | {"line": number}, row.get(wanted["part"])) for number, row in enumerate(rows[wanted["list"]])))
        found = [part for part in self._parts if isinstance(part.id, dict) and _fits(part.id, wanted)]
        if not any(value == ["ALL"] for value in wanted.values()):
            return found[0].holds.get(property) if found else None
        return Many(*((dict(part.id), self._held(part, property, typed)) for part in found))  # type: ignore[arg-type]

    def _held(self, part: Part, property: str, typed: Mapping[str, Any]) -> Any:
        assert isinstance(part.id, dict)
        name = str(part.id.get("field") or part.id.get("day") or "")
        if property == "id":
            return part.id
        return typed[name] if name in typed and part.id.get("form") == self.key else part.holds.get(property)


def opened(visitor: Visitor, key: str, address: str) -> Form:
    """The form `key` on the page at `address`."""
    path, _, search = address.partition("?")
    answer = visitor.call("_pages_content.children", [path, f"?{search}" if search else ""])
    return Form(visitor, key, parts_of(answer.json))


def parts_of(found: Any) -> list[Part]:
    """The components of an answer that have an id."""
    return list(_parts(found))


def _parts(found: Any) -> Iterator[Part]:
    """The components with an id, in the order in which they stand."""
    if isinstance(found, list):
        for one in found:
            yield from _parts(one)
    elif isinstance(found, dict):
        if "props" in found and found["props"].get("id") is not None:
            yield Part(found["props"]["id"], found["props"])
        for one in found.values():
            yield from _parts(one)


def _fits(id: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return id.keys() == wanted.keys() and all(value in (["ALL"], id[name]) for name, value in wanted.items())


def _answer(response: Any, key: str) -> Answer:
    found = (response.json or {}).get("response", {}) if response.status_code == 200 else {}
    summary, faults, changes = "", {}, set()
    for place, changed in found.items():
        id = json.loads(place) if place.startswith("{") else place
        said = " ".join(_words(changed.get("children")))
        if isinstance(id, dict) and id == {"form": key, "part": "summary"}:
            summary = said
        elif isinstance(id, dict) and "fault" in id:
            faults[id["fault"]] = said
        else:
            changes.add(place)
    return Answer(response.status_code, response.text, summary, faults, frozenset(changes))


def _words(found: Any) -> Iterator[str]:
    """The words that are shown, without those of the tree."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, list):
        for one in found:
            yield from _words(one)
    elif isinstance(found, dict):
        yield from _words(found.get("props", {}).get("children"))
